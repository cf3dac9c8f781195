"""One turn: a customer has written; read, decide, carry out, store and send.

Nothing is locked while the assistant thinks. At the end the conversation's row lock is taken and everything the
turn produced is stored and published in one transaction. If the customer wrote more meanwhile, the half-made
reply is dropped and the turn starts again with all of it; unless an action was done, which must be told.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kulanz.core.asking import let_choose
from kulanz.core.decision import Decision, Reason, Situation, decide, wants_knowledge
from kulanz.core.knowledge import Passage
from kulanz.core.message import Reply
from kulanz.core.policy import Policy
from kulanz.core.reading import Reading, language_of_reply
from kulanz.core.several import asks_terms, words_of
from kulanz.core.timeline import Timeline, last_wish
from kulanz.decision.models import StoredDecision
from kulanz.decision.policies import active_policy
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.desk.stopping import is_stopped
from kulanz.flows.answers import MISSING
from kulanz.flows.models import ActionCall
from kulanz.inbox.conversations import access_conversation, do_reopen
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.knowledge.context import in_context
from kulanz.knowledge.search import search
from kulanz.nlp.vector import LazyVector
from kulanz.settings.logging import logger
from kulanz.trust import audit
from kulanz.turns.acting import do_settle
from kulanz.turns.after import do_after_turn
from kulanz.turns.carry_out import Carried, carry_out
from kulanz.turns.open_flows import OvertakenError, do_store_flow, flow_view, starts
from kulanz.turns.proposing import with_proposal
from kulanz.turns.replies import stamped
from kulanz.turns.screen import Screen
from kulanz.turns.seen import to_json
from kulanz.turns.situation import situation_of
from kulanz.turns.stopped import do_pass_to_people, pass_to_people
from kulanz.understanding.models import StoredReading
from kulanz.understanding.read import read

log = logger(__name__)
MAX_RESTARTS = 8  # then the turn answers what it has; the newer message gets a turn of its own


@dataclass(frozen=True, slots=True)
class Thought:
    """What a turn has come to, before any of it is stored."""

    reading: Reading
    decision: Decision
    carried: Carried
    language: str
    through: int
    milliseconds: float
    seen: dict[str, Any] = field(default_factory=dict)
    """What was decided on, for a replay."""
    proposed: dict[str, Any] = field(default_factory=dict)
    """What came of asking a language model for the answer to a flow's question, for staff alone."""


def customer_turn(conversation_id: UUID) -> Decision | None:
    """Answers what the customer wrote since the last turn. None if there is nothing to answer."""
    for restart in range(MAX_RESTARTS + 1):
        conversation = access_conversation(conversation_id, token=None)
        timeline = load_timeline(conversation)
        if not timeline.unanswered:
            return None
        if is_stopped(conversation.channel) and _sent_through(timeline) is None:
            pass_to_people(conversation_id)
            return None
        timeline = _as_it_was(timeline)
        with Screen(conversation_id, timeline.unanswered[-1].seq) as screen:
            thought = think(conversation, timeline, screen)
            if commit(conversation_id, timeline, thought, last_try=restart == MAX_RESTARTS):
                return thought.decision
        log.info("turn starts again, the customer wrote more", conversation=str(conversation_id))
    raise AssertionError("the last try commits")


def _as_it_was(timeline: Timeline) -> Timeline:
    """Without what came after the message that an action was sent for by a turn which died before it was stored: the
    customer must hear of the action, not that nothing was changed because they said no meanwhile. What came later has
    a turn of its own."""
    through = _sent_through(timeline)
    if through is None:
        return timeline
    return replace(timeline, entries=tuple(entry for entry in timeline.entries if entry.seq <= through))


def _sent_through(timeline: Timeline) -> int | None:
    """The first unanswered message that an action was sent for already."""
    waiting = {entry.id: entry.seq for entry in timeline.unanswered}
    sent = ActionCall.objects.filter(message_id__in=list(waiting), attempts__gte=1).values_list("message_id", flat=True)
    return min((waiting[str(message)] for message in sent), default=None)


def think(conversation: Conversation, timeline: Timeline, screen: Screen | None = None) -> Thought:
    """Read and decide, then prepare the replies, of which `screen` may show a draft. Nothing of the conversation is
    changed; a writing action is the one thing that reaches outside, and it finds itself again by its key."""
    began, screen = time.perf_counter(), screen or Screen(conversation.id, timeline.unanswered[-1].seq)
    text = "\n".join(entry.text for entry in timeline.unanswered)
    vector = LazyVector(text)
    reading = read(text, vector, language_hint=conversation.language, today=timezone.localdate())
    reading = replace(reading, files=tuple(file for entry in timeline.unanswered for file in entry.files))
    flow = flow_view(conversation, reading)
    language = language_of_reply(reading, conversation.language, answers=flow is not None)
    situation = situation_of(conversation, timeline, flow, timezone.now())
    if reading.entities or let_choose(timeline):
        situation = replace(situation, starts=starts(language))
    earlier = [
        entry.text for entry in timeline.entries if entry.author == "customer" and entry.seq <= timeline.answered
    ]
    asked = in_context(reading.text, earlier)
    if (
        flow and flow.answer is MISSING and (flow.open.unknowing or reading.intent is None)
    ):  # "I haven't got it": what they wanted says more
        asked = last_wish(timeline, flow.definition.intents) or asked
    decision, situation = decide_and_look_up(reading, situation, vector, language, asked=asked)
    proposal = with_proposal(decision, reading, situation, flow, conversation, language, screen)
    decision, situation, flow = proposal.decision, proposal.situation, proposal.flow
    policy, __ = active_policy().for_customer(situation.customer)
    carried = carry_out(
        decision, reading, all_passages(situation), conversation, situation, flow, language, policy, screen
    )  # fmt: skip
    through = timeline.unanswered[-1].seq
    milliseconds = (time.perf_counter() - began) * 1000
    seen = to_json(situation, decision, conversation.language)
    return Thought(reading, carried.decision, carried, language, through, milliseconds, seen, proposal.told)


def decide_and_look_up(
    reading: Reading,
    situation: Situation,
    vector: LazyVector,
    language: str,
    policy: Policy | None = None,
    *,
    asked: str = "",
) -> tuple[Decision, Situation]:
    """Decides, and looks into the knowledge only where that could change the decision; returns the situation with what
    was found. `policy` is the active one unless a replay brings its own; passages that the situation holds already
    are not searched again. `asked` is what to search for where the message alone does not say it."""
    policy = policy or active_policy()
    bare = replace(situation, passages=(), wish_passages={})
    decision = decide(reading, bare, policy)
    if not wants_knowledge(decision, reading, bare):
        return decision, bare
    asked = asked or reading.text
    vector = vector if asked == reading.text else LazyVector(asked)
    found = replace(
        bare,
        passages=situation.passages or tuple(search(asked, vector, language)),
        wish_passages=situation.wish_passages or _for_each_wish(reading, bare, language),
    )
    return decide(reading, found, policy), found


def _for_each_wish(reading: Reading, situation: Situation, language: str) -> dict[str, tuple[Passage, ...]]:
    """What the knowledge offers for each of several wishes that no flow solves, or that ask for the terms."""
    if len(reading.wishes) < 2:
        return {}
    asked = (w for w in reading.wishes if w.value not in situation.flows or asks_terms(reading, w))
    parts = {wish.value: words_of(wish) for wish in asked}
    return {wish: tuple(search(text, LazyVector(text), language)) for wish, text in parts.items() if text}


def all_passages(situation: Situation) -> tuple[Passage, ...]:
    """Those for the whole message and for its parts, each once."""
    found = [*situation.passages, *(p for passages in situation.wish_passages.values() for p in passages)]
    return tuple({passage.passage_id: passage for passage in found}.values())


def commit(conversation_id: UUID, timeline: Timeline, thought: Thought, *, last_try: bool) -> bool:
    """Stores and sends everything in one transaction. False if the reply is obsolete and was dropped."""
    try:
        return _commit(conversation_id, timeline, thought, last_try=last_try)
    except OvertakenError:
        if last_try:
            raise
        return False


def _commit(conversation_id: UUID, timeline: Timeline, thought: Thought, *, last_try: bool) -> bool:
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token=None, lock=True)
        if conversation.answered_seq >= thought.through:
            return True  # another worker was faster; nothing is said twice
        if _wrote_more(conversation, timeline, thought) and not thought.carried.wrote and not last_try:
            return False
        if not thought.carried.wrote and is_stopped(conversation.channel):  # pressed while the assistant was thinking
            do_pass_to_people(conversation)
            return True
        if _belongs_to_people(conversation, thought):
            thought = _silenced(thought)
        _store(conversation, timeline, thought)
    return True


def _belongs_to_people(conversation: Conversation, thought: Thought) -> bool:
    """A person holds the conversation or was called. An action that was sent is told all the same, and whoever waits
    may still read what can't wait."""
    if thought.carried.wrote or conversation.status not in {Status.AGENT, Status.WAITING}:
        return False
    return not (conversation.status == Status.WAITING and thought.decision.subject == "careful")


def _wrote_more(conversation: Conversation, timeline: Timeline, thought: Thought) -> bool:
    if conversation.last_seq == timeline.entries[-1].seq:
        return False
    newer = Message.objects.filter(conversation=conversation, author="customer", seq__gt=thought.through)
    return newer.exists()


def _silenced(thought: Thought) -> Thought:
    """A person was called or has come while the assistant was thinking: the assistant keeps its reply to itself."""
    if thought.decision.kind == "stay_silent":
        return thought
    decision = replace(thought.decision, kind="stay_silent", subject="agent", reasons=(Reason("agent_holds"),))
    return replace(thought, decision=decision, carried=Carried(decision, ()))


def _store(conversation: Conversation, timeline: Timeline, thought: Thought) -> None:
    asked = timeline.unanswered[-1].id
    StoredReading.objects.create(message_id=asked, data=thought.reading.to_json())
    do_store_flow(conversation, thought.carried)
    reply = None
    for text in thought.carried.replies:
        reply = _say(conversation, text, decision=thought.decision.kind)
    StoredDecision.objects.create(
        conversation=conversation,
        message_id=asked,
        reply=reply,
        kind=thought.decision.kind,
        data={**thought.decision.to_json(), "seen": thought.seen, **_worded(thought)},
        policy_version=thought.decision.policy_version,
        milliseconds=thought.milliseconds,
    )
    conversation.answered_seq = thought.through
    conversation.language = thought.language
    conversation.emotion = thought.reading.emotion.value
    conversation.urgency = _urgency(conversation, thought)
    if not conversation.subject and (intent := thought.reading.intent):
        conversation.subject = intent.value
    conversation.save(update_fields=["answered_seq", "language", "emotion", "urgency", "subject"])
    if thought.decision.kind == "hand_over":
        _hand_over(conversation, timeline, thought)
    elif thought.decision.reasons[0].code == "confirms_success":
        do_settle(conversation, "confirmed")  # in the customer's own words
        publish_conversation(conversation)
    elif _goes_on(conversation, thought):
        do_reopen(conversation)
        publish_conversation(conversation)
    elif thought.decision.kind == "stay_silent" or conversation.status == Status.WAITING:
        publish_conversation(conversation)  # the agent sees what was understood, and what is due
    do_after_turn(conversation, thought.reading)
    audit.record(
        "assistant", thought.decision.kind, conversation.id,
        subject=thought.decision.subject, policy=thought.decision.policy_version,
    )  # fmt: skip


def _worded(thought: Thought) -> dict[str, Any]:
    """What a language model wrote or proposed, used or refused: for staff and the curator, never for the customer."""
    told = {"worded": list(thought.carried.worded), "proposed": thought.proposed}
    return {name: value for name, value in told.items() if value}


COURTESIES = frozenset({"resolved", "said_before", "thanks", "says_bye", "small_talk", "confirms_success"})
"""What leaves a resolved conversation resolved."""


def _goes_on(conversation: Conversation, thought: Thought) -> bool:
    return conversation.status == Status.RESOLVED and thought.decision.subject not in COURTESIES


URGENCIES = ("low", "normal", "high", "critical")


def _urgency(conversation: Conversation, thought: Thought) -> str:
    """As the words say, or as the policy says for the matter. Whoever waits for a person doesn't lose their place in
    the queue by a "thank you"."""
    tier = active_policy().tier(thought.decision.tier)
    now = tier.urgency if tier and tier.urgency else thought.reading.urgency.value
    waits = conversation.status in {Status.WAITING, Status.AGENT}
    return max(now, conversation.urgency, key=URGENCIES.index) if waits else now


def _say(conversation: Conversation, reply: Reply, decision: str = "") -> Message:
    message = do_append(conversation, reply, decision=decision)
    do_send(conversation.id, conversation.channel, message_json(message))
    return message


def _hand_over(conversation: Conversation, timeline: Timeline, thought: Thought) -> None:
    """The act first, then the sentence about it; the customer can't be told of a handover that did not happen."""
    _, sentence = do_hand_over(conversation, thought.decision.subject, thought.language)
    text = stamped(sentence, timeline, timezone.now())
    explained = bool(thought.carried.replies)  # by the assistant's last words; else by this sentence
    message = _say(conversation, Reply(text, author="system"), decision="" if explained else "hand_over")
    if not explained:
        asked = timeline.unanswered[-1].id
        StoredDecision.objects.filter(message_id=asked).update(reply=message)
    publish_conversation(conversation)


def surrender(conversation_id: UUID) -> None:
    """The turn failed again and again: the customer gets an honest sentence and a person, with nothing lost."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token=None, lock=True)
        timeline = load_timeline(conversation)
        conversation.answered_seq = conversation.last_seq
        conversation.save(update_fields=["answered_seq"])
        if conversation.status in {Status.AGENT, Status.WAITING} or not timeline.unanswered:
            return
        _, sentence = do_hand_over(conversation, "internal_error", conversation.language)
        _say(conversation, Reply(stamped(sentence, timeline, timezone.now()), author="system"))
        publish_conversation(conversation)
        audit.record("system", "surrender", conversation.id)
