"""The measuring of the search: right figures, and files that can't be used are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.evaluation import evaluate_search, figures
from kulanz.knowledge.evaluation_rows import Question, read_search_documents, read_search_queries

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "returns", "title": "Sending things back", "text": "You can return any item within 30 days."},
    {"id": 7, "title": "Kaffee", "text": "Wir rösten drei Sorten Kaffee in der eigenen Rösterei.", "language": "de"},
    {"id": "password", "title": "Forgotten password", "text": "We send you a link to choose a new password."},
]


def written(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


@pytest.mark.django_db
def test_questions_in_another_language_find_their_documents(tmp_path: Path) -> None:
    documents = read_search_documents(written(tmp_path, *DOCUMENTS))
    queries = written(
        tmp_path,
        {"id": "1", "text": "Wie lange kann ich etwas zurückgeben?", "relevant": ["returns"]},
        {"id": "2", "text": "What coffee do you roast?", "relevant": [7], "language": "EN"},
        {"text": "I forgot my password", "relevant": ["password", "gone"]},
    )
    found = evaluate_search(documents, read_search_queries(queries))
    assert found["hit_at_5"] == 1.0
    assert found["recall_at_10"] == pytest.approx((1 + 1 + 0.5) / 3, abs=1e-4)
    assert found["unknown_relevant"] == 1
    assert found["index_seconds"] > 0
    assert found["ms_per_query"]["p95"] >= found["ms_per_query"]["p50"] > 0


def test_figures_are_those_of_the_textbook() -> None:
    found = figures([[0], [2, 4], []], [1, 2, 1])
    assert found["recall_at_1"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["recall_at_5"] == found["recall_at_10"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["hit_at_5"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["mrr_at_10"] == pytest.approx((1 + 1 / 3) / 3, abs=1e-4)
    assert found["ndcg_at_10"] == pytest.approx((1 + (0.5 + 0.38685) / (1 + 0.63093)) / 3, abs=1e-4)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "line 2 is no JSON"),
        ("[1]", "line 2: expected an object"),
        ({"title": "x", "text": "y"}, "line 2: 'id' is missing"),
        ({"id": "a", "title": " ", "text": ""}, "line 2: there is neither"),
        ({"id": "returns", "text": "again"}, "this id was used before"),
        ({"id": "a", "text": "b", "language": "Klingon language"}, "'language' must be a code"),
    ],
)
def test_a_bad_document_is_named(tmp_path: Path, row: object, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read_search_documents(written(tmp_path, DOCUMENTS[0], row))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nonsense", "line 2 is no JSON"),
        ({"text": " ", "relevant": ["a"]}, "line 2: 'text' is missing"),
        ({"text": "a"}, "line 2: 'relevant' must be a list"),
        ({"text": "a", "relevant": []}, "line 2: 'relevant' must be a list"),
        ({"text": "a", "relevant": [True]}, "line 2: 'relevant' must be a list"),
        ({"text": "a", "relevant": ["a"], "language": 5}, "line 2: 'language' must be a code"),
    ],
)
def test_a_bad_query_is_named(tmp_path: Path, row: object, reason: str) -> None:
    good = {"text": "Hello?", "relevant": ["returns"]}
    with pytest.raises(InvalidInput, match=reason):
        read_search_queries(written(tmp_path, good, row))


def test_files_that_do_not_belong_together_or_hold_nothing_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="files of one set"):
        evaluate_search(DOCUMENTS, [Question("Hello?", frozenset(["elsewhere"]))])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xfc"}')
    for name, reason in (("empty", "no rows"), ("latin", "not UTF-8"), ("missing", "can't be read")):
        with pytest.raises(InvalidInput, match=reason):
            read_search_queries(tmp_path / f"{name}.jsonl")
