"""Which full-text dictionary belongs to a language, and how common each word is."""

from __future__ import annotations

from django.db import connection, transaction

DICTIONARIES = {"de": "german", "en": "english"}
OTHER_DICTIONARY = "simple"
"""For all other languages: words as they are, without stems and stop words."""

DICTIONARY_OF = """
case {column} when 'de' then 'german' when 'en' then 'english' else 'simple' end
"""
"""SQL for the dictionary of a language column."""

_LANGUAGES = {
    "german": "language = 'de'",
    "english": "language = 'en'",
    "simple": "language not in ('de', 'en')",
}


def dictionary(language: str) -> str:
    return DICTIONARIES.get(language, OTHER_DICTIONARY)


def refresh_lexemes() -> None:
    """Counts again in how many passages each word occurs; about 20 ms for 1,000 passages."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('knowledge:lexemes', 0))")
        cursor.execute("delete from knowledge_lexeme")
        for name, condition in _LANGUAGES.items():
            cursor.execute(
                f"""
                insert into knowledge_lexeme (dictionary, word, passages)
                select %s, word, ndoc from ts_stat(%s)
                union all select %s, '', count(*) from knowledge_passage where {condition}
                """,  # noqa: S608 - both parts are constants of this module
                [name, f"select words from knowledge_passage where {condition}", name],  # noqa: S608
            )
        cursor.execute("analyze knowledge_lexeme, knowledge_passage, knowledge_article")
