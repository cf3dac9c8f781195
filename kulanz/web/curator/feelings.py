"""The examples of moods: what agents have corrected and a curator has accepted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.understanding.examples import do_name_emotion, emotion_examples
from kulanz.web.curator.common import acted, actor, curator, emotion_options, numbers, page


@require_safe
@curator
def feelings(request: HttpRequest) -> HttpResponse:
    return page(request, "feelings", "overview", examples=emotion_examples(), emotions=emotion_options())


@require_POST
@curator
def change(request: HttpRequest) -> HttpResponse:
    """Removes the chosen examples, or names another mood of them."""
    ids = numbers(request)

    def act() -> str:
        if not ids:
            raise InvalidInput(_("Please choose at least one example."))
        if request.POST.get("act") == "remove":
            count = do_name_emotion(actor(request), ids, "")
            return ngettext("{n} example removed.", "{n} examples removed.", count).format(n=count)
        count = do_name_emotion(actor(request), ids, request.POST.get("emotion", "") or "-")
        return ngettext("{n} example moved.", "{n} examples moved.", count).format(n=count)

    return acted(request, act, "curator-feelings")
