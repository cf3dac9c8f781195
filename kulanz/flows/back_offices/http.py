"""A back office with a JSON API over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.core.flow import fill
from kulanz.flows.back_offices.operation import MAX_ANSWER, CallResult


@dataclass(frozen=True, slots=True)
class HttpOperation:
    """`url` and `found_at` (where a write is found again by its `{key}`) hold places for arguments. `query` names the
    arguments that go into the address; the others that have no place there are the JSON body."""

    name: str
    method: str
    url: str
    header: tuple[str, str]
    timeout: float
    query: tuple[str, ...] = ()
    found_at: str = ""

    @property
    def can_look_up(self) -> bool:
        return bool(self.found_at)

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        url, query, body = self.request(arguments)
        headers = {"Idempotency-Key": key} if key else {}
        try:
            status, content = _exchange(
                _client(*self.header), self.method, url, timeout=self.timeout, params=query, json=body, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TransientError(f"{self.name}: the back office can't be reached") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{self.name}: no answer from the back office") from error
        return self._result(status, content)

    def request(self, arguments: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, Any] | None]:
        """Address, query and body of a call; arguments can't change the path they stand in."""
        inside = {name: quote(str(value), safe="") for name, value in arguments.items()}
        url = fill(self.url, inside, "en")
        query = {name: str(arguments[name]) for name in self.query if arguments.get(name) is not None}
        placed = {name for name in arguments if f"{{{name}}}" in self.url} | set(self.query)
        body = {name: value for name, value in arguments.items() if name not in placed}
        return url, query, None if self.method in {"GET", "DELETE"} else body

    def look_up(self, key: str) -> CallResult | None:
        url = self.found_at.replace("{key}", quote(key, safe=""))
        try:
            status, content = _exchange(_client(*self.header), "GET", url, timeout=self.timeout)
        except httpx.HTTPError as error:
            raise TransientError(f"{self.name}: the back office can't be asked") from error
        if status == 404:
            return None
        data = _json(content)
        if status != 200 or data is None:
            raise TransientError(f"{self.name}: the look-up answered {status}")
        return CallResult("done", data)

    def _result(self, status: int, content: bytes | None) -> CallResult:
        if status >= 500 or status in {408, 429}:
            raise OutcomeUnknown(f"{self.name}: the back office answered {status}")
        data = _json(content)
        if status >= 400:
            return CallResult("refused", {"http_status": status, **(data or {})})
        if status >= 300:
            raise PermanentError(f"{self.name}: the back office redirects, which is not followed")
        if data is None:
            raise OutcomeUnknown(f"{self.name}: the answer is no JSON, or longer than {MAX_ANSWER:,} bytes")
        return CallResult("done", data)


def _exchange(client: httpx.Client, method: str, url: str, **how: Any) -> tuple[int, bytes | None]:
    """Status and body; None for a body that is too long, of which no more is read."""
    with client.stream(method, url, **how) as answer:
        content = b""
        for part in answer.iter_bytes():
            content += part
            if len(content) > MAX_ANSWER:
                return answer.status_code, None
        return answer.status_code, content


@lru_cache(maxsize=32)
def _client(header: str, key: str) -> httpx.Client:
    """One client per back office: it keeps connections, and making one costs more than a call."""
    return httpx.Client(headers={header: key} if header else {}, follow_redirects=False, trust_env=False)


def _json(content: bytes | None) -> dict[str, Any] | None:
    """The answer's object; {} for no content, None for anything else than JSON."""
    if content is None:
        return None
    if not content.strip():
        return {}
    try:
        data = httpx.Response(200, content=content).json()
    except ValueError:
        return None
    return data if isinstance(data, dict) else {"items": data}
