"""Structured logs: one JSON object a line on standard error, with ids and never with personal data.

Code logs an event name and ids (`conversation=…`), not texts, names, addresses or URLs with queries.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _without_payload(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Libraries put job arguments and SQL into their records; only ids leave this process."""
    for key in ("job", "worker", "job_result", "sql", "params"):
        event.pop(key, None)
    return event


_traceback = ExceptionDictTransformer(show_locals=False, max_frames=30)
"""Where an exception came from, never the variables: they hold texts and tokens."""

PERSONAL = re.compile(r"\S+@\S+|\d[\d \-]{3,}\d|'[^']*'|\"[^\"]*\"")
NAME = re.compile(r"['\"][a-z_.]+['\"]")  # of code and tables


def _without_details(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception's first line without whatever it quotes, because databases and parsers quote what they choked on;
    names of code and tables stay."""
    for trace in event.get("exception", []) if isinstance(event.get("exception"), list) else []:
        trace["exc_value"] = PERSONAL.sub(_hide, (trace.get("exc_value") or "").split("\n", 1)[0])[:200]
        trace["frames"] = [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in trace["frames"]]
        for unused in ("exc_notes", "syntax_error", "is_group", "exceptions"):
            trace.pop(unused, None)
    return event


def _hide(match: re.Match[str]) -> str:
    return match.group() if NAME.fullmatch(match.group()) else "…"


structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_payload,
                structlog.processors.ExceptionRenderer(_traceback),
                _without_details,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KULANZ_LOG_LEVEL", "WARNING").upper()},
    "loggers": {
        "kulanz": {"level": os.environ.get("KULANZ_LOG_LEVEL", "INFO").upper()},
        # procrastinate reports a failing job with its arguments; our own task wrapper reports it without them
        "procrastinate": {"level": "CRITICAL"},
        # at DEBUG and INFO these log requests with their texts and addresses
        **{
            name: {"level": "WARNING"}
            for name in ("openai", "httpx", "httpcore", "httpx2", "httpcore2", "mcp", "pydantic_ai")
        },
        # client errors are the client's business; a 5xx is logged with its traceback
        "django.request": {"level": "ERROR"},
    },
}


def logger(name: str) -> Any:
    """A structured logger; `logger(__name__).info("turn done", conversation=id, ms=12)`."""
    return structlog.stdlib.get_logger(name)


logging.captureWarnings(capture=True)
