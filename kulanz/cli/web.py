"""`kulanz web`: the web part of the product."""

from __future__ import annotations

import argparse
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from kulanz.cli.database import database, wait_until_migrated
from kulanz.cli.parent import end_with_parent
from kulanz.settings.loading import begin_loading, loaded
from kulanz.settings.parts import WEB, part


class Server(uvicorn.Server):
    """uvicorn that ends the live streams first: it would wait for them, and they never end by themselves."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self.app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.app.state.relay.close_streams()
        super().handle_exit(sig, frame)


def run(options: argparse.Namespace) -> int:
    end_with_parent()
    begin_loading()
    with database(options):
        app = part(WEB)()
        wait_until_migrated()
        loaded()
        config = uvicorn.Config(
            app, host=options.host, port=options.port, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5, timeout_keep_alive=30, backlog=1024,
        )  # fmt: skip
        Server(config, app).run()
    return 0
