"""A back office that describes itself in an OpenAPI document: its operations are picked in actions.yaml by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from kulanz.core.errors import InvalidInput, PermanentError
from kulanz.flows.back_offices.access import SETTINGS, Access, access, among, checked_hosts, checked_url, same_host
from kulanz.flows.back_offices.arranging import Arrangement
from kulanz.flows.back_offices.described import Described, described, full_server
from kulanz.flows.back_offices.document import MAX_DOCUMENT, Document, read_document
from kulanz.flows.back_offices.http import KEY_HEADER, HttpOperation
from kulanz.flows.back_offices.kind import Kind, Offer, Office, misplaced
from kulanz.flows.back_offices.values import as_data
from kulanz.trust.outgoing import get

WEB = ("http://", "https://")
FETCH_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class OpenApi:
    """The operations of a document, and where and how they are reached."""

    office: Office
    operations: tuple[Described, ...]
    key_header: str

    def offers(self) -> list[Offer]:
        return [one.offer() for one in self.operations]

    def operation(self, name: str, entry: Mapping[str, Any]) -> HttpOperation:
        picked = self._picked(str(entry["operation"]), "operation")
        body = entry.get("body")
        if picked.must_map and picked.body_required and body is None:
            raise misplaced(f"`{picked.name}`: {picked.must_map}.", "operation")
        if body is not None and picked.body is None:
            raise misplaced(f"`{picked.name}` takes no body.", "body")
        arrangement = Arrangement(
            name, picked, self._base(picked), entry.get("parameters", {}), body, key_header=self.key_header
        )
        if unknown := arrangement.unknown_parameters():
            known = ", ".join(p.name for p in picked.parameters) or "none"
            raise misplaced(f"`{picked.name}` has no parameter `{unknown[0]}`. It has: {known}.", "parameters")
        way = self._access(picked)
        return HttpOperation(
            name=name, method=picked.method.upper(), url=arrangement.base + picked.path, header=way.header,
            timeout=float(entry.get("timeout", self.office.timeout)), found_at=self._look_up(entry),
            secret_query=way.query, missing=way.missing, hosts=way.hosts, key_header=self.key_header,
            arrange=arrangement, sample=as_data(picked.sample) if picked.sample is not None else {},
        )  # fmt: skip

    def _picked(self, wanted: str, word: str) -> Described:
        found = next((one for one in self.operations if wanted in {one.name, one.at}), None)
        if found is None:
            usable = ", ".join(one.name for one in self.operations if not one.problem)
            raise misplaced(
                f"`{word}: {wanted}` is not in the document of `{self.office.name}`. Usable there: {usable}.", word
            )
        if found.problem:
            raise misplaced(f"`{wanted}` can't be used: {found.problem}.", word)
        return found

    def _base(self, picked: Described) -> str:
        """The address of the server: the operator's, else the document's where it leads nowhere else."""
        if "url" in self.office.entry:
            return checked_url(str(self.office.entry["url"]).replace("{base_url}", self.office.base_url), "url")
        source = str(self.office.entry["openapi"])
        server = full_server(picked.server, source if source.startswith(WEB) else "")
        hosts = checked_hosts(self.office.entry)
        if not server.startswith(WEB):
            raise misplaced("The document names no server. Write `url: https://…` at the back office.", "operation")
        if among(server, hosts) or (source.startswith(WEB) and same_host(source, server)):
            return checked_url(server, "url")
        raise misplaced(
            f"The document leads to {server[:100]}. If that is right, write `url: {server[:100]}` at the back office.",
            "operation",
        )

    def _access(self, picked: Described) -> Access:
        """By what the operator has given a secret for; a document that asks for none gets none."""
        entry = self.office.entry
        if {"key_header", "key_query"} & set(entry):
            return access(self.office)
        if not picked.security:
            return Access(hosts=checked_hosts(entry))
        for way, name in picked.security:
            given = {"user_env", "password_env"} if way == "basic" else {"key_env", "key_function"}
            if given & set(entry):
                return access(self.office, way, name)
        ways = " or ".join(
            "`user_env` and `password_env`" if way == "basic" else "`key_env`" for way, _ in picked.security
        )
        raise misplaced(f"`{picked.name}` needs a secret: write {ways} at the back office.", "operation")

    def _look_up(self, entry: Mapping[str, Any]) -> str:
        """The address at which a write is found by its key: a path with `{key}`, or a reading operation that takes one
        thing."""
        wanted = entry.get("look_up")
        if not wanted:
            return ""
        if str(wanted).startswith("/"):
            first = next((one for one in self.operations if not one.problem), None)
            if "{key}" not in str(wanted) or first is None:
                raise misplaced(
                    "`look_up` is a path that holds `{key}`, or the name of a reading operation.", "look_up"
                )
            return self._base(first) + str(wanted)
        picked = self._picked(str(wanted), "look_up")
        needed = [p for p in picked.parameters if p.required] or list(picked.parameters)
        if picked.method != "get" or len(needed) != 1 or needed[0].where == "header":
            raise misplaced(f"`look_up: {wanted}` must read and take one thing, which is the key.", "look_up")
        base, name = self._base(picked), needed[0].name
        if needed[0].where == "path":
            return base + picked.path.replace(f"{{{name}}}", "{key}")
        return f"{base}{picked.path}?{quote(name, safe='')}={{key}}"


def connect(office: Office) -> OpenApi:
    """Reads the document. Raises Misplaced."""
    if not isinstance(office.entry["openapi"], str):
        raise misplaced("`openapi` is a file beside actions.yaml, or an address.", "openapi")
    try:
        found = described(_read(office), office.currency)
    except InvalidInput as error:
        raise misplaced(f"`openapi`: {error}", "openapi") from error
    checked_hosts(office.entry)
    return OpenApi(office, tuple(found), str(office.entry.get("idempotency_header", KEY_HEADER)))


def _read(office: Office) -> Document:
    source = str(office.entry["openapi"])
    if not source.startswith(WEB):
        file = office.folder / source
        if not file.is_file():
            raise InvalidInput(f"there is no file {source} beside actions.yaml.")
        return read_document(file.read_bytes(), source)
    file = office.stored_at(source)
    if not file.is_file():
        raise InvalidInput(f"{source} has not been fetched yet: run `kulanz prepare`.")
    return read_document(file.read_bytes(), source)


def do_fetch(office: Office) -> bool:
    """Fetches the document of an office that names one by its address, and keeps it; a redirect is not followed, for it
    leads to what the operator has not named. False where there is nothing to fetch. Raises KulanzError."""
    source = str(office.entry.get("openapi", ""))
    if not source.startswith(WEB):
        return False
    checked_url(source, "openapi")
    with httpx.Client(follow_redirects=False, trust_env=False, timeout=FETCH_SECONDS) as fetching:
        answer = get(fetching, source, most=MAX_DOCUMENT, seconds=FETCH_SECONDS)
    if 300 <= answer.status < 400:
        raise PermanentError(f"{source} leads on to {answer.headers.get('location', '?')[:200]}: write that address.")
    if answer.status != 200:
        raise PermanentError(f"{source} answered {answer.status}.")
    described(read_document(answer.body, source))
    office.do_store(source, answer.body)
    return True


KIND = Kind(
    word="openapi",
    settings=SETTINGS | {"url", "idempotency_header"},
    picks=("operation",),
    entries=frozenset({"parameters", "body", "look_up", "timeout"}),
    connect=connect,
    do_fetch=do_fetch,
)
