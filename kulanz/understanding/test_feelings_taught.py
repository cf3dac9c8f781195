"""What people correct of the mood readings: learnt, gated, shown and taken back."""

from __future__ import annotations

import numpy as np
import pytest

from kulanz.core.errors import InvalidInput
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.active import forget_loaded
from kulanz.understanding.candidates import do_activate_model, do_compare
from kulanz.understanding.conftest import EXAMPLES
from kulanz.understanding.corrected import fit_corrections, judged_without
from kulanz.understanding.examples import do_add, do_name_emotion, do_undo
from kulanz.understanding.models import Change, EmotionExample, IntentModel, TextVector
from kulanz.understanding.protected import do_protect
from kulanz.understanding.read import read
from kulanz.understanding.training import do_keep, do_train, examples_hash, train

pytestmark = pytest.mark.django_db

WAITING = [
    "Das Paket liegt seit Tagen im Depot",
    "Mein Paket liegt seit Tagen im Depot",
    "Das Päckchen liegt seit Tagen im Depot",
    "Die Sendung liegt seit Tagen im Depot",
    "Unser Paket liegt schon seit Tagen im Depot",
]
ANOTHER = "Seit Tagen liegt mein Paket im Depot herum"


@pytest.fixture
def _taught() -> None:
    for intent, texts in EXAMPLES.items():
        do_add("agent:1", intent, texts, "de")
    do_train()


def name(texts: list[str], emotion: str) -> None:
    EmotionExample.objects.bulk_create([EmotionExample(text=t, emotion=emotion, language="de") for t in texts])


def candidate() -> IntentModel:
    model = do_keep(train(), "agent:1")
    do_compare(model, "agent:1")
    return model


def mood(text: str) -> str:
    forget_loaded()
    return read(text, LazyVector(text), language_hint="de").emotion.value


@pytest.mark.usefixtures("_taught")
def test_five_corrections_turn_what_is_like_them_and_the_way_back_is_one_click() -> None:
    before = IntentModel.objects.get(active=True)
    others = ["Vielen Dank, super Service!", "Die Rechnung ist angekommen", "Wann wird geliefert?"]
    read_before = [mood(text) for text in others]
    assert mood(ANOTHER) == "neutral"
    name(WAITING, "frustrated")
    model = candidate()
    assert mood(ANOTHER) == "neutral"
    feelings = model.comparison["feelings"]
    assert feelings["gate"]["lost"] == 0
    assert feelings["examples"]["candidate"] > feelings["examples"]["active"]
    assert (model.comparison["worse"], model.manifest["feelings"]) == ([], 5)
    do_activate_model(model.pk, "agent:1")
    assert mood(ANOTHER) == "frustrated"
    assert [mood(text) for text in others] == read_before
    do_activate_model(before.pk, "agent:1")
    assert mood(ANOTHER) == "neutral"


@pytest.mark.usefixtures("_taught")
def test_poisoned_corrections_are_refused() -> None:
    thanks = ["Vielen Dank", "Danke schön", "Super", "Ganz toll", "Prima Service", "Ich bin sehr zufrieden"]
    ends = ["", " für die Hilfe", ", das ging schnell", " an das ganze Team", ", alles bestens"]
    name([start + end for start in thanks for end in ends], "frustrated")
    model = candidate()
    assert model.comparison["worse"] == ["feelings"]
    with pytest.raises(InvalidInput, match="moods"):
        do_activate_model(model.pk, "agent:1")
    assert mood("Vielen Dank für die schnelle Hilfe") == "pleased"


@pytest.mark.usefixtures("_taught")
def test_a_protected_mood_stays() -> None:
    do_protect("agent:1", ANOTHER, "emotion", "neutral")
    with pytest.raises(InvalidInput):
        do_protect("agent:1", ANOTHER, "emotion", "hungry")
    name(WAITING, "frustrated")
    model = candidate()
    assert model.comparison["worse"] == ["protected"]
    assert list(model.comparison["protected"]["newly_failed"].values()) == ["frustrated"]


@pytest.mark.usefixtures("_taught")
def test_examples_of_moods_are_moved_and_removed_and_every_change_is_undone() -> None:
    known, vectors = examples_hash(), set(TextVector.objects.values_list("pk", flat=True))
    name(WAITING[:2], "frustrated")
    train()
    keys = list(EmotionExample.objects.values_list("pk", flat=True))
    assert do_name_emotion("agent:1", keys, "worried") == 2
    with pytest.raises(InvalidInput):
        do_name_emotion("agent:1", keys, "hungry")
    do_undo(Change.objects.latest("pk").pk, "agent:1")
    assert set(EmotionExample.objects.values_list("emotion", flat=True)) == {"frustrated"}
    assert examples_hash() != known
    assert do_name_emotion("agent:1", keys, "") == 2
    assert examples_hash() == known
    texts = {key for key in TextVector.objects.values_list("pk", flat=True) if key not in vectors}
    assert not texts
    do_undo(Change.objects.latest("pk").pk, "agent:1")
    assert set(EmotionExample.objects.values_list("text", "language")) == {(text, "de") for text in WAITING[:2]}


def test_corrections_speak_for_their_neighbours_alone() -> None:
    random = np.random.default_rng(0)
    at = random.normal(size=(60, 384)).astype(np.float32)
    at[:6] = at[0] + 0.3 * at[:6]
    at /= np.linalg.norm(at, axis=1, keepdims=True)
    scores = np.tile(np.array([2.0, 0, 0, 0, 0, 0], np.float32), (60, 1))
    found = fit_corrections(at[:5], scores[:5], np.full(5, 3))
    moved = (scores + found.added(at)).argmax(axis=1)
    assert moved[:6].tolist() == [3] * 6
    assert set(moved[6:].tolist()) == {0}
    one = fit_corrections(at[:1], scores[:1], np.full(1, 3))
    assert np.abs(one.added(at)).max() < np.abs(found.added(at)).max()
    assert judged_without(at[:5], scores[:5], np.full(5, 3)).tolist() == [3] * 5
    contradicting = np.array([3, 4, 3, 4, 3])
    assert judged_without(at[:5], scores[:5], contradicting).tolist() != contradicting.tolist()
