"""What the conversation page shows, prepared for its templates: plain values, nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.desk import wording
from kulanz.desk.case import Case, Said
from kulanz.inbox.models import Message
from kulanz.knowledge.composing import closed_to_customers, desk_path


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message. With a `kind` (risk, intent, entity, emotion, sentiment, urgency, signal) it is evidence
    for `title`; `keys` join it with the lines of the reading."""

    text: str
    kind: str = ""
    title: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A decision in words. `confidence` and the scores are whole per cent."""

    decision: str
    confidence: int
    reasons: tuple[tuple[str, str], ...]
    alternatives: tuple[str, ...]
    policy: str
    worded: tuple[str, ...] = ()
    """What a language model made of it."""


@dataclass(frozen=True, slots=True)
class Bubble:
    message: Message
    pieces: tuple[Piece, ...]
    why: Why | None
    actions: tuple[dict[str, str], ...]
    sources: tuple[dict[str, Any], ...]
    day: date | None
    """Set on the first message of a day."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One line of a reading: what, how sure in per cent, and the words; `messages` are those that hold them."""

    label: str
    value: str
    percent: int
    words: tuple[str, ...]
    key: str = ""
    messages: tuple[str, ...] = ()


def bubbles(case: Case) -> tuple[Bubble, ...]:
    shown = []
    previous: date | None = None
    closed = _closed(case)
    for said in case.said:
        day = timezone.localtime(said.message.created_at).date()
        opened = tuple(_for_staff(source, closed) for source in said.message.sources)
        new_day = day if day != previous else None
        shown.append(Bubble(said.message, pieces(said), why(said), actions(said), opened, new_day))
        previous = day
    return tuple(shown)


def pieces(said: Said) -> tuple[Piece, ...]:
    """The text cut at its evidence. Where several findings claim the same words, the first one named gives the
    colour, and all of them their titles and keys."""
    text, marks = said.message.text, _marks(said)
    cuts = sorted({0, len(text), *(place for mark in marks for place in mark[:2])})
    result = []
    for start, end in pairwise(cuts):
        here = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        titles = ", ".join(dict.fromkeys(title for *_, title in here))
        keys = " ".join(dict.fromkeys(key for _, _, key, _ in here))
        result.append(Piece(text[start:end], keys.partition(":")[0], titles, keys))
    return tuple(result)


Mark = tuple[int, int, str, str]
"""(start, end, key, title) of evidence within one message."""


def _marks(said: Said) -> list[Mark]:
    if said.reading is None:
        return []
    reading = said.reading
    found: list[tuple[Evidence, str, str]] = [
        (e.evidence, _key("entity", e.value), f"{wording.entity_label(e.kind)}: {e.value}") for e in reading.entities
    ]
    named = [("risk", wording.intent_label, risk) for risk in reading.risks]
    named += [("intent", wording.intent_label, f) for f in _wishes(reading)]
    if reading.emotion.value != "neutral":
        named.append(("emotion", wording.emotion_label, reading.emotion))
    if reading.sentiment.value != "neutral":
        named.append(("sentiment", wording.sentiment_label, reading.sentiment))
    named.append(("urgency", wording.urgency_label, reading.urgency))
    named += [("signal", wording.signal_label, signal) for signal in reading.signals]
    found += [(e, _key(kind, f.value), label(f.value)) for kind, label, f in named for e in f.evidence]
    placed = [(said.evidence(e), key, title) for e, key, title in found]
    return [(place[0], place[1], key, title) for place, key, title in placed if place and place[0] < place[1]]


def _key(kind: str, value: str) -> str:
    """What joins a line of the reading with its words in the message: one word, whatever the value."""
    return f"{kind}:{quote(value, safe='')}"


def why(said: Said) -> Why | None:
    return decision_in_words(said.decision) if said.decision else None


def decision_in_words(data: dict[str, Any]) -> Why:
    return Why(
        decision=wording.decision_label(data["kind"]),
        confidence=round(data.get("confidence", 1) * 100),
        reasons=tuple((_reason(r), ", ".join(e["text"] for e in r["evidence"])) for r in data["reasons"]),
        alternatives=tuple(_alternative(a) for a in data.get("alternatives", ())[:4]),
        policy=data.get("policy_version", ""),
        worded=(
            *(line for told in data.get("worded", ()) for line in _worded(told)),
            *_proposed(data.get("proposed", {})),
        ),
    )


def _worded(told: dict[str, Any]) -> list[str]:
    if told["used"]:
        return [_("Worded by the language model; every sentence was checked against its source.")]
    refused = _("The language model wrote this, which no source supports, so it was not sent: “{sentence}” ({detail})")
    lines = [refused.format(sentence=r["sentence"], detail=r["detail"] or r["code"]) for r in told["refused"]]
    return lines or [_("The language model gave no usable wording, so the article is quoted.")]


def _proposed(told: dict[str, Any]) -> list[str]:
    """What a language model proposed for a flow's question and was not taken, or why it proposed nothing."""
    line = _("The language model proposed “{value}” for “{slot}”, from the words “{words}”; not used: {why}.")
    lines = [
        line.format(value=r["value"], slot=r["slot"], words=r["words"], why=wording.refusal_text(r["code"]))
        for r in told.get("refused", ())
    ]
    if told.get("reason"):
        lines.append(_("The language model was asked what this answers, and gave nothing that could be used."))
    return lines


def _reason(reason: dict[str, Any]) -> str:
    text = wording.reason_text(reason["code"])
    detail = wording.reason_detail(reason["code"], reason.get("detail", ""))
    return f"{text} ({detail})" if detail else text


def _alternative(alternative: dict[str, Any]) -> str:
    subject = wording.alternative_label(alternative["kind"], alternative["subject"])
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
    newest = next((s for s in reversed(case.by_customer()) if s.reading), None)
    if newest is None or newest.reading is None:
        return ()
    reading = newest.reading
    places = [(str(s.message.pk), {mark[2] for mark in _marks(s)}) for s in case.said if s.reading is reading]
    lines = [_line("intent", wording.intent_label(f.value), f) for f in _wishes(reading)]
    if not lines and not reading.signals:
        lines = [_line("intent", _("none of the intents"), Finding("", reading.none_of_them))]
    lines += [_line("risk", wording.intent_label(risk.value), risk) for risk in reading.risks]
    lines += [
        Understood(
            wording.entity_label(e.kind),
            wording.entity_value(e.kind, e.value),
            round(e.probability * 100),
            (e.evidence.text,),
            _key("entity", e.value),
        )
        for e in reading.entities
    ]
    lines.append(_line("emotion", wording.emotion_label(reading.emotion.value), reading.emotion))
    lines.append(_line("sentiment", wording.sentiment_label(reading.sentiment.value), reading.sentiment))
    lines.append(_line("urgency", wording.urgency_label(reading.urgency.value), reading.urgency))
    lines += [_line("signal", wording.signal_label(s.value), s) for s in reading.signals]
    spoken = (reading.language, *reading.other_languages)
    lines += [_line("language", wording.language_label(f.value), f) for f in spoken]
    return tuple(replace(line, messages=tuple(m for m, keys in places if line.key in keys)) for line in lines)


def _wishes(reading: Reading) -> list[Finding]:
    """Each of several wishes with the words of its own part; of one wish also the second candidate, if it is likely."""
    if len(reading.wishes) > 1 or reading.rejected:
        return list(reading.wishes)
    return [f for f in reading.intents if f.probability >= 0.1][:2]


def _line(kind: str, value: str, finding: Finding) -> Understood:
    words = tuple(dict.fromkeys(e.text for e in finding.evidence))
    return Understood(
        wording.reading_part(kind), value, round(finding.probability * 100), words, _key(kind, finding.value)
    )


def last_decision(case: Case) -> Why | None:
    return next((why(s) for s in reversed(case.said) if s.decision), None)


def sources(case: Case) -> list[dict[str, Any]]:
    """Every article the customer was shown, newest first, each once."""
    found: dict[str, dict[str, Any]] = {}
    closed = _closed(case)
    for said in reversed(case.said):
        for source in said.message.sources:
            found.setdefault(source["article_id"], _for_staff(source, closed))
    return list(found.values())


def _closed(case: Case) -> frozenset[str]:
    return closed_to_customers({source["article_id"] for said in case.said for source in said.message.sources})


def _for_staff(source: dict[str, Any], closed: frozenset[str]) -> dict[str, Any]:
    """What customers can no longer open, staff still can."""
    return {**source, "url": desk_path(source["article_id"])} if source["article_id"] in closed else source
