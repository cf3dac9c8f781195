"""What a kind of back office is: how it is told in actions.yaml, and how it is connected."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kulanz.core.errors import InvalidInput
from kulanz.flows.back_offices.operation import Operation


class Misplaced(InvalidInput):
    """Something in an entry can't be: each mistake with its path inside the entry."""

    def __init__(self, *mistakes: tuple[tuple[str | int, ...], str]) -> None:
        super().__init__(" ".join(text for _, text in mistakes))
        self.mistakes = mistakes


def misplaced(text: str, *place: str | int) -> Misplaced:
    """One mistake at this place of the entry."""
    return Misplaced((place, text))


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a back office can do. `problem` says why it can't be used here (empty: it can), `notes` what of
    it is left out. `title` comes from the other side: it is shown and never followed."""

    name: str
    title: str = ""
    arguments: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    reads: bool | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """A back office as written in actions.yaml; `folder` is where that file lies, `base_url` Kulanz' own address,
    `stored` the folder where fetched documents are kept."""

    name: str
    entry: Mapping[str, Any]
    folder: Path
    stored: Path
    base_url: str = ""

    @property
    def timeout(self) -> float:
        """Seconds that a call may take, where the action says nothing else."""
        return float(self.entry.get("timeout", 5))

    def stored_at(self, source: str) -> Path:
        """Where the description fetched from `source` is kept."""
        return self.stored / f"{hashlib.sha256(source.encode()).hexdigest()[:20]}.txt"

    def do_store(self, source: str, content: bytes) -> None:
        """Keeps a description; readers see the old one or the new one."""
        self.stored.mkdir(parents=True, exist_ok=True)
        part = self.stored_at(source).with_suffix(f".{os.getpid()}")
        part.write_bytes(content)
        part.replace(self.stored_at(source))

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return str(self.entry.get("currency", "EUR"))


class Connected(Protocol):
    """A back office whose description has been read."""

    def operation(self, name: str, entry: Mapping[str, Any]) -> Operation:
        """The operation that an action picks. Raises Misplaced."""
        ...

    def offers(self) -> list[Offer]:
        """What it can do, as far as that is known. Raises KulanzError where it can't be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """`word` tells it among the entries of a back office, `settings` are the others that it takes there, `picks` are
    the entries by which an action names its operation, and `entries` more of them that only this kind takes. `do_fetch`
    brings the description from outside and keeps it (False: there is none); a call never waits for that."""

    word: str
    settings: frozenset[str]
    picks: tuple[str, ...]
    entries: frozenset[str]
    connect: Callable[[Office], Connected]
    do_fetch: Callable[[Office], bool] = lambda _office: False
