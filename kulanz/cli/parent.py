"""A part of the product ends with the process that started it, however that one ended."""

from __future__ import annotations

import os
import signal
import threading

PARENT_PIPE = "KULANZ_PARENT_PIPE"
GRACE = 20.0  # seconds between the polite signal and the end


def end_with_parent() -> None:
    """Watches a pipe whose other end only the parent holds: its end of file is the parent's end."""
    handle = os.environ.pop(PARENT_PIPE, "")
    if handle:
        threading.Thread(target=_watch, args=(int(handle),), daemon=True, name="parent").start()


def _watch(handle: int) -> None:
    os.read(handle, 1)
    threading.Timer(GRACE, os._exit, [1]).start()
    os.kill(os.getpid(), signal.SIGTERM)
