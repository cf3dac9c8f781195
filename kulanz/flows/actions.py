"""Actions: calls to back-office systems, described in `actions.yaml`. Reads are simply made; writes run once.

A write is stored under its key before it is sent. Whatever happens then, the key finds it again: a second wish
with the same key gets the first one's receipt, and a lost answer is *unknown*, looked up and never sent blindly.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

import httpx
import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from kulanz.core.errors import InvalidInput, OutcomeUnknown, PermanentError, TransientError
from kulanz.core.flow import fill
from kulanz.flows.models import ActionCall, CallStatus

MAX_ANSWER = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Action:
    """One operation of a back office. `look_up` is the path that finds a write again by its key."""

    name: str
    method: str
    url: str
    key_header: tuple[str, str]
    writes: bool
    timeout: float
    look_up: str = ""
    query: tuple[str, ...] = ()
    reference: str = ""
    summary: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CallResult:
    """`done` with the answer's data, `refused` by the back office (data says why), or `unknown`."""

    status: Literal["done", "refused", "unknown"]
    data: dict[str, Any]


def flow_folders() -> list[Path]:
    """Where flows and actions lie: `flows` in the data folder, and in demo mode the demo company's."""
    own = settings.DATA_DIR / "flows"
    demo = settings.PACKAGE / "demo" / "flows"
    return [folder for folder in ([own, demo] if settings.DEMO else [own]) if folder.is_dir()]


@lru_cache(maxsize=1)
def actions() -> Mapping[str, Action]:
    """Every action, from `flows/actions.yaml` in the data folder, and in demo mode the demo company's."""
    found: dict[str, Action] = {}
    for folder in flow_folders():
        file = folder / "actions.yaml"
        if file.exists():
            found |= _read_actions(yaml.safe_load(file.read_text(encoding="utf-8")), file.name)
    return found


def _read_actions(data: dict[str, Any], where: str) -> dict[str, Action]:
    try:
        office = data["back_office"]
        base = str(office["url"]).replace("{base_url}", settings.BASE_URL).rstrip("/")
        header = (office["key_header"], _secret(office))
        return {
            name: Action(
                name=name,
                method=entry["method"].upper(),
                url=base + entry["path"],
                key_header=header,
                writes=bool(entry.get("writes", False)),
                timeout=float(entry.get("timeout", office.get("timeout", 5))),
                look_up=base + entry["look_up"] if entry.get("look_up") else "",
                query=tuple(entry.get("query", ())),
                reference=entry.get("reference", ""),
                summary=entry.get("summary"),
            )
            for name, entry in data["actions"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{where} lacks or misplaces an entry: {error}. docs/flows.md shows a full one.") from error


def _secret(office: Mapping[str, Any]) -> str:
    """The key of the back office, from the environment variable named; the demo's is made by its own function."""
    if "key_function" in office:
        return str(import_string(office["key_function"])())
    return os.environ.get(office["key_env"], "")


def call_key(conversation_id: UUID, flow: str, step: str, arguments: Mapping[str, Any], attempt: str = "") -> str:
    """The same for the same wish: conversation, flow, step and arguments (order of names does not matter)."""
    wish = json.dumps([str(conversation_id), flow, step, dict(arguments), attempt], sort_keys=True, default=str)
    return hashlib.sha256(wish.encode()).hexdigest()[:40]


def read_call(action: Action, arguments: Mapping[str, Any]) -> CallResult:
    """A reading call. Raises TransientError where the back office is down or slow."""
    try:
        return _send(action, arguments, key="")
    except OutcomeUnknown as error:
        raise TransientError(str(error)) from error


def do_write_call(action: Action, arguments: dict[str, Any], conversation_id: UUID, key: str) -> CallResult:
    """A writing call, made at most once for its key. Raises TransientError where it surely did not happen."""
    call, created = ActionCall.objects.get_or_create(
        key=key, defaults={"conversation_id": conversation_id, "action": action.name, "arguments": arguments}
    )
    if call.status in {CallStatus.DONE, CallStatus.REFUSED}:
        return CallResult(call.status, call.receipt)  # type: ignore[arg-type]
    if not created and (found := look_up(action, key)):  # sent before, the answer never came
        return _settle(call, found)
    with transaction.atomic():
        ActionCall.objects.filter(pk=call.pk).update(attempts=call.attempts + 1)
    try:
        result = _send(action, arguments, key)
    except OutcomeUnknown:
        result = look_up(action, key) or CallResult("unknown", {})
    except TransientError:
        ActionCall.objects.filter(pk=call.pk).update(attempts=call.attempts)  # this try surely did nothing
        if not call.attempts:
            raise
        result = CallResult("unknown", {})  # but the one before may have
    return _settle(call, result)


def look_up(action: Action, key: str) -> CallResult | None:
    """What the back office knows of this key; None where it knows nothing or can't be asked."""
    if not action.look_up:
        return None
    try:
        url = action.look_up.replace("{key}", quote(key))
        answer = _client(*action.key_header).get(url, timeout=action.timeout)
    except httpx.HTTPError:
        return None
    return CallResult("done", _json(answer)) if answer.status_code == 200 else None


def _settle(call: ActionCall, result: CallResult) -> CallResult:
    ActionCall.objects.filter(pk=call.pk).update(
        status=result.status,
        receipt=result.data,
        settled_at=None if result.status == "unknown" else timezone.now(),
    )
    return result


@lru_cache(maxsize=32)
def _client(header: str, key: str) -> httpx.Client:
    """One client per back office: it keeps connections, and making one costs more than a call."""
    return httpx.Client(headers={header: key}, follow_redirects=False, trust_env=False)


def _send(action: Action, arguments: Mapping[str, Any], key: str) -> CallResult:
    """Raises TransientError where nothing was sent, OutcomeUnknown where the answer is missing."""
    inside = {name: quote(str(value), safe="") for name, value in arguments.items()}
    url = fill(action.url, inside, "en")
    query = {name: str(arguments[name]) for name in action.query if arguments.get(name) is not None}
    body = None if action.method == "GET" else {n: v for n, v in arguments.items() if f"{{{n}}}" not in action.url}
    headers = {"Idempotency-Key": key} if key else {}
    try:
        answer = _client(*action.key_header).request(
            action.method, url, params=query, json=body, headers=headers, timeout=action.timeout
        )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise TransientError(f"{action.name}: the back office can't be reached") from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(f"{action.name}: no answer from the back office") from error
    return _result(action, answer)


def _result(action: Action, answer: httpx.Response) -> CallResult:
    if answer.status_code >= 500 or answer.status_code in {408, 429}:
        raise OutcomeUnknown(f"{action.name}: the back office answered {answer.status_code}")
    if answer.status_code >= 400:
        return CallResult("refused", {"http_status": answer.status_code, **_json(answer)})
    if answer.status_code >= 300:
        raise PermanentError(f"{action.name}: the back office redirects, which is not followed")
    return CallResult("done", _json(answer))


def _json(answer: httpx.Response) -> dict[str, Any]:
    """The answer's object; anything else (HTML, lists, 10 MB) is not taken over."""
    if len(answer.content) > MAX_ANSWER:
        return {}
    try:
        data = answer.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {"items": data}
