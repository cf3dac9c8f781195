"""`python -m tests.measurements.many_passages --data DIR [--passages 1000 50000]`: searching a large knowledge base.

Imports 698 documents of a (fictional) bank, fills up to the given numbers with passages put together from two of them
each (the vector between theirs, with noise; as many articles as passages ÷ 4), and asks real questions in German and
English. Prints, for each size, milliseconds a question with and without its embedding, and what tables, indexes and
processes take.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from kulanz.settings.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from kulanz.nlp.vector import LazyVector

BATCH = 1_000
PER_ARTICLE = 4
NOISE = 0.02
QUESTIONS = 200
TABLES = ("knowledge_passage", "knowledge_article", "knowledge_lexeme")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 50_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kulanz-many-") as folder:
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.start()
        os.environ |= {
            "KULANZ_DATA_DIR": folder,
            "DATABASE_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "kulanz.settings.django",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            for size, figures in measured(options.data, sorted(options.passages), server.folder):
                print(f"{size} passages: {json.dumps(figures)}", flush=True)
        finally:
            server.stop()


def measured(data: Path, sizes: list[int], folder: Path) -> Any:
    """The figures at each size, smallest first."""
    asked = questions(data)
    originals = imported(data)
    for size in sizes:
        filled(originals, size)
        yield size, figures(asked, folder)


def questions(data: Path) -> list[tuple[LazyVector, str]]:
    """Customers' questions, German and English by turns, with their vectors still to be computed."""
    from kulanz.nlp.vector import LazyVector

    found = []
    for name, language in (("faqbot_de", "de"), ("banking77_en", "en")):
        lines = (data / "intents" / f"{name}.train.jsonl").read_text(encoding="utf-8").splitlines()
        step = len(lines) // (QUESTIONS // 2)
        found.append([(LazyVector(json.loads(line)["text"]), language) for line in lines[::step][: QUESTIONS // 2]])
    return [pair for both in zip(*found, strict=True) for pair in both]


def imported(data: Path) -> list[tuple[str, str, Any]]:
    """Title, text and vector of every passage of the bank; the tables are empty again afterwards."""
    from kulanz.knowledge.importing import do_import
    from kulanz.knowledge.models import Article, Passage

    do_import([data / "search" / "bank_en.documents.jsonl"], source="bank")
    found = list(Passage.objects.values_list("article__title", "text", "embedding"))
    Article.objects.all().delete()
    return found


def filled(originals: list[tuple[str, str, Any]], size: int) -> None:
    """Adds passages until there are `size`."""
    from django.db import connection
    from django.utils import timezone

    from kulanz.knowledge.indexing import index_words
    from kulanz.knowledge.models import Article, Passage
    from kulanz.knowledge.words import refresh_lexemes

    with connection.cursor() as cursor:  # built at the end: a quarter of the time
        cursor.execute("select pg_get_indexdef('passage_embedding'::regclass)")
        definition = cursor.fetchone()[0]
        cursor.execute("drop index passage_embedding")
    dice = np.random.default_rng(size)
    now = timezone.now()
    for start in range(Passage.objects.count(), size, BATCH):
        pairs = dice.integers(len(originals), size=(min(BATCH, size - start), 2))
        articles = [
            Article(source="many", external_id=str(start + i), title=originals[a][0], body="-", language="en",
                    published_at=now)
            for i, (a, _) in enumerate(pairs[::PER_ARTICLE])
        ]  # fmt: skip
        Article.objects.bulk_create(articles)
        passages = [
            Passage(article=articles[i // PER_ARTICLE], position=i % PER_ARTICLE, language="en",
                    text=mixed(originals[a][1], originals[b][1]),
                    embedding=between(np.asarray(originals[a][2]), np.asarray(originals[b][2]), dice))
            for i, (a, b) in enumerate(pairs)
        ]  # fmt: skip
        Passage.objects.bulk_create(passages)
        index_words([article.pk for article in articles])
    with connection.cursor() as cursor:
        cursor.execute("set maintenance_work_mem = '512MB'")
        cursor.execute(definition)
        cursor.execute("vacuum knowledge_passage")
    refresh_lexemes()


def mixed(one: str, other: str) -> str:
    return f"{one[: len(one) // 2]} {other[len(other) // 2 :]}"


def between(one: Any, other: Any, dice: np.random.Generator) -> Any:
    moved = one + other + dice.normal(size=len(one)) * NOISE
    return moved / np.linalg.norm(moved) * np.linalg.norm(one)


def figures(asked: list[tuple[LazyVector, str]], folder: Path) -> dict[str, Any]:
    """Speed, sizes in MB, memory in MB (proportional set size)."""
    from django.db import connection

    from kulanz.knowledge.search import search
    from kulanz.nlp.vector import LazyVector

    whole, alone = [], []
    for vector, language in [*asked[:20], *asked]:  # the first ones warm up
        began = time.perf_counter()
        fresh = LazyVector(vector.text)
        _ = fresh.value
        embedded = time.perf_counter()
        search(fresh.text, fresh, language)
        ended = time.perf_counter()
        whole.append(1000 * (ended - began))
        alone.append(1000 * (ended - embedded))
    with connection.cursor() as cursor:
        cursor.execute("select relname, pg_total_relation_size(oid) / 1e6 from pg_class where relname = any(%s)",
                       [[*TABLES, "passage_embedding", "passage_words"]])  # fmt: skip
        sizes = {name: round(float(size), 1) for name, size in cursor.fetchall()}
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))
    return {
        "ms_with_embedding": percentiles(whole[20:]),
        "ms_without": percentiles(alone[20:]),
        "mb_on_disk": sizes,
        "mb_memory_postgresql": round(sum(pss(p) for p in [postmaster, *postmaster.children()])),
        "mb_memory_this_process": round(pss(psutil.Process())),
    }


def percentiles(taken: list[float]) -> dict[str, float]:
    return {"p50": round(statistics.median(taken), 1), "p95": round(sorted(taken)[int(0.95 * len(taken))], 1)}


def pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


if __name__ == "__main__":
    main()
