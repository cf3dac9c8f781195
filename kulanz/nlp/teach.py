"""Teaches the encoder to tell wishes and feelings apart: `python -m kulanz.nlp.teach --data DIR [--steps 1800]`.

Writes `taught.npz`. Only for whoever changes the reader; needs `pip install torch` and an hour of two cores.

Low-rank changes of the last eight layers learn several tasks at once: the intents of four public sets and of the demo
company, English emotions, German feedback, and what was written by hand for the classifiers that ship. Each task has a
head of its own, which is thrown away afterwards. `DIR` holds the public sets (docs/measurements.md). Of every set a
part stays unseen: the `dev` files, every fifth row of Banking77 and the FAQ bot, and a share of the rest by the text's
hash, so that whoever trains on such a set can still be told the truth about it (`was_taught`).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from kulanz.nlp.embedder import TAUGHT, embedder, text_number
from kulanz.nlp.weights import HIDDEN

DEMO = Path(__file__).parents[1] / "demo" / "intents.jsonl"
WORDINGS = Path(__file__).parents[1] / "understanding" / "wordings"
EMOTIONS = ("frustrated", "disappointed", "worried", "confused", "pleased", "neutral")

BATCH = 32  # texts of each of two tasks
RATE, HEAD_RATE = 6e-4, 3e-3
SMOOTHING = 0.05
SEED = 7

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Task:
    """Texts with the numbers of their classes; `share` is how often a batch comes from here."""

    name: str
    texts: list[str]
    labels: list[int]
    classes: int
    share: float


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _seen(text: str, percent: int) -> bool:
    """Whether this text is among the `percent` of its set that are taught."""
    return text_number(text) % 256 % 100 < percent


def _intent_task(name: str, rows: list[dict[str, str]], share: float, percent: int = 90) -> Task:
    kept = [row for row in rows if row["intent"] != "oos" and _seen(row["text"], percent)]
    labels = sorted({row["intent"] for row in kept})
    return Task(name, [row["text"] for row in kept], [labels.index(r["intent"]) for r in kept], len(labels), share)


def _own_tasks() -> list[Task]:
    """What was written by hand for the classifiers that ship; a third stays for measuring them."""
    found = []
    for name, label in (("human_request", "wants_human"), ("risks", "risk"), ("feelings", "emotion")):
        rows = [row for row in _rows(WORDINGS / f"{name}.train.jsonl") if _seen(row["text"], 70)]
        labels = sorted({str(row[label]) for row in rows})
        numbers = [labels.index(str(row[label])) for row in rows]
        found.append(Task(name, [row["text"] for row in rows], numbers, len(labels), 0.06))
    return found


def tasks(data: Path) -> list[Task]:
    """Everything that is learnt, from sets that may ship."""
    found = {name: _rows(data / f"intents/{name}.train.jsonl") for name in
             ("banking77_en", "clinc150_en", "massive_de", "faqbot_en", "faqbot_de")}  # fmt: skip
    for name in ("banking77_en", "faqbot_en", "faqbot_de"):
        found[name] = [row for i, row in enumerate(found[name]) if i % 5]
    comments = [r for r in _rows(data / "emotion/goemotions_en.train.jsonl") if _seen(r["text"], 85)]
    feedback = _rows(data / "emotion/dialogue_feedback_de.jsonl")
    moods = ["negative", "neutral", "positive"]
    return [
        _intent_task("banking", found["banking77_en"], 0.22),
        _intent_task("clinc", found["clinc150_en"], 0.22),
        _intent_task("massive", found["massive_de"], 0.25),
        _intent_task("faqbot", found["faqbot_en"] + found["faqbot_de"], 0.21),
        _intent_task("demo", _rows(DEMO), 0.03, 100),
        Task("emotion", [r["text"] for r in comments], [EMOTIONS.index(r["emotion"]) for r in comments], 6, 0.30),
        *_own_tasks(),
        Task("feedback", [r["text"] for r in feedback], [moods.index(r["sentiment"]) for r in feedback], 3, 0.02),
    ]


def disturbed(text: str, dice: random.Random) -> str:
    """`text` as somebody in a hurry may write it: letter case, umlauts, punctuation, one slip of a finger."""
    if dice.random() < 0.15:
        text = text.upper() if dice.random() < 0.2 else text.lower()
    if dice.random() < 0.08:
        text = text.translate(_FOLD)
    if dice.random() < 0.10:
        text = "".join(character for character in text if character not in ".,!?;:")
    if dice.random() < 0.10 and len(text) > 8:
        at = dice.randrange(1, len(text) - 2)
        slip = dice.choice([text[at + 1 : at + 2] + text[at : at + 1], "", text[at] * 2 + text[at + 1]])
        text = text[:at] + slip + text[at + (1 if slip == "" else 2) :]
    return text or "x"


def _first_head(task: Task, dice: np.random.Generator) -> tuple[Any, Any]:
    """A head that already tells the classes apart by their means, and its bias; random for feelings."""
    if task.name == "emotion":
        made = dice.normal(size=(task.classes, HIDDEN))
        return made / np.linalg.norm(made, axis=1, keepdims=True), np.zeros(task.classes)
    vectors = embedder().query(task.texts)
    numbers, middle = np.array(task.labels), vectors.mean(axis=0)
    made = np.stack([vectors[numbers == number].mean(axis=0) - middle for number in range(task.classes)])
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made, -30 * (made @ middle)


def _class_weights(task: Task) -> Any:
    import torch

    if task.name != "emotion":
        return None
    counts = np.bincount(task.labels)
    return torch.tensor((counts.mean() / counts) ** 0.5, dtype=torch.float32)


def _batches(task: Task, dice: np.random.Generator) -> Iterator[list[int]]:
    while True:
        order = dice.permutation(len(task.texts)).tolist()
        while len(order) >= BATCH:
            yield [order.pop() for _ in range(BATCH)]


class Heads:
    """One a task: unit vectors compared by cosine, a bias, a scale."""

    def __init__(self, learnt: list[Task], dice: np.random.Generator) -> None:
        import torch

        self.parts = {}
        for task in learnt:
            made, bias = (torch.tensor(p, dtype=torch.float32, requires_grad=True) for p in _first_head(task, dice))
            self.parts[task.name] = (made, bias, torch.tensor(math.log(30), requires_grad=True))
        self.weights = {task.name: _class_weights(task) for task in learnt}

    def loss(self, task: Task, rows: list[int], vectors: Any) -> Any:
        """Cross-entropy of the texts `rows` of `task`, whose vectors are (n, 384)."""
        import torch
        from torch.nn import functional

        made, bias, scale = self.parts[task.name]
        scores = scale.exp() * (vectors @ functional.normalize(made, dim=1).T) + bias
        truth = torch.tensor([task.labels[row] for row in rows])
        return functional.cross_entropy(scores, truth, weight=self.weights[task.name], label_smoothing=SMOOTHING)


def teach(learnt: list[Task], steps: int) -> Any:
    """The taught network. Every step sees a batch of two tasks; the rate rises for 60 steps and falls as a cosine."""
    import torch

    from kulanz.nlp.teaching_network import Network

    torch.manual_seed(SEED)
    dice, slips = np.random.default_rng(SEED), random.Random(SEED)  # noqa: S311 - no secret
    network, heads = Network().train(), Heads(learnt, dice)
    inside = [p for p in network.parameters() if p.requires_grad]
    outside = [part for parts in heads.parts.values() for part in parts]
    groups = [{"params": inside, "lr": RATE, "weight_decay": 0.01}, {"params": outside, "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.0)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / 60) * max(0.02, (1 + math.cos(math.pi * step / steps)) / 2)
    )
    batches = {task.name: _batches(task, dice) for task in learnt}
    shares = np.array([task.share for task in learnt])
    for _ in tqdm(range(steps), desc="teaching"):
        pair = [learnt[i] for i in dice.choice(len(learnt), 2, p=shares / shares.sum())]
        rows = [next(batches[task.name]) for task in pair]
        texts = [disturbed(task.texts[row], slips) for task, batch in zip(pair, rows, strict=True) for row in batch]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = network(texts)
        optimiser.zero_grad()
        (heads.loss(pair[0], rows[0], vectors[:BATCH]) + heads.loss(pair[1], rows[1], vectors[BATCH:])).backward()
        torch.nn.utils.clip_grad_norm_(inside, 1.0)
        optimiser.step()
        rate.step()
    return network


def taught_texts(learnt: list[Task]) -> Any:
    """The numbers of the texts that were learnt from, sorted."""
    return np.unique(np.array([text_number(text) for task in learnt for text in task.texts], np.uint32))


def main() -> None:
    parser = argparse.ArgumentParser(description="Teaches the encoder to tell wishes and feelings apart.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1_800)
    given = parser.parse_args()
    learnt = tasks(given.data)
    np.savez(TAUGHT, allow_pickle=False, texts=taught_texts(learnt), **teach(learnt, given.steps).learnt())
    sys.stdout.write(f"{TAUGHT.name}: {TAUGHT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
