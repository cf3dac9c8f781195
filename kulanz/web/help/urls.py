"""The help pages' addresses, below /help/."""

from __future__ import annotations

from django.urls import path

from kulanz.web.help import views

urlpatterns = [path("<uuid:article_id>/", views.article, name="help-article")]
