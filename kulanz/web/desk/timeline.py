"""Messages and notes in one order, for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kulanz.desk.beside_models import Note
from kulanz.desk.case import Case
from kulanz.web.desk.present import Bubble, bubbles


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at one place of the timeline: a message, else a note."""

    bubble: Bubble | None
    note: Note | None

    @property
    def id(self) -> str:
        shown: Any = self.bubble.message if self.bubble else self.note
        return str(shown.pk)


def entries(case: Case, notes: Iterable[Note]) -> list[Entry]:
    """Each note behind the message after which it was written; those from before the first message shown are left
    out with it."""
    shown = bubbles(case)
    first = shown[0].message.seq if shown else 0
    placed = [(b.message.seq, 0, Entry(b, None)) for b in shown]
    placed += [(n.after_seq, 1, Entry(None, n)) for n in notes if n.after_seq >= first or first <= 1]
    return [entry for *_, entry in sorted(placed, key=lambda place: place[:2])]
