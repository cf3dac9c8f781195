"""The parts of a message that may each carry a wish of their own.

People write two wishes in one message ("Wo ist mein Paket? Und außerdem brauche ich die Rechnung."). The split follows
sentences, list items and words that announce something further; "und"/"and" only splits two clauses that each seem to
have a verb. It is a light rule: what it misses stays in one part and is read as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kulanz.core.reading import Evidence
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.wordings import alternatives, load, whole_words

MAX_PARTS = 12
_LOOKED_AT = 2_000  # characters
_WORDS_AT_LEAST = 3
_CLAUSE = 160  # characters on each side of an "und" in which a verb is looked for
_LIST = load("clauses")
_ABBREVIATED = re.compile(rf"(?<!\w)(?:{'|'.join(_LIST['abbreviations'])})\Z", re.IGNORECASE)
_BREAK = re.compile(
    r"(?P<stop>[.!?…]+[)\"'“”»]*(?=\s|\Z))"
    r"|(?P<item>(?:\n|\A)[ \t]*(?:[-*•–]|[(]?[0-9a-c]{1,2}[.)])[ \t]+)"
    r"|(?P<line>\n+)"
    r"|(?P<semicolon>;)"
    rf"|[,\s–-]\s*\b(?P<word>{alternatives(_LIST['further'])})\b(?P<further>)"
    r"|(?P<joint>,?\s\b(?:und|and|sowie|plus)\b\s)",
    re.IGNORECASE,
)
_VERB = whole_words(_LIST["verbs"])
_COURTESY = re.compile(rf"(?>{alternatives(_LIST['courtesies'])}(?!\w)|[\s,.!?;:)(-])*+\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_WORDLESS = re.compile(r"\W*\Z")


def clauses(text: str) -> tuple[Evidence, ...]:
    """The parts of `text` in their order, without overlaps; `text[e.start:e.end] == e.text`.

    A message with one wish gives one part; the whole text where nothing can be told apart; nothing for an empty one.
    Greetings and courtesies are dropped, parts of fewer than three words belong to the part before.
    """
    view = same_length(text)[:_LOOKED_AT]
    if not view.strip():
        return ()
    parts: list[tuple[int, int]] = []
    for start, end in _pieces(view):
        if _COURTESY.match(view, start, end) or _WORDLESS.match(view, start, end):
            continue
        if len(_WORD.findall(view, start, end)) < _WORDS_AT_LEAST and parts:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    if len(parts) > 1 and len(_WORD.findall(view, *parts[0])) < _WORDS_AT_LEAST:
        parts[:2] = [(parts[0][0], parts[1][1])]
    if len(parts) > MAX_PARTS:
        parts[MAX_PARTS - 1 :] = [(parts[MAX_PARTS - 1][0], parts[-1][1])]
    return tuple(evidence(text, *part) for part in parts) or (evidence(text, 0, len(view)),)


def _pieces(view: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(view):
        if _splits(view, start, found):
            end = found.end() if found.lastgroup == "stop" else found.start()
            if end > start:
                yield start, end
            start = found.start("word") if found.lastgroup == "further" else found.end()
    if start < len(view):
        yield start, len(view)


def _splits(view: str, start: int, found: re.Match[str]) -> bool:
    if found.lastgroup == "stop":
        return not (found[0] == "." and _ABBREVIATED.search(view, max(start, found.start() - 12), found.start()))
    if found.lastgroup == "joint":
        following = _BREAK.search(view, found.end(), found.end() + _CLAUSE)
        end = following.start() if following else min(len(view), found.end() + _CLAUSE)
        both = ((found.end(), end), (max(start, found.start() - _CLAUSE), found.start()))
        return all(len(_WORD.findall(view, *part)) >= _WORDS_AT_LEAST and _VERB.search(view, *part) for part in both)
    return True
