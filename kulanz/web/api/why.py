"""Why the assistant wrote a message, in plain words, from what was stored at the time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import override

from kulanz.core.errors import NotFound
from kulanz.decision.explain import reason_text, rule_texts, understood
from kulanz.flows.definitions import active_flows
from kulanz.inbox.models import Conversation, Message


def why(conversation: Conversation, message_id: UUID, language: str) -> dict[str, Any]:
    """Raises NotFound for a message that the assistant did not decide on."""
    message = (
        Message.objects.filter(conversation=conversation, pk=message_id)
        .select_related("decision_behind__message__reading")
        .first()
    )
    decided: Any = getattr(message, "decision_behind", None)
    if message is None or decided is None:
        raise NotFound("There is nothing to explain: the assistant did not decide on this message.")
    reading: Any = getattr(decided.message, "reading", None)
    with override(language if language in {"de", "en"} else "en"):
        names = {i: f.title.get(language, f.name) for f in active_flows().values() for i in f.intents}
        return {
            "understood": understood(reading.data, names) if reading else [],
            "reasons": [reason_text(reason) for reason in decided.data["reasons"]],
            "sources": [{"title": x["title"], "url": x["url"], "quote": x["quote"]} for x in message.sources],
            "rules": rule_texts(decided.policy_version, decided.data),
            "policy_version": decided.policy_version,
            "decided_at": decided.created_at,
        }
