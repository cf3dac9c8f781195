"""Invented past conversations of the demo company "Musterladen".

They fill the desk, the timelines and the statistics of a fresh demo. Everything is made from the templates in
`past_templates.yaml` (people, products, set phrases) and `past_templates_<language>.yaml` (conversations).
"""

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Author = Literal["customer", "assistant", "agent", "system"]
Language = Literal["de", "en"]
Resolution = Literal["confirmed", "unconfirmed", "open"]
Outcome = Literal["assistant", "agent", "open"]

_FOLDER = Path(__file__).parent
_LANGUAGES: tuple[Language, ...] = ("de", "en")
_SLOT = re.compile(r"\{(\w+)\}")
_AUTHORS: Mapping[str, Author] = {"c": "customer", "a": "assistant", "g": "agent", "h": "system"}
_GERMAN_ARTICLES = {"m": ("der", "den"), "f": ("die", "die"), "n": ("das", "das")}
_PLAIN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GERMAN_SHARE, _ASSISTANT_SHARE, _AGENT_SHARE = 0.65, 0.55, 0.35
_TWO_DAYS = 2 * 24 * 60.0


@dataclass(frozen=True)
class PastMessage:
    """One message; `minutes` counts from the first message of the conversation."""

    author: Author
    text: str
    minutes: float


@dataclass(frozen=True)
class PastConversation:
    """One conversation that began `days_ago` days ago.

    `handled_by` says who gave the last answer; an open conversation waits for an agent.
    `rating` is 1 to 5 stars.
    """

    customer_name: str
    customer_email: str
    language: Language
    days_ago: float
    intent: str
    emotion: str
    messages: tuple[PastMessage, ...]
    resolution: Resolution
    handled_by: Literal["assistant", "agent"]
    rating: int | None


@dataclass(frozen=True)
class _Customer:
    first: str
    name: str
    email: str


def past_conversations(count: int = 320, seed: int = 7) -> list[PastConversation]:
    """Return `count` conversations, oldest first; the same `count` and `seed` always give the same ones."""
    rng = random.Random(seed)  # noqa: S311 - invented data, nothing secret
    languages = _shuffled(["de"] * round(count * _GERMAN_SHARE), "en", count, rng)
    outcomes = _shuffled(
        ["assistant"] * round(count * _ASSISTANT_SHARE) + ["agent"] * round(count * _AGENT_SHARE),
        "open",
        count,
        rng,
    )
    customers = {language: _customers(language, count, rng) for language in _LANGUAGES}
    bags: dict[tuple[Language, str], list[Mapping[str, Any]]] = {}
    made = []
    for language_name, outcome_name in zip(languages, outcomes, strict=True):
        language: Language = "de" if language_name == "de" else "en"
        outcome: Outcome = _outcome(outcome_name)
        template = _draw(bags, language, "assistant" if outcome == "assistant" else "agent", rng)
        made.append(_conversation(template, outcome, language, rng.choice(customers[language]), rng))
    return sorted(made, key=lambda conversation: -conversation.days_ago)


def _outcome(name: str) -> Outcome:
    return "assistant" if name == "assistant" else "agent" if name == "agent" else "open"


def _shuffled(values: list[str], filler: str, count: int, rng: random.Random) -> list[str]:
    filled = (values + [filler] * count)[:count]
    rng.shuffle(filled)
    return filled


@cache
def _common() -> Mapping[str, Any]:
    common: Mapping[str, Any] = yaml.safe_load((_FOLDER / "past_templates.yaml").read_text("utf-8"))
    return common


@cache
def _templates(language: Language) -> Sequence[Mapping[str, Any]]:
    text = (_FOLDER / f"past_templates_{language}.yaml").read_text("utf-8")
    templates: Sequence[Mapping[str, Any]] = yaml.safe_load(text)
    return templates


def _customers(language: Language, count: int, rng: random.Random) -> list[_Customer]:
    """Fewer customers than conversations, so that some timelines hold several."""
    common = _common()
    pairs = [(first, last) for first in common["first_names"][language] for last in common["last_names"][language]]
    chosen = rng.sample(pairs, min(len(pairs), max(1, count // 2)))
    return [_Customer(first, f"{first} {last}", _email(first, last, rng)) for first, last in chosen]


def _email(first: str, last: str, rng: random.Random) -> str:
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().translate(_PLAIN_LETTERS))
    return f"{plain.encode('ascii', 'ignore').decode()}@{rng.choice(['example.com', 'example.org'])}"


def _draw(
    bags: dict[tuple[Language, str], list[Mapping[str, Any]]], language: Language, by: str, rng: random.Random
) -> Mapping[str, Any]:
    """Draw without putting back until the bag is empty: every template gets its turn."""
    bag = bags.setdefault((language, by), [])
    if not bag:
        bag += [t for t in _templates(language) if t["by"] == by for _ in range(t.get("weight", 1))]
        rng.shuffle(bag)
    return bag.pop()


def _conversation(
    template: Mapping[str, Any], outcome: Outcome, language: Language, customer: _Customer, rng: random.Random
) -> PastConversation:
    emotion = rng.choice(list(template["open"]))
    resolution: Resolution = "open" if outcome == "open" else "confirmed" if rng.random() < 0.7 else "unconfirmed"
    slots = _slots(language, customer, rng)
    lines = _lines(template, emotion, resolution, rng)
    phrases = _common()["phrases"][language]
    return PastConversation(
        customer_name=customer.name,
        customer_email=customer.email,
        language=language,
        days_ago=round(rng.uniform(0.03, 0.4) if outcome == "open" else rng.uniform(3, 120), 3),
        intent=template["intent"],
        emotion=emotion,
        messages=_timed([(author, _fill(text, slots, phrases, rng)) for author, text in lines], resolution, rng),
        resolution=resolution,
        handled_by="assistant" if outcome == "assistant" else "agent",
        rating=_rating(outcome, resolution, emotion, rng),
    )


def _lines(
    template: Mapping[str, Any], emotion: str, resolution: Resolution, rng: random.Random
) -> list[tuple[Author, str]]:
    """Who says what, still with slots; an open conversation ends while it waits for an agent."""
    opening = rng.choice(template["open"][emotion])
    if emotion != "frustrated":  # angry people rarely say thank you in advance
        opening = "{hi}" + opening + "{bye}"
    lines: list[tuple[Author, str]] = [("customer", opening)]
    for turn in template["turns"]:
        ((mark, text),) = turn.items()
        lines.append((_AUTHORS[mark], "{queued}" if mark == "h" else text))
        if mark == "h" and resolution == "open":
            return lines + ([("customer", "{nudge}")] if rng.random() < 0.4 else [])
    if resolution == "confirmed":
        return [*lines, ("customer", "{thanks}")]
    return [*lines, ("system", "{closed}")]


def _slots(language: Language, customer: _Customer, rng: random.Random) -> dict[str, str]:
    """The values that stay the same throughout one conversation."""
    common = _common()
    product = rng.choice(common["products"][language])
    nominative, accusative = _GERMAN_ARTICLES[product["gender"]] if language == "de" else ("the", "the")
    phrases = common["phrases"][language]
    return {
        "first": customer.first,
        "name": customer.name,
        "email": customer.email,
        "order": f"ML-{rng.randint(20000, 99999)}",  # the back office uses ML-10050 to 10249
        "product": product["name"],
        "price": product["price"],
        "nom": f"{nominative} {product['name']}",
        "Nom": f"{nominative.capitalize()} {product['name']}",
        "acc": f"{accusative} {product['name']}",
        "agent": rng.choice(common["agents"]),
        "number": str(rng.randint(2, 98)),
        "weeks": str(rng.randint(3, 12)),
        "points": str(rng.randint(110, 940)),
        **{fixed: rng.choice(phrases[fixed]) for fixed in ("roast", "weekday", "city")},
    }


def _fill(text: str, slots: Mapping[str, str], phrases: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        return slots[name] if name in slots else _fill(rng.choice(phrases[name]), slots, phrases, rng)

    return _SLOT.sub(value, text)


def _timed(lines: Sequence[tuple[Author, str]], resolution: Resolution, rng: random.Random) -> tuple[PastMessage, ...]:
    """The assistant answers in seconds, people in minutes, the first agent after a wait in the queue."""
    minutes, waiting, messages = 0.0, False, []
    for place, (author, text) in enumerate(lines):
        if place:
            minutes += _pause(author, waiting, rng)
        if author == "system" and place == len(lines) - 1 and resolution == "unconfirmed":
            minutes += _TWO_DAYS
        waiting = author == "system"
        messages.append(PastMessage(author, text, round(minutes, 2)))
    return tuple(messages)


def _pause(author: Author, waiting: bool, rng: random.Random) -> float:
    if author == "agent":
        return rng.uniform(3, 90) if waiting else rng.uniform(1, 9)
    if author == "customer":
        return rng.uniform(4, 15) if waiting else rng.uniform(0.4, 6)
    return rng.uniform(0.03, 0.15)


def _rating(outcome: Outcome, resolution: Resolution, emotion: str, rng: random.Random) -> int | None:
    """Silent customers seldom rate; a bad start costs a star even when the matter ends well."""
    if outcome == "open" or rng.random() > (0.6 if resolution == "confirmed" else 0.15):
        return None
    stars = rng.choice([4, 5, 5, 5]) if resolution == "confirmed" else rng.choice([1, 2, 3, 4])
    return max(1, stars - (emotion in {"frustrated", "disappointed"} and rng.random() < 0.5))
