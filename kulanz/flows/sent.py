"""Files as answers: what a photo that a customer sends is to a flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kulanz.core.files import KINDS, File, fitting
from kulanz.core.flow import Ask, answer
from kulanz.core.reading import Reading
from kulanz.flows.choosing import MISSING, is_question, is_unknowing, named

MOST = 5
"""Files that one answer holds; the newest ones."""
_SHORT = 3  # words: "yes, I can" announces a photo and describes nothing, "no, sorry" is a plain no


def sent(question: Ask, reading: Reading) -> Any:
    """The value of a slot for files: the files of this message, one of the answers that are offered instead, or (where
    the slot takes them) the words that describe what cannot be shown. MISSING where the message is none of it."""
    if files := fitting(question.slot.entity, reading.files):
        return file_value(files, reading.text)
    words = reading.text.strip()
    short = len(words.split()) <= _SHORT
    instead = named(question.choices, words)
    if instead is not MISSING:
        return instead
    if short and reading.signal("denies") and len(question.choices) == 1:
        return question.choices[0].value
    if not question.slot.or_text or not words or (short and reading.signal("affirms")):
        return MISSING
    return MISSING if words.endswith("?") or is_question(words) or is_unknowing(words) else file_value((), words)


def file_value(files: Sequence[File], words: str) -> dict[str, Any]:
    """What `{photo.…}` shows: `name` and `id` of the first file, how many there are (`count`), all their ids (`all`),
    and the words beside them or instead of them (`text`)."""
    files = files[-MOST:]
    first = files[0] if files else File("", "", "")
    everything = ", ".join(file.id for file in files)
    return {"name": first.name, "id": first.id, "count": len(files), "all": everything, "text": words.strip()}


def given_before(question: Ask, files: Iterable[File], log: Iterable[Any]) -> Any:
    """The answer that was sent before the flow came to ask for it; MISSING without one. What answers another question
    of the flow already is not taken twice."""
    if question.slot.entity not in KINDS:
        return MISSING
    taken = {name for result in log for name in _ids(result)}
    fresh = fitting(question.slot.entity, (file for file in files if file.id not in taken))
    return answer(file_value(fresh, "")) if fresh else MISSING


def _ids(result: Any) -> Iterable[str]:
    value = result.get("value") if isinstance(result, Mapping) else None
    return str(value.get("all", "")).split(", ") if isinstance(value, Mapping) else ()
