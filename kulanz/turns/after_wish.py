"""Nobody was there: the customer chooses how to be answered, in plain words or with a click, on any channel.

A few sentences and no flow: whoever says neither simply waits, and whatever else they write is kept for the agent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from phonenumbers import PhoneNumberType

from kulanz.core.message import Reply
from kulanz.core.reading import Reading, reading_from_json
from kulanz.desk.after_models import LateNotice, ReplyWish
from kulanz.desk.after_wish import Window, labels, possible, shown_windows, window_between, windows_for
from kulanz.desk.handover import publish_conversation
from kulanz.desk.models import Handover
from kulanz.inbox.messages import load_timeline
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.trust.audit import record
from kulanz.turns.acting import say
from kulanz.turns.replies import unsaid

REGION = "DE"  # of numbers without a country code
CALLABLE = frozenset({
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
})  # fmt: skip
NO_COUNTRY = "001"  # satellites and the like: a minute costs euros, as with the premium rates left out above
_EMAIL = re.compile(
    r"\b(per|by|via) e-?mail\b|\be-?mail me\b|"
    r"\b(antwort\w*|schreib\w*|schick\w*|answer|write|send|reply)\b[^.!?\n]{0,40}\be-?mail\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"\bcall( me)? back\b|\bcall ?back\b|\b(call|phone|ring) me\b|rückruf|zurück(zu)?rufen|\bruft? mich\b|"
    r"\brufen sie mich\b|\bmich\b[^.!?\n]{0,30}\ban(zu)?rufen\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(nicht|kein\w*|don'?t|do not|no|not)\b", re.IGNORECASE)
_HOUR = re.compile(r"\b([01]?\d|2[0-3])(?::([0-5]\d))?\s*(uhr|h|o'clock|am|pm)?(?![\d.])\b", re.IGNORECASE)
_FROM_TILL = re.compile(r"(?<![\d:])((?:[01]?\d|2[0-3]):[0-5]\d)\s*[–-]\s*((?:[01]?\d|2[0-3]):[0-5]\d)(?![\d:])")
Answer = tuple[str, tuple[str, ...]]
"""A sentence, and what may be clicked below it."""


def do_take_up(conversation: Conversation, reading: Reading) -> None:
    """What the customer just wrote, if it is about how they want to be answered. The caller holds the row lock."""
    if conversation.status != Status.WAITING:
        return
    wishes = ReplyWish.objects.filter(handover__conversation=conversation, handover__state=Handover.State.WAITING)
    wish = wishes.select_related("handover__team").first()
    if wish is None:
        return
    with override(conversation.language):
        answer = _next(wish, conversation, reading)
        if answer and (text := unsaid([answer[0]], load_timeline(conversation))):
            say(conversation, Reply(text, author="system", choices=answer[1]))
            publish_conversation(conversation)


def _next(wish: ReplyWish, conversation: Conversation, reading: Reading) -> Answer | None:
    kind = _chosen(reading.text)
    if kind in possible(wish.handover, wish.created_at) and (kind != wish.kind or not wish.settled_at):
        return _begin(wish, conversation, reading, kind)
    steps: dict[str, Callable[[ReplyWish, Reading], Answer | None]] = {
        "email": _email, "phone": _phone, "window": _window
    }  # fmt: skip
    step = steps.get(wish.asked_for)
    return step(wish, reading) if step else None


def _chosen(text: str) -> str:
    """Which way the words ask for; empty where they ask for neither, or against it."""
    for kind, label in labels().items():
        if text.strip().casefold() == label.casefold():
            return kind
    for kind, pattern in (("call", _CALL), ("email", _EMAIL)):
        found = pattern.search(text)
        if found and not _NOT.search(text[max(0, found.start() - 25) : found.end()]):
            return kind
    return ""


def _begin(wish: ReplyWish, conversation: Conversation, reading: Reading, kind: str) -> Answer | None:
    """What is known already is not asked for again."""
    wish.kind, wish.settled_at = kind, None
    if kind == "email":
        wish.email = _known(conversation, reading, "email") or _valid_email(conversation.customer.email)
        return _settled_email(wish) if wish.email else _ask(wish, "email", _("Gladly. To which e-mail address?"))
    wish.phone = _known(conversation, reading, "phone")
    if not wish.phone:
        question = _not_callable() if reading.entity("phone") else _("Gladly. On which number can we reach you?")
        return _ask(wish, "phone", question)
    return _window(wish, reading)


def _email(wish: ReplyWish, reading: Reading) -> Answer | None:
    entity = reading.entity("email")
    wish.email = entity.value if entity else _valid_email(reading.text.strip())
    if wish.email:
        return _settled_email(wish)
    wrong = "@" in reading.text
    return (_("That does not look like an e-mail address. Please check it."), ()) if wrong else None


def _settled_email(wish: ReplyWish) -> Answer:
    _do_settle(wish)
    text = _("Good, you get the answer by e-mail to {email}. You can read it here, too.")
    return text.format(email=wish.email), ()


def _phone(wish: ReplyWish, reading: Reading) -> Answer | None:
    wish.phone = _number_in(reading)
    if wish.phone:
        return _window(wish, reading)
    wrong = sum(character.isdigit() for character in reading.text) >= 4
    return (_not_callable(), ()) if wrong else None


def _not_callable() -> str:
    return _("That does not look like a phone number. Please write it with its area code.")


def _window(wish: ReplyWish, reading: Reading) -> Answer | None:
    """The time that was named, if somebody calls then; else the question for it."""
    chosen = _window_in(reading, wish.handover)
    if chosen:
        return _settled_call(wish, chosen)
    shown = shown_windows(wish.handover)
    if wish.asked_for != "window":
        text = _("When shall we call you on {phone}? Choose a time, or write one.").format(phone=wish.phone)
        return _ask(wish, "window", text, shown)
    if reading.entity("date") or _HOUR.search(reading.text):
        return _("We can call you at these times, for example. Which one suits you?"), shown
    return None


def _settled_call(wish: ReplyWish, chosen: Window) -> Answer:
    wish.due_from, wish.due_until = chosen.start, chosen.end
    _do_settle(wish)
    text = _("Good, a person calls you on {phone}: {when}.").format(phone=wish.phone, when=chosen.label())
    handover = wish.handover
    handover.promised_by, handover.message = chosen.end, text  # what is promised from here on
    handover.save(update_fields=["promised_by", "message"])
    LateNotice.objects.filter(handover=handover).delete()  # its time no longer holds
    return text, ()


def _window_in(reading: Reading, handover: Handover) -> Window | None:
    """The one whose label was clicked, or from when till when the words name, or the first one at their time."""
    now, text = timezone.now(), reading.text.strip().casefold()
    found = windows_for(handover, now)
    if clicked := next((window for window in found if window.label().casefold() == text), None):
        return clicked
    hour, day = _hour(reading), _day(reading)
    if named := _FROM_TILL.search(text):
        begins, ends = (time.fromisoformat(each.zfill(5)) for each in named.groups())
        return window_between(handover, now, begins, ends, day)
    if hour is None:
        return None
    fitting = (w for w in found if day is None or w.start.date() == day)
    return next((w for w in fitting if w.start.hour * 60 + w.start.minute <= hour < _end(w)), None)


def _end(window: Window) -> int:
    """Minutes after midnight of its first day."""
    return window.start.hour * 60 + window.start.minute + int((window.end - window.start).total_seconds() // 60)


def _hour(reading: Reading) -> int | None:
    """The time of day in the words, in minutes after midnight; a date or a phone number is none."""
    text = reading.text
    for entity in reading.entities:
        if entity.kind in {"date", "phone", "order_number"}:
            text = text.replace(entity.evidence.text, " ")
    found = _HOUR.search(text)
    if found is None or not (found[2] or found[3] or len(text.split()) <= 6):
        return None
    hour = int(found[1]) + (12 if (found[3] or "").lower() == "pm" and int(found[1]) < 12 else 0)
    return hour * 60 + int(found[2] or 0)


def _day(reading: Reading) -> date | None:
    entity = reading.entity("date")
    try:
        return date.fromisoformat(entity.value) if entity else None
    except ValueError:
        return None


def _ask(wish: ReplyWish, what: str, text: str, choices: tuple[str, ...] = ()) -> Answer:
    wish.asked_for = what
    wish.save()
    return text, choices


def _do_settle(wish: ReplyWish) -> None:
    wish.asked_for, wish.settled_at = "", timezone.now()
    wish.save()
    record("customer", "wished_reply", wish.handover.conversation_id, kind=wish.kind, handover=str(wish.handover_id))


def _known(conversation: Conversation, reading: Reading, kind: str) -> str:
    """What the customer said now or before in this conversation."""
    if value := (_number_in(reading) if kind == "phone" else _value(reading, kind)):
        return value
    said: Any = Message.objects.filter(conversation=conversation, author="customer").select_related("reading")
    stored = (getattr(message, "reading", None) for message in said.order_by("-seq"))
    values = (_value(reading_from_json(each.data), kind) for each in stored if each)
    return next((value for value in values if value), "")


def _value(reading: Reading, kind: str) -> str:
    entity = reading.entity(kind)
    if entity and kind == "phone":
        return _callable(entity.value)
    return entity.value if entity else ""


def _number_in(reading: Reading) -> str:
    """A phone number as E.164; empty where there is none that can be called."""
    if value := _value(reading, "phone"):
        return value
    return _callable(reading.text) if len(reading.text.split()) <= 6 else ""


def _callable(words: str) -> str:
    """The number as E.164, if it is one that costs no more than any other call."""
    try:
        number = phonenumbers.parse(words, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.region_code_for_number(number) in {None, NO_COUNTRY}:
        return ""
    fitting = phonenumbers.number_type(number) in CALLABLE and phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if fitting else ""


def _valid_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text


def do_note_called(wish: ReplyWish, agent: Any, now: datetime) -> None:
    """Somebody has called. The same again changes nothing."""
    if ReplyWish.objects.filter(pk=wish.pk, done_at=None).update(done_at=now, done_by=agent):
        record(f"agent:{agent.pk}", "called_back", wish.handover.conversation_id, handover=str(wish.handover_id))
