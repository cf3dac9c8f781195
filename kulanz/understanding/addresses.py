"""Postal addresses: German, British and American street with number, postcode and town."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence

_TOWN = (
    r"[A-ZÄÖÜ][a-zäöüßé]{2,24}"
    r"(?:[ -](?:am|an der|im|in|bei|vor der|ob der|unter|b\.|a\.|i\.|[A-ZÄÖÜ]\.?[a-zäöüß]{0,20})){0,3}"
)
_NUMBER = r"[0-9]{1,4} ?(?:[a-h](?!\w))?(?: ?[-/] ?[0-9]{1,4} ?(?:[a-h](?!\w))?)?"
_SURE_STREET = (
    r"[A-Za-zÄÖÜäöüß-]{2,30}(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.?)"
    r"|[a-zäöüß-]{3,20}er (?:stra(?:ß|ss)e|str\.)"
    r"|(?:[A-ZÄÖÜ][a-zäöüß.-]{1,20} ){1,2}(?:Stra(?:ß|ss)e|Str\.?|Weg|Platz|Allee|Ring|Damm|Ufer|Chaussee)"
)
_COMPOUND = (
    r"[A-ZÄÖÜ][a-zäöüß-]{2,30}(?:weg|platz|allee|gasse|damm|ufer|chaussee|steig|pfad|graben|ring|berg|markt|hof|stieg"
    r"|twiete|kamp|garten|wall|promenade)"
)
_PREPOSED = (
    r"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Unter den|Zum|Zur|Hinter der|Hinter dem|Vor dem)"
    r" [A-ZÄÖÜ][a-zäöüß]{2,20}(?: [A-ZÄÖÜ][a-zäöüß]{2,20})?"
)
_POSTCODE = r"(?:D-)?(?P<postcode>[0-9]{5})"
_BREAK = r"(?: ?[,;\n] ?| (?:in |aus )?)"

_WITH_TOWN = rf"{_BREAK}{{1,2}}{_POSTCODE} (?P<town>{_TOWN})"
_GERMAN = tuple(
    (re.compile(rf"(?<![\w.-])(?P<street>(?:{street}) ?{_NUMBER})(?![\w/]|[.,][0-9]){town}"), probability)
    for street, town, probability in (
        (f"{_SURE_STREET}|{_COMPOUND}|{_PREPOSED}", _WITH_TOWN, 0.97),
        (_SURE_STREET, "", 0.9),
        (_COMPOUND, "", 0.75),
    )
)
_TOWN_FIRST = re.compile(
    rf"(?<![\w.,€$£-]){_POSTCODE} (?P<town>{_TOWN}),? "
    rf"(?P<street>(?:{_SURE_STREET}|{_COMPOUND}|{_PREPOSED}) ?{_NUMBER})(?![\w/])"
)
_POSTCODE_TOWN = re.compile(
    r"(?:(?<!\w)(?i:nach|in|an|aus|plz:?|postleitzahl:?|ort:?|adresse:?) |D-|\n|, ?)"
    rf"(?P<postcode>[0-9]{{5}}) (?P<town>{_TOWN})(?!\w)"
)
_KIND = (
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Close|Court|Ct\.?|Crescent|Cres\.?|Way|Place|Pl\.?|Square"
    r"|Sq\.?|Terrace|Gardens|Grove|Mews|Boulevard|Blvd\.?|Parkway|Pkwy\.?|Highway|Hwy\.?|Circle|Row|Walk|Hill|Green)"
)
_UK_CODE = r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"
_US_CODE = r"[A-Z]{2},? [0-9]{5}(?:-[0-9]{4})?"
_DOOR = r"(?:Flat|Apt\.?|Apartment|Unit|Suite|#) ?[0-9A-Za-z]{1,4}"
_NAME = r"[A-Z][A-Za-z'.-]{1,20}"
_ENGLISH = re.compile(
    rf"(?<![\w.,/-])(?:{_DOOR},? )?[0-9]{{1,5}}[A-Za-z]?,? "
    rf"(?:(?:[NSEW]\.? )?(?:{_NAME}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,3}}{_KIND}(?!\w)(?: [NSEW]{{1,2}}(?!\w))?"
    rf"(?:,? {_DOOR})?"
    rf"(?:,? (?:{_NAME} ?){{1,3}},? (?:{_UK_CODE}|{_US_CODE})(?!\w)|,? (?:{_UK_CODE})(?!\w)"
    r"|, [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?(?!\w))?"
)
_TOWN_UK = re.compile(rf"(?<!\w)(?:[A-Z][a-z]{{2,20}},? ){{1,2}}{_UK_CODE}(?!\w)")
_TOWN_US = re.compile(rf"(?<!\w)(?:[A-Z][a-z]{{2,20}} ?){{1,2}}, {_US_CODE}(?!\w)")
_SPACES = re.compile(r"\s+")
_STR = re.compile(r"(?i)str(?:\.|asse)?(?= ?[0-9])")


def find_addresses(view: str) -> Iterator[Entity]:
    """Addresses, in German ones first street and number, then postcode and town; candidates may overlap. A street with
    its number is enough; of postcodes alone only those with their town count, where something leads up to them."""
    for pattern, probability in (*_GERMAN, (_TOWN_FIRST, 0.97)):
        for match in pattern.finditer(view):
            parts = match.groupdict()
            town = f", {parts['postcode']} {parts['town'].strip()}" if "town" in parts else ""
            yield _address(view, match.start(), match.end(), _STR.sub(_street, match["street"]) + town, probability)
    for match in _POSTCODE_TOWN.finditer(view):
        value = f"{match['postcode']} {match['town'].strip()}"
        yield _address(view, match.start("postcode"), match.end(), value, 0.96)
    for pattern, probability in ((_ENGLISH, 0.93), (_TOWN_UK, 0.9), (_TOWN_US, 0.9)):
        for match in pattern.finditer(view):
            yield _address(view, match.start(), match.end(), match[0], probability)


def _street(short: re.Match[str]) -> str:
    return "Straße" if short[0][0] == "S" else "straße"


def _address(view: str, start: int, end: int, value: str, probability: float) -> Entity:
    return Entity("address", _SPACES.sub(" ", value).strip(" ,"), probability, evidence(view, start, end))
