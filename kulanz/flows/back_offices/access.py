"""How a back office lets us in: a key from the environment, in the place where it wants it. No secret in any file."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.module_loading import import_string

from kulanz.core.errors import InvalidInput, PermanentError
from kulanz.flows.back_offices.kind import Office, misplaced
from kulanz.trust.outgoing import places

SETTINGS = frozenset(
    {"hosts", "timeout", "currency", "key_env", "key_header", "key_query", "key_function", "user_env", "password_env"}
)
"""The entries of a back office that every kind over HTTP takes."""
LITERAL = frozenset(
    {
        "key", "api_key", "apikey", "token", "access_token", "secret", "client_secret", "password", "bearer",
        "authorization", "credentials",
    }
)  # fmt: skip
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True)
class Access:
    """A header and a query parameter that carry the secret ("" for none); `missing` names the environment variable
    that is not set. `hosts` are the only places that are connected to (empty: the one of the address)."""

    header: tuple[str, str] = field(default=("", ""), repr=False)
    query: tuple[str, str] = field(default=("", ""), repr=False)
    missing: str = ""
    hosts: tuple[str, ...] = ()

    def check(self, name: str) -> None:
        """Raises PermanentError where a secret is needed and not there: nothing is sent without it."""
        if self.missing:
            raise PermanentError(f"{name}: the environment variable {self.missing} is not set")


def check_secrets(entry: Mapping[str, Any]) -> None:
    """Raises Misplaced for a secret that stands in the file. What stands there is never repeated."""
    for word in entry:
        if word.casefold().replace("-", "_") in LITERAL:
            raise misplaced(
                f"`{word}`: a secret never stands in a file. Put it into an environment variable and write "
                f"`key_env: ITS_NAME` instead; change a secret that has been in a file.",
                word,
            )
        if word.endswith("_env") and not _VARIABLE.fullmatch(str(entry[word])):
            raise misplaced(
                f"`{word}` takes the name of an environment variable, such as ERP_KEY, and not the secret itself.", word
            )


def access(office: Office, way: str = "bearer", name: str = "") -> Access:
    """The access to a back office. `way` is what its description asks for (header, query, bearer or basic) and `name`
    the header or the parameter; what the operator writes in actions.yaml comes first. Raises Misplaced."""
    entry, hosts = office.entry, checked_hosts(office.entry)
    if "key_header" in entry or "key_query" in entry:
        way, name = ("header", entry["key_header"]) if "key_header" in entry else ("query", entry["key_query"])
    elif "user_env" in entry:
        way = "basic"
    if way == "basic":
        return _basic(entry, hosts)
    secret, missing = _secret(entry)
    if not secret:
        return Access(missing=missing, hosts=hosts)
    if way == "query":
        return Access(query=(name, secret), hosts=hosts)
    return Access((name, secret) if way == "header" else ("Authorization", f"Bearer {secret}"), hosts=hosts)


def _basic(entry: Mapping[str, Any], hosts: tuple[str, ...]) -> Access:
    if "user_env" not in entry or "password_env" not in entry:
        raise misplaced("A user and a password are needed: write `user_env` and `password_env`.")
    values = [os.environ.get(entry[word], "") for word in ("user_env", "password_env")]
    if not values[0]:
        return Access(missing=str(entry["user_env"]), hosts=hosts)
    if not values[1]:
        return Access(missing=str(entry["password_env"]), hosts=hosts)
    packed = base64.b64encode(":".join(values).encode()).decode()
    return Access(("Authorization", f"Basic {packed}"), hosts=hosts)


def _secret(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The secret, or the variable that should hold it. The demo's is made by its own function."""
    if "key_function" in entry:
        return str(import_string(entry["key_function"])()), ""
    if "key_env" not in entry:
        return "", ""
    secret = os.environ.get(entry["key_env"], "").strip()
    if not secret.isprintable():
        secret = ""  # a line break in a header would be a second header
    return secret, "" if secret else str(entry["key_env"])


def checked_hosts(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The places that the operator allows. Raises Misplaced for one that is none."""
    hosts = tuple(str(host) for host in entry.get("hosts", ()))
    try:
        places(hosts)
    except InvalidInput as error:
        raise misplaced(str(error), "hosts") from error
    return hosts


def checked_url(url: str, word: str) -> str:
    """An address of the web without a secret in it. Raises Misplaced."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise misplaced(f"`{word}` is no address such as https://erp.example/api.", word)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise misplaced(
            f"`{word}`: an address here has no user, no password and nothing behind `?`. Secrets come from the "
            f"environment: `key_env`, or `user_env` and `password_env`.",
            word,
        )
    return url.rstrip("/")


def same_host(url: str, other: str) -> bool:
    """Whether two addresses lead to the same host and port by the same way."""
    one, two = urlsplit(url), urlsplit(other)
    usual = {"http": 80, "https": 443}
    return (one.scheme, one.hostname, one.port or usual.get(one.scheme)) == (
        two.scheme, two.hostname, two.port or usual.get(two.scheme),
    )  # fmt: skip


def among(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether the operator has listed the host of this address."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return any(p.host == parts.hostname and (p.port or usual) == (parts.port or usual) for p in places(hosts))
