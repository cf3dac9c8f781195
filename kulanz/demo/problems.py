"""The back office's errors: always JSON, always `{"error": …}`, never a word about whether a thing exists."""

# ruff: noqa: ARG001 - handlers and views have a given signature

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kulanz.demo.wording import Text
from kulanz.settings.logging import logger

log = logger(__name__)
View = Callable[..., HttpResponse]


class ShopError(Exception):
    """The back office says no. Carries its HTTP status and the words of its answer."""

    def __init__(self, status: int, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.more = more


class MissingError(ShopError):
    """No such thing, or it belongs to somebody else: the caller may not learn which."""

    def __init__(self) -> None:
        super().__init__(404, "not_found")


class RefusedError(ShopError):
    """The shop's rules forbid it; the reason is made for the customer."""

    def __init__(self, error: str, reason: Text) -> None:
        super().__init__(409, error, reason=reason.model_dump())


class KeyMissingError(ShopError):
    """The request has no usable Idempotency-Key."""

    def __init__(self) -> None:
        detail = "Send the header Idempotency-Key: 1 to 100 visible ASCII characters, new for each new wish."
        super().__init__(400, "idempotency_key_required", detail=detail)


class KeyReusedError(ShopError):
    """The Idempotency-Key belongs to another request."""

    def __init__(self) -> None:
        super().__init__(422, "idempotency_key_reused")


def problem(status: int, error: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": error, **more}, status=status, json_dumps_params={"ensure_ascii": False})


def _slug(status: int) -> str:
    """404 -> "not_found"."""
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")


def add_problem_handlers(api: NinjaAPI) -> None:
    """Gives every exception that an endpoint may raise its JSON answer."""
    api.add_exception_handler(ShopError, _shop_error)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(OperationalError, _unavailable)
    api.add_exception_handler(Exception, _bug)


def _shop_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status, error.error, **error.more)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    # pydantic's own list repeats the input, which may be personal data
    detail = [{"at": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors]
    return problem(422, "invalid", detail=detail)


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, _slug(error.status_code), detail=error.message)


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(413, "too_large")


def _unavailable(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(503, "unavailable")


def _bug(request: HttpRequest, error: Any) -> HttpResponse:
    last = traceback.extract_tb(error.__traceback__)[-1]  # the message itself may hold personal data
    log.error("back office failed", kind=type(error).__name__, where=f"{last.name}:{last.lineno}")
    return problem(500, "internal_error")


def not_found(request: HttpRequest) -> HttpResponse:
    return problem(404, "not_found")


def with_json_errors(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Turns the plain-text "Method not allowed" of the API's own dispatcher into JSON."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _json_errors(pattern.callback)
    return patterns


def _json_errors(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code < 400 or "json" in response.get("Content-Type", ""):
            return response
        told = problem(response.status_code, _slug(response.status_code))
        if "Allow" in response:
            told["Allow"] = response["Allow"]
        return told

    return answer
