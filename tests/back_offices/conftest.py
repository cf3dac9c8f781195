"""The gym, and actions described in YAML as an operator writes them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.flows.action_files import Book, read_book
from kulanz.flows.sources import read_source
from tests.back_office_gym import DOCUMENT, KEY, Gym, open_gym

Describe = Callable[..., Book]


@pytest.fixture
def gym(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gym]:
    monkeypatch.setenv("GYM_KEY", KEY)
    with open_gym() as running:
        yield running


@pytest.fixture
def describe(tmp_path: Path, settings: Any) -> Describe:
    """Reads an actions.yaml that lies in a folder beside the gym's document."""
    settings.DATA_DIR = tmp_path
    folder = tmp_path / "flows"
    folder.mkdir()
    shutil.copy(DOCUMENT, folder)

    def read(text: str, *, wrong: bool = False) -> Book:
        book = read_book(read_source(text, "actions.yaml"), folder)
        if book.mistakes and not wrong:
            raise InvalidInput("\n".join(map(str, book.mistakes)))
        return book

    return read
