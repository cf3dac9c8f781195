"""Which language a text is in."""

from __future__ import annotations

from copy import copy
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

CANDIDATES = ("de", "en", "fr", "es", "it", "nl", "pl", "pt", "tr", "cs", "da", "sv")
_SHORT = 60
_SCORED = 1_500


@lru_cache(maxsize=3)
def identifier(candidates: tuple[str, ...]) -> LanguageIdentifier:
    """py3langid for these languages."""
    narrowed = copy(_all_languages())
    narrowed.set_languages(candidates)
    return narrowed


@lru_cache(maxsize=1)
def _all_languages() -> LanguageIdentifier:
    """Unpacked on first use, in about 0.5 s."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def text_language(text: str) -> str:
    """The ISO 639-1 code of `text`; for fewer than 60 characters only German or English, because more candidates
    would only add mistakes. Method: py3langid, naive Bayes over byte n-grams (Lui and Baldwin 2011)."""
    candidates = CANDIDATES if len(text) >= _SHORT else CANDIDATES[:2]
    code: str = identifier(candidates).classify(text[:_SCORED])[0]
    return code
