"""What a message does in the conversation: asks for a person, says yes or no, thanks, stops, complains."""

from __future__ import annotations

import re

from kulanz.core.reading import Finding, SignalName
from kulanz.understanding.clean import same_length
from kulanz.understanding.commands import find_command
from kulanz.understanding.mending import mended
from kulanz.understanding.moves import Hit, find_moves
from kulanz.understanding.wordings import alternatives, built, load, whole_words

_LOOKED_AT = 2_000  # characters; a wish for a person stands at the beginning or at the end
_SHORT = 60  # characters: up to here a "ja" at the beginning answers; in longer texts it may be filler
_ALONE = 100  # characters: up to here a message may be nothing but the wish for a person
_ANSWER = 200  # characters: a "nein" at the beginning of a longer text tells a story

_WORDS: dict[str, list[str]] = load("signals")
_COURTESY, _YES, _NO = (alternatives(_WORDS[name]) for name in ("courtesy", "yeses", "noes"))
_MARKS = r"[\s,.!:;)🙂😊-]"

_PARTS = {name: alternatives(wordings) for name, wordings in load("person")["parts"].items()}
_PERSON, _PERSON_ALONE = (
    tuple((entry["probability"], built(entry["pattern"], _PARTS)) for entry in load("person")[name])
    for name in ("wants", "alone")
)
_STORIES = tuple(built(pattern, _PARTS) for pattern in load("person")["stories"])

_TOLD = "§"  # stands where a story was: no space, so that what is left isn't taken for the whole message

_Rules = tuple[tuple[float, re.Pattern[str]], ...]


def _rules(*rules: tuple[float, str]) -> _Rules:
    return tuple((probability, re.compile(source, re.IGNORECASE)) for probability, source in rules)


def _only(words: str) -> str:
    """A message of nothing but `words` and courtesies. Possessive: overlapping alternatives can't make it slow."""
    courtesy = rf"{_COURTESY}\b(?!')"  # "that's right" doesn't begin with "that"
    some = rf"(?={_MARKS}*+(?>{courtesy}{_MARKS}*+)*+{words})"
    return rf"\A{some}(?>{words}(?!\w)|{courtesy}|{_MARKS})++\Z"


_AGAINST = whole_words(_WORDS["against"])
_ANY_NO = re.compile(rf"(?<!\w){_NO}\b(?! (?:problem|worries))", re.IGNORECASE)
_AFFIRMS = _rules((0.97, _only(_YES)), (0.94, r"\A\s*no (?:problem|worries)\W*\Z"))
_AFFIRMS_LONGER = _rules(
    (0.85, r"\A\s*(?:ja+(?:wohl)?|jep|yes|yeah|yep|sure|genau|okay|ok|klar|gerne?|natürlich|of course)\b[ ,.!\n]")
)
_DENIES = _rules(
    (0.97, _only(_NO)),
    (0.9, r"(?:\A|[.!?…]\s)\s*(?:nein|nö|nee|nope|nah)\b"),  # also "49 euros? No, that is too much"
    (0.9, r"[.!?…]\s+no(?=\s*[,.!;])"),
    (0.9, r"\A\s*no(?=\s*[,.!;\n]|\s+(?:i|it|that|thank|don't|please|not|we|you|this)\b)"),  # not "No order came"
    (0.85, r"\A\s*(?:lieber|bitte|doch|please) (?:nicht|don't|do not)\b"),
    (0.85, r"\A\s*(?:das ist |ist )?(?:doch )?nicht (?:mehr )?(?:nötig|notwendig)\b"),
    (0.85, r"\A\s*(?:that's |there's )?(?:no need|not needed|no longer needed)\b"),
)
_STOPS: _Rules = (
    *_rules((0.95, _only(alternatives(_WORDS["stop_alone"])))),
    (0.95, whole_words(_WORDS["stops"])),
)
_THANKS: _Rules = ((0.95, whole_words(_WORDS["thanks"])), *_rules((0.95, "🙏")))
_NO_THANKS = whole_words(_WORDS["no_thanks"])
_GREETS = _rules((0.95, rf"\A\W*{alternatives(_WORDS['greets'])}\b|\A\W*👋"))
_BYES: _Rules = ((0.95, whole_words(_WORDS["says_bye"])),)
_NOT_HELPED: _Rules = ((0.95, whole_words(_WORDS["not_helped"])),)
_COMPLAINS: _Rules = ((0.93, whole_words(_WORDS["complains"])),)


def find_signals(text: str) -> tuple[Finding, ...]:
    """Every signal found, with its probability and the words it rests on. Offsets hold for `text`, which should be the
    raw message: a command to the assistant may hide in tags and between zero-width characters."""
    read = mended(same_length(text)[:_LOOKED_AT])
    view = read.text
    found: dict[SignalName, Hit | None] = {
        "wants_person": _person(view),
        "affirms": _affirms(view),
        "denies": _best(view, _DENIES) if len(view.strip()) <= _ANSWER else None,
        "stops": _best(view, _STOPS),
        "thanks": None if _NO_THANKS.search(view) else _best(view, _THANKS),
        "greets": _best(view, _GREETS),
        "says_bye": _best(view, _BYES),
        "not_helped": _best(view, _NOT_HELPED),
        "complains": _best(view, _COMPLAINS),
        **find_moves(view),
    }
    signals = [Finding(name, hit[0], (read.evidence(text, *hit[1:]),)) for name, hit in found.items() if hit]
    command = find_command(text)
    return (*signals, command) if command else tuple(signals)


def _best(view: str, rules: _Rules) -> Hit | None:
    """The surest rule's words, the longest of equals."""
    hits = [(p, match.start(), match.end()) for p, rule in rules if (match := rule.search(view)) and match[0].strip()]
    return max(hits, key=lambda hit: (hit[0], hit[2] - hit[1]), default=None)


def _person(view: str) -> Hit | None:
    """A wish for a person in what is left after the stories about persons are taken out."""
    for story in _STORIES:
        view = story.sub(lambda words: _TOLD * len(words[0]), view)
    return _best(view, (*_PERSON_ALONE, *_PERSON) if len(view) <= _ALONE else _PERSON)


def _affirms(view: str) -> Hit | None:
    """A yes with nothing against it: "ja, aber nicht die Lampe" confirms nothing."""
    if "?" in view or _AGAINST.search(view) or _ANY_NO.search(view):
        return None
    return _best(view, _AFFIRMS) or (_best(view, _AFFIRMS_LONGER) if len(view.strip()) <= _SHORT else None)
