"""`python -m tests.measurements.real_input --data DIR --work DIR`: a bank's knowledge and questions, with no demo.

Imports 698 documents of a (fictional) bank and four fifths of the Banking77 training rows, then sends 400 of the rows
left out and 400 CLINC150 development rows through the whole pipeline with `kulanz process`, and prints what came out.
`--work` is a folder for the data folder and the results; it is used again if it is there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

KULANZ = [sys.executable, "-m", "kulanz.cli"]
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    split(options.data, options.work)
    if not (options.work / "data").exists():
        timed(options.work, "import", "knowledge", str(options.data / "search" / "bank_en.documents.jsonl"))
        timed(options.work, "import", "intents", str(options.work / "train.jsonl"))
    results = options.work / "results.jsonl"
    timed(options.work, "process", str(options.work / "questions.jsonl"), "--out", str(results))
    report(read(options.work / "questions.jsonl"), read(results))


def read(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def write(file: Path, rows: list[Row]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def split(data: Path, work: Path) -> None:
    """Every fifth Banking77 row is left out of training; the sample is drawn with a fixed seed."""
    rows = read(data / "intents" / "banking77_en.train.jsonl")
    write(work / "train.jsonl", [row for number, row in enumerate(rows) if number % 5])
    draw = random.Random(1)
    bank = draw.sample([row for number, row in enumerate(rows) if number % 5 == 0], 400)
    others = draw.sample(read(data / "intents" / "clinc150_en.dev.jsonl"), 400)
    named = [{"id": f"bank-{i}", **row} for i, row in enumerate(bank)]
    write(work / "questions.jsonl", named + [{"id": f"clinc-{i}", **row} for i, row in enumerate(others)])


def timed(work: Path, *arguments: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    began = time.monotonic()
    subprocess.run([*KULANZ, *arguments, "--data-dir", str(work / "data")], env=environment, check=True)
    print(f"{' '.join(arguments[:2])}: {time.monotonic() - began:.0f} s")


def report(questions: list[Row], results: list[Row]) -> None:
    intents = {row["id"]: row["intent"] for row in questions}
    for name in ("bank", "clinc"):
        rows = [row for row in results if row["id"].startswith(name)]
        times = sorted(row["milliseconds"] for row in rows)
        print(f"\n{name}: {len(rows)} questions")
        for kind, count in Counter(outcome(row) for row in rows).most_common():
            print(f"  {100 * count / len(rows):5.1f} %  {kind}")
        print(f"  ms a turn: p50 {statistics.median(times):.0f}, p95 {times[int(0.95 * len(times))]:.0f}")
        rejected = sum(row["reading"]["rejected"] for row in rows) / len(rows)
        print(f"  read as none of the intents: {100 * rejected:.1f} %")
        if name == "bank":
            right = sum(row["reading"]["intents"][0]["value"] == intents[row["id"]] for row in rows) / len(rows)
            print(f"  intent right: {100 * right:.1f} %")


def outcome(row: Row) -> str:
    kind, subject = row["decision"]["kind"], row["decision"]["subject"]
    return "answer with a source" if row["sources"] else f"{kind}: {subject}"


if __name__ == "__main__":
    main()
