"""A call's arguments, laid into the request that an OpenAPI operation describes, and checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kulanz.core.flow import fill_value
from kulanz.core.flow.texts import places
from kulanz.flows.back_offices.described import Described, Parameter
from kulanz.flows.back_offices.http import Request, in_path
from kulanz.flows.back_offices.values import Unfit

KEY = "idempotency_key"
"""The place that stands for the key of a write."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`parameters` and `body` say where arguments go that have other names there; the others go by their names."""

    name: str
    operation: Described
    base: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    key_header: str = ""

    def __call__(self, arguments: Mapping[str, Any], key: str) -> Request:
        """The request. Raises Unfit that names everything that is wrong with the arguments."""
        wrong: list[str] = [f"{name} is not known there" for name in arguments if name not in self.known()]
        values = {**arguments, KEY: key}
        path, query, headers = self.operation.path, {}, {}
        for parameter in self.operation.parameters:
            value = self._value(parameter, values, wrong)
            if value is None:
                continue
            if parameter.where == "path":
                path = path.replace(f"{{{parameter.name}}}", self._inside(parameter, value, wrong))
            elif parameter.where == "query":
                several = parameter.explode and isinstance(value, list)
                query[parameter.name] = _listed(value) if several else ",".join(_listed(value))
            else:
                headers[parameter.name] = ",".join(_listed(value))
        body = self._body(values, wrong)
        if wrong:
            raise Unfit(self.name, list(dict.fromkeys(wrong)))
        return Request(self.operation.method.upper(), self.base + path, query, headers, body)

    def known(self) -> set[str]:
        """The names of the arguments that a call may have."""
        free = {p.name for p in self.operation.parameters if p.name not in self.parameters}
        if self.body is None and self.operation.body is not None and not self.operation.must_map:
            free |= set(self.operation.body.properties)
        return free | _named(self.parameters) | _named(self.body)

    def unknown_parameters(self) -> list[str]:
        """Names in the mapping that the operation does not have."""
        known = {p.name for p in self.operation.parameters}
        return [name for name in self.parameters if name not in known]

    def _value(self, parameter: Parameter, values: Mapping[str, Any], wrong: list[str]) -> Any:
        if parameter.name in self.parameters:
            given = fill_value(self.parameters[parameter.name], values)
        else:
            given = values.get(parameter.name)
        if given is None or given == "":
            if parameter.where == "header" and parameter.name.casefold() == self.key_header.casefold():
                return None  # the key goes along by itself
            given = parameter.schema.default() if parameter.required else None
            if given is None:
                wrong.extend([f"{self._called(parameter)} is missing"] if parameter.required else [])
                return None
        fitting, problems = parameter.schema.fit(given, self._called(parameter))
        wrong.extend(problems)
        return fitting

    def _called(self, parameter: Parameter) -> str:
        """What the argument is called in the flow."""
        named = sorted(_named(self.parameters.get(parameter.name)))
        return named[0] if len(named) == 1 else parameter.name

    def _inside(self, parameter: Parameter, value: Any, wrong: list[str]) -> str:
        try:
            return in_path(self.name, self._called(parameter), ",".join(_listed(value)))
        except Unfit as error:
            wrong.extend(error.problems)
            return ""

    def _body(self, values: Mapping[str, Any], wrong: list[str]) -> Any:
        operation = self.operation
        if operation.body is None:
            return None
        if self.body is not None:
            body = _without_none(fill_value(self.body, values))
        else:
            taken = {p.name for p in operation.parameters} | _named(self.parameters)
            names = operation.body.properties if not operation.must_map else {}
            body = {n: values[n] for n in names if n not in taken and values.get(n) is not None}
        if not body and not operation.body_required:
            return None
        fitting, problems = operation.body.fit(body, "")
        wrong.extend(problems)
        return fitting


def _named(template: Any) -> set[str]:
    """The arguments that a mapping takes something from."""
    if isinstance(template, Mapping):
        return set().union(*map(_named, template.values()))
    if isinstance(template, list):
        return set().union(*map(_named, template))
    if not isinstance(template, str):
        return set()
    return {path.split(".")[0] for path, _ in places(template)} - {KEY}


def _without_none(value: Any) -> Any:
    """What has no value is not sent at all."""
    if isinstance(value, Mapping):
        return {name: _without_none(part) for name, part in value.items() if part is not None}
    return [_without_none(part) for part in value] if isinstance(value, list) else value


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
