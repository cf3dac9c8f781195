"""A stored decision in words: plain ones for customers. Pure functions over what was stored at the time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def reason_text(reason: dict[str, Any]) -> str:
    """One reason as a sentence."""
    detail = reason.get("detail", "")
    texts = {
        "agent_holds": _("A member of our team is answering this conversation."),
        "already_waiting": _("You are already waiting for a member of our team."),
        "wants_person": _("You asked for a person."),
        "button": _("You pressed “Speak to a person”."),
        "sensitive": _("This matter belongs to a person, not to an assistant."),
        "people_only": _("Our rules say that people handle this kind of matter."),
        "angry": _("You are annoyed, and that should reach a person."),
        "stops": _("You asked to stop."),
        "answers_open_question": _("Your message answered the assistant's question."),
        "intent": _("The assistant understood what you want and has a procedure for it."),
        "flow_unclear": _("Your message did not answer the assistant's question."),
        "thanks": _("You said thank you."),
        "says_bye": _("You said goodbye."),
        "greets": _("You said hello."),
        "failed_tries": _("The assistant had tried several times without success."),
        "passage": _("The article “{title}” answers your question.").format(title=detail),
        "ambiguous": _("Several articles came close, none closely enough."),
        "unclear": _("The assistant was not sure enough what you meant."),
        "no_answer": _("The assistant understood you, but no article of ours answers it."),
        "would_repeat": _("The assistant would only have repeated itself."),
        "system_down": _("Our order system did not answer."),
        "outcome_unknown": _("It is not certain whether the action was carried out; a person checks it."),
        "action_failed": _("The action was refused by our order system."),
        "internal_error": _("Something went wrong on our side."),
        **_more_reasons(),
    }
    code: str = reason["code"]
    return texts.get(code, code)


def _more_reasons() -> dict[str, str]:
    return {
        "confirms_success": _("You said that it is solved."),
        "small_talk": _("You were just chatting."),
        "already_resolved": _("Your matter was solved, and your message asked for nothing."),
        "not_solved": _("You said that it is not solved."),
        "turned_worse": _("It was going worse for you, and that should reach a person."),
        "threatens_to_leave": _("You are thinking of leaving us, and nothing was solved yet."),
        "offers_person": _("So the reply offers you a person."),
        "model_proposed": _("A language model proposed what you meant; nothing is changed without your own yes."),
        "corrects": _("You corrected something that you had said before."),
        "hesitates": _("You hesitated, so the assistant asks plainly before it changes anything."),
        "above_limit": _("Our rules say that people decide on an amount of this size."),
        "act_for_people": _("In this matter the assistant may answer, but only people may act."),
        "chosen": _("You chose it from what the assistant offered."),
        "closest_articles": _("Without what it asked for the assistant could only show the closest articles."),
        "closest_article": _("Without what it asked for the assistant could only show the closest article."),
        "outside_hours": _("Nobody was there to ask, so the assistant showed the closest article."),
        "customer_group": _("Our rules have limits of their own for your situation."),
        "several_wishes": _("You asked for several things; none of them is forgotten."),
        "undoes": _("You asked to take back what was done."),
        "undo_too_late": _("What was done can't be taken back by the assistant any more."),
        "not_verified": _("For this we must be surer of who you are."),
        "too_often": _("This was done several times today already, so a person looks at it."),
        "answer_refused": _("Your answers did not fit what is possible, so a person looks at it."),
        "nothing_to_choose": _("There was nothing to choose from, so a person looks at it."),
        "flow_begun": _("A procedure was begun for you from our side."),
        "flow_event": _("What the assistant was waiting for has happened."),
        "flow_late": _("What the assistant was waiting for did not happen in time."),
        "flow_approved": _("A person has approved what you asked for."),
        "flow_changed": _("A person has looked at what you asked for and suggests something else."),
        "flow_declined": _("A person has looked at what you asked for and does not approve it."),
        "flow_expired": _("Nobody has decided on what you asked for in time."),
        "approval_waits": _("You asked about something that a person is looking at."),
        "busy": _("What was asked next had to wait, so a person goes on."),
        "withdrawn": _("You took back what a person had not approved yet."),
        "further_wish": _("One of the things you asked for needs a person."),
        "files_alone": _("You sent a file without words, so the assistant asks what it is about."),
    }


def rule_texts(policy: str, decision: dict[str, Any]) -> list[str]:
    """The rules that the decision was made under, and what they kept from happening."""
    lines = [_("Rules, version {version}").format(version=policy)]
    for alternative in decision.get("alternatives", []):
        if alternative["rejected_because"] == "not_sure_enough":
            lines.append(
                _("Considered, but not certain enough: {subject} ({percent} %)").format(
                    subject=alternative["subject"], percent=round(alternative["score"] * 100)
                )
            )
        elif alternative["rejected_because"] == "not_allowed":
            lines.append(_("Our rules leave this to people: {subject}").format(subject=alternative["subject"]))
    return lines


def understood(reading: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """What was understood and from which words, as lines {label, value, words}."""
    lines = []
    accepted = reading["intents"][:1] if not reading["rejected"] else []
    for wish in reading.get("wishes") or accepted:
        lines.append(_line(_("Your wish"), names.get(wish["value"], wish["value"].replace("_", " ")), wish))
    for entity in reading["entities"]:
        lines.append(
            {
                "label": entity_name(entity["kind"]) or entity["kind"],
                "value": entity["value"],
                "words": [entity["evidence"]["text"]],
            }
        )
    if reading["emotion"]["value"] != "neutral":
        lines.append(_line(_("Mood"), _emotion(reading["emotion"]["value"]), reading["emotion"]))
    if reading["urgency"]["value"] == "high":
        lines.append(_line(_("Urgency"), _("high"), reading["urgency"]))
    languages = {"de": _("German"), "en": _("English")}
    code = reading["language"]["value"]
    lines.append(_line(_("Language"), languages.get(code, code), reading["language"]))
    return lines


def _line(label: str, value: str, finding: dict[str, Any]) -> dict[str, Any]:
    return {"label": label, "value": value, "words": [e["text"] for e in finding["evidence"]]}


def entity_name(kind: str) -> str:
    """An entity's kind in the active language; empty for one without a name."""
    return {
        "order_number": _("Order number"),
        "invoice_number": _("Invoice number"),
        "customer_number": _("Customer number"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "money": _("Amount"),
        "date": _("Date"),
        "iban": _("IBAN"),
        "card": _("Card number"),
        "quantity": _("Quantity"),
        "address": _("Address"),
    }.get(kind, "")


def _emotion(value: str) -> str:
    return {
        "frustrated": _("annoyed"),
        "disappointed": _("disappointed"),
        "worried": _("worried"),
        "confused": _("confused"),
        "pleased": _("pleased"),
    }.get(value, value)
