"""The command `kulanz`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from kulanz import __version__
from kulanz.core.errors import KulanzError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kulanz", description="Customer service shared by an AI assistant and people."
    )
    parser.add_argument("--version", action="version", version=f"kulanz {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data-dir", type=Path, help="the data folder (default: KULANZ_DATA_DIR, else the user's)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, module: str, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[common])
        sub.set_defaults(module=module)
        return sub

    serve = command("serve", "serve", "start the whole product on this machine")
    web = command("web", "web", "start the web part: pages, API and live streams")
    for part in (serve, web):
        part.add_argument("--host", default="127.0.0.1")
        part.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
    serve.add_argument(
        "--demo", action=argparse.BooleanOptionalAction, default=False, help="the demo company Musterladen"
    )
    command("worker", "worker", "start one worker process")
    command("prepare", "prepare", "bring the database to this version; with KULANZ_DEMO=1 also the demo company")
    imports = command("import", "imports", "import knowledge or intents")
    imports.add_argument("what", choices=["knowledge", "intents"])
    imports.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    process = command("process", "process", "send a JSONL file of messages through the whole pipeline")
    process.add_argument("file", type=Path)
    process.add_argument("--out", type=Path, required=True)
    bench = command("bench", "bench", "measure speed and memory of the whole product")
    bench.add_argument("--seconds", type=float, default=15, help="length of each load (default 15)")
    command("doctor", "doctor", "check the set-up and say what to mend")
    admin = command("create-admin", "create_admin", "create an administrator for the desk")
    admin.add_argument("email")
    admin.add_argument("--name", default="")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status: 0 done, 1 a failure that is explained, 2 wrong usage, 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        result = import_module(f"kulanz.cli.{options.module}").run(options)
    except KulanzError as error:
        print(f"kulanz: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return int(result or 0)
