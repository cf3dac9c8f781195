"""`kulanz doctor`: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable

from kulanz.cli.database import database
from kulanz.core.errors import InvalidInput, KulanzError

MIN_FREE = 1_000_000_000  # bytes


def run(options: argparse.Namespace) -> int:
    """Prints a line for each check; exit status 1 if one failed."""
    failed = False
    with database(options):
        import django

        django.setup()
        for name, check in CHECKS:
            try:
                print(f"ok      {name}: {check()}")
            except KulanzError as error:
                failed = True
                print(f"FAILED  {name}: {error}")
    return int(failed)


def _python() -> str:
    return sys.version.split()[0]


def _space() -> str:
    from django.conf import settings

    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < MIN_FREE:
        raise InvalidInput(f"only {free // 1_000_000} MB are free in {settings.DATA_DIR}; make room for 1 GB at least.")
    return f"{settings.DATA_DIR}, {free // 1_000_000_000} GB free"


def _database() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select version()")
        return str(cursor.fetchone()[0]).split(",")[0]


def _migrations() -> str:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise InvalidInput(f"{len(missing)} migrations are missing: run kulanz prepare, or start kulanz serve.")
    return "up to date"


def _policy() -> str:
    from kulanz.decision.policies import active_policy

    return f"version {active_policy().version}"


def _flows() -> str:
    from kulanz.flows.definitions import active_flows

    return ", ".join(active_flows()) or "none; put YAML files into the data folder's flows (docs/flows.md)"


def _intents() -> str:
    from kulanz.understanding.models import IntentModel

    model = IntentModel.objects.filter(active=True).first()
    if model is None:
        return "no model; kulanz import intents FILE teaches the assistant what customers want"
    return f"{len(model.manifest['intents'])} intents, trained {model.created_at:%Y-%m-%d %H:%M} UTC"


def _knowledge() -> str:
    from kulanz.knowledge.models import Article, Passage

    articles = Article.objects.filter(published_at__isnull=False).count()
    return (
        f"{articles} articles, {Passage.objects.count()} passages" if articles else "none; kulanz import knowledge PATH"
    )


def _embedder() -> str:
    from kulanz.nlp.embedder import embedder

    length = float((embedder().query(["Hallo"])[0] ** 2).sum())
    if not 0.98 < length < 1.02:
        raise InvalidInput("the embedder gives no unit vectors; reinstall with make setup.")
    return embedder().name


def _language_models() -> str:
    from kulanz.nlp.language_models.status import check_server

    return check_server()


def _staff() -> str:
    from kulanz.accounts.models import User

    if not User.objects.filter(is_demo=False).exists():
        return "only demo users; kulanz create-admin EMAIL makes the first administrator"
    return f"{User.objects.filter(is_demo=False).count()} users"


CHECKS: list[tuple[str, Callable[[], str]]] = [
    ("python", _python),
    ("data folder", _space),
    ("database", _database),
    ("migrations", _migrations),
    ("policy", _policy),
    ("flows", _flows),
    ("intents", _intents),
    ("knowledge", _knowledge),
    ("embedder", _embedder),
    ("language models", _language_models),
    ("staff", _staff),
]
