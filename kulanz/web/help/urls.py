"""The help pages' addresses, below /help/; /sitemap.xml and /robots.txt stand at the root."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path

from kulanz.web.help import brand, centre, machines, rating, views

LANGUAGE = f"(?P<language>{'|'.join(dict(settings.LANGUAGES))})"

urlpatterns = [
    path("", centre.choose, name="help"),
    path("theme.css", brand.theme, name="help-theme"),
    path("logo", brand.logo, name="help-logo"),
    path("files/<uuid:file_id>/<str:name>", views.file, name="help-file"),
    path("<uuid:article_id>/", views.article, name="help-article"),
    path("<uuid:article_id>/rating/", rating.rating, name="help-rating"),
    re_path(f"^{LANGUAGE}/$", centre.home, name="help-home"),
    re_path(f"^{LANGUAGE}/search/$", centre.search, name="help-search"),
    re_path(f"^{LANGUAGE}/suggest/$", centre.suggest, name="help-suggest"),
    re_path(f"^{LANGUAGE}/more/$", centre.topic, name="help-untagged"),
    re_path(f"^{LANGUAGE}/topics/(?P<tag>.+)/$", centre.topic, name="help-topic"),
]

root_urlpatterns = [path("sitemap.xml", machines.sitemap), path("robots.txt", machines.robots)]
