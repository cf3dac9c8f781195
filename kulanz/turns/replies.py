"""The assistant's own sentences, in the customer's language; never the same one twice in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.decision import Situation, Tone
from kulanz.core.timeline import Timeline, fingerprint


def sentences(kind: str, tone: Tone = "plain") -> list[str]:
    """The wordings for one kind of reply, the first choice first. Call inside `override(language)`.

    `calm` is for whoever is upset: short, without cheerfulness, and without feelings that a program does not have.
    """
    plain = {**_plain(), **_limits()}[kind]
    return [*_calm().get(kind, ()), *plain] if tone == "calm" else plain


def _plain() -> dict[str, list[str]]:
    return {
        "greeting": [
            _("Hello! I am the AI assistant. What can I do for you?"),
            _("I am listening: what is it about?"),
        ],
        "small_talk": [
            _("I am the AI assistant here. What can I do for you?"),
            _("I am best at your questions about us. What is it about?"),
        ],
        "thanks": [_("You are welcome. I am here if anything else comes up."), _("With pleasure.")],
        "says_bye": [_("Goodbye! You can write here again at any time."), _("Take care!")],
        "confirms_success": [
            _("Good, then it is solved. You can write here again at any time."),
            _("Good. I have noted that it is solved."),
        ],
        "unclear": [
            _("I am not sure I understood you. Could you say in one sentence what you would like to have solved?"),
            _("I did not get that yet. Which order, product or question is it about?"),
        ],
        "other_language": [
            _("I speak German and English. What is it about? A few words in one of them are enough."),
            _("I only understand German and English. You can also ask for a person at any time."),
        ],
        "ambiguous": [
            _("I am not sure which of these you mean. Please choose, or tell me more."),
            _("Is one of these what you are looking for? Otherwise please describe it in other words."),
        ],
        "undo_question": [
            _("That is possible. Shall I take it back? One click does it."),
            _("I can still take it back; please click or write “Undo this”."),
        ],
        "stop_flow": [
            _("All right, I stop here and have changed nothing. What else can I do for you?"),
            _("Stopped; nothing was changed."),
        ],
    }


def _limits() -> dict[str, list[str]]:
    """What the assistant says where it may not, can't or need not act, or does not know yet what for."""
    return {
        "already_undone": [
            _("That is taken back already; nothing more is needed."),
            _("It has been taken back, once is enough."),
        ],
        "without_it": [
            _("Without that I can't go on by myself, but one of these may help."),
            _("I can't look it up without that. Perhaps one of these answers your question."),
        ],
        "above_limit": [
            _("I may not decide on an amount of this size; nothing has been changed. A person does that."),
            _("This amount, too, is decided by a person. Nothing has been changed."),
        ],
        "files_alone": [
            _("Thank you, I have it. What is it about? One sentence is enough."),
            _("I have that one, too. What would you like to have solved?"),
        ],
        "system_down": [
            _("Our order system does not answer right now, so I could not do this. Nothing was changed."),
            _("Our order system still does not answer. Nothing was changed."),
        ],
        "internal_error": [_("Something went wrong on our side. Your message is safe, and a person will look at it.")],
    }


def _calm() -> dict[str, list[str]]:
    return {
        "greeting": [_("What is it about?")],
        "small_talk": [_("I am the AI assistant here. What should be solved?")],
        "thanks": [_("You are welcome.")],
        "says_bye": [_("You can write here again at any time.")],
        "confirms_success": [_("Good, then it is solved.")],
        "unclear": [_("What should be solved? One sentence is enough.")],
        "ambiguous": [_("Which of these is it about? If none, please say it in other words.")],
        "stop_flow": [_("I stop here. Nothing was changed.")],
    }


def offer(timeline: Timeline, available_from: datetime | None, *, people_available: bool) -> str:
    """The offer of a person, in words that the customer has not read; outside the hours with the time."""
    if not people_available and available_from:
        when = day_and_time(available_from, timezone.now())
        return _("If you would rather have a person: say so, and one answers you here from {when} on.").format(
            when=when
        )
    wordings = [
        _("If you would rather speak to a person, say so, and I hand you over at once."),
        _("A person can take over here: one word is enough."),
    ]
    said = "\n".join(entry.text for entry in timeline.entries if entry.author == "assistant")
    return next((w for w in wordings if w not in said), wordings[-1])


def nobody_there(available_from: datetime | None) -> str:
    """That nobody is there now, and from when on somebody is; empty where that is never."""
    if available_from is None:
        return ""
    when = day_and_time(available_from, timezone.now())
    return _("Nobody from our team is there right now; from {when} on, a person can answer you here.").format(when=when)


def when_a_person_looks(situation: Situation) -> str:
    """When somebody can look at what waits for approval."""
    if situation.people_available:
        return _("Somebody from our team can look at it right now; you read the outcome here.")
    if situation.available_from is None:
        return _("You read the outcome here.")
    when = day_and_time(situation.available_from, timezone.now())
    return _("Somebody from our team can look at it from {when} on; you read the outcome here.").format(when=when)


def day_and_time(moment: datetime, now: datetime) -> str:
    """When, as seen from now, in local time."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    time = date_format(local, "H:i")
    if local.date() == today:
        return _("today at {time}").format(time=time)
    if local.date() == today + timedelta(days=1):
        return _("tomorrow at {time}").format(time=time)
    return _("on {day} at {time}").format(day=date_format(local, _("l, j F")), time=time)


def person_button() -> str:
    """Typing these words does the same."""
    return _("Speak to a person")


def undo_button() -> str:
    """Typing this does the same."""
    return _("Undo this")


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


def unread(texts: Sequence[str], timeline: Timeline) -> list[str]:
    """What leads up to the last text need not be read again, where a flow began anew."""
    return [*(text for text in texts[:-1] if fingerprint(text) not in timeline.said), *texts[-1:]]


def stamped(text: str, timeline: Timeline, now: datetime) -> str:
    """For what must be said whatever was said before (a handover): the time of day makes it a new fact."""
    if unsaid([text], timeline):
        return text
    return f"{text} ({timezone.localtime(now):%H:%M:%S})"
