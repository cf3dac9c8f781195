"""How good the answers from the knowledge are, on questions whose source is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Passage as Found
from kulanz.core.reading import LANGUAGES
from kulanz.knowledge.composing import only_in
from kulanz.knowledge.models import Article, Passage
from kulanz.knowledge.sentences import sentences
from kulanz.knowledge.spoken import links_of, spoken
from kulanz.knowledge.support import Ground, Statement, check_sentence
from kulanz.turns.ask import Asked, ask

SHOWN = 20  # rows named in each list of what went wrong


@dataclass(frozen=True, slots=True)
class Expected:
    """A question, what may answer it (an article's id, key, title or id in its file; empty: nothing may), and the
    facts that the answer must hold, word for word."""

    question: str
    source: str
    facts: tuple[str, ...] = ()
    language: str = ""


def read_expected(path: Path) -> list[Expected]:
    """The rows `{"question", "source", "facts"?, "language"?}`; `source` is null where no article answers. Raises
    InvalidInput that names file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InvalidInput(f"{path}: the file can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: the file is not UTF-8. Save it as UTF-8.") from error
    rows = [_row(f"{path}: line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise InvalidInput(f"{path}: the file holds no rows.")
    return rows


def _row(where: str, line: str) -> Expected:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where} is no JSON.") from error
    question = data.get("question") if isinstance(data, dict) else None
    if not isinstance(question, str) or not question.strip() or "source" not in data:
        raise InvalidInput(f'{where}: expected {{"question": …, "source": an article or null}}.')
    facts = data.get("facts") or []
    if not isinstance(facts, list) or not all(isinstance(fact, str) for fact in facts):
        raise InvalidInput(f"{where}: 'facts' must be a list of texts.")
    if not isinstance(data["source"], str | None):
        raise InvalidInput(f"{where}: 'source' must be a text or null.")
    language = data.get("language") or ""
    if language not in {"", *LANGUAGES}:
        raise InvalidInput(f"{where}: 'language' must be one of {', '.join(sorted(LANGUAGES))}.")
    return Expected(question, data["source"] or "", tuple(facts), language)


def measure_answers(rows: Sequence[Expected], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Shares from 0 to 1, and what went wrong by name.

    `answered` and `correct_source` are of the questions that have a source; `right_when_answered` of all that were
    answered; `rightly_silent` of those that have none. `first_is_right` is the search alone: the share of questions
    with a source whose best passage is of that article, whatever its chance. `unsupported_statements` counts sentences
    that no passage among the answer's sources holds word for word (nor, of a language model's wording, supports);
    `characters` is the mean length of an answer."""
    results: list[tuple[Expected, Asked, bool]] = []
    for done, row in enumerate(rows, 1):
        asked = ask(row.question, language=row.language)
        results.append((row, asked, bool(asked.answer) and _is_source(asked, row.source)))
        progress(done, len(rows))
    known = [result for result in results if result[0].source]
    answered = [result for result in results if result[1].answer]
    unknown = [result for result in results if not result[0].source]
    with_facts = [result for result in answered if result[0].facts]
    return {
        "questions": len(rows),
        "answered": _share(known, lambda r: r[1].answer is not None),
        "correct_source": _share(known, lambda r: r[2]),
        "first_is_right": _share(known, lambda r: bool(r[1].passages) and _is_of(r[1].passages[0], r[0].source)),
        "right_when_answered": _share(answered, lambda r: r[2]),
        "with_all_facts": _share(with_facts, lambda r: all(fact in r[1].text for fact in r[0].facts)),
        "unsupported_statements": sum(_unsupported(asked) for _, asked, _ in answered),
        "characters": round(sum(len(r[1].text) for r in answered) / len(answered)) if answered else None,
        "rightly_silent": _share(unknown, lambda r: r[1].answer is None),
        "wrong": [_told(row, asked) for row, asked, right in answered if not right][:SHOWN],
        "silent": [_told(row, asked) for row, asked, _ in known if asked.answer is None][:SHOWN],
    }


Result = tuple[Expected, Asked, bool]


def _share(results: Sequence[Result], holds: Callable[[Result], bool]) -> float | None:
    return round(sum(map(holds, results)) / len(results), 4) if results else None


def _is_source(asked: Asked, source: str) -> bool:
    return asked.answer is not None and bool(source) and _is_of(asked.answer, source)


def _is_of(passage: Found, source: str) -> bool:
    article = Article.objects.get(pk=passage.article_id)
    return source in {str(article.pk), article.key, article.title, article.external_id.split("#")[-1]}


def _unsupported(asked: Asked) -> int:
    """Judged by what the knowledge holds, not by what the answer was made from."""
    told, cited = asked.text.removesuffix(asked.left), asked.reply.sources
    for language in {source.language for source in cited}:
        told = told.replace(only_in(language, asked.language), "")
    held = Passage.objects.filter(pk__in=[source.passage_id for source in cited]).select_related("article")
    texts = {str(p.pk): spoken(p.text, links_of(p.article.body)) for p in held}
    grounds = [Ground(texts.get(source.passage_id, ""), source.title) for source in cited]
    return sum(not _holds(sentence, grounds) for sentence in sentences(told))


def _holds(sentence: str, grounds: Sequence[Ground]) -> bool:
    if any(sentence in ground.text for ground in grounds):
        return True
    marks = "".join(f" [{number}]" for number in range(1, len(grounds) + 1))
    return isinstance(check_sentence(f"{sentence}{marks}", grounds), Statement)


def _told(row: Expected, asked: Asked) -> dict[str, Any]:
    best = asked.passages[0] if asked.passages else None
    return {
        "question": row.question,
        "expected": row.source or None,
        "best": best.title if best else None,
        "confidence": best.confidence if best else 0.0,
        "decision": f"{asked.decision.kind}: {asked.decision.reasons[0].code}",
    }
