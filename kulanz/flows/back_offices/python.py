"""A Python function as an operation: `function: my_company.actions.refund`."""

from __future__ import annotations

import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from typing import Any, get_type_hints

from django.db import connections
from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

from kulanz.core.errors import InvalidInput, OutcomeUnknown, PermanentError, TransientError
from kulanz.flows.back_offices.kind import Kind, Offer, Office, misplaced
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.back_offices.values import Unfit, as_data, finds_something, not_a_number, number_in
from kulanz.settings.logging import logger

log = logger(__name__)
KEY = "idempotency_key"
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


@dataclass(frozen=True, slots=True)
class FunctionOperation:
    """Called with its arguments by name, and with `idempotency_key` for a write where it takes one. What it returns (a
    mapping, a pydantic model, a dataclass, or None) is the receipt. `find` takes a key and returns the receipt of that
    write, or None where it never arrived."""

    name: str
    function: Callable[..., Any]
    timeout: float
    currency: str
    types: Mapping[str, TypeAdapter[Any]]
    writes: bool
    find: Callable[[str], Any] | None = None
    parameters: Mapping[str, inspect.Parameter] = field(default_factory=dict)

    @property
    def can_look_up(self) -> bool:
        return self.find is not None

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        checked = self.checked(arguments)
        if key and KEY in self.parameters:
            checked[KEY] = key
        try:
            return CallResult("done", self._run(self.function, checked))
        except InvalidInput as error:
            return CallResult("refused", {"reason": str(error)})
        except (TransientError, PermanentError):
            raise
        except Exception as error:  # a stranger's code: whatever it raises, a write may have happened
            log.warning("a function failed", action=self.name, error=type(error).__name__)
            raise OutcomeUnknown(f"{self.name}: the function failed with {type(error).__name__}") from error

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments in the function's types. Raises Unfit."""
        wrong = [f"{name} is not known there" for name in arguments if name not in self.parameters or name == KEY]
        found: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            value = arguments.get(name)
            if name == KEY or value is None:
                if name != KEY and parameter.default is inspect.Parameter.empty:
                    wrong.append(f"{name} is missing")
                continue
            try:
                found[name] = self.types[name].validate_python(self._plain(name, value))
            except ValidationError as error:
                wrong.extend(_told(name, value, error, self.currency))
        if wrong:
            raise Unfit(self.name, wrong)
        return found

    def _plain(self, name: str, value: Any) -> Any:
        """A sum of money is the number alone where a number is wanted."""
        wants = self.parameters[name].annotation
        number = number_in(value, self.currency) if wants in {int, float, Decimal} else None
        return value if number is None else Decimal(str(number)) if wants is Decimal else number

    def preview(self, arguments: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """What it would be called with. Raises Unfit."""
        shown = {name: str(value) for name, value in self.checked(arguments).items()}
        if KEY in self.parameters and key:
            shown[KEY] = key
        return {"function": f"{self.function.__module__}.{self.function.__qualname__}", "arguments": shown}

    def example(self) -> dict[str, Any]:
        """Nothing is known of its answers before it is called."""
        return {}

    def look_up(self, key: str) -> CallResult | None:
        if self.find is None:
            return None
        try:
            found = self._run(self.find, {KEY: key}, optional=True)
        except Exception as error:  # a stranger's code: it could not be asked
            raise TransientError(f"{self.name}: the look-up failed with {type(error).__name__}") from error
        return CallResult("done", found) if found and finds_something(found) else None

    def _run(self, function: Callable[..., Any], arguments: Mapping[str, Any], *, optional: bool = False) -> Any:
        """Its result as data, in a thread of its own. A function that takes too long can't be stopped: nobody waits for
        it any more, and what it does is unknown."""
        box: list[Any] = []
        thread = threading.Thread(
            target=contextvars.copy_context().run, args=(_caught, function, arguments, box), daemon=True
        )
        thread.start()
        thread.join(self.timeout)
        if not box:
            raise OutcomeUnknown(f"{self.name}: no answer within {self.timeout:g} seconds")
        if isinstance(box[0], Exception):
            raise box[0]
        return None if optional and box[0] is None else _data(box[0])


def _caught(function: Callable[..., Any], arguments: Mapping[str, Any], box: list[Any]) -> None:
    try:
        box.append(function(**arguments))
    except Exception as error:  # noqa: BLE001 - carried to the thread that waits
        box.append(error)
    finally:
        connections.close_all()  # this thread's own


def _data(result: Any) -> dict[str, Any]:
    if result is None:
        return {}
    return as_data(ANYTHING.dump_python(result, mode="json", fallback=str))


def _told(name: str, value: Any, error: ValidationError, currency: str) -> list[str]:
    """The mistakes with the argument's name and without its value."""
    kinds = {one["type"].split("_")[0] for one in error.errors(include_input=False)}
    if kinds & {"decimal", "float", "int"}:
        return [not_a_number(name, value, currency)]
    texts = [one["msg"] for one in error.errors(include_input=False, include_url=False, include_context=False)]
    return [f"{name}: {text[0].lower()}{text[1:]}" for text in texts]


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of one package: `python: my_company` allows those below it and no others."""

    office: Office
    package: str

    def offers(self) -> list[Offer]:
        """The public functions of the package's own module."""
        module = import_module(self.package)
        found = [
            (name, one)
            for name, one in inspect.getmembers(module, inspect.isfunction)
            if not name.startswith("_") and one.__module__.split(".")[0] == self.package.split(".")[0]
        ]
        return [
            Offer(f"{self.package}.{name}", (inspect.getdoc(one) or "").split("\n")[0][:120],
                  tuple(n for n in inspect.signature(one).parameters if n != KEY))
            for name, one in found
        ]  # fmt: skip

    def operation(self, name: str, entry: Mapping[str, Any]) -> FunctionOperation:
        function = self._function(str(entry["function"]), "function")
        parameters = _parameters(function)
        writes = bool(entry.get("writes", False))
        if writes and entry.get("duplicates") == "key" and KEY not in parameters:
            raise misplaced(f"`duplicates: key` needs a function that takes `{KEY}`.", "duplicates")
        try:
            types = {n: TypeAdapter(p.annotation if p.annotation is not p.empty else Any)
                     for n, p in parameters.items()}  # fmt: skip
        except PydanticSchemaGenerationError as error:
            raise misplaced(f"`{entry['function']}`: {str(error).splitlines()[0]}", "function") from error
        found = self._function(str(entry["look_up"]), "look_up") if entry.get("look_up") else None
        if found and KEY not in _parameters(found):
            raise misplaced(f"`look_up` needs a function that takes `{KEY}`.", "look_up")
        return FunctionOperation(
            name, function, float(entry.get("timeout", self.office.timeout)), self.office.currency, types, writes,
            found, parameters,
        )  # fmt: skip

    def _function(self, path: str, word: str) -> Callable[..., Any]:
        module, _, name = path.rpartition(".")
        if not f"{module}.".startswith(f"{self.package}.") or name.startswith("_"):
            raise misplaced(f"`{word}: {path}` is not in `{self.package}`, which `python:` allows.", word)
        try:
            found = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise misplaced(f"`{word}: {path}` can't be imported: {error}.", word) from error
        if not callable(found) or inspect.iscoroutinefunction(found):
            raise misplaced(f"`{word}: {path}` is no plain function.", word)
        return found  # type: ignore[no-any-return]


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters by name, with their types as objects. Raises Misplaced where they can't be given by name."""
    parameters = inspect.signature(function).parameters
    odd = {p.kind for p in parameters.values()} & {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL,
                                                   inspect.Parameter.VAR_KEYWORD}  # fmt: skip
    if odd:
        raise misplaced("The function must name each of its arguments (no *, ** or /).", "function")
    hints = get_type_hints(function, include_extras=True)
    return {name: p.replace(annotation=hints.get(name, p.empty)) for name, p in parameters.items()}


def connect(office: Office) -> Functions:
    """Imports the package. Raises Misplaced."""
    package = str(office.entry["python"])
    try:
        import_module(package)
    except (ImportError, ValueError) as error:
        raise misplaced(
            f"`python: {package}` can't be imported: {error}. Is it installed beside Kulanz?", "python"
        ) from error
    return Functions(office, package)


KIND = Kind(
    word="python",
    settings=frozenset({"timeout", "currency"}),
    picks=("function",),
    entries=frozenset({"look_up", "timeout"}),
    connect=connect,
)
