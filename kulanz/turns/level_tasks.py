"""The job of the service levels: once a minute, tell the desks what is about to be broken."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from kulanz.desk.levels import do_follow, do_warn, not_followed
from kulanz.inbox.conversations import access_conversation

WARN = "warn_of_levels"
NAMES = (WARN,)
AT_ONCE = 200  # older conversations taken up in one go


@app.periodic(cron="* * * * *")
@app.task(name=WARN, queue="turns", lock=WARN, queueing_lock=WARN)
def warn_of_levels(timestamp: int) -> None:  # noqa: ARG001
    """Two looks at indexes, however many conversations there are."""
    for conversation_id in not_followed().values_list("pk", flat=True)[:AT_ONCE]:
        with transaction.atomic():
            do_follow(access_conversation(conversation_id, None, lock=True))
    do_warn(timezone.now())
