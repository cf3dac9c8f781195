"""Errors as JSON: a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.web.api.access import Forbidden, Unauthorised


def _problem(api: NinjaAPI, request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    response = api.create_response(request, {"error": code, "message": message}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response["Retry-After"] = "2"
    return response


def _explain(error: ValidationError) -> str:
    lines = []
    for item in error.errors:
        place = ".".join(str(p) for p in item["loc"] if p not in {"body", "query", "path"})
        lines.append(f"{place}: {item['msg']}" if place else str(item["msg"]))
    return "; ".join(lines)


def add_error_handlers(api: NinjaAPI) -> None:
    statuses: list[tuple[type[Exception], int, str]] = [
        (InvalidInput, 422, "invalid"),
        (NotFound, 404, "not_found"),
        (Unauthorised, 401, "unauthorised"),
        (Forbidden, 403, "forbidden"),
    ]
    for kind, status, code in statuses:

        @api.exception_handler(kind)
        def handle(request: HttpRequest, error: Exception, status: int = status, code: str = code) -> HttpResponse:
            return _problem(api, request, status, code, str(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return _problem(api, request, 422, "invalid", _explain(error))

    @api.exception_handler(HttpError)
    def malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
        return _problem(api, request, error.status_code, "malformed", str(error))

    @api.exception_handler(OperationalError)
    def database_away(request: HttpRequest, _: OperationalError) -> HttpResponse:
        return _problem(api, request, 503, "unavailable", "The database is away for a moment. Please send it again.")

    @api.exception_handler(RequestDataTooBig)
    def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        told = str(error) if request.path.endswith("/attachments") else ""
        return _problem(api, request, 413, "too_large", told or "This request is too large. Please send less at once.")

    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(UnreadablePostError)
    def broken_form(request: HttpRequest, _: Exception) -> HttpResponse:
        return _problem(api, request, 400, "malformed", "The form with the file did not arrive whole. Send it again.")


def with_json_errors(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The API's addresses with JSON for what its dispatcher answers as text (a wrong method), and for any other."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _method_as_json(pattern.callback)
    return [*patterns, re_path("", _no_such_address)]


def _no_such_address(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    message = "There is nothing at this address. /api/v1/openapi.json lists what there is."
    return JsonResponse({"error": "not_found", "message": message}, status=404)


def _method_as_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        message = f"{request.method} is not possible here. Allowed: {response['Allow']}."
        told = JsonResponse({"error": "method_not_allowed", "message": message}, status=405)
        told["Allow"] = response["Allow"]
        return told

    return answer
