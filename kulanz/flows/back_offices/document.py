"""A description from outside (OpenAPI, JSON Schema) as a tree in which references lead to what they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from kulanz.core.errors import InvalidInput

MAX_DOCUMENT = 5_000_000  # bytes
MAX_PARTS = 300_000
Pointer = tuple[str, ...]
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unsupported(InvalidInput):
    """Something that a description may hold and Kulanz does not work with."""


class _Loader(_BASE):  # type: ignore[misc]
    """YAML in which words and dates stay the texts that they are in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile(r"true|false|True|False") if tag.endswith(":bool") else pattern)
        for tag, pattern in resolvers
        if not tag.endswith((":timestamp", ":merge")) and (not tag.endswith(":bool") or first in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Document:
    """A whole description. Its references are followed inside it and nowhere else."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    @cached_property
    def registry(self) -> Registry[Any]:
        """For jsonschema: the document under the name `urn:d`, and nothing besides."""
        registry: Registry[Any] = Registry().with_resource("urn:d", DRAFT202012.create_resource(self.data))
        return registry

    def part(self, *pointer: str) -> Part:
        """The part at this place. Raises Unsupported."""
        return Part.at(self, pointer)


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a document, references followed."""

    document: Document
    pointer: Pointer
    value: Any

    @classmethod
    def at(cls, document: Document, pointer: Pointer) -> Part:
        """The part that stands there or is meant there. Raises Unsupported for a reference that leads out of the
        document, in a circle, or nowhere."""
        value = _walk(document.data, pointer)
        for _ in range(20):
            if not (isinstance(value, Mapping) and isinstance(value.get("$ref"), str)):
                return cls(document, pointer, value)
            pointer = _pointer(value["$ref"])
            value = _walk(document.data, pointer)
        raise Unsupported("a reference leads in a circle")

    def get(self, *names: str) -> Part | None:
        """The part below, or None where there is none."""
        here: Part = self
        for name in names:
            inside = here.value
            if isinstance(inside, list):
                inside = {str(number): part for number, part in enumerate(inside)}
            if not isinstance(inside, Mapping) or name not in inside:
                return None
            here = Part.at(here.document, (*here.pointer, name))
        return here

    def items(self) -> Iterator[tuple[str, Part]]:
        """The parts below, by name or number."""
        names = self.value if isinstance(self.value, Mapping) else map(str, range(len(self.value or ())))
        for name in names:
            yield str(name), Part.at(self.document, (*self.pointer, str(name)))

    def text(self, name: str) -> str:
        """The text below; "" for none."""
        value = self.value.get(name) if isinstance(self.value, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def reference(self) -> str:
        """This place for jsonschema."""
        escaped = (name.replace("~", "~0").replace("/", "~1").replace("%", "%25") for name in self.pointer)
        return "urn:d#" + "".join(f"/{name}" for name in escaped)


def _walk(value: Any, pointer: Pointer) -> Any:
    for name in pointer:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise Unsupported(f"a reference leads nowhere (#/{'/'.join(pointer)[:80]})")
    return value


def _pointer(reference: str) -> Pointer:
    if reference == "#":
        return ()
    if not reference.startswith("#/"):
        raise Unsupported(f"it refers to another document ({reference[:80]}), which is not read")
    return tuple(unquote(name).replace("~1", "/").replace("~0", "~") for name in reference[2:].split("/"))


def read_document(content: bytes, name: str) -> Document:
    """A description in JSON or YAML, with what OpenAPI 3.0 writes in its own way brought into JSON Schema's. Raises
    InvalidInput."""
    if len(content) > MAX_DOCUMENT:
        raise InvalidInput(f"{name} is larger than {MAX_DOCUMENT // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)  # noqa: S506
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise InvalidInput(f"{name} is neither JSON nor YAML: {str(error)[:200]}") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{name} holds no description.")
    return Document(_modern(data, [MAX_PARTS], name, 0))


def _modern(value: Any, left: list[int], name: str, depth: int) -> Any:
    left[0] -= 1
    if left[0] < 0 or depth > 100:
        raise InvalidInput(f"{name} has more than {MAX_PARTS:,} parts, or is nested too deeply.")
    if isinstance(value, list):
        return [_modern(part, left, name, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    new = {str(key): _modern(part, left, name, depth + 1) for key, part in value.items()}
    if new.get("nullable") is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
        if isinstance(new.get("enum"), list) and None not in new["enum"]:
            new["enum"] = [*new["enum"], None]
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(new.get(word), bool) and new.pop(word) and bound in new:
            new[word] = new.pop(bound)
    return new
