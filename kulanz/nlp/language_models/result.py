"""What comes of a call: a text, or a reason to do without. Never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Reason(StrEnum):
    """Why there is no text."""

    OFF = "off"  # no model is set for the task
    NO_BUDGET = "no_budget"  # the day's tokens are spent
    RESTING = "resting"  # the server failed too often and is left alone for a while
    TOO_LONG = "too_long"  # the material does not fit
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    BUSY = "busy"  # the server's own rate limit
    SERVER_FAILED = "server_failed"
    NOT_ALLOWED = "not_allowed"  # wrong key, unknown model, spent credit: for the operator
    INVALID = "invalid"  # not a reply in the protocol
    EMPTY = "empty"
    CUT_OFF = "cut_off"  # the reply ends in the middle
    REFUSED = "refused"  # the model or its filter declined
    INVENTED = "invented"  # it holds a placeholder that stands for nothing
    DROPPED = "dropped"  # nobody waited for the end of the stream
    MALFORMED = "malformed"  # it does not have the form that was asked for
    UNSUPPORTED = "unsupported"  # it says what its sources do not; the check refused it


SERVER_IS_TO_BLAME = frozenset(
    {Reason.TIMED_OUT, Reason.UNREACHABLE, Reason.BUSY, Reason.SERVER_FAILED, Reason.NOT_ALLOWED, Reason.INVALID}
)
"""These count towards leaving the server alone."""


@dataclass(frozen=True, slots=True)
class Text:
    """A model's reply with personal data put back. It is a proposal: nothing in it is checked."""

    text: str
    model: str
    call_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A model's reply as data (JSON's), with personal data put back into every text of it. It is a proposal: nothing
    in it is checked, not even that it has the form that was asked for; only that it is an object."""

    data: dict[str, Any]
    model: str
    call_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No reply; do it in the built-in way."""

    reason: Reason
    call_id: UUID | None = None
