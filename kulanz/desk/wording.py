"""Codes in words for agents: intents, entities, emotions, reasons. All in the active language."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as word

INTENTS = (
    word("order status"), word("product question"), word("cancel order"), word("change address"),
    word("return item"), word("refund status"), word("exchange item"), word("damaged item"),
    word("wrong item"), word("missing item"), word("invoice copy"), word("double charge"),
    word("payment failed"), word("payment methods"), word("shipping cost"), word("delivery time"),
    word("delivery abroad"), word("delivery slot"), word("subscription pause"), word("subscription cancel"),
    word("subscription change"), word("change email"), word("password reset"), word("voucher"),
    word("loyalty points"), word("warranty"), word("contact hours"), word("data privacy"), word("complaint"),
    word("gift wrap"),
)  # fmt: skip
"""The intents that come with a translation; any other is shown by its own name."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ENTITIES = {
    "order_number": word("Order number"),
    "invoice_number": word("Invoice number"),
    "customer_number": word("Customer number"),
    "email": word("E-mail"),
    "phone": word("Phone"),
    "money": word("Amount"),
    "date": word("Date"),
    "iban": word("IBAN"),
}
_EMOTIONS = {
    "frustrated": word("frustrated"),
    "disappointed": word("disappointed"),
    "worried": word("worried"),
    "confused": word("confused"),
    "pleased": word("pleased"),
    "neutral": word("calm"),
}
_URGENCIES = {
    "critical": word("critical"),
    "high": word("urgent"),
    "normal": word("normal"),
    "low": word("no hurry"),
}
_DECISIONS = {
    "answer": word("Answered"),
    "ask": word("Asked back"),
    "act": word("Acted"),
    "hand_over": word("Handed over"),
    "stay_silent": word("Stayed silent"),
}
_SIGNALS = {
    "wants_person": word("wants a person"),
    "affirms": word("says yes"),
    "denies": word("says no"),
    "thanks": word("says thank you"),
    "greets": word("greets"),
    "says_bye": word("says goodbye"),
    "not_helped": word("was not helped"),
    "stops": word("wants to stop"),
    "complains": word("complains"),
}
_REASONS = {
    "agent_holds": word("An agent holds the conversation."),
    "wants_person": word("The customer wants to speak to a person."),
    "already_waiting": word("The customer is waiting for a person already."),
    "sensitive": word("A sensitive matter, which belongs to people."),
    "people_only": word("The rules leave this matter to people."),
    "angry": word("The customer is angry."),
    "stops": word("The customer wants to stop."),
    "answers_open_question": word("The message answers an open question."),
    "intent": word("The customer's wish was recognised."),
    "flow_unclear": word("The message did not answer the open question."),
    "thanks": word("The customer says thank you."),
    "says_bye": word("The customer says goodbye."),
    "greets": word("The customer greets."),
    "failed_tries": word("The assistant's attempts did not help."),
    "passage": word("An article answers the question."),
    "ambiguous": word("Several matters are possible."),
    "unclear": word("The matter was not understood."),
    "would_repeat": word("The assistant would only have repeated itself."),
    "system_down": word("The back office did not answer."),
    "outcome_unknown": word("It is not certain whether the action took place."),
    "action_failed": word("The back office refused the action."),
    "internal_error": word("Something went wrong in Kulanz."),
}
_HANDOVERS = {
    "button": word("Asked for a person by the button"),
    "wish": word("Asked for a person"),
    "not_solved": word("Says that it is not solved"),
    "sensitive": word("Sensitive matter"),
    "people_only": word("Matter for people only"),
    "anger": word("Angry"),
    "failed_tries": word("The assistant could not help"),
    "not_understood": word("Not understood"),
    "would_repeat": word("The assistant could not help"),
    "system_down": word("Back office down"),
    "outcome_unknown": word("Outcome of an action unknown"),
    "action_failed": word("Action refused"),
    "internal_error": word("Internal error"),
    "agent": word("Taken over by an agent"),
}
_REJECTIONS = {
    "already_quoted": word("the customer has read it already"),
    "outranked": word("something else came first"),
    "not_sure_enough": word("not sure enough"),
}
_ACTION_STATES = {
    "done": word("done"),
    "refused": word("refused"),
    "unknown": word("outcome unknown"),
    "started": word("not finished"),
}


def _readable(code: str) -> str:
    """A code without an entry, such as an operator's own intent."""
    return code.replace("_", " ")


def intent_label(code: str) -> str:
    name = _readable(code)
    label = _(name) if name in INTENTS else name
    return label[:1].upper() + label[1:]


def action_label(code: str) -> str:
    return intent_label(code)


def entity_label(kind: str) -> str:
    return _(_ENTITIES[kind]) if kind in _ENTITIES else intent_label(kind)


def emotion_label(code: str) -> str:
    return _(_EMOTIONS[code]) if code in _EMOTIONS else _readable(code)


def urgency_label(code: str) -> str:
    return _(_URGENCIES[code]) if code in _URGENCIES else _readable(code)


def decision_label(kind: str) -> str:
    return _(_DECISIONS[kind]) if kind in _DECISIONS else _readable(kind)


def signal_label(code: str) -> str:
    return _(_SIGNALS[code]) if code in _SIGNALS else _readable(code)


def reason_text(code: str) -> str:
    return _(_REASONS[code]) if code in _REASONS else _readable(code)


def handover_reason(code: str) -> str:
    return _(_HANDOVERS[code]) if code in _HANDOVERS else _readable(code)


def rejection_text(code: str) -> str:
    return _(_REJECTIONS[code]) if code in _REJECTIONS else _readable(code)


def action_state(code: str) -> str:
    return _(_ACTION_STATES[code]) if code in _ACTION_STATES else _readable(code)


def moment(then: datetime, now: datetime) -> str:
    """The time of day, with the date where it is not today's."""
    local = timezone.localtime(then)
    return date_format(local, "H:i" if local.date() == timezone.localtime(now).date() else _("j M Y, H:i"))


def entity_value(kind: str, value: str) -> str:
    """A normalised value as people write it."""
    if kind == "date" and _ISO.fullmatch(value):
        return date_format(date.fromisoformat(value), _("j M Y"))
    return value


def quoted(text: str) -> str:
    return _("“{text}”").format(text=text)


def reading_part(kind: str) -> str:
    """The heading of one part of a reading."""
    parts = {"intent": _("Wish"), "emotion": _("Mood"), "urgency": _("Urgency"), "signal": _("Signal")}
    return parts[kind]


def list_label(name: str) -> str:
    """The name of one of the desk's lists."""
    lists = {
        "waiting": _("Waiting"),
        "mine": _("Mine"),
        "colleagues": _("Colleagues"),
        "assistant": _("With the assistant"),
        "resolved": _("Resolved"),
    }
    return lists[name]


def status_label(status: str) -> str:
    """Who holds a conversation."""
    statuses = {
        "assistant": _("With the assistant"),
        "waiting": _("Waiting"),
        "agent": _("With an agent"),
        "resolved": _("Resolved"),
    }
    return statuses.get(status, _readable(status))


def resolution_label(resolution: str) -> str:
    return {"unconfirmed": _("not confirmed"), "confirmed": _("confirmed by the customer")}.get(resolution, resolution)
