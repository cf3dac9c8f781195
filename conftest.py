"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows


@pytest.fixture
def musterladen(live_server: Any, settings: Any) -> Iterator[str]:
    """The demo company at work, with its back office on a real server; gives the server's address."""
    from kulanz.demo.company import do_seed_service

    settings.DEMO, settings.BASE_URL, settings.ROOT_URLCONF = True, live_server.url, "kulanz.demo.urls"
    for cached in (actions, active_flows):
        cached.cache_clear()
    do_seed_service()
    yield live_server.url
    for cached in (actions, active_flows):
        cached.cache_clear()
