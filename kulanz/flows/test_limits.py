"""What an action may do by itself, and which of two wishes are the same one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kulanz.flows.actions import LEVELS, Level
from kulanz.flows.calls import do_write_call
from kulanz.flows.conftest import PAYMENT, Office, payment, wish
from kulanz.flows.limits import Verdict, verdict
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.repeats import earlier
from kulanz.flows.wish import Wish

pytestmark = pytest.mark.django_db
NOWHERE = Office()
NOBODY = UUID(int=0)


def paying(amount: Any, /, **more: Any) -> Wish:
    """The wish for this amount; nothing is sent."""
    NOWHERE.url = "http://127.0.0.1:1"
    rules: dict[str, Any] = {"amount": "amount", "at_most": 500, "approve_above": 50} | more
    return wish(payment(NOWHERE, **rules), NOBODY, arguments={"order": "ML-1", "amount": amount})


@pytest.mark.parametrize(
    ("amount", "ruled"),
    [
        ("20.00", "free"), (50, "free"), ("50.01", "approval"), (500.0, "approval"), ("500.01", "above_limit"),
        ("20.00 EUR", "free"), (" 20 ", "free"), ("0", "free"), ("-1", "above_limit"), ("-0.01 EUR", "above_limit"),
        (None, "above_limit"), ("", "above_limit"), ("  ", "above_limit"), ("NaN", "above_limit"),
        (float("nan"), "above_limit"), ("Infinity", "above_limit"), (float("-inf"), "above_limit"),
        ("1.234,50 €", "above_limit"), ("1,234.50", "above_limit"), ("tausend", "above_limit"), (True, "above_limit"),
        ("1e400", "above_limit"), (["5"], "above_limit"), ({"value": 5}, "above_limit"), ("€5", "above_limit"),
    ],
)  # fmt: skip
def test_a_sum_that_is_not_known_is_not_small(amount: Any, ruled: Verdict) -> None:
    assert verdict(paying(amount), "anonymous") == ruled


def test_the_amount_may_lie_deeper_in_the_arguments() -> None:
    deep = replace(paying("1", amount="sum.value"), arguments={"order": "ML-1", "sum": {"value": "700"}})
    assert deep.amount == Decimal(700)
    assert verdict(deep, "anonymous") == "above_limit"


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers(), st.none(), st.booleans(), st.decimals()))
def test_only_a_plain_small_number_is_free(amount: Any) -> None:
    small = paying(amount).amount
    free = small is not None and 0 <= small <= 50
    assert (verdict(paying(amount), "anonymous") == "free") is free


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("needed", LEVELS)
def test_who_is_not_known_well_enough_does_nothing(level: Level, needed: Level) -> None:
    ruled = verdict(paying("1", level=needed), level)
    assert ruled == ("free" if LEVELS.index(level) >= LEVELS.index(needed) else "not_verified")


def test_the_limit_of_the_day_counts_what_may_have_happened(office: Office, conversation: UUID) -> None:
    action = payment(office, per_day=2)
    wishes = [wish(action, conversation, arguments=PAYMENT | {"order": f"ML-{n}"}) for n in range(4)]
    office.faults, office.lookup_faults = ["refuse", "", "lose"], ["500"]
    outcomes = [do_write_call(w).status for w in wishes[:3]]
    assert outcomes == ["refused", "done", "unknown"]
    assert verdict(wishes[3], "anonymous") == "too_often"
    assert verdict(wishes[1], "anonymous") == "free"  # its own yes, played again after a crash
    assert verdict(replace(wishes[3], who="anna@example.org"), "anonymous") == "free"
    ActionCall.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert verdict(wishes[3], "anonymous") == "free"


class TestEarlier:
    """Whether a wish was fulfilled before."""

    def test_what_was_done_is_found_by_what_it_is_about(self, office: Office, conversation: UUID) -> None:
        first = wish(payment(office), conversation)
        assert earlier(first).call is None
        do_write_call(first)
        found = earlier(wish(payment(office), conversation, arguments={"order": " ml-1 ", "amount": "7"}, who="other"))
        assert found.call is not None
        assert (found.occasion, found.open, found.call.receipt["payment"]) == (1, False, "P-1")
        assert earlier(wish(payment(office), conversation, arguments=PAYMENT | {"order": "ML-2"})).call is None

    def test_without_about_it_is_the_customer_and_all_arguments(self, office: Office, conversation: UUID) -> None:
        action = payment(office, about=[])
        do_write_call(wish(action, conversation))
        assert earlier(wish(action, conversation, arguments=dict(reversed(PAYMENT.items())))).call is not None
        assert earlier(wish(action, conversation, who="anna@example.org")).call is None
        assert earlier(wish(action, conversation, arguments=PAYMENT | {"amount": "7"})).call is None

    def test_refused_and_then_tried_again(self, office: Office, conversation: UUID) -> None:
        office.faults = ["refuse"]
        do_write_call(wish(payment(office), conversation))
        assert (
            earlier(wish(payment(office), conversation)).occasion,
            earlier(wish(payment(office), conversation)).call,
        ) == (1, None)
        assert do_write_call(wish(payment(office), conversation, occasion=1)).status == "done"

    def test_a_refused_second_time_does_not_hide_the_first(self, office: Office, conversation: UUID) -> None:
        do_write_call(wish(payment(office), conversation))
        office.faults = ["refuse"]
        do_write_call(wish(payment(office), conversation, occasion=1))
        found = earlier(wish(payment(office), conversation))
        assert found.call is not None
        assert (found.occasion, found.call.occasion) == (2, 0)

    def test_undone_and_then_done_again(self, office: Office, conversation: UUID) -> None:
        do_write_call(wish(payment(office), conversation))
        take_back = replace(payment(office, about=[]), name="take_back")
        back = wish(take_back, conversation, arguments={"payment": "P-1"}, undoes=ActionCall.objects.get().pk)
        office.faults = ["refuse"]
        do_write_call(back)
        assert earlier(wish(payment(office), conversation)).call is not None
        do_write_call(replace(back, occasion=1))
        found = earlier(wish(payment(office), conversation))
        assert (found.call, found.occasion) == (None, 1)
        assert do_write_call(wish(payment(office), conversation, occasion=1)).status == "done"
        assert office.acts["ML-1"] == 2

    def test_long_past_wishes_are_new_ones(self, office: Office, conversation: UUID) -> None:
        action = payment(office, same_for="1h")
        do_write_call(wish(action, conversation))
        assert earlier(wish(action, conversation)).call is not None
        ActionCall.objects.update(created_at=timezone.now() - timedelta(minutes=61))
        assert (earlier(wish(action, conversation)).call, earlier(wish(action, conversation)).occasion) == (None, 1)
        assert earlier(wish(payment(office), conversation)).call is not None

    def test_what_is_not_known_yet_is_open_however_old(self, office: Office, conversation: UUID) -> None:
        office.faults, office.lookup_faults = ["lose"], ["500"]
        action = payment(office, same_for="1h")
        do_write_call(wish(action, conversation))
        ActionCall.objects.update(created_at=timezone.now() - timedelta(days=1))
        assert earlier(wish(action, conversation)).open

    def test_what_was_never_sent_has_not_used_up_its_number(self, office: Office, conversation: UUID) -> None:
        do_write_call(wish(payment(office), conversation))
        call = ActionCall.objects.get()
        ActionCall.objects.create(
            key="k", wish=call.wish, occasion=1, conversation_id=conversation, action="pay", arguments={},
            status=CallStatus.NOT_DONE,
        )  # fmt: skip
        found = earlier(wish(payment(office), conversation))
        assert (found.occasion, found.call) == (1, call)
