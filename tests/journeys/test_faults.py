"""Whatever dies, and whenever: no accepted message is lost, no reply is said twice, no order is cancelled twice."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from tests.journeys.product import RunningProduct, until
from tests.journeys.storm import Storm

pytestmark = [pytest.mark.product, pytest.mark.timeout(240, func_only=True)]
KILLS = {"worker": 45, "own_worker": 3, "web": 2, "everything": 2}
TAKEN_OVER = "taking over the job of a dead worker"
OPEN_ORDERS = """
    select o.number, c.email from demo_shoporder o join demo_shopcustomer c on c.number = o.customer_id
    where o.status = 'open' and o.number not in ('ML-10234', 'ML-10240') order by o.number"""
UNANSWERED = """
    select c.id, c.status, m.text from inbox_conversation c
    join lateral (select * from inbox_message where conversation_id = c.id and author = 'customer'
                  order by seq desc limit 1) m on true
    where not c.is_demo and (c.answered_seq < m.seq or (c.status = 'assistant' and not exists
        (select 1 from inbox_message r where r.conversation_id = c.id and r.author <> 'customer' and r.seq > m.seq)))"""
REPEATED = """
    select conversation_id, text, count(*) from inbox_message where author <> 'customer' and not exists
        (select 1 from inbox_conversation c where c.id = conversation_id and c.is_demo)
    group by 1, 2 having count(*) > 1"""
GAPS = "select conversation_id from inbox_message group by 1 having max(seq) <> count(*) or min(seq) <> 1"
UNSETTLED = """
    select a.id, a.status, c.status from flows_actioncall a join inbox_conversation c on c.id = a.conversation_id
    where a.status not in ('done', 'refused') and c.status not in ('waiting', 'agent')"""
WRITES = """
    select a.arguments ->> 'number', a.receipt ->> 'cancellation', a.conversation_id::text
    from flows_actioncall a where a.status = 'done'"""
CANCELLED = """
    select c.order_id, 'ST-' || lpad(c.id::text, 5, '0') from demo_shopcancellation c
    join demo_shoprequest r on r.body::jsonb ->> 'number' = c.order_id"""
REFUNDS = """
    select p.order_id from demo_shoprefund f join demo_shoppayment p on p.id = f.payment_id
    group by 1 having count(*) > 1"""
FALSE_DENIALS = """
    select d.conversation_id, d.data from decision_storeddecision d
    join flows_actioncall a on a.conversation_id = d.conversation_id
    join demo_shopcancellation c on c.order_id = a.arguments ->> 'number'
    where d.data ->> 'subject' = 'system_down' and d.created_at > a.created_at"""
IN_WORK = (
    "select id, status, worker_id from procrastinate_jobs where queue_name = 'turns' and status in ('todo', 'doing')"
)


def test_nothing_is_lost_or_done_twice_when_processes_die_at_random_moments(product: RunningProduct) -> None:
    seed = int(os.environ.get("KULANZ_TEST_SEED") or random.randrange(10**6))
    print(f"replay with KULANZ_TEST_SEED={seed}")
    before = product.log.read_text(errors="replace").count(TAKEN_OVER)
    storm = Storm(product, seed, KILLS)
    accepted = storm.run(product.rows(OPEN_ORDERS), customers=4)
    print(f"killed {dict(storm.done)}, accepted {len(accepted.messages)} messages")
    assert sum(storm.done.values()) >= 50
    assert len(accepted.messages) >= 50
    taken_over = product.log.read_text(errors="replace").count(TAKEN_OVER) - before
    print(f"{taken_over} turns were cut off and taken over")
    assert taken_over >= 5, "the kills must hit turns under way"

    until_all_answered(product)
    stored = product.rows(
        "select conversation_id::text, client_message_id, id::text from inbox_message where author = 'customer'"
        " and conversation_id = any(%s::uuid[])",
        sorted({conversation for conversation, _ in accepted.messages}),
    )
    assert {(c, k): m for c, k, m in stored} == accepted.messages
    assert len(stored) == len(accepted.messages)
    assert product.rows(REPEATED) == []
    assert product.rows(GAPS) == []
    check_cancellations(product, accepted.cancelling)


def until_all_answered(product: RunningProduct) -> None:
    """Nobody waits for the assistant any more, and no job is left over."""
    left: list[Any] = []

    def nobody_waits() -> bool:
        left[:] = [*product.rows(UNANSWERED), *product.rows(IN_WORK)]
        return not left

    try:
        until("every message is answered or handed over", nobody_waits, 60)
    except AssertionError as error:
        raise AssertionError(f"{error}: {left}") from None


def check_cancellations(product: RunningProduct, wishes: dict[str, str]) -> None:
    """What the back office did is what the receipts say, once for each order."""
    assert product.rows(UNSETTLED) == []
    assert product.rows(REFUNDS) == []
    assert product.rows(FALSE_DENIALS) == []
    receipts = product.rows(WRITES)
    done = dict(product.rows(CANCELLED))
    assert len({number for number, _, _ in receipts}) == len(receipts)
    for number, receipt, conversation in receipts:
        assert done[number] == receipt
        assert wishes.get(conversation, number) == number
        told = product.rows(
            "select count(*) from inbox_message where conversation_id = %s::uuid and author <> 'customer' and"
            " strpos(text, %s) > 0",
            conversation, receipt,
        )  # fmt: skip
        status = product.rows("select status from inbox_conversation where id = %s::uuid", conversation)[0][0]
        assert told[0][0] == 1 or status in {"waiting", "agent"}
    unreceipted = set(done) - {number for number, _, _ in receipts}
    with_an_agent = product.rows(
        "select a.arguments ->> 'number' from flows_actioncall a join inbox_conversation c on c.id = a.conversation_id"
        " where c.status in ('waiting', 'agent')"
    )
    assert unreceipted <= {row[0] for row in with_an_agent}
    print(f"{len(receipts)} cancellations with their receipt, {len(unreceipted)} with an agent")
    assert receipts
