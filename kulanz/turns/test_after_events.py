"""Whatever happens in whatever order: a handover that is over stays over, and nobody is told what is not so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.message import InboundMessage
from kulanz.desk.after_models import LateNotice
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.receive import receive
from kulanz.turns import agent_turn
from kulanz.turns.after_late import do_tell_late
from kulanz.turns.after_rating import do_give_feedback
from kulanz.turns.customer_turn import customer_turn

START = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
TAKES = {"person", "not_solved", "accept", "reply"}
WORDS = {"thanks", "ok"}  # said again and again to the assistant, even they bring a person
EVENTS = (
    "person", "thanks", "ok", "accept", "reply", "resolve", "give_back", "solved", "not_solved", "good", "late", "work",
)  # fmt: skip


class World:
    """One conversation in which things happen, half an hour apart."""

    def __init__(self) -> None:
        self.conversation, self.token = do_open_conversation("web_chat", "en", Claims())
        self.id = self.conversation.pk
        self.mia, _ = User.objects.get_or_create(email="mia@example.org", defaults={"name": "Mia"})
        self.at = START

    def happen(self, event: str) -> None:
        self.at += timedelta(minutes=30)
        acts: dict[str, Callable[[], object]] = {
            "person": lambda: agent_turn.do_request_person(self.id, self.token),
            "thanks": lambda: self.write("Thank you!"),
            "ok": lambda: self.write("ok"),
            "accept": lambda: agent_turn.do_accept(self.id, self.mia),
            "reply": lambda: agent_turn.do_reply(self.id, self.mia, "Here it is.", uuid4().hex),
            "resolve": lambda: agent_turn.do_resolve(self.id, self.mia),
            "give_back": lambda: agent_turn.do_give_back(self.id, self.mia),
            "solved": lambda: do_give_feedback(self.id, self.token, solved=True),
            "not_solved": lambda: do_give_feedback(self.id, self.token, solved=False),
            "good": lambda: do_give_feedback(self.id, self.token, helpful=True),
            "late": lambda: do_tell_late(self.at),
            "work": lambda: customer_turn(self.id),  # a job that comes once more
        }
        with patch("django.utils.timezone.now", return_value=self.at):
            try:
                acts[event]()
            except InvalidInput as refused:
                assert event == "good", refused

    def write(self, text: str) -> None:
        receive(InboundMessage(str(self.id), uuid4().hex, text), self.token)
        customer_turn(self.id)

    def now(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def handovers(self) -> list[Handover]:
        return list(Handover.objects.filter(conversation=self.id).order_by("requested_at"))

    def said(self, author: str) -> int:
        return Message.objects.filter(conversation=self.id, author=author).count()


@pytest.mark.django_db
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(EVENTS), min_size=3, max_size=9))
def test_a_closed_matter_never_triggers_an_old_handover_again(events: list[str]) -> None:
    world = World()
    for event in events:
        before, handovers = world.now(), world.handovers()
        by_assistant, notices = (
            world.said("assistant"),
            LateNotice.objects.filter(handover__conversation=world.id).count(),
        )
        world.happen(event)
        after, now = world.now(), world.handovers()
        still_open = [h for h in now if h.state != "ended"]
        assert bool(still_open) == (after.status in {"waiting", "agent"})
        assert len(still_open) <= 1
        ended = {h.pk for h in handovers if h.state == "ended"}
        assert all(h.state == "ended" for h in now if h.pk in ended)  # what is over stays over
        if len(now) > len(handovers):
            assert event in (TAKES if before.status == "resolved" else TAKES | WORDS)  # a new one has a new cause
        if before.status in {"waiting", "agent"} and after.status == before.status:
            assert world.said("assistant") == by_assistant  # people have it
        told = LateNotice.objects.filter(handover__conversation=world.id).count() - notices
        assert told <= (1 if event == "late" and before.status in {"waiting", "agent"} else 0)
        assert (after.resolution != "") == (after.status == "resolved")
    assert LateNotice.objects.filter(handover__conversation=world.id).count() <= len(world.handovers())
