"""The rules that people set for the assistant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kulanz.core.errors import InvalidInput
from kulanz.core.reading import Evidence, Reading

Leeway = Literal["careful", "answer", "confirm"]
"""What the assistant may do by itself: one careful sentence before a person; answer, but not act; act after the
customer's explicit yes, up to the tier's limit."""
Identity = Literal["none", "claimed", "verified"]


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Who the customer is to us, as far as we really know. `identity` is what they have shown of themselves,
    `conversations` counts the earlier ones, `unresolved` those that ended without help."""

    identity: Identity = "none"
    conversations: int = 0
    unresolved: int = 0
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """Matters of one risk. `words` are regular expressions, letter case ignored; `unless` takes their false alarms
    out of the text before. `limit` is the largest amount of an automatic act; None is no limit. `sentences` maps a
    language to the careful sentences, the first choice first. `even_waiting`: said even while the customer waits for
    a person, because it can't wait. `urgency`: how soon people should look at it, whatever the words say."""

    name: str
    words: tuple[re.Pattern[str], ...]
    leeway: Leeway = "careful"
    intents: frozenset[str] = frozenset()
    limit: float | None = None
    sentences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: tuple[re.Pattern[str], ...] = ()
    even_waiting: bool = False
    urgency: str = ""

    def find(self, text: str) -> tuple[Evidence, ...]:
        """The first words of the text that belong to this tier; offsets hold for `text`."""
        for pattern in self.unless:
            text = pattern.sub(lambda match: " " * len(match.group()), text)
        hits = [found for pattern in self.words if (found := pattern.search(text))]
        if not hits:
            return ()
        first = min(hits, key=lambda found: found.start())
        return (Evidence(first.group(), first.start(), first.end()),)


@dataclass(frozen=True, slots=True)
class Group:
    """Customers for whom other limits hold. Every condition that is set must be true."""

    name: str
    identity: Identity | None = None
    conversations_from: int = 0
    unresolved_from: int = 0
    vip: bool = False
    failed_tries: int | None = None
    limit: float | None = None

    def covers(self, customer: CustomerFacts) -> bool:
        return (
            self.identity in {None, customer.identity}
            and customer.conversations >= self.conversations_from
            and customer.unresolved >= self.unresolved_from
            and (customer.vip or not self.vip)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds are probabilities between 0 and 1."""

    version: str
    answer_from: float
    suggest_from: float
    intent_from: float
    anger_from: float
    failed_tries: int
    questions_in_row: int
    questions: int
    people_only: frozenset[str]
    tiers: tuple[Tier, ...] = ()
    groups: tuple[Group, ...] = ()
    risk_from: float = 0.5
    answer_closed_from: float = 1.0
    """Where no question is left and nobody is there: an answer, marked as unsure, from this chance on."""

    def for_customer(self, customer: CustomerFacts) -> tuple[Policy, str]:
        """The policy as it holds for this customer, and the name of the group that made the difference."""
        group = next((g for g in self.groups if g.covers(customer)), None)
        if group is None:
            return self, ""
        tiers = self.tiers
        if group.limit is not None:
            tiers = tuple(t if t.limit is None else replace(t, limit=group.limit) for t in tiers)
        failed = self.failed_tries if group.failed_tries is None else group.failed_tries
        return replace(self, failed_tries=failed, tiers=tiers), group.name

    def tier(self, name: str) -> Tier | None:
        return next((t for t in self.tiers if t.name == name), None)

    def careful(self, reading: Reading) -> tuple[Tier, tuple[Evidence, ...]] | None:
        """The first tier of careful matters that the message falls under, with the words."""
        risks = {risk.value: risk.evidence for risk in reading.risks if risk.probability >= self.risk_from}
        for tier in self.tiers:
            words = risks.get(tier.name) or tier.find(reading.text)
            if tier.leeway == "careful" and (words or tier.name in risks):
                return tier, words
        return None

    def answers_only(self, intents: frozenset[str], text: str) -> Tier | None:
        """The tier that lets the assistant answer but leaves acts to people."""
        tiers = (t for t in self.tiers if t.leeway == "answer")
        return next((t for t in tiers if t.intents & intents or t.find(text)), None)

    def above_limit(self, amount: float | None, intents: frozenset[str]) -> Tier | None:
        """The tier whose limit an act of this amount exceeds. A tier without intents limits every act."""
        for tier in self.tiers:
            covered = not tier.intents or tier.intents & intents
            if amount is not None and tier.limit is not None and covered and amount > tier.limit:
                return tier
        return None


def policy_from_dict(data: dict[str, Any], version: str) -> Policy:
    """Builds a policy from its file. Raises InvalidInput that names the missing or wrong entry."""
    try:
        policy = _policy(data, version)
    except KeyError as error:
        raise InvalidInput(f"The policy lacks the entry {error}. Add it; docs/policy.md shows a full one.") from error
    except (TypeError, ValueError, AttributeError, re.error) as error:
        raise InvalidInput(f"The policy has an entry of the wrong kind: {error}.") from error
    for name in ("answer_from", "suggest_from", "intent_from", "anger_from", "risk_from", "answer_closed_from"):
        if not 0 <= getattr(policy, name) <= 1:
            raise InvalidInput(f"The policy's threshold {name} must lie between 0 and 1.")
    if policy.questions_in_row > 1 or policy.questions > 2 or policy.failed_tries > 2:
        raise InvalidInput(
            "The policy's limits go beyond what customers are promised: at most questions_in_row: 1, questions: 2 and "
            "failed_tries: 2."
        )
    return policy


def _policy(data: dict[str, Any], version: str) -> Policy:
    limits, thresholds = data["limits"], data["thresholds"]
    suggest = float(thresholds["suggest"])
    return Policy(
        version=version,
        answer_from=float(thresholds["answer"]),
        suggest_from=suggest,
        intent_from=float(thresholds["intent"]),
        anger_from=float(thresholds["anger"]),
        risk_from=float(thresholds.get("risk", 0.5)),
        failed_tries=int(limits["failed_tries"]),
        questions_in_row=int(limits["questions_in_row"]),
        questions=int(limits["questions"]),
        people_only=frozenset(data.get("people_only") or ()),
        tiers=(*_tiers(data.get("tiers") or {}), *_old_matters(data.get("sensitive") or {})),
        groups=tuple(_group(name, entry) for name, entry in (data.get("customers") or {}).items()),
        answer_closed_from=float(thresholds.get("answer_outside_hours", thresholds["answer"])),
    )


def _patterns(words: Any) -> tuple[re.Pattern[str], ...]:
    if isinstance(words, str):
        raise TypeError(f"a list of words is wanted, not the text {words!r}")
    return tuple(re.compile(word, re.IGNORECASE) for word in words or ())


def _old_matters(matters: Mapping[str, Any]) -> tuple[Tier, ...]:
    """`sensitive` as policies had it before the tiers: nothing but words, and a person at once."""
    return tuple(Tier(name, _patterns(words)) for name, words in matters.items())


TIER_ENTRIES = {"words", "unless", "intents", "assistant", "limit", "sentence", "even_waiting", "urgency"}
GROUP_ENTRIES = {"identity", "conversations_from", "unresolved_from", "vip", "failed_tries", "limit"}


def _tiers(tiers: Mapping[str, Any]) -> tuple[Tier, ...]:
    return tuple(_tier(name, entry) for name, entry in tiers.items())


def _tier(name: str, entry: Mapping[str, Any]) -> Tier:
    _check_entries(f"tiers.{name}", entry, TIER_ENTRIES)
    leeway = entry.get("assistant", "careful")
    if leeway not in ("careful", "answer", "confirm"):
        raise ValueError(f"tiers.{name}.assistant must be careful, answer or confirm, not {leeway!r}")
    urgency = entry.get("urgency", "")
    if urgency not in ("", "high", "critical"):
        raise ValueError(f"tiers.{name}.urgency must be high or critical, not {urgency!r}")
    sentences = {
        language: (texts,) if isinstance(texts, str) else tuple(str(text) for text in texts)
        for language, texts in (entry.get("sentence") or {}).items()
    }
    if sentences and not {"de", "en"} <= sentences.keys():
        raise ValueError(f"tiers.{name}.sentence needs both languages, de and en")
    return Tier(
        name=name,
        words=_patterns(entry.get("words")),
        leeway=leeway,
        intents=frozenset(entry.get("intents") or ()),
        limit=None if entry.get("limit") is None else float(entry["limit"]),
        sentences=sentences,
        unless=_patterns(entry.get("unless")),
        even_waiting=bool(entry.get("even_waiting", False)),
        urgency=urgency,
    )


def _group(name: str, entry: Mapping[str, Any]) -> Group:
    _check_entries(f"customers.{name}", entry, GROUP_ENTRIES)
    failed, limit = entry.get("failed_tries"), entry.get("limit")
    if failed is not None and not 1 <= int(failed) <= 2:
        raise ValueError(f"customers.{name}.failed_tries must be 1 or 2")
    if entry.get("identity") not in (None, "none", "claimed", "verified"):
        raise ValueError(f"customers.{name}.identity must be none, claimed or verified")
    return Group(
        name=name,
        identity=entry.get("identity"),
        conversations_from=int(entry.get("conversations_from", 0)),
        unresolved_from=int(entry.get("unresolved_from", 0)),
        vip=bool(entry.get("vip", False)),
        failed_tries=None if failed is None else int(failed),
        limit=None if limit is None else float(limit),
    )


def _check_entries(where: str, entry: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"{where} has the unknown entry {unknown[0]!r}; known are {', '.join(sorted(known))}")
