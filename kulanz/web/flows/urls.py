"""The flow pages' addresses, below /desk/flows/."""

from __future__ import annotations

from django.urls import path

from kulanz.web.flows import editor, one, overview, trial

urlpatterns = [
    path("", overview.flow_list, name="flows"),
    path("<slug:name>/", one.flow, name="flow"),
    path("<slug:name>/edit/", editor.edit, name="flow-edit"),
    path("<slug:name>/check/", editor.check, name="flow-check"),
    path("<slug:name>/decide/", one.decide, name="flow-decide"),
    path("<slug:name>/history/", one.history, name="flow-history"),
    path("<slug:name>/roll-back/<int:number>/", one.roll_back, name="flow-roll-back"),
    path("<slug:name>/try/", trial.trial, name="flow-try"),
]
