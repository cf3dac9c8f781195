"""What training found wrong with its examples: kept with the model by keys, shown with the texts that still exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kulanz.understanding import quality
from kulanz.understanding.models import IntentExample
from kulanz.understanding.quality import Floats, Judged, Numbers
from kulanz.understanding.vectors import text_key

LISTED = 200
"""Findings of one kind that are kept."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An example on the page, with what a model that did not know it made of it ("" where none has looked yet)."""

    id: int
    text: str
    language: str
    intent: str
    source: str
    predicted: str = ""
    percent: int = 0

    @property
    def wrong(self) -> bool:
        return bool(self.predicted) and self.predicted != self.intent


@dataclass(frozen=True, slots=True)
class Findings:
    """What to look at, with texts: `mislabelled` says in `Shown.predicted` what each reads like."""

    contradictory: tuple[tuple[Shown, ...], ...]
    mislabelled: tuple[Shown, ...]
    overlapping: tuple[tuple[str, str, int, tuple[Shown, ...]], ...]
    few: tuple[tuple[str, int], ...]
    duplicates: tuple[tuple[Shown, Shown], ...]

    def __bool__(self) -> bool:
        return any((self.contradictory, self.mislabelled, self.overlapping, self.few, self.duplicates))


def findings_json(texts: Sequence[str], numbers: Numbers, vectors: Floats, judged: Judged) -> dict[str, Any]:
    """All findings of `quality` on these examples; rows are named by (key, label) or by key."""

    def named(row: int) -> list[Any]:
        return [text_key(texts[row]), int(numbers[row])]

    overlaps = quality.overlapping(numbers, judged)
    return {
        "contradictory": [[named(row) for row in rows] for rows in quality.contradictions(texts, numbers)[:LISTED]],
        "mislabelled": [
            [*named(s.row), s.predicted, round(s.probability, 3)] for s in quality.mislabelled(numbers, judged)[:LISTED]
        ],
        "overlapping": [[*o.labels, round(o.rate, 3), [named(row) for row in o.rows[:20]]] for o in overlaps[:LISTED]],
        "few": quality.too_few(numbers),
        "duplicates": [
            [named(one), named(other)] for one, other in quality.near_duplicates(texts, numbers, vectors)[:LISTED]
        ],
    }


class HeldOut:
    """`IntentModel.held_out` joined with the examples that exist now."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.labels: list[str] = kept.get("labels", [])
        self._findings: Mapping[str, Any] = kept.get("findings", {})
        columns = [kept.get(name, []) for name in ("keys", "given", "predicted", "probability")]
        self._rows = {
            (key, self.labels[given]): (self.labels[predicted], round(100 * probability))
            for key, given, predicted, probability in zip(*columns, strict=True)
        }

    def shown(self, example: IntentExample) -> Shown:
        predicted, percent = self._rows.get((text_key(example.text), example.intent), ("", 0))
        return Shown(
            example.pk, example.text, example.language, example.intent, example.source, predicted, percent
        )  # fmt: skip

    def per_intent(self) -> dict[str, tuple[int, int, int]]:
        """Intent → (examples, precision and recall in per cent), held out."""
        given, right, said = (dict.fromkeys(self.labels, 0) for _ in range(3))
        for (_, label), (predicted, _) in self._rows.items():
            given[label] += 1
            said[predicted] += 1
            right[label] += predicted == label
        return {
            label: (given[label], _percent(right[label], said[label]), _percent(right[label], given[label]))
            for label in self.labels
        }

    def confused_with(self, intent: str) -> list[tuple[str, int, int]]:
        """(other intent, examples of this one taken for it, examples of it taken for this one), the most first."""
        lost: dict[str, int] = {}
        taken: dict[str, int] = {}
        for (_, label), (predicted, _) in self._rows.items():
            if label == intent != predicted:
                lost[predicted] = lost.get(predicted, 0) + 1
            elif predicted == intent != label:
                taken[label] = taken.get(label, 0) + 1
        pairs = [(other, lost.get(other, 0), taken.get(other, 0)) for other in lost.keys() | taken.keys()]
        return sorted(pairs, key=lambda pair: -pair[1] - pair[2])

    def findings(self, examples: Sequence[IntentExample]) -> Findings:
        """The findings whose examples still stand as they were; what has been mended is gone at once."""
        by_key = {(text_key(e.text), e.intent): self.shown(e) for e in examples}
        found = self._findings

        def rows(named: Sequence[Sequence[Any]]) -> tuple[Shown, ...]:
            wanted = ((key, self.labels[label]) for key, label, *_ in named)
            return tuple(by_key[pair] for pair in wanted if pair in by_key)

        contradictory = (rows(group) for group in found.get("contradictory", ()))
        overlapping = (
            (self.labels[one], self.labels[other], round(100 * rate), rows(named))
            for one, other, rate, named in found.get("overlapping", ())
        )
        pairs = (rows(pair) for pair in found.get("duplicates", ()))
        return Findings(
            contradictory=tuple(group for group in contradictory if len({s.intent for s in group}) > 1),
            mislabelled=rows(found.get("mislabelled", ())),
            overlapping=tuple(overlap for overlap in overlapping if len(overlap[3]) > 1),
            few=self._few(examples),
            duplicates=tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2),
        )

    def _few(self, examples: Sequence[IntentExample]) -> tuple[tuple[str, int], ...]:
        counts: dict[str, int] = {}
        for example in examples:
            counts[example.intent] = counts.get(example.intent, 0) + 1
        return tuple(sorted(((i, n) for i, n in counts.items() if n < quality.FEW), key=lambda pair: pair[1]))


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
