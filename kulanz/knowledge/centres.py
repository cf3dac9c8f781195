"""Computes `centres.npz` anew: `python -m kulanz.knowledge.centres --data DIR` (about a minute). To be run whenever the
embedder changes: the centres are stored under its name, and without them nothing is centred.

The texts are questions from Banking77, CLINC150, MASSIVE (German) and the FAQ bot (German and English); six of them in
a row stand in for a passage, because the sets of passages may not be used for what ships.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import django
import numpy as np

from kulanz.knowledge.centring import FILE, Vector
from kulanz.nlp.embedder import embedder

TEXTS = {
    "de": {"faqbot_de.train": 400, "massive_de.train": 400},
    "en": {"faqbot_en.train": 400, "clinc150_en.train": 200, "banking77_en.train": 200},
}
PASSAGE = 6
BATCH = 32


def compute(data: Path) -> dict[str, Vector]:
    """The mean vectors, shape (384,), by `embedder/kind/language`."""
    found: dict[str, Vector] = {}
    for language, files in TEXTS.items():
        texts = [text for name, count in files.items() for text in _texts(data, name)[:count]]
        joined = [" ".join(texts[at : at + PASSAGE]) for at in range(0, len(texts), PASSAGE)]
        found[f"{embedder().name}/query/{language}"] = _mean(texts, query=True)
        found[f"{embedder().name}/passage/{language}"] = _mean(joined, query=False)
    return found


def _texts(data: Path, name: str) -> list[str]:
    from kulanz.knowledge.calibration_data import chance, read_rows

    return sorted((str(row["text"]) for row in read_rows(data / "intents" / f"{name}.jsonl")), key=chance)


def _mean(texts: list[str], *, query: bool) -> Vector:
    ordered = sorted(texts, key=len)
    embed = embedder().query if query else embedder().passage
    batches = [embed(ordered[at : at + BATCH]) for at in range(0, len(ordered), BATCH)]
    mean: Vector = np.concatenate(batches).mean(axis=0).astype(np.float32)
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(description="Computes the mean vectors of each language.")
    parser.add_argument("--data", type=Path, required=True, help="folder with intents/*.jsonl")
    folder = parser.parse_args().data
    django.setup()
    np.savez(FILE, **compute(folder))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
