"""What the conversation page shows, prepared for its templates: plain values, nothing left to look up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from kulanz.core.reading import Evidence, Finding
from kulanz.desk import wording
from kulanz.desk.case import Case, Said
from kulanz.inbox.models import Message


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message. With a `kind` (intent, entity, emotion, signal) it is evidence for `title`."""

    text: str
    kind: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A decision in words. `confidence` and the scores are whole per cent."""

    decision: str
    confidence: int
    reasons: tuple[tuple[str, str], ...]
    alternatives: tuple[str, ...]
    policy: str


@dataclass(frozen=True, slots=True)
class Bubble:
    message: Message
    pieces: tuple[Piece, ...]
    why: Why | None
    actions: tuple[dict[str, str], ...]
    day: date | None
    """Set on the first message of a day."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One line of a reading: what, how sure in per cent, and the words."""

    label: str
    value: str
    percent: int
    words: tuple[str, ...]


def bubbles(case: Case) -> tuple[Bubble, ...]:
    shown = []
    previous: date | None = None
    for said in case.said:
        day = timezone.localtime(said.message.created_at).date()
        shown.append(Bubble(said.message, pieces(said), why(said), actions(said), day if day != previous else None))
        previous = day
    return tuple(shown)


def pieces(said: Said) -> tuple[Piece, ...]:
    """The text cut at its evidence; where two findings claim the same words, the first one named has them."""
    text = said.message.text
    marks: list[tuple[int, int, str, str]] = []
    for mark in _marks(said):
        if all(mark[1] <= start or end <= mark[0] for start, end, *_ in marks):
            marks.append(mark)
    result, position = [], 0
    for start, end, kind, title in sorted(marks):
        result += [Piece(text[position:start]), Piece(text[start:end], kind, title)]
        position = end
    result.append(Piece(text[position:]))
    return tuple(piece for piece in result if piece.text)


def _marks(said: Said) -> list[tuple[int, int, str, str]]:
    if said.reading is None:
        return []
    reading = said.reading
    found: list[tuple[Evidence, str, str]] = [
        (e.evidence, "entity", f"{wording.entity_label(e.kind)}: {e.value}") for e in reading.entities
    ]
    if reading.intent:
        found += [(e, "intent", wording.intent_label(reading.intent.value)) for e in reading.intent.evidence]
    if reading.emotion.value != "neutral":
        found += [(e, "emotion", wording.emotion_label(reading.emotion.value)) for e in reading.emotion.evidence]
    for signal in reading.signals:
        found += [(e, "signal", wording.signal_label(signal.value)) for e in signal.evidence]
    placed = [(said.evidence(e), kind, title) for e, kind, title in found]
    return [(place[0], place[1], kind, title) for place, kind, title in placed if place and place[0] < place[1]]


def why(said: Said) -> Why | None:
    return decision_in_words(said.decision) if said.decision else None


def decision_in_words(data: dict[str, Any]) -> Why:
    return Why(
        decision=wording.decision_label(data["kind"]),
        confidence=round(data.get("confidence", 1) * 100),
        reasons=tuple((_reason(r), ", ".join(e["text"] for e in r["evidence"])) for r in data["reasons"]),
        alternatives=tuple(_alternative(a) for a in data.get("alternatives", ())[:4]),
        policy=data.get("policy_version", ""),
    )


def _reason(reason: dict[str, Any]) -> str:
    text, detail = wording.reason_text(reason["code"]), reason.get("detail", "")
    if reason["code"] in {"intent", "people_only", "sensitive", "flow_unclear"} and detail:
        detail = wording.intent_label(detail)
    return f"{text} ({detail})" if detail and not detail.isdecimal() else text


def _alternative(alternative: dict[str, Any]) -> str:
    subject = alternative["subject"]
    if alternative["kind"] == "act":
        subject = wording.action_label(subject)
    return (
        f"{subject}, {round(alternative['score'] * 100)} %: {wording.rejection_text(alternative['rejected_because'])}"
    )


def actions(said: Said) -> tuple[dict[str, str], ...]:
    return tuple(
        {
            "title": action.get("summary") or wording.action_label(action["action"]),
            "state": wording.action_state(action["status"]),
            "status": action["status"],
            "reference": action.get("reference", ""),
        }
        for action in said.message.actions
    )


def last_reading(case: Case) -> tuple[Understood, ...]:
    """The newest reading of the customer, in lines."""
    reading = next((s.reading for s in reversed(case.by_customer()) if s.reading), None)
    if reading is None:
        return ()
    lines = [_line("intent", wording.intent_label(f.value), f) for f in _likely(reading.intents, reading.rejected)]
    lines += [
        Understood(
            wording.entity_label(e.kind),
            wording.entity_value(e.kind, e.value),
            round(e.probability * 100),
            (e.evidence.text,),
        )
        for e in reading.entities
    ]
    lines.append(_line("emotion", wording.emotion_label(reading.emotion.value), reading.emotion))
    lines.append(_line("urgency", wording.urgency_label(reading.urgency.value), reading.urgency))
    lines += [_line("signal", wording.signal_label(s.value), s) for s in reading.signals]
    return tuple(lines)


def _likely(intents: Iterable[Finding], rejected: bool) -> list[Finding]:
    return [] if rejected else [f for f in intents if f.probability >= 0.1][:2]


def _line(kind: str, value: str, finding: Finding) -> Understood:
    words = tuple(dict.fromkeys(e.text for e in finding.evidence))
    return Understood(wording.reading_part(kind), value, round(finding.probability * 100), words)


def last_decision(case: Case) -> Why | None:
    return next((why(s) for s in reversed(case.said) if s.decision), None)


def sources(case: Case) -> list[dict[str, Any]]:
    """Every article the customer was shown, newest first, each once."""
    found: dict[str, dict[str, Any]] = {}
    for said in reversed(case.said):
        for source in said.message.sources:
            found.setdefault(source["article_id"], source)
    return list(found.values())
