"""What the demo company is made of: staff, stock, articles, intents and past conversations."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from kulanz.accounts.models import Team, User
from kulanz.core.timeline import fingerprint
from kulanz.demo.past import PastConversation, past_conversations
from kulanz.demo.ready_texts import do_seed_ready_texts
from kulanz.demo.sign_ins import SIGN_INS
from kulanz.demo.stock import do_stock
from kulanz.demo.trials import do_stock_trials
from kulanz.demo.vectors import known_vectors
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import token_digest
from kulanz.inbox.models import Conversation, Customer, Message, Status
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Article, Rating
from kulanz.knowledge.ratings import do_rate
from kulanz.nlp.embedder import reader_name
from kulanz.understanding.importing import do_import_intents
from kulanz.understanding.models import IntentModel
from kulanz.understanding.training import do_activate, do_train, examples_hash

HERE = Path(__file__).parent
WAITING, WITH_AGENTS = 4, 6
UNHELPFUL, NO_AFTER = "double-charge", (35, 41, 50)
"""The article that readers found of no help, and how many days ago each of them said so."""
JUST_NOW = timedelta(minutes=6)


def do_set_up() -> None:
    """Brings the demo company to this version's state; running it again adds nothing."""
    do_seed_staff()
    do_seed_ready_texts()
    do_seed_service()
    if not Conversation.objects.filter(is_demo=True).exists():
        do_seed_conversations()


def do_seed_service() -> None:
    """What the assistant needs to serve: the shop's stock, the articles and the intents."""
    do_stock()
    do_stock_trials()
    do_import([HERE / "articles"], source="musterladen", vectors=known_vectors())
    if do_import_intents(HERE / "intents.jsonl").added or not IntentModel.objects.filter(active=True).exists():
        do_seed_model()


def do_seed_model() -> None:
    """The model that ships with the demo, if it was trained on just these examples for the network in use; else
    trains here and now."""
    manifest = json.loads((HERE / "intents.manifest.json").read_text(encoding="utf-8"))
    if manifest["data_hash"] == examples_hash() and manifest["embedder"] == reader_name():
        do_activate(manifest, (HERE / "intents.npz").read_bytes())
    else:
        do_train()


def do_seed_staff() -> None:
    team, _ = Team.objects.get_or_create(name="Serviceteam")
    hashed = cache(make_password)  # all have the same published one, and hashing is slow by intention
    for who in SIGN_INS:
        if not User.objects.filter(email=who.email).exists():
            User.objects.create(
                email=who.email, password=hashed(who.password), name=who.name, role=who.role, team=team,
                language=who.language, is_demo=True,
            )  # fmt: skip


@transaction.atomic
def do_seed_conversations() -> None:
    """The past, so that the desk is not empty on the first day."""
    agents = list(User.objects.filter(is_demo=True, role="agent").order_by("email"))
    team = Team.objects.first()
    customers: dict[str, Customer] = {}
    conversations, messages, handovers = [], [], []
    open_so_far = 0
    for past in past_conversations():
        customer = customers.setdefault(
            past.customer_email, Customer(name=past.customer_name, email=past.customer_email)
        )
        status = Status.RESOLVED
        if past.resolution == "open":
            status, open_so_far = _standing(open_so_far), open_so_far + 1
        by_agent = past.handled_by == "agent" and status != Status.WAITING
        conversation = _conversation(past, customer, agents[past.language == "en"] if by_agent else None, status)
        conversations.append(conversation)
        messages += _messages(past, conversation)
        if past.handled_by == "agent":
            handovers.append(_handover(conversation, team))
    Customer.objects.bulk_create(customers.values())
    Conversation.objects.bulk_create(conversations)
    Message.objects.bulk_create(messages)
    Handover.objects.bulk_create(handovers)
    _rate_badly()


def _rate_badly() -> None:
    for article in Article.objects.filter(key=UNHELPFUL, language="de"):
        for days in NO_AFTER:
            rating = do_rate(article, 1, secrets.token_hex(16), helpful=False)
            Rating.objects.filter(pk=rating.pk).update(created_at=timezone.now() - timedelta(days=days))


def _standing(number: int) -> Status:
    """A few of the open conversations wait, some are being worked on, the others were answered meanwhile."""
    if number < WAITING:
        return Status.WAITING
    return Status.AGENT if number < WAITING + WITH_AGENTS else Status.RESOLVED


def _conversation(past: PastConversation, customer: Customer, agent: User | None, status: Status) -> Conversation:
    began = timezone.now() - timedelta(days=past.days_ago)
    ended = began + timedelta(minutes=past.messages[-1].minutes)
    if status == Status.WAITING:  # since a few minutes
        began, ended = timezone.now() - (ended - began) - JUST_NOW, timezone.now() - JUST_NOW
    solved = past.resolution if past.resolution != "open" else "unconfirmed"
    return Conversation(
        customer=customer,
        channel="web_chat",
        language=past.language,
        token_digest=token_digest(secrets.token_urlsafe(32)),
        status=status,
        agent=agent,
        subject=past.intent,
        emotion=past.emotion,
        answered_seq=len(past.messages),
        last_seq=len(past.messages),
        resolution=solved if status == Status.RESOLVED else "",
        resolved_at=ended if status == Status.RESOLVED else None,
        created_at=began,
        updated_at=ended,
        is_demo=True,
    )


def _messages(past: PastConversation, conversation: Conversation) -> list[Message]:
    return [
        Message(
            conversation=conversation,
            seq=number,
            author=message.author,
            agent=conversation.agent if message.author == "agent" else None,
            text=message.text,
            fingerprint="" if message.author == "customer" else fingerprint(message.text),
            created_at=conversation.created_at + timedelta(minutes=message.minutes),
        )
        for number, message in enumerate(past.messages, start=1)
    ]


def _handover(conversation: Conversation, team: Team | None) -> Handover:
    requested = conversation.updated_at - timedelta(minutes=2)
    states = {Status.WAITING: "waiting", Status.AGENT: "accepted", Status.RESOLVED: "ended"}
    return Handover(
        conversation=conversation,
        reason="anger" if conversation.emotion == "frustrated" else "wish",
        team=team,
        agent=conversation.agent,
        state=states[Status(conversation.status)],
        promised_by=requested + timedelta(minutes=30),
        requested_at=requested,
        accepted_at=None if conversation.status == Status.WAITING else requested,
        ended_at=conversation.resolved_at,
    )
