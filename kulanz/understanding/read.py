"""The one door of this room: everything that can be understood from a customer's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.active import active_classifier
from kulanz.understanding.clean import same_length
from kulanz.understanding.emotion import read_feelings
from kulanz.understanding.entities import find_entities
from kulanz.understanding.human_request import read_human_request
from kulanz.understanding.intents import IntentClassifier
from kulanz.understanding.language import detect_language, other_languages
from kulanz.understanding.risks import read_risks
from kulanz.understanding.sarcasm import sarcasm
from kulanz.understanding.signals import find_signals
from kulanz.understanding.urgency import read_urgency
from kulanz.understanding.wishes import read_wishes


def read(
    text: str,
    vector: LazyVector,
    *,
    language_hint: str | None = None,
    today: date | None = None,
    before: Reading | None = None,
) -> Reading:
    """Reads `text` (any string; what goes beyond 8,000 characters is kept, but not looked at).

    `vector` is computed only where the intent needs it. `language_hint` is the conversation's language. `today`, in the
    customer's time zone, lets relative dates ("gestern") be found. Before any training every intent is rejected.
    """
    return read_with(active_classifier(), text, vector, language_hint=language_hint, today=today, before=before)


def read_with(
    classifier: IntentClassifier | None,
    text: str,
    vector: LazyVector,
    *,
    language_hint: str | None = None,
    today: date | None = None,
    before: Reading | None = None,
) -> Reading:
    """`read` with a given classifier (or none), for measurements and tests without a database."""
    view = same_length(text)
    language = detect_language(view, language_hint)
    signals = find_signals(text)  # a command may hide in tags and characters that nobody sees
    emotion, sentiment = read_feelings(
        view, vector, language.value, signals, classifier.feelings if classifier else None
    )
    signals = _with_judged(signals, view, vector, sentiment, before)
    if any(signal.value == "sarcastic" for signal in signals) and emotion.value == "pleased":
        emotion, sentiment = (Finding(value, 0.6, emotion.evidence) for value in ("frustrated", "negative"))
    understood = read_wishes(classifier, view, vector)
    verdict = understood.verdict
    return Reading(
        text=text,
        language=language,
        intents=tuple(
            _exact(text, Finding(label, share, () if i else verdict.evidence))
            for i, (label, share) in enumerate(verdict.candidates)
        ),
        none_of_them=verdict.none_of_them,
        rejected=verdict.rejected,
        entities=find_entities(text, today),
        emotion=_exact(text, emotion),
        urgency=_exact(text, read_urgency(view, emotion, signals)),
        signals=tuple(_exact(text, signal) for signal in signals),
        model=classifier.name if classifier else "",
        sentiment=_exact(text, sentiment),
        wishes=tuple(_exact(text, wish) for wish in understood.wishes),
        other_languages=tuple(_exact(text, other) for other in other_languages(view, language)),
        risks=tuple(_exact(text, risk) for risk in read_risks(view, vector)),
    )


def _with_judged(
    signals: tuple[Finding, ...], view: str, vector: LazyVector, sentiment: Finding, before: Reading | None
) -> tuple[Finding, ...]:
    """The signals with those that need more than patterns: the wish for a person, and sarcasm."""
    person = read_human_request(view, vector, signals)
    others = tuple(signal for signal in signals if signal.value != "wants_person")
    bitter = sarcasm(view, sentiment, before)
    return tuple(signal for signal in (person, *others, bitter) if signal)


def _exact(text: str, finding: Finding) -> Finding:
    """The customer's own characters as evidence: the readers saw control characters and tags as spaces."""
    words = tuple(Evidence(text[e.start : e.end], e.start, e.end) for e in finding.evidence)
    return replace(finding, evidence=words)
