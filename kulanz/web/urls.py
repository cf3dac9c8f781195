"""Every address of the product."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from kulanz.settings.parts import DEMO_URLS
from kulanz.web import health, rating, receipts
from kulanz.web.api.api import api
from kulanz.web.help.urls import root_urlpatterns

WIDGET = settings.PACKAGE / "web" / "static" / "widget"


def widget(request: HttpRequest, part: str = "") -> FileResponse:  # noqa: ARG001
    """The chat widget, and what it loads when it is needed (`part`), under addresses that stay."""
    file = WIDGET / f"kulanz-chat{part}.js"
    response = FileResponse(file.open("rb"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/", api.urls),
    path("widget/kulanz-chat.js", widget),
    *(path(f"widget/kulanz-chat{part}.js", widget, {"part": part}) for part in ("-files", "-why", "-end")),
    path("desk/", include("kulanz.web.desk.urls")),
    path("help/", include("kulanz.web.help.urls")),
    path("receipts/<str:token>/", receipts.receipts, name="receipts"),
    path("receipts/<str:token>/<uuid:call_id>/undo/", receipts.undo, name="receipts-undo"),
    path("rate/<str:token>/", rating.rate, name="rate"),
    *root_urlpatterns,
    path("i18n/", include("django.conf.urls.i18n")),
]

if settings.DEMO:
    urlpatterns += [path("", include(DEMO_URLS)), path("", RedirectView.as_view(url="/demo/shop/"))]
else:
    urlpatterns += [path("", RedirectView.as_view(url="/desk/"))]
