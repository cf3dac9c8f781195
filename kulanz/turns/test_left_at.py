"""Where a flow was left: stored with the run that ended unsolved, for the architects' figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kulanz.core.flow import Outcome
from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows
from kulanz.flows.models import FlowRun
from kulanz.flows.runner import Progress
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.turns.open_flows import do_save

pytestmark = pytest.mark.django_db
TEXT = "{de: 'Warum?', en: 'Why?'}"
FLOW = f"""flow: hello
title: {{de: Hallo, en: Hello}}
intents: [hello]
slots: {{why: {{entity: text}}, when: {{entity: text}}}}
steps:
  - {{ask: why, text: {TEXT}, again: {TEXT}}}
  - {{ask: when, text: {{de: Wann, en: When}}, again: {TEXT}}}
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "hello.yaml").write_text(FLOW)
    for cached in (actions, active_flows):
        cached.cache_clear()
    yield
    for cached in (actions, active_flows):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("outcome", "answers", "place"),
    [("handed_over", 0, "/0"), ("declined", 1, "/1"), ("solved", 2, ""), (None, 1, "")],
)
def test_a_run_that_ends_unsolved_keeps_its_step(outcome: Outcome | None, answers: int, place: str) -> None:
    conversation, _token = do_open_conversation("web_chat", "en", Claims())
    run = FlowRun(conversation=conversation, flow="hello", version=active_flows()["hello"].version)
    state = {"known": {}, "log": [{"value": "x"}] * answers}
    do_save(run, Progress((), state, "" if outcome else "slot", outcome))
    assert FlowRun.objects.get().left_at == place
