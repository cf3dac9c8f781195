"""A write happens once: against a back office that forgets, repeats itself, and breaks at the worst moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kulanz.core.errors import PermanentError, TransientError
from kulanz.flows.actions import Action
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.calls import do_settle, do_write_call
from kulanz.flows.conftest import PAYMENT, Office, payment, talk, wish
from kulanz.flows.limits import TooOftenError
from kulanz.flows.models import ActionCall, CallStatus

pytestmark = pytest.mark.django_db


def settled(call: ActionCall, action: Action, *, give_up: bool = False) -> list[CallResult]:
    """What a round of settling tells."""
    told: list[CallResult] = []
    do_settle(call, action, resend=not give_up, give_up=give_up, told=told.append)
    return told


def only_call() -> ActionCall:
    return ActionCall.objects.get()


def test_the_same_wish_from_two_conversations_acts_once(office: Office, conversation: UUID) -> None:
    first = do_write_call(wish(payment(office), conversation))
    second = do_write_call(wish(payment(office), talk(), flow="another", consent="ja"))
    assert first == second == CallResult("done", {"payment": "P-1", "paid": "20.00"})
    assert office.acts == {"ML-1": 1}
    assert len(office.requests) == 1


def test_the_same_words_in_another_spelling_are_the_same_wish(office: Office, conversation: UUID) -> None:
    do_write_call(wish(payment(office), conversation))
    spelt = do_write_call(wish(payment(office), conversation, arguments=PAYMENT | {"order": " ml-1"}))
    assert spelt.status == "repeated"
    assert office.acts == {"ML-1": 1}


def test_without_consent_nothing_is_sent_or_stored(office: Office, conversation: UUID) -> None:
    for words in ("", "  "):
        with pytest.raises(PermanentError):
            do_write_call(wish(payment(office), conversation, consent=words))
    assert office.requests == []
    assert not ActionCall.objects.exists()


def test_the_same_wish_with_other_arguments_is_repeated_and_shows_the_first_receipt(
    office: Office, conversation: UUID
) -> None:
    do_write_call(wish(payment(office), conversation))
    again = do_write_call(wish(payment(office), conversation, arguments=PAYMENT | {"amount": "90.00"}))
    assert again == CallResult("repeated", {"payment": "P-1", "paid": "20.00"})
    assert office.acts == {"ML-1": 1}


def test_while_the_outcome_of_other_words_is_unknown_so_is_this_one(office: Office, conversation: UUID) -> None:
    office.faults, office.lookup_faults = ["lose"], ["500"]
    assert do_write_call(wish(payment(office), conversation)).status == "unknown"
    again = do_write_call(wish(payment(office), conversation, arguments=PAYMENT | {"amount": "90.00"}))
    assert again == CallResult("unknown", {})
    assert office.acts == {"ML-1": 1}


def test_what_was_refused_in_other_words_does_not_stand_in_the_way(office: Office, conversation: UUID) -> None:
    office.faults = ["refuse"]
    assert do_write_call(wish(payment(office), conversation)).status == "refused"
    changed = wish(payment(office), conversation, arguments=PAYMENT | {"amount": "10.00"})
    assert do_write_call(changed).data["paid"] == "10.00"
    assert do_write_call(changed).status == "done"  # the turn died after it and plays again
    assert office.acts == {"ML-1": 1}


def test_a_refusal_is_kept_and_not_asked_for_again(office: Office, conversation: UUID) -> None:
    office.faults = ["refuse"]
    for _ in range(2):
        assert do_write_call(wish(payment(office), conversation)) == CallResult(
            "refused", {"http_status": 409, "reason": "no"}
        )
    assert len(office.requests) == 1
    assert do_write_call(wish(payment(office), conversation, occasion=1)).status == "done"


@pytest.mark.parametrize("fault", ["lose", "500 after", "drop", "500", "html"])
@pytest.mark.parametrize("duplicates", ["key", "reference", "none"])
@pytest.mark.parametrize("look_up", [True, False])
def test_whatever_is_lost_nothing_happens_twice(
    office: Office, conversation: UUID, fault: str, duplicates: str, look_up: bool
) -> None:
    action = payment(office, duplicates, look_up=look_up)
    office.dedupes, office.faults = duplicates == "key", [fault]
    outcome = do_write_call(wish(action, conversation)).status
    happened = office.acts.total()
    assert outcome == ("done" if happened and look_up else "unknown")
    again = do_write_call(wish(action, conversation)).status  # the turn died and plays again
    assert office.acts.total() <= 1
    settles = settled(only_call(), action)
    assert office.acts.total() <= 1
    if duplicates == "key":
        assert again == "done"
    if duplicates != "key" and not look_up:
        assert (again, settles, only_call().status) == ("unknown", [], CallStatus.UNKNOWN)
        assert len([r for r in office.requests if r[0] == "POST"]) == 1
    if only_call().status == CallStatus.DONE:
        assert office.acts.total() == 1
        assert only_call().receipt["payment"] == "P-1"


def test_an_office_that_answers_twice_acted_once_by_its_key(office: Office, conversation: UUID) -> None:
    office.faults = ["twice"]
    assert do_write_call(wish(payment(office), conversation)).status == "done"
    assert office.acts == {"ML-1": 1}


def test_a_redirect_after_a_write_says_nothing_about_the_outcome(office: Office, conversation: UUID) -> None:
    office.faults = ["redirect"]
    action = payment(office, "none", look_up=False)
    assert do_write_call(wish(action, conversation)).status == "unknown"
    assert only_call().status == CallStatus.UNKNOWN


def test_an_office_that_can_not_be_reached_has_done_nothing_and_may_be_tried_later(
    office: Office, conversation: UUID
) -> None:
    nobody = payment(office)
    broken = replace(nobody, operation=payment(Office()).operation)
    with pytest.raises((TransientError, PermanentError)):
        do_write_call(wish(broken, conversation))
    assert (only_call().status, only_call().attempts) == (CallStatus.NOT_DONE, 0)
    assert do_write_call(wish(nobody, conversation)).status == "done"
    assert office.acts == {"ML-1": 1}


def test_what_was_never_sent_makes_room_for_other_words(office: Office, conversation: UUID) -> None:
    broken = replace(payment(office), operation=payment(Office()).operation)
    with pytest.raises((TransientError, PermanentError)):
        do_write_call(wish(broken, conversation))
    other = wish(payment(office), conversation, arguments=PAYMENT | {"amount": "7.00"}, consent="yes, seven")
    assert do_write_call(other).data["paid"] == "7.00"
    assert (only_call().consent, only_call().arguments["amount"]) == ("yes, seven", "7.00")
    assert do_write_call(wish(payment(office), conversation)).status == "repeated"
    assert office.acts == {"ML-1": 1}


def test_what_was_undone_meanwhile_is_not_reported_as_done(office: Office, conversation: UUID) -> None:
    do_write_call(wish(payment(office), conversation))
    take_back = replace(payment(office), name="take_back", about=())
    do_write_call(wish(take_back, conversation, arguments={"payment": "P-1"}, undoes=only_call().pk))
    assert do_write_call(wish(payment(office), conversation)).status == "repeated"


def test_a_refused_undoing_can_be_tried_again(office: Office, conversation: UUID) -> None:
    do_write_call(wish(payment(office), conversation))
    done, take_back = only_call(), replace(payment(office), name="take_back", about=())
    office.faults = ["refuse"]
    back = wish(take_back, conversation, arguments={"payment": "P-1"}, undoes=done.pk)
    assert do_write_call(back).status == "refused"
    assert do_write_call(replace(back, occasion=1)).status == "done"


def test_a_write_inside_a_transaction_is_refused(office: Office, conversation: UUID) -> None:
    """A rollback would forget that it was sent."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        do_write_call(wish(payment(office), conversation))
    assert office.requests == []


@pytest.mark.parametrize("give_up", [True, False])
def test_a_look_up_settles_a_lost_answer(office: Office, conversation: UUID, give_up: bool) -> None:
    office.faults, office.lookup_faults = ["lose"], ["500"]
    action = payment(office, "reference")
    assert do_write_call(wish(action, conversation)).status == "unknown"
    assert settled(only_call(), action, give_up=give_up) == [CallResult("done", {"payment": "P-1", "paid": "20.00"})]
    assert settled(only_call(), action) == []
    assert only_call().status == CallStatus.DONE


def test_what_the_office_never_got_is_not_done_after_a_while(office: Office, conversation: UUID) -> None:
    office.faults = ["drop"]
    action = payment(office, "reference")
    assert do_write_call(wish(action, conversation)).status == "unknown"
    assert settled(only_call(), action) == []
    assert settled(only_call(), action, give_up=True) == [CallResult("refused", {})]
    assert only_call().status == CallStatus.NOT_DONE
    assert do_write_call(wish(action, conversation)).status == "refused"  # a late turn does not send it after all
    assert office.acts == {}


def test_after_giving_up_nothing_is_sent_any_more(office: Office, conversation: UUID) -> None:
    office.faults = ["drop"]
    action = payment(office, "key", look_up=False)
    do_write_call(wish(action, conversation))
    assert settled(only_call(), action, give_up=True) == []
    assert len(office.requests) == 1
    assert settled(only_call(), action)[0].status == "done"


def test_an_office_that_is_still_down_settles_nothing(office: Office, conversation: UUID) -> None:
    office.faults, office.lookup_faults = ["lose", "500"], ["500", "drop", "html"]
    action = payment(office)
    do_write_call(wish(action, conversation))
    for _ in range(2):
        assert settled(only_call(), action, give_up=True) == []
    assert only_call().status == CallStatus.UNKNOWN


def test_whoever_can_not_be_told_leaves_the_call_open(office: Office, conversation: UUID) -> None:
    """The outcome and the message about it are stored together: a process that dies in between tells it later."""
    office.faults, office.lookup_faults = ["lose"], ["500"]
    action = payment(office, "reference")
    do_write_call(wish(action, conversation))

    def dies(result: CallResult) -> None:
        raise ConnectionError(result.status)

    with pytest.raises(ConnectionError):
        do_settle(only_call(), action, resend=True, give_up=False, told=dies)
    assert only_call().status == CallStatus.UNKNOWN
    assert settled(only_call(), action)[0].status == "done"


def test_a_slower_worker_does_not_unsettle_what_is_known(office: Office, conversation: UUID) -> None:
    """Its lock went with its connection while the back office kept it waiting."""

    class Slow:
        can_look_up = False

        def send(self, arguments: Any, key: str) -> CallResult:
            ActionCall.objects.update(status=CallStatus.DONE, receipt={"payment": "P-7"})
            return CallResult("unknown", {})

        def look_up(self, key: str) -> CallResult | None:
            raise AssertionError(key)

    action = replace(payment(office), operation=Slow())
    assert do_write_call(wish(action, conversation)) == CallResult("done", {"payment": "P-7"})
    assert only_call().status == CallStatus.DONE


def in_threads(*jobs: Callable[[], Any]) -> list[Any]:
    """The results of jobs that run at the same time, each on a connection of its own; exceptions are results."""
    results: list[Any] = [None] * len(jobs)

    def work(number: int, job: Callable[[], Any]) -> None:
        try:
            results[number] = job()
        except (TooOftenError, TransientError) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("duplicates", ["key", "none"])
def test_two_threads_that_confirm_at_the_same_moment_act_once(
    office: Office, conversation: UUID, duplicates: str
) -> None:
    office.dedupes, office.faults = False, ["hold"]
    action = payment(office, duplicates, look_up=False)

    def second() -> CallResult:
        office.held.wait(20)
        threading.Timer(0.05, office.go.set).start()
        return do_write_call(wish(action, conversation))

    results = in_threads(lambda: do_write_call(wish(action, conversation)), second)
    assert [result.status for result in results] == ["done", "done"]
    assert results[0].data == results[1].data
    assert office.acts == {"ML-1": 1}


@pytest.mark.django_db(transaction=True)
def test_different_wishes_at_the_same_moment_stay_within_the_day(office: Office, conversation: UUID) -> None:
    action = payment(office, per_day=2)
    wishes = [wish(action, conversation, arguments=PAYMENT | {"order": f"ML-{n}"}) for n in range(6)]
    results = in_threads(*(lambda w=w: do_write_call(w) for w in wishes))
    assert sum(isinstance(result, CallResult) for result in results) == 2
    assert sum(isinstance(result, TooOftenError) for result in results) == 4
    assert office.acts.total() == 2
