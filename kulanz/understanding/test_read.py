"""The journey: import examples, train, read."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from kulanz.core.errors import InvalidInput
from kulanz.core.reading import reading_from_json
from kulanz.nlp.embedder import Reader, reader
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.active import active_classifier
from kulanz.understanding.conftest import EXAMPLES
from kulanz.understanding.fitting import examples_of, fit_classifier
from kulanz.understanding.importing import do_import_intents
from kulanz.understanding.intents import NONE_OF_THEM, IntentClassifier, classifier_from, stored
from kulanz.understanding.models import IntentExample, IntentModel
from kulanz.understanding.ngrams import Floats
from kulanz.understanding.read import read, read_with
from kulanz.understanding.training import do_train


@lru_cache(maxsize=1)
def small_classifier() -> IntentClassifier:
    rows = [(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    texts = [text for text, _ in rows]
    return fit_classifier(examples_of(texts, [intent for _, intent in rows], reader().vectors(texts)))[0]


@pytest.fixture
def classifier() -> IntentClassifier:
    return small_classifier()


class NoVector(LazyVector):
    @property
    def reading(self) -> Floats:
        raise AssertionError("the n-grams should have been enough")


class SomeVector(LazyVector):
    """Costs nothing: what is measured is the reading, not the embedder."""

    @property
    def reading(self) -> Floats:
        return np.full(384, 384**-0.5, np.float32)


@pytest.mark.django_db
def test_from_a_file_to_a_reading(examples_file: Path) -> None:
    before = read("Wo ist meine Bestellung?", LazyVector("Wo ist meine Bestellung?"))
    assert (before.intent, before.none_of_them, before.model) == (None, 1.0, "")

    assert do_import_intents(examples_file).to_json() == {"rows": 20, "added": 20, "known": 0, "intents": 4}
    assert do_import_intents(examples_file).added == 0
    steps: list[tuple[int, int]] = []
    manifest = do_train(lambda done, total: steps.append((done, total)))
    assert manifest["examples"] == 20
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]

    text = "Hallo, wo bleibt meine Bestellung ML-10234 von gestern?"
    reading = read(text, LazyVector(text), today=date(2026, 7, 15))
    assert reading.intent is not None
    assert reading.intent.value == "order_status"
    assert [e.value for e in reading.entities] == ["ML-10234", "2026-07-14"]
    assert (reading.language.value, reading.model) == ("de", manifest["version"])
    assert reading_from_json(json.loads(json.dumps(reading.to_json()))) == reading


@pytest.mark.django_db
def test_training_again_embeds_nothing_and_is_followed(examples_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do_import_intents(examples_file)
    first = do_train()
    IntentExample.objects.create(text="Rechnung zu hoch", intent="invoice_wrong")
    IntentExample.objects.create(text="Falscher Betrag auf der Rechnung", intent="invoice_wrong")
    asked: list[str] = []
    vectors = Reader.vectors

    def noted(self: Reader, texts: list[str]) -> Floats:
        asked.extend(texts)
        return vectors(self, texts)

    monkeypatch.setattr(Reader, "vectors", noted)
    second = do_train(vectors={"Rechnung zu hoch": vectors(reader(), ["Rechnung zu hoch"])[0]})
    assert asked == ["Falscher Betrag auf der Rechnung"]
    assert first["data_hash"] != second["data_hash"]
    assert IntentModel.objects.filter(active=True).count() == 1
    model = active_classifier()
    assert model is not None
    assert "invoice_wrong" in model.labels
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert active_classifier() is model
    assert len(queries) == 0


@pytest.mark.django_db
def test_too_few_intents_are_refused() -> None:
    with pytest.raises(InvalidInput, match="at least two intents"):
        do_train()
    assert not IntentModel.objects.exists()


@pytest.mark.django_db
def test_an_intent_may_have_any_name(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "Why was it reverted?", "intent": "reverted_card_payment?"}\n')
    assert do_import_intents(file).added == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [b"no json", b"[]", b'{"text": "a"}', b'{"text": "", "intent": "x"}', b'{"text": 5, "intent": "x"}', b"\xff\xfe\0",
     b'{"text": "a\\u0000", "intent": "x"}', b'{"text": "\\ud800", "intent": "x"}', b"[" * 50_000],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_imported(tmp_path: Path, bad: bytes) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(b'{"text": "good", "intent": "x"}\n\n' + bad + b"\n")
    with pytest.raises(InvalidInput, match=r"bad\.jsonl: line 3"):
        do_import_intents(file)
    assert not IntentExample.objects.exists()


@pytest.mark.django_db
def test_a_missing_or_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    for name in ("missing.jsonl", "empty.jsonl"):
        with pytest.raises(InvalidInput, match=name):
            do_import_intents(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my parcel?", "order_status"),
        ("please cancel my order", "cancel_order"),
        ("I forgot my password", "password_reset"),
        ("I need a copy of my invoice", "invoice_copy"),
    ],
)
def test_five_german_examples_understand_english(classifier: IntentClassifier, text: str, intent: str) -> None:
    verdict = classifier.classify(text, LazyVector(text))
    assert (verdict.candidates[0][0], verdict.rejected) == (intent, False)


def test_what_nobody_gave_an_example_of_is_rejected(classifier: IntentClassifier) -> None:
    foreign = ["Wie wird das Wetter morgen?", "tell me a joke", "Wer war Goethe?", "What is the capital of Peru?"]
    assert all(classifier.classify(text, LazyVector(text)).rejected for text in foreign)


def test_a_known_text_costs_no_vector_and_names_its_words(classifier: IntentClassifier) -> None:
    verdict = classifier.classify("wo ist meine bestellung", NoVector(""))
    assert verdict.candidates[0] == ("order_status", 0.99)
    assert [words.text for words in verdict.evidence] == ["wo ist meine bestellung"]


def test_stored_and_loaded_it_says_the_same(classifier: IntentClassifier) -> None:
    manifest = {"intents": list(classifier.labels), "has_none": classifier.has_none, "version": "v"}
    loaded = classifier_from(stored(classifier), manifest)
    for text in ("Wo ist mein Paket?", "was kostet die Welt"):
        first, second = classifier.classify(text, LazyVector(text)), loaded.classify(text, LazyVector(text))
        assert first.candidates[0][0] == second.candidates[0][0]
        assert first.none_of_them == pytest.approx(second.none_of_them, abs=0.02)


def test_examples_of_none_of_them_are_learned() -> None:
    rows = [(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    rows += [
        (text, NONE_OF_THEM)
        for text in ("Wie ist das Wetter?", "Erzähl einen Witz", "Wer bist du?", "Wie alt bist du?")
    ]
    texts = [text for text, _ in rows]
    machine = fit_classifier(examples_of(texts, [intent for _, intent in rows], reader().vectors(texts)))[0]
    assert NONE_OF_THEM not in machine.labels
    assert machine.classify("wie ist das wetter", NoVector("")).rejected


ODD = [
    "",
    " \n",
    "\0\x07",
    "😀😀",
    "\ud800",
    "<script>alert(1)</script>",
    "مرحبا أين طلبي",
    "\u202eabc",
    "?!",
    "0" * 100_000,
    "wort " * 20_000,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_is_read(classifier: IntentClassifier, text: str) -> None:
    read_with(classifier, "once", SomeVector(""))  # loads what is loaded once
    start = time.process_time()
    reading = read_with(classifier, text, SomeVector(text), language_hint="de", today=date(2026, 7, 15))
    assert time.process_time() - start < 0.5
    assert reading.text == text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_reading_never_fails_and_its_evidence_is_exact(text: str) -> None:
    reading = read_with(small_classifier(), text, SomeVector(text), today=date(2026, 7, 15))
    findings = (reading.language, reading.emotion, reading.urgency, *reading.intents, *reading.signals)
    evidence = [words for finding in findings for words in finding.evidence] + [e.evidence for e in reading.entities]
    assert all(text[words.start : words.end] == words.text for words in evidence)
    assert all(0 <= finding.probability <= 1 for finding in findings)
    assert isinstance(reading.to_json(), Mapping)
