"""Trials: what a write would do, without sending it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kulanz.flows.action import Action
from kulanz.flows.back_offices.operation import CallResult, Rehearsed

KEY = "trial"
"""Stands for the key of a write that is never sent."""


def rehearse(action: Action, arguments: Mapping[str, Any]) -> CallResult:
    """A write as if it had been done, with an answer as the back office describes it. Raises PermanentError where its
    arguments do not fit, as the real call would."""
    operation = action.operation
    if not isinstance(operation, Rehearsed):
        return CallResult("done", {})
    operation.preview(arguments, KEY)
    return CallResult("done", operation.example())


def request_of(action: Action, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What would be sent, with its secrets hidden. Raises PermanentError where the arguments do not fit."""
    operation = action.operation
    return operation.preview(arguments, KEY if action.writes else "") if isinstance(operation, Rehearsed) else {}
