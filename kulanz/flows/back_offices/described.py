"""What an OpenAPI document (3.0 or 3.1) says: its operations, and what of them can be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from kulanz.core.errors import InvalidInput
from kulanz.flows.back_offices.document import Document, Part, Unsupported
from kulanz.flows.back_offices.kind import Offer
from kulanz.flows.back_offices.schema import Schema, example

METHODS = ("get", "put", "post", "patch", "delete")
_STYLES = {"path": "simple", "query": "form", "header": "simple"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation; `where` is path, query or header. A list is sent as several (`explode`) or as
    one with commas."""

    name: str
    where: str
    required: bool
    schema: Schema
    explode: bool


@dataclass(frozen=True, slots=True)
class Described:
    """One operation. `problem` says why it can't be used (empty: it can), `notes` what of it is left out.
    `must_map` says why its body needs a mapping in actions.yaml. `security` lists the ways in, one is enough: each a
    pair of way and name (see `kulanz.flows.back_offices.access.access`); empty means that none is needed."""

    name: str
    method: str
    path: str
    title: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_required: bool = False
    must_map: str = ""
    security: tuple[tuple[str, str], ...] = ()
    server: str = ""
    sample: Any = None
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def at(self) -> str:
        """The other name that it goes by."""
        return f"{self.method.upper()} {self.path}"

    def offer(self) -> Offer:
        """It, as a line of a list."""
        inside = self.body.properties if self.body and not self.must_map else {}
        needed = [p.name for p in self.parameters if p.required]
        needed += [n for n in inside if self.body and self.body_required and n in self.body.required]
        names = dict.fromkeys([*(p.name for p in self.parameters), *inside])
        notes = (*self.notes, *([self.must_map] if self.must_map else []))
        title = f"{self.at}: {self.title}" if self.title and self.name != self.at else self.title or self.at
        return Offer(self.name, title, tuple(names), tuple(needed), self.method == "get", self.problem, notes)


def described(document: Document, currency: str = "EUR") -> list[Described]:
    """Every operation of a document, with what of it can be used and what not. Raises InvalidInput where it is no
    OpenAPI document of version 3."""
    version = str(document.data.get("openapi", ""))
    if not version.startswith(("3.0", "3.1")):
        more = ": it is Swagger 2" if "swagger" in document.data else ""
        raise InvalidInput(f"this is no OpenAPI 3.0 or 3.1 document{more}.")
    found: list[Described] = []
    for path in _mapping(document.data.get("paths")):
        for method in METHODS:
            if method in _mapping(_item(document, path)):
                found.append(_one(document, path, method, currency))
    return list(_named_once(found))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _item(document: Document, path: str) -> Any:
    try:
        return document.part("paths", path).value
    except Unsupported:
        return {}


def _named_once(found: list[Described]) -> Iterator[Described]:
    """Two operations of one name go by method and path."""
    names = [one.name for one in found]
    for one in found:
        yield one if names.count(one.name) == 1 else replace(one, name=one.at)


def _one(document: Document, path: str, method: str, currency: str) -> Described:
    bare = Described(f"{method.upper()} {path}", method, path)
    try:
        item = document.part("paths", path)
        operation = document.part(*item.pointer, method)
        bare = replace(bare, name=operation.text("operationId") or bare.name, title=operation.text("summary")[:120])
        parameters, notes = _parameters(item, operation, currency)
        body, required, must_map, left_out = _body(operation, currency)
        if operation.get("callbacks"):
            notes.append("its callbacks are not listened to")
        return replace(
            bare, parameters=tuple(parameters), body=body, body_required=required, must_map=must_map,
            security=_security(document, operation), server=_server(document, item, operation),
            sample=_answer(operation), notes=(*notes, *left_out),
        )  # fmt: skip
    except Unsupported as error:
        return replace(bare, problem=str(error))


def _parameters(item: Part, operation: Part, currency: str) -> tuple[list[Parameter], list[str]]:
    """The parameters that can be filled; one that can't be is left out, or makes the operation unusable if required."""
    found: dict[tuple[str, str], Parameter] = {}
    notes: list[str] = []
    for holder in (item, operation):
        listed = holder.get("parameters")
        for _, part in listed.items() if listed else ():
            name, where = part.text("name"), part.text("in")
            required = where == "path" or _mapping(part.value).get("required") is True
            try:
                found[name, where] = _parameter(part, name, where, required, currency)
            except Unsupported as error:
                if required:
                    raise
                notes.append(f"{name} is left out: {error}")
    missing = [name for name in _places(item.pointer[-1]) if (name, "path") not in found]
    if missing:
        raise Unsupported(f"its path holds {{{missing[0]}}}, which it does not describe")
    return list(found.values()), notes


def _places(path: str) -> list[str]:
    return [part.split("}")[0] for part in path.split("{")[1:]]


def _parameter(part: Part, name: str, where: str, required: bool, currency: str) -> Parameter:
    if where == "cookie":
        raise Unsupported(f"the parameter {name} is a cookie")
    if where not in _STYLES or not name:
        raise Unsupported(f"the parameter {name or '?'} stands in no known place")
    inside = part.get("schema")
    if inside is None:
        raise Unsupported(f"the parameter {name} is described by its content and not by a schema")
    if part.text("style") not in {"", _STYLES[where]}:
        raise Unsupported(f"the parameter {name} is written in the style {part.text('style')}")
    if "object" in str(_mapping(inside.value).get("type")) or inside.get("properties"):
        raise Unsupported(f"the parameter {name} is an object")
    schema = Schema(inside, currency)
    schema.check()
    explode = _mapping(part.value).get("explode", where == "query") is True
    return Parameter(name, where, required, schema, explode)


def _json(content: Part | None) -> Part | None:
    """The part of a content that is JSON."""
    for kind, part in content.items() if content else ():
        plain = kind.split(";")[0].strip().lower()
        if plain in {"application/json", "*/*", "application/*"} or plain.endswith("+json"):
            return part
    return None


def _body(operation: Part, currency: str) -> tuple[Schema | None, bool, str, list[str]]:
    """The body's schema, whether it must be sent, why it must be mapped, and what of it is left out."""
    body = operation.get("requestBody")
    if body is None:
        return None, False, "", []
    required = _mapping(body.value).get("required") is True
    content = body.get("content")
    chosen = _json(content)
    if chosen is None:
        kinds = ", ".join(_mapping(content.value if content else None)) or "nothing"
        if required:
            raise Unsupported(f"its body is {kinds[:120]} and not JSON")
        return None, False, "", [f"its body is left out: it is {kinds[:120]} and not JSON"]
    inside = chosen.get("schema")
    if inside is None:
        return None, False, "", ["its body has no schema and is left out"] if not required else _no_schema()
    schema = Schema(inside, currency)
    schema.check()
    must_map = "" if schema.is_object else "its body must be mapped with `body:`, because it is not one object"
    if any(inside.get(word) for word in ("oneOf", "anyOf")):
        must_map = "its body must be mapped with `body:`, because it has several shapes (oneOf, anyOf)"
    return schema, required, must_map, []


def _no_schema() -> list[str]:
    raise Unsupported("its body has no schema")


def _security(document: Document, operation: Part) -> tuple[tuple[str, str], ...]:
    """The ways in that can be used. Raises Unsupported where there are only others."""
    wanted = operation.get("security") or (document.part("security") if "security" in document.data else None)
    if wanted is None or not wanted.value or any(not _mapping(part.value) for _, part in wanted.items()):
        return ()
    ways, problems = [], []
    for _, part in wanted.items():
        try:
            ways.append(_way(document, list(_mapping(part.value))))
        except Unsupported as error:
            problems.append(str(error))
    if not ways:
        raise Unsupported("; ".join(problems))
    return tuple(ways)


def _way(document: Document, names: list[str]) -> tuple[str, str]:
    if len(names) > 1:
        raise Unsupported(f"it asks for several keys at once ({', '.join(names)[:80]})")
    scheme = document.part("components", "securitySchemes", names[0])
    kind, where = scheme.text("type"), scheme.text("in")
    if kind == "apiKey" and where in {"header", "query"}:
        return where, scheme.text("name")
    if kind == "http" and scheme.text("scheme").lower() in {"bearer", "basic"}:
        return scheme.text("scheme").lower(), ""
    raise Unsupported(f"it asks for {names[0][:60]}, which is {' '.join([kind, where, scheme.text('scheme')]).strip()}")


def _server(document: Document, item: Part, operation: Part) -> str:
    """Where it is reached, as the document says; "" for nothing."""
    for holder in (operation, item, document.part()):
        first = holder.get("servers", "0")
        if first is not None:
            url = first.text("url")
            variables = first.get("variables")
            for name, part in variables.items() if variables else ():
                url = url.replace(f"{{{name}}}", str(_mapping(part.value).get("default", "")))
            return url
    return ""


def full_server(url: str, document_url: str) -> str:
    """The address of a server, which may be written from the document's own."""
    return urljoin(document_url, url).rstrip("/")


def _answer(operation: Part) -> Any:
    """An answer as it may look. Raises Unsupported where what comes back is no JSON."""
    answers = operation.get("responses")
    for status, part in sorted(answers.items(), key=lambda pair: pair[0]) if answers else ():
        if not status.startswith("2") or part.get("content") is None:
            continue
        content = _json(part.get("content"))
        if content is None:
            kinds = ", ".join(_mapping(part.value.get("content")))
            raise Unsupported(f"it answers with {kinds[:80] or 'nothing known'} and not with JSON")
        return _sample(content)
    return None


def _sample(content: Part) -> Any:
    if "example" in _mapping(content.value):
        return content.value["example"]
    examples = content.get("examples")
    for _, part in examples.items() if examples else ():
        if "value" in _mapping(part.value):
            return part.value["value"]
    try:
        return example(content.get("schema"))
    except Unsupported:
        return None
