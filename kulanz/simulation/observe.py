"""What the assistant did in a turn, read from what was stored: decision, flow, sources, actions, status."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kulanz.core.flow import Ask, Confirm
from kulanz.decision.models import StoredDecision
from kulanz.flows.definitions import active_flows, stored_definition
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
    calls = ActionCall.objects.filter(conversation=conversation, status="done").order_by("created_at")[calls_before:]
    return Seen(
        kind=stored.kind if stored else "",
        subject=stored.data["subject"] if stored else "",
        reasons=tuple(r["code"] for r in stored.data["reasons"]) if stored else (),
        articles=_keys({s["article_id"] for m in replies for s in m.sources}),
        suggested=_suggested(stored),
        done=tuple((c.action, _about(c.arguments)) for c in calls if c.undoes_id is None),
        undone=tuple((c.action, _about(c.arguments)) for c in calls if c.undoes_id),
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
    flows = tuple((f.name, t) for f in active_flows().values() for t in f.title.values() if t in titles)
    return (*flows, *Article.objects.filter(title__in=titles).values_list("key", "title"))


def _about(value: Any) -> tuple[str, ...]:
    """Every single value inside."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return tuple(text for one in value for text in _about(one))
    return (str(value),)


def _flow(conversation: Conversation, before: Seen | None) -> dict[str, Any]:
    """The flow that waits now, or the one that ended in this turn."""
    run = FlowRun.objects.filter(conversation=conversation).order_by("-created_at").first()
    if run is None:
        return {}
    definition = stored_definition(run.flow, run.version)
    values = tuple(str(v) for v in run.state.get("known", {}).values())
    values += tuple(str(a["value"]) for a in run.state.get("log", ()) if isinstance(a, dict) and "value" in a)
    if run.outcome:
        fresh = before is None or before.run != str(run.pk) or bool(before.awaits)
        return {"run": str(run.pk), "flow": run.flow, "outcome": run.outcome if fresh else "", "values": values}
    question = open_question(definition, run.state)
    seen = {"run": str(run.pk), "flow": run.flow, "values": values}
    if isinstance(question, Confirm):
        call = question.call
        return seen | {"awaits": "confirm", "confirms": call.action, "values": values + _about(call.arguments)}
    if not isinstance(question, Ask):
        return seen
    choices = tuple((str(c.value), c.label[conversation.language]) for c in question.choices)
    return seen | {"awaits": question.slot.name, "entity": question.slot.entity, "choices": choices}
