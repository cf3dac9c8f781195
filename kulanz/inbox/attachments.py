"""Files that customers and agents send: uploaded first, then sent with a message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.files import File
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Attachment, Conversation, Message
from kulanz.trust.uploads import Checked, check_file, safe_name

MOST_FILES = 5
"""Of one message."""
MOST_OF_CONVERSATION = 60
"""Files; whoever needs more is helped by other means than a chat."""
MOST_BYTES_OF_CONVERSATION = 100_000_000
KEPT_UNSENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: what the sender calls it, and its content."""

    name: str
    data: bytes


def do_upload(conversation_id: UUID, token: str | None, upload: Upload) -> Attachment:
    """Keeps a customer's file until it is sent; the same one twice is kept once. Raises InvalidInput for what is no
    picture and no PDF, and for too much; NotFound where the token does not open the conversation."""
    access_conversation(conversation_id, token)  # nobody else's files are looked at
    checked = check_file(upload.data)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token, lock=True)
        unsent = conversation.attachments.filter(message=None, uploaded_by=Attachment.By.CUSTOMER)
        same = {"checksum": _checksum(checked), "name": safe_name(upload.name, checked.kind)}
        if known := unsent.defer("data").filter(**same).first():
            return known
        return _do_keep(conversation, upload.name, checked, Attachment.By.CUSTOMER)


def check_uploads(uploads: Sequence[Upload]) -> list[tuple[str, Checked]]:
    """An agent's files with their names, ready to be sent. Raises InvalidInput. Takes time: no lock should be held."""
    if len(uploads) > MOST_FILES:
        raise InvalidInput(_("A message may have {n} files.").format(n=MOST_FILES))
    return [(upload.name, check_file(upload.data)) for upload in uploads]


def do_keep_for_agent(conversation: Conversation, checked: Iterable[tuple[str, Checked]]) -> list[Attachment]:
    """Keeps an agent's files. The caller holds the conversation's row lock and sends them in the same transaction."""
    return [_do_keep(conversation, name, file, Attachment.By.AGENT) for name, file in checked]


def _do_keep(conversation: Conversation, name: str, checked: Checked, by: Attachment.By) -> Attachment:
    held = conversation.attachments.aggregate(files=Count("pk"), bytes=Sum("size"))
    if held["files"] >= MOST_OF_CONVERSATION or (held["bytes"] or 0) + len(checked.data) > MOST_BYTES_OF_CONVERSATION:
        raise InvalidInput(_("This conversation has as many files as it can hold. Please describe the rest in words."))
    return Attachment.objects.create(
        conversation=conversation, uploaded_by=by, name=safe_name(name, checked.kind), kind=checked.kind,
        size=len(checked.data), width=checked.width, height=checked.height, checksum=_checksum(checked),
        data=checked.data,
    )  # fmt: skip


def _checksum(checked: Checked) -> str:
    return hashlib.sha256(checked.data).hexdigest()


def unsent_of_customer(conversation: Conversation, ids: Sequence[str]) -> list[Attachment]:
    """The customer's uploads of these ids, in this order, for a message that is about to be stored under the row lock.
    Raises InvalidInput where one is not there any more, belongs to another message, or there are too many."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_FILES:
        raise InvalidInput(_("A message may have {n} files.").format(n=MOST_FILES))
    query = conversation.attachments.filter(message=None, uploaded_by=Attachment.By.CUSTOMER, pk__in=wanted)
    found = {str(attachment.pk): attachment for attachment in query.defer("data")}
    if len(found) < len(wanted):
        raise InvalidInput(_("A file is not there any more. Please add it again."))
    return [found[pk] for pk in wanted]


def do_send_along(attachments: Iterable[Attachment], message: Message) -> None:
    """From here on the files belong to the message."""
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments]).update(message=message)


def as_file(attachment: Attachment) -> File:
    """What messages, flows and decisions know of it."""
    return File(
        str(attachment.pk), attachment.name, attachment.kind, attachment.size, attachment.width, attachment.height
    )


def access_attachment(attachment_id: UUID, token: str | None) -> Attachment:
    """The file with its content, for whoever may read its conversation (`token` as in `access_conversation`). Raises
    NotFound; whether it exists is nobody else's business."""
    found = Attachment.objects.filter(pk=attachment_id).first()
    try:
        if found is None:
            raise NotFound
        access_conversation(found.conversation_id, token)
    except NotFound as error:
        raise NotFound("There is no such file, or this token does not open it.") from error
    return found


def do_forget_unsent(now: datetime) -> int:
    """Deletes what was uploaded and not sent within a day, unless it is part of an agent's reply that is held back for
    a moment; returns how much."""
    return Attachment.objects.filter(message=None, held_by=None, created_at__lt=now - KEPT_UNSENT).delete()[0]
