"""Words of the curator's pages, and the notices that every page of the desk shows to curators."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kulanz.accounts.models import User
from kulanz.understanding.notices import open_notices

register = template.Library()

_REASONS = {
    "corrected": gettext_noop("corrected by an agent"),
    "flow_denied": gettext_noop("refused at once what was begun"),
    "not_helped": gettext_noop("the answer did not help"),
    "clarified": gettext_noop("said it clearly when asked back"),
}
_ACTS = {
    "added": gettext_noop("added"),
    "removed": gettext_noop("removed"),
    "relabelled": gettext_noop("moved"),
    "accepted": gettext_noop("accepted from conversations"),
}
_MEASURES = {
    "rejected": gettext_noop("More messages fit none of the intents"),
    "unseen": gettext_noop("More words that no example holds"),
    "sureness": gettext_noop("Messages are understood less surely"),
    "intents": gettext_noop("Customers ask for other things than before"),
}


@register.filter
def named(intent: str, names: Callable[[str], str]) -> str:
    return names(intent)


@register.filter
def lesson(code: str) -> str:
    return _(_REASONS[code]) if code in _REASONS else code


@register.filter
def change_act(code: str) -> str:
    return _(_ACTS[code]) if code in _ACTS else code


@register.filter
def drift_measure(code: str) -> str:
    return _(_MEASURES[code]) if code in _MEASURES else code


@register.filter
def percent(share: float) -> str:
    return f"{round(100 * share)} %"


@register.filter
def stored_message(text: str) -> str:
    """A message that a job left behind, in the reader's language."""
    return _(text) if text else ""


@register.simple_tag
def notices_for(user: User) -> int:
    """How many notices wait for this member of staff; 0 for everybody but curators."""
    return len(open_notices()) if user.is_authenticated and user.is_curator else 0
