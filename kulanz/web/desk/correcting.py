"""An agent corrects what was understood from the customer's newest message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.reading import reading_from_json
from kulanz.desk import wording
from kulanz.desk.case import Case
from kulanz.turns.curator_turn import do_correct_reading
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.proposals import corrections_of
from kulanz.web.curator.common import Names, emotion_options
from kulanz.web.desk.access import current_user, staff


@dataclass(frozen=True, slots=True)
class Correction:
    """The form's content. `made` are earlier corrections: (before, after, who)."""

    reading: UUID
    intent: str
    emotion: str
    intents: list[tuple[str, str]]
    emotions: list[tuple[str, str]]
    made: list[tuple[str, str, str]]


def correction(case: Case) -> Correction | None:
    """The form for the newest reading; None where nothing was read yet."""
    stored: Any = next((r for s in reversed(case.by_customer()) if (r := getattr(s.message, "reading", None))), None)
    if stored is None:
        return None
    reading, names = reading_from_json(stored.data), Names()
    intent, emotion = reading.intent.value if reading.intent else NONE_OF_THEM, reading.emotion.value
    made = []
    label: Callable[[str], str]
    for proposal in corrections_of(stored.message_id):
        if proposal.kind == "intent":
            intent, label = proposal.suggested, names
        else:
            emotion, label = proposal.suggested, wording.emotion_label
        made.append((label(proposal.read_as), label(proposal.suggested), _who(proposal.proposed_by)))
    return Correction(stored.pk, intent, emotion, names.options(), emotion_options(), made)


def _who(actor: str) -> str:
    number = actor.partition(":")[2]
    name = User.objects.filter(pk=number).values_list("name", flat=True).first() if number.isdecimal() else None
    return name or _("Somebody")


@require_POST
@staff
def correct(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Proposes the correction to the curators."""
    given = request.POST
    try:
        reading_id = UUID(given.get("reading", ""))
    except ValueError as error:
        raise NotFound("There is no such reading.") from error
    try:
        made = do_correct_reading(
            conversation_id, reading_id, current_user(request),
            intent=given.get("intent", "")[:80], emotion=given.get("emotion", "")[:20],
        )  # fmt: skip
        text = _("Thank you. The curators will look at it.") if made else _("Nothing was changed.")
        messages.success(request, text, extra_tags="curator")
    except InvalidInput as error:
        messages.error(request, str(error))
    address, query = reverse("desk-conversation", args=[conversation_id]), request.GET.urlencode()
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
