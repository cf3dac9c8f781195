"""What can go wrong between here and a model's server, as one of our reasons."""

from __future__ import annotations

from concurrent.futures import CancelledError
from functools import lru_cache

from kulanz.nlp.language_models.result import Reason


class CallFailed(Exception):
    """There is no usable reply; tokens where the server counted some. It carries no text of the call."""

    def __init__(self, reason: Reason, tokens_in: int = 0, tokens_out: int = 0) -> None:
        super().__init__(reason.value)
        self.reason, self.tokens_in, self.tokens_out = reason, tokens_in, tokens_out


@lru_cache(maxsize=1)
def failures() -> tuple[type[BaseException], ...]:
    """Everything that a server's behaviour can raise in the libraries below us. The last four are what malformed but
    parsable replies cause there (a list where an object belongs)."""
    import httpx2
    from openai import OpenAIError
    from pydantic_ai.exceptions import AgentRunError, UserError

    libraries = (AgentRunError, UserError, OpenAIError, httpx2.HTTPError, httpx2.InvalidURL)
    return (*libraries, OSError, CancelledError, ValueError, TypeError, AttributeError, LookupError)


def reason_of(error: BaseException) -> Reason:
    """Why there is no reply."""
    if isinstance(error, CallFailed):
        return error.reason
    for kinds, reason in _reasons():
        if isinstance(error, kinds):
            return reason
    return Reason.INVALID


def refuses_request(error: BaseException) -> bool:
    """The server did not like the request itself; nothing is wrong with key, model, credit or length."""
    from pydantic_ai import exceptions as e

    others = (e.ModelAuthenticationError, e.ModelNotFoundError, e.ModelContextWindowExceededError)
    return isinstance(error, e.ModelRequestRejectedError) and not isinstance(error, others)


@lru_cache(maxsize=1)
def _reasons() -> tuple[tuple[tuple[type[BaseException], ...], Reason], ...]:
    """The first that fits counts; the subclasses stand before their bases."""
    import httpx2
    from pydantic_ai import exceptions as e

    return (
        ((e.ModelRequestTimeout, e.ModelTimeoutError, TimeoutError, httpx2.TimeoutException), Reason.TIMED_OUT),
        ((e.ModelRateLimitError,), Reason.BUSY),
        ((e.ModelContextWindowExceededError,), Reason.TOO_LONG),
        ((e.ModelQuotaExceededError, e.ModelRequestRejectedError), Reason.NOT_ALLOWED),
        ((e.ModelUnavailableError, e.ModelServerError), Reason.SERVER_FAILED),
        ((e.ModelConnectionError, httpx2.TransportError, ConnectionError), Reason.UNREACHABLE),
        ((e.OutputTokenLimitExceeded,), Reason.CUT_OFF),
        ((e.ContentFilterError,), Reason.REFUSED),
    )
