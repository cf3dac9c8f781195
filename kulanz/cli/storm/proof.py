"""What must be true after a storm, looked up in the tables of Kulanz and of the back office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kulanz.cli.storm.customers import Log
from kulanz.cli.storm.product import RunningProduct, until
from kulanz.cli.storm.stock import DOMAIN

ANSWERED_WITHIN = 60.0  # seconds after the last word
OURS = """
    select c.id::text, c.status from inbox_conversation c join inbox_customer k on k.id = c.customer_id
    where k.email like %s"""
UNANSWERED = """
    select c.id::text, c.status, m.text from inbox_conversation c
    join lateral (select * from inbox_message where conversation_id = c.id and author = 'customer'
                  order by seq desc limit 1) m on true
    where c.id = any(%s::uuid[]) and (c.answered_seq < m.seq or (c.status = 'assistant' and not exists
        (select 1 from inbox_message r where r.conversation_id = c.id and r.author <> 'customer' and r.seq > m.seq)))"""
IN_WORK = (
    "select id::text, status, task_name from procrastinate_jobs"
    " where queue_name = 'turns' and status in ('todo', 'doing') and lock = any(%s)"
)
REPEATED = """
    select conversation_id::text, text from inbox_message where author <> 'customer'
    and conversation_id = any(%s::uuid[]) group by 1, 2 having count(*) > 1"""
GAPS = """
    select conversation_id::text from inbox_message where conversation_id = any(%s::uuid[])
    group by 1 having max(seq) <> count(*) or min(seq) <> 1"""
MESSAGES = """
    select conversation_id::text, client_message_id, id::text from inbox_message
    where author = 'customer' and conversation_id = any(%s::uuid[])"""
CALLS = """
    select key, conversation_id::text, action, arguments ->> 'number', status, receipt, attempts from flows_actioncall
    where conversation_id = any(%s::uuid[])"""
ACTED = """
    select key, body::jsonb ->> 'number', operation, body::jsonb from demo_shoprequest
    where body <> '' and body::jsonb ->> 'number' = any(%s)"""
REFUNDED = """
    select p.order_id from demo_shoprefund f join demo_shoppayment p on p.id = f.payment_id
    where p.order_id = any(%s) group by 1 having count(*) > 1"""
MAILED = """
    select subject from demo_shopmail where kind = 'invoice_copy' and "to" like %s group by 1 having count(*) > 1"""
TOLD = """
    select conversation_id::text, actions from inbox_message
    where author <> 'customer' and conversation_id = any(%s::uuid[]) and actions <> '[]'::jsonb"""
DENIED = """
    select d.conversation_id::text from decision_storeddecision d
    join flows_actioncall a on a.conversation_id = d.conversation_id and a.status = 'done'
    where d.data ->> 'subject' in ('system_down', 'stop_flow') and d.created_at > a.created_at
        and d.conversation_id = any(%s::uuid[])"""
DECLINED = """
    select a.conversation_id::text from flows_actioncall a join flows_flowrun r on r.conversation_id = a.conversation_id
    where a.attempts > 0 and a.status not in ('refused', 'not_done') and a.conversation_id = any(%s::uuid[])
    group by 1 having count(distinct r.id) = 1 and min(r.outcome) = 'declined'"""
WITH_PEOPLE = frozenset({"waiting", "agent"})


@dataclass
class Proof:
    """Promise → what broke it (empty lists: it was kept), and what happened, in figures."""

    broken: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not any(self.broken.values())


@dataclass(frozen=True, slots=True)
class _Call:
    """What Kulanz says about one writing call."""

    conversation: str
    action: str
    number: str
    status: str
    receipt: Any
    attempts: int


@dataclass(frozen=True, slots=True)
class _Found:
    """The tables after the storm: the status of each conversation, its receipts, the calls and what the back office
    did, both by their key."""

    status: Mapping[str, str]
    told: Mapping[str, list[Mapping[str, Any]]]
    calls: Mapping[str, _Call]
    acted: Mapping[str, tuple[str, str, Any]]

    def with_person(self, conversation: str) -> bool:
        return self.status.get(conversation) in WITH_PEOPLE


def prove(product: RunningProduct, log: Log) -> Proof:
    """Looks at everything once nobody waits for the assistant any more."""
    ours = [row[0] for row in product.rows(OURS, f"%@{DOMAIN}")]
    proof = Proof()
    proof.broken["customers who gave up"] = [repr(error) for error in log.failed]
    proof.broken["messages without an answer"] = _unanswered(product, ours)
    stored = {(c, k): m for c, k, m in product.rows(MESSAGES, ours)}
    proof.broken["messages lost or stored twice"] = [
        f"{key}" for key, m in log.accepted.items() if stored.get(key) != m
    ]
    proof.broken["replies said twice"] = [f"{c}: {text[:80]}" for c, text in product.rows(REPEATED, ours)]
    proof.broken["gaps in a conversation"] = [c for (c,) in product.rows(GAPS, ours)]
    numbers = sorted({errand.number for errand in log.errands.values()})
    proof.broken["actions done twice"] = _twice(product, numbers)
    found = _look(product, ours, numbers)
    proof.broken["actions without a receipt"] = list(_without_receipt(found))
    proof.broken["outcomes that nobody looks after"] = list(_left_open(found))
    proof.broken["wishes agreed to and forgotten"] = list(_forgotten(log, found))
    proof.broken["deeds denied"] = [c for query in (DENIED, DECLINED) for (c,) in product.rows(query, ours)]
    proof.figures = _figures(log, found)
    return proof


def _unanswered(product: RunningProduct, ours: list[str]) -> list[str]:
    left: list[str] = []

    def nobody_waits() -> bool:
        left[:] = [" ".join(map(str, row)) for query in (UNANSWERED, IN_WORK) for row in product.rows(query, ours)]
        return not left

    with suppress(AssertionError):
        until("every message is answered or handed over", nobody_waits, ANSWERED_WITHIN)
    return left


def _twice(product: RunningProduct, numbers: list[str]) -> list[str]:
    """By the requests that the back office has carried out, and by what they left behind."""
    times = Counter((number, operation) for _, number, operation, _ in product.rows(ACTED, numbers))
    twice = [f"{number} {operation}: {count} times" for (number, operation), count in times.items() if count > 1]
    twice += [f"{number} refunded twice" for (number,) in product.rows(REFUNDED, numbers)]
    return twice + [f"{subject} mailed twice" for (subject,) in product.rows(MAILED, f"%@{DOMAIN}")]


def _look(product: RunningProduct, ours: list[str], numbers: list[str]) -> _Found:
    told: dict[str, list[Mapping[str, Any]]] = {}
    for conversation, notes in product.rows(TOLD, ours):
        told.setdefault(conversation, []).extend(note for note in notes if note["status"] in {"done", "repeated"})
    return _Found(
        dict(product.rows(OURS, f"%@{DOMAIN}")),
        told,
        {key: _Call(*rest) for key, *rest in product.rows(CALLS, ours)},
        {key: (number, operation, body) for key, number, operation, body in product.rows(ACTED, numbers)},
    )


def _without_receipt(found: _Found) -> Iterable[str]:
    """What the back office did must stand in Kulanz with its very answer, and be told where it was wished or be with a
    person; and the other way round."""
    for key, (number, operation, body) in found.acted.items():
        call = found.calls.get(key)
        if call is None:
            yield f"{number}: Kulanz knows nothing of the {operation}"
            continue
        if call.status == "done" and call.receipt != body:
            yield f"{call.conversation}: another receipt than the back office's"
        told = call.status == "done" and found.told.get(call.conversation)
        if not told and not found.with_person(call.conversation):
            yield f"{call.conversation}: {number} is {call.status} and was not told"
    for key, call in found.calls.items():
        if call.status == "done" and key not in found.acted:
            yield f"{call.conversation}: a receipt for what the back office never did"


def _left_open(found: _Found) -> Iterable[str]:
    for call in found.calls.values():
        if call.attempts and call.status in {"started", "unknown"} and not found.with_person(call.conversation):
            yield f"{call.conversation}: {call.action} {call.number} is {call.status}"


def _forgotten(log: Log, found: _Found) -> Iterable[str]:
    """Whoever said yes has the receipt, or a person."""
    done = {number for number, _, _ in found.acted.values()}
    for conversation in log.agreed:
        errand = log.errands[conversation]
        kept = errand.number in done and found.told.get(conversation)
        if not kept and not found.with_person(conversation):
            yield f"{conversation}: {errand.kind} {errand.number}"


def _figures(log: Log, found: _Found) -> dict[str, int]:
    calls = list(found.calls.values())
    return {
        "conversations": len(log.errands),
        "messages": len(log.accepted),
        "conversations with a yes": len(log.agreed),
        "actions done in the back office": len(found.acted),
        "conversations with a person": sum(map(found.with_person, found.status)),
        "outcomes unknown, with a person": sum(call.status == "unknown" for call in calls),
    }
