"""The simulation's own time: a Wednesday in opening hours, so that a dialogue does not depend on when it is played."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

OPEN = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
CLOSED = datetime(2026, 3, 4, 21, 30, tzinfo=UTC)


@contextmanager
def clock(start: datetime = OPEN) -> Iterator[None]:
    """Lets Django's time begin at `start` and go on from there. Everything in Kulanz asks Django what time it is; the
    database's own clock, which only orders events, is left alone."""
    began = time.monotonic()

    def now() -> datetime:
        return start + timedelta(seconds=time.monotonic() - began)

    with patch("django.utils.timezone.now", now):
        yield
