"""`actions.yaml`: read and checked, with every mistake at its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator

from kulanz.core.errors import InvalidInput, KulanzError
from kulanz.core.flow.steps.wait_for import seconds_of
from kulanz.flows.action import Action, Undo
from kulanz.flows.back_offices.access import check_secrets
from kulanz.flows.back_offices.kind import Connected, Kind, Misplaced, Office, misplaced
from kulanz.flows.back_offices.kinds import KINDS, kind_of
from kulanz.flows.mistakes import Mistake, said
from kulanz.flows.sources import Path as Place
from kulanz.flows.sources import Source

SCHEMA = Path(__file__).with_name("actions.schema.json")
DOCUMENTS = "descriptions"
"""The folder in the data folder that keeps what back offices say of themselves."""
_NAME = re.compile("[a-z][a-z0-9_]*")
_ANY_KIND = frozenset({"writes", "at", "duplicates"}) | frozenset(
    {"tier", "level", "about", "same_for", "repeatable", "amount", "at_most", "approve_above", "per_day", "undo",
     "reference", "summary"}
)  # fmt: skip


@dataclass(slots=True)
class Book:
    """What one file says: its back offices (None: with a mistake), its actions, and what is wrong."""

    source: Source
    offices: dict[str, tuple[Kind, Connected] | None] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, place: Place, text: str) -> None:
        """Notes a mistake."""
        mistake = Mistake(self.source.file, self.source.line(place), text)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def wrong_inside(self, place: Place, error: Misplaced) -> None:
        """Notes the mistakes of an entry."""
        for inner, text in error.mistakes:
            self.wrong((*place, *inner), text)


@lru_cache(maxsize=1)
def _schemas() -> Mapping[str, Draft202012Validator]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {name: Draft202012Validator(part) for name, part in schema["$defs"].items()}


def read_book(source: Source, folder: Path) -> Book:
    """Everything in a file, and every mistake in it; `folder` is where the documents beside it lie."""
    book = Book(source)
    for part in ("back_offices", "actions"):
        if not isinstance(source.data.get(part), dict):
            book.wrong((part,), f"`{part}:` is missing, or holds nothing. docs/back-offices.md shows a full file.")
    for part in sorted(set(source.data) - {"back_offices", "actions"}):
        book.wrong((part,), f"`{part}` is not known here. Known: back_offices, actions.")
    if not book.mistakes:
        for name, entry in source.data["back_offices"].items():
            book.offices[str(name)] = _office(book, str(name), entry, folder)
        for name, entry in source.data["actions"].items():
            if not _NAME.fullmatch(str(name)):
                book.wrong(("actions", str(name)), f"`{name}`: a name is small letters, digits and `_`.")
            _read_action(book, str(name), entry)
        _check_undos(book)
    book.mistakes.sort(key=lambda mistake: mistake.line)
    return book


def offices_of(source: Source, folder: Path) -> Iterator[tuple[Kind, Office]]:
    """The back offices of a file whose kind is told; the others are named when the file is read."""
    entries = source.data.get("back_offices")
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if not isinstance(entry, dict):
            continue
        try:
            check_secrets(entry)
            yield kind_of(entry), _described(str(name), entry, folder)
        except Misplaced:
            continue


def _described(name: str, entry: Mapping[str, Any], folder: Path) -> Office:
    return Office(name, entry, folder, settings.DATA_DIR / DOCUMENTS, settings.BASE_URL)


def _office(book: Book, name: str, entry: Any, folder: Path) -> tuple[Kind, Connected] | None:
    here: Place = ("back_offices", name)
    try:
        if isinstance(entry, dict):
            check_secrets(entry)
        if not _shape(book, here, "back_office", entry):
            return None
        kind = kind_of(entry)
        for word in sorted(set(entry) - {kind.word} - kind.settings):
            raise misplaced(f"`{word}` is nothing for a back office with `{kind.word}`.", word)
        return kind, kind.connect(_described(name, entry, folder))
    except Misplaced as error:
        book.wrong_inside(here, error)
    except KulanzError as error:
        book.wrong(here, str(error))
    return None


def _shape(book: Book, here: Place, part: str, entry: Any) -> bool:
    """Whether the schema has nothing against an entry."""
    errors = list(_schemas()[part].iter_errors(entry))
    for error in errors:
        book.wrong((*here, *error.absolute_path), said(error))
    return not errors


def _read_action(book: Book, name: str, entry: Any) -> None:
    here: Place = ("actions", name)
    fits = _shape(book, here, "action", entry)
    for place, text in _rules(entry) if isinstance(entry, dict) else ():
        book.wrong((*here, *place), text)
    if not fits:
        return
    try:
        office, (kind, connected) = _at(book, entry)
        _fits(kind, entry)
        operation = connected.operation(name, entry)
        book.actions[name] = _action(name, entry, operation, office)
    except Misplaced as error:
        book.wrong_inside(here, error)
    except ValueError as error:
        book.wrong(here, str(error))


class _Elsewhere(Misplaced):
    """The mistake stands at the back office and is told there."""


def _at(book: Book, entry: Mapping[str, Any]) -> tuple[str, tuple[Kind, Connected]]:
    if "at" not in entry and len(book.offices) > 1:
        raise misplaced(f"There are several back offices. Write `at:` and one of {', '.join(book.offices)}.")
    name = entry.get("at") or next(iter(book.offices))
    if name not in book.offices:
        raise misplaced(f"`at: {name}` names no back office. There are: {', '.join(book.offices)}.", "at")
    connected = book.offices[name]
    if connected is None:
        raise _Elsewhere
    return name, connected


def _fits(kind: Kind, entry: Mapping[str, Any]) -> None:
    """Raises Misplaced where an entry belongs to another kind of back office."""
    wrong: list[tuple[Place, str]] = []
    for word in kind.picks:
        if word not in entry:
            wrong.append(((), f"Its back office has `{kind.word}`: pick what is called with `{word}:`."))
    for word in sorted(set(entry) - _ANY_KIND - set(kind.picks) - kind.entries):
        owner = next((k.word for k in KINDS.values() if word in k.picks or word in k.entries), "another kind")
        wrong.append(((word,), f"`{word}` is for a back office with `{owner}`, and this one has `{kind.word}`."))
    if "writes" not in entry and not _only_reads(entry):
        wrong.append(((), "Say whether it changes something: `writes: true`, or `writes: false` where it only reads."))
    if wrong:
        raise Misplaced(*wrong)


def _only_reads(entry: Mapping[str, Any]) -> bool:
    """Whether a call can't change anything by its very kind: a GET. An operation is looked at when it is known."""
    return str(entry.get("method", "")).lower() == "get" or "operation" in entry


def _rules(entry: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What does not go together, whatever the kind."""
    if entry.get("duplicates") == "reference" and not entry.get("look_up"):
        yield ("duplicates",), "`duplicates: reference` needs `look_up`: how a write is found again by its key."
    for word in ("at_most", "approve_above"):
        if word in entry and "amount" not in entry:
            yield (word,), f"`{word}` needs `amount`: the argument that is the sum of money."
    undo = entry.get("undo")
    within = undo.get("within") if isinstance(undo, dict) else None
    for place, span in ((("same_for",), entry.get("same_for")), (("undo", "within"), within)):
        if span is not None and seconds_of(str(span)) is None:
            yield place, f"`{span}` is no span of time. Write 30min, 24h or 14d."


def _check_undos(book: Book) -> None:
    known = book.source.data["actions"]
    for name, entry in known.items():
        undo = entry.get("undo") if isinstance(entry, dict) else None
        wanted = undo.get("action") if isinstance(undo, dict) else None
        if wanted is None:
            continue
        other = known.get(wanted)
        if not isinstance(other, dict) or other.get("writes") is not True:
            book.wrong(("actions", name, "undo", "action"), f"`{wanted}` names no action that writes.")


def _action(name: str, entry: Mapping[str, Any], operation: Any, office: str) -> Action:
    if "operation" in entry and "writes" not in entry and operation.method != "GET":
        raise misplaced(f"{operation.method} changes something: write `writes: true`, or `writes: false` where it "
                        f"only reads.", "operation")  # fmt: skip
    undo = entry.get("undo")
    return Action(
        name=name,
        operation=operation,
        writes=bool(entry.get("writes", False)),
        tier=entry.get("tier", "low"),
        level=entry.get("level", "anonymous"),
        duplicates=entry.get("duplicates", "none"),
        about=tuple(entry.get("about", ())),
        same_for=_seconds(entry["same_for"]) if "same_for" in entry else None,
        repeatable=bool(entry.get("repeatable", True)),
        amount=entry.get("amount", ""),
        at_most=_number(entry.get("at_most")),
        approve_above=_number(entry.get("approve_above")),
        per_day=entry.get("per_day"),
        undo=Undo(undo["action"], undo.get("with", {}), _seconds(undo["within"])) if undo else None,
        reference=entry.get("reference", ""),
        summary=entry.get("summary", {}),
        office=office,
    )


def _seconds(span: str) -> float:
    return seconds_of(str(span)) or 0.0


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def refuse(books: list[Book]) -> None:
    """Raises InvalidInput that names every mistake of these files."""
    if mistakes := [mistake for book in books for mistake in book.mistakes]:
        raise InvalidInput("\n".join(map(str, mistakes)))
