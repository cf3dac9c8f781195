"""`kulanz flows …`: what the actions are, and one of them tried."""

from __future__ import annotations

import argparse
import os

from kulanz.cli import flow_actions, flow_files
from kulanz.settings.environment import ensure_data_dir, read_environment


def add_subcommands(parser: argparse.ArgumentParser) -> None:
    """Every subcommand; each sets `do`, the function that runs it."""
    commands = parser.add_subparsers(dest="flows_command", required=True, metavar="COMMAND")
    flow_actions.add_subcommands(commands)
    flow_files.add_subcommands(commands)


def run(options: argparse.Namespace) -> int:
    if options.data_dir:
        os.environ["KULANZ_DATA_DIR"] = str(options.data_dir)
    os.environ["KULANZ_DATA_DIR"] = str(ensure_data_dir(read_environment().data_dir))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kulanz.settings.django")
    return int(options.do(options) or 0)
