"""Play a flow as far as it goes: until it asks, ends or hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from kulanz.core.flow import Ask, Call, Confirm, Definition, Effect, HandOver, Outcome, Say, fill, run
from kulanz.core.message import ReceiptNote
from kulanz.core.reading import Reading
from kulanz.core.timeline import Timeline
from kulanz.flows.actions import Action, CallResult, actions, call_key, do_write_call, read_call

MISSING = object()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a flow stands after a turn.

    `awaits` is slot or confirm while it waits for the customer; `outcome` is set once it has ended. `wrote` says
    that a write was sent: its turn must be told to the customer whatever else arrives meanwhile.
    """

    texts: tuple[str, ...]
    state: dict[str, Any]
    awaits: Literal["slot", "confirm", ""] = ""
    outcome: Outcome | None = None
    handover: str = ""
    notes: tuple[ReceiptNote, ...] = ()
    wrote: bool = False


@dataclass(slots=True)
class _Play:
    definition: Definition
    conversation_id: UUID
    language: str
    log: list[Any]
    before_call: Callable[[], None]
    texts: list[str] = field(default_factory=list)
    notes: list[ReceiptNote] = field(default_factory=list)
    wrote: bool = False


def known_slots(
    definition: Definition, reading: Reading, timeline: Timeline, record: Mapping[str, str]
) -> dict[str, str]:
    """Slot values that need no question: from this message, from earlier ones (newest first), from the record."""
    readings = [reading, *(e.reading for e in reversed(timeline.entries) if e.reading)]
    known: dict[str, str] = {}
    for slot in definition.slots.values():
        found = (r.entity(slot.entity) for r in readings)
        value = next((entity.value for entity in found if entity), "")
        value = value or (record.get(slot.from_customer, "") if slot.from_customer else "")
        if value:
            known[slot.name] = value
    return known


def open_question(definition: Definition, state: Mapping[str, Any]) -> Ask | Confirm | None:
    """What the flow waits for: the first effect that its log does not answer."""
    effect = _replay(definition, state)[1]
    return effect if isinstance(effect, Ask | Confirm) else None


def answer_to(question: Ask | Confirm, reading: Reading) -> Any:
    """The message as an answer to the question, or MISSING where it is none."""
    if isinstance(question, Confirm):
        if reading.signal("denies"):
            return False
        return True if reading.signal("affirms") else MISSING
    if question.slot.entity == "text":
        return reading.text
    entity = reading.entity(question.slot.entity)
    return entity.value if entity else MISSING


def again(question: Ask | Confirm, language: str) -> str:
    """The open question in other words."""
    return fill(question.again[language], question.values, language)


def advance(
    definition: Definition, state: Mapping[str, Any], answer: Any, conversation_id: UUID, language: str,
    before_call: Callable[[], None],
) -> Progress:  # fmt: skip
    """Goes on with the answer to the open question (MISSING at the start). `before_call` runs before each action,
    which may take long. Raises TransientError where a back office can't be reached and surely nothing was done."""
    generator, effect = _replay(definition, state)
    play = _Play(definition, conversation_id, language, list(state["log"]), before_call)
    while not isinstance(effect, str):
        if isinstance(effect, HandOver):
            return _stop(play, state, outcome="handed_over", handover=effect.reason)
        if isinstance(effect, Ask | Confirm) and answer is MISSING:
            play.texts.append(fill(effect.text[language], effect.values, language))
            return _stop(play, state, awaits="slot" if isinstance(effect, Ask) else "confirm")
        result = answer if isinstance(effect, Ask | Confirm) else _perform(effect, play)
        if isinstance(effect, Ask | Confirm):
            answer = MISSING
        play.log.append(result)
        effect = _next(generator, result)
    return _stop(play, state, outcome=effect)


def _stop(
    play: _Play, state: Mapping[str, Any], *, awaits: Literal["slot", "confirm", ""] = "",
    outcome: Outcome | None = None, handover: str = "",
) -> Progress:  # fmt: skip
    new = {"known": state["known"], "log": play.log, "awaits": awaits, "asked": 1 if awaits else 0}
    return Progress(tuple(play.texts), new, awaits, outcome, handover, tuple(play.notes), play.wrote)


def _next(generator: Any, result: Any) -> Effect | Outcome:
    try:
        effect: Effect = generator.send(result)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    return effect


def _replay(definition: Definition, state: Mapping[str, Any]) -> tuple[Any, Effect | Outcome]:
    generator = run(definition, state["known"])
    effect = _next(generator, None)
    for result in state["log"]:
        effect = _next(generator, result)
    return generator, effect


def _perform(effect: Effect, play: _Play) -> Any:
    if isinstance(effect, Say):
        play.texts.append(fill(effect.text[play.language], effect.values, play.language))
        return None
    if not isinstance(effect, Call):
        raise TypeError(effect)
    play.before_call()
    action = actions()[effect.action]
    arguments = dict(effect.arguments)
    if not action.writes:
        result = read_call(action, arguments)
    else:
        play.wrote = True
        key = call_key(play.conversation_id, play.definition.name, effect.step, arguments)
        result = do_write_call(action, arguments, play.conversation_id, key)
        play.notes.append(_note(action, result, arguments, play.language))
    return {"status": result.status, "data": result.data}


def _note(action: Action, result: CallResult, arguments: Mapping[str, Any], language: str) -> ReceiptNote:
    values = {**arguments, "receipt": result.data}
    summary = fill(action.summary[language], values, language) if action.summary and result.status == "done" else ""
    return ReceiptNote(action.name, result.status, str(result.data.get(action.reference, "")), summary)
