"""A circuit breaker: a server that fails again and again is left alone for a while, so that no customer waits for it.

Each process keeps its own (M. Nygard, *Release It!*, 2007): what fails may be this machine's network, it costs no
query, and with a handful of workers a few calls more do no harm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache


class Breaker:
    """Closed until `failures` in a row, then open for `rest_seconds`; then one call may try while all others still
    wait, and its outcome decides. Safe for threads."""

    def __init__(self, failures: int, rest_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._rest, self._clock = failures, rest_seconds, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None

    def may_call(self) -> bool:
        """Whether to call now. After True, `succeeded` or `failed` must follow."""
        with self._lock:
            if self._open_until is None:
                return True
            if self._clock() < self._open_until:
                return False
            self._open_until = self._clock() + self._rest  # this caller tries; the others wait for its outcome
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._open_until = 0, None

    def failed(self) -> bool:
        """Counts a failure; returns whether it opened the circuit."""
        with self._lock:
            self._failures += 1
            if self._failures < self._limit:
                return False
            newly = self._open_until is None
            self._open_until = self._clock() + self._rest
            return newly


@lru_cache(maxsize=32)
def breaker_of(url: str, model: str, failures: int, rest_seconds: float) -> Breaker:  # noqa: ARG001
    """This process's breaker for one model on one server."""
    return Breaker(failures, rest_seconds)
