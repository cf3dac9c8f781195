"""Actions: what flows may do in back offices, described in `flows/actions.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kulanz.core.errors import KulanzError
from kulanz.flows.action import LEVELS, Action, Duplicates, Level, Undo
from kulanz.flows.action_files import Book, offices_of, read_book, refuse
from kulanz.flows.sources import Source, read_source
from kulanz.settings.logging import logger

__all__ = [
    "FILE", "LEVELS", "Action", "Duplicates", "Level", "Undo", "action_books", "actions", "do_fetch_descriptions",
    "flow_folders", "read_actions",
]  # fmt: skip
FILE = "actions.yaml"
log = logger(__name__)


def flow_folders() -> list[Path]:
    """Where flows and actions lie: `flows` in the data folder, and in demo mode the demo company's."""
    own = settings.DATA_DIR / "flows"
    demo = settings.PACKAGE / "demo" / "flows"
    return [folder for folder in ([own, demo] if settings.DEMO else [own]) if folder.is_dir()]


@lru_cache(maxsize=1)
def actions() -> Mapping[str, Action]:
    """Every action, from `flows/actions.yaml` in the data folder, and in demo mode the demo company's. Raises
    InvalidInput, naming every mistake with its file and line."""
    books = action_books()
    refuse(books)
    return {name: action for book in books for name, action in book.actions.items()}


def action_books() -> list[Book]:
    """The files as they are, with their mistakes; read anew each time. Raises InvalidInput for one that is no YAML."""
    return [read_book(source, folder) for source, folder in _files()]


def _files() -> list[tuple[Source, Path]]:
    found = [(folder / FILE, folder) for folder in flow_folders()]
    return [(read_source(file.read_text(encoding="utf-8"), file.name), folder)
            for file, folder in found if file.exists()]  # fmt: skip


def read_actions(data: Mapping[str, Any], where: str) -> dict[str, Action]:
    """The actions of one file's data. Raises InvalidInput, naming every mistake."""
    book = read_book(Source(where, dict(data), {}), Path())
    refuse([book])
    return book.actions


def do_fetch_descriptions() -> list[str]:
    """Brings what back offices say of themselves (documents at an address, lists of tools) into the data folder, and
    returns what did not work. Where something was fetched before, that stays in use."""
    problems = []
    for source, folder in _files():
        for kind, office in offices_of(source, folder):
            try:
                kind.do_fetch(office)
            except KulanzError as error:
                log.warning("a back office does not describe itself", office=office.name, problem=str(error))
                problems.append(f"{office.name}: {error}")
    actions.cache_clear()
    return problems
