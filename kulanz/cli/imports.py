"""`kulanz import knowledge PATH…` and `kulanz import intents FILE…`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from kulanz.cli.database import database, ready_django


def run(options: argparse.Namespace) -> int:
    paths = [path.resolve() for path in options.paths]
    with database(options):
        ready_django()
        return _knowledge(paths) if options.what == "knowledge" else _intents(paths)


@contextmanager
def bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, fed with (done, in all)."""
    with tqdm(desc=text, unit="", dynamic_ncols=True) as shown:

        def progress(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield progress


def _knowledge(paths: list[Path]) -> int:
    from kulanz.knowledge.importing import do_import

    with bar("articles") as progress:
        summary = do_import(paths, progress=progress)
    print(
        f"{summary.added} added, {summary.changed} changed, {summary.unchanged} unchanged, {summary.removed} removed; "
        f"{summary.passages} passages."
    )
    for file, reason in summary.skipped:
        print(f"skipped {file}: {reason}")
    return 0


def _intents(paths: list[Path]) -> int:
    from kulanz.understanding.importing import do_import_intents
    from kulanz.understanding.training import do_train

    for path in paths:
        with bar("examples") as progress:
            summary = do_import_intents(path, progress)
        print(f"{path.name}: {summary.added} examples added, {summary.known} known already.")
    with bar("training") as progress:
        manifest = do_train(progress)
    print(f"Trained on {manifest['examples']} examples of {len(manifest['intents'])} intents; in force now.")
    return 0
