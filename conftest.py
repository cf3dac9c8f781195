"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.test import TransactionTestCase

from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows

LONGEST = tuple(f"tests/journeys/test_{name}.py" for name in ("faults", "curator", "pages"))
LONG = ("kulanz/web/curator/", "kulanz/understanding/test_teaching.py", "kulanz/understanding/test_feelings_taught.py")
hypothesis.settings.register_profile("deep", max_examples=2_000)  # pytest --hypothesis-profile=deep kulanz/core
_kept: list[Any] = []  # the demo company's rows, once they have been made
_between = [False]  # whether the demo company stays in the database until the next test


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then all that start a product or need the demo company: at the end both processes have
    something to do."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.nodeid.startswith(LONGEST):
        return 0
    if item.get_closest_marker("product"):
        return 1
    return 2 if _with_musterladen(item) or item.nodeid.startswith(LONG) else 3


def _with_musterladen(item: pytest.Item | None) -> bool:
    return "musterladen" in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Between two tests with the demo company the database is not emptied: what has changed is put back."""
    _between[0] = _with_musterladen(item) and _with_musterladen(nextitem)


def _after_committing(case: TransactionTestCase) -> None:
    """Instead of Django's flush, which truncates every table and makes content types and permissions anew."""
    from tests import snapshot

    if not _between[0]:
        snapshot.empty()


TransactionTestCase._fixture_teardown = _after_committing  # type: ignore[attr-defined]


@pytest.fixture
def made_once(db: None) -> Callable[[Callable[[], None]], None]:
    """For what many tests need in the database: written once in this process, then copied."""
    from tests import snapshot

    return snapshot.made_once


@pytest.fixture
def musterladen(live_server: Any, settings: Any) -> Iterator[str]:
    """The demo company at work, with its back office on a real server; gives the server's address."""
    settings.DEMO, settings.BASE_URL, settings.ROOT_URLCONF = True, live_server.url, "kulanz.demo.urls"
    for cached in (actions, active_flows):
        cached.cache_clear()
    _fill()
    yield live_server.url
    for cached in (actions, active_flows):
        cached.cache_clear()


def _fill() -> None:
    """The demo company and nothing else in the database: set up once in this process, then put back."""
    from kulanz.demo.company import do_seed_service
    from tests import snapshot

    if fitting := next((kept for kept in _kept if kept.fits()), None):
        snapshot.put_back(fitting)
        return
    snapshot.empty()
    do_seed_service()
    _kept.append(snapshot.take())
