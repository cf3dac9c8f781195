"""`kulanz evaluate search`: indexes the documents as the product does, in a throw-away database, and asks."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from kulanz.cli.imports import bar
from kulanz.core.errors import InvalidInput
from kulanz.knowledge.evaluation_rows import Question, read_search_documents, read_search_queries
from kulanz.settings.postgres import EmbeddedPostgres


def run(options: argparse.Namespace) -> int:
    """Exit status 2 for files that can't be used, which are named on standard error."""
    try:
        if options.documents is None or options.queries is None:
            raise InvalidInput("Give --documents FILE and --queries FILE.")
        documents, questions = read_search_documents(options.documents), read_search_queries(options.queries)
        figures = _measured(documents, questions)
    except InvalidInput as error:
        sys.stderr.write(f"kulanz: {error}\n")
        return 2
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


def _measured(documents: list[dict[str, Any]], questions: list[Question]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kulanz-evaluate-") as folder:
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.start()
        try:
            os.environ |= {"KULANZ_DATA_DIR": folder, "DATABASE_URL": server.url}
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kulanz.settings.django")
            from kulanz.cli.database import ready_django

            ready_django()
            from kulanz.knowledge.evaluation import evaluate_search

            with bar("documents") as importing, bar("queries") as asking:
                return evaluate_search(documents, questions, importing, asking)
        finally:
            server.stop()
