"""The rules that people set for the assistant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kulanz.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SensitiveMatter:
    """A matter that goes to a person at once. `words` are regular expressions, letter case ignored."""

    name: str
    words: tuple[re.Pattern[str], ...]


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
    sensitive: tuple[SensitiveMatter, ...]


def policy_from_dict(data: dict[str, Any], version: str) -> Policy:
    """Builds a policy from its file. Raises InvalidInput that names the missing or wrong entry."""
    try:
        limits, thresholds = data["limits"], data["thresholds"]
        policy = Policy(
            version=version,
            answer_from=float(thresholds["answer"]),
            suggest_from=float(thresholds["suggest"]),
            intent_from=float(thresholds["intent"]),
            anger_from=float(thresholds["anger"]),
            failed_tries=int(limits["failed_tries"]),
            questions_in_row=int(limits["questions_in_row"]),
            questions=int(limits["questions"]),
            people_only=frozenset(data.get("people_only") or ()),
            sensitive=tuple(
                SensitiveMatter(name, tuple(re.compile(w, re.IGNORECASE) for w in words))
                for name, words in (data.get("sensitive") or {}).items()
            ),
        )
    except KeyError as error:
        raise InvalidInput(f"The policy lacks the entry {error}. Add it; docs/policy.md shows a full one.") from error
    except (TypeError, ValueError, re.error) as error:
        raise InvalidInput(f"The policy has an entry of the wrong kind: {error}.") from error
    for name in ("answer_from", "suggest_from", "intent_from", "anger_from"):
        if not 0 <= getattr(policy, name) <= 1:
            raise InvalidInput(f"The policy's threshold {name} must lie between 0 and 1.")
    return policy
