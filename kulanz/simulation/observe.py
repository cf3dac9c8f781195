"""What the assistant did in a turn, read from what was stored: decision, flow, sources, actions, status."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kulanz.core.flow import Ask, Confirm
from kulanz.decision.models import StoredDecision
from kulanz.flows.definitions import stored_definition
from kulanz.flows.models import ActionCall, FlowRun
from kulanz.flows.runner import open_question
from kulanz.inbox.models import Conversation, Message
from kulanz.knowledge.models import Article
from kulanz.simulation.scenario import Seen


def observe(conversation_id: UUID, message_id: UUID, before: Seen | None, calls_before: int) -> Seen:
    """The turn that answered this message of the customer. `before` is the turn before it."""
    conversation = Conversation.objects.get(pk=conversation_id)
    stored = StoredDecision.objects.filter(message_id=message_id).first()
    asked = Message.objects.get(pk=message_id)
    replies = list(Message.objects.filter(conversation=conversation, seq__gt=asked.seq).order_by("seq"))
    done = ActionCall.objects.filter(conversation=conversation, status="done").order_by("created_at")
    return Seen(
        kind=stored.kind if stored else "",
        subject=stored.data["subject"] if stored else "",
        reasons=tuple(r["code"] for r in stored.data["reasons"]) if stored else (),
        articles=_keys({s["article_id"] for m in replies for s in m.sources}),
        suggested=_suggested(stored),
        done=tuple((c.action, _about(c.arguments)) for c in done[calls_before:]),
        holder=conversation.status,
        replies=tuple((m.author, m.text) for m in replies),
        **_flow(conversation, before),
    )


def _keys(article_ids: set[str]) -> tuple[str, ...]:
    if not article_ids:
        return ()
    return tuple(Article.objects.filter(pk__in=article_ids).order_by("key").values_list("key", flat=True))


def _suggested(stored: StoredDecision | None) -> tuple[tuple[str, str], ...]:
    titles = stored.data.get("suggestions", ()) if stored else ()
    if not titles:
        return ()
    return tuple(Article.objects.filter(title__in=titles).values_list("key", "title"))


def _about(values: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(v) for v in values.values())


def _flow(conversation: Conversation, before: Seen | None) -> dict[str, Any]:
    """The flow that waits now, or the one that ended in this turn."""
    run = FlowRun.objects.filter(conversation=conversation).order_by("-created_at").first()
    if run is None:
        return {}
    definition = stored_definition(run.flow, run.version)
    values = tuple(str(v) for v in run.state.get("known", {}).values())
    values += tuple(v for v in run.state.get("log", ()) if isinstance(v, str))
    if run.outcome:
        fresh = before is None or before.flow != str(run.flow) or bool(before.awaits)
        return {"flow": run.flow, "outcome": run.outcome if fresh else "", "values": values}
    question = open_question(definition, run.state)
    awaits = question.slot.name if isinstance(question, Ask) else "confirm" if isinstance(question, Confirm) else ""
    entity = question.slot.entity if isinstance(question, Ask) else ""
    return {"flow": run.flow, "awaits": awaits, "entity": entity, "values": values}
