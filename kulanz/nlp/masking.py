"""Personal data leaves this machine as placeholders (`<EMAIL_1>`) and is put back into what returns.

What is hidden here is put back, so hiding too much costs little: the patterns look for recall, unlike those of
`understanding`, which must be right. Names are found where the caller knows them, or by what leads up to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kulanz.core.reading import Entity

_KIND_OF = {
    "email": "EMAIL", "phone": "PHONE", "iban": "IBAN", "card": "CARD", "address": "ADDRESS",
    "order_number": "NUMBER", "invoice_number": "NUMBER", "customer_number": "NUMBER",
}  # fmt: skip
KINDS = ("EMAIL", "IBAN", "CARD", "PHONE", "ADDRESS", "NUMBER", "NAME", "TEXT")

_STREET = (
    r"(?:\b[A-ZÄÖÜ][\wäöüß.-]*(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer)"
    r"|\b(?:[A-ZÄÖÜ][\wäöüß.-]* ){1,2}(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Ring|Damm))\s?\d{1,4}\s?[a-h]?\b"
    r"(?:,?\s+\d{5} [A-ZÄÖÜ][\wäöüß-]+)?"
    r"|\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w'.-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Square)\b"
    r"|\b\d{5} [A-ZÄÖÜ][a-zäöüß-]{2,}\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
)
_DATE = r"(?<!\d)(?:\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4})(?!\d)"
_LEADS_TO_NAME = (
    r"(?:\b(?:Herrn?|Frau|Mr|Mrs|Ms|Dr)\b\.? (?:Dr\. |Prof\. )?"
    r"|\b(?:[Ii]ch heiße|[Mm]ein Name ist|[Mm]y name is|[Nn]ame:|[Gg]r(?:uß|üße|üßen),?|[Rr]egards,?|[Tt]hanks,)\s+)"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("TEXT", re.compile(rf"[<\[]\s*(?:{'|'.join(KINDS)})[ _-]?\d{{1,4}}\s*[>\]]", re.IGNORECASE)),
    ("EMAIL", re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("IBAN", re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?\b")),
    ("", re.compile(_DATE)),  # dates are no phone numbers
    ("ADDRESS", re.compile(_STREET)),
    ("CARD", re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w-])")),
    ("PHONE", re.compile(r"(?<![\w.,-])(?:\+|\(0|00?)[\d ()/.-]{5,}\d")),
    ("NUMBER", re.compile(r"\b[A-Z]{1,5}[-_/ #]?\d{4,}(?:-\d+)*\b|(?<![\w.,])\d{7,}(?![\w.,]\d)|(?<=#)\d{4,}\b")),
    ("NAME", re.compile(_LEADS_TO_NAME + r"(?P<value>[A-ZÄÖÜ][\w'äöüß-]+(?: [A-ZÄÖÜ][\w'äöüß-]+)?)")),
)
_RETURNED = re.compile(
    rf"(?:&lt;|[<\[({{⟨«‹]+)\s*(?P<kind>{'|'.join(KINDS)})\s*\\?[_ -]?\s*(?P<number>\d{{1,4}})\s*(?:&gt;|[>\])}}⟩»›]+)"
    rf"|\b(?P<bare>{'|'.join(KINDS)})\\?_(?P<digits>\d{{1,4}})\b",
    re.IGNORECASE,
)
_LONGEST = 24  # characters of a placeholder, however a model writes it
_OPENING = "<[({⟨«‹&"


@dataclass(frozen=True, slots=True)
class Restored:
    """A text with personal data put back; `invented` names placeholders that stand for nothing and were left out."""

    text: str
    invented: tuple[str, ...] = ()


class Masker:
    """The placeholders of one call: the same words always get the same one. `names` are people known to be meant
    (whole names; their words of at least 3 letters are hidden too); `entities` were found in the texts before."""

    def __init__(self, names: Iterable[str] = (), entities: Sequence[Entity] = ()) -> None:
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        known = [(kind, e.evidence.text) for e in entities if (kind := _KIND_OF.get(e.kind))]
        for name in names:
            known += [("NAME", name.strip())] if len(name.strip()) > 2 else []
            known += [("NAME", word) for word in re.findall(r"[^\W\d_]{3,}", name)]
        self._known = [
            (kind, re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE))
            for kind, words in sorted(set(known), key=lambda entry: (-len(entry[1]), entry))
            if words
        ]

    def mask(self, text: str) -> str:
        """`text` with a placeholder in the place of each piece of personal data."""
        position, parts = 0, []
        for start, end, kind in self._found(text):
            parts += [text[position:start], self._placeholder(kind, text[start:end]) if kind else text[start:end]]
            position = end
        return "".join([*parts, text[position:]])

    def restore(self, text: str) -> Restored:
        """The inverse, also where letter case, brackets or the line between kind and number changed on the way."""
        invented: list[str] = []

        def value(match: re.Match[str]) -> str:
            name = f"{match['kind'] or match['bare']}_{int(match['number'] or match['digits'])}".upper()
            if name not in self._values:
                invented.append(f"<{name}>")
                return ""
            return self._values[name]

        return Restored(_RETURNED.sub(value, text), tuple(invented))

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        """What to hide as (start, end, kind) in order, without overlaps; kind is empty for what only blocks others."""
        taken: list[tuple[int, int, str]] = []
        for kind, pattern in (_PATTERNS[0], *self._known, *_PATTERNS[1:]):
            for match in pattern.finditer(text):
                group = "value" if "value" in pattern.groupindex else 0
                start, end = match.span(group)
                if end > start and not any(start < e and s < end for s, e, _ in taken):
                    taken.append((start, end, kind))
        return sorted(taken)

    def _placeholder(self, kind: str, words: str) -> str:
        key = (kind, words)
        if key not in self._placeholders:
            name = f"{kind}_{1 + sum(k == kind for k, _ in self._placeholders)}"
            self._placeholders[key] = f"<{name}>"
            self._values[name] = words
        return self._placeholders[key]


class RestoringStream:
    """Restores a text that arrives in pieces; what may still become a placeholder is held back."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = ""
        self.invented: tuple[str, ...] = ()

    def feed(self, piece: str) -> str:
        """What of the text so far can be shown: whole words, without the beginning of a placeholder."""
        self._held += piece
        safe = max(self._held.rfind(" "), self._held.rfind("\n")) + 1
        opened = max(self._held.rfind(character) for character in _OPENING)
        if 0 <= opened < safe and len(self._held) - opened < _LONGEST and not _RETURNED.match(self._held, opened):
            safe = opened
        ready, self._held = self._held[:safe], self._held[safe:]
        return self._restored(ready)

    def finish(self) -> str:
        """The rest."""
        ready, self._held = self._held, ""
        return self._restored(ready)

    def _restored(self, text: str) -> str:
        restored = self._masker.restore(text)
        self.invented += restored.invented
        return restored.text
