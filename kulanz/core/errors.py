"""The kinds of failure that Kulanz tells apart at every border."""

from __future__ import annotations


class KulanzError(Exception):
    """A failure with a sentence for the person who can mend it."""


class InvalidInput(KulanzError):
    """Outside data that can't be used; the message says what to change. HTTP status 422."""


class NotFound(KulanzError):
    """The thing is missing, or the caller may not know that it exists. HTTP status 404."""


class TransientError(KulanzError):
    """The other side may succeed later: try again."""


class PermanentError(KulanzError):
    """Trying again can't help: tell a person."""


class OutcomeUnknown(TransientError):
    """A write was sent and its answer got lost: it may have happened. Never the same as *failed*."""
