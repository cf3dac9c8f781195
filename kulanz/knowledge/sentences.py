"""Where a sentence ends, in German and English."""

from __future__ import annotations

import re

ABBREVIATIONS = frozenset(
    # German
    "abs abschn allg art aufl bzgl bzw ca co d dr dt einschl em etc evtl exkl ff fr frl geb gegr ggf gem "  # noqa: SIM905
    "h hr hrsg i inkl ing insb jh jr kap kfz lt m max mind min mio mrd mtl nr o orig p pkt prof "
    "rd s sog st std str tel tsd u ug usw v vgl vol vs z zb zt zzgl "
    "mo di mi do fr sa so jan feb apr jun jul aug sep sept okt nov dez "
    # English
    "approx apt assn ave blvd corp dept e eg est fig g gov hrs hwy ie inc ltd mr mrs ms no oct pp "
    "ref rev sen sgt sr vs mon tue tues wed thu thur thurs fri sat sun mar dec e.g i.e a.m p.m u.s u.k".split()
)
"""Words after which a full stop does not end the sentence (lower case, without the stop)."""

_END = re.compile(r"[.!?…]+[\"'”“»«)\]]*(?=\s)|\n{2,}|\n(?=\s*(?:[-*•]|\d{1,3}[.)])\s)")
_LAST_WORD = re.compile(r"([\w.]*\w)\.$")


def sentences(text: str) -> list[str]:
    """The sentences of `text` in order, word for word; line breaks between list items and paragraphs end one too.
    `" ".join` of them holds every word of the text."""
    return [text[start:end].strip() for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """The sentences as (start, end) offsets without surrounding blanks."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, start, match):
            found.append((start, match.end()))
            start = match.end()
    found.append((start, len(text)))
    return [trimmed for span in found if (trimmed := _trim(text, *span))]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    if not piece.strip():
        return None
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    if not match.group().startswith("."):
        return True
    following = text[match.end() : match.end() + 40].lstrip(" \"'„“(")
    if following[:1].islower():
        return False
    before = text[max(start, match.start() - 30) : match.start() + 1]
    word = _LAST_WORD.search(before)
    if not word:
        return True
    last = word.group(1).lower()
    if last.isdigit():  # "am 3. Mai", "1. Paket öffnen", but not "Wir gründeten 1998. Seitdem"
        return len(last) > 2 or not _is_ordinal(text, start, match)
    return last not in ABBREVIATIONS and not (len(last) == 1 and last.isalpha())


_MONTHS = re.compile(
    r"\s*(?:Jan|Feb|März|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Tag|Woche|Monat|Jahr|Quartal|Etage|Stock|Mahnung)"
)


def _is_ordinal(text: str, start: int, match: re.Match[str]) -> bool:
    """A list number at the start of a line, or a German ordinal before a month or the like."""
    before = text[start : match.start()].strip()
    return before.isdigit() or bool(_MONTHS.match(text, match.end()))
