"""What the knowledge room offers for a question."""

from __future__ import annotations

from dataclasses import dataclass


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
