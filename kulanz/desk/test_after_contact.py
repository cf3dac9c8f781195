from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kulanz.desk.after_contact import Matter, do_note_contact, same_matter
from kulanz.desk.after_models import ContactedAgain
from kulanz.desk.conftest import Talk
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation
from kulanz.trust.models import AuditEntry

PARCEL = ("order_status", "my parcel")
matters = st.builds(
    Matter,
    st.frozensets(st.sampled_from(["order_status", "return_item", "invoice_copy"])),
    st.frozensets(st.tuples(st.sampled_from(["order_number", "invoice_number"]), st.sampled_from("123"))),
)


@given(matters, matters)
def test_the_same_matter_is_the_same_both_ways(one: Matter, other: Matter) -> None:
    assert bool(same_matter(one, other)) == bool(same_matter(other, one))
    assert bool(same_matter(one, one)) == bool(one.intents or one.numbers)
    found = same_matter(one, other)
    assert found is None or found[1] in one.intents | {value for _, value in one.numbers}


def test_two_orders_are_two_matters() -> None:
    wish = frozenset({"order_status"})
    first, second = (Matter(wish, frozenset({("order_number", n)})) for n in ("ML-1", "ML-2"))
    assert same_matter(first, second) is None
    assert same_matter(first, Matter(wish)) == ("intent", "order_status")
    assert same_matter(first, Matter(frozenset(), first.numbers)) == ("number", "ML-1")


class Again:
    """One customer with an earlier conversation that was resolved, and a later one."""

    def __init__(self, days: float = 1, resolution: str = "confirmed") -> None:
        self.earlier = self.conversation()
        self.earlier.customer("Where is my parcel of order 1?", intent=PARCEL, order=("ML-1", "order 1"))
        resolved = timezone.now() - timedelta(days=days)
        Conversation.objects.filter(pk=self.earlier.conversation.pk).update(
            status="resolved", resolution=resolution, resolved_at=resolved, subject="order_status"
        )
        self.later = self.conversation()

    @staticmethod
    def conversation() -> Talk:
        talk = Talk()
        claims = Claims(name="Petra", email="petra@example.org")
        talk.conversation = do_open_conversation("web_chat", "en", claims)[0]
        return talk

    def writes(self, text: str, **read: Any) -> str:
        """The customer writes in the later conversation; gives what has become of the earlier one."""
        self.later.customer(text, **read)
        do_note_contact(self.later.conversation)
        return Conversation.objects.get(pk=self.earlier.conversation.pk).resolution


@pytest.mark.django_db
@pytest.mark.parametrize("resolution", ["confirmed", "unconfirmed"])
def test_contact_about_the_same_matter_undoes_the_resolution_once(resolution: str) -> None:
    again = Again(resolution=resolution)
    assert again.writes("my parcel is still not here", intent=PARCEL) == "contacted_again"
    assert again.writes("my parcel, please", intent=PARCEL) == "contacted_again"
    link = ContactedAgain.objects.get()
    assert (link.earlier, link.later) == (again.earlier.conversation, again.later.conversation)
    assert (link.was, link.because, link.detail) == (resolution, "intent", "order_status")
    assert AuditEntry.objects.filter(act="contacted_again").count() == 1


@pytest.mark.django_db
def test_another_order_is_another_matter_even_if_it_turns_out_late() -> None:
    again = Again()
    assert again.writes("where is my parcel", intent=PARCEL) == "contacted_again"
    assert again.writes("it is order 2", order=("ML-2", "order 2")) == "confirmed"
    assert not ContactedAgain.objects.exists()


@pytest.mark.django_db
def test_what_says_nothing_about_the_matter_undoes_nothing() -> None:
    again = Again()
    assert again.writes("Hello there") == "confirmed"
    assert again.writes("I want my invoice", intent=("invoice_copy", "invoice")) == "confirmed"
    solved = {"intent": PARCEL, "signal": ("confirms_success", "has come")}
    assert again.writes("my parcel has come", **solved) == "confirmed"


@pytest.mark.django_db
def test_after_seven_days_it_is_a_new_matter() -> None:
    assert Again(days=7.01).writes("my parcel again", intent=PARCEL) == "confirmed"
    assert Again(days=6.99).writes("my parcel again", intent=PARCEL) == "contacted_again"


@pytest.mark.django_db
def test_somebody_else_with_the_same_matter_undoes_nothing() -> None:
    again = Again()
    again.later.conversation = do_open_conversation("web_chat", "en", Claims(email="tom@example.org"))[0]
    assert again.writes("my parcel of order 1", intent=PARCEL, order=("ML-1", "order 1")) == "confirmed"
