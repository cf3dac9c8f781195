"""What the curator's pages share: the right to open them, the words for intents, the way back after an act."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput
from kulanz.desk import wording
from kulanz.understanding.emotion import EMOTIONS
from kulanz.understanding.examples import intent_names, newest_changes, titles
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.notices import open_notices
from kulanz.understanding.proposals import count_open
from kulanz.web.desk.access import current_user, staff

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
MOST_IDS = 5_000


def curator(view: View[P]) -> View[P]:
    """Opens a view to curators and administrators alone."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not current_user(request).is_curator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def actor(request: HttpRequest) -> str:
    return f"agent:{current_user(request).pk}"


class Names:
    """Intents in the reader's words: their own title, else the translated name."""

    do_not_call_in_templates = True  # filters call it, with the intent

    def __init__(self) -> None:
        self._titles = titles(translation.get_language() or "en")

    def __call__(self, intent: str) -> str:
        if intent in {"", NONE_OF_THEM}:
            return _("none of the intents")
        return self._titles.get(intent) or wording.intent_label(intent)

    def options(self) -> list[tuple[str, str]]:
        """(intent, title) of every intent in the order of the titles, and `oos` at the end."""
        known = sorted(((n, self(n)) for n in intent_names() if n != NONE_OF_THEM), key=lambda pair: pair[1].lower())
        return [*known, (NONE_OF_THEM, self(NONE_OF_THEM))]


def emotion_options() -> list[tuple[str, str]]:
    return [(emotion, wording.emotion_label(emotion)) for emotion in EMOTIONS]


def page(request: HttpRequest, template: str, section: str, names: Names | None = None, **context: Any) -> HttpResponse:
    """A curator's page; `section` is the tab that it belongs to."""
    changes = newest_changes(1)
    last = changes[0] if changes and changes[0].actor == actor(request) and not changes[0].undone_at else None
    shared = {
        "section": section,
        "names": names or Names(),
        "open_proposals": count_open(),
        "notices": open_notices(),
        "last_change": last,
        "now": timezone.now(),
    }
    return render(request, f"curator/{template}.html", {**shared, **context})


def acted(request: HttpRequest, act: Callable[[], str], back: str, *args: Any) -> HttpResponse:
    """Does it, says so (or why not) on the page that the address `back` names. Forms may name another way back."""
    try:
        if done := act():
            messages.success(request, done, extra_tags="curator")
    except InvalidInput as error:
        messages.error(request, str(error))
    address = request.POST.get("back", "")
    ours = address.startswith("/desk/curator/") and "\\" not in address and "//" not in address
    return HttpResponseRedirect(address if ours else reverse(back, args=args))


def numbers(request: HttpRequest, name: str = "id") -> list[int]:
    """The whole numbers of a form's checkboxes; whatever else came is left out."""
    return [int(value) for value in request.POST.getlist(name)[:MOST_IDS] if value.isdecimal() and len(value) < 19]


def keys(request: HttpRequest, name: str = "id") -> list[UUID]:
    """The ids of a form's checkboxes; what is none is left out."""
    return as_keys(request.POST.getlist(name)[:MOST_IDS])


def as_keys(values: Iterable[str]) -> list[UUID]:
    found = []
    for value in values:
        with suppress(ValueError):
            found.append(UUID(value))
    return found
