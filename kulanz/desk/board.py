"""What a supervisor sees at a glance: who waits, what is at risk, who is there and holds what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Min, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import Role, User
from kulanz.desk.level_models import NextDue
from kulanz.desk.models import Handover
from kulanz.desk.presence import is_there
from kulanz.desk.routing_models import Presence
from kulanz.inbox.models import Conversation, Status

MOST_SHOWN = 20
HELD_SHOWN = 8  # of each agent


@dataclass(frozen=True, slots=True)
class Waiting:
    number: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class AtWork:
    """An agent, how many conversations they hold, how many of these are broken or about to be, and the few that are
    due first."""

    agent: User
    number: int
    late: int
    held: tuple[Conversation, ...]
    presence: str
    """In words: there, busy, or away."""

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.held)


@dataclass(frozen=True, slots=True)
class Share:
    """What became of the conversations that were opened today. `confirmed`: solved by the assistant alone, as the
    customer said; `alone`: with the assistant, or over without that word; `people`: handed over at least once."""

    opened: int
    confirmed: int
    alone: int
    people: int

    def percent(self, part: int) -> int:
        return round(100 * part / self.opened) if self.opened else 0


def waiting() -> Waiting:
    """How many customers wait for a person, and since when the first of them."""
    facts = Handover.objects.filter(state=Handover.State.WAITING).aggregate(
        number=Count("pk"), since=Min("requested_at")
    )
    return Waiting(facts["number"], facts["since"])


def at_risk(now: datetime, agent: User | None = None) -> list[NextDue]:
    """What has passed its warning, the first due in front; with `agent` only what they hold."""
    query = NextDue.objects.filter(warn_at__lte=now).select_related("conversation__customer", "conversation__agent")
    if agent is not None:
        query = query.filter(conversation__agent=agent)
    return list(query.order_by("due_at")[: MOST_SHOWN + 1])


def count_at_risk(now: datetime, agent: User | None = None) -> tuple[int, int]:
    """How many conversations have passed their warning, and how many of these are overdue."""
    query = NextDue.objects.filter(warn_at__lte=now)
    if agent is not None:
        query = query.filter(conversation__agent=agent)
    facts = query.aggregate(every=Count("pk"), late=Count("pk", filter=Q(due_at__lte=now)))
    return facts["every"], facts["late"]


def at_work(now: datetime) -> list[AtWork]:
    """Everybody who serves customers, with what they hold: three queries, however much that is."""
    open_ones = Conversation.objects.filter(status=Status.AGENT).exclude(agent=None)
    facts = open_ones.order_by().values_list("agent").annotate(
        number=Count("pk"), late=Count("pk", filter=Q(next_due__warn_at__lte=now))
    )  # fmt: skip
    numbers = {agent: (number, late) for agent, number, late in facts}
    first = Window(RowNumber(), partition_by=F("agent"), order_by=[F("next_due__due_at").asc(nulls_last=True), "-pk"])
    held: dict[int | None, list[Conversation]] = {}
    shown = open_ones.annotate(place=first).filter(place__lte=HELD_SHOWN).select_related("customer", "next_due")
    for conversation in shown.order_by("agent", "place"):
        held.setdefault(conversation.agent_id, []).append(conversation)
    serves = Q(is_active=True, role__in=(Role.AGENT, Role.SUPERVISOR)) | Q(pk__in=list(numbers))
    people = User.objects.filter(serves).select_related("team", "presence").order_by("name")
    return [
        AtWork(person, *numbers.get(person.pk, (0, 0)), tuple(held.get(person.pk, ())), _presence(person, now))
        for person in people
    ]


def _presence(person: User, now: datetime) -> str:
    known: Presence | None = getattr(person, "presence", None)
    return str(known.get_state_display()) if known and is_there(known, now) else _("not there")


def share_today() -> Share:
    """The assistant's share of what was opened since midnight, local time."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    first = UUID(int=int(midnight.timestamp() * 1000) << 80)  # keys begin with their time: no look at older rows
    today = Conversation.objects.filter(pk__gte=first, created_at__gte=midnight, last_seq__gt=0)
    handed = Handover.objects.filter(conversation__gte=first).values("conversation")
    facts = today.aggregate(
        opened=Count("pk"),
        people=Count("pk", filter=Q(pk__in=handed)),
        confirmed=Count("pk", filter=Q(resolution="confirmed") & ~Q(pk__in=handed)),
    )
    alone = facts["opened"] - facts["people"] - facts["confirmed"]
    return Share(facts["opened"], facts["confirmed"], alone, facts["people"])
