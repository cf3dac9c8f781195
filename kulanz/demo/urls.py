"""The demo's addresses: the shop page and the back office. Included in demo mode only."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from kulanz.demo.backoffice import api
from kulanz.demo.papers import label_page, mails_page
from kulanz.demo.problems import not_found, with_json_errors
from kulanz.demo.shop import shop_page

_patterns, _app, _namespace = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("demo/shop/", shop_page, name="demo-shop"),
    path("demo/shop/mails/", mails_page, name="demo-mails"),
    path("demo/shop/labels/<str:token>/", label_page, name="demo-label"),
    path("demo/backoffice/api/v1/", (with_json_errors(_patterns), _app, _namespace)),
    re_path(r"^demo/backoffice/", not_found),
]
