"""No sequence of messages reaches a write without its own explicit yes, its level and its limits; and a stored flow
stands where it stood. Flows, words, limits and answers of the back office are generated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.core.flow import Confirm, Definition, Slot
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.flows.action import LEVELS, Action, Level
from kulanz.flows.answers import MISSING, answer_to
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.models import ActionCall
from kulanz.flows.runner import Circumstances, Progress, advance, open_question
from kulanz.inbox.conversations import Claims, do_open_conversation

pytestmark = pytest.mark.django_db
TEXT = {"de": "{order} {amount}", "en": "{order} {amount}"}
SLOTS = {name: Slot(name, "text") for name in ("order", "amount", "note")}
YES = frozenset({"yes", "yes, please"})
WORDS = (*sorted(YES), "no", "hm", "stop", "20", "80", "900", "-5", "NaN", "tausend", "1.234,50", "ML-1", "ML-2")
SIGNALS = {"yes": ("affirms",), "yes, please": ("affirms",), "no": ("denies",), "stop": ("denies", "affirms")}


@dataclass
class Office:
    """Counts what it is made to do. `outcomes` are played in order: done, refused, lost, down."""

    outcomes: list[str] = field(default_factory=list)
    acts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def operation(self, name: str) -> Any:
        return _Operation(self, name)


@dataclass(frozen=True)
class _Operation:
    office: Office
    name: str
    can_look_up = False

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        outcome = self.office.outcomes.pop(0) if self.office.outcomes else "done"
        if outcome == "down":
            raise TransientError(self.name)
        if key:
            self.office.acts.append((self.name, dict(arguments)))
        if outcome == "lost":
            raise OutcomeUnknown(self.name)
        return CallResult("refused" if outcome == "refused" else "done", {"status": outcome, "amount": "80"})

    def look_up(self, key: str) -> CallResult | None:
        raise AssertionError(key)


def steps(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Steps of every kind; nearly every write stands behind its confirmation."""
    inner = steps(depth - 1) if depth else st.just([{"say": TEXT}])
    arguments = st.sampled_from([
        {"order": "{order}", "amount": "{amount}"}, {"order": "{order}", "amount": "{result.amount}"},
        {"order": "fixed", "amount": "20"}, {"order": "{note}"},
    ])  # fmt: skip
    one = st.one_of(
        st.just([{"say": TEXT}]),
        st.sampled_from(sorted(SLOTS)).map(lambda name: [{"ask": name, "text": TEXT, "again": TEXT}]),
        st.just([{"set": {"amount": "{note}"}}]),
        st.builds(lambda then, other: [{"if": "amount == '20'", "then": then, "else": other}], inner, inner),
        st.just([{"call": "read", "with": {"order": "{order}"}}]),
        st.just([{"wait_for": "parcel", "key": "{order}"}]),
        st.builds(
            lambda name, given_, no, lost: [
                {"confirm": TEXT, "again": TEXT, "declined": no},
                {"call": name, "with": given_, "on_unknown": lost, "on_refused": no, "on_repeated": no},
            ],
            st.sampled_from(["pay", "book"]), arguments, inner, inner,
        ),
        st.builds(lambda given_: [{"call": "pay", "with": given_}], arguments),  # the checks of a flow refuse this
        st.just([{"end": "solved"}]),
    )  # fmt: skip
    return st.lists(one, min_size=1, max_size=5).map(lambda parts: [step for part in parts for step in part])


ACTIONS = st.builds(
    lambda level, limit, above, times, about: {
        "pay": {"level": level, "amount": "amount", "at_most": limit, "approve_above": above, "about": about},
        "book": {"level": level, "per_day": times},
        "read": {},
    },
    st.sampled_from(LEVELS), st.sampled_from([None, 50.0, 500.0]), st.sampled_from([None, 10.0, 50.0]),
    st.sampled_from([None, 1, 2]), st.sampled_from([(), ("order",)]),
)  # fmt: skip


def reading(text: str) -> Reading:
    evidence = (Evidence(text, 0, len(text)),)
    return Reading(
        text=text, language=Finding("en", 1.0), intents=(), none_of_them=1.0, rejected=True, entities=(),
        emotion=Finding("neutral", 1.0), urgency=Finding("normal", 1.0),
        signals=tuple(Finding(name, 1.0, evidence) for name in SIGNALS.get(text, ())),
    )  # fmt: skip


@dataclass
class Customer:
    """Plays one flow turn by turn, and knows what was agreed to."""

    definition: Definition
    actions: Mapping[str, Action]
    office: Office
    around: Circumstances
    state: dict[str, Any]
    progress: Progress | None = None
    agreed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def hears(self, text: str, approve: bool) -> None:
        """The next message; while something outside is waited for, it happens."""
        awaits = self.progress.awaits if self.progress else ""
        if self.progress is None:
            self._advance(MISSING)
        elif awaits == "event":
            self._advance({"late": False, "data": {}})
        elif awaits == "approval":
            self._decided(approve)
        else:
            self._answers(text)

    def _answers(self, text: str) -> None:
        question = open_question(self.definition, self.state)
        assert question is not None
        found = answer_to(question, reading(text), self.definition)
        if found is MISSING:
            return
        if isinstance(question, Confirm) and found["value"]:
            assert text in YES, "only an explicit yes is one"
            self.agreed.append((question.call.action, dict(question.call.arguments)))
        self._advance(found)

    def _decided(self, approve: bool) -> None:
        assert self.progress is not None
        assert self.progress.approval is not None
        wish = self.progress.approval
        self.agreed.append((wish.action.name, dict(wish.arguments)))  # the yes that was put before a person
        if approve:
            self._advance(MISSING, approved=wish.key)
        else:
            self._advance({"status": "declined", "data": {}}, approved="another key")

    def _advance(self, answer: Any, approved: str = "") -> None:
        acted = len(self.office.acts)
        try:
            with patch("kulanz.flows.runner.actions", lambda: self.actions):
                around = replace(self.around, approved=approved)
                self.progress = advance(self.definition, self.state, answer, around)
        except (TransientError, PermanentError):
            self._check(self.office.acts[acted:], approved)
            self.agreed.clear()  # nothing happened and the question stands as it stood: a yes is needed again
            return
        self._check(self.office.acts[acted:], approved)
        stored = json.loads(json.dumps(self.progress.state))
        assert open_question(self.definition, stored) == open_question(self.definition, self.progress.state)
        self.state = stored
        self.agreed.clear()

    def _check(self, acts: list[tuple[str, dict[str, Any]]], approved: str) -> None:
        """One yes is good for one act, with the very arguments that were shown, within level and limits."""
        assert len(acts) <= len(self.agreed) <= 1 or not acts
        for name, arguments in acts:
            assert (name, arguments) in self.agreed
            action = self.actions[name]
            assert LEVELS.index(self.around.level) >= LEVELS.index(action.level)
            if action.amount:
                amount = Decimal(str(arguments[action.amount]))
                assert 0 <= amount <= Decimal(action.at_most if action.at_most is not None else 10**10)
                if action.approve_above is not None and amount > Decimal(action.approve_above):
                    assert approved
            if action.per_day is not None:
                assert ActionCall.objects.filter(action=name).count() <= action.per_day

    @property
    def over(self) -> bool:
        return bool(self.progress and self.progress.outcome)


@contextmanager
def fresh() -> Iterator[Any]:
    """A conversation with nothing done before."""
    ActionCall.objects.all().delete()
    yield do_open_conversation("web_chat", "en", Claims(email="petra@example.org"))[0].pk


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=steps(1),
    rules=ACTIONS,
    level=st.sampled_from(LEVELS),
    said=st.lists(st.tuples(st.sampled_from(WORDS), st.booleans()), min_size=1, max_size=12),
    outcomes=st.lists(st.sampled_from(["done", "refused", "lost", "down"]), max_size=4),
    known=st.fixed_dictionaries({}, optional={"order": st.just("ML-1"), "amount": st.sampled_from(WORDS)}),
)
def test_no_sequence_of_messages_reaches_a_write_without_its_own_yes(
    steps: list[dict[str, Any]], rules: dict[str, Any], level: Level, said: list[tuple[str, bool]],
    outcomes: list[str], known: dict[str, str],
) -> None:  # fmt: skip
    office = Office(list(outcomes))
    definition = Definition("generated", "1", TEXT, (), SLOTS, tuple(steps))
    actions = {n: Action(n, office.operation(n), writes=n != "read", **rule) for n, rule in rules.items()}
    with fresh() as conversation:
        around = Circumstances(conversation, "petra@example.org", "en", level)
        customer = Customer(definition, actions, office, around, {"known": known, "log": []})
        for text, approve in [("", False), *said]:
            if customer.over:
                break
            customer.hears(text, approve)
    for call in ActionCall.objects.all():
        assert call.consent in YES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.sampled_from(WORDS), min_size=4, max_size=14), times=st.integers(1, 3))
def test_one_wish_acts_once_in_however_many_conversations_it_is_agreed_to(said: list[str], times: int) -> None:
    """All agree at once to what all were shown before anybody had agreed."""
    office = Office()
    given_ = {"order": "{order}", "amount": "{amount}"}
    steps = ({"confirm": TEXT, "again": TEXT, "declined": [{"end": "declined"}]}, {"call": "pay", "with": given_})
    definition = Definition("generated", "1", TEXT, (), SLOTS, steps)
    actions = {"pay": Action("pay", office.operation("pay"), writes=True, about=("order",))}
    with fresh() as conversation:
        around = Circumstances(conversation, "petra@example.org", "en", "claimed")
        start = {"known": {"order": "ML-1", "amount": "20"}, "log": []}
        customers = [Customer(definition, actions, office, around, dict(start)) for _ in range(times)]
        for customer in customers:
            customer.hears("", approve=False)
        for number, text in enumerate(said):
            customer = customers[number % times]
            if not customer.over:
                customer.hears(text, approve=False)
    agreed = any(customer.progress and customer.progress.outcome == "solved" for customer in customers)
    assert len(office.acts) == int(agreed)
