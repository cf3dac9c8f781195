"""Candidates and the active model: which one may replace the other, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.nlp.vector import KnownVector, LazyVector
from kulanz.trust.audit import record
from kulanz.understanding.active import check_format, forget_loaded
from kulanz.understanding.feelings import right_with
from kulanz.understanding.intents import DAMAGED, IntentClassifier, classifier_from
from kulanz.understanding.models import IntentModel, ProtectedCase, StoredReading
from kulanz.understanding.read import read_with
from kulanz.understanding.vectors import readable, unpacked, vectors_of

KEPT_MODELS = 5
"""Earlier models and candidates that stay, so that a training can be taken back."""

LOOKED_AT = 500
"""Newest readings on which a candidate is compared with the active model."""

_LISTED = 100
_ONE_SIDED = 1.645  # standard errors: 5 % of candidates that are just as good would be called worse


@dataclass(frozen=True, slots=True)
class HeldOutComparison:
    """On the `rows` that both models know by the same label, each judged by models that did not know it: how many
    each has right, and how many only one of them has."""

    rows: int
    candidate: int
    active: int
    won: int
    lost: int

    @property
    def worse(self) -> bool:
        """McNemar's test (1947), one-sided at 5 %: more rows lost than won than chance explains."""
        return self.lost - self.won > _ONE_SIDED * sqrt(self.lost + self.won)


def counted(pairs: Sequence[tuple[bool, bool]]) -> HeldOutComparison:
    """Of (right with the candidate, right with the active model)."""
    return HeldOutComparison(
        rows=len(pairs),
        candidate=sum(new for new, _ in pairs),
        active=sum(old for _, old in pairs),
        won=sum(new and not old for new, old in pairs),
        lost=sum(old and not new for new, old in pairs),
    )


def compare_held_out(candidate: Mapping[str, Any], active: Mapping[str, Any]) -> HeldOutComparison:
    """Compares two `IntentModel.held_out`; a model without one has no rows in common with any."""
    known = _by_key(active)
    both = [(new, known[key]) for key, new in _by_key(candidate).items() if key in known]
    return counted([(given == new, given == old) for (given, new), (before, old) in both if given == before])


def _by_key(held_out: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    if not held_out:
        return {}
    labels = held_out["labels"]
    rows = zip(held_out["keys"], held_out["given"], held_out["predicted"], strict=True)
    return {key: (labels[given], labels[predicted]) for key, given, predicted in rows}


def failed_cases(classifier: IntentClassifier, cases: Sequence[ProtectedCase]) -> dict[int, str]:
    """The protected cases that a model reads wrongly: their keys, and what it reads instead."""
    vectors = vectors_of([case.text for case in cases])
    failed = {}
    for case, vector in zip(cases, vectors, strict=True):
        reading = read_with(classifier, case.text, KnownVector(case.text, vector))
        got = reading.intent.value if reading.intent else ""
        person = reading.signal("wants_person") is not None
        felt = reading.emotion.value
        fine = {
            "intent": got == case.intent, "rejection": got == "", "person": person, "emotion": felt == case.intent
        }[case.expects]  # fmt: skip
        if not fine:
            failed[case.pk] = felt if case.expects == ProtectedCase.Expects.EMOTION else got
    return failed


def do_compare(model: IntentModel, actor: str = "system") -> dict[str, Any]:
    """Compares a candidate with the active model and stores the result with it; returns it.

    Keys: `against` (version), `held_out`, `feelings` (`gate` and `examples`, like `held_out`; empty where nobody
    corrected any), `protected` (`cases`, `failed`, `newly_failed`: keys with what was read), `readings` (`looked_at`,
    `changed`: how many, `examples` of (reading, before, after)), `worse`: codes of why not.
    """
    active = IntentModel.objects.filter(active=True).exclude(pk=model.pk).first()
    new = load(model)
    old = _loadable(active)
    cases = list(ProtectedCase.objects.order_by("pk"))
    failed = failed_cases(new, cases)
    before = failed_cases(old, cases) if old else {}
    held_out = compare_held_out(model.held_out, active.held_out if active else {})
    newly = {key: got for key, got in failed.items() if key not in before}
    feelings = _compare_feelings(new, model.held_out, old, active.held_out if active else {})
    gate, examples = feelings.get("gate"), feelings.get("examples")
    # the gate is always the same and asks for common sense: there, not even one row more may be lost than is won
    spoilt = bool(gate and gate.lost > gate.won) or bool(examples and examples.worse)
    reasons = (("held_out", held_out.worse), ("protected", bool(newly)), ("feelings", spoilt))
    worse = [code for code, bad in reasons if bad]
    result = {
        "against": active.manifest["version"] if active else "",
        "held_out": asdict(held_out),
        "feelings": {name: asdict(one) for name, one in feelings.items()},
        "protected": {"cases": len(cases), "failed": failed, "newly_failed": newly},
        "readings": changed_readings(new, old) if old else {"looked_at": 0, "changed": 0, "examples": []},
        "worse": worse,
    }
    IntentModel.objects.filter(pk=model.pk).update(comparison=result)
    model.comparison = result
    record(actor, "compared_model", None, model=model.manifest["version"], worse=worse)
    return result


def _compare_feelings(
    new: IntentClassifier, held: Mapping[str, Any], old: IntentClassifier | None, before: Mapping[str, Any]
) -> dict[str, HeldOutComparison]:
    corrections = old.feelings if old else None
    right = right_with(new.feelings, held.get("feelings", {}), corrections, before.get("feelings", {}))
    return {name: counted(pairs) for name, pairs in right.items()}


def changed_readings(new: IntentClassifier, old: IntentClassifier) -> dict[str, Any]:
    """What the newest readings would have been: only ids are kept, never the customers' words."""
    examples: list[tuple[str, str, str]] = []
    newest = list(StoredReading.objects.order_by("-id").values_list("id", "data__text", "vector")[:LOOKED_AT])
    changed = 0
    for key, text, data in newest:
        vector = KnownVector(text, unpacked(data)) if data is not None and readable(data) else LazyVector(text)
        before, after = _intent(old, text, vector), _intent(new, text, vector)
        if before != after:
            changed += 1
            if len(examples) < _LISTED:
                examples.append((str(key), before, after))
    return {"looked_at": len(newest), "changed": changed, "examples": examples}


def _intent(classifier: IntentClassifier, text: str, vector: LazyVector) -> str:
    if not any(character.isalnum() for character in text):
        return ""
    verdict = classifier.classify(text, vector)
    return "" if verdict.rejected or not verdict.candidates else verdict.candidates[0][0]


def load(model: IntentModel) -> IntentClassifier:
    """The classifier of a stored model. Raises `InvalidInput` where this version of Kulanz can't run it."""
    check_format(model.manifest)
    try:
        return classifier_from(bytes(model.arrays), model.manifest)
    except DAMAGED as error:
        raise InvalidInput(
            _("This model's file can't be read; the model in force stays. Please train anew.")
        ) from error


def _loadable(model: IntentModel | None) -> IntentClassifier | None:
    try:
        return load(model) if model else None
    except InvalidInput:
        return None


def do_activate_model(model_id: int, actor: str, *, anyway: bool = False) -> IntentModel:
    """Puts a stored model in force: a candidate that is no worse than the active one, or an earlier model again.

    Raises `InvalidInput` for a candidate that is worse (unless `anyway`), that was never compared with the model in
    force, or that this version can't run; then the old one stays. `NotFound` for one that is gone.
    """
    model = IntentModel.objects.filter(pk=model_id).first()
    if model is None:
        raise NotFound(_("There is no such model any more."))
    load(model)
    if model.activated_at is None and not anyway:
        check_no_worse(model)
    do_put_in_force(model, actor)
    return model


def check_no_worse(model: IntentModel) -> None:
    """Raises `InvalidInput` where a candidate may not replace the active model; says why."""
    active = IntentModel.objects.filter(active=True).only("manifest").first()
    if active is None:
        return
    if model.comparison.get("against") != active.manifest["version"]:
        raise InvalidInput(_("Another model has come into force since this one was trained. Please train anew."))
    if "protected" in model.comparison["worse"]:
        raise InvalidInput(_("This model reads protected cases wrongly that the model in force reads rightly."))
    if "feelings" in model.comparison["worse"]:
        raise InvalidInput(_("This model reads moods worse than the model in force."))
    if "held_out" in model.comparison["worse"]:
        raise InvalidInput(_("This model is worse on held-out examples than the model in force."))


def do_put_in_force(model: IntentModel, actor: str) -> None:
    """Makes a model the active one, in one transaction with its audit entry. Raises `InvalidInput` for a model of
    another format."""
    check_format(model.manifest)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two at once: the later one to finish stays active
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kulanz.understanding.intent_model'))")
        before = IntentModel.objects.filter(active=True).only("manifest").first()
        IntentModel.objects.filter(active=True).update(active=False)
        IntentModel.objects.filter(pk=model.pk).update(active=True, activated_at=timezone.now())
        record(
            actor, "activated_model", None,
            model=model.manifest["version"], before=before.manifest["version"] if before else "",
        )  # fmt: skip
        earlier = IntentModel.objects.filter(active=False).order_by("-pk").values_list("pk", flat=True)
        IntentModel.objects.filter(pk__in=list(earlier[KEPT_MODELS:])).delete()
    forget_loaded()


def active_model() -> IntentModel | None:
    """The active model without its arrays."""
    return IntentModel.objects.filter(active=True).defer("arrays").first()


def newest_models() -> list[IntentModel]:
    """Every kept model without its arrays, the newest first."""
    return list(IntentModel.objects.defer("arrays").order_by("-pk"))


def newest_candidate() -> IntentModel | None:
    """The newest model, if it has never been in force."""
    newest = IntentModel.objects.defer("arrays", "held_out").order_by("-pk").first()
    return newest if newest and newest.activated_at is None else None


def texts_of_readings(keys: Sequence[str]) -> dict[str, tuple[UUID, str]]:
    """Reading id → (conversation, text) for showing what has changed; readings that were erased are missing."""
    rows = StoredReading.objects.filter(pk__in=keys).values_list("pk", "message__conversation_id", "data__text")
    return {str(key): (conversation, text) for key, conversation, text in rows}


def accuracy(held_out: Mapping[str, Any]) -> float | None:
    """The share of examples that models which did not know them read as given; None where it was never measured."""
    if not held_out or not held_out["given"]:
        return None
    return float(np.mean(np.array(held_out["given"]) == np.array(held_out["predicted"])))
