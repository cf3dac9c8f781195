"""Flows that wait for something outside go on once, whatever is told how often."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput
from kulanz.core.flow import answer
from kulanz.decision.models import StoredDecision
from kulanz.flows.definitions import stored_definition
from kulanz.flows.models import ActionCall, Approval, ApprovalState, FlowRun
from kulanz.flows.runner import advance
from kulanz.flows.waking import do_tell_event
from kulanz.inbox.models import Conversation, Message
from kulanz.turns.conftest import Bank
from kulanz.turns.open_flows import circumstances, do_save
from kulanz.turns.outside import (
    do_announce,
    do_approve,
    do_begin_flow,
    do_change,
    do_expire_approvals,
    do_refuse,
    do_wake_late,
)
from kulanz.turns.resumed_turn import BusyError

pytestmark = pytest.mark.django_db


def says_yes(run: FlowRun) -> FlowRun:
    """The customer agrees to what the flow wants to do."""
    definition = stored_definition(run.flow, run.version)
    around = circumstances(run.conversation, "en")
    do_save(run, advance(definition, run.state, answer(True, said="yes"), around))
    return FlowRun.objects.get(pk=run.pk)


def waiting_for_a_person(bank: Bank, conversation: Conversation, amount: str = "80.00") -> tuple[FlowRun, Approval]:
    run = says_yes(bank.begin("pay_out", conversation, order="ML-1", amount=amount))
    return run, Approval.objects.get(run=run, state="waiting")


class TestEvents:
    """`wait_for` an event, an event that comes early, and the time."""

    def test_the_same_event_twice_wakes_a_flow_once(self, bank: Bank) -> None:
        talk = bank.conversation()
        run = bank.begin("wait_twice", talk, number="7")
        assert run.awaits == "event"
        assert [do_tell_event("parcel", "7", {"place": "Ulm"}) for _ in range(3)] == [1, 0, 0]
        assert bank.run_jobs() == [True]
        assert do_tell_event("parcel", "7", {"place": "Ulm"}) == 0  # its repetition, while the flow waits again
        assert bank.texts(talk) == ["I wait.", "Here: Ulm"]
        assert do_tell_event("parcel", "7", {"place": "Bonn"}) == 1
        bank.run_jobs()
        assert bank.texts(talk)[-1] == "Again: Bonn"
        assert FlowRun.objects.get().outcome == "solved"

    def test_an_event_begins_its_flow_once_in_the_conversation_it_names(self, bank: Bank) -> None:
        talk = bank.conversation()
        data = {"number": "7", "place": "Ulm"}
        assert [do_announce("parcel", "7", data, talk.pk) for _ in range(3)] == [1, 0, 0]
        assert do_announce("other", "7", data, talk.pk) == 0
        bank.run_jobs(2)
        run = FlowRun.objects.get()
        assert (run.flow, run.begun_by, run.state["known"]) == ("wait_twice", "event", {"number": "7"})
        assert bank.texts(talk)[0] == "I wait."

    def test_a_job_that_runs_twice_is_no_second_event(self, bank: Bank) -> None:
        talk = bank.conversation()
        bank.begin("wait_twice", talk, number="7")
        do_tell_event("parcel", "7", {"place": "Ulm"})
        assert bank.run_jobs(times=2) == [True, False]
        assert bank.texts(talk) == ["I wait.", "Here: Ulm"]

    def test_another_key_wakes_nobody(self, bank: Bank) -> None:
        bank.begin("wait_twice", bank.conversation(), number="7")
        assert do_tell_event("parcel", "8", {}) == 0
        assert do_tell_event("letter", "7", {}) == 0
        assert do_tell_event("time", "", {}) == 0
        assert bank.jobs() == []

    def test_an_event_before_the_flow_waits_is_not_lost(self, bank: Bank) -> None:
        talk = bank.conversation()
        assert do_tell_event("parcel", "7", {"place": "Ulm"}) == 0
        bank.begin("wait_twice", talk, number="7")
        assert bank.run_jobs() == [True]
        assert bank.texts(talk) == ["I wait.", "Here: Ulm"]
        assert FlowRun.objects.get().outcome == ""  # the second waiting is for another one

    def test_all_who_wait_for_it_go_on(self, bank: Bank) -> None:
        for _ in range(3):
            bank.begin("wait_twice", bank.conversation(), number="7")
        assert do_tell_event("parcel", "7", {"place": "Ulm"}) == 3
        assert bank.run_jobs() == [True] * 3

    def test_the_time_ends_the_waiting_once_and_not_beside_the_event(self, bank: Bank) -> None:
        talk = bank.conversation()
        run = bank.begin("wait_twice", talk, number="7")
        assert do_wake_late() == 0
        FlowRun.objects.filter(pk=run.pk).update(wakes_at=timezone.now() - timedelta(seconds=1))
        assert [do_wake_late(), do_wake_late()] == [1, 0]
        assert do_tell_event("parcel", "7", {"place": "Ulm"}) == 0
        assert bank.run_jobs() == [True]
        assert bank.texts(talk) == ["I wait.", "Too late."]

    def test_a_stale_event_is_no_news(self, bank: Bank) -> None:
        do_tell_event("parcel", "7", {"place": "Ulm"})
        from kulanz.flows.models import OutsideEvent

        OutsideEvent.objects.update(told_at=timezone.now() - timedelta(days=2))
        bank.begin("wait_twice", bank.conversation(), number="7")
        assert bank.jobs() == []


class TestApprovals:
    """A write above the limit waits for a person."""

    def test_an_approved_write_acts_once(self, bank: Bank) -> None:
        talk = bank.conversation()
        run, approval = waiting_for_a_person(bank, talk)
        assert (run.awaits, bank.office.requests) == ("approval", [])
        do_approve(approval.pk, bank.person)
        with pytest.raises(InvalidInput):
            do_approve(approval.pk, bank.person)
        assert bank.run_jobs(times=2) == [True, False]
        assert bank.office.acts == {"ML-1": 1}
        assert bank.texts(talk)[-1] == "Paid: P-1"
        assert (ActionCall.objects.get().consent, FlowRun.objects.get().outcome) == ("yes", "solved")

    def test_an_approved_write_whose_worker_dies_before_it_is_told_acts_once(self, bank: Bank) -> None:
        talk = bank.conversation()
        run, approval = waiting_for_a_person(bank, talk)
        around = circumstances(talk, "en", approved=approval.key)
        advance(stored_definition(run.flow, run.version), run.state, _missing(), around)
        assert bank.office.acts == {"ML-1": 1}
        do_approve(approval.pk, bank.person)
        assert bank.run_jobs() == [True]
        assert bank.office.acts == {"ML-1": 1}
        assert bank.texts(talk)[-1] == "Paid: P-1"

    @pytest.mark.parametrize("role", [Role.CURATOR, Role.ARCHITECT])
    def test_other_roles_do_not_decide(self, bank: Bank, role: Role) -> None:
        _run, approval = waiting_for_a_person(bank, bank.conversation())
        with pytest.raises(InvalidInput, match="decide"):
            do_approve(approval.pk, User.objects.create_user("other@example.org", "x", name="O", role=role))
        assert bank.office.acts == {}

    def test_nobody_approves_their_own_wish(self, bank: Bank) -> None:
        talk = bank.conversation()
        _run, approval = waiting_for_a_person(bank, talk)
        email = Conversation.objects.get(pk=talk.pk).customer.email
        with pytest.raises(InvalidInput, match="your own"):
            do_approve(approval.pk, User.objects.create_user(email, "x", name="O", role=Role.AGENT))
        assert bank.office.acts == {}

    def test_a_refused_write_is_told_with_its_reason(self, bank: Bank) -> None:
        talk = bank.conversation()
        _, approval = waiting_for_a_person(bank, talk)
        with pytest.raises(InvalidInput):
            do_refuse(approval.pk, bank.person, " ")
        do_refuse(approval.pk, bank.person, "Already paid by mail.")
        assert bank.run_jobs(times=2) == [True, False]
        assert "does not approve it: Already paid by mail.\n\nNot paid." in bank.texts(talk)[-1]
        assert (bank.office.requests, FlowRun.objects.get().outcome) == ([], "refused")

    def test_a_changed_write_is_agreed_to_anew_with_its_new_value(self, bank: Bank) -> None:
        talk = bank.conversation()
        run, approval = waiting_for_a_person(bank, talk)
        with pytest.raises(InvalidInput, match="color"):
            do_change(approval.pk, bank.person, "Half of it.", {"color": "red"})
        do_change(approval.pk, bank.person, "Half of it.", {"amount": "40.00"})
        assert bank.run_jobs(times=2) == [True, False]
        run = FlowRun.objects.get(pk=run.pk)
        assert (run.awaits, bank.office.requests) == ("confirm", [])
        last = Message.objects.filter(conversation=talk).latest("seq")
        assert "Half of it." in last.text
        assert last.text.endswith("Shall I pay 40.00?")
        assert last.choices == ["Yes", "No"]
        assert says_yes(run).outcome == "solved"
        assert ActionCall.objects.get().arguments["amount"] == "40.00"

    def test_a_job_of_an_earlier_decision_decides_nothing_about_a_later_one(self, bank: Bank) -> None:
        talk = bank.conversation()
        run, approval = waiting_for_a_person(bank, talk)
        do_change(approval.pk, bank.person, "Less.", {"amount": "60.00"})
        (job,) = bank.jobs()
        bank.run_jobs()
        assert says_yes(FlowRun.objects.get(pk=run.pk)).awaits == "approval"
        from kulanz.turns.outside import resume_with

        assert not resume_with(UUID(job.pop("run_id")), **job)
        assert Approval.objects.filter(state="waiting").count() == 1

    def test_what_nobody_looked_at_in_time_is_told(self, bank: Bank) -> None:
        talk = bank.conversation()
        _, approval = waiting_for_a_person(bank, talk)
        assert do_expire_approvals() == 0
        Approval.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(InvalidInput):
            do_approve(approval.pk, bank.person)
        assert [do_expire_approvals(), do_expire_approvals()] == [1, 0]
        bank.run_jobs()
        assert "in time, so nothing was changed" in bank.texts(talk)[-1]
        assert bank.office.requests == []

    def test_the_same_wish_in_another_conversation_hears_that_a_person_looks_at_it(self, bank: Bank) -> None:
        waiting_for_a_person(bank, bank.conversation())
        other = bank.conversation()
        run = bank.begin("pay_out", other, order="ML-1", amount="80.00")
        assert run.outcome == "refused"
        assert "a person has been looking at exactly this" in bank.texts(other)[-1]
        assert Approval.objects.count() == 1

    def test_an_approval_of_a_flow_that_is_over_can_not_be_decided(self, bank: Bank) -> None:
        run, approval = waiting_for_a_person(bank, bank.conversation())
        FlowRun.objects.filter(pk=run.pk).update(outcome="left")
        with pytest.raises(InvalidInput):
            do_approve(approval.pk, bank.person)
        assert Approval.objects.get().state == ApprovalState.WAITING

    def test_a_bank_that_is_down_when_it_is_approved_is_tried_again(self, bank: Bank) -> None:
        talk = bank.conversation()
        _, approval = waiting_for_a_person(bank, talk)
        do_approve(approval.pk, bank.person)
        (job,) = bank.jobs()
        bank.office.faults, bank.office.lookup_faults = ["lose"], ["500"]
        assert bank.run_jobs() == [True]
        assert bank.texts(talk)[-2] == "I do not know."
        assert FlowRun.objects.get().outcome == "handed_over"
        assert job["why"] == "approval"


def _missing() -> object:
    from kulanz.flows.answers import MISSING

    return MISSING


class TestResumed:
    """What a flow says without a word of the customer."""

    def test_it_waits_while_the_customer_is_in_another_flow(self, bank: Bank) -> None:
        talk = bank.conversation()
        first = bank.begin("pay_out", talk, order="ML-1", amount="5.00")
        run = do_begin_flow(talk.pk, "pay_out", {"order": "ML-2", "amount": "6.00"}, "agent")
        with pytest.raises(BusyError):
            bank.run_jobs()
        assert FlowRun.objects.get(pk=run.pk).awaits == "event"
        FlowRun.objects.filter(pk=first.pk).update(outcome="left")
        from kulanz.turns.outside import resume_with

        assert resume_with(run.pk, "begun", 0)
        assert bank.texts(talk)[-1] == "Shall I pay 6.00?"

    def test_it_says_why(self, bank: Bank) -> None:
        talk = bank.conversation()
        bank.begin("wait_twice", talk, number="7")
        do_tell_event("parcel", "7", {"place": "Ulm"})
        bank.run_jobs()
        said = Message.objects.filter(conversation=talk).latest("seq")
        made = StoredDecision.objects.get(reply=said)
        assert (made.message, made.data["reasons"][0]["code"]) == (None, "flow_event")

    def test_the_wishes_that_waited_for_its_end_are_not_forgotten(self, bank: Bank) -> None:
        talk = bank.conversation()
        run = bank.begin("wait_twice", talk, number="7")
        later = [{"wish": "invoice_copy", "words": "and my invoice", "kind": "act", "subject": "x", "known": []}]
        run.state["later"] = later
        run.save()
        for place in ("Ulm", "Bonn"):
            do_tell_event("parcel", "7", {"place": place})
            bank.run_jobs()
        assert "and my invoice" in bank.texts(talk)[-1]
