"""The one door of this room: everything that can be understood from a customer's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.active import active_classifier
from kulanz.understanding.clean import same_length
from kulanz.understanding.emotion import read_emotion
from kulanz.understanding.entities import find_entities
from kulanz.understanding.intents import IntentClassifier, Verdict
from kulanz.understanding.language import detect_language
from kulanz.understanding.signals import find_signals
from kulanz.understanding.urgency import read_urgency

NOTHING_SAID = Verdict((), 1.0, rejected=True, embedded=False)


def read(text: str, vector: LazyVector, *, language_hint: str | None = None, today: date | None = None) -> Reading:
    """Reads `text` (any string; what goes beyond 8,000 characters is kept, but not looked at).

    `vector` is computed only where the intent needs it. `language_hint` is the conversation's language. `today`, in the
    customer's time zone, lets relative dates ("gestern") be found. Before any training every intent is rejected.
    """
    return read_with(active_classifier(), text, vector, language_hint=language_hint, today=today)


def read_with(
    classifier: IntentClassifier | None,
    text: str,
    vector: LazyVector,
    *,
    language_hint: str | None = None,
    today: date | None = None,
) -> Reading:
    """`read` with a given classifier (or none), for measurements and tests without a database."""
    view = same_length(text)
    language = detect_language(view, language_hint)
    signals = find_signals(view)
    emotion = read_emotion(view, language.value, signals)
    verdict = _verdict(classifier, view, vector)
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
    )


def _verdict(classifier: IntentClassifier | None, view: str, vector: LazyVector) -> Verdict:
    if classifier is None or not any(character.isalnum() for character in view):
        return NOTHING_SAID
    return classifier.classify(view, vector)


def _exact(text: str, finding: Finding) -> Finding:
    """The customer's own characters as evidence: the readers saw control characters and tags as spaces."""
    words = tuple(Evidence(text[e.start : e.end], e.start, e.end) for e in finding.evidence)
    return replace(finding, evidence=words)
