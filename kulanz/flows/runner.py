"""Play a flow as far as it goes: until it asks, waits, ends or hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone

from kulanz.core.errors import PermanentError, TransientError
from kulanz.core.files import File
from kulanz.core.flow import (
    Ask,
    Call,
    Confirm,
    Definition,
    Effect,
    HandOver,
    Outcome,
    Say,
    Wait,
    effects_of,
    fill,
    going_on,
    replay,
)
from kulanz.core.message import ReceiptNote
from kulanz.core.reading import Reading
from kulanz.core.timeline import Timeline
from kulanz.flows.actions import Action, Level, actions
from kulanz.flows.answers import MISSING
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.back_offices.values import Unfit
from kulanz.flows.calls import do_write_call, read_call
from kulanz.flows.limits import TooOftenError, Verdict, verdict
from kulanz.flows.repeats import Earlier, earlier, waiting_approval
from kulanz.flows.sent import given_before
from kulanz.flows.telling import already_done, already_open, already_waiting, waits_for_approval
from kulanz.flows.unsent import rehearse
from kulanz.flows.wish import Wish
from kulanz.settings.logging import logger

log = logger(__name__)
Waiting = Literal["slot", "confirm", "event", "approval", ""]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """For whom and where a flow is played. `who` is the customer's e-mail address or id, `level` how sure we are of it;
    `message_id` the message that is answered. `approved` is the key of the write that a person agreed to.
    `before_call` runs before each action, which may take long. In a `dry_run` reads happen and writes are not sent:
    they end as the back office says that they may, nothing of them is stored, and their notes say `not_sent`."""

    conversation_id: UUID
    who: str
    language: str
    level: Level = "anonymous"
    message_id: UUID | None = None
    approved: str = ""
    before_call: Callable[[], None] = lambda: None
    dry_run: bool = False
    files: tuple[File, ...] = ()
    """What the customer has sent for this matter."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a flow stands after a turn.

    `awaits` says for what it waits, `wait` for which event; `outcome` is set once it has ended. `wrote` says that a
    write was sent: its turn must be told to the customer whatever else arrives meanwhile. `choices` are the answers
    that may be clicked.
    """

    texts: tuple[str, ...]
    state: dict[str, Any]
    awaits: Waiting = ""
    outcome: Outcome | None = None
    handover: str = ""
    notes: tuple[ReceiptNote, ...] = ()
    wrote: bool = False
    wait: Wait | None = None
    choices: tuple[str, ...] = ()
    approval: Wish | None = None


@dataclass(slots=True)
class _Play:
    definition: Definition
    around: Circumstances
    log: list[Any]
    occasion: int = 0
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
    """What the flow asks the customer: the first effect that its log does not answer."""
    effect = replay(definition, state["known"], state["log"])[1]
    return effect if isinstance(effect, Ask | Confirm) else None


def again(question: Ask | Confirm, language: str) -> str:
    """The open question in other words."""
    return fill(question.again[language], question.values, language)


def advance(definition: Definition, state: Mapping[str, Any], answer: Any, around: Circumstances) -> Progress:
    """Goes on with the answer to the open question (MISSING at the start), with what came from outside, or with the
    result of a call that a person declined. Raises TransientError where a back office can't be reached and surely
    nothing was done."""
    generator, effect = replay(definition, state["known"], state["log"])
    play = _Play(definition, around, list(state["log"]), int(state.get("occasion", 0)))
    while not isinstance(effect, str):
        if isinstance(effect, HandOver):
            return _stop(play, state, outcome="handed_over", handover=effect.reason)
        if isinstance(effect, Ask) and answer is MISSING:
            answer = given_before(effect, around.files, play.log)
        if isinstance(effect, Ask | Confirm | Wait) and answer is MISSING:
            return _pause(play, state, effect)
        if isinstance(effect, Ask | Confirm | Wait) or (isinstance(effect, Call) and answer is not MISSING):
            result, answer = _agreed(effect, answer, play), MISSING
        elif isinstance(effect, Call) and (ruled := _ruled(effect, play)) != "free":
            return _ruled_out(play, state, effect, ruled)
        else:
            try:
                result = _perform(effect, play)
            except TooOftenError:  # by the same customer, somewhere else, a moment ago
                return _stop(play, state, outcome="handed_over", handover="too_often")
            except (TransientError, PermanentError):
                if not play.notes:
                    raise
                return _stop(play, state, outcome="handed_over", handover="system_down")  # what was done is told
        play.log.append(result)
        effect = going_on(generator, result)
    return _stop(play, state, outcome=effect)


def _agreed(effect: Ask | Confirm | Wait | Call, answer: Any, play: _Play) -> Any:
    """The yes, with the time that it is given for: what was shown, not what may have happened since."""
    return {**answer, "occasion": play.occasion} if isinstance(effect, Confirm) else answer


def _ruled(call: Call, play: _Play) -> Verdict:
    """Whether the rules let this call happen now; reads always may."""
    if not actions()[call.action].writes:
        return "free"
    wish = _wish(call, play)
    ruled = verdict(wish, play.around.level)
    return "free" if ruled == "approval" and play.around.approved == wish.key else ruled


def _ruled_out(play: _Play, state: Mapping[str, Any], call: Call, ruled: Verdict) -> Progress:
    """A person approves what the customer agreed to, or takes over."""
    if ruled == "approval":
        play.texts.append(waits_for_approval())
        return _stop(play, state, awaits="approval", approval=_wish(call, play))
    return _stop(play, state, outcome="handed_over", handover=ruled)


def _pause(play: _Play, state: Mapping[str, Any], effect: Ask | Confirm | Wait) -> Progress:
    """The flow waits, and the customer is told for what."""
    language = play.around.language
    if isinstance(effect, Wait):
        if effect.text:
            play.texts.append(fill(effect.text[language], effect.values, language))
        return _stop(play, state, awaits="event", wait=effect)
    text = fill(effect.text[language], effect.values, language)
    if isinstance(effect, Ask):
        play.texts.append(text)
        return _stop(play, state, awaits="slot", choices=tuple(c.label[language] for c in effect.choices))
    wish = _wish(effect.call, play)
    ruled = verdict(wish, play.around.level)
    if ruled not in {"free", "approval"}:  # nobody is asked for a yes that leads to nothing
        return _ruled_out(play, state, effect.call, ruled)
    if play.around.dry_run:
        return _before_yes(play, state, effect, Earlier(0), text)
    before = earlier(wish)
    play.occasion = before.occasion
    if waiting := waiting_approval(replace(wish, occasion=before.occasion)):
        play.texts.append(already_waiting(waiting))
        return _stop(play, state, outcome="refused")
    return _before_yes(play, state, effect, before, text)


def _before_yes(play: _Play, state: Mapping[str, Any], effect: Confirm, before: Earlier, text: str) -> Progress:
    """What is done already is told, and done again only where that is possible and explicitly wished."""
    action, language = actions()[effect.call.action], play.around.language
    if before.call is None:
        play.texts.append(text)
        return _stop(play, state, awaits="confirm")
    play.notes.append(note_of(action, CallResult("done", before.call.receipt), before.call.arguments, language))
    if before.open:
        play.notes.pop()
        play.texts.append(already_open(before.call))
        return _stop(play, state, outcome="refused")
    play.texts.append(already_done(before.call, play.notes[-1], again=action.repeatable))
    if not action.repeatable:
        return _stop(play, state, outcome="solved")
    play.texts.append(text)
    return _stop(play, state, awaits="confirm")


def _stop(
    play: _Play, state: Mapping[str, Any], *, awaits: Waiting = "", outcome: Outcome | None = None,
    handover: str = "", wait: Wait | None = None, choices: tuple[str, ...] = (), approval: Wish | None = None,
) -> Progress:  # fmt: skip
    if outcome not in {None, "handed_over"} and _unknown(play.log):
        outcome, handover = "handed_over", "outcome_unknown"  # whatever the flow makes of it: a person must know
    asks = awaits in {"slot", "confirm"}
    new = {
        "known": state["known"], "log": play.log, "awaits": awaits, "asked": int(asks), "occasion": play.occasion
    }  # fmt: skip
    return Progress(
        tuple(play.texts), new, awaits, outcome, handover, tuple(play.notes), play.wrote, wait, choices, approval
    )  # fmt: skip


def _unknown(log: list[Any]) -> bool:
    """Whether the flow has sent a write that nobody knows the outcome of."""
    return any(isinstance(result, dict) and result.get("status") == "unknown" for result in log)


def _perform(effect: Effect, play: _Play) -> Any:
    if isinstance(effect, Say):
        play.texts.append(fill(effect.text[play.around.language], effect.values, play.around.language))
        return None
    if not isinstance(effect, Call):
        raise TypeError(effect)
    play.around.before_call()
    try:
        result = _called(actions()[effect.action], effect, play)
    except Unfit as error:  # a mistake in the flow or in actions.yaml, which its architect looks for here
        log.warning("arguments do not fit", action=effect.action, problems=error.problems)
        raise
    return {"status": result.status, "data": result.data}


def _called(action: Action, effect: Call, play: _Play) -> CallResult:
    if not action.writes:
        return read_call(action, effect.arguments)
    if play.around.dry_run:
        result = rehearse(action, effect.arguments)
        note = note_of(action, result, effect.arguments, play.around.language)
        play.notes.append(replace(note, status="not_sent", undo_until=""))
        return result
    play.wrote = True
    result = do_write_call(_wish(effect, play))
    play.notes.append(note_of(action, result, effect.arguments, play.around.language))
    return result


def _wish(call: Call, play: _Play) -> Wish:
    around = play.around
    return Wish(
        actions()[call.action], call.arguments, around.who, around.conversation_id, play.definition.name, call.step,
        occasion=int(call.consent.get("occasion", 0)), consent=str(call.consent.get("said", "")),
        message_id=around.message_id,
    )  # fmt: skip


def note_of(action: Action, result: CallResult, arguments: Mapping[str, Any], language: str) -> ReceiptNote:
    """How a call is shown in the chat."""
    values = {**arguments, "receipt": result.data}
    done = result.status in {"done", "repeated"}
    summary = fill(action.summary[language], values, language) if action.summary and done else ""
    until = ""
    if action.undo and result.status == "done":
        until = (timezone.now() + timedelta(seconds=action.undo.seconds)).isoformat()
    return ReceiptNote(action.name, result.status, str(result.data.get(action.reference, "")), summary, until)


def has_written(definition: Definition, state: Mapping[str, Any]) -> bool:
    """Whether the flow has sent a write already."""
    done = effects_of(definition, state["known"], state["log"])
    return any(isinstance(effect, Call) and actions()[effect.action].writes for effect, _ in done)
