"""Words of a question that no passage knows, read as known ones: slips of the finger and German compounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kulanz.knowledge.compounds import COMPOUNDS
from kulanz.knowledge.words import dictionary

SHORTEST = 5
"""Letters of a word that may be misspelt; shorter ones are too often another word."""
LONG = 8
"""From here on two slips are allowed, below one."""
LEAST_PART = 4
"""Letters of a part of a compound."""
MOST_WORDS = 12
"""Unknown words looked up; more are no question, but a text."""

_WORD = re.compile(r"[^\W\d_]+")
_LINKS = ("", "s", "es", "n", "en", "er")

_STEMS = f"""
select w, l.lexeme from unnest(%(words)s::text[]) w
cross join lateral unnest(to_tsvector(%(dictionary)s::regconfig, w)) l
where not exists (
    select from knowledge_lexeme s where s.dictionary = %(dictionary)s and s.word = l.lexeme
) and (
    %(dictionary)s <> 'german' or (select c.words from ({COMPOUNDS.format(stem="l.lexeme")}) c) is null
)
"""  # noqa: S608 - only constants are filled in here
_LIKE = """
select s.word from unnest(%(starts)s::text[]) b
join knowledge_lexeme s on s.dictionary = %(dictionary)s and s.word >= b and s.word < b || U&'\\FFFD'
"""
_PARTS = """
select p.part, s.word, s.passages from (
    select part, coalesce((ts_lexize('german_stem', part))[1], part) as stem from unnest(%(parts)s::text[]) part
) p join knowledge_lexeme s on s.dictionary = 'german' and s.word in (p.stem, p.part)
"""


def known_words(question: str, language: str) -> str:
    """`question` with each word that occurs in no passage of `language`, nor in a compound, replaced by the known word
    nearest in spelling (optimal string alignment, one slip or two), or in German by the known words that it is put
    together from (the split whose parts are most frequent on geometric mean, Koehn and Knight, EACL 2003). Other words
    stay."""
    words = sorted({word for word in _WORD.findall(question) if len(word) >= SHORTEST})[: 4 * MOST_WORDS]
    unknown = _unknown(words, dictionary(language))[:MOST_WORDS]
    if not unknown:
        return question
    near = _near([stem for _, stem in unknown], dictionary(language))
    parts = _parts([stem for _, stem in unknown]) if language == "de" else {}
    for word, stem in unknown:
        instead = _nearest(stem, near) or _split(stem, parts)
        if instead:
            question = re.sub(rf"\b{re.escape(word)}\b", " ".join(instead), question)
    return question


def _unknown(words: Sequence[str], name: str) -> list[tuple[str, str]]:
    """Words and their stems, of which no passage has any."""
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, {"words": list(words), "dictionary": name})
        return list(cursor.fetchall())


def _near(stems: Iterable[str], name: str) -> list[str]:
    """Known words that begin with the same two letters: who slips seldom does so at the start."""
    starts = sorted({stem[:2] for stem in stems})
    with connection.cursor() as cursor:
        cursor.execute(_LIKE, {"starts": starts, "dictionary": name})
        return [word for (word,) in cursor.fetchall()]


def _nearest(stem: str, known: Sequence[str]) -> list[str]:
    slips = 2 if len(stem) >= LONG else 1
    found = process.extract(stem, known, scorer=OSA.distance, score_cutoff=slips, limit=2) if len(stem) > 3 else []
    nearest = [word for word, distance, _ in found if distance == found[0][1]]
    return [word for word in nearest if len(word) > 3]


def _parts(stems: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Beginnings and ends that are known words, with their stems and the number of their passages."""
    wanted: set[str] = set()
    for stem in stems:
        for at in range(LEAST_PART, len(stem) - LEAST_PART + 1):
            wanted.add(stem[at:])
            wanted.update(_bare(stem[:at]))
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, {"parts": sorted(wanted)})
        rows = cursor.fetchall()
    return {part: (word, passages) for part, word, passages in sorted(rows, key=lambda row: row[2])}


def _bare(part: str) -> list[str]:
    """A beginning without each of the letters that join German words."""
    found = [part[: len(part) - len(link)] for link in _LINKS if part.endswith(link)]
    return [bare for bare in found if len(bare) >= LEAST_PART]


def _split(stem: str, parts: dict[str, tuple[str, int]]) -> list[str]:
    """The two known words that make up `stem`."""
    best: tuple[float, list[str]] = (0.0, [])
    for at in range(LEAST_PART, len(stem) - LEAST_PART + 1):
        end = parts.get(stem[at:])
        for bare in _bare(stem[:at]):
            start = parts.get(bare)
            if start and end:
                best = max(best, ((start[1] * end[1]) ** 0.5, [start[0], end[0]]))
    return best[1]
