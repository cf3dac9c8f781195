"""Which language models an installation uses, and what they may cost: from the environment, in this place alone.

Without `KULANZ_LLM_URL` and `KULANZ_LLM_MODEL` there is none, and everything works without.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from urllib.parse import urlsplit

from kulanz.core.errors import InvalidInput

PREFIX = "KULANZ_LLM_"
UNLIMITED = "unlimited"
OFF = "off"


class Task(StrEnum):
    """What a language model is asked for. Each may have a model, limits and prices of its own."""

    ANSWER = "answer"
    """An answer to a customer from passages, checked against them."""
    GAP_DRAFT = "gap_draft"
    """An article's first draft from agents' replies, checked against them."""
    SLOTS = "slots"
    """What a customer's reply says to a flow's open question, checked against their words."""
    REWORD = "reword"
    """An agent's own text shortened, made friendlier or translated; the agent sends it, or does not."""
    CHECK = "check"
    """The short call of `kulanz doctor` that finds out whether the server answers."""


class Secret:
    """A text that shows itself only to who asks for it: not in logs, reprs, errors or tracebacks."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret()"


@dataclass(frozen=True, slots=True)
class Model:
    """How one task reaches its model.

    `url` is the address that `/chat/completions` is appended to. `seconds` limit the whole call with its `retries`.
    `reply_tokens` limit one reply, `daily_tokens` this task's day (None: no limit of its own). Prices are for a million
    tokens, in whatever currency the operator counts in.
    """

    url: str
    name: str
    key: Secret = field(default=Secret(""), repr=False)
    seconds: float = 20.0
    retries: int = 1
    reply_tokens: int = 600
    daily_tokens: int | None = None
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """The models by task; a task without one is done in the built-in way.

    `daily_tokens` is the budget of all tasks together (None: no limit). After `failures` in a row a server is left
    alone for `rest_seconds`. `keep_texts` stores what was asked and replied, with personal data masked.
    """

    models: Mapping[Task, Model] = field(default_factory=dict)
    daily_tokens: int | None = 1_000_000
    failures: int = 3
    rest_seconds: float = 30.0
    keep_texts: bool = False

    def of(self, task: Task) -> Model | None:
        return self.models.get(task)


_PER_TASK = ("URL", "MODEL", "KEY", "SECONDS", "RETRIES", "REPLY_TOKENS", "DAILY_TOKENS", "PRICE_IN", "PRICE_OUT")
_COMMON = (*_PER_TASK, "FAILURES", "REST_SECONDS", "KEEP_TEXTS")


def read_language_models(environment: Mapping[str, str] | None = None) -> LanguageModels:
    """Reads `KULANZ_LLM_…` and, per task, `KULANZ_LLM_<TASK>_…`. Raises InvalidInput that names the variable, never
    its value where that may be secret."""
    given = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in (os.environ if environment is None else environment).items()
        if name.startswith(PREFIX) and value.strip()
    }
    known = {*_COMMON, *(f"{task.name}_{part}" for task in Task for part in _PER_TASK)}
    if unknown := sorted(given.keys() - known):
        raise InvalidInput(f"{PREFIX}{unknown[0]} is no setting of Kulanz; docs/language-models.md lists them.")
    models = {task: model for task in Task if (model := _model(given, task))}
    return LanguageModels(
        models=models,
        daily_tokens=_tokens(given, "DAILY_TOKENS", 1_000_000),
        failures=_whole(given, "FAILURES", 3, least=1),
        rest_seconds=_seconds(given, "REST_SECONDS", 30.0),
        keep_texts=given.get("KEEP_TEXTS", "0") not in ("0", "no", "false"),
    )


def _model(given: Mapping[str, str], task: Task) -> Model | None:
    def name_of(part: str) -> str:
        """The task's own variable where it is set, else the one for all."""
        own = f"{task.name}_{part}"
        return own if own in given else part

    url, model = given.get(name_of("URL"), ""), given.get(name_of("MODEL"), "")
    if not url or not model or model == OFF:
        return None
    own_server = f"{task.name}_URL" in given and given[f"{task.name}_URL"] != given.get("URL")
    key = given.get(f"{task.name}_KEY" if own_server else name_of("KEY"), "")  # a key belongs to one server alone
    return Model(
        url=_url(name_of("URL"), url),
        name=model,
        key=Secret(key),
        seconds=_seconds(given, name_of("SECONDS"), 20.0),
        retries=_whole(given, name_of("RETRIES"), 1),
        reply_tokens=_whole(given, name_of("REPLY_TOKENS"), 600, least=1),
        daily_tokens=_tokens(given, f"{task.name}_DAILY_TOKENS", None),
        price_in=_price(given, name_of("PRICE_IN")),
        price_out=_price(given, name_of("PRICE_OUT")),
    )


def _url(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput(
            f"{PREFIX}{name} must look like http://127.0.0.1:11434/v1 or https://host/v1, without user, password or "
            f"query; a key belongs into {PREFIX}KEY."
        )
    return url.rstrip("/")


def _whole(given: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    try:
        value = int(given.get(name, default))
    except ValueError:
        value = least - 1
    if value < least:
        raise InvalidInput(f"{PREFIX}{name} must be a whole number from {least} on.")
    return value


def _tokens(given: Mapping[str, str], name: str, default: int | None) -> int | None:
    if name not in given:
        return default
    return None if given[name] == UNLIMITED else _whole(given, name, 0)


def _seconds(given: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(given.get(name, default))
    except ValueError:
        value = 0.0
    if not 0 < value <= 3_600:
        raise InvalidInput(f"{PREFIX}{name} must be a number of seconds above 0, at most 3600.")
    return value


def _price(given: Mapping[str, str], name: str) -> Decimal:
    try:
        value = Decimal(given.get(name, "0"))
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and value >= 0):
        raise InvalidInput(f"{PREFIX}{name} must be a price for a million tokens, such as 0.15.")
    return value
