"""What the demo company is made of: staff, stock, articles, intents and past conversations."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from kulanz.accounts.models import Team, User
from kulanz.core.timeline import fingerprint
from kulanz.demo.past import PastConversation, past_conversations
from kulanz.demo.sign_ins import SIGN_INS
from kulanz.demo.stock import do_stock
from kulanz.demo.vectors import known_vectors
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import token_digest
from kulanz.inbox.models import Conversation, Customer, Message
from kulanz.knowledge.importing import do_import
from kulanz.understanding.importing import do_import_intents
from kulanz.understanding.models import IntentExample, IntentModel
from kulanz.understanding.training import do_train

HERE = Path(__file__).parent
DECISIONS = {"assistant": "answer", "system": ""}


def do_set_up() -> None:
    """Brings the demo company to this version's state; running it again adds nothing."""
    do_seed_staff()
    do_stock()
    vectors = known_vectors()
    do_import([HERE / "articles"], source="musterladen", vectors=vectors)
    if do_import_intents(HERE / "intents.jsonl").added or not IntentModel.objects.filter(active=True).exists():
        texts = IntentExample.objects.values_list("text", flat=True)
        do_train(vectors={text: vectors[text] for text in texts if text in vectors})
    if not Conversation.objects.filter(is_demo=True).exists():
        do_seed_conversations()


def do_seed_staff() -> None:
    team, _ = Team.objects.get_or_create(name="Serviceteam")
    for who in SIGN_INS:
        if not User.objects.filter(email=who.email).exists():
            User.objects.create_user(
                who.email, who.password, name=who.name, role=who.role, team=team, language=who.language, is_demo=True
            )


@transaction.atomic
def do_seed_conversations() -> None:
    """The past, so that the desk is not empty on the first day."""
    agents = list(User.objects.filter(is_demo=True, role="agent").order_by("email"))
    team = Team.objects.first()
    customers: dict[str, Customer] = {}
    conversations, messages, handovers = [], [], []
    for past in past_conversations():
        email = past.customer_email
        customers.setdefault(email, Customer(name=past.customer_name, email=email))
        agent = agents[past.language == "en"] if past.handled_by == "agent" and past.resolution != "open" else None
        conversation = _conversation(past, customers[email], agent)
        conversations.append(conversation)
        messages += _messages(past, conversation, agent)
        if past.handled_by == "agent":
            handovers.append(_handover(conversation, team, agent))
    Customer.objects.bulk_create(customers.values())
    Conversation.objects.bulk_create(conversations)
    Message.objects.bulk_create(messages)
    Handover.objects.bulk_create(handovers)


def _conversation(past: PastConversation, customer: Customer, agent: User | None) -> Conversation:
    began = timezone.now() - timedelta(days=past.days_ago)
    ended = began + timedelta(minutes=past.messages[-1].minutes)
    is_open = past.resolution == "open"
    return Conversation(
        customer=customer,
        channel="web_chat",
        language=past.language,
        token_digest=token_digest(secrets.token_urlsafe(32)),
        status="waiting" if is_open else "resolved",
        agent=agent,
        subject=past.intent,
        emotion=past.emotion,
        answered_seq=len(past.messages),
        last_seq=len(past.messages),
        resolution="" if is_open else past.resolution,
        resolved_at=None if is_open else ended,
        created_at=began,
        updated_at=ended,
        is_demo=True,
    )


def _messages(past: PastConversation, conversation: Conversation, agent: User | None) -> list[Message]:
    return [
        Message(
            conversation=conversation,
            seq=number,
            author=message.author,
            agent=agent if message.author == "agent" else None,
            text=message.text,
            fingerprint="" if message.author == "customer" else fingerprint(message.text),
            created_at=conversation.created_at + timedelta(minutes=message.minutes),
        )
        for number, message in enumerate(past.messages, start=1)
    ]


def _handover(conversation: Conversation, team: Team | None, agent: User | None) -> Handover:
    ended = conversation.resolved_at
    requested = (ended or conversation.updated_at) - timedelta(minutes=2)
    return Handover(
        conversation=conversation,
        reason="anger" if conversation.emotion == "frustrated" else "wish",
        team=team,
        agent=agent,
        state="ended" if ended else "waiting",
        promised_by=requested + timedelta(minutes=30),
        requested_at=requested,
        accepted_at=ended and requested,
        ended_at=ended,
    )
