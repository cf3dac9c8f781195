"""What all acts of agents are made of. The caller holds the conversation's row lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.message import Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.after_wish import do_carry_over
from kulanz.desk.beside_models import Closed, Closing, ReadyText
from kulanz.desk.handover import do_end_handover, do_hand_over, open_handover, publish_conversation
from kulanz.desk.models import Handover
from kulanz.desk.notes import do_note
from kulanz.inbox.attachments import as_file, do_send_along
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Attachment, Conversation, Message, Status
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record
from kulanz.turns.after_mail import do_mail
from kulanz.turns.open_flows import asking
from kulanz.turns.replies import stamped

WITHOUT_QUESTION = (Closing.SPAM, Closing.DUPLICATE)
"""Whoever sent these is not asked whether their matter is solved."""


def actor(agent: User | None) -> str:
    return f"agent:{agent.pk}" if agent else "agent"


def check_free(conversation: Conversation, agent: User) -> None:
    """Raises InvalidInput that names the other agent who holds the conversation."""
    holder = conversation.agent
    if conversation.status == Status.AGENT and holder is not None and holder.pk != agent.pk:
        raise InvalidInput(_("{name} is looking after this conversation.").format(name=holder.name))


def check_may_take(conversation: Conversation, agent: User) -> None:
    """As `check_free`, but whoever may take from others may: nobody could help the customers of somebody who went
    home otherwise."""
    if not agent.may_take_from_others:
        check_free(conversation, agent)


def take(conversation: Conversation, agent: User) -> bool:
    """Gives the conversation to the agent; True if it was not theirs before."""
    if conversation.status == Status.AGENT and conversation.agent_id == agent.pk:
        return False
    before = conversation.agent_id if conversation.status == Status.AGENT else None
    handover = _give(conversation, agent)
    record(actor(agent), "accepted", conversation.id, handover=str(handover.id), taken_from=before)
    return True


def _give(conversation: Conversation, agent: User) -> Handover:
    conversation.status, conversation.agent = Status.AGENT, agent
    conversation.resolution, conversation.resolved_at = "", None
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])
    now = timezone.now()
    known = open_handover(conversation)
    handover = known or Handover(conversation=conversation, reason="agent", team=agent.team, requested_at=now)
    handover.state, handover.agent, handover.accepted_at = Handover.State.ACCEPTED, agent, now
    handover.save()
    if known is None:
        do_carry_over(handover)
    return handover


def say_who_is_there(conversation: Conversation, agent: User) -> None:
    with translation.override(conversation.language):
        text = _("{name} is now looking after you.").format(name=agent.name)
    notify(conversation, text)


def do_say(
    conversation: Conversation, agent: User | None, text: str, key: str, files: Sequence[Attachment] = ()
) -> Message:
    """The agent's reply goes out."""
    reply = Reply(text, author="agent", files=tuple(map(as_file, files)))
    message = say(conversation, reply, agent=agent, client_message_id=key)
    do_send_along(files, message)
    do_mail(conversation, message)
    record(actor(agent), "replied", conversation.id, message=str(message.id))
    return message


def do_close(conversation: Conversation, agent: User, why: str) -> None:
    """Resolved, for this reason; still *unconfirmed*, because silence is no yes."""
    conversation.agent = agent
    do_settle(conversation, "unconfirmed")
    Closed.objects.update_or_create(
        conversation=conversation, defaults={"agent": agent, "why": why, "at": timezone.now()}
    )
    if why not in WITHOUT_QUESTION:
        with translation.override(conversation.language):
            text = _(
                "Is your matter solved? Please tell us with one click, or simply write on if something is missing."
            )
        notify(conversation, text)
    record(actor(agent), "resolved", conversation.id, resolution="unconfirmed", why=why)


def do_pass_on(conversation: Conversation, agent: User, to: User | Team, note: str, key: str) -> None:
    """The conversation goes to a colleague, who finds it among their mentions, or to a team's queue; the customer is
    told who looks after them now."""
    end_flow(conversation)
    if isinstance(to, User):
        _give(conversation, to)
        say_who_is_there(conversation, to)
    else:
        do_end_handover(conversation)
        sentence = do_hand_over(conversation, "transfer", conversation.language, actor="agent", team=to)[1]
        notify(conversation, sentence)
    do_note(conversation, agent, note, key, passed_to=to if isinstance(to, User) else to.name)
    kind = "colleague" if isinstance(to, User) else "team"
    record(actor(agent), "passed_on", conversation.id, to=f"{kind}:{to.pk}")


def do_macro(conversation: Conversation, agent: User, macro: ReadyText, key: str) -> None:
    """What the macro does besides its text, after the reply that it was used for."""
    if macro.then == ReadyText.Then.TEAM and macro.team is not None:
        do_pass_on(conversation, agent, macro.team, macro.note, f"macro-{key}"[:80])
        return
    if macro.note:
        do_note(conversation, agent, macro.note, f"macro-{key}"[:80])
    if macro.then == ReadyText.Then.RESOLVE:
        do_close(conversation, agent, macro.closing)


def do_settle(conversation: Conversation, resolution: str) -> None:
    """Closes the conversation as *unconfirmed* or *confirmed*. The caller holds its row lock and publishes it."""
    do_end_handover(conversation)
    end_flow(conversation)
    conversation.status, conversation.resolution = Status.RESOLVED, resolution
    conversation.resolved_at = timezone.now()
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])


def end_flow(conversation: Conversation) -> None:
    """A question of the assistant that is still open must not catch what the customer tells a person."""
    asking(conversation).update(outcome="handed_over")


def known_reply(conversation: Conversation, agent: User, key: str, text: str) -> Message | None:
    """The message that was sent under this key. Raises InvalidInput where it is somebody else's, or has other words:
    whoever changed their text after a lost answer must not think that the new one was sent."""
    known = Message.objects.filter(conversation=conversation, client_message_id=key).first()
    if known and (known.agent_id != agent.pk or known.text != text):
        raise InvalidInput(_("This message key has been used already. Please reload the page."))
    return known


def notify(conversation: Conversation, text: str) -> Message:
    """A notice of the system; one that the customer has read before is said with the time."""
    text = stamped(text, load_timeline(conversation), timezone.now())
    return say(conversation, Reply(text, author="system"))


def say(conversation: Conversation, reply: Reply, **fields: Any) -> Message:
    message = do_append(conversation, reply, **fields)
    do_send(conversation.id, conversation.channel, message_json(message))
    return message


def tell(conversation: Conversation) -> None:
    publish_conversation(conversation)
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})
