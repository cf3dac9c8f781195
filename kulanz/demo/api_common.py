"""What the back office's endpoints share: who may call, the shapes of what they are given, and how a write answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from ninja import Header, Path, Query, Router, Schema
from ninja.security import APIKeyHeader
from pydantic import Field

from kulanz.demo import answers, faults, once
from kulanz.demo.key import backoffice_key

BOUNDS: Final = r"^[^\x00]+$"  # PostgreSQL stores no NUL
OPEN_BOUNDS: Final = r"^[^\x00]*$"
Email = Annotated[str, Query(min_length=3, max_length=254, pattern=BOUNDS)]
Number = Annotated[str, Path(max_length=40, pattern=BOUNDS)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]
BodyEmail = Annotated[str, Field(min_length=3, max_length=254, pattern=BOUNDS)]
Reason = Annotated[str, Field(max_length=300, pattern=OPEN_BOUNDS)]
Sku = Annotated[str, Field(max_length=20, pattern=BOUNDS)]
Short = Annotated[str, Field(min_length=1, max_length=80, pattern=BOUNDS)]
PROBLEMS: Final[dict[Any, Any]] = dict.fromkeys((400, 401, 404, 409, 422, 500, 503, 504), answers.Problem)


class Owner(Schema):
    """The least that every writing request says: whose thing it is."""

    email: BodyEmail


class ShopKey(APIKeyHeader):
    param_name = "X-Api-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> str | None:  # noqa: ARG002
        return "musterladen" if key and constant_time_compare(key, backoffice_key()) else None


shop_key = ShopKey()


def shop_router() -> Router:
    """A router whose requests play the faults that are set."""
    router = Router()
    router.add_decorator(faults.with_faults(lambda request: bool(shop_key(request))), mode="view")
    return router


def answers_with(shape: type[Schema], status: int = 200) -> dict[Any, Any]:
    """The `response` of an endpoint: its own answer beside the problems."""
    return {status: shape, **PROBLEMS}


def write_once(key: str, operation: str, subject: str, act: Callable[[], str]) -> HttpResponse:
    """Acts once for this key; every later request gets the first one's answer with `Idempotent-Replay: true`."""
    answer = once.do_once(key, operation, subject, act)
    response = HttpResponse(answer.body, status=201, content_type="application/json; charset=utf-8")
    if answer.replayed:
        response["Idempotent-Replay"] = "true"
    return response
