"""An agent's reply also goes out by e-mail, where the customer has asked for that."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.channels.registry import register
from kulanz.core.errors import PermanentError, TransientError
from kulanz.delivery.models import OutboxItem
from kulanz.delivery.outbox import do_queue
from kulanz.desk.after_models import ReplyWish
from kulanz.desk.after_rating import rating_address
from kulanz.inbox.models import Conversation, Message

NAME = "reply_mail"


class ReplyMail:
    """Takes one text to one address. Nothing comes back this way: e-mail is no channel to write to us yet."""

    name, streams = NAME, False

    def send(self, key: str, payload: dict[str, Any]) -> None:
        """Raises TransientError while the mail server can't be reached, PermanentError where it refuses the address."""
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
        headers = {"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"}
        try:
            EmailMessage(payload["subject"], payload["text"], to=[payload["to"]], headers=headers).send()
        except SMTPRecipientsRefused as error:
            raise PermanentError("the mail server refuses the address") from error
        except OSError as error:  # smtplib's other errors are of this kind
            raise TransientError(f"the mail server can't be reached: {type(error).__name__}") from error


register(ReplyMail())


def do_mail(conversation: Conversation, message: Message) -> None:
    """Puts the agent's reply on its way by e-mail, in the caller's transaction: once, with retries. Nothing where no
    such wish is open."""
    wishes = ReplyWish.objects.filter(handover__conversation=conversation, kind=ReplyWish.Kind.EMAIL)
    wish = wishes.filter(settled_at__isnull=False).exclude(handover__state="ended").first()
    if wish is None or not settings.EMAIL_HOST or not message.text:
        return
    letter = _letter(conversation, message, wish.email)
    item = OutboxItem.objects.create(key=f"mail-{message.pk}", message=message, channel=NAME, payload=letter)
    do_queue(item, conversation.pk)


def _letter(conversation: Conversation, message: Message, to: str) -> dict[str, Any]:
    with override(conversation.language):
        subject = _("Your message to us")
        subject = f"{subject} – {settings.BRAND_NAME}" if settings.BRAND_NAME else subject
        name = message.agent.name if message.agent else ""
        notes = [_("Please don't reply to this e-mail; you can write to us in the chat.")]
        if message.files:
            notes.append(_("Files that belong to it can be seen in the chat."))
        notes.append(_("Was it solved, and how was it? Tell us here: {address}").format(
            address=rating_address(conversation)
        ))  # fmt: skip
    text = "\n\n".join(filter(None, [message.text, name, "-- \n" + "\n".join(notes)]))
    return {"to": to, "subject": subject, "text": text}
