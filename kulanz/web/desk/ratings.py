"""What customers say when it is over, for those who arrange the work."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kulanz.desk import after_figures
from kulanz.web.desk.access import current_user, staff


@require_safe
@staff
def ratings(request: HttpRequest) -> HttpResponse:
    """By week, by who looked after them, and in the customers' own words."""
    if not current_user(request).may_manage:
        raise PermissionDenied
    now = timezone.now()
    tables = (("week", after_figures.by_week(now)), ("who", after_figures.by_who(now)))
    context = {"tables": tables, "comments": after_figures.comments(now), "weeks": after_figures.WEEKS, "now": now}
    return render(request, "desk/ratings.html", context)
