"""The report on the service levels, and their targets."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kulanz.accounts.models import Team
from kulanz.core.errors import InvalidInput
from kulanz.core.levels import LEVELS, Level
from kulanz.desk.level_report import MOST_BROKEN, PERIODS, Period, as_table, broken_in, period_of, report
from kulanz.desk.level_targets import MOST_MINUTES, URGENCIES, do_set_targets, targets_of
from kulanz.trust.audit import record
from kulanz.web.desk.access import current_user
from kulanz.web.desk.settings_common import manager

LABELS = {"day": gettext_lazy("Day"), "week": gettext_lazy("Week"), "month": gettext_lazy("Month")}


@require_safe
@manager
def times(request: HttpRequest) -> HttpResponse:
    """`?period=day|week|month&day=2026-11-23&team=1`; what can't be read is this week, and all teams."""
    period, team = _period(request), _team(request.GET)
    broken = broken_in(period, team.pk if team else None)
    context = {
        "period": period,
        "periods": [(kind, LABELS[kind]) for kind in PERIODS],
        "goes_on": period.end > timezone.now(),
        "team": team,
        "teams": Team.objects.order_by("name"),
        "lines": report(period, team.pk if team else None),
        "broken": broken[:MOST_BROKEN],
        "more": len(broken) > MOST_BROKEN,
        "now": timezone.now(),
    }
    return render(request, "desk/times.html", context)


@require_safe
@manager
def export(request: HttpRequest) -> HttpResponse:
    """The same period as a table: one clock a row."""
    period, team = _period(request), _team(request.GET)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"kulanz-times-{period.first.isoformat()}-{period.kind}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerows(map(_harmless, as_table(period, team.pk if team else None)))
    return response


def _harmless(row: Iterable[str]) -> list[str]:
    """Spreadsheets would calculate what begins like a formula: a team's name is somebody's free text."""
    return [f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell for cell in row]


def _period(request: HttpRequest) -> Period:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate()
    if not 2000 <= day.year <= 2200:
        day = timezone.localdate()
    return period_of(request.GET.get("period", ""), day)


def _team(given: QueryDict) -> Team | None:
    """The team that is meant; none means all."""
    wanted = given.get("team", "")
    return get_object_or_404(Team, pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 10 else None


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def targets(request: HttpRequest) -> HttpResponse:
    """The targets of all teams, or of one (`?team=`). `act=forget` leaves a team with the general ones again."""
    team = _team(request.GET)
    pk = team.pk if team else None
    if request.method != "POST":
        return render(request, "desk/settings/levels.html", _targets(team, _stored(pk)))
    try:
        forget = request.POST.get("act") == "forget"
        wanted = None if forget else _read(request.POST)
        do_set_targets(pk, wanted)
    except InvalidInput as error:
        shown = {name: str(request.POST.get(name, ""))[:9] for name in _stored(pk)}
        context = {**_targets(team, shown), "error": str(error)}
        return render(request, "desk/settings/levels.html", context, status=422)
    record(f"agent:{current_user(request).pk}", "set_level_targets", None, team=pk, targets=wanted)
    messages.success(request, _("Saved. It counts from the next event in each conversation on."), extra_tags="settings")
    return HttpResponseRedirect(f"{reverse('desk-levels')}{f'?team={pk}' if pk else ''}")


def _read(given: QueryDict) -> dict[str, dict[Level, int | None]]:
    """Raises InvalidInput for what is no number of minutes."""
    return {u: {level: _minutes(given.get(f"{u}-{level}", "").strip()) for level in LEVELS} for u in URGENCIES}


def _minutes(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_MINUTES:
        raise InvalidInput(
            _("“{text}” is no number of minutes. From 1 to {most} are possible; empty means no target.").format(
                text=text[:20], most=MOST_MINUTES
            )
        )
    return int(text)


def _stored(team_id: int | None) -> dict[str, str]:
    """What the fields hold: the name of each, and its minutes."""
    minutes = targets_of(team_id).minutes
    return {f"{u}-{level}": str(minutes[u][level] or "") for u in URGENCIES for level in LEVELS}


def _targets(team: Team | None, shown: dict[str, str]) -> dict[str, Any]:
    rows = [(u, [(level, f"{u}-{level}", shown[f"{u}-{level}"]) for level in LEVELS]) for u in URGENCIES]
    return {
        "tab": "levels",
        "team": team,
        "teams": Team.objects.order_by("name"),
        "rows": rows,
        "levels": LEVELS,
        "own": bool(targets_of(team.pk).own) if team else True,
    }
