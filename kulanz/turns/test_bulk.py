"""One act on several conversations."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, Team, User
from kulanz.core.message import Reply
from kulanz.desk.models import Handover
from kulanz.desk.sorting_models import ConversationTag, Rest
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Status
from kulanz.turns import bulk
from kulanz.turns.agent_turn import do_accept, do_request_person

pytestmark = pytest.mark.django_db


def agent(name: str, role: str = Role.AGENT) -> User:
    return User.objects.create_user(f"{name}@example.org", name=name, role=role)


def waiting(name: str, holder: User | None = None) -> UUID:
    conversation, token = do_open_conversation("web_chat", "en", Claims(name=name))
    do_append(conversation, Reply("Where is my parcel?", author="customer"))
    do_request_person(conversation.pk, token)
    if holder:
        do_accept(conversation.pk, holder)
    return conversation.pk


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_what_colleagues_hold_is_left_alone_and_the_rest_is_done(role: str) -> None:
    mia, tom = agent("mia", role), agent("tom")
    free, toms = [waiting("a"), waiting("b")], waiting("c", tom)
    outcome = bulk.do_in_bulk([*free, toms, free[0], uuid4()], mia, bulk.accepting(mia))
    assert (outcome.done, outcome.held, outcome.gone, outcome.refused) == (2, 1, 1, 0)
    assert set(Conversation.objects.filter(agent=mia).values_list("pk", flat=True)) == set(free)
    assert bulk.do_in_bulk([*free, toms], mia, bulk.resolving(mia)).done == 2
    assert set(Conversation.objects.filter(status=Status.RESOLVED).values_list("pk", flat=True)) == set(free)


def test_one_that_is_refused_holds_up_no_other_and_says_why() -> None:
    mia = agent("mia")
    mine, free = waiting("a", mia), waiting("b")
    outcome = bulk.do_in_bulk([free, mine], mia, bulk.letting_rest(mia, timezone.now() + timedelta(hours=2)))
    assert (outcome.done, outcome.refused, bool(outcome.why)) == (1, 1, True)
    assert Rest.objects.get().conversation_id == mine


def test_tags_go_on_whoever_holds_them_and_a_team_gets_what_is_passed_on() -> None:
    mia, tom, team = agent("mia"), agent("tom"), Team.objects.create(name="Returns")
    mine, toms = waiting("a", mia), waiting("b", tom)
    assert bulk.do_in_bulk([mine, toms], mia, bulk.tagging(mia, "VIP"), whoever_holds=True).done == 2
    assert ConversationTag.objects.filter(tag__name="VIP").count() == 2
    outcome = bulk.do_in_bulk([mine, toms], mia, bulk.passing_to(mia, team))
    assert (outcome.done, outcome.held) == (1, 1)
    assert Handover.objects.get(conversation=mine, state=Handover.State.WAITING).team == team
