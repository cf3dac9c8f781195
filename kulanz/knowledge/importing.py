"""Import in step: after it, a source's articles are exactly those of its files; what did not change is not touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.documents import SUFFIXES, UNREAD, read_documents
from kulanz.knowledge.indexing import Vectors
from kulanz.knowledge.storing import (
    MAX_SOURCE,
    ImportSummary,
    Item,
    Loaded,
    Progress,
    Run,
    alone,
    do_store,
    summary_of,
)
from kulanz.knowledge.words import refresh_lexemes

__all__ = ["ImportSummary", "Progress", "do_import"]


def do_import(
    paths: Sequence[Path],
    *,
    source: str | None = None,
    progress: Progress | None = None,
    vectors: Vectors | None = None,
) -> ImportSummary:
    """Imports files and folders (see `documents.FORMATS`) and withdraws what vanished from them.

    All paths belong to `source`; without one, each path is a source of its own, named by its full path. Each file is
    one transaction; a bad one is skipped and named. `progress` is called with (articles done, articles in all as far
    as is known). `vectors` maps embedded strings (see `embedding_text`) to known unit vectors of shape (384,), which
    saves computing them.

    Raises InvalidInput if a named path is missing or holds no file to import, or if every named path is a bad file.
    Raises TransientError while another import of the same source runs.
    """
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path} does not exist: check the path.")
    groups = {source: list(paths)} if source else {_default_source(path): [path] for path in paths}
    work = [(name, _items(group)) for name, group in groups.items()]
    runs: list[Run] = []
    for name, items in work:
        done = runs[-1].done if runs else 0
        rest = sum(len(others) for _, others in work[len(runs) + 1 :])
        run = Run(name[:MAX_SOURCE], {} if vectors is None else vectors, progress, total=done + rest, done=done)
        runs.append(run)
        with alone(run.source):
            do_store(run, items)
    refresh_lexemes()
    _check_any(paths, runs)
    return summary_of(runs)


def _check_any(paths: Sequence[Path], runs: list[Run]) -> None:
    """Who names nothing but bad files has made a mistake, and hears it as one."""
    if not any(run.seen for run in runs) and not any(path.is_dir() for path in paths):
        raise InvalidInput(" ".join(reason for run in runs for _, reason in run.skipped))


def _default_source(path: Path) -> str:
    name = path.resolve().as_posix()
    if len(name) <= MAX_SOURCE:
        return name
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}…{name[-(MAX_SOURCE - 17) :]}"


def _items(paths: list[Path]) -> list[Item]:
    items: list[Item] = []
    names: dict[str, Path] = {}
    for path in paths:
        for file, name in _walk(path):
            if names.setdefault(name, file) != file:
                raise InvalidInput(f"{file} and {names[name]} have the same name in one source: rename one.")
            items.append(Item(name, str(file), partial(_load, file, name)))
    if not any(names[item.name].suffix.lower() in SUFFIXES for item in items):
        raise InvalidInput(f"No Markdown, HTML, text, CSV, JSONL, PDF or DOCX file in {', '.join(map(str, paths))}.")
    return items


def _load(file: Path, name: str) -> Loaded:
    return Loaded(read_documents(file, name))


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """(file, stable name inside the source); hidden files and pictures in a folder are passed over."""
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise InvalidInput(f"{path.name}: only {', '.join(sorted(SUFFIXES))} files can be imported.")
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        hidden = any(part.startswith((".", "~$")) for part in inside.parts)  # ~$ is a lock file of Word
        if file.suffix.lower() in SUFFIXES | UNREAD and not hidden and file.is_file():
            yield file, inside.as_posix()
