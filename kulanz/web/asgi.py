"""One port: the thin async part for whatever waits, and Django in threads for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

THREADS = 12


def create_app() -> Starlette:
    """The whole web side of the product as one ASGI application."""
    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from kulanz.web.live.relay import Relay
    from kulanz.web.live.streams import Streams

    relay = Relay(settings.ENVIRONMENT.database_url)
    wsgi = cast(ASGIApp, WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS))
    streams = Streams(wsgi, relay)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await relay.start()
        yield
        await relay.stop()

    messages = "/api/v1/conversations/{conversation_id:uuid}/messages"
    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/live/desk", streams.desk, methods=["GET"]),
            Route("/live/conversations/{conversation_id:uuid}", streams.conversation, methods=["GET"]),
            Route("/api/v1/live/conversations/{conversation_id:uuid}", streams.conversation, methods=["GET"]),
            Route(messages, streams.long_poll, methods=["GET"]),
            Mount("/", wsgi),
        ],
    )
    app.state.relay = relay
    return app
