"""Writing requests that act once: the answer is stored in the transaction that acts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from kulanz.demo.models import ShopRequest
from kulanz.demo.problems import KeyMissingError, KeyReusedError

_KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer as JSON text; `replayed` if an earlier request made it."""

    body: str
    replayed: bool


def check_key(key: str | None) -> str:
    """The key itself: 1 to 100 visible ASCII characters. Raises KeyMissingError."""
    if key is None or not _KEY.fullmatch(key):
        raise KeyMissingError
    return key


def do_once(key: str, operation: str, subject: str, act: Callable[[], str]) -> Answer:
    """Runs `act` for the first request with this key, and gives its answer to every later one.

    `act` returns JSON text. If it raises, nothing is stored: a refusal may turn into a success later, and the
    look-up must not find a request that changed nothing. Raises KeyReusedError if the key came with another
    operation or subject before.
    """
    fingerprint = hashlib.sha256(f"{operation}\n{subject}".encode()).hexdigest()
    with transaction.atomic():
        # waits here while another request with the same key is under way
        ShopRequest.objects.bulk_create(
            [ShopRequest(key=key, operation=operation, fingerprint=fingerprint)], ignore_conflicts=True
        )
        request = ShopRequest.objects.select_for_update().get(key=key)
        if request.fingerprint != fingerprint:
            raise KeyReusedError
        if request.body:
            return Answer(request.body, replayed=True)
        request.body = act()
        request.save(update_fields=["body"])
    return Answer(request.body, replayed=False)


def stored_answer(key: str, operation: str | None = None) -> str | None:
    """The answer stored for this key (of this operation), or None."""
    found = ShopRequest.objects.filter(key=key).exclude(body="")
    if operation:
        found = found.filter(operation=operation)
    return found.values_list("body", flat=True).first()
