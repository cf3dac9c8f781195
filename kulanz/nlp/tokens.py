"""Texts as the numbers of their tokens: SentencePiece's unigram model (arXiv:1804.10959).

Our own few lines, because the `tokenizers` package needs 6 s and 290 MB to load this vocabulary; here it takes half a
second and 50 MB, and a message costs about 0.1 ms.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kulanz.nlp.weights import Vocabulary, weights

_SPACES = re.compile("  +")
_SPACE = "\u2581"
_LONGEST = 48  # bytes of the longest token
_LONGEST_WORD = 200  # characters: a longer "word" is base64 or worse, and is read in parts


def token_numbers(text: str) -> list[int]:
    """The tokens of `text`, without those that mark its begin and end."""
    normal = _SPACES.sub(" ", text.translate(weights().vocabulary.normal))
    joined = (normal if normal.startswith(" ") else f" {normal}").replace(" ", _SPACE)
    found: list[int] = []
    for word in joined.split(_SPACE)[1:]:
        marked = _SPACE + word
        for start in range(0, len(marked), _LONGEST_WORD):
            found.extend(_word(marked[start : start + _LONGEST_WORD]))
    return found


@lru_cache(maxsize=20_000)
def _word(word: str) -> tuple[int, ...]:
    """The most probable way to cut `word` into tokens (Viterbi)."""
    vocabulary: Vocabulary = weights().vocabulary
    numbers, scores = vocabulary.numbers, vocabulary.scores
    encoded = word.encode()
    ends = [0]
    for character in word:
        ends.append(ends[-1] + len(character.encode()))
    best = [0.0] + [float("-inf")] * (len(ends) - 1)
    path: list[tuple[int, int]] = [(0, 0)] * len(ends)
    unknown_score = _unknown_score()
    for i, start in enumerate(ends[:-1]):
        for j in range(i + 1, len(ends)):
            if ends[j] - start > _LONGEST:
                break
            number = numbers.get(encoded[start : ends[j]])
            if number is None:
                if j > i + 1:
                    continue
                number, score = vocabulary.unknown, best[i] + unknown_score
            else:
                score = best[i] + float(scores[number])
            if score > best[j]:
                best[j], path[j] = score, (i, number)
    return tuple(_walked_back(path))


def _walked_back(path: list[tuple[int, int]]) -> list[int]:
    found, at = [], len(path) - 1
    while at > 0:
        at, number = path[at]
        found.append(number)
    return found[::-1]


@lru_cache(maxsize=1)
def _unknown_score() -> float:
    return float(weights().vocabulary.scores.min()) - 10
