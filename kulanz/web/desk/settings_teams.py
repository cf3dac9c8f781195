"""Teams as queues: what they take, when they work, and whether conversations are given out."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kulanz.accounts.models import Team
from kulanz.core.errors import InvalidInput
from kulanz.desk.staffing import do_save_team
from kulanz.web.desk.access import current_user
from kulanz.web.desk.settings_common import manager
from kulanz.web.desk.settings_forms import TeamForm, subject_choices


@require_safe
@manager
def teams(request: HttpRequest) -> HttpResponse:
    """All teams, in the order in which they get what none of them names."""
    active = Count("members", filter=Q(members__is_active=True))
    found = list(Team.objects.select_related("routing").annotate(people=active).order_by("pk"))
    titles = dict(subject_choices(current_user(request).language, reasons=True))
    rows = [
        (team, [titles.get(s, s) for s in team.routing.subjects] if hasattr(team, "routing") else []) for team in found
    ]
    return render(request, "desk/settings/teams.html", {"rows": rows, "tab": "teams"})


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def team(request: HttpRequest, team_id: int | None = None) -> HttpResponse:
    """One team, or a new one."""
    user = current_user(request)
    found = get_object_or_404(Team, pk=team_id) if team_id else None
    form = TeamForm(request.POST if request.method == "POST" else None, team=found, language=user.language)
    if form.is_bound and form.is_valid():
        try:
            saved = do_save_team(found, form.facts(), user)
        except InvalidInput as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved: {name}").format(name=saved.name), extra_tags="settings")
            return HttpResponseRedirect(reverse("desk-teams"))
    members = found.members.filter(is_active=True).order_by("name") if found else []
    context = {"form": form, "team": found, "members": members, "tab": "teams"}
    return render(request, "desk/settings/team.html", context, status=422 if form.errors else 200)
