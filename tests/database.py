"""A pytest plugin, loaded first: the suite runs on the embedded PostgreSQL, started once for all its processes."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from kulanz.settings.loading import begin_loading, loaded
from kulanz.settings.postgres import EmbeddedPostgres

_server: EmbeddedPostgres | None = None
begin_loading()

# Two test processes and their products share the cores: threads of linear algebra would only wait for each other there,
# and they wait busily (training took twice the time and more than twice the computing).
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

if "DATABASE_URL" not in os.environ:  # in pytest-xdist's workers the first process has set it
    _folder = Path(tempfile.mkdtemp(prefix="kulanz-test-"))
    os.environ["KULANZ_DATA_DIR"] = str(_folder)
    _server = EmbeddedPostgres(_folder, durable=False)
    _server.start()
    os.environ["DATABASE_URL"] = _server.url


def pytest_collection_finish() -> None:
    loaded()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server:
        _server.stop()
        shutil.rmtree(_server.folder.parent, ignore_errors=True)
