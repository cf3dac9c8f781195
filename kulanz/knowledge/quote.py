"""The sentences of a passage that fit a question best, word for word, and so that they can stand alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from kulanz.knowledge.sentences import spans

Likeness = Callable[[Sequence[str]], Sequence[float]]
"""How near each of some sentences is in meaning to the question: cosines, -1 to 1."""

SHORT = 320
"""Characters up to which a passage is quoted whole. Choosing from such short ones too would save a third of the
characters and cost 4 of 60 facts (`kulanz/demo/asked.jsonl`)."""
LENGTH = 400
"""Characters of a quote that are aimed at."""
LONGEST = 600
"""Characters of a quote, but for a list or a single sentence: cut in the middle, either could say something else."""
LIST_LENGTH = 1_200
"""A list stays together up to this length."""
STEM = 5
"""Letters by which two words count as the same: crude, but equal for German and English and free of any table."""
WORD = 0.06
"""What one letter of a shared stem adds, where the nearest sentence in meaning is worth 1 and an average one 0."""
BESIDE = 0.1
"""What sentences are worth for standing beside the fitting ones: conditions and exceptions do. From 0 to 0.4, 53 to 56
of those 60 facts are kept when choosing from every passage."""
STEPS = 0.5
"""What steps are worth more where the question asks how to do something."""

_WORD = re.compile(r"\w+")
_LIST_LINE = re.compile(r"[ \t]*(?:[-*•]|\d{1,3}[.)])\s")
_LEANS = re.compile(
    r"\W*(?:"
    # German. "Sie" is left out: it is the customer in nearly every article.
    r"(?:in |bei |nach |vor |mit |aus |von |zu |für |auf |an )?(?:dies(?:e[mnrs]?)?|(?:solche|jene|letztere)[mnrs]?)\b"
    r"|(?:in|für) (?:dem|den|jedem|beiden?) f[aä]ll\w*"
    r"|(?:dann|danach|daher|deshalb|deswegen|darum|dadurch|dabei|dazu|dafür|dagegen|damit|davon|daran|darauf|daraus|darin"
    r"|darüber|dort|dorthin|hierfür|hierzu|hierbei|hierdurch|dies|das|er|es|ihn|ihm|deren|dessen"
    r"|anschließend|anderenfalls|andernfalls|ansonsten|sonst|außerdem|zudem|ebenso|ebenfalls|jedoch|aber|doch|allerdings"
    r"|trotzdem|dennoch|stattdessen|hingegen|zuletzt|zuerst|schließlich|beide[nrs]?|ausgenommen|nur so)\b"
    # English
    r"|(?:in |at |by |for |with |from |of |on |to |after |before )?(?:this|these|those|that|such)\b"
    r"|(?:it|its|they|their|them|he|she|both|then|there|therefore|thus|hence|however|but|yet|so|otherwise|afterwards|next"
    r"|finally|also|instead|nevertheless|still|moreover|furthermore|besides|in (?:either|both) cases?|if so|if not)\b"
    r")",
    re.IGNORECASE,
)
_LEANS_INSIDE = re.compile(
    r"\b(?:danach|anschließend|daraufhin|dagegen|jedoch|allerdings|hingegen|dafür|dazu|davon|damit|afterwards|however"
    r"|though|instead)\b|(?<!, )\b(?:dann|then)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"(?:Bitte )?[A-ZÄÖÜ]\w+n Sie\b(?!\s*(?:\w+\s+){0,12}\w+,)|(?:Please )?(?:Open|Enter|Choose|Click|Select|Press|Tap"
    r"|Fill|Put|Start|Rinse|Send|Go|Log|Sign|Type|Attach|Print|Stick|Pour|Remove|Insert|Switch|Turn|Wait|Add|Take)\b"
)

_HOW = re.compile(
    r"\bwie (?!lang|viel|oft|teuer|hoch|gro|weit|schnell|alt)|\bhow (?:do|can|to|should|would)\b", re.IGNORECASE
)


def quote(question: str, text: str, likeness: Likeness | None = None) -> str:
    """Neighbouring sentences of `text` that fit the question best, in reading order, about LENGTH characters. They
    begin with none that points back ("Danach …") unless it opens the text; a list stays together with the sentence
    that leads into it, and steps with each other. The result is always a part of `text`, character by character.
    Without a shared word and without `likeness` it is the beginning."""
    if len(text.strip()) <= SHORT:
        return text.strip()
    units = _units(text)
    said = [text[start:end] for start, end in units]
    worths = _worths(question, said, likeness)
    groups = _groups(units, said)
    values = [max(worths[first : last + 1]) + BESIDE for first, last in groups]
    windows = [w for w in _windows(groups) if _length(units, groups, w) <= LENGTH or w[0] == w[1]]
    begin, end = max(windows, key=lambda w: (sum(values[w[0] : w[1] + 1]), -w[0]))
    return text[units[groups[begin][0]][0] : units[groups[end][1]][1]]


def has_choice(text: str) -> bool:
    """Whether there is anything to choose from: more than a short text, one sentence or one list."""
    return len(text.strip()) > SHORT and len(_units(text)) > 1


def _units(text: str) -> list[tuple[int, int]]:
    """Sentences as offsets; the lines of a list, with the sentence before it, are one unit."""
    units: list[tuple[int, int]] = []
    for start, end in spans(text):
        previous = text[slice(*units[-1])] if units else ""
        if _LIST_LINE.match(text[start:end]) and _belongs(previous) and end - units[-1][0] <= LIST_LENGTH:
            units[-1] = (units[-1][0], end)
        else:
            units.append((start, end))
    return units


def _belongs(previous: str) -> bool:
    return previous.endswith(":") or bool(_LIST_LINE.match(previous.rsplit("\n", 1)[-1]))


def _groups(units: list[tuple[int, int]], said: Sequence[str]) -> list[tuple[int, int]]:
    """Units, as (first, last), that can't be told apart: what leans on the one before it belongs to it, as far as
    LONGEST goes."""
    groups: list[tuple[int, int]] = []
    for index, sentence in enumerate(said):
        first = groups[-1][0] if groups else 0
        leans = index > 0 and _leans(said[index - 1], sentence)
        if leans and units[index][1] - units[first][0] <= LONGEST:
            groups[-1] = (first, index)
        else:
            groups.append((index, index))
    return groups


def _leans(before: str, sentence: str) -> bool:
    """Whether a sentence can't be understood, or must not be missed, without the one before it."""
    if _LEANS.match(sentence) or _LEANS_INSIDE.search(sentence[:60]):
        return True
    return bool(_STEP.match(sentence) and _STEP.match(before))


def _windows(groups: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(begin, end) for begin in range(len(groups)) for end in range(begin, len(groups))]


def _length(units: Sequence[tuple[int, int]], groups: Sequence[tuple[int, int]], window: tuple[int, int]) -> int:
    return units[groups[window[1]][1]][1] - units[groups[window[0]][0]][0]


def _worths(question: str, said: Sequence[str], likeness: Likeness | None) -> list[float]:
    """What each sentence adds to an answer; below 0 where it only costs the reader time."""
    wanted = _stems(question)
    shared = [sum(min(len(stem), STEM) for stem in wanted & _stems(sentence)) for sentence in said]
    if likeness is None or _decisive(shared):
        best = max(shared)
        return [1.0 if best and gain == best else 0.5 if gain else -0.1 for gain in shared]
    near = list(likeness(said)) if len(said) > 1 else [0.0]
    mean = sum(near) / len(near)
    spread = max(max(near) - mean, 0.01)
    how = bool(_HOW.search(question))
    return [
        (here - mean) / spread + WORD * gain + STEPS * (how and bool(_STEP.match(sentence)))
        for here, gain, sentence in zip(near, shared, said, strict=True)
    ]


def _decisive(shared: Sequence[int]) -> bool:
    """Whether shared words alone tell which sentence is meant: two words or more, and one more than in any other. So it
    is for two questions of three that use an article's words; meaning would cost some 25 ms and choose alike."""
    best, *others = sorted(shared, reverse=True)
    return best >= 2 * STEM and best - max(others, default=0) >= STEM


@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(word[:STEM] for word in words if len(word) > 3 or word.isdigit())
