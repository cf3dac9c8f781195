"""`kulanz train [FILE…]`: imports (optional), checks the examples, trains, and puts the model in force if it is no
worse than the one before."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kulanz.cli.database import database, ready_django
from kulanz.cli.imports import bar
from kulanz.core.errors import InvalidInput

if TYPE_CHECKING:
    from kulanz.understanding.findings import Findings, Shown
    from kulanz.understanding.training import Trained

LISTED = 10  # warnings of one kind


def run(options: argparse.Namespace) -> int:
    paths = [path.resolve() for path in options.paths]
    with database(options):
        ready_django()
        if options.dry_run:
            return _rehearse(paths)
        return _train(paths, anyway=options.anyway)


def _train(paths: Sequence[Any], *, anyway: bool) -> int:
    from kulanz.understanding.candidates import do_activate_model, do_compare
    from kulanz.understanding.training import do_keep

    trained = _fitted(paths)
    model = do_keep(trained, "command line")
    compared = do_compare(model, "command line")
    if compared["against"]:
        print(_comparison(compared))
    try:
        do_activate_model(model.pk, "command line", anyway=anyway)
    except InvalidInput as error:
        print(f"Not in force: {error} It is kept as a candidate; --anyway puts such a model in force.")
        return 1
    print(f"Model {trained.manifest['version']} is in force now.")
    return 0


def _rehearse(paths: Sequence[Any]) -> int:
    """Everything but the end: what was imported is taken back, no model is kept."""
    from django.db import transaction

    with transaction.atomic():
        _fitted(paths)
        transaction.set_rollback(True)
    print("Dry run: nothing was imported, no model was kept.")
    return 0


def _fitted(paths: Sequence[Any]) -> Trained:
    from kulanz.understanding.importing import do_import_intents
    from kulanz.understanding.training import train

    for path in paths:
        with bar("examples") as progress:
            summary = do_import_intents(path, progress, "command line")
        print(f"{path.name}: {summary.added} examples added, {summary.known} known already.")
    began = time.perf_counter()
    with bar("training") as progress:
        trained = train(progress)
    manifest, seconds = trained.manifest, time.perf_counter() - began
    print(f"Trained on {manifest['examples']} examples of {len(manifest['intents'])} intents in {seconds:.1f} s.")
    _print_figures(trained)
    return trained


def _print_figures(trained: Trained) -> None:
    from kulanz.understanding.candidates import accuracy
    from kulanz.understanding.findings import HeldOut
    from kulanz.understanding.models import IntentExample

    share = accuracy(trained.held_out)
    if share is not None:
        held = trained.manifest["held_out"]
        print(
            f"Held-out examples understood: {share:.1%} of {held['held_out']:.0f}; "
            f"{held['accuracy_with_rejection']:.1%} where the model may say that it is none of the intents."
        )
    examples = list(IntentExample.objects.all())
    findings = HeldOut(trained.held_out).findings(examples)
    for line in warnings(findings):
        print(line)


def warnings(findings: Findings) -> list[str]:
    """The findings in lines: a title with the number, then the first of them by name."""
    lines: list[str] = []

    def kind(title: str, rows: list[str]) -> None:
        if rows:
            lines.append(f"{title}: {len(rows)}")
            lines.extend(f"  {row}" for row in rows[:LISTED])
            lines.extend([f"  … and {len(rows) - LISTED} more"] if len(rows) > LISTED else [])

    kind("The same words under several intents", [_contradiction(group) for group in findings.contradictory])
    kind(
        "Probably under the wrong intent",
        [f"{e.text!r} is {e.intent}, reads like {e.predicted} ({e.percent} %)" for e in findings.mislabelled],
    )
    kind(
        "Intents taken for each other",
        [f"{one} and {other}: {rate} %, e. g. {rows[0].text!r}" for one, other, rate, rows in findings.overlapping],
    )
    kind("Too few examples", [f"{intent}: {count}" for intent, count in findings.few])
    kind("Nearly the same twice", [f"{e.text!r} and {other.text!r} ({e.intent})" for e, other in findings.duplicates])
    return lines


def _contradiction(group: tuple[Shown, ...]) -> str:
    return f"{group[0].text!r}: {', '.join(sorted({e.intent for e in group}))}"


def _comparison(compared: dict[str, Any]) -> str:
    held, cases, readings = compared["held_out"], compared["protected"], compared["readings"]
    return (
        f"Against {compared['against']}: {held['candidate']} to {held['active']} of {held['rows']} held-out examples "
        f"right ({held['won']} won, {held['lost']} lost); {len(cases['newly_failed'])} of {cases['cases']} protected "
        f"cases newly wrong; {readings['changed']} of the {readings['looked_at']} newest readings different."
        + "".join(
            f" Moods, {name}: {one['candidate']} to {one['active']} of {one['rows']} right."
            for name, one in compared["feelings"].items()
        )
    )
