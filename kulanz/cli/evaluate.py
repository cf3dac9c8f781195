"""`kulanz evaluate intents|emotion|sentiment|human-request|search|answers`: one JSON object on standard output and
nothing else there."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from kulanz.cli import evaluate_search
from kulanz.cli.database import database, ready_django
from kulanz.cli.imports import bar
from kulanz.core.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    if options.what == "search":
        return evaluate_search.run(options)
    if options.what == "answers":
        figures = _answers(options)
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return 0
    if options.file:
        raise InvalidInput(f"`evaluate {options.what}` takes its files by name: see `kulanz evaluate --help`.")
    with bar(options.what) as progress:
        figures = _intents(options, progress) if options.what == "intents" else _others(options, progress)
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 0


def _answers(options: argparse.Namespace) -> dict[str, Any]:
    """With the articles and the rules of this installation."""
    if options.file is None:
        raise InvalidInput('Give FILE: rows {"question", "source", "facts"?, "language"?}.')
    with database(options):
        ready_django()
        from kulanz.turns.measure_answers import measure_answers, read_expected

        rows = read_expected(options.file)
        with bar("answers") as progress:
            return measure_answers(rows, progress)


def _intents(options: argparse.Namespace, progress: Any) -> dict[str, Any]:
    from kulanz.understanding.evaluate import evaluate_intents
    from kulanz.understanding.rows import first_of_each, read_rows, split_rows

    if options.train is None or (options.test is None) == (options.fold is None):
        raise InvalidInput("Give --train FILE and either --test FILE or --fold N.")
    train = read_rows(options.train, "intent")
    if options.test:
        test = read_rows(options.test, "intent")
    else:
        train, test = split_rows(train, options.fold)
    if options.few:
        train = first_of_each(train, options.few)
    return evaluate_intents(train, test, progress)


def _others(options: argparse.Namespace, progress: Any) -> dict[str, Any]:
    from kulanz.understanding.evaluate import evaluate_emotion, evaluate_human_request, evaluate_sentiment
    from kulanz.understanding.rows import read_rows

    if options.test is None:
        raise InvalidInput("Give --test FILE.")
    if options.train or options.fold or options.few:
        raise InvalidInput("--train, --fold and --few belong to `evaluate intents`: this reading comes with Kulanz.")
    if options.what == "human-request":
        return evaluate_human_request(read_rows(options.test, "wants_human"), progress)
    measure = evaluate_emotion if options.what == "emotion" else evaluate_sentiment
    return measure(read_rows(options.test, options.what), progress)
