"""Flow files as written: the data, and the line on which each part of it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from kulanz.core.errors import InvalidInput

Path = tuple[str | int, ...]
INNER = ("then", "else", "declined", "on_refused", "on_unknown", "on_repeated", "on_declined", "none", "late")
"""Where steps stand inside a step, besides the ways of a `choose`."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file: its data (never changed), and the line (from 1) of every path into it."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def steps(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Every step, wherever it stands, with its path."""
        yield from walk(self.data.get("steps", ()), ("steps",))

    def parts(self) -> list[str]:
        """The flows that this one does on the way."""
        return list(dict.fromkeys(step["do"] for _, step in self.steps() if "do" in step))


def walk(steps: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every step of a list and inside its steps."""
    for number, step in enumerate(steps if isinstance(steps, list | tuple) else ()):
        here = (*path, number)
        if not isinstance(step, dict):
            continue
        yield here, step
        for where, inner in branches(step):
            yield from walk(inner, (*here, *where))


def branches(step: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The lists of steps inside a step."""
    for name in INNER:
        if step.get(name):
            yield (name,), step[name]
    options = step.get("options") if "choose" in step else None
    for name, option in (options or {}).items():
        if isinstance(option, dict) and option.get("then"):
            yield ("options", name, "then"), option["then"]


DEEPEST = 100
_BRACKETS = re.compile(r"[\[\]{}]")


class _Loader(yaml.SafeLoader):
    """YAML that takes `on`, `yes` and `no` as the words they are, and refuses two entries of one name. It says best
    what is wrong; the loader that is written in C is ten times as fast."""


class _FastLoader(yaml.CSafeLoader):
    pass


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    names: set[Any] = set()
    for name, _ in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a name is a word here", name.start_mark)
        if name.value in names:
            raise yaml.constructor.ConstructorError(None, None, f"`{name.value}` stands twice", name.start_mark)
        names.add(name.value)
    loader.flatten_mapping(node)
    return dict(loader.construct_mapping(node, deep=True))


_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind in (_Loader, _FastLoader):
    _kind.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    _kind.yaml_implicit_resolvers = _RESOLVERS


@lru_cache(maxsize=256)
def read_source(text: str, file: str) -> Source:
    """Reads a file; the same text is read once. Raises InvalidInput with the line where it is no valid YAML."""
    try:
        node, data = _read(_FastLoader, text)
    except (yaml.YAMLError, ValueError, RecursionError):
        node, data = _read_by_hand(text, file)
    if node is None or not isinstance(data, dict):
        raise InvalidInput(f"{file}:1: a flow is a mapping that begins with `flow: its_name`.")
    return Source(file, data, dict(_lines(node, ())))


def _read(kind: type[_Loader | _FastLoader], text: str) -> tuple[yaml.Node | None, Any]:
    if _depth(text) > DEEPEST:
        raise yaml.YAMLError(f"it is nested more than {DEEPEST} deep")
    loader = kind(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _depth(text: str) -> int:
    """How deep the text is nested at most, by brackets and by indentation: the reader written in C has no limit of its
    own and would take the process with it."""
    open_, deepest = 0, 0
    for mark in _BRACKETS.findall(text):
        open_ = max(0, open_ + (1 if mark in "[{" else -1))
        deepest = max(deepest, open_)
    widest = max((len(line) - len(line.lstrip(" -?")) for line in text.splitlines()), default=0)
    return max(deepest, widest // 2)


def _read_by_hand(text: str, file: str) -> tuple[yaml.Node | None, Any]:
    try:
        return _read(_Loader, text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInput(f"{file}:{line}: no valid YAML: {error.problem}. Check indentation and quotes.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}:1: no valid YAML: {error}") from error


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield (*path, name.value), name.start_mark.line + 1
            yield from ((p, line) for p, line in _lines(value, (*path, name.value)) if p != (*path, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number))
