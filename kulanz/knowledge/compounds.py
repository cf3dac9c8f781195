"""German words that a word of the question is a part of: who asks for "Versand" also means "Versandkosten"."""

from __future__ import annotations

SHORTEST = 5
"""Letters of a stem that is looked for in longer words; shorter ones stand in too many by chance."""
REST = 4
"""Letters that the other part has at least: what is shorter is an ending."""
MOST = 20
"""Compounds of a word on each side, those in most passages first."""

QUOTED = r"('''' || replace(replace({word}, '\', '\\'), '''', '''''') || '''')"
"""SQL for a word as it stands in a tsquery."""

_MADE = "'^s?(lich|keit|heit|schaft|ungs?|haft|los)+(keit|heit)?$'"
"""Ends that make another kind of word, but no compound ("Wissenschaft")."""

_LONGER = f"""
length({{stem}}) >= {SHORTEST} and length(word) >= length({{stem}}) + {REST} order by passages desc, word limit {MOST}
"""
COMPOUNDS = rf"""
select string_agg({QUOTED.format(word="word")}, ' | ') as words, sum(passages)::int as passages from (
    (
        select word, passages from knowledge_lexeme
        where dictionary = 'german' and word >= {{stem}} and word < {{stem}} || U&'\FFFD'
            and starts_with(word, {{stem}}) and substr(word, length({{stem}}) + 1) !~ {_MADE} and {_LONGER}
    ) union (
        select word, passages from knowledge_lexeme
        where dictionary = 'german' and reverse(word) >= reverse({{stem}})
            and reverse(word) < reverse({{stem}}) || U&'\FFFD'
            and right(word, length({{stem}})) = {{stem}} and {_LONGER}
    )
) compound
"""  # noqa: S608 - only constants are filled in here
"""SQL for the compounds that begin or end with the stem in the column `stem`: as a tsquery's text, and in how many
passages they occur (one with two of them counts twice); null where there is none."""
