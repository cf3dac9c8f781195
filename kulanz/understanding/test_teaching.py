"""Examples, their log, and models that may or may not replace each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.nlp.vector import LazyVector
from kulanz.trust.models import AuditEntry
from kulanz.understanding.active import active_classifier, forget_loaded
from kulanz.understanding.bundle import bundled
from kulanz.understanding.candidates import compare_held_out, do_activate_model, do_compare
from kulanz.understanding.examples import do_add, do_describe, do_relabel, do_remove, do_undo, intent_names, titles
from kulanz.understanding.findings import HeldOut
from kulanz.understanding.importing import do_import_intents
from kulanz.understanding.models import Change, IntentExample, IntentModel, TextVector
from kulanz.understanding.protected import do_protect
from kulanz.understanding.read import read
from kulanz.understanding.training import do_activate, do_keep, do_train, stored_examples, train
from kulanz.understanding.vectors import kept_vectors

pytestmark = pytest.mark.django_db


def candidate() -> IntentModel:
    model = do_keep(train(), "agent:1")
    do_compare(model, "agent:1")
    return model


def pairs() -> set[tuple[str, str]]:
    return set(IntentExample.objects.values_list("text", "intent"))


def ids(*texts: str) -> list[int]:
    return list(IntentExample.objects.filter(text__in=texts).values_list("pk", flat=True))


def test_every_change_can_be_undone() -> None:
    do_add("agent:1", "a", ["one", "two", "one"], "en")
    do_add("agent:1", "b", ["three"])
    start = pairs()
    assert start == {("one", "a"), ("two", "a"), ("three", "b")}
    assert do_relabel("agent:1", ids("one", "three"), "b") == 1
    assert do_remove("agent:1", ids("two")) == 1
    assert pairs() == {("one", "b"), ("three", "b")}
    for change in Change.objects.order_by("-pk")[:2]:
        do_undo(change.pk, "agent:2")
        do_undo(change.pk, "agent:2")
    assert pairs() == start
    assert IntentExample.objects.get(text="one").language == "en"
    entries = AuditEntry.objects.order_by("at").values_list("act", "actor")
    assert list(entries)[-2:] == [("examples_undone", "agent:2")] * 2
    assert "two" not in json.dumps(list(AuditEntry.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize("text", ["", "  ", "…", "\0\0", "x" * 1001])
def test_what_no_example_can_be(text: str) -> None:
    with pytest.raises(InvalidInput):
        do_add("agent:1", "a", [text])
    assert not Change.objects.exists()


def test_titles_and_descriptions_come_from_files_too(tmp_path: Path, examples_file: Path) -> None:
    do_import_intents(examples_file)
    file = tmp_path / "intents.jsonl"
    rows = [
        {"intent": "order_status", "title": {"de": "Lieferstatus"}, "description": {"de": "Wann die Ware kommt"}},
        {"intent": "order_status", "title": {"en": "Delivery"}},
        {"text": "Wo bleibt es?", "intent": "order_status"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert do_import_intents(file).added == 1
    assert (titles("de"), titles("en")) == ({"order_status": "Lieferstatus"}, {"order_status": "Delivery"})
    assert ("Wann die Ware kommt", "order_status") in stored_examples()


def test_a_row_that_says_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "a word", "intent": "x"}\n{"intent": "x"}\n')
    with pytest.raises(InvalidInput, match="line 2: the row"):
        do_import_intents(file)
    assert not IntentExample.objects.exists()


def test_one_intent_is_not_enough_and_the_old_model_stays(examples_file: Path) -> None:
    do_import_intents(examples_file)
    version = do_train()["version"]
    IntentExample.objects.exclude(intent="order_status").delete()
    with pytest.raises(InvalidInput, match="two intents"):
        train()
    assert IntentModel.objects.get(active=True).manifest["version"] == version


def test_vectors_are_kept_with_the_examples_and_gone_with_them(examples_file: Path) -> None:
    do_import_intents(examples_file)
    do_train()
    assert TextVector.objects.count() == IntentExample.objects.count() == 20
    do_add("agent:1", "other", ["Rechnung fehlt"])
    do_remove("agent:1", list(IntentExample.objects.exclude(intent="other").values_list("pk", flat=True)))
    assert list(kept_vectors(["Rechnung fehlt", "Storno bitte"])) == ["Rechnung fehlt"]
    assert TextVector.objects.count() == 1


def test_a_model_travels_with_its_vectors(examples_file: Path) -> None:
    do_import_intents(examples_file)
    manifest = do_train()
    held_out = IntentModel.objects.get(active=True).held_out
    data = bundled(IntentModel.objects.get(active=True))
    TextVector.objects.all().delete()
    IntentModel.objects.all().delete()
    do_activate(manifest, data)
    assert TextVector.objects.count() == 20
    model = IntentModel.objects.get(active=True)
    assert len(bytes(model.arrays)) < len(data)
    assert model.held_out == held_out
    assert do_train()["examples"] == 20


def test_a_model_of_another_format_is_refused_and_the_old_one_kept(examples_file: Path) -> None:
    do_import_intents(examples_file)
    manifest = do_train()
    forget_loaded()
    model = active_classifier()
    data = bytes(IntentModel.objects.get(active=True).arrays)
    with pytest.raises(InvalidInput, match="format 99"):
        do_activate({**manifest, "format": 99}, data)
    with pytest.raises(InvalidInput, match="another-network"):
        do_activate({**manifest, "embedder": "another-network"}, data)
    assert IntentModel.objects.count() == 1
    broken = IntentModel.objects.create(manifest=manifest, arrays=b"PK no arrays", activated_at=None)
    with pytest.raises(InvalidInput, match="can't be read"):
        do_activate_model(broken.pk, "agent:1", anyway=True)
    forget_loaded()
    assert active_classifier() is model
    IntentModel.objects.filter(active=True).update(manifest={**manifest, "format": 99})  # after a downgrade
    forget_loaded()
    assert active_classifier() is model


def test_a_candidate_must_not_lose_protected_cases(examples_file: Path) -> None:
    do_import_intents(examples_file)
    do_train()
    do_protect("agent:1", "Storno bitte", "intent", "cancel_order")
    do_protect("agent:1", "Ich will einen Menschen sprechen", "person")
    do_relabel("agent:1", ids("Storno bitte"), "invoice_copy")
    worse = candidate()
    assert worse.comparison["worse"] == ["protected"]
    assert list(worse.comparison["protected"]["newly_failed"].values()) == ["invoice_copy"]
    with pytest.raises(InvalidInput, match="protected"):
        do_activate_model(worse.pk, "agent:1")
    do_undo(Change.objects.latest("pk").pk, "agent:1")
    better = candidate()
    assert better.comparison["worse"] == []
    do_activate_model(better.pk, "agent:1")
    assert AuditEntry.objects.filter(act="activated_model", actor="agent:1").count() == 1


def test_a_candidate_that_was_compared_with_another_model_must_train_anew(examples_file: Path) -> None:
    do_import_intents(examples_file)
    do_train()
    old, new = candidate(), candidate()
    do_activate_model(new.pk, "agent:1")
    with pytest.raises(InvalidInput, match="train anew"):
        do_activate_model(old.pk, "agent:1")


def held(predicted: list[int], given: list[int] | None = None) -> dict[str, object]:
    given = given if given is not None else [0] * len(predicted)
    return {"labels": ["a", "b"], "keys": [str(n) for n in range(len(given))], "given": given, "predicted": predicted}


def test_worse_means_more_lost_than_chance_explains() -> None:
    same = compare_held_out(held([0] * 100), held([0] * 100))
    assert (same.rows, same.won, same.lost, same.worse) == (100, 0, 0, False)
    assert compare_held_out(held([1] * 10 + [0] * 90), held([0] * 100)).worse
    assert not compare_held_out(held([1, 1] + [0] * 98), held([0] * 100)).worse
    assert not compare_held_out(held([1] * 10 + [0] * 90), held([0] * 90 + [1] * 10)).worse
    moved = compare_held_out(held([1] * 100, [1] * 100), held([0] * 100))
    assert moved.rows == 0  # another label: nothing to compare


def test_findings_vanish_when_they_are_mended(examples_file: Path) -> None:
    do_import_intents(examples_file)
    do_add("agent:1", "invoice_copy", ["Wo ist meine Bestellung?"])
    do_add("agent:1", "poor", ["Etwas ganz anderes"])
    do_train()
    kept = HeldOut(IntentModel.objects.get(active=True).held_out)
    found = kept.findings(list(IntentExample.objects.all()))
    assert [{e.intent for e in group} for group in found.contradictory] == [{"invoice_copy", "order_status"}]
    assert found.few == (("poor", 1),)
    do_remove("agent:1", list(IntentExample.objects.filter(intent__in=["poor"]).values_list("pk", flat=True)))
    do_remove("agent:1", [e.id for e in found.contradictory[0] if e.intent == "invoice_copy"])
    mended = kept.findings(list(IntentExample.objects.all()))
    assert (mended.contradictory, mended.few) == ((), ())


def test_a_description_teaches(examples_file: Path) -> None:
    do_import_intents(examples_file)
    do_describe(
        "agent:1", "password_reset", title_en="Password", description_en="The customer is locked out of the shop"
    )
    do_train()
    forget_loaded()
    text = "The customer is locked out of the shop"
    found = read(text, LazyVector(text)).intent
    assert found is not None
    assert found.value == "password_reset"
    assert intent_names() == ["cancel_order", "invoice_copy", "order_status", "password_reset"]
