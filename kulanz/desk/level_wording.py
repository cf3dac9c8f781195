"""Service levels in words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def level_label(level: str) -> str:
    names = {"first_reply": _("First reply"), "next_reply": _("Next reply"), "resolution": _("Resolution")}
    return names.get(level, level)


def outcome_label(outcome: str) -> str:
    names = {
        "": _("still open"),
        "kept": _("kept"),
        "broken": _("broken"),
        "unanswered": _("never answered"),
        "no_target": _("without a target"),
    }
    return names.get(outcome, outcome)


def minutes_text(minutes: float | None) -> str:
    """A stretch of working time: `12 min`, `3 h 20 min`; a dash for none."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    hours, rest = divmod(whole, 60)
    if hours == 0:
        return _("{n} min").format(n=rest)
    if rest == 0:
        return _("{n} h").format(n=hours)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)


def at_risk_text(number: int, late: int) -> str:
    """How much is due soon or overdue."""
    soon = number - late
    parts = []
    if late:
        parts.append(_("{n} overdue").format(n=late))
    if soon:
        parts.append(_("{n} due soon").format(n=soon))
    return ", ".join(parts)
