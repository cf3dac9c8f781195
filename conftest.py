"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows

LONGEST = ("tests/journeys/test_faults.py", "tests/journeys/test_curator.py", "tests/journeys/test_pages.py")
_kept: list[Any] = []  # the demo company's rows, once they have been made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then all that start a product: at the end both processes have something to do."""
    items.sort(key=lambda item: (not item.nodeid.startswith(LONGEST), item.get_closest_marker("product") is None))


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
    """The demo company in the empty database: set up once in this process, then put back."""
    from kulanz.demo.company import do_seed_service
    from tests import snapshot

    if _kept and _kept[-1].fits():
        snapshot.put_back(_kept[-1])
        return
    do_seed_service()
    _kept.append(snapshot.take())
