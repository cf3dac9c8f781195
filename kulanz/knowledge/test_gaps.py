"""Topics of unanswered questions, on questions with made-up vectors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np

from kulanz.knowledge.gaps import Question, Sorted, per_week, sort, trend
from kulanz.nlp.grouping import Floats

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)


def axis(number: int, lean: float = 0.0) -> Floats:
    """A unit vector of one matter; `lean` moves it a little to its own side."""
    vector = np.zeros(384, np.float32)
    vector[number], vector[100 + int(lean * 100)] = 1.0, lean
    return vector / np.float32(np.linalg.norm(vector))


def asked(text: str, days_ago: float, language: str = "de") -> Question:
    at = NOW - timedelta(days=days_ago)
    return Question(f"{text}-{days_ago}", at, text, language, frozenset({"handed_over"}), uuid4())


def sorted_now(rows: Sequence[tuple[Question, Floats]], **followed: Floats) -> Sorted:
    vectors = np.array([vector for _, vector in rows], np.float32).reshape(len(rows), 384)
    named = {uuid4(): vector for vector in followed.values()}
    return sort([question for question, _ in rows], vectors, named, NOW)


def test_questions_of_one_matter_are_a_topic_and_what_grows_comes_first() -> None:
    rows = [(asked("Wo ist mein Geld?", day), axis(0, day / 100)) for day in (30, 40, 50, 55)]
    rows += [(asked("Where is my parcel?", day, "en"), axis(1, day / 100)) for day in (1, 2, 3)]
    rows += [(asked("Hat der Laden Parkplätze?", 5), axis(2))]
    found = sorted_now(rows)
    assert [(len(topic.questions), topic.language) for topic in found.topics] == [(3, "en"), (4, "de")]
    assert [question.text for question in found.single] == ["Hat der Laden Parkplätze?"]
    growing, fading = (trend(topic.questions, NOW) for topic in found.topics)
    assert (growing.recent, growing.before, growing.change) == (3, 0, 3)
    assert (fading.recent, fading.before) == (0, 4)


def test_a_topic_keeps_its_name_while_questions_are_added() -> None:
    rows = [(asked("Wo ist mein Geld?", day), axis(0, day / 100)) for day in (30, 20)]
    before = sorted_now(rows).topics[0].id
    rows = [(asked("Und mein Geld?", 1), axis(0, 0.3)), (asked("Anderes?", 50), axis(5)), *rows]
    assert sorted_now(rows).topics[0].id == before


def test_examples_show_each_wording_once() -> None:
    texts = ["Wo ist ML-10051?", "Wo ist ML-10077?", "Warum ist mein Paket noch nicht angekommen?"]
    rows = [(asked(text, day + 1), axis(0)) for day, text in enumerate(texts)]
    shown = [question.text for question in sorted_now(rows).topics[0].examples()]
    assert len(shown) == 2
    assert texts[2] in shown


def test_a_topic_with_an_article_claims_its_questions_however_old() -> None:
    rows = [(asked("Wo ist mein Geld?", day), axis(0, day / 200)) for day in (2, 20, 100)]
    rows += [(asked("Something else?", day), axis(3)) for day in (2, 4)]
    found = sorted_now(rows, money=axis(0))
    assert [len(questions) for questions in found.followed.values()] == [3]
    assert [topic.questions[0].text for topic in found.topics] == ["Something else?"]


def test_questions_older_than_sixty_days_make_no_topic() -> None:
    rows = [(asked("Wo ist mein Geld?", day), axis(0)) for day in (61, 70)]
    assert sorted_now(rows).topics == ()
    assert sorted_now([]).topics == ()


def test_questions_a_week_around_a_publication() -> None:
    published = NOW - timedelta(weeks=2)
    questions = [asked("?", day) for day in (1, 15, 16, 17, 18, 20, 41)]
    assert per_week(questions, published - timedelta(weeks=4), published) == 6 / 4
    assert per_week(questions, published, NOW) == 1 / 2
    assert per_week(questions, NOW - timedelta(hours=3), NOW) is None
