"""What a message does in the course of a conversation: confirms success, hesitates, threatens to leave, refers back,
corrects, takes back, asks for the terms, chats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kulanz.core.reading import SignalName
from kulanz.understanding.wordings import alternatives, load, whole_words

Hit = tuple[float, int, int]

_MOVES: tuple[SignalName, ...] = (
    "confirms_success",
    "hesitates",
    "threatens_to_leave",
    "refers_back",
    "corrects",
    "undoes",
    "asks_terms",
)
_CHAT_LENGTH = 120  # characters: what chats only is short
_WEAK_LENGTH = 60  # characters: in longer texts a weak wording is about something else
_SENTENCE_END = re.compile(r"[.!?\n]+(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class _Move:
    rules: tuple[tuple[float, re.Pattern[str]], ...]
    unless: re.Pattern[str] | None
    questions: bool
    signs: re.Pattern[str] | None

    @classmethod
    def of(cls, spec: dict[str, object]) -> _Move:
        words, weak, unless = (list(map(str, _listed(spec.get(name)))) for name in ("words", "weak", "unless"))
        rules = [(float(str(spec["probability"])), whole_words(words))]
        if weak:
            rules.append((float(str(spec["weak_probability"])), whole_words(weak)))
        signs = re.compile(str(spec["signs"])) if "signs" in spec else None
        return cls(tuple(rules), whole_words(unless) if unless else None, bool(spec["questions"]), signs)

    def hit(self, view: str) -> Hit | None:
        """The first words that count, surest wordings first."""
        if self.signs and (sign := self.signs.search(view)):
            return (self.rules[0][0], sign.start(), sign.end())
        for probability, rule in self.rules[: None if len(view.strip()) <= _WEAK_LENGTH else 1]:
            for match in rule.finditer(view):
                if match[0].strip() and self._counts(view, match.start(), match.end()):
                    return (probability, match.start(), match.end())
        return None

    def _counts(self, view: str, start: int, end: int) -> bool:
        first, last = _sentence(view, start, end)
        asked = "?" in view[end:last]
        return (self.questions or not asked) and not (self.unless and self.unless.search(view, first, last))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _sentence(view: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around `view[start:end]` begins and ends, its marks included; 200 characters each way."""
    first, last = max(0, start - 200), min(len(view), end + 200)
    for mark in _SENTENCE_END.finditer(view, first, start):
        first = mark.end()
    following = _SENTENCE_END.search(view, end, last)
    return first, following.end() if following else last


_FOUND_BY = {name: _Move.of(load("moves")[name]) for name in _MOVES}


def _chat_pattern() -> re.Pattern[str]:
    around, words = (alternatives(load("moves")["small_talk"][name]) for name in ("around", "words"))
    marks = r"[\s,.!?;:)(🙂😊😀😉🤖-]"
    return re.compile(rf"\A(?>{marks}|{around}\b)*+(?P<chat>{words})(?>{marks}|{around}(?!\w))*+\Z", re.IGNORECASE)


_CHAT = _chat_pattern()


def find_moves(view: str) -> dict[SignalName, Hit | None]:
    """For each of these signals its probability and place in `view`, or None."""
    found: dict[SignalName, Hit | None] = {name: move.hit(view) for name, move in _FOUND_BY.items()}
    chat = _CHAT.match(view) if len(view) <= _CHAT_LENGTH else None
    found["small_talk"] = (0.92, *chat.span("chat")) if chat else None
    return found
