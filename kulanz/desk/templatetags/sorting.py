"""Tags and rest beside a conversation, for the desk's templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.desk import resting, tags
from kulanz.desk.sorting_models import COLOURS
from kulanz.inbox.models import Conversation

register = template.Library()


@register.simple_tag
def sorting_of(conversation: Conversation) -> dict[str, Any]:
    """The conversation's tags, those to choose from, and until when it rests."""
    return {
        "tags": tags.tags_of(conversation.pk),
        "known": tags.known_tags(),
        "rests_until": resting.rests_until(conversation.pk, timezone.now()),
    }


@register.simple_tag
def tag_colours() -> list[tuple[str, str]]:
    names = {
        "grey": _("Grey"),
        "blue": _("Blue"),
        "green": _("Green"),
        "yellow": _("Yellow"),
        "red": _("Red"),
        "violet": _("Violet"),
    }
    return [(colour, names[colour]) for colour in COLOURS]


@register.simple_tag
def rest_times() -> list[tuple[str, str, Any]]:
    """What can be chosen with one key: (name, words, time)."""
    names = {"today": _("Later today"), "tomorrow": _("Tomorrow"), "monday": _("Monday")}
    return [(name, names[name], until) for name, until in resting.times(timezone.now()).items()]
