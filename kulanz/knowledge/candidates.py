"""One SQL statement that finds what may answer a question: near in meaning, or sharing rare words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from kulanz.core.knowledge import Audience
from kulanz.knowledge.centring import centred
from kulanz.knowledge.compounds import COMPOUNDS, QUOTED
from kulanz.knowledge.spelling import known_words
from kulanz.knowledge.visibility import SHOWN, today
from kulanz.knowledge.words import DICTIONARY_OF, dictionary

NEAREST = 40
"""Candidates by meaning, and as many by words."""
EF_SEARCH = 80
"""Breadth of the HNSW search: above NEAREST, so that all of them can be found."""
LOOKED_UP = 600
"""Passages visited for words at most (each costs about 10 µs); more common words only rank what was found otherwise."""
MAX_QUESTION = 2_000
"""Characters of a question that are searched for."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with what speaks for it.

    `meaning` is the similarity of meaning (-1 to 1): of the question's vector and the passage's place (see
    `indexing`). `covered` is the share (0 to 1) of the
    question's word weight (inverse document frequency) that the passage contains, `lexical` the same with each word's
    weight times its rank in the passage (how often, and in title, heading or text). `weight` is the question's whole
    word weight in the passage's dictionary: small where all its words are common.
    """

    passage_id: str
    article_id: str
    key: str
    title: str
    heading: str
    text: str
    language: str
    meaning: float
    lexical: float
    covered: float
    weight: float


def clean_question(question: str) -> str:
    """The part of a question that can be searched for; empty where there is no letter and no digit."""
    text = _CONTROL.sub(" ", question[:MAX_QUESTION])
    return text if _LETTER.search(text) else ""


def find_candidates(
    question: str, vector: NDArray[np.float32], language: str, audience: Audience = Audience.CUSTOMERS
) -> list[Candidate]:
    """Up to 2 * NEAREST passages of articles that `audience` may read today, and the passages in `language` of articles
    found in another one, unordered.

    `vector` is the question's unit vector of shape (384,) as the embedder gave it.
    """
    vector = centred(vector, "query", language)
    parameters: dict[str, str | int | date] = {
        "audience": audience.value,
        "today": today(),
        "question": question,
        "known": known_words(question, language),
        "vector": "[" + ",".join(map(str, vector.tolist())) + "]",
        "language": language,
        "own": dictionary(language),
        "nearest": NEAREST,
        "looked_up": LOOKED_UP,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('hnsw.ef_search', %s, false), set_config('hnsw.iterative_scan', 'strict_order', false)",
            [str(EF_SEARCH)],
        )
        cursor.execute(_SQL, parameters)
        return [Candidate(str(row[0]), str(row[1]), *row[2:]) for row in cursor.fetchall()]


_SHOWN = SHOWN.format(article="a")
_SQL = f"""
with shared as (  -- without the stop words of both languages: 'die' and 'was' mean something else over there
    select coalesce(string_agg(w, ' '), '') as text
    from regexp_split_to_table(%(question)s, '\\s+') w
    where ts_lexize('german_stem', lower(btrim(w, '?!.,;:"()'))) is distinct from '{{}}'
      and ts_lexize('english_stem', lower(btrim(w, '?!.,;:"()'))) is distinct from '{{}}'
), word as materialized (
    select n.dictionary, l.lexeme, coalesce(s.passages, 0) + coalesce(c.passages, 0) as df,
        ln(1 + (n.passages - coalesce(s.passages, 0) + 0.5) / (coalesce(s.passages, 0) + 0.5))::float8 as idf,
        concat_ws(' | ', {QUOTED.format(word="l.lexeme")}, c.words)::tsquery as query
    from knowledge_lexeme n
    cross join shared
    cross join lateral unnest(to_tsvector(
        n.dictionary::regconfig, case when n.dictionary = %(own)s then %(known)s else shared.text end
    )) l
    left join knowledge_lexeme s on s.dictionary = n.dictionary and s.word = l.lexeme
    left join lateral ({COMPOUNDS.format(stem="l.lexeme")}) c on n.dictionary = 'german' and %(own)s = 'german'
    where n.word = '' and n.passages > 0
), whole as (
    select dictionary, sum(idf) as idf from word group by dictionary
), rare as (
    select * from (select *, sum(df) over (order by df, lexeme) as visited from word where df > 0) w
    where visited <= %(looked_up)s
), by_words as (
    select p.id, p.article_id
    from rare w
    join knowledge_passage p on p.words @@ w.query and {DICTIONARY_OF.format(column="p.language")} = w.dictionary
    join knowledge_article a on a.id = p.article_id
    where {_SHOWN}
    group by p.id
    order by sum(w.idf) desc, p.id  -- how often a word occurs would need every passage's words unpacked
    limit %(nearest)s
), by_meaning as (
    select p.id, p.article_id from knowledge_passage p join knowledge_article a on a.id = p.article_id
    where {_SHOWN}
    order by p.embedding <#> %(vector)s::vector limit %(nearest)s
), found as (
    select id, article_id from by_words union select id, article_id from by_meaning
), wanted as (
    select id from found
    union
    select p.id from found f
    join knowledge_article a on a.id = f.article_id and a.key <> '' and a.language <> %(language)s
    join knowledge_article b on b.key = a.key and b.language = %(language)s
    join knowledge_passage p on p.article_id = b.id
    where {SHOWN.format(article="b")}
)
select p.id, p.article_id, a.key, a.title, p.heading, p.text, p.language,
    -(p.embedding <#> %(vector)s::vector),
    coalesce(m.lexical / nullif(t.idf, 0), 0), coalesce(m.idf / nullif(t.idf, 0), 0), coalesce(t.idf, 0)
from knowledge_passage p
join knowledge_article a on a.id = p.article_id
left join whole t on t.dictionary = {DICTIONARY_OF.format(column="p.language")}
left join lateral (
    select sum(w.idf) as idf, sum(w.idf * ts_rank('{{0.1, 0.4, 0.7, 1}}', p.words, w.query)) as lexical
    from word w
    where w.dictionary = t.dictionary and w.df > 0 and p.words @@ w.query
) m on true
where p.id = any(array(select id from wanted))  -- an array: the planner would read whole tables to join so many
"""  # noqa: S608 - only constants are filled in here
