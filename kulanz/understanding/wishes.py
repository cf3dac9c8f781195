"""The intents of a message, part by part: people write two wishes in one message, and a wish after a long story."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kulanz.core.reading import Evidence, Finding
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clauses import clauses
from kulanz.understanding.intents import IntentClassifier, Verdict

NOTHING_SAID = Verdict((), 1.0, rejected=True, embedded=False)

_PARTS = 4  # parts looked at; each may cost a vector
_GIVES = re.compile(
    r"\W*(?:und |and |denn |also )?(?:meine?|unsere?|die|der|das|my|our|the) (?:[\w-]+ ){0,3}?[\w-]+"
    r"(?: ist| lautet| war| is| was|:)(?: die| the)? \S*[@\d]\S*\W*"
    r"|(?!.*\b(?:änder|neu|statt|chang|new|instead|updat|replac))(?:[^\s?]+ ){1,7}\S+@\S+[^?]{0,12}",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that gives what is asked for elsewhere ("My e-mail address is a@example.com", "oh, I ordered
with b@example.com") has no wish of its own."""
_SURE = 0.6  # a part says less than a whole message, so that it must be surer to count


@dataclass(frozen=True, slots=True)
class Understood:
    """The verdict on the message, and its accepted wishes in the order in which they are mentioned."""

    verdict: Verdict
    wishes: tuple[Finding, ...]


def read_wishes(classifier: IntentClassifier | None, view: str, vector: LazyVector) -> Understood:
    """Reads the whole of `view` and, where it has several parts, each of them; `vector` is that of the whole."""
    if classifier is None or not any(character.isalnum() for character in view):
        return Understood(NOTHING_SAID, ())
    whole = classifier.classify(view, vector)
    parts = clauses(view)
    telling = _telling(parts)
    found = _of_parts(classifier, telling) if len(parts) > 1 else {}
    if len(found) > 1 or (found and (whole.rejected or len(telling) < len(parts))):
        verdict, _ = next(iter(found.values()))
        return Understood(verdict, tuple(Finding(label, v.candidates[0][1], (e,)) for label, (v, e) in found.items()))
    if whole.rejected:
        return Understood(whole, ())
    label, share = whole.candidates[0]
    return Understood(whole, (Finding(label, share, whole.evidence),))


def _telling(parts: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The parts that may hold a wish: not those that only give a number or an address; of a long story, the parts
    that ask."""
    wishes = tuple(part for part in parts if not _GIVES.fullmatch(part.text))
    asking = tuple(part for part in wishes if part.text.rstrip().endswith("?"))
    return (asking if asking and len(wishes) > _PARTS else wishes)[:_PARTS]


def _of_parts(classifier: IntentClassifier, parts: tuple[Evidence, ...]) -> dict[str, tuple[Verdict, Evidence]]:
    """Intent → verdict and words of the first part that has it, for the parts that are sure of one."""
    found: dict[str, tuple[Verdict, Evidence]] = {}
    for part in parts:
        verdict = classifier.classify(part.text, LazyVector(part.text))
        if not verdict.rejected and verdict.candidates[0][1] >= _SURE:
            words = tuple(Evidence(e.text, e.start + part.start, e.end + part.start) for e in verdict.evidence)
            found.setdefault(verdict.candidates[0][0], (replace(verdict, evidence=words), part))
    return found
