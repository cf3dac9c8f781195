"""Which conversations each list holds, and in which order. The lists are made of open ones but for one: whatever is
counted or sorted here stays small, however much is resolved."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Exists, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from kulanz.accounts.models import User
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Message, Status

LISTS: Final = (
    "waiting", "mine", "unassigned", "promised", "at_risk", "colleagues", "assistant", "open", "resting", "resolved",
)  # fmt: skip
AWAKE: Final = frozenset({"mine", "at_risk", "colleagues", "open"})
"""What rests has left these. One that waits for a person never rests."""
OPEN: Final = (Status.ASSISTANT, Status.WAITING, Status.AGENT)
"""Named one by one: for *not resolved* the database would read them all."""
NEARLY_OVER = timedelta(minutes=30)
"""So long before its end a promise is at risk."""

_URGENT = ("critical", "emergency", "high", "urgent")
_URGENCY = Case(
    When(urgency__in=_URGENT[:2], then=Value(0)),
    When(urgency__in=_URGENT[2:], then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_EMOTION = Case(
    When(emotion="frustrated", then=Value(0)),
    When(emotion__in=["worried", "disappointed"], then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_WORKED_AT = Greatest("updated_at", "rest__until")


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list down: each may be empty. `agent` and `team` are keys, `tag` is a name."""

    channel: str = ""
    language: str = ""
    tag: str = ""
    agent: str = ""
    team: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}

    @property
    def condition(self) -> Q:
        """Conversations may not be joined with their tags here: each is to be counted once."""
        names = {"channel": "channel", "language": "language", "agent": "agent_id"}
        every = Q(**{names[name]: value for name, value in self.chosen.items() if name in names})
        if self.tag:
            every &= Q(pk__in=tagged_with(self.tag))
        if self.team:
            handovers = Handover.objects.filter(team_id=self.team).exclude(state=Handover.State.ENDED)
            every &= Q(pk__in=handovers.values("conversation")) | Q(agent__team_id=self.team)
        return every


def tagged_with(name: str) -> QuerySet[Any, Any]:
    from kulanz.desk.sorting_models import ConversationTag

    return ConversationTag.objects.filter(tag__name__iexact=name).values("conversation")


def conversations(now: datetime) -> QuerySet[Conversation]:
    """Every conversation with its open handover (`held`) and whether it rests."""
    spoke = Message.objects.filter(conversation=OuterRef("pk"), author="customer", seq__gt=OuterRef("rest__seq"))
    states = [Handover.State.WAITING, Handover.State.ACCEPTED]
    held = FilteredRelation("handovers", condition=Q(handovers__state__in=states))
    return Conversation.objects.annotate(held=held).annotate(
        resting=Case(
            When(
                Q(status=Status.AGENT, rest__until__gt=now, held__accepted_at__lte=F("rest__created_at")),
                then=~Exists(spoke),
            ),
            default=Value(False),
        )
    )


def in_list(name: str, agent: User, now: datetime) -> Q:
    """What a conversation must be to stand in this list; an unknown list is the waiting one."""
    return kind_of(name, agent, now) & Q(resting=False) if name in AWAKE else kind_of(name, agent, now)


def kind_of(name: str, agent: User, now: datetime) -> Q:
    """The same, whether it rests or not."""
    people = Q(status__in=[Status.WAITING, Status.AGENT])
    promised = Q(status=Status.WAITING, held__promised_by__isnull=False)
    late = Q(status=Status.WAITING, held__promised_by__lt=now + NEARLY_OVER) | Q(next_due__warn_at__lte=now)
    kinds = {
        "mine": Q(status=Status.AGENT, agent=agent),
        "unassigned": Q(status=Status.WAITING, agent=None),
        "promised": promised & Q(held__promised_by__gte=now),
        "at_risk": people & (late | Q(urgency__in=_URGENT) | Q(emotion="frustrated")),
        "colleagues": Q(status=Status.AGENT) & ~Q(agent=agent),
        "assistant": Q(status=Status.ASSISTANT),
        "open": Q(status__in=OPEN),
        "resting": Q(status=Status.AGENT, resting=True),
        "resolved": Q(status=Status.RESOLVED),
    }
    return kinds.get(name, Q(status=Status.WAITING))


def order_of(name: str) -> tuple[Any, ...]:
    """Who waits: the urgent and angry first, then the longest. What is worked on: the newest change first; the end of a
    rest is one."""
    if name in {"waiting", "unassigned", "at_risk"}:
        return (_URGENCY, _EMOTION, F("held__requested_at").asc(nulls_last=True), "updated_at", "pk")
    if name == "promised":
        return ("held__promised_by", "pk")
    if name == "resting":
        return ("rest__until", "pk")
    if name in {"mine", "colleagues", "open"}:
        return (_WORKED_AT.desc(), "-pk")
    return ("-updated_at", "-pk")
