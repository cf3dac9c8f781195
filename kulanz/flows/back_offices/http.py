"""One request to a JSON API over HTTP, and what its answer means."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.core.flow import fill
from kulanz.core.flow.texts import places as places_in
from kulanz.flows.back_offices.operation import MAX_ANSWER, CallResult
from kulanz.flows.back_offices.values import Unfit, data_of, finds_something
from kulanz.trust.outgoing import Guard, places

KEY_HEADER = "Idempotency-Key"
HIDDEN = "…"
_NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, without the secrets."""

    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


Arrange = Callable[[Mapping[str, Any], str], Request]


@dataclass(frozen=True, slots=True)
class HttpOperation:
    """`url` and `found_at` (where a write is found again by its `{key}`) hold places for arguments. `query` names the
    arguments that go into the address; the others that have no place there are the JSON body. `arrange` does all that
    in its own way, where the back office describes itself. `header` and `secret_query` carry the secret, `missing` is
    the environment variable that should hold it and is not set; with `hosts` nothing else is connected to. `sample` is
    an answer as it may look."""

    name: str
    method: str
    url: str
    header: tuple[str, str] = field(repr=False)
    timeout: float
    query: tuple[str, ...] = ()
    found_at: str = ""
    secret_query: tuple[str, str] = field(default=("", ""), repr=False)
    missing: str = ""
    hosts: tuple[str, ...] = ()
    key_header: str = KEY_HEADER
    arrange: Arrange | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def can_look_up(self) -> bool:
        return bool(self.found_at)

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        request = self.request(arguments, key)
        try:
            status, content = self._exchange(request)
        except _NOT_SENT as error:
            raise TransientError(f"{self.name}: the back office can't be reached") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{self.name}: no answer from the back office") from error
        return self._result(status, content)

    def request(self, arguments: Mapping[str, Any], key: str = "") -> Request:
        """The request of a call, without its secrets; arguments can't change the path they stand in. Raises Unfit."""
        request = self.arrange(arguments, key) if self.arrange else self._plain(arguments)
        if bad := [name for name, value in request.headers.items() if not _is_header(value)]:
            raise Unfit(self.name, [f"{name} holds characters that a header can't carry" for name in bad])
        marked = {self.key_header: key} if key else {}
        return Request(request.method, request.url, request.query, {**request.headers, **marked}, request.body)

    def preview(self, arguments: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """The request as it would be sent, with its secrets hidden. Raises Unfit."""
        request = self.request(arguments, key)
        header, query = self.header[0], self.secret_query[0]
        return {
            "method": request.method,
            "url": request.url,
            "query": {**request.query, **({query: HIDDEN} if query else {})},
            "headers": {**request.headers, **({header: HIDDEN} if header else {})},
            "body": request.body,
        }

    def example(self) -> dict[str, Any]:
        """An answer as it may look, for trials in which nothing is sent."""
        return dict(self.sample)

    def look_up(self, key: str) -> CallResult | None:
        url = self.found_at.replace("{key}", quote(key, safe=""))
        try:
            status, content = self._exchange(Request("GET", url))
        except httpx.HTTPError as error:
            raise TransientError(f"{self.name}: the back office can't be asked") from error
        if status == 404:
            return None
        data = data_of(content)
        if status != 200 or data is None:
            raise TransientError(f"{self.name}: the look-up answered {status}")
        return CallResult("done", data) if finds_something(data) else None

    def _plain(self, arguments: Mapping[str, Any]) -> Request:
        placed = {name for name, _ in places_in(self.url)}
        inside = {name: in_path(self.name, name, arguments.get(name)) for name in placed}
        query = {name: str(arguments[name]) for name in self.query if arguments.get(name) is not None}
        body = {name: value for name, value in arguments.items() if name not in placed | set(self.query)}
        return Request(
            self.method, fill(self.url, inside, "en"), query, body=None if self.method in {"GET", "DELETE"} else body
        )

    def _result(self, status: int, content: bytes | None) -> CallResult:
        if status >= 500 or status in {408, 429}:
            raise OutcomeUnknown(f"{self.name}: the back office answered {status}")
        if status in {401, 407}:
            raise PermanentError(f"{self.name}: the back office does not accept our key ({status})")
        data = data_of(content)
        if status >= 400:
            return CallResult("refused", {"http_status": status, **(data or {})})
        if status >= 300:
            told = f"{self.name}: the back office redirects, which is not followed"
            raise PermanentError(told) if self.method in {"GET", "HEAD"} else OutcomeUnknown(told)  # 303: it has acted
        if data is None:
            raise OutcomeUnknown(f"{self.name}: the answer is no JSON, or longer than {MAX_ANSWER:,} bytes")
        return CallResult("done", data)

    def _exchange(self, request: Request) -> tuple[int, bytes | None]:
        """Status and body; None for a body that is too long, of which no more is read. The time limit holds for each
        wait and for the whole."""
        if self.missing:
            raise PermanentError(f"{self.name}: the environment variable {self.missing} is not set")
        end = time.monotonic() + self.timeout
        secret = {self.secret_query[0]: self.secret_query[1]} if self.secret_query[0] else {}
        client = _client(self.header, self.hosts)
        url = httpx.URL(request.url).copy_merge_params({**request.query, **secret})
        headers = dict(request.headers)
        with client.stream(request.method, url, timeout=self.timeout, headers=headers, json=request.body) as answer:
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > MAX_ANSWER:
                    return answer.status_code, None
                if time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer takes too long")
            return answer.status_code, content


def in_path(operation: str, name: str, value: Any) -> str:
    """An argument as one part of a path. Raises Unfit for what would make the path another one: nothing, `.`, `..`."""
    text = "" if value is None else str(value)
    if text.strip() in {"", ".", ".."}:
        raise Unfit(operation, [f"{name} is missing" if not text.strip() else f"{name} can't stand in an address"])
    return quote(text, safe="")


def _is_header(value: str) -> bool:
    return value.isprintable() and value.isascii() and value == value.strip()


@lru_cache(maxsize=32)
def _client(header: tuple[str, str], hosts: tuple[str, ...]) -> httpx.Client:
    """One client per back office: it keeps connections, and making one costs more than a call. Answers come unpacked,
    so that a small one can't turn out large."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return httpx.Client(
        headers={**headers, header[0]: header[1]} if header[0] else headers,
        transport=Guard(places(hosts), setting="`hosts` in actions.yaml") if hosts else None,
        follow_redirects=False,
        trust_env=False,
    )
