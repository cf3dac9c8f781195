"""Python looks for garbage ever again while a process loads, and finds none: what is loaded stays. Without that a start
costs a fifth less, and what is loaded is never looked through again."""

from __future__ import annotations

import gc


def begin_loading() -> None:
    """First of all in a process."""
    gc.disable()


def loaded() -> None:
    """What is there now stays; garbage is collected from here on. Also what a process that forks does before."""
    gc.freeze()
    gc.enable()
