"""The live queue: lists, filters, search, saved views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import Team, User
from kulanz.channels.registry import CHANNELS
from kulanz.core.errors import InvalidInput
from kulanz.desk import saved_views, wording
from kulanz.desk.lists import LISTS, Filters
from kulanz.desk.queries import queue_counts, queue_page
from kulanz.desk.sorting_models import Tag
from kulanz.web.desk.access import current_user, staff

MOST_CHOICES = 200  # in one of the filters


@require_safe
@staff
def queue(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    user = current_user(request)
    return render(request, "desk/queue.html", {**list_context(request, user), "filters": _choices(request)})


@require_safe
@staff
def queue_list(request: HttpRequest) -> HttpResponse:
    """The list alone, which the page fetches again when the queue has changed."""
    return render(request, "desk/_list.html", _rows(request, current_user(request)))


@require_POST
@staff
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the list and the filters of the address under a name."""
    query = {**chosen_filters(request).chosen, "list": _list_name(request)}
    name, shared = request.POST.get("name", ""), "shared" in request.POST
    try:
        saved_views.do_save(current_user(request), name, query, shared=shared)
    except InvalidInput as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{reverse('desk')}?{urlencode(query)}")


@require_POST
@staff
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    saved_views.do_remove(current_user(request), view_id)
    return HttpResponseRedirect(reverse("desk"))


def list_context(request: HttpRequest, user: User, current: UUID | None = None) -> dict[str, Any]:
    """What the address names (`?list=&page=&q=&current=` and filters), the numbers of all lists, the saved views."""
    return {
        **_rows(request, user, current),
        "saved_views": [(view, urlencode(view.filters)) for view in saved_views.views_for(user)],
        "may_share": user.may_take_from_others,
    }


def _rows(request: HttpRequest, user: User, current: UUID | None = None) -> dict[str, Any]:
    name, number, search = _list_name(request), request.GET.get("page", ""), request.GET.get("q", "")[:100]
    filters = chosen_filters(request)
    page = queue_page(name, user, int(number) if number.isdecimal() and len(number) < 6 else 1, search, filters)
    counts = queue_counts(user, filters)
    narrowed, shown = filters.chosen, current or request.GET.get("current", "")[:36]
    return {
        "list": name,
        "list_label": _("Search") if search.strip() else wording.list_label(name),
        "tabs": [(key, wording.list_label(key), counts[key]) for key in LISTS],
        "waiting": counts["waiting"],
        "page": page,
        "search": search,
        "narrowed": urlencode(narrowed),
        "chosen_filters": narrowed,
        "keep": urlencode({"list": name, **narrowed, **({"q": search} if search.strip() else {})}),
        "current": str(shown),
        "now": timezone.now(),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: the values that it may have, each with its words."""

    name: str
    label: str
    values: list[tuple[str, str]]
    chosen: str


def _choices(request: HttpRequest) -> list[Choice]:
    """What the page of the queue lets one choose; beside a conversation the filters are kept, and chosen there."""
    chosen = chosen_filters(request).chosen
    people = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name")[:MOST_CHOICES]
    teams = Team.objects.order_by("name").values_list("pk", "name")[:MOST_CHOICES]
    tags = Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_CHOICES]
    values = {
        "channel": [(name, wording.intent_label(name)) for name in sorted(CHANNELS)],
        "language": [(code, wording.language_label(code)) for code in ("de", "en")],
        "tag": [(name, name) for name in tags],
        "agent": [(str(pk), name) for pk, name in people],
        "team": [(str(pk), name) for pk, name in teams],
    }
    return [Choice(n, wording.filter_label(n), values[n], chosen.get(n, "")) for n in values if values[n]]


def chosen_filters(request: HttpRequest) -> Filters:
    """The filters that the address names; what can't be one is left out."""
    given = {name: request.GET.get(name, "").replace("\0", "").strip()[:60] for name in Filters.__dataclass_fields__}
    for key in ("agent", "team"):
        given[key] = given[key] if given[key].isdecimal() and len(given[key]) < 10 else ""
    return Filters(**given)


def _list_name(request: HttpRequest) -> str:
    wanted = request.GET.get("list", "")
    return wanted if wanted in LISTS else "waiting"
