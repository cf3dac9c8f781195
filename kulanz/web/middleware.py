"""What every response needs: a strict content security policy, and the API open to other sites' pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
OPEN_PATHS = ("/api/v1/", "/live/conversations/", "/widget/")


def guard(next_step: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The widget runs on other sites, so they may call the API: it knows bearer tokens only, never cookies."""

    def answer(request: HttpRequest) -> HttpResponse:
        foreign = request.path.startswith(OPEN_PATHS)
        response = HttpResponse(status=204) if foreign and request.method == "OPTIONS" else next_step(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if foreign:
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Last-Event-ID"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
            response.headers["Access-Control-Max-Age"] = "86400"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return answer
