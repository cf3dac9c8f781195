"""The further wishes of a message: what is said about them, and how they wait for the end of a flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from kulanz.core.decision import Also, Decision
from kulanz.core.flow import Definition
from kulanz.core.message import Reply
from kulanz.core.reading import Reading
from kulanz.core.several import part_of

SHOWN = 80  # characters of the customer's own words


def waiting_wishes(decision: Decision) -> tuple[dict[str, Any], ...]:
    """The further wishes that wait for the end of the flow, as they are stored with it."""
    waiting = (further for further in decision.also if further.kind in {"act", "hand_over"})
    return tuple(
        {"wish": w.wish, "words": w.words, "kind": w.kind, "subject": w.subject, "known": [list(k) for k in w.known]}
        for w in waiting
    )


def own_part(decision: Decision, reading: Reading) -> Reading:
    """The reading of the part of the message that the decision's own flow is about."""
    if not decision.also or not decision.reasons:
        return reading
    first = decision.reasons[0]
    same = (w for w in reading.wishes if w.value == first.detail and w.evidence == first.evidence)
    wish = next(same, None)
    return part_of(reading, wish) if wish else reading


def with_own_slots(definition: Definition, known: Mapping[str, str], wish: Mapping[str, Any]) -> dict[str, str]:
    """Slot values for a flow that was waiting: what was named together with its wish comes first."""
    named: dict[str, str] = {}
    for kind, value in wish["known"]:
        named.setdefault(kind, value)
    own = {slot.name: named[slot.entity] for slot in definition.slots.values() if slot.entity in named}
    return {**known, **own}


def announced(waiting: tuple[dict[str, Any], ...]) -> str:
    """That the wishes are not forgotten."""
    if not waiting:
        return ""
    text = _("I take up your other request right after this: {words}")
    return text.format(words=", ".join(_quoted(wish["words"], wish["wish"]) for wish in waiting))


def taken_up(wish: Mapping[str, Any]) -> str:
    return _("Now to your other request, {words}:").format(words=_quoted(wish["words"], wish["wish"]))


def for_a_person(wishes: list[tuple[str, str]]) -> str:
    """What the assistant could not do; (words, wish) each."""
    words = ", ".join(_quoted(*wish) for wish in wishes)
    return _("I could not answer this myself: {words}. A person does.").format(words=words)


def not_found(parts: Sequence[str], *, with_offer: bool) -> str:
    """That the other questions of a message have no answer; with the offer that a person gives it."""
    if not parts:
        return ""
    text = _("On this question I found nothing reliable: {words}")
    said = text.format(words=", ".join(_quoted(part, "") for part in parts))
    offer = _("A person can answer it, just say so.")
    return f"{said} {offer}" if with_offer else said


def still_open(waiting: tuple[dict[str, Any], ...]) -> str:
    """After a stop: what else had been asked for."""
    if not waiting:
        return ""
    words = ", ".join(_quoted(wish["words"], wish["wish"]) for wish in waiting)
    return _("You had also asked for this: {words}. Just tell me if it is still open.").format(words=words)


def unanswered(decision: Decision) -> list[tuple[str, str]]:
    return [(further.words, further.wish) for further in decision.also if further.kind == "hand_over"]


def joined(first: Reply, second: Reply) -> Reply:
    """Two replies as one, in this order; the choices are those of the second."""
    return replace(
        second,
        text="\n\n".join(text for text in (first.text, second.text) if text),
        sources=first.sources + second.sources,
        actions=first.actions + second.actions,
    )


def answers_of(decision: Decision) -> list[Also]:
    return [further for further in decision.also if further.kind == "answer"]


def _quoted(words: str, wish: str) -> str:
    text = " ".join(words.split()).strip(" ,.;:!?") or wish.replace("_", " ")
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return _("“{text}”").format(text=short)
