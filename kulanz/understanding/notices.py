"""Notices for curators: drift, found once a day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from kulanz.trust.audit import record
from kulanz.understanding.drift import BEFORE_DAYS, RECENT_DAYS, Moved, Seen, drifted
from kulanz.understanding.models import IntentExample, Notice, StoredReading
from kulanz.understanding.ngrams import words_of

MOST = 5_000
"""Newest readings of each window that are looked at."""


def do_watch_drift(now: datetime | None = None) -> tuple[Moved, ...]:
    """Compares the last 7 days with the 28 before and leaves a notice where something has moved; one that nobody has
    seen yet is replaced."""
    now = now or timezone.now()
    middle = now - timedelta(days=RECENT_DAYS)
    words = _vocabulary()
    recent = _window(middle, now, words)
    before = _window(middle - timedelta(days=BEFORE_DAYS), middle, words)
    moved = drifted(recent, before)
    with transaction.atomic():
        Notice.objects.filter(kind="drift", seen_at=None).delete()
        if moved:
            facts = {"moved": [asdict(m) for m in moved], "recent": len(recent), "before": len(before)}
            notice = Notice.objects.create(kind="drift", facts=facts)
            record("system", "noticed_drift", None, notice=notice.pk, measures=[m.measure for m in moved])
    return moved


def _vocabulary() -> frozenset[str]:
    texts = IntentExample.objects.values_list("text", flat=True)
    return frozenset(word for text in texts.iterator() for word in words_of(text))


def _window(start: datetime, end: datetime, words: frozenset[str]) -> list[Seen]:
    rows = StoredReading.objects.filter(message__created_at__gte=start, message__created_at__lt=end)
    data = rows.order_by("-message__created_at").values_list("data", flat=True)[:MOST]
    return [seen(reading, words) for reading in data if any(c.isalnum() for c in reading["text"])]


def seen(reading: dict[str, Any], words: frozenset[str]) -> Seen:
    """What drift looks at in a stored reading."""
    said = [word for word in words_of(reading["text"]) if word not in "!?"]
    best = reading["intents"][0] if reading["intents"] else None
    return Seen(
        rejected=reading["rejected"],
        unseen=sum(word not in words for word in said) / len(said) if said else 0.0,
        sureness=best["probability"] if best else 0.0,
        intent=best["value"] if best and not reading["rejected"] else "",
    )


def open_notices() -> list[Notice]:
    return list(Notice.objects.filter(seen_at=None).order_by("-pk")[:20])


def do_mark_seen(notice_id: int, actor: str) -> None:
    """A curator has seen a notice; again changes nothing."""
    with transaction.atomic():
        found = Notice.objects.filter(pk=notice_id, seen_at=None)
        if found.update(seen_at=timezone.now(), seen_by=actor):
            record(actor, "saw_notice", None, notice=notice_id)
