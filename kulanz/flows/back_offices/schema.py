"""A value brought into the shape that a schema asks for, and checked against it, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from kulanz.flows.back_offices.document import Part, Unsupported
from kulanz.flows.back_offices.values import not_a_number, number_in, other_currency

FORMATS = FormatChecker(formats=())
for _name, _read in (("date", date.fromisoformat), ("date-time", datetime.fromisoformat), ("uuid", UUID)):
    FORMATS.checks(_name, raises=ValueError)(lambda value, read=_read: not isinstance(value, str) or bool(read(value)))
FORMATS.checks("email")(lambda value: not isinstance(value, str) or ("@" in value[1:-1] and " " not in value))

_KINDS = {
    "number": "must be a number", "integer": "must be a whole number", "boolean": "must be true or false",
    "string": "must be a text", "array": "must be a list", "object": "must be a mapping", "null": "must be empty",
}  # fmt: skip
_RULES = {
    "minimum": "must be at least {}", "maximum": "must be at most {}", "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}", "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters", "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} entries", "maxItems": "must have at most {} entries",
    "pattern": "does not look as it should ({})", "const": "must be {}",
}  # fmt: skip
_FORMATS = {
    "date": "must be a day that exists, as 2026-01-31", "date-time": "must be a time, as 2026-01-31T12:00:00Z",
    "uuid": "must be a UUID", "email": "must be an e-mail address",
}  # fmt: skip
_DEEPEST = 30


class Schema:
    """The schema at one place of a document."""

    def __init__(self, part: Part, currency: str = "EUR") -> None:
        self.part = part
        self.currency = currency
        self._validator = Draft202012Validator(
            {"$ref": part.reference}, registry=part.document.registry, format_checker=FORMATS
        )

    def fit(self, value: Any, name: str) -> tuple[Any, list[str]]:
        """The value as the schema wants it, and what is wrong with it. The sentences name no values."""
        wrong: list[str] = []
        shaped = _shaped(value, self.part, name, self.currency, wrong)
        known = {problem.split(" ")[0] for problem in wrong}
        for error in self._validator.iter_errors(shaped):
            for problem in _told(error, name):
                if problem.split(" ")[0] not in known:
                    wrong.append(problem)
        return shaped, list(dict.fromkeys(wrong))

    def check(self) -> None:
        """Raises Unsupported where the schema itself can't be used."""
        _walk(self.part, set())
        try:
            Draft202012Validator.check_schema(self.part.value)
            next(self._validator.iter_errors({}), None)
        except SchemaError as error:
            raise Unsupported(f"its schema is wrong: {error.message[:120]}") from error
        except (Unresolvable, RecursionError) as error:
            raise Unsupported("its schema refers to something that is not there") from error

    @property
    def is_object(self) -> bool:
        """Whether its properties are known by name."""
        return isinstance(self.part.value, Mapping) and bool(dict(_properties(self.part)))

    @property
    def properties(self) -> dict[str, Part]:
        """The properties that can be filled by name, those of every `allOf` too; not those that only answers have."""
        found = dict(_properties(self.part))
        return {name: part for name, part in found.items() if not _is(part, "readOnly")}

    @property
    def required(self) -> set[str]:
        return set(_required(self.part))

    def default(self) -> Any:
        """The value that is meant where none is given; None without one."""
        return self.part.value.get("default") if isinstance(self.part.value, Mapping) else None


def _is(part: Part, word: str) -> bool:
    return isinstance(part.value, Mapping) and part.value.get(word) is True


def _types(part: Part) -> list[str]:
    kind = part.value.get("type") if isinstance(part.value, Mapping) else None
    return [kind] if isinstance(kind, str) else list(kind or ())


def _all_of(part: Part, depth: int = 0) -> Iterator[Part]:
    yield part
    more = part.get("allOf") if depth < _DEEPEST else None
    for _, inner in more.items() if more else ():
        yield from _all_of(inner, depth + 1)


def _properties(part: Part) -> Iterator[tuple[str, Part]]:
    for one in _all_of(part):
        properties = one.get("properties")
        yield from properties.items() if properties else ()


def _required(part: Part) -> Iterator[str]:
    for one in _all_of(part):
        if isinstance(one.value, Mapping):
            yield from one.value.get("required", ())


def _shaped(value: Any, part: Part, name: str, currency: str, wrong: list[str], depth: int = 0) -> Any:
    """Texts become the numbers, yes and no that the schema asks for; nothing is guessed."""
    types = _types(part)
    if not isinstance(part.value, Mapping) or depth > _DEEPEST or (value is None and "null" in types):
        return value
    if isinstance(value, Mapping):
        inner = dict(_properties(part))
        return {
            key: _shaped(one, inner[key], f"{name}.{key}" if name else key, currency, wrong, depth + 1)
            if key in inner
            else one
            for key, one in value.items()
        }
    if isinstance(value, list):
        items = part.get("items")
        return [_shaped(v, items, f"{name}.{n}", currency, wrong, depth + 1) if items else v
                for n, v in enumerate(value)]  # fmt: skip
    return _scalar(value, types or [t for one in _all_of(part) for t in _types(one)], part, name, currency, wrong)


def _scalar(value: Any, types: list[str], part: Part, name: str, currency: str, wrong: list[str]) -> Any:
    if "string" in types or not types:
        decimal = isinstance(part.value, Mapping) and part.value.get("format") == "decimal"
        if decimal and isinstance(value, str):
            return _decimal(value, name, currency, wrong)
        return str(value) if types and isinstance(value, int | float) and not isinstance(value, bool) else value
    if "number" in types or "integer" in types:
        number = number_in(value, currency)
        if number is None:
            wrong.append(not_a_number(name, value, currency))
            return value
        return int(number) if number == int(number) and "integer" in types else number
    if "boolean" in types and isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    return value


def _decimal(value: str, name: str, currency: str, wrong: list[str]) -> str:
    if number_in(value, currency) is None:
        wrong.append(not_a_number(name, value, currency))
    elif other_currency(value, currency) == "":
        return value.strip().split(" ")[0]
    return value


def _told(error: ValidationError, name: str) -> Iterator[str]:
    """The mistake as sentences with the name of what is wrong, without its value."""
    where = ".".join([*([name] if name else []), *map(str, error.absolute_path)]) or "it"
    rule, wanted = str(error.validator), cast(Any, error.validator_value)
    if rule == "required":
        for missing in wanted:
            if isinstance(error.instance, Mapping) and missing not in error.instance:
                yield f"{where}.{missing} is missing" if where != "it" else f"{missing} is missing"
    elif rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        yield f"{where} {_KINDS.get(kinds[0], 'is of the wrong type')}"
    elif rule == "enum":
        yield f"{where} must be one of {', '.join(map(str, wanted))[:200]}"
    elif rule == "format":
        yield f"{where} {_FORMATS.get(wanted, 'does not look as it should')}"
    elif rule == "additionalProperties" and isinstance(error.instance, Mapping) and isinstance(error.schema, Mapping):
        for unknown in sorted(set(error.instance) - set(error.schema.get("properties", ()))):
            yield f"{where}.{unknown} is not known there" if where != "it" else f"{unknown} is not known there"
    else:
        yield f"{where} {_RULES[rule].format(wanted) if rule in _RULES else 'fits none of the shapes allowed'}"


def _walk(part: Part, seen: set[tuple[str, ...]]) -> None:
    """Visits every schema that this one leads to. Raises Unsupported for a reference that leads out of the document."""
    if part.pointer in seen:
        return
    seen.add(part.pointer)
    if not isinstance(part.value, Mapping | list):
        return
    if len(seen) > 5_000:
        raise Unsupported("its schema has too many parts")
    for name, inner in part.items():
        if name not in {"example", "examples", "default", "enum", "const", "description"}:
            _walk(inner, seen)


def example(part: Part | None, depth: int = 0) -> Any:
    """A value as the schema describes it: its example, its default, or one made of its types."""
    if part is None or depth > 8 or not isinstance(part.value, Mapping):
        return None
    schema = part.value
    for word in ("example", "default", "const"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum"):
        if isinstance(schema.get(word), list) and schema[word]:
            return schema[word][0]
    if inner := dict(_properties(part)):
        return {name: example(one, depth + 1) for name, one in inner.items()}
    for word in ("oneOf", "anyOf"):
        if part.get(word, "0"):
            return example(part.get(word, "0"), depth + 1)
    return _made(part, (_types(part) or [""])[0], depth)


def _made(part: Part, kind: str, depth: int) -> Any:
    if kind == "array":
        inner = example(part.get("items"), depth + 1)
        return [] if inner is None else [inner]
    if kind == "string":
        return {"date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z"}.get(part.text("format"), "text")
    return {"number": 1.0, "integer": 1, "boolean": True, "object": {}}.get(kind)
