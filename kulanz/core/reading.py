"""What was understood from a customer's message, and from which words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from kulanz.core.files import File, files_from_json

Emotion = Literal["frustrated", "disappointed", "worried", "confused", "pleased", "neutral"]
Sentiment = Literal["positive", "neutral", "negative"]
SignalName = Literal[
    "wants_person", "affirms", "denies", "thanks", "greets", "says_bye", "not_helped", "stops", "complains",
    "confirms_success", "hesitates", "threatens_to_leave", "refers_back", "corrects", "small_talk", "sarcastic",
    "commands_assistant", "undoes", "asks_terms",
]  # fmt: skip
"""`refers_back`: to something said or done before ("die andere Bestellung", "as I said"); `corrects`: the customer's
own earlier words ("nein, ich meinte …"); `undoes`: takes back what was done; `asks_terms`: how it is in general (how
long, how much, who pays), which wants an answer and nothing done; `sarcastic`: friendly words against the course of the
conversation; `commands_assistant`: a text that tells the assistant what to be or to ignore; read, never obeyed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exact words that something rests on: `text == message[start:end]`, offsets in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A value, its probability between 0 and 1, and the words it rests on."""

    value: str
    probability: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in the text: `kind` is order_number, invoice_number, customer_number, email, phone, money,
    date, iban, card, quantity or address; `value` is the normalised form (money as `12.50 EUR`, dates as ISO, phone as
    E.164, a quantity as a number)."""

    kind: str
    value: str
    probability: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood from one turn of a customer (one message, or several short ones joined by newlines).

    `intents` holds the best candidates, most probable first; `none_of_them` is the probability that no known
    intent covers the text. `rejected` is the classifier's own verdict at its measured threshold. `wishes` are the
    accepted intents in the order in which they are mentioned, each with the words of its part of the text; more than
    one where the customer wrote several. `other_languages` are those of further parts of a mixed text. `risks` are the
    matters that belong to people: self_harm, death, health, threats, law and fraud. `files` came along with the words,
    or instead of any.
    """

    text: str
    language: Finding
    intents: tuple[Finding, ...]
    none_of_them: float
    rejected: bool
    entities: tuple[Entity, ...]
    emotion: Finding
    urgency: Finding
    signals: tuple[Finding, ...] = ()
    model: str = ""
    sentiment: Finding = Finding("neutral", 1 / 3)
    wishes: tuple[Finding, ...] = ()
    other_languages: tuple[Finding, ...] = ()
    risks: tuple[Finding, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def intent(self) -> Finding | None:
        """The accepted intent, or None where the text is none of them."""
        return self.intents[0] if self.intents and not self.rejected else None

    @property
    def only_files(self) -> bool:
        """There are files and not a word about them."""
        return bool(self.files) and not self.text.strip()

    def signal(self, name: SignalName) -> Finding | None:
        return next((s for s in self.signals if s.value == name), None)

    def entity(self, kind: str) -> Entity | None:
        return next((e for e in self.entities if e.kind == kind), None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


LANGUAGES = frozenset({"de", "en"})
SURE_OF_LANGUAGE = 0.5
"""From this probability on a message changes the language of the conversation: "a" or "hi" alone doesn't."""
NAME = 2  # words
SURE_OF_ANOTHER = 0.8


def language_of_reply(reading: Reading, before: str, *, answers: bool = False) -> str:
    """The message's language, where Kulanz speaks it and the words tell; else that of the conversation `before`. One or
    two words that answer a question (`answers`) may be a name and don't tell."""
    spoken = reading.language
    if answers and len(reading.text.split()) <= NAME:
        return before
    return spoken.value if spoken.value in LANGUAGES and spoken.probability >= SURE_OF_LANGUAGE else before


def speaks_another(reading: Reading) -> bool:
    """The message is surely in a language that Kulanz does not speak; a typo makes no Dutch."""
    return reading.language.value not in LANGUAGES and reading.language.probability >= SURE_OF_ANOTHER


def _finding(data: dict[str, Any]) -> Finding:
    evidence = tuple(Evidence(**e) for e in data["evidence"])
    return Finding(data["value"], data["probability"], evidence)


def reading_from_json(data: dict[str, Any]) -> Reading:
    """The inverse of `Reading.to_json`."""
    entities = tuple(Entity(**{**e, "evidence": Evidence(**e["evidence"])}) for e in data["entities"])
    return Reading(
        text=data["text"],
        language=_finding(data["language"]),
        intents=tuple(_finding(f) for f in data["intents"]),
        none_of_them=data["none_of_them"],
        rejected=data["rejected"],
        entities=entities,
        emotion=_finding(data["emotion"]),
        urgency=_finding(data["urgency"]),
        signals=tuple(_finding(f) for f in data["signals"]),
        model=data["model"],
        sentiment=_finding(data["sentiment"]) if "sentiment" in data else Finding("neutral", 1 / 3),
        wishes=tuple(_finding(f) for f in data.get("wishes", ())),
        other_languages=tuple(_finding(f) for f in data.get("other_languages", ())),
        risks=tuple(_finding(f) for f in data.get("risks", ())),
        files=files_from_json(data.get("files", ())),
    )
