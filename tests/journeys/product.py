"""A real product for journeys: the same processes, database and files as `kulanz serve --demo` gives everybody."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from kulanz.cli.storm.product import (
    COMMAND,
    REPOSITORY,
    RunningProduct,
    clean_environment,
    free_port,
    running_product,
    until,
)

__all__ = [
    "COMMAND", "REPOSITORY", "RunningProduct", "clean_environment", "free_port", "kulanz",
    "newest_conversation", "running", "running_for_session", "running_product", "until",
]  # fmt: skip


def newest_conversation(product: RunningProduct) -> str:
    """The one in which somebody wrote last."""
    return str(product.rows("select conversation_id from inbox_message order by created_at desc limit 1")[0][0])


def kulanz(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs one command of the product to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], env=clean_environment(**environment), cwd=REPOSITORY, timeout=60,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session", name="session_product")
def running_for_session() -> Iterator[RunningProduct]:
    """One product for all journeys of this pytest process."""
    with running_product() as product:
        yield product


@pytest.fixture(name="product")
def running(session_product: RunningProduct) -> Iterator[RunningProduct]:
    """The running product, started again if a test has ended it. Its log is shown when the test fails."""
    if session_product.process is None or session_product.process.poll() is not None:
        session_product.start()
    seen = session_product.log.stat().st_size
    yield session_product
    print(session_product.log.read_bytes()[seen:][-6000:].decode("utf-8", "replace"))
