"""How well answers are checked: `python -m kulanz.knowledge.measure_support [--wrong]` prints one JSON object."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from kulanz.knowledge.support import Checked, Ground, Similarity, check_answer

ROWS = Path(__file__).parent / "testdata" / "support.yaml"
HARD = frozenset({"number", "date", "price", "deadline", "percentage", "link", "name", "promise", "unit"})


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `kind` is "supported" or the class of what is wrong. `held` ones were not looked at before."""

    answer: str
    ground: Ground
    kind: str
    held: bool


def rows() -> Iterator[Row]:
    for entry in yaml.safe_load(ROWS.read_text(encoding="utf-8")):
        ground, held = Ground(entry["source"], entry["title"]), entry.get("held", False)
        for answer in entry["supported"]:
            yield Row(answer, ground, "supported", held)
        for line in entry["unsupported"]:
            kind, answer = line.split(": ", 1)
            yield Row(answer, ground, kind, held)


def verdicts(similarity: Similarity | None = None) -> list[tuple[Row, Checked]]:
    return [(row, check_answer(row.answer, [row.ground], similarity=similarity)) for row in rows()]


def figures(judged: list[tuple[Row, Checked]]) -> dict[str, object]:
    """Precision and recall of acceptance, and what was wrongly accepted by class."""
    right = [checked.accepted for row, checked in judged if row.kind == "supported"]
    wrong = Counter(row.kind for row, checked in judged if row.kind != "supported" and checked.accepted)
    accepted = sum(right) + sum(wrong.values())
    return {
        "supported": len(right),
        "unsupported": len(judged) - len(right),
        "recall": round(sum(right) / len(right), 3),
        "precision": round(sum(right) / accepted, 3) if accepted else None,
        "hard_accepted": sum(count for kind, count in wrong.items() if kind in HARD),
        "wrongly_accepted": dict(wrong),
    }


def main() -> None:
    judged = verdicts()
    parts = {"seen": False, "held": True}
    report = {name: figures([j for j in judged if j[0].held == held]) for name, held in parts.items()}
    sys.stdout.write(json.dumps({"all": figures(judged), **report}, ensure_ascii=False) + "\n")
    if "--wrong" in sys.argv:
        for row, checked in judged:
            if checked.accepted != (row.kind == "supported"):
                why = "; ".join(f"{r.code}: {r.detail}" for r in checked.refusals)
                sys.stderr.write(f"{'held' if row.held else 'seen'} {row.kind}: {row.answer} ({why})\n")


if __name__ == "__main__":
    main()
