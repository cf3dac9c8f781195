"""What an agent must know before the first word: assembled from what was stored, nothing is made up.

Every line names the message it rests on, so that the agent can look it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kulanz.core.reading import Reading
from kulanz.desk import wording
from kulanz.desk.case import Case, Said, load_case
from kulanz.desk.next_step import suggest

QUOTE = 220  # characters of the customer's own words
MAX_LINES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One statement, and the message it rests on. `tone` is good, bad or empty."""

    text: str
    message_id: UUID | None = None
    label: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Empty tuples where there is nothing to say; `enough` is False where there is too little altogether."""

    enough: bool
    wanted: tuple[Line, ...] = ()
    facts: tuple[Line, ...] = ()
    tried: tuple[Line, ...] = ()
    promised: tuple[Line, ...] = ()
    added: tuple[Line, ...] = ()
    mood: tuple[Line, ...] = ()
    next_step: str = ""


def build_summary(conversation_id: UUID, language: str) -> Summary:
    """The summary of a conversation, in the agent's language."""
    return summarise(load_case(conversation_id), language)


def summarise(case: Case, language: str) -> Summary:
    with translation.override(language):
        wanted, facts, tried = _wanted(case), _facts(case), _tried(case)
        if not (wanted or facts or tried):
            return Summary(enough=False)
        return Summary(
            enough=True,
            wanted=wanted,
            facts=facts,
            tried=tried,
            promised=_promised(case),
            added=_added(case),
            mood=_mood(case),
            next_step=suggest(case),
        )


def _wanted(case: Case) -> tuple[Line, ...]:
    """Each recognised wish once, with the customer's words; else the words of the longest message."""
    lines: dict[str, Line] = {}
    for said in case.by_customer():
        intent = said.reading.intent if said.reading else None
        if intent and said.message.text and intent.value not in lines:
            lines[intent.value] = Line(_quote(said.message.text), said.message.pk, wording.intent_label(intent.value))
    if not lines:
        spoken = [s for s in case.by_customer() if len(s.message.text.split()) >= 3]
        if spoken:
            longest = max(spoken, key=lambda s: len(s.message.text))
            return (Line(_quote(longest.message.text), longest.message.pk, _("Not recognised")),)
    return tuple(lines.values())[:MAX_LINES]


def _facts(case: Case) -> tuple[Line, ...]:
    lines: dict[tuple[str, str], Line] = {}
    for said in case.by_customer():
        for entity in said.reading.entities if said.reading else ():
            label = wording.entity_label(entity.kind)
            if said.evidence(entity.evidence):
                lines.setdefault(
                    (entity.kind, entity.value),
                    Line(wording.entity_value(entity.kind, entity.value), said.message.pk, label),
                )
        if names := ", ".join(file["name"] for file in said.message.files):
            lines[("file", str(said.message.pk))] = Line(names, said.message.pk, _("Sent along"))
    return tuple(lines.values())[:MAX_LINES]


def _tried(case: Case) -> tuple[Line, ...]:
    lines: list[Line] = []
    for said in case.said:
        if said.message.author == "customer" and lines and _not_helped(said.reading):
            last = lines[-1]
            lines[-1] = Line(_("{text} – did not help").format(text=last.text), last.message_id, last.label, "bad")
        elif said.message.author == "assistant":
            lines.extend(_attempt(said))
    lines.extend(_unsettled(case))
    return tuple(lines)[-MAX_LINES:]


def _not_helped(reading: Reading | None) -> bool:
    return reading is not None and reading.signal("not_helped") is not None


def _attempt(said: Said) -> list[Line]:
    message, label = said.message, wording.decision_label(said.message.decision)
    if message.actions:
        return [
            Line(
                " ".join(filter(None, (a.get("summary") or wording.action_label(a["action"]), a.get("reference")))),
                message.pk,
                _("Action, {state}").format(state=wording.action_state(a["status"])),
                "good" if a["status"] == "done" else "bad",
            )
            for a in message.actions
        ]
    if message.sources:
        titles = ", ".join(wording.quoted(s["title"]) for s in message.sources[:2])
        return [Line(titles, message.pk, label)]
    if message.decision in {"ask", "act", "answer"}:
        return [Line(_quote(message.text, 110), message.pk, label)]
    return []


def _unsettled(case: Case) -> list[Line]:
    """Calls whose outcome no message tells: the agent must not repeat them blindly."""
    told = {action["action"] for said in case.said for action in said.message.actions}
    return [
        Line(
            wording.action_label(c.action),
            None,
            _("Action, {state}").format(state=wording.action_state(c.status)),
            "bad",
        )
        for c in case.calls
        if c.status in {"unknown", "started"} and c.action not in told
    ]


def _promised(case: Case) -> tuple[Line, ...]:
    lines = []
    now = timezone.now()
    for handover in case.handovers:
        if handover.promised_by is None or handover.state == "ended":
            continue
        late = handover.accepted_at is None and handover.promised_by < now
        label = _("Overdue") if late else _("First reply")
        text = _("by {time}").format(time=wording.moment(handover.promised_by, now))
        lines.append(Line(text, _told(case, handover.message), label, "bad" if late else ""))
    written = {call.action for call in case.calls if call.status == "done"}  # reading something promises nothing
    for said in case.said:
        for action in said.message.actions:
            if action["action"] in written and action["status"] == "done" and action.get("summary"):
                lines.append(Line(action["summary"], said.message.pk, wording.action_label(action["action"])))
    return tuple(lines)[-MAX_LINES:]


def _added(case: Case) -> tuple[Line, ...]:
    """What the customer has written since they were handed over and nobody has answered: not to be asked for again."""
    handover = next((h for h in case.handovers if h.state != "ended"), None)
    if handover is None:
        return ()
    since = [s.message for s in case.said if s.message.created_at >= handover.requested_at]
    answered = max((m.seq for m in since if m.author == "agent"), default=0)
    added = [m for m in since if m.author == "customer" and m.seq > answered and m.text]
    return tuple(Line(_quote(m.text), m.pk) for m in added)[-MAX_LINES:]


def _told(case: Case, sentence: str) -> UUID | None:
    """The newest message that holds the promise."""
    said = (s.message for s in reversed(case.said) if s.message.author != "customer")
    return next((m.pk for m in said if sentence and sentence in m.text), None)


def _mood(case: Case) -> tuple[Line, ...]:
    """The course of the mood: one line for each change, with the words that show it."""
    lines: list[Line] = []
    previous = ""
    for said in case.by_customer():
        if said.reading is None or said.reading.emotion.value == previous:
            continue
        emotion = said.reading.emotion
        previous = emotion.value
        words = ", ".join(wording.quoted(e.text) for e in emotion.evidence[:2])
        tone = "bad" if emotion.value in {"frustrated", "disappointed"} else ""
        lines.append(Line(words, said.message.pk, wording.emotion_label(emotion.value), tone))
    return tuple(lines)[-MAX_LINES:]


def _quote(text: str, limit: int = QUOTE) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0] + " …"
