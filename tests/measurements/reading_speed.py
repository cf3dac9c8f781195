"""How long reading a message takes, all parts of it, with the demo company's intents: `python -m
tests.measurements.reading_speed --data ../shared/data`. One process, one message after the other."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import django
import numpy as np

DEMO = Path(__file__).parents[2] / "kulanz" / "demo"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    os.environ |= {"DJANGO_SETTINGS_MODULE": "kulanz.settings.django", "DATABASE_URL": "postgresql:///nobody"}
    django.setup()  # the database is never asked
    for name in ("massive_de.dev", "clinc150_en.dev"):
        with (data / "intents" / f"{name}.jsonl").open(encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines][:2000]
        took = _read_all(texts)
        figures = {f"p{at}": round(float(np.percentile(took, at)), 1) for at in (50, 95)}
        sys.stdout.write(json.dumps({"set": name, **figures, "a_second": round(1000 * len(took) / sum(took))}) + "\n")


def _read_all(texts: list[str]) -> list[float]:
    """Milliseconds of each, after a few that load what is loaded once."""
    from kulanz.nlp.vector import LazyVector
    from kulanz.understanding.intents import classifier_from
    from kulanz.understanding.read import read_with

    manifest = json.loads((DEMO / "intents.manifest.json").read_text(encoding="utf-8"))
    classifier = classifier_from((DEMO / "intents.npz").read_bytes(), manifest)
    took = []
    for text in [*texts[:20], *texts]:
        began = time.perf_counter()
        read_with(classifier, text, LazyVector(text))
        took.append(1000 * (time.perf_counter() - began))
    return took[20:]


if __name__ == "__main__":
    main()
