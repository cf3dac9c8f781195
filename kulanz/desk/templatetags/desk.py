"""Codes in words, for the desk's templates."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.translation import gettext as _

from kulanz.desk import wording

register = template.Library()
register.filter("intent", wording.intent_label)
register.filter("emotion", wording.emotion_label)
register.filter("urgency", wording.urgency_label)
register.filter("status", wording.status_label)
register.filter("handover_reason", wording.handover_reason)
register.filter("resolution", wording.resolution_label)
register.filter("moment", wording.moment)


@register.filter
def age(then: datetime, now: datetime) -> str:
    """How long ago in one short unit: `now`, `5 min`, `3 h`, `2 d`."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    if minutes < 48 * 60:
        return _("{n} h").format(n=minutes // 60)
    return _("{n} d").format(n=minutes // (24 * 60))
