"""What people do to teach the assistant: an agent corrects a reading, a curator asks for a training."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.reading import Reading, reading_from_json
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import load_timeline
from kulanz.inbox.models import Conversation
from kulanz.trust.audit import record
from kulanz.turns.lessons import Lesson, lessons_of
from kulanz.understanding.emotion import EMOTIONS
from kulanz.understanding.entities import find_entities
from kulanz.understanding.examples import do_add, intent_names
from kulanz.understanding.masking import mask
from kulanz.understanding.models import MAX_EXAMPLE, ExampleProposal, StoredReading, TrainingRun
from kulanz.understanding.proposals import do_propose

TRAIN = "train_candidate"
LOOK_THROUGH = "look_through_conversations"
Kind = ExampleProposal.Kind


def do_correct_reading(
    conversation_id: UUID, reading_id: UUID, agent: User, *, intent: str = "", emotion: str = ""
) -> list[ExampleProposal]:
    """An agent says what a message really meant; what they leave empty or as it was read proposes nothing.

    The stored reading stays as it was: the assistant decided on it. `intent` is a known one or `oos` (none of them).
    Raises InvalidInput, and NotFound for a reading of another conversation.
    """
    if emotion and emotion not in EMOTIONS:
        raise InvalidInput(_("Please choose one of the emotions."))
    if intent and intent not in {"oos", *intent_names()}:
        raise InvalidInput(_("Please choose one of the intents."))
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None)
        stored = StoredReading.objects.filter(pk=reading_id, message__conversation_id=conversation_id).first()
        if stored is None:
            raise NotFound(_("There is no such reading in this conversation."))
        reading = reading_from_json(stored.data)
        read_as = reading.intent.value if reading.intent else ""
        wanted = []
        if intent and intent != (read_as or "oos"):
            wanted.append((Kind.INTENT, read_as, intent))
        if emotion and emotion != reading.emotion.value:
            wanted.append((Kind.EMOTION, reading.emotion.value, emotion))
        text, actor = masked(reading, conversation), f"agent:{agent.pk}"
        made = [
            do_propose(
                stored.message_id, kind, text, actor=actor, language=reading.language.value, read_as=before,
                suggested=after, reason="corrected",
            )
            for kind, before, after in wanted
        ]  # fmt: skip
        if wanted:
            record(actor, "corrected_reading", conversation.pk, reading=str(reading_id), intent=intent, emotion=emotion)
            request_look()
    return [proposal for proposal in made if proposal]


def masked(reading: Reading, conversation: Conversation) -> str:
    """The words of a reading without what points to a person: numbers, addresses, the customer's own name."""
    return mask(reading.text, find_entities(reading.text), (conversation.customer.name,))


def do_learn_from(conversation_id: UUID) -> int:
    """Proposes what a conversation shows about its own readings; again adds nothing. Returns how many are new."""
    conversation = access_conversation(conversation_id, None)
    return sum(_propose(conversation, lesson) for lesson in lessons_of(load_timeline(conversation)))


def _propose(conversation: Conversation, lesson: Lesson) -> bool:
    text = mask(lesson.text, find_entities(lesson.text), (conversation.customer.name,))
    return bool(
        do_propose(
            UUID(lesson.message_id), Kind.INTENT, text, actor="system", language=lesson.language,
            read_as=lesson.read_as, suggested=lesson.suggested, reason=lesson.reason,
        )
    )  # fmt: skip


def do_teach_rejected(reading_ids: Sequence[UUID], actor: str, intent: str) -> int:
    """Makes examples of rejected messages, masked, as a curator's own act. Returns how many are new."""
    rows = StoredReading.objects.filter(pk__in=reading_ids).select_related("message__conversation__customer")
    texts: dict[str, list[str]] = {}
    for row in rows:
        reading = reading_from_json(row.data)
        text = masked(reading, row.message.conversation)[:MAX_EXAMPLE]
        texts.setdefault(reading.language.value, []).append(text)
    with transaction.atomic():
        return sum(do_add(actor, intent, found, language, "proposal") for language, found in texts.items())


def do_request_training(curator: User) -> TrainingRun:
    """Puts a training in the queue. One that waits or runs already is returned instead: nobody needs two."""
    with transaction.atomic():
        states = [TrainingRun.State.WAITING, TrainingRun.State.RUNNING]
        running = TrainingRun.objects.select_for_update().filter(state__in=states).order_by("-pk").first()
        if running:
            return running
        run = TrainingRun.objects.create(requested_by=f"agent:{curator.pk}")
        app.configure_task(TRAIN, queue="training", lock=TRAIN).defer(run_id=run.pk)
        record(f"agent:{curator.pk}", "requested_training", None, run=run.pk)
    return run


def request_look() -> None:
    """Puts a look through the newest conversations in the queue, unless one waits there already."""
    try:
        with transaction.atomic():  # the refusal of a second one must not end the caller's transaction
            app.configure_task(LOOK_THROUGH, queue="training", queueing_lock=LOOK_THROUGH).defer(timestamp=0)
    except AlreadyEnqueued:
        return
