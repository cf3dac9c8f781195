"""Lost answers are cleared up, told once, and never left to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kulanz.core.message import Reply
from kulanz.flows.actions import actions
from kulanz.flows.calls import do_write_call
from kulanz.flows.conftest import wish
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation
from kulanz.turns.conftest import Bank
from kulanz.turns.settling import GIVE_UP, do_settle_open_calls

pytestmark = pytest.mark.django_db


def lost(bank: Bank, talk: Conversation, *, happened: bool = True, answered: bool = True) -> ActionCall:
    """A payment whose answer never came, half a minute ago; `answered` says whether its turn was told."""
    message = do_append(talk, Reply("yes", author="customer"))
    if answered:
        Conversation.objects.filter(pk=talk.pk).update(answered_seq=message.seq)
    bank.office.faults, bank.office.lookup_faults = ["lose" if happened else "drop"], ["500"]
    arguments = {"order": "ML-1", "amount": "5.00"}
    said = do_write_call(wish(actions()["pay"], talk.pk, arguments=arguments, message_id=message.pk))
    assert said.status == "unknown"
    aged(timedelta(seconds=30))
    return ActionCall.objects.get()


def aged(age: timedelta) -> None:
    ActionCall.objects.update(created_at=timezone.now() - age)


def status() -> str:
    return ActionCall.objects.get().status


def test_what_was_done_is_told_once_with_its_receipt(bank: Bank) -> None:
    talk = bank.conversation()
    lost(bank, talk)
    assert [do_settle_open_calls(), do_settle_open_calls()] == [1, 0]
    assert bank.texts(talk) == ["It is clear now: it was done, once. 5.00 paid Receipt: P-1."]
    assert (status(), bank.office.acts) == (CallStatus.DONE, {"ML-1": 1})


def test_what_never_arrived_is_sent_again_under_its_key(bank: Bank) -> None:
    talk = bank.conversation()
    lost(bank, talk, happened=False)
    assert do_settle_open_calls() == 1
    assert (status(), bank.office.acts) == (CallStatus.DONE, {"ML-1": 1})


def test_a_search_that_finds_nothing_is_no_receipt(bank: Bank) -> None:
    talk = bank.conversation()
    lost(bank, talk, happened=False)
    bank.office.lookup_faults = ["empty"]
    assert do_settle_open_calls() == 1
    assert bank.texts(talk) == ["It is clear now: it was done, once. 5.00 paid Receipt: P-1."]
    assert bank.office.acts == {"ML-1": 1}


def test_a_second_sending_that_is_told_to_wait_settles_nothing(bank: Bank) -> None:
    """409 for a key whose first request is still at work says nothing about the outcome."""
    talk = bank.conversation()
    lost(bank, talk)
    bank.office.lookup_faults, bank.office.faults = ["500"], ["refuse"]
    assert do_settle_open_calls() == 0
    assert (status(), bank.texts(talk)) == (CallStatus.UNKNOWN, [])
    assert do_settle_open_calls() == 1
    assert status() == CallStatus.DONE


def test_a_call_that_breaks_the_settling_does_not_stop_the_others(bank: Bank) -> None:
    lost(bank, bank.conversation())
    first = ActionCall.objects.get()
    for number in range(5):
        ActionCall.objects.create(
            key=f"k{number}", wish=str(number) * 40, action="pay", conversation_id=first.conversation_id,
            arguments=["no", "mapping"], attempts=1, status=CallStatus.UNKNOWN,
        )  # fmt: skip
    aged(timedelta(seconds=30))
    assert do_settle_open_calls() == 1
    assert ActionCall.objects.get(pk=first.pk).status == CallStatus.DONE


def test_but_not_after_a_while(bank: Bank) -> None:
    talk = bank.conversation()
    lost(bank, talk, happened=False)
    aged(GIVE_UP + timedelta(seconds=5))
    assert do_settle_open_calls() == 1
    assert bank.texts(talk) == ["It is clear now: it was not done. Nothing was changed."]
    assert (status(), bank.office.acts) == (CallStatus.NOT_DONE, {})


def test_a_call_under_way_is_left_alone(bank: Bank) -> None:
    lost(bank, bank.conversation())
    aged(timedelta(seconds=5))
    assert do_settle_open_calls() == 0


def test_a_turn_that_is_still_to_be_told_tells_it_itself(bank: Bank) -> None:
    talk = bank.conversation()
    lost(bank, talk, answered=False)
    assert do_settle_open_calls() == 0
    assert bank.texts(talk) == []
    aged(GIVE_UP + timedelta(seconds=5))  # no turn takes so long
    assert do_settle_open_calls() == 1


def test_one_that_nobody_can_clear_up_does_not_keep_the_others_waiting(bank: Bank) -> None:
    lost(bank, bank.conversation())
    first = ActionCall.objects.get()
    strange = {"key": "k2", "wish": "a" * 40, "action": "no_such_action", "conversation_id": first.conversation_id}
    older = ActionCall.objects.create(arguments={}, attempts=1, status=CallStatus.UNKNOWN, **strange)
    ActionCall.objects.filter(pk=older.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert do_settle_open_calls() == 1


def test_a_call_whose_turn_was_given_up_goes_to_a_person_once(bank: Bank) -> None:
    """The worker died again and again after it had sent; the bank can't be asked."""
    talk = bank.conversation()
    lost(bank, talk)
    ActionCall.objects.update(status=CallStatus.STARTED)
    bank.office.lookup_faults = ["500"] * 4
    bank.office.faults = ["500"] * 4
    assert [do_settle_open_calls(), do_settle_open_calls()] == [0, 0]
    assert status() == CallStatus.UNKNOWN
    assert Conversation.objects.get(pk=talk.pk).status == "waiting"
    assert len(bank.texts(talk)) == 1
