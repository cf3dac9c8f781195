"""The addresses of the settings, below /desk/settings/."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from kulanz.web.desk import settings_agents, settings_order, settings_teams

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk-teams"), name="desk-settings"),
    path("teams/", settings_teams.teams, name="desk-teams"),
    path("teams/new/", settings_teams.team, name="desk-team-new"),
    path("teams/<int:team_id>/", settings_teams.team, name="desk-team"),
    path("agents/", settings_agents.agents, name="desk-agents"),
    path("agents/new/", settings_agents.agent, name="desk-agent-new"),
    path("agents/<int:user_id>/", settings_agents.agent, name="desk-agent"),
    path("agents/<int:user_id>/password/", settings_agents.password, name="desk-agent-password"),
    path("agents/<int:user_id>/deactivate/", settings_agents.deactivate, name="desk-agent-deactivate"),
    path("order/", settings_order.order, name="desk-order"),
]
