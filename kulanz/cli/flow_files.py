"""`kulanz flows check`, `draw` and `test`: what helps with flow files."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kulanz.core.errors import InvalidInput

if TYPE_CHECKING:
    from kulanz.core.reading import Reading
    from kulanz.flows.actions import Action
    from kulanz.flows.mistakes import Mistake
    from kulanz.flows.sources import Source

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""For commands that need no database: Django wants an address, and nobody goes there."""


def add_subcommands(commands: Any) -> None:
    text = "check flow files: every mistake with its line and its remedy"
    check = commands.add_parser("check", help=text, description=text)
    check.add_argument("folder", nargs="?", type=Path, help="a folder of flows (default: those in force)")
    check.set_defaults(do=_check)
    text = "draw a flow as an SVG picture"
    draw = commands.add_parser("draw", help=text, description=text)
    draw.add_argument("flow")
    draw.add_argument("-o", "--out", type=Path, metavar="FILE", help="where to write it (default: standard output)")
    draw.add_argument("--language", choices=["de", "en"], default="en")
    draw.set_defaults(do=_draw)
    text = "play the scripted conversations beside the flows"
    test = commands.add_parser("test", help=text, description=text)
    test.add_argument("flow", nargs="?", default="", help="this flow alone")
    test.set_defaults(do=_test)
    for part in (draw, test):
        part.add_argument("--folder", type=Path, help="a folder of flows (default: those in force)")


@contextmanager
def _django(options: argparse.Namespace) -> Iterator[bool]:
    """Django, with the database where the flows in force are wanted; gives whether it is there."""
    import django

    from kulanz.cli.database import database

    if options.folder is None:
        with database(options):
            django.setup()
            yield True
        return
    if not options.folder.is_dir():
        raise InvalidInput(f"{options.folder} is no folder.")
    os.environ.setdefault("DATABASE_URL", NOWHERE)
    django.setup()
    yield False


def _sources(options: argparse.Namespace) -> tuple[dict[str, Source], Mapping[str, Action], list[Path]]:
    """The flows with the actions, and the folders where they lie."""
    from kulanz.flows.action_files import read_book, refuse
    from kulanz.flows.actions import FILE, actions, flow_folders
    from kulanz.flows.definitions import file_sources, sources_in
    from kulanz.flows.sources import read_source

    if options.folder is None:
        return file_sources(), actions(), flow_folders()
    file = options.folder / FILE
    if not file.exists():
        raise InvalidInput(f"{file} is missing: it describes the actions that flows call. docs/flows.md shows one.")
    book = read_book(read_source(file.read_text(encoding="utf-8"), FILE), options.folder)
    refuse([book])
    return sources_in(options.folder), book.actions, [options.folder]


def _published(there: bool) -> dict[str, Source]:
    """What the desk has published over the files; nothing in a database that was not prepared yet."""
    from django.db import connection

    from kulanz.flows.definitions import published_sources
    from kulanz.flows.models import FlowEdition

    if not there or FlowEdition._meta.db_table not in connection.introspection.table_names():
        return {}
    return published_sources()


def _check(options: argparse.Namespace) -> int:
    """Exit status 1 where a flow has a mistake; warnings and notes are told and let it pass."""
    with _django(options) as there:
        from kulanz.flows.definitions import mistakes_of
        from kulanz.flows.hints import hints
        from kulanz.flows.scripts import scripts_in

        sources, known, folders = _sources(options)
        scripts = {name: file for folder in folders for name, file in scripts_in(folder).items()}
        mistakes = mistakes_of(sources, known)
        wrong = {mistake.file for mistake in mistakes}
        for source in sources.values():
            mistakes += hints(source, sources, known, scripts) if source.file not in wrong else []
        published = _published(there)
    for mistake in sorted(mistakes, key=_in_file):
        print(mistake)
    for name in sorted(published):
        beside = "overrides its file" if name in sources else "has no file"
        print(f"{name}.yaml: note: the version published on the desk {beside}.")
    counts = Counter(mistake.level for mistake in mistakes)
    print(f"{len(sources)} flows: {counts['error']} errors, {counts['warning']} warnings, {counts['note']} notes.")
    return 1 if counts["error"] else 0


def _in_file(mistake: Mistake) -> tuple[str, int]:
    return mistake.file, mistake.line


def _draw(options: argparse.Namespace) -> int:
    with _django(options) as there:
        from kulanz.flows.checking import check_flow
        from kulanz.flows.drawing import draw

        sources, known, _folders = _sources(options)
        sources |= _published(there)
        source = _named(options.flow, sources)
        if mistakes := check_flow(source, sources, known):
            raise InvalidInput("\n".join(map(str, mistakes)))
        picture = draw(source, sources, options.language, known)
    if options.out is None:
        sys.stdout.write(picture)
    else:
        options.out.write_text(picture, encoding="utf-8")
    return 0


def _named(name: str, sources: Mapping[str, Any]) -> Any:
    if name not in sources:
        raise InvalidInput(f"There is no flow `{name}`. There are: {', '.join(sorted(sources)) or 'none'}.")
    return sources[name]


def _test(options: argparse.Namespace) -> int:
    """Exit status 1 where a conversation goes otherwise than its script."""
    with _django(options):
        from kulanz.flows.definitions import definition_of, mistakes_of
        from kulanz.flows.scripts import play, read_script, scripts_in

        sources, known, folders = _sources(options)
        if mistakes := mistakes_of(sources, known):
            raise InvalidInput("\n".join(map(str, mistakes)))
        scripts = {name: file for folder in folders for name, file in scripts_in(folder).items()}
        if options.flow:
            scripts = {options.flow: _named(options.flow, scripts)}
        played = []
        for name, file in scripts.items():
            definition = definition_of(_named(name, sources), sources)
            played += [*play(read_script(file), definition, known, _read)]
    failed = [one for one in played if one.failures]
    for one in failed:
        print("\n".join(map(str, one.failures)))
    good = len(played) - len(failed)
    print(f"{len(scripts)} flows, {len(played)} conversations: {good} as scripted, {len(failed)} not.")
    return 1 if failed else 0


def _read(text: str, language: str) -> Reading:
    """The real reading; without a trained model, which a flow that has begun does not need."""
    from kulanz.nlp.vector import LazyVector
    from kulanz.understanding.read import read_with

    return read_with(None, text, LazyVector(text), language_hint=language)
