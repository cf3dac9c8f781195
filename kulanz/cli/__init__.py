"""The command `kulanz`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
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

    _serving(command)
    command("prepare", "prepare", "bring the database to this version; with KULANZ_DEMO=1 also the demo company")
    _teaching(command)
    process = command("process", "process", "send a JSONL file of messages through the whole pipeline")
    process.add_argument("file", type=Path)
    process.add_argument("--out", type=Path, required=True)
    _bench(command)
    _quality(command)
    _faults(command)
    _flows(command)
    command("doctor", "doctor", "check the set-up and say what to mend")
    admin = command("create-admin", "create_admin", "create an administrator for the desk")
    admin.add_argument("email")
    admin.add_argument("--name", default="")
    return parser


def at_least(lowest: int) -> Callable[[str], int]:
    """An argument type: a whole number from `lowest` on."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {lowest} on")
        return int(text)

    return number


Command = Callable[[str, str, str], argparse.ArgumentParser]


def _serving(command: Command) -> None:
    """The commands that run the product, whole or in parts."""
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


def _teaching(command: Command) -> None:
    """The commands that give the assistant something to know."""
    imports = command("import", "imports", "import knowledge or intents")
    imports.add_argument("what", choices=["knowledge", "intents"])
    imports.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; for knowledge also sitemaps")
    train = command("train", "train", "check the examples of the intents and train on them")
    train.add_argument("paths", nargs="*", type=Path, metavar="FILE", help="JSONL files to import first")
    train.add_argument("--dry-run", action="store_true", help="report only; nothing is imported or kept")
    train.add_argument("--anyway", action="store_true", help="put the model in force even if it is worse")


def _bench(command: Command) -> None:
    bench = command("bench", "bench", "measure speed and memory of the whole product, or the speed of the desk")
    bench.add_argument("what", nargs="?", default="product", choices=["product", "desk"])
    bench.add_argument("--seconds", type=float, default=15, help="product: length of each load (default 15)")
    bench.add_argument(
        "--messages",
        type=at_least(1_000),
        default=1_000_000,
        metavar="N",
        help="desk: in the data set (default 1,000,000)",
    )
    bench.add_argument(
        "--requests", type=at_least(20), default=200, metavar="N", help="desk: of each kind (default 200)"
    )
    bench.add_argument("--keep", type=Path, metavar="FOLDER", help="desk: keep the data set there, or use it again")


def _quality(command: Command) -> None:
    """The commands that try the assistant out."""
    evaluate = command(
        "evaluate", "evaluate", "measure the reading of messages, the search or the answers on labelled JSONL files"
    )
    evaluate.add_argument("what", choices=["intents", "emotion", "sentiment", "human-request", "search", "answers"])
    evaluate.add_argument("--train", type=Path, metavar="FILE", help="examples of the intents")
    evaluate.add_argument("--test", type=Path, metavar="FILE")
    evaluate.add_argument(
        "--fold", type=at_least(2), metavar="N", help="test on every n-th row of --train, left out there"
    )
    evaluate.add_argument("--documents", type=Path, metavar="FILE", help="search: what is searched")
    evaluate.add_argument("--queries", type=Path, metavar="FILE", help="search: questions and their documents")
    evaluate.add_argument("--few", type=at_least(1), metavar="N", help="train on the first n examples of each intent")
    evaluate.add_argument("file", nargs="?", type=Path, metavar="FILE", help="answers: questions with their source")
    ask = command("ask", "ask", "ask the knowledge: the answer, its passages, and why the others lost")
    ask.add_argument("question")
    ask.add_argument("--language", default="", choices=["de", "en"], help="the reader's (default: as the question)")
    ask.add_argument("--audience", default="customers", choices=["customers", "agents"], help="who asks")
    simulate = command("simulate", "simulate", "let simulated customers talk to the assistant, apart from live data")
    simulate.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenario files, or folders of them")
    simulate.add_argument("--only", default="", metavar="NAME", help="the scenario of this name alone")
    simulate.add_argument("--in", dest="spoken", default="", choices=["de", "en"], help="this language alone")
    simulate.add_argument("--seed", type=int, default=1, help="the customer's dice (default 1)")
    simulate.add_argument("--plays", type=at_least(1), default=1, help="times that each scenario is played (default 1)")
    simulate.add_argument("--fast", action="store_true", help="only the scenarios of the fast subset")
    simulate.add_argument("--closed", action="store_true", help="outside the opening hours")
    simulate.add_argument("--expect", type=Path, metavar="FILE", help="figures that must be reached")
    simulate.add_argument("--worst", type=at_least(0), default=5, help="dialogues printed in full (default 5)")
    replay = command("replay", "replay", "decide past conversations again under another policy or model")
    replay.add_argument("--policy", type=Path, metavar="FILE", help="another policy (default: the one in force)")
    replay.add_argument("--model", type=int, metavar="ID", help="another intent model: read the texts again with it")
    replay.add_argument("--since", metavar="DATE", help="only turns since this day, such as 2026-01-31")
    for part in (simulate, replay):
        part.add_argument("--language", choices=["de", "en"], default="en", help="the report's language (default en)")
        part.add_argument("--json", action="store_true", help="one JSON object instead of the report")


def _faults(command: Command) -> None:
    faults = command("faults", "faults", "prove on a throw-away product that nothing is done twice or lost")
    faults.add_argument("--runs", type=at_least(1), default=500, metavar="N", help="writing flows (default 500)")
    faults.add_argument(
        "--seed", type=at_least(1), metavar="N", help="to see the same storm again (default: a new one)"
    )
    faults.add_argument("--json", action="store_true", help="one JSON object instead of the report")
    faults.add_argument("--keep-log", type=Path, metavar="FILE", help="where a promise broke: the product's log")


def _flows(command: Command) -> None:
    """What helps with flows and actions; each subcommand names its function in `kulanz.cli.flows`."""
    from kulanz.cli.flows import add_subcommands

    add_subcommands(command("flows", "flows", "list, try and check flows and actions"))


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
