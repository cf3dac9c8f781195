"""`kulanz evaluate intents|emotion|sentiment|human-request`: one JSON object on standard output, nothing else there."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from kulanz.cli.imports import bar
from kulanz.core.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    with bar(options.what) as progress:
        figures = _intents(options, progress) if options.what == "intents" else _others(options, progress)
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 0


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
    if options.what == "human-request":
        return evaluate_human_request(read_rows(options.test, "wants_human"), progress)
    measure = evaluate_emotion if options.what == "emotion" else evaluate_sentiment
    return measure(read_rows(options.test, options.what), progress)
