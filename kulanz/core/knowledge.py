"""What the knowledge room offers for a question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Whom an article is for: what is for agents is never shown to or quoted for customers."""

    CUSTOMERS = "customers"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage found for a question.

    `confidence` is the calibrated chance (0 to 1) that this passage answers the question. `quote` holds the
    sentences that fit best, taken word for word from `text`.
    """

    passage_id: str
    article_id: str
    title: str
    text: str
    quote: str
    language: str
    confidence: float
    score: float
    url: str = ""
