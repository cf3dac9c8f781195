"""The assistant's own sentences, in the customer's language; never the same one twice in a conversation."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.timeline import Timeline, fingerprint


def sentences(kind: str) -> list[str]:
    """The wordings for one kind of reply, the first choice first. Call inside `override(language)`."""
    wordings = {
        "greeting": [
            _("Hello! I am the AI assistant. What can I do for you?"),
            _("I am listening: what is it about?"),
        ],
        "thanks": [_("You are welcome. I am here if anything else comes up."), _("With pleasure.")],
        "says_bye": [_("Goodbye! You can write here again at any time."), _("Take care!")],
        "unclear": [
            _("I am not sure I understood you. Could you say in one sentence what you would like to have solved?"),
            _("I did not get that yet. Which order, product or question is it about?"),
        ],
        "ambiguous": [
            _("I am not sure which of these you mean. Please choose, or tell me more."),
            _("Is one of these what you are looking for? Otherwise please describe it in other words."),
        ],
        "stop_flow": [
            _("All right, I stop here and have changed nothing. What else can I do for you?"),
            _("Stopped; nothing was changed."),
        ],
        "system_down": [
            _("Our order system does not answer right now, so I could not do this. Nothing was changed."),
            _("Our order system still does not answer. Nothing was changed."),
        ],
        "internal_error": [_("Something went wrong on our side. Your message is safe, and a person will look at it.")],
    }
    return wordings[kind]


def yes_no(language: str) -> tuple[str, str]:
    with override(language):
        return _("Yes"), _("No")


def unsaid(wordings: list[str], timeline: Timeline) -> str | None:
    """The first wording that the customer has not read in this conversation."""
    return next((w for w in wordings if fingerprint(w) not in timeline.said), None)


def insist(text: str, timeline: Timeline, language: str) -> str | None:
    """A repeated status, said once more with its time; None if that has been said as well."""
    with override(language):
        unchanged = _("Unchanged: {text}").format(text=text)
    return unsaid([text, unchanged], timeline)


def stamped(text: str, timeline: Timeline, now: datetime) -> str:
    """For what must be said whatever was said before (a handover): the time of day makes it a new fact."""
    if unsaid([text], timeline):
        return text
    return f"{text} ({timezone.localtime(now):%H:%M:%S})"
