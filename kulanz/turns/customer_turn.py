"""One turn: a customer has written; read, decide, carry out, store and send.

Nothing is locked while the assistant thinks. At the end the conversation's row lock is taken and everything the
turn produced is stored and published in one transaction. If the customer wrote more meanwhile, the half-made
reply is dropped and the turn starts again with all of it; unless an action was done, which must be told.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kulanz.core.decision import Decision, Reason, Situation, decide
from kulanz.core.knowledge import Passage
from kulanz.core.message import Reply
from kulanz.core.reading import Reading
from kulanz.core.timeline import Holder, Timeline
from kulanz.decision.models import StoredDecision
from kulanz.decision.policies import active_policy
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.flows.models import ActionCall
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.knowledge.search import search
from kulanz.live.publish import conversation_topic, hint
from kulanz.nlp.vector import LazyVector
from kulanz.settings.logging import logger
from kulanz.trust import audit
from kulanz.turns.carry_out import Carried, carry_out
from kulanz.turns.open_flows import do_store_flow, flow_view, flows_by_intent
from kulanz.turns.replies import stamped
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


def customer_turn(conversation_id: UUID) -> Decision | None:
    """Answers what the customer wrote since the last turn. None if there is nothing to answer."""
    for restart in range(MAX_RESTARTS + 1):
        conversation = access_conversation(conversation_id, token=None)
        timeline = load_timeline(conversation)
        if not timeline.unanswered:
            return None
        timeline = _as_it_was(timeline, conversation)
        thought = think(conversation, timeline)
        if commit(conversation_id, timeline, thought, last_try=restart == MAX_RESTARTS):
            return thought.decision
        log.info("turn starts again, the customer wrote more", conversation=str(conversation_id))
    raise AssertionError("the last try commits")


def _as_it_was(timeline: Timeline, conversation: Conversation) -> Timeline:
    """Without what came after an action whose turn died before it was stored: the customer must hear of the action,
    not that nothing was changed because they said no meanwhile. What came later has a turn of its own."""
    since = timeline.unanswered[0].at
    sent = ActionCall.objects.filter(conversation=conversation, created_at__gt=since).order_by("created_at").first()
    if sent is None:
        return timeline
    return replace(timeline, entries=tuple(e for e in timeline.entries if e.at <= sent.created_at))


def think(conversation: Conversation, timeline: Timeline) -> Thought:
    """Read and decide, then prepare the replies. Nothing of the conversation is changed; a writing action is the
    one thing that reaches outside, and it finds itself again by its key."""
    began = time.perf_counter()
    text = "\n".join(entry.text for entry in timeline.unanswered)
    vector = LazyVector(text)
    reading = read(text, vector, language_hint=conversation.language, today=timezone.localdate())
    language = reading.language.value if reading.language.value in {"de", "en"} else conversation.language
    flow = flow_view(conversation, reading)
    holder: Holder = conversation.status  # type: ignore[assignment]
    situation = Situation(timeline, holder, flows_by_intent(), flow.open if flow else None)
    decision, passages = decide_with_knowledge(reading, situation, vector, language)
    carried = carry_out(
        decision, reading, passages, conversation, timeline, flow, language,
        before_call=lambda: hint(conversation_topic(conversation.id), "typing", {"author": "assistant", "on": True}),
    )  # fmt: skip
    through = timeline.unanswered[-1].seq
    milliseconds = (time.perf_counter() - began) * 1000
    return Thought(reading, carried.decision, carried, language, through, milliseconds)


def decide_with_knowledge(
    reading: Reading, situation: Situation, vector: LazyVector, language: str
) -> tuple[Decision, tuple[Passage, ...]]:
    """Decides, and looks into the knowledge only where that could change the decision."""
    policy = active_policy()
    decision = decide(reading, situation, policy)
    undecided = decision.kind == "ask" or decision.subject in {"not_understood", "no_answer", "thanks", "says_bye"}
    if not undecided or (decision.subject in {"greeting", "thanks", "says_bye"} and len(reading.text) < 40):
        return decision, ()
    passages = tuple(search(reading.text, vector, language))
    return decide(reading, replace(situation, passages=passages), policy), passages


def commit(conversation_id: UUID, timeline: Timeline, thought: Thought, *, last_try: bool) -> bool:
    """Stores and sends everything in one transaction. False if the reply is obsolete and was dropped."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token=None, lock=True)
        if conversation.answered_seq >= thought.through:
            return True  # another worker was faster; nothing is said twice
        if _wrote_more(conversation, timeline, thought) and not thought.carried.wrote and not last_try:
            return False
        if conversation.status in {Status.AGENT, Status.WAITING} and not thought.carried.wrote:
            thought = _silenced(thought)
        _store(conversation, timeline, thought)
    return True


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
        data=thought.decision.to_json(),
        policy_version=thought.decision.policy_version,
        milliseconds=thought.milliseconds,
    )
    conversation.answered_seq = thought.through
    conversation.language = thought.language
    conversation.emotion = thought.reading.emotion.value
    conversation.urgency = thought.reading.urgency.value
    if not conversation.subject and (intent := thought.reading.intent):
        conversation.subject = intent.value
    conversation.save(update_fields=["answered_seq", "language", "emotion", "urgency", "subject"])
    if thought.decision.kind == "hand_over":
        _hand_over(conversation, timeline, thought)
    elif thought.decision.kind == "stay_silent":
        publish_conversation(conversation)  # the agent sees what was understood
    audit.record(
        "assistant", thought.decision.kind, conversation.id,
        subject=thought.decision.subject, policy=thought.decision.policy_version,
    )  # fmt: skip


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
