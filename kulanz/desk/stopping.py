"""The emergency stop: the assistant is silent, on one channel or on all, and every message goes to people."""

from __future__ import annotations

from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.channels.registry import CHANNELS
from kulanz.core.errors import InvalidInput
from kulanz.desk.level_models import AssistantStop
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record

EVERYWHERE = ""


def stops() -> list[AssistantStop]:
    """What is stopped, the stop of all channels first: one small query, so that a stop holds at once everywhere."""
    return list(AssistantStop.objects.select_related("set_by").order_by("channel"))


def is_stopped(channel: str) -> bool:
    """Whether the assistant may not speak on this channel. Asked at the beginning and at the end of every turn, never
    from a cache: a stop must hold for what is being thought of right now."""
    return AssistantStop.objects.filter(channel__in=(EVERYWHERE, channel)).exists()


def do_stop(channel: str, by: User) -> None:
    """Makes the assistant silent on a channel (`EVERYWHERE`: on all). Raises InvalidInput for an unknown channel. To
    stop what is stopped changes nothing, not even who did it."""
    if channel != EVERYWHERE and channel not in CHANNELS:
        raise InvalidInput(f"There is no channel “{channel}”.")
    facts = {"set_by": by, "set_at": timezone.now()}
    __, is_new = AssistantStop.objects.get_or_create(channel=channel, defaults=facts)
    if is_new:
        _changed(channel, by, "stopped_assistant")


def do_let_go_on(channel: str, by: User) -> None:
    """Takes the stop of one channel back. It answers what comes from now on."""
    if AssistantStop.objects.filter(channel=channel).delete()[0]:
        _changed(channel, by, "let_assistant_go_on")


def _changed(channel: str, by: User, act: str) -> None:
    record(f"agent:{by.pk}", act, None, channel=channel or "all")
    hint(QUEUE_TOPIC, "stopped", {})
