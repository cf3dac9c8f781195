"""A draft of an article from what agents answered: their best replies, without greetings and without anybody's data.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from kulanz.knowledge.sentences import sentences
from kulanz.nlp.masking import Masker

MOST_REPLIES = 60
"""Replies that are compared with each other."""
MOST_PARAGRAPHS = 4
SAME = 70.0
"""Share of common words, in percent, from which two replies say the same."""
FEWEST_WORDS = 5
"""Of a reply that says something."""
LONGEST_TITLE = 120

_GREETING = re.compile(
    r"^(?i:hallo|guten (?:tag|morgen|abend)|gr(?:ü|ue)(?:ß|ss) gott|moin|servus|liebe[rs]?|sehr geehrte[rs]?|hi|hello"
    r"|dear|hey|good (?:morning|afternoon|evening))\b"
    r"(?: (?:zusammen|there|Herrn?|Frau|Mr|Mrs|Ms|Dr|[A-ZÄÖÜ][\w'-]*)\b\.?)*(?:\s*[,!.–-]+\s*|\s+|$)"
)
_TEAM = r"(?:.{0,60}(?:team|service|kundendienst|support).{0,40})?[.,!]?$"
_ASIDE = re.compile(
    rf"\b(?:hier ist|mein name ist|ich bin|ich hei(?:ß|ss)e|this is|my name is|i'm|i am) [A-ZÄÖÜ]\w*\b{_TEAM}"
    r"|tut (?:mir|uns) (?:sehr |wirklich |aufrichtig )?leid|entschuldig|bedaue?r|verzeih"
    r"|das ist (?:sehr |wirklich )?(?:ärgerlich|schade)"
    r"|\bsorry\b|apolog|please excuse|that is annoying|regret"
    r"|\b(?:viele|beste|freundliche[nm]?|liebe|herzliche|sonnige) gr(?:ü|ue)(?:ß|ss)e|\bgru(?:ß|ss)\b|^mfg\b"
    r"|\b(?:kind|best|warm) (?:regards|wishes)|^(?:regards|cheers|yours|thanks|thank you|danke|vielen dank)\b"
    r"|\b(?:schönen|angenehmen) (?:tag|abend)|\bschönes wochenende|have a (?:nice|good|great|lovely)"
    r"|\b(?:weitere|noch) fragen\b|\bany (?:other|further|more) questions|let me know if"
    r"|melden sie sich (?:gern|jederzeit)|ich habe alles gelesen|have read everything",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"<(?:EMAIL|IBAN|CARD|PHONE|ADDRESS|NUMBER|NAME|TEXT)_\d+>")
_LEFT_OUT = "…"
_OWN = re.compile(rf",\s*{_LEFT_OUT}(?=[).,!?]|$)| \({_LEFT_OUT}\)")
"""What was left out behind a comma or in brackets, where nothing is missed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One reply of an agent. `names` are the people who may be named in it: the customer's and the agent's."""

    text: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Empty `body` where no reply said anything that holds for everybody."""

    title: str
    body: str


def drafted(examples: Sequence[Answered], replies: Iterable[Answered]) -> Draft:
    """`examples` are questions, the most telling first; `replies` those of agents in one language."""
    return Draft(title_of(examples), "\n\n".join(best_replies(replies)))


def best_replies(replies: Iterable[Answered], most: int = MOST_PARAGRAPHS) -> list[str]:
    """The replies that most others resemble and that say most, cleaned; none says what one before it said."""
    found = [text for reply in list(replies)[:MOST_REPLIES] if len((text := cleaned(reply)).split()) >= FEWEST_WORDS]
    if not found:
        return []
    alike = process.cdist(found, found, scorer=fuzz.token_set_ratio)
    worth = [float(row.mean()) * log(1 + len(text.split())) for row, text in zip(alike, found, strict=True)]
    chosen: list[int] = []
    for place in sorted(range(len(found)), key=lambda place: (-worth[place], place)):
        if all(alike[place, taken] < SAME for taken in chosen):
            chosen.append(place)
    return [found[place] for place in chosen[:most]]


def cleaned(reply: Answered) -> str:
    """A reply without greeting, introduction, regret and farewell, and without every sentence that holds personal
    data: such a sentence is about one customer, not about the matter."""
    masker, kept = Masker(reply.names), []
    for sentence in sentences(reply.text):
        said = _GREETING.sub("", sentence).strip()
        if said and not _ASIDE.search(said) and not _PLACEHOLDER.search(masker.mask(said)):
            kept.append(said[:1].upper() + said[1:])
    return " ".join(kept)


def title_of(examples: Sequence[Answered]) -> str:
    """A question in customers' words, without anybody's data: the first that needs nothing left out, else the most
    telling one with "…" in the place of what was."""
    titles = [title for example in examples if (title := _title(example))]
    return next((title for title in titles if _LEFT_OUT not in title), titles[0] if titles else "")


def _title(example: Answered) -> str:
    """All that the customer says of the matter where that is short, else their first question."""
    masker = Masker(example.names)
    said = [_GREETING.sub("", sentence).strip() for sentence in sentences(example.text)]
    said = [sentence for sentence in said if len(sentence.split()) > 2 and not _ASIDE.search(sentence)]
    masked = [_without_data(masker.mask(sentence)) for sentence in said]
    asked = [sentence for sentence in masked if sentence.endswith("?")]
    whole = " ".join(masked)
    title = whole if len(whole) <= LONGEST_TITLE else (asked or masked)[0]
    title = title[:1].upper() + title[1:]
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE].rsplit(' ', 1)[0]} …"


def _without_data(masked: str) -> str:
    return _OWN.sub("", _PLACEHOLDER.sub(_LEFT_OUT, masked)).replace(f"{_LEFT_OUT}.", _LEFT_OUT)
