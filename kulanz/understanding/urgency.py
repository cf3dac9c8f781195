"""How soon a customer needs an answer: low, normal or high."""

from __future__ import annotations

import re

from kulanz.core.reading import Finding
from kulanz.understanding.clean import evidence

_LOOKED_AT = 2_000

_HIGH = re.compile(
    r"(?<!\w)(?:dringend\w*|eilt|eilig\w*|sofort(?!ige überweisung|überweisung)|umgehend|unverzüglich|schnellstmöglich|so schnell (?:wie|es) (?:möglich|geht)|asap|notfall|deadline|frist"
    r"|(?:brauche|benötige|muss)[^.!?\n]{0,40}\b(?:heute|morgen|bis (?:heute|morgen|freitag|montag))|noch heute|heute noch|spätestens (?:heute|morgen)|letzte mahnung|inkasso|mahnbescheid|(?:konto|karte)[^.!?\n]{0,25}(?:gestohlen|gehackt|missbraucht|geklaut)"
    r"|gestohlen|gehackt|betrug|unbefugt\w*|rauch\w*|brennt|feuer|verletzt|stromschlag|allergisch\w*"
    r"|urgent\w*|emergency|immediately|right (?:now|away)|as soon as possible|at once|hurry|(?:need|must have)[^.!?\n]{0,40}\b(?:today|tomorrow|tonight|by (?:monday|friday|tomorrow|tonight))|by tomorrow|time[- ]critical"
    r"|stolen|hacked|fraud\w*|unauthori[sz]ed|smok(?:e|ing)|on fire|injur\w*|electric shock|final notice|debt collect\w*)(?!\w)",
    re.IGNORECASE,
)
_LOW = re.compile(
    r"(?<!\w)(?:(?:hat|es hat) (?:keine )?(?:zeit|eile)|keine eile|eilt nicht|nicht (?:so )?(?:eilig|dringend)|irgendwann|bei gelegenheit|wenn sie (?:mal )?zeit haben|nur (?:mal )?(?:aus interesse|so eine frage|eine frage am rande)"
    r"|aus neugier|no (?:rush|hurry)|not urgent|whenever you (?:can|have time)|when you get a chance|just (?:curious|wondering)|out of curiosity|take your time)(?!\w)",
    re.IGNORECASE,
)  # fmt: skip
_WAITING = re.compile(
    r"(?<!\w)(?:(?:seit|schon) (?:\w+ )?(?:wochen|monaten|ewig\w*)|(?:immer|noch immer) noch nicht|for (?:\w+ )?(?:weeks|months)|still (?:not|haven't|hasn't))(?!\w)",
    re.IGNORECASE,
)


def read_urgency(text: str, emotion: Finding, signals: tuple[Finding, ...] = ()) -> Finding:
    """`low`, `normal` or `high` with its probability and the words it rests on; offsets hold for `text`."""
    view = text[:_LOOKED_AT]
    if low := _LOW.search(view):
        return Finding("low", 0.85, (evidence(view, low.start(), low.end()),))
    if high := _HIGH.search(view):
        return Finding("high", 0.9, (evidence(view, high.start(), high.end()),))
    upset = emotion.value in ("frustrated", "worried") and emotion.probability >= 0.6
    complains = any(signal.value == "complains" for signal in signals)
    if (waiting := _WAITING.search(view)) and (upset or complains):
        return Finding("high", 0.7, (evidence(view, waiting.start(), waiting.end()),))
    thanks_only = any(s.value in ("thanks", "says_bye") for s in signals) and len(view) < 40
    return Finding("low", 0.6) if thanks_only else Finding("normal", 0.8 if not upset else 0.6)
