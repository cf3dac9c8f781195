"""Carry a decision out: prepare the replies, play the flow, call the actions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.decision import OFFER, Decision, Reason, Situation
from kulanz.core.errors import InvalidInput, PermanentError, TransientError
from kulanz.core.flow import Ask, Definition
from kulanz.core.knowledge import Passage
from kulanz.core.message import Reply
from kulanz.core.policy import Policy
from kulanz.core.reading import Reading, speaks_another
from kulanz.core.timeline import Timeline, count_tries
from kulanz.flows.answers import MISSING
from kulanz.flows.approvals import approval_of
from kulanz.flows.definitions import active_flows
from kulanz.flows.limits import TooOftenError
from kulanz.flows.runner import Circumstances, Progress, advance, again, known_slots, open_question
from kulanz.flows.telling import already_waiting, withdrawn
from kulanz.inbox.models import Conversation
from kulanz.knowledge.composing import may_be_said
from kulanz.knowledge.context import in_context
from kulanz.nlp.masking import Masker
from kulanz.settings.logging import logger
from kulanz.turns import wishes
from kulanz.turns.answering import Asker, answer
from kulanz.turns.open_flows import FlowChange, FlowView, OvertakenError, amount_of, circumstances
from kulanz.turns.receipts import first_receipt
from kulanz.turns.replies import (
    insist,
    nobody_there,
    offer,
    person_button,
    sentences,
    stamped,
    undo_button,
    unread,
    unsaid,
    when_a_person_looks,
    yes_no,
)
from kulanz.turns.screen import Screen
from kulanz.turns.undoing import undo_last, until_when

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Carried:
    """The replies to store and send. `decision` is what the turn really came to: a flow that had to ask is an
    *ask*, one that could not go on is a *hand_over*. `wrote`: an action was sent and must be told. `worded` is what a
    language model made of each answer (see `answering.Answer`), for staff alone."""

    decision: Decision
    replies: tuple[Reply, ...]
    flow: FlowChange | None = None
    wrote: bool = False
    worded: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    decision: Decision
    reading: Reading
    passages: tuple[Passage, ...]
    conversation: Conversation
    situation: Situation
    flow: FlowView | None
    language: str
    policy: Policy
    screen: Screen
    worded: list[dict[str, Any]] = field(default_factory=list)

    @property
    def timeline(self) -> Timeline:
        return self.situation.timeline

    def own(self, kind: str) -> str | None:
        """The first of the assistant's wordings that was not said yet, in the tone of the decision."""
        return unsaid(sentences(kind, self.decision.tone), self.timeline)


def carry_out(
    decision: Decision, reading: Reading, passages: tuple[Passage, ...], conversation: Conversation,
    situation: Situation, flow: FlowView | None, language: str, policy: Policy, screen: Screen,
) -> Carried:  # fmt: skip
    """Prepares what the decision means. `passages` are all that were found, for the message and for its parts;
    `policy` is the one that holds for this customer; `screen` shows them that something is coming. Raises nothing for a
    back office that is down: that becomes a person."""
    turn = _Turn(decision, reading, passages, conversation, situation, flow, language, policy, screen)
    stories = {"hand_over": _hand_over, "act": _act, "answer": _answer, "ask": _ask}
    with override(language):
        if decision.kind == "stay_silent":
            return Carried(decision, ())
        carried = _with_offer(turn, stories[decision.kind](turn))
        return replace(carried, worded=tuple(turn.worded))


def _leave(turn: _Turn, outcome: str) -> FlowChange | None:
    return FlowChange(None, None, outcome) if turn.flow else None


def _instead_a_person(turn: _Turn, code: str, *replies: Reply, flow: FlowChange | None = None) -> Carried:
    """Whatever was planned can't be done honestly: a person."""
    reasons = (Reason(code, detail=turn.decision.subject), *turn.decision.reasons)
    decision = replace(turn.decision, kind="hand_over", subject=code, reasons=reasons)
    return Carried(decision, replies, flow or _leave(turn, "handed_over"))


def _with_offer(turn: _Turn, carried: Carried) -> Carried:
    """The offer of a person at the end of the reply, where the decision wants it and it still makes sense."""
    if not carried.decision.offers_person:
        return carried
    if carried.decision.kind in {"hand_over", "stay_silent"} or carried.wrote or not carried.replies:
        reasons = tuple(reason for reason in carried.decision.reasons if reason.code != OFFER)
        return replace(carried, decision=replace(carried.decision, reasons=reasons))
    situation, last = turn.situation, carried.replies[-1]
    text = offer(turn.timeline, situation.available_from, people_available=situation.people_available)
    choices = tuple(dict.fromkeys((*last.choices, person_button())))  # an open part of the question has it already
    offered = replace(last, text=f"{last.text}\n\n{text}", choices=choices)
    return replace(carried, replies=(*carried.replies[:-1], offered))


def _hand_over(turn: _Turn) -> Carried:
    """The careful sentence of a sensitive matter, or what could be answered beside what a person takes."""
    reply = _answers(turn, [further.subject for further in wishes.answers_of(turn.decision)])
    left = wishes.unanswered(turn.decision)
    if turn.decision.tier:
        reply = Reply(_careful(turn) or "")
    elif turn.decision.subject == "above_limit":
        reply = Reply(turn.own("above_limit") or "")
    elif reply.text and left:
        reply = wishes.joined(reply, Reply(wishes.for_a_person(left)))
    return Carried(turn.decision, (reply,) if reply.text else (), _leave(turn, "handed_over"))


def _careful(turn: _Turn) -> str | None:
    tier = turn.policy.tier(turn.decision.tier)
    return unsaid(list(tier.sentences.get(turn.language, ())), turn.timeline) if tier else None


def _ask(turn: _Turn) -> Carried:
    if turn.decision.subject in {"flow_again", "confirm_plainly"} and turn.flow:
        return _ask_again(turn, turn.flow)
    foreign = turn.decision.subject == "unclear" and speaks_another(turn.reading)
    text = turn.own("other_language" if foreign else turn.decision.subject)
    if text is None:
        return _instead_a_person(turn, "would_repeat")
    clarifies = turn.decision.subject in {"unclear", "ambiguous"} and not count_tries(turn.timeline).questions
    if clarifies and not turn.situation.people_available:
        text = "\n\n".join(part for part in (text, nobody_there(turn.situation.available_from)) if part)
    choices = (undo_button(),) if turn.decision.subject == "undo_question" else turn.decision.suggestions
    return Carried(turn.decision, (Reply(text, choices=choices),))


def _ask_again(turn: _Turn, flow: FlowView) -> Carried:
    """The flow's open question in its other, plainer words."""
    text = unsaid([again(flow.question, turn.language)], turn.timeline)
    if text is None:
        return _instead_a_person(turn, "flow_unclear")
    awaits = flow.open.awaits
    change = FlowChange(flow.definition, Progress((), {**flow.state, "asked": flow.open.asked + 1}, awaits))
    return Carried(turn.decision, (Reply(text, choices=_open_choices(flow, turn.language)),), change)


def _answer(turn: _Turn) -> Carried:
    if turn.decision.subject not in {passage.passage_id for passage in turn.passages}:
        return _own_words(turn)
    subjects = [turn.decision.subject, *(further.subject for further in wishes.answers_of(turn.decision))]
    reply = _answers(turn, subjects)
    if not reply.text:
        sayable = any(may_be_said(p) for p in turn.passages if p.passage_id in subjects)
        return _instead_a_person(turn, "would_repeat" if sayable else "no_answer")
    codes = {reason.code for reason in turn.decision.reasons}
    if unsure := next((text for code, text in _unsure().items() if code in codes), ""):
        reply = replace(reply, text=f"{unsure}\n\n{reply.text}")
    if turn.flow:  # a question in between: answered, then back to the flow
        question = again(turn.flow.question, turn.language)
        choices = _open_choices(turn.flow, turn.language)
        reply = replace(reply, text=f"{reply.text}\n\n{question}", choices=choices)
    return Carried(turn.decision, (reply,))


def _unsure() -> dict[str, str]:
    """What comes before an article that may not be the right one, by the reason for showing it."""
    return {
        "outside_hours": _("I am not sure that this is what you need, but it may help until somebody is there:"),
        "closest_article": _("Without that I can't go on by myself, but this may help:"),
    }


def _own_words(turn: _Turn) -> Carried:
    subject = turn.decision.subject
    text = _careful(turn) if subject == "careful" else turn.own(subject)
    ended = _leave(turn, "declined") if subject == "confirms_success" else None
    if text is None:
        return Carried(replace(turn.decision, kind="stay_silent", subject="said_before"), (), ended)
    return Carried(turn.decision, (Reply(text),), ended)


def _answers(turn: _Turn, subjects: list[str]) -> Reply:
    """The passages as one reply with their sources; what was said before is left out."""
    reply = Reply("")
    unsure = any(reason.code in _unsure() for reason in turn.decision.reasons)
    for subject in dict.fromkeys(subjects):
        passage = next((p for p in turn.passages if p.passage_id == subject), None)
        if passage is None or passage.passage_id in {source.passage_id for source in reply.sources}:
            continue
        alone = not turn.decision.also and not unsure
        found = answer(
            _question(turn, subject), passage, _asker(turn), others=turn.passages,
            answer_from=turn.policy.answer_from if alone else 1.0, may_word=alone,
        )  # fmt: skip
        turn.worded.extend([found.worded] if found.worded else [])
        reply = wishes.joined(reply, found.reply)
    return reply


def _asker(turn: _Turn) -> Asker:
    masker = Masker([turn.conversation.customer.name], turn.reading.entities)
    return Asker(
        turn.timeline, turn.language, masker=masker, conversation=turn.conversation.id,
        wait=turn.screen.show_typing, draft=turn.screen.show_draft,
    )  # fmt: skip


def _question(turn: _Turn, subject: str) -> str:
    """The part of the message that this passage answers, with what a follow-up question is about."""
    part = next((w.words for w in turn.decision.also if w.subject == subject and w.words), "")
    if not part and turn.decision.also:
        part = " ".join(e.text for e in turn.decision.reasons[0].evidence)
    own = (e for e in turn.timeline.entries if e.author == "customer" and e.seq <= turn.timeline.answered)
    return in_context(part or turn.reading.text, [entry.text for entry in own])


def _act(turn: _Turn) -> Carried:
    if turn.decision.subject == "stop_flow":
        return _stop(turn)
    if turn.decision.subject in {"withdraw", "approval_status"}:
        return _approval(turn)
    if turn.decision.subject == "undo":
        return _undo(turn)
    definition, state, answer = _where_to_go_on(turn)
    new = wishes.waiting_wishes(turn.decision)
    carried = _played(turn, definition, state, answer)
    carried = _then(turn, carried, (*(turn.flow.later if turn.flow else ()), *new))
    waits = carried.flow and carried.flow.progress and carried.flow.progress.state.get("later")
    lead = _answers(turn, [further.subject for further in wishes.answers_of(turn.decision)])
    if waits and new:
        lead = replace(lead, text="\n\n".join(t for t in (lead.text, wishes.announced(tuple(waits))) if t))
    if not lead.text:
        return carried
    first, *more = carried.replies or (Reply(""),)
    return replace(carried, replies=(wishes.joined(lead, first), *more))


def _stop(turn: _Turn) -> Carried:
    last = stamped(sentences("stop_flow")[-1], turn.timeline, timezone.now())
    text = turn.own("stop_flow") or last
    text = "\n\n".join(t for t in (text, wishes.still_open(turn.flow.later if turn.flow else ())) if t)
    return Carried(turn.decision, (Reply(text),), _leave(turn, "declined"))


def _approval(turn: _Turn) -> Carried:
    """How it stands with what a person looks at, or that it is taken back."""
    waiting = approval_of(turn.conversation.id)
    if waiting is None:  # decided since the turn began
        raise OvertakenError("a person has decided meanwhile")
    back = turn.decision.subject == "withdraw"
    text = stamped(withdrawn() if back else already_waiting(waiting), turn.timeline, timezone.now())
    return Carried(turn.decision, (Reply(text),), FlowChange(None, None, withdraws=waiting.pk) if back else None)


def _undo(turn: _Turn) -> Carried:
    try:
        text, note = undo_last(turn.reading.text, _around(turn))
    except InvalidInput:  # its time ended while the customer wrote
        return _instead_a_person(turn, "undo_too_late")
    except TooOftenError:
        return _instead_a_person(turn, "too_often")
    except (TransientError, PermanentError):
        return _instead_a_person(turn, "system_down", Reply(turn.own("system_down") or ""))
    reply = Reply(stamped(text, turn.timeline, timezone.now()), actions=(note,))
    if note.status == "done":
        return Carried(turn.decision, (reply,), wrote=True)
    code = "outcome_unknown" if note.status == "unknown" else "undo_too_late"
    return replace(_instead_a_person(turn, code, reply), wrote=True)


def _played(turn: _Turn, definition: Definition, state: dict[str, Any], answer: Any) -> Carried:
    try:
        progress = advance(definition, state, answer, _around(turn))
    except (TransientError, PermanentError) as error:
        log.warning("back office failed", conversation=str(turn.conversation.id), error=type(error).__name__)
        text = turn.own("system_down")
        return _instead_a_person(turn, "system_down", *([Reply(text)] if text else []))
    return _told(turn, definition, progress)


def _around(turn: _Turn) -> Circumstances:
    asked, wait, files = turn.timeline.unanswered[-1].id, turn.screen.show_typing, turn.timeline.files_at_hand
    return circumstances(turn.conversation, turn.language, message_id=asked, before_call=wait, files=files)


def _where_to_go_on(turn: _Turn) -> tuple[Definition, dict[str, Any], Any]:
    if turn.flow and turn.decision.subject == turn.flow.open.name:
        if turn.decision.reasons[0].code == "corrects" and turn.flow.corrected is not None:
            return turn.flow.definition, turn.flow.corrected, MISSING
        return turn.flow.definition, turn.flow.state, turn.flow.answer
    definition = active_flows()[turn.decision.subject]
    return definition, _beginning(turn, definition, wishes.own_part(turn.decision, turn.reading)), MISSING


def _beginning(turn: _Turn, definition: Definition, reading: Reading) -> dict[str, Any]:
    customer = turn.conversation.customer
    record = {"email": customer.email, "name": customer.name, "external_id": customer.external_id}
    return {"known": known_slots(definition, reading, turn.timeline, record), "log": []}


def _told(turn: _Turn, definition: Definition, progress: Progress) -> Carried:
    """The flow's texts as one reply, marked with what the turn came to."""
    change = FlowChange(definition, progress)
    text = "\n\n".join(unread(progress.texts, turn.timeline))
    if progress.outcome == "handed_over":
        replies = [Reply(text, actions=progress.notes)] if text else []
        carried = _instead_a_person(turn, progress.handover, *replies, flow=change)
        return replace(carried, wrote=progress.wrote)
    if _above_limit(turn, definition, progress):
        return _too_much(turn, definition, progress)
    fresh = insist(text, turn.timeline, turn.language)
    if fresh is None and not progress.wrote:
        return _instead_a_person(turn, "would_repeat", flow=change)
    text = fresh or stamped(text, turn.timeline, timezone.now())
    decision = replace(turn.decision, kind="ask") if progress.awaits in {"slot", "confirm"} else turn.decision
    choices = progress.choices or _choices(progress.awaits, turn.language)
    if progress.approval:
        text = f"{text}\n\n{when_a_person_looks(turn.situation)}"
    if progress.wrote and (undo := until_when(progress.notes)):
        text, choices = f"{text}\n\n{undo}", (*choices, undo_button())
    if progress.wrote and (where := first_receipt(turn.conversation, progress.notes)):
        text = f"{text}\n\n{where}"
    reply = Reply(text, actions=progress.notes, choices=choices)
    return Carried(decision, (reply,), change, progress.wrote)


def _above_limit(turn: _Turn, definition: Definition, progress: Progress) -> bool:
    if progress.awaits != "confirm":
        return False
    amount = amount_of(open_question(definition, progress.state))
    return turn.policy.above_limit(amount, frozenset(definition.intents)) is not None


def _too_much(turn: _Turn, definition: Definition, progress: Progress) -> Carried:
    """A person decides; so the customer is not asked for a yes that would lead to nothing."""
    change = FlowChange(definition, replace(progress, awaits="", outcome="handed_over"))
    texts = [*progress.texts[:-1], turn.own("above_limit") or ""]
    reply = Reply("\n\n".join(text for text in texts if text), actions=progress.notes)
    carried = _instead_a_person(turn, "above_limit", *([reply] if reply.text else []), flow=change)
    return replace(carried, wrote=progress.wrote)


def _then(turn: _Turn, carried: Carried, later: tuple[dict[str, Any], ...]) -> Carried:
    """The wishes that wait: kept while the flow waits for the customer, taken up once it has ended."""
    change = carried.flow
    if not later or change is None or change.progress is None or carried.decision.kind == "hand_over":
        return carried
    if change.progress.awaits:
        progress = replace(change.progress, state={**change.progress.state, "later": list(later)})
        return replace(carried, flow=replace(change, progress=progress))
    wish, *rest = later
    told = carried.replies[-1]
    definition = active_flows().get(wish["subject"]) if wish["kind"] == "act" else None
    if definition is None:
        left = [(further["words"], further["wish"]) for further in later]
        reply = wishes.joined(told, Reply(wishes.for_a_person(left)))
        return replace(_instead_a_person(turn, "further_wish", reply, flow=change), wrote=carried.wrote)
    state = _beginning(turn, definition, turn.reading)
    state["known"] = wishes.with_own_slots(definition, state["known"], wish)
    following = _played(turn, definition, state, MISSING)
    said = following.replies[-1] if following.replies else Reply("")
    reply = wishes.joined(replace(told, text=f"{told.text}\n\n{wishes.taken_up(wish)}"), said)
    flow = replace(following.flow, before=change) if following.flow else change
    both = replace(following, replies=(reply,), flow=flow, wrote=carried.wrote or following.wrote)
    return _then(turn, both, tuple(rest))


def _open_choices(flow: FlowView, language: str) -> tuple[str, ...]:
    """What may be clicked to answer the open question."""
    listed = flow.question.choices if isinstance(flow.question, Ask) else ()
    return tuple(choice.label[language] for choice in listed) or _choices(flow.open.awaits, language)


def _choices(awaits: str, language: str) -> tuple[str, ...]:
    return yes_no(language) if awaits == "confirm" else ()
