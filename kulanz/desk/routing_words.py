"""What routing decides, in words. All in the active language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kulanz.core.routing import Rank

_WHY = {
    "last_agent": gettext_noop("knows this customer already"),
    "speaks": gettext_noop("speaks the language"),
    "no_speaker": gettext_noop("nobody in the team speaks the language"),
    "skilled": gettext_noop("knows the subject"),
    "team": gettext_noop("of the team"),
    "least_busy": gettext_noop("has the most room"),
}
_KEPT = {
    "full": gettext_noop("Everybody who is there has enough to do."),
    "nobody_there": gettext_noop("Nobody of the team is there."),
    "no_speaker_there": gettext_noop("Nobody who speaks the language is there."),
    "no_agent": gettext_noop("The team has no agents."),
    "no_reaction": gettext_noop("Nobody who is there has reacted to it."),
    "closed": gettext_noop("The team does not work now."),
}
_ADDED = {
    "angry": gettext_noop("angry"),
    "sensitive": gettext_noop("sensitive matter"),
    "critical": gettext_noop("critical"),
    "urgent": gettext_noop("urgent"),
    "promise": gettext_noop("promise nearly over"),
    "team": gettext_noop("priority of the team"),
}
_SENTENCES = {
    "critical": gettext_noop("Whoever is in danger is served as if they had waited {n} minutes longer."),
    "sensitive": gettext_noop("Sensitive matters are served as if they had waited {n} minutes longer."),
    "urgent": gettext_noop("What is urgent is served as if it had waited {n} minutes longer."),
    "angry": gettext_noop("Angry customers are served as if they had waited {n} minutes longer."),
    "promise": gettext_noop(
        "Whoever was promised an answer that is nearly due is served as if they had waited {n} minutes longer."
    ),
    "promise_within": gettext_noop("An answer is nearly due {n} minutes before the promised time."),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One number of the rule: the words before and after it."""

    name: str
    before: str
    after: str


def rule_sentence(name: str) -> Sentence:
    before, __, after = _(_SENTENCES[name]).partition("{n}")
    return Sentence(name, before.strip(), after.strip())


def why_given(codes: Iterable[str]) -> str:
    """Why an agent got a conversation."""
    return ", ".join(_(_WHY[code]) for code in codes if code in _WHY)


def why_kept(code: str) -> str:
    """Why nobody gets it now."""
    return _(_KEPT[code]) if code in _KEPT else code


def rank_text(rank: Rank) -> str:
    """How a place in the order comes about: `12 min waited + 30 angry`."""
    parts = [_("{n} min waited").format(n=int(rank.waited))]
    parts += [" ".join((str(minutes), _(_ADDED[name]))) for name, minutes in rank.added]
    return " + ".join(parts)


def channel_texts() -> dict[str, str]:
    """The channels that conversations come by, in words."""
    return {"web_chat": _("Web chat"), "api": _("API")}
