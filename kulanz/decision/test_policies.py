"""The policy that ships, and what an operator's mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.core.policy import CustomerFacts, Policy
from kulanz.decision.policies import DEFAULT, load_policy


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(DEFAULT)


def test_every_careful_tier_has_a_sentence_in_both_languages(policy: Policy) -> None:
    careful = [tier for tier in policy.tiers if tier.leeway == "careful"]
    assert {tier.name for tier in careful} >= {"self_harm", "death", "health", "threats", "law"}
    for tier in careful:
        for language in ("de", "en"):
            text = " ".join(tier.sentences[language])
            assert text
            assert "!" not in text
    assert "0800 111 0 111" in policy.tier("self_harm").sentences["de"][0]  # type: ignore[union-attr]
    assert "112" in policy.tier("self_harm").sentences["en"][0]  # type: ignore[union-attr]


def test_money_has_a_limit_and_data_are_left_to_people(policy: Policy) -> None:
    assert policy.above_limit(500, frozenset({"cancel_order"})) is None
    assert policy.above_limit(500.01, frozenset({"cancel_order"})).name == "money"  # type: ignore[union-attr]
    assert policy.above_limit(None, frozenset({"cancel_order"})) is None
    assert policy.answers_only(frozenset(), "Bitte löschen Sie alle meine Daten").name == "privacy"  # type: ignore[union-attr]
    assert policy.answers_only(frozenset({"cancel_order"}), "Bitte stornieren") is None


def test_customers_left_without_help_get_a_person_earlier(policy: Policy) -> None:
    assert policy.for_customer(CustomerFacts("claimed", 3, unresolved=1))[0].failed_tries == 1
    held, group = policy.for_customer(CustomerFacts("claimed", 3, unresolved=0))
    assert (held.failed_tries, group) == (2, "")


OLD = """
thresholds: {intent: 0.55, answer: 0.45, suggest: 0.15, anger: 0.6}
limits: {failed_tries: 2, questions_in_row: 1, questions: 2}
people_only: [complaint]
sensitive:
  law: ['\\b(lawyer|anwalt)\\b']
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "policy.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_policy_from_before_the_tiers_still_holds(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, OLD))
    (law,) = policy.tiers
    assert (law.name, law.leeway, law.find("my lawyer")[0].text) == ("law", "careful", "lawyer")
    assert policy.answer_closed_from == policy.answer_from


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("anger: 0.6", "other: 1"), "lacks the entry 'anger'"),
        (("intent: 0.55", "intent: 5"), "between 0 and 1"),
        (("questions: 2", "questions: 3"), "at most"),
        (("failed_tries: 2", "failed_tries: 9"), "at most"),
        (("sensitive:", "tiers: {law: {word: [x]}}\nsensitive:"), "tiers.law has the unknown entry 'word'"),
        (("sensitive:", "tiers: {law: {assistant: never}}\nsensitive:"), "careful, answer or confirm"),
        (("sensitive:", "tiers: {law: {words: x}}\nsensitive:"), "a list of words"),
        (("sensitive:", "tiers: {law: {words: ['(']}}\nsensitive:"), "wrong kind"),
        (("sensitive:", "tiers: {law: {sentence: {de: x}}}\nsensitive:"), "both languages"),
        (("sensitive:", "customers: {all: {failed_tries: 3}}\nsensitive:"), "must be 1 or 2"),
        (("sensitive:", "customers: {all: {patience: 3}}\nsensitive:"), "unknown entry 'patience'"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        load_policy(written(tmp_path, OLD.replace(*change)))
