"""Wishes that are fulfilled once, taken back, and approved by people: with the demo company's flows and back office."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory
from procrastinate.contrib.django.models import ProcrastinateJob

from kulanz.accounts.models import User
from kulanz.demo.models import ShopRefund, ShopSubscription
from kulanz.flows.models import ActionCall, Approval, FlowRun
from kulanz.inbox.conversations import Claims
from kulanz.turns.outside import do_approve, do_change, do_refuse, resume_with
from kulanz.web import receipts
from tests.journeys.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)
ANNA = Claims(name="Anna Beispiel", email="anna.beispiel@example.com", external_id="K-10001")


def paused(language: str = "de") -> Chat:
    """A conversation in which a subscription was paused."""
    chat = Chat(language, ANNA)
    lines = {
        "de": ("Ich möchte mein Kaffee-Abo pausieren", "4 Wochen", "ja"),
        "en": ("I would like to pause my coffee subscription", "4 weeks", "yes"),
    }
    for line in lines[language]:
        chat.say(line)
    assert status() == "paused"
    return chat


def status() -> str:
    return ShopSubscription.objects.get(number="KA-2001").status


def token_of(chat: Chat) -> str:
    """The key to the receipts, from the address that the chat shows."""
    found = re.search(r"https?://[^/]+/receipts/(\S+)/", chat.replies()[-1].text)
    assert found
    return found[1]


def nora() -> User:
    return User.objects.create_user("nora@musterladen.example", name="Nora")


def go_on() -> None:
    """What the queue's worker would do now for flows that go on."""
    for job in ProcrastinateJob.objects.filter(task_name="resume_flow", status="todo").order_by("id"):
        if FlowRun.objects.filter(pk=job.args["run_id"]).exists():  # not one that another test has left behind
            resume_with(**job.args)


@pytest.mark.usefixtures("musterladen")
class TestWithMusterladen:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("de", "Das bitte wieder rückgängig machen"), ("de", "Rückgängig machen"), ("en", "please undo that")],
    )
    def test_one_sentence_takes_it_back_once(self, language: str, words: str) -> None:
        chat = paused(language)
        assert chat.replies()[-1].choices == ["Rückgängig machen" if language == "de" else "Undo this"]
        assert chat.say(words)[0] == "act"
        assert status() == "active"
        assert chat.say(words)[0] == "answer"
        done = ActionCall.objects.get(undoes__isnull=False)
        assert (done.action, done.status, done.consent) == ("resume_subscription", "done", words)

    def test_who_only_asks_is_asked_first(self) -> None:
        chat = paused()
        kind, _ = chat.say("Könnte man das theoretisch rückgängig machen?")
        assert (kind, status()) == ("ask", "paused")
        assert chat.say(chat.replies()[-1].choices[0])[0] == "act"
        assert status() == "active"

    def test_the_page_of_receipts_takes_it_back_once(self, settings: Any) -> None:
        chat = paused()
        token, call = token_of(chat), ActionCall.objects.get()
        settings.ROOT_URLCONF = "kulanz.web.urls"  # the shop's own server has its addresses already
        shown = receipts.receipts(RequestFactory().get("/"), token)
        assert "KA-2001" in shown.content.decode()
        assert shown["Cache-Control"] == "no-store"
        for _ in "twice":
            settings.ROOT_URLCONF = "kulanz.demo.urls"
            assert receipts.undo(RequestFactory().post("/"), token, call.pk).status_code in {302, 409}
        assert status() == "active"
        assert ActionCall.objects.filter(undoes=call).count() == 1
        assert chat.replies()[-1].author == "system"
        settings.ROOT_URLCONF = "kulanz.web.urls"
        assert "rückgängig gemacht" in receipts.receipts(RequestFactory().get("/"), token).content.decode()

    def test_nobody_elses_receipts(self) -> None:
        token, other = token_of(paused()), Chat("de", ANNA)
        call = ActionCall.objects.get()
        forged = token.replace(str(call.conversation_id), str(other.conversation.id))
        with pytest.raises(Http404):
            receipts.receipts(RequestFactory().get("/"), forged)
        with pytest.raises(Http404):
            receipts.undo(RequestFactory().post("/"), forged, call.pk)

    def test_an_amount_above_the_limit_waits_for_a_person_and_is_done_once(self) -> None:
        chat = self.wants_refund("30 Euro")
        approval = Approval.objects.get()
        assert (approval.amount, approval.consent) == (Decimal("30.00"), "ja")
        assert not ShopRefund.objects.filter(amount=30).exists()
        do_approve(approval.pk, nora())
        go_on()
        go_on()
        assert ShopRefund.objects.filter(amount=30).count() == 1
        assert "30,00" in chat.replies()[-1].text
        assert FlowRun.objects.get(flow="refund").outcome == "solved"

    def test_a_refusal_is_told_with_its_reason(self) -> None:
        chat = self.wants_refund("30 Euro")
        do_refuse(Approval.objects.get().pk, nora(), "Schon ersetzt.")
        go_on()
        assert "Schon ersetzt." in chat.replies()[-1].text
        assert not ShopRefund.objects.filter(amount=30).exists()

    def test_a_changed_amount_needs_a_new_yes(self) -> None:
        chat = self.wants_refund("30 Euro")
        do_change(Approval.objects.get().pk, nora(), "15 Euro sind üblich.", {"amount": "15.00 EUR"})
        go_on()
        assert "15 Euro sind üblich." in chat.replies()[-1].text
        assert "15,00" in chat.replies()[-1].text
        assert not ShopRefund.objects.filter(amount__in=[15, 30]).exists()
        assert chat.say("ja, einverstanden")[0] == "act"
        assert ShopRefund.objects.filter(amount=15).count() == 1

    def test_the_same_wish_in_a_second_conversation_is_told_and_done_again_only_explicitly(self) -> None:
        self.wants_refund("10 Euro")
        assert ShopRefund.objects.filter(amount=10).count() == 1
        again = self.wants_refund("10 Euro", agrees=False)
        assert "schon erledigt" in again.replies()[-1].text
        assert again.say("nein danke")[0] == "act"
        assert ShopRefund.objects.filter(amount=10).count() == 1

    def wants_refund(self, amount: str, *, agrees: bool = True) -> Chat:
        chat = Chat("de", ANNA)
        for line in (
            "Ich möchte für die Bestellung ML-10111 einen Teil des Geldes zurück", "Kam zu spät",
            "Das Paket kam neun Tage zu spät an.", amount, *(["ja"] if agrees else []),
        ):  # fmt: skip
            kind, text = chat.say(line)
            print(">", line, "->", kind, text)
        return chat
