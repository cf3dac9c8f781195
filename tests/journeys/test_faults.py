"""Whatever dies, and whenever: no message is lost, no reply said twice, nothing done twice or without a receipt."""

from __future__ import annotations

import os
import random

import pytest

from kulanz.cli.faults import told, weather
from kulanz.cli.storm.stock import DOMAIN
from tests.journeys.product import RunningProduct, until

pytestmark = [pytest.mark.product, pytest.mark.timeout(280, func_only=True)]
RUNS = 500
TIDY = """
    update inbox_conversation c set status = 'resolved' from inbox_customer k
    where k.id = c.customer_id and k.email like %s returning 1"""


def test_nothing_is_lost_or_done_twice_when_everything_dies_at_random_moments(product: RunningProduct) -> None:
    seed = int(os.environ.get("KULANZ_TEST_SEED") or random.randrange(1, 10**6))
    result = weather(product, RUNS, seed)
    print(f"replay with KULANZ_TEST_SEED={seed}\n{told(result)}")
    assert result["holds"], told(result)
    befell, figures = result["befell"], result["figures"]
    assert sum(befell.get(kind, 0) for kind in ("worker", "own_worker", "web", "everything")) >= 30
    assert befell["database"] >= 15
    assert sum(count for kind, count in befell.items() if kind.startswith("office")) >= 20
    assert figures["conversations"] >= RUNS
    assert figures["actions done in the back office"] >= RUNS // 3, "most of it must get done all the same"
    assert figures["turns cut off and taken over"] >= 5, "the kills must hit turns under way"
    product.rows(TIDY, f"%@{DOMAIN}")  # other journeys look at the desk's queue


def test_a_job_whose_end_could_not_be_stored_is_taken_up_again(product: RunningProduct) -> None:
    """Its worker lives and does not work at it: the connection was cut just then. It would hold up its conversation."""
    with product.connect() as connection, connection.transaction():
        made = "insert into procrastinate_jobs (queue_name, task_name, args) values ('turns', 'settle_calls', %s)"
        job = connection.execute(f"{made} returning id".encode(), ['{"timestamp": 1}']).fetchone()
        assert job
        newest = "(select max(id) from procrastinate_workers)"
        connection.execute(
            f"update procrastinate_jobs set status = 'doing', worker_id = {newest} where id = %s".encode(), job
        )
        connection.execute("update procrastinate_events set at = now() - interval '9 s' where job_id = %s", job)
    until("it is done", lambda: not product.rows("select 1 from procrastinate_jobs where id = %s", *job), 20)
