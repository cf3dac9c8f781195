"""Codes in words for agents: intents, entities, emotions, reasons. All in the active language."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_info, gettext_noop
from django.utils.translation import gettext as _

from kulanz.decision.explain import entity_name
from kulanz.flows.definitions import handover_labels

INTENTS = (
    gettext_noop("order status"),
    gettext_noop("product question"),
    gettext_noop("cancel order"),
    gettext_noop("change address"),
    gettext_noop("return item"),
    gettext_noop("refund status"),
    gettext_noop("exchange item"),
    gettext_noop("damaged item"),
    gettext_noop("wrong item"),
    gettext_noop("missing item"),
    gettext_noop("invoice copy"),
    gettext_noop("double charge"),
    gettext_noop("payment failed"),
    gettext_noop("payment methods"),
    gettext_noop("shipping cost"),
    gettext_noop("delivery time"),
    gettext_noop("delivery abroad"),
    gettext_noop("delivery slot"),
    gettext_noop("subscription pause"),
    gettext_noop("subscription cancel"),
    gettext_noop("subscription change"),
    gettext_noop("change email"),
    gettext_noop("password reset"),
    gettext_noop("voucher"),
    gettext_noop("loyalty points"),
    gettext_noop("warranty"),
    gettext_noop("contact hours"),
    gettext_noop("data privacy"),
    gettext_noop("complaint"),
    gettext_noop("gift wrap"),
    gettext_noop("refund request"),
    gettext_noop("machine trouble"),
    gettext_noop("technician visit"),
)
"""The intents that come with a translation; any other is shown by its own name."""
TIERS = (
    gettext_noop("self harm"),
    gettext_noop("death"),
    gettext_noop("health"),
    gettext_noop("threats"),
    gettext_noop("law"),
    gettext_noop("fraud"),
    gettext_noop("contracts"),
    gettext_noop("privacy"),
    gettext_noop("money"),
)
"""The risks that the default policy names; any other is shown by its own name."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMOTIONS = {
    "frustrated": gettext_noop("frustrated"),
    "disappointed": gettext_noop("disappointed"),
    "worried": gettext_noop("worried"),
    "confused": gettext_noop("confused"),
    "pleased": gettext_noop("pleased"),
    "neutral": gettext_noop("calm"),
}
_URGENCIES = {
    "critical": gettext_noop("critical"),
    "high": gettext_noop("urgent"),
    "normal": gettext_noop("normal"),
    "low": gettext_noop("no hurry"),
}
_DECISIONS = {
    "answer": gettext_noop("Answered"),
    "ask": gettext_noop("Asked back"),
    "act": gettext_noop("Acted"),
    "hand_over": gettext_noop("Handed over"),
    "stay_silent": gettext_noop("Stayed silent"),
}
SIGNALS = {
    "wants_person": gettext_noop("wants a person"),
    "affirms": gettext_noop("says yes"),
    "denies": gettext_noop("says no"),
    "thanks": gettext_noop("says thank you"),
    "greets": gettext_noop("greets"),
    "says_bye": gettext_noop("says goodbye"),
    "not_helped": gettext_noop("was not helped"),
    "stops": gettext_noop("wants to stop"),
    "complains": gettext_noop("complains"),
    "confirms_success": gettext_noop("says that it is solved"),
    "hesitates": gettext_noop("hesitates"),
    "threatens_to_leave": gettext_noop("threatens to leave"),
    "refers_back": gettext_noop("refers to what was said before"),
    "corrects": gettext_noop("corrects something said before"),
    "small_talk": gettext_noop("makes small talk"),
    "sarcastic": gettext_noop("friendly words, meant otherwise"),
    "commands_assistant": gettext_noop("gives orders to the assistant (not obeyed)"),
    "undoes": gettext_noop("takes back what was done"),
    "asks_terms": gettext_noop("asks for the terms"),
}
_SENTIMENTS = {
    "positive": gettext_noop("positive"),
    "neutral": gettext_noop("neutral"),
    "negative": gettext_noop("negative"),
}
_REASONS = {
    "no_answer": gettext_noop("Understood, but no article answers it."),
    "agent_holds": gettext_noop("An agent holds the conversation."),
    "wants_person": gettext_noop("The customer wants to speak to a person."),
    "already_waiting": gettext_noop("The customer is waiting for a person already."),
    "already_resolved": gettext_noop("The matter is resolved, and the message asks for nothing."),
    "not_solved": gettext_noop("The customer says that it is not solved."),
    "sensitive": gettext_noop("A sensitive matter, which belongs to people."),
    "people_only": gettext_noop("The rules leave this matter to people."),
    "angry": gettext_noop("The customer is angry."),
    "stops": gettext_noop("The customer wants to stop."),
    "answers_open_question": gettext_noop("The message answers an open question."),
    "model_proposed": gettext_noop("A language model proposed this value; it was checked against the words."),
    "intent": gettext_noop("The customer's wish was recognised."),
    "flow_unclear": gettext_noop("The message did not answer the open question."),
    "thanks": gettext_noop("The customer says thank you."),
    "says_bye": gettext_noop("The customer says goodbye."),
    "greets": gettext_noop("The customer greets."),
    "failed_tries": gettext_noop("The assistant's attempts did not help."),
    "passage": gettext_noop("An article answers the question."),
    "ambiguous": gettext_noop("Several matters are possible."),
    "unclear": gettext_noop("The matter was not understood."),
    "would_repeat": gettext_noop("The assistant would only have repeated itself."),
    "system_down": gettext_noop("The back office did not answer."),
    "outcome_unknown": gettext_noop("It is not certain whether the action took place."),
    "action_failed": gettext_noop("The back office refused the action."),
    "internal_error": gettext_noop("Something went wrong in Kulanz."),
    "confirms_success": gettext_noop("The customer says that it is solved."),
    "small_talk": gettext_noop("The customer makes small talk."),
    "turned_worse": gettext_noop("The customer's mood has clearly sunk."),
    "threatens_to_leave": gettext_noop("The customer threatens to leave, and nothing is solved yet."),
    "offers_person": gettext_noop("The reply offers a person."),
    "corrects": gettext_noop("The customer corrects what they said before."),
    "hesitates": gettext_noop("The customer hesitates, so the assistant asks plainly before it acts."),
    "above_limit": gettext_noop("The amount is above what the assistant may decide on."),
    "act_for_people": gettext_noop("In this matter the assistant may answer, but not act."),
    "chosen": gettext_noop("The customer chose it from what was offered."),
    "closest_articles": gettext_noop("The flow's question was not answered, so articles are offered to choose from."),
    "closest_article": gettext_noop("The flow's question was not answered, so an article is shown as unsure."),
    "outside_hours": gettext_noop("Nobody is there, so an article is shown as unsure."),
    "customer_group": gettext_noop("Other limits hold for this customer."),
    "several_wishes": gettext_noop("The message holds several wishes."),
    "further_wish": gettext_noop("A further wish of the customer needs a person."),
    "undoes": gettext_noop("The customer takes back what was done."),
    "undo_too_late": gettext_noop("What was done can't be undone by the assistant any more."),
    "not_verified": gettext_noop("It is not certain enough who the customer is."),
    "too_often": gettext_noop("The action's limit for today is reached."),
    "answer_refused": gettext_noop("The back office accepted none of the answers."),
    "nothing_to_choose": gettext_noop("The back office offered nothing to choose from."),
    "flow_begun": gettext_noop("A flow was begun from outside."),
    "flow_event": gettext_noop("The event that the flow waited for has happened."),
    "flow_late": gettext_noop("The event that the flow waited for did not happen in time."),
    "flow_approved": gettext_noop("A person approved the action."),
    "flow_changed": gettext_noop("A person changed the action before approving it."),
    "flow_declined": gettext_noop("A person refused the action."),
    "flow_expired": gettext_noop("Nobody decided on the approval in time."),
    "approval_waits": gettext_noop("The action waits for approval."),
    "busy": gettext_noop("The flow's next question came while another flow was open."),
    "withdrawn": gettext_noop("The customer took the request back before it was approved."),
    "files_alone": gettext_noop("The customer sent a file without words."),
}
_HANDOVERS = {
    "button": gettext_noop("Asked for a person by the button"),
    "wish": gettext_noop("Asked for a person"),
    "not_solved": gettext_noop("Says that it is not solved"),
    "transfer": gettext_noop("Passed on by a colleague"),
    "assistant_stopped": gettext_noop("The assistant is stopped"),
    "sensitive": gettext_noop("Sensitive matter"),
    "people_only": gettext_noop("Matter for people only"),
    "anger": gettext_noop("Angry"),
    "failed_tries": gettext_noop("The assistant could not help"),
    "not_understood": gettext_noop("Not understood"),
    "no_answer": gettext_noop("No article answers it"),
    "would_repeat": gettext_noop("The assistant could not help"),
    "system_down": gettext_noop("Back office down"),
    "outcome_unknown": gettext_noop("Outcome of an action unknown"),
    "action_failed": gettext_noop("Action refused"),
    "internal_error": gettext_noop("Internal error"),
    "agent": gettext_noop("Taken over by an agent"),
    "turned_worse": gettext_noop("Mood has sunk"),
    "above_limit": gettext_noop("Amount above the limit"),
    "act_for_people": gettext_noop("Act for people only"),
    "further_wish": gettext_noop("A further wish is left"),
    "flow_unclear": gettext_noop("Not understood"),
    "busy": gettext_noop("Question of a second flow"),
    "undo_too_late": gettext_noop("Undo after its time"),
    "not_verified": gettext_noop("Identity not certain"),
    "too_often": gettext_noop("Limit of the day reached"),
    "answer_refused": gettext_noop("Answers not accepted"),
    "nothing_to_choose": gettext_noop("Nothing to choose from"),
}
_REFUSALS = {
    "not_asked": gettext_noop("this was not asked"),
    "not_said": gettext_noop("these words are not in the message"),
    "not_in_words": gettext_noop("the value is not in these words"),
    "unreadable": gettext_noop("it is no value of this kind"),
    "not_offered": gettext_noop("this answer was not offered"),
    "other_number": gettext_noop("the words name another number"),
    "check_failed": gettext_noop("the flow's check does not allow it"),
    "alone": gettext_noop("the open question itself was not answered"),
}
_REJECTIONS = {
    "already_quoted": gettext_noop("the customer has read it already"),
    "outranked": gettext_noop("something else came first"),
    "not_sure_enough": gettext_noop("not sure enough"),
    "not_allowed": gettext_noop("the rules leave it to people"),
    "person_first": gettext_noop("a person came first"),
    "questions_used_up": gettext_noop("enough questions have been asked in this conversation"),
    "asked_just_now": gettext_noop("a question was asked just now"),
    "clear_enough": gettext_noop("it was clear enough without a question"),
    "question_first": gettext_noop("one question first"),
    "offered_instead": gettext_noop("the reply offers it instead"),
    "not_needed": gettext_noop("the assistant could do it"),
}
_ACTION_STATES = {
    "done": gettext_noop("done"),
    "refused": gettext_noop("refused"),
    "unknown": gettext_noop("outcome unknown"),
    "started": gettext_noop("not finished"),
}


def _readable(code: str) -> str:
    """A code without an entry, such as an operator's own intent."""
    return code.replace("_", " ")


def intent_label(code: str) -> str:
    name = _readable(code)
    label = _(name) if name in INTENTS or name in TIERS else name
    return label[:1].upper() + label[1:]


def action_label(code: str) -> str:
    return intent_label(code)


def entity_label(kind: str) -> str:
    return entity_name(kind) or intent_label(kind)


def emotion_label(code: str) -> str:
    return _(_EMOTIONS[code]) if code in _EMOTIONS else _readable(code)


def urgency_label(code: str) -> str:
    return _(_URGENCIES[code]) if code in _URGENCIES else _readable(code)


def decision_label(kind: str) -> str:
    return _(_DECISIONS[kind]) if kind in _DECISIONS else _readable(kind)


def signal_label(code: str) -> str:
    return _(SIGNALS[code]) if code in SIGNALS else _readable(code)


def sentiment_label(code: str) -> str:
    return _(_SENTIMENTS[code]) if code in _SENTIMENTS else _readable(code)


def language_label(code: str) -> str:
    """A language by its name in the active language; its code where it has none."""
    try:
        name: str = get_language_info(code)["name_translated"]
    except KeyError:
        return code
    return name


def reason_text(code: str) -> str:
    return _(_REASONS[code]) if code in _REASONS else _readable(code)


_DETAILED = {"intent", "people_only", "sensitive", "flow_unclear", "above_limit", "act_for_people", "no_answer"}
_SAID_ELSEWHERE = {"hesitates", "further_wish"}


def reason_detail(code: str, detail: str) -> str:
    """The detail of a reason in words; empty where it says nothing to an agent."""
    if detail.isdecimal() or code in _SAID_ELSEWHERE:
        return ""
    return intent_label(detail) if detail and code in _DETAILED else detail


def alternative_label(kind: str, subject: str) -> str:
    """What else could have been done."""
    others = {"ask": _("Ask back"), "hand_over": _("Hand over to a person")}
    return others.get(kind) or (action_label(subject) if kind == "act" else subject)


def handover_reason(code: str) -> str:
    if code in _HANDOVERS:
        return _(_HANDOVERS[code])
    return handover_labels().get(code, {}).get((get_language() or "en")[:2]) or _readable(code)


def refusal_text(code: str) -> str:
    """Why a value that a language model proposed was not taken."""
    return _(_REFUSALS[code]) if code in _REFUSALS else _readable(code)


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
    parts = {
        "intent": _("Wish"),
        "emotion": _("Mood"),
        "sentiment": _("Sentiment"),
        "urgency": _("Urgency"),
        "signal": _("Signal"),
        "risk": _("Risk"),
        "language": _("Language"),
    }
    return parts[kind]


def list_label(name: str) -> str:
    """The name of one of the desk's lists."""
    lists = {
        "waiting": _("Waiting"),
        "mine": _("Mine"),
        "unassigned": _("Unassigned"),
        "promised": _("Promised"),
        "at_risk": _("At risk"),
        "open": _("All open"),
        "resting": _("Resting"),
        "colleagues": _("Colleagues"),
        "assistant": _("With the assistant"),
        "resolved": _("Resolved"),
    }
    return lists[name]


def filter_label(name: str) -> str:
    """What a list can be narrowed down by."""
    labels = {
        "channel": _("Channel"),
        "language": _("Language"),
        "tag": _("Tag"),
        "agent": _("Agent"),
        "team": _("Team"),
    }
    return labels[name]


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
    labels = {
        "unconfirmed": _("not confirmed"),
        "confirmed": _("confirmed by the customer"),
        "contacted_again": _("contacted again"),
    }
    return labels.get(resolution, resolution)
