"""`kulanz import knowledge PATH…|SITEMAP…` and `kulanz import intents FILE…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from kulanz.cli.database import database, ready_django
from kulanz.core.errors import KulanzError

if TYPE_CHECKING:
    from kulanz.knowledge.storing import ImportSummary

MOST_SHOWN = 200
"""Skipped files that are named one by one."""


def run(options: argparse.Namespace) -> int:
    with database(options):
        ready_django()
        return _knowledge(options.paths) if options.what == "knowledge" else _intents(_files(options.paths))


def _files(paths: Sequence[str]) -> list[Path]:
    return [Path(path).resolve() for path in paths]


@contextmanager
def bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, fed with (done, in all)."""
    with tqdm(desc=text, unit="", dynamic_ncols=True) as shown:

        def progress(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield progress


def _knowledge(paths: Sequence[str]) -> int:
    """Files and folders first; a website that can't be read does not keep the others from being imported."""
    from kulanz.knowledge.importing import do_import
    from kulanz.knowledge.website import do_import_website

    sites = [path for path in paths if path.lower().startswith(("http://", "https://"))]
    failed = 0
    if files := _files([path for path in paths if path not in sites]):
        with bar("articles") as progress:
            summary = do_import(files, progress=progress)
        _print(summary)
    for site in sites:
        try:
            with bar("pages") as progress:
                summary = do_import_website(site, progress=progress)
        except KulanzError as error:
            print(f"kulanz: {error}", file=sys.stderr)
            failed = 1
        else:
            _print(summary)
    return failed


def _print(summary: ImportSummary) -> None:
    print(
        f"{summary.added} added, {summary.changed} changed, {summary.unchanged} unchanged, {summary.removed} removed; "
        f"{summary.passages} passages, {len(summary.skipped)} skipped."
    )
    for file, reason in summary.skipped[:MOST_SHOWN]:
        print(f"skipped {file}: {reason}")
    if len(summary.skipped) > MOST_SHOWN:
        print(f"… and {len(summary.skipped) - MOST_SHOWN} more.")


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
