"""A JSON API whose requests are written out in actions.yaml: method and path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kulanz.flows.back_offices.access import SETTINGS, Access, access, checked_url
from kulanz.flows.back_offices.http import KEY_HEADER, HttpOperation
from kulanz.flows.back_offices.kind import Kind, Offer, Office, misplaced


@dataclass(frozen=True, slots=True)
class Paths:
    """A base address with the access to it."""

    office: Office
    base: str
    access: Access

    def offers(self) -> list[Offer]:
        """Nothing describes what it can do."""
        return []

    def operation(self, name: str, entry: Mapping[str, Any]) -> HttpOperation:
        if "path" not in entry:
            raise misplaced("`method` needs a `path` beside it, such as `path: /orders/{number}`.")
        for word in ("path", "look_up"):
            if not str(entry.get(word, "/")).startswith("/"):
                raise misplaced(f"`{word}` begins with a `/`.", word)
        return HttpOperation(
            name=name, method=entry["method"].upper(), url=self.base + entry["path"], header=self.access.header,
            timeout=float(entry.get("timeout", self.office.timeout)), query=tuple(entry.get("query", ())),
            found_at=self.base + entry["look_up"] if entry.get("look_up") else "", secret_query=self.access.query,
            missing=self.access.missing, hosts=self.access.hosts,
            key_header=self.office.entry.get("idempotency_header", KEY_HEADER),
        )  # fmt: skip


def connect(office: Office) -> Paths:
    """Raises Misplaced."""
    base = checked_url(str(office.entry["url"]).replace("{base_url}", office.base_url), "url")
    return Paths(office, base, access(office))


KIND = Kind(
    word="url",
    settings=SETTINGS | {"idempotency_header"},
    picks=("method",),
    entries=frozenset({"path", "query", "look_up", "timeout"}),
    connect=connect,
)
