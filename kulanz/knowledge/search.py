"""Search: the passages that may answer a question, best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kulanz.core.knowledge import Audience, Passage
from kulanz.knowledge.candidates import Candidate, clean_question, find_candidates
from kulanz.knowledge.confidence import confidences
from kulanz.knowledge.quote import quote
from kulanz.nlp.vector import LazyVector

LEXICAL = 0.1
"""How much shared words count beside meaning, by how often and where they stand. This and the next three were measured
on the calibration data; values from half to double change recall by less than one point."""
COVERED = 0.1
"""How much the share of the question's words counts that stand in the passage at all, in one language."""
COVERED_ACROSS = 0.2
"""The same across languages: there only names and numbers match, and they mean more."""
ACROSS = 0.06
"""What a passage in another language gets on top: the embedding still favours the question's own language."""


def search(
    question: str,
    vector: LazyVector,
    language: str,
    *,
    audience: Audience = Audience.CUSTOMERS,
    limit: int = 5,
) -> list[Passage]:
    """Up to `limit` passages that `audience` may read today, the best of each article, most fitting first. Of an
    article in several languages only the version in `language` (the customer's, ISO 639-1) is returned, or the best
    one where it is missing.

    `vector` is computed only if the question holds a letter or a digit; without one the result is empty.
    """
    text = clean_question(question)
    if not text:
        return []
    ranked = rank(find_candidates(text, vector.value, language, audience), language)
    chances = confidences(text, ranked, language, limit)
    return [
        _passage(text, candidate, score, chance)
        for (candidate, score), chance in zip(ranked[:limit], chances, strict=False)
    ]


def rank(candidates: Iterable[Candidate], language: str) -> list[tuple[Candidate, float]]:
    """Candidates with their score (about 0 to 1), best first, one of each article and of each key.

    An article scores as its best version does, whichever of them is shown: a customer whose language was mistaken
    still finds it."""
    groups: dict[str, list[tuple[Candidate, float]]] = defaultdict(list)
    for candidate in candidates:
        group = f"key {candidate.key}" if candidate.key else candidate.article_id
        groups[group].append((candidate, score_of(candidate, language)))
    ranked = []
    for members in groups.values():
        shown, _ = max(members, key=lambda member: (member[0].language == language, member[1], member[0].passage_id))
        ranked.append((shown, max(score for _, score in members)))
    return sorted(ranked, key=lambda entry: (-entry[1], entry[0].passage_id))


def score_of(candidate: Candidate, language: str) -> float:
    """Similarity of meaning plus shared words: a weighted sum, because its size, unlike a rank, also says how well
    the passage fits."""
    if candidate.language == language:
        return candidate.meaning + LEXICAL * candidate.lexical + COVERED * candidate.covered
    return candidate.meaning + ACROSS + LEXICAL * candidate.lexical + COVERED_ACROSS * candidate.covered


def _passage(question: str, candidate: Candidate, score: float, chance: float) -> Passage:
    return Passage(
        passage_id=candidate.passage_id,
        article_id=candidate.article_id,
        title=candidate.title,
        text=candidate.text,
        quote=quote(question, candidate.text),
        language=candidate.language,
        confidence=chance,
        score=round(score, 4),
        url=f"/help/{candidate.article_id}",
    )
