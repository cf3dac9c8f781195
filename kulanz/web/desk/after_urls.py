"""The desk's addresses for what was promised and what comes after a conversation, below /desk/."""

from __future__ import annotations

from django.urls import path

from kulanz.web.desk import call_backs, ratings

urlpatterns = [
    path("ratings/", ratings.ratings, name="desk-ratings"),
    path("call-backs/", call_backs.call_backs, name="desk-call-backs"),
    path("call-backs/<int:wish_id>/called/", call_backs.called, name="desk-called"),
]
