"""The live queue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kulanz.accounts.models import User
from kulanz.desk import wording
from kulanz.desk.queries import LISTS, queue_counts, queue_page
from kulanz.web.desk.access import current_user, staff


@require_safe
@staff
def queue(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "desk/queue.html", list_context(request, current_user(request)))


@require_safe
@staff
def queue_list(request: HttpRequest) -> HttpResponse:
    """The list alone, which the page fetches again when the queue has changed."""
    return render(request, "desk/_list.html", list_context(request, current_user(request)))


def list_context(request: HttpRequest, user: User, current: UUID | None = None) -> dict[str, Any]:
    """The list that the address names (`?list=&page=&q=&current=`), and the numbers of all lists."""
    wanted, number = request.GET.get("list", ""), request.GET.get("page", "")
    name = wanted if wanted in LISTS else "waiting"
    search = request.GET.get("q", "")[:100]
    page = queue_page(name, user, int(number) if number.isdecimal() and len(number) < 6 else 1, search)
    counts = queue_counts(user)
    return {
        "list": name,
        "list_label": wording.list_label(name),
        "tabs": [(key, wording.list_label(key), counts[key]) for key in LISTS],
        "waiting": counts["waiting"],
        "page": page,
        "search": search,
        "current": str(current) if current else request.GET.get("current", "")[:36],
        "now": timezone.now(),
    }
