"""docs/first-flow.md, followed word by word: its blocks are what is run here, only the gym's port is another one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kulanz.cli import main
from kulanz.core.flow import Definition
from kulanz.core.timeline import Timeline
from kulanz.flows.action_files import SCHEMA
from kulanz.flows.actions import actions, do_fetch_descriptions
from kulanz.flows.answers import MISSING, answer_to
from kulanz.flows.definitions import active_flows
from kulanz.flows.models import ActionCall
from kulanz.flows.runner import Circumstances, Progress, advance, known_slots, open_question
from kulanz.flows.sources import read_source
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.read import read
from tests.back_office_gym import Gym

PAGE = Path(__file__).parents[2] / "docs" / "first-flow.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
WORDS = ("Ich möchte pausieren, K-10010", "bis 31.12.2026", "Ja")


def blocks(kind: str) -> list[str]:
    return [body for word, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if word == kind]


@pytest.fixture
def folder(gym: Gym, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The data folder of somebody who has followed the page: each file as printed, a later one over an earlier."""
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    (tmp_path / "flows").mkdir()
    for body in blocks("yaml"):
        named = re.match(r"# (flows/[\w.]+)", body)
        assert named, body
        (tmp_path / named[1]).write_text(body.replace("http://127.0.0.1:9000", gym.url), encoding="utf-8")
        if "first" in body.splitlines()[0]:
            assert do_fetch_descriptions() == []
    actions.cache_clear()
    active_flows.cache_clear()
    yield tmp_path / "flows"
    actions.cache_clear()
    active_flows.cache_clear()


def commands() -> list[list[str]]:
    lines = "".join(blocks("sh")).splitlines()
    return [line.split()[1:] for line in lines if line.startswith("kulanz ")]


def test_the_page_needs_these_commands_and_no_others() -> None:
    assert [" ".join(words[:2]) for words in commands()] == [
        "flows actions", "flows call", "flows call", "flows check", "flows test", "train pause.jsonl",
    ]  # fmt: skip


def test_the_commands_about_actions_say_what_the_page_says(
    folder: Path, gym: Gym, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KULANZ_DATA_DIR", str(folder.parent))
    listing, reading, writing = commands()[:3]
    assert main(listing) == 0
    listed = capsys.readouterr().out
    (shown,) = blocks("text")
    for line in shown.splitlines():
        assert line in listed
    assert main(reading) == 0
    assert json.loads(capsys.readouterr().out)["data"]["plan"] == "Basic"
    assert main(writing) == 0
    request = json.loads(capsys.readouterr().out)
    assert request["body"] == {"email": "lena@example.org", "until": "2026-12-31"}
    assert request["headers"]["Authorization"] == "…"
    assert not gym.writes


def test_a_write_is_never_sent_by_hand(
    folder: Path, gym: Gym, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KULANZ_DATA_DIR", str(folder.parent))
    assert main([*commands()[2], "--send"]) == 1
    assert "it is sent by a flow alone, after the customer's yes" in capsys.readouterr().err
    assert not gym.writes


def test_the_checks_and_the_scripted_conversation_pass(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", "check", str(folder)]) == 0
    assert "0 errors" in capsys.readouterr().out
    assert main(["flows", "test", "--folder", str(folder)]) == 0
    assert "2 as scripted, 0 not" in capsys.readouterr().out


def played(definition: Definition, around: Circumstances) -> list[Progress]:
    """The conversation of the page's end."""
    reading = read(WORDS[0], LazyVector(WORDS[0]), language_hint="de")
    known = known_slots(definition, reading, Timeline(()), {"email": "lena@example.org"})
    steps = [advance(definition, {"known": known, "log": []}, MISSING, around)]
    for words in WORDS[1:]:
        question = open_question(definition, steps[-1].state)
        assert question is not None
        given = answer_to(question, read(words, LazyVector(words), language_hint="de"), definition)
        steps.append(advance(definition, steps[-1].state, given, around))
    return steps


@pytest.fixture
def around(db: None) -> Circumstances:
    conversation = do_open_conversation("web_chat", "de", Claims(email="lena@example.org"))[0]
    return Circumstances(conversation.pk, "lena@example.org", "de", level="claimed")


def test_the_flow_pauses_a_membership_once(folder: Path, gym: Gym, around: Circumstances) -> None:
    first, second, last = played(active_flows()["pause_membership"], around)
    assert first.texts == ("Bis wann möchten Sie pausieren?",)
    assert "ab heute bis 31.12.2026" in second.texts[0]
    assert (last.outcome, last.texts) == ("solved", ("Erledigt, Beleg G-0001.",))
    assert last.notes[0].summary == "Mitgliedschaft K-10010 pausiert bis 31.12.2026."
    assert gym.members["K-10010"]["paused_until"] == "2026-12-31"
    assert [(call.status, call.receipt["receipt"]) for call in ActionCall.objects.all()] == [("done", "G-0001")]


def test_in_a_trial_reads_happen_and_writes_do_not(folder: Path, gym: Gym, around: Circumstances) -> None:
    trial = Circumstances(around.conversation_id, around.who, "de", level="claimed", dry_run=True)
    last = played(active_flows()["pause_membership"], trial)[-1]
    assert (last.outcome, last.wrote) == ("solved", False)
    assert last.texts == ("Erledigt, Beleg G-0000.",)  # the document's own example
    assert [note.status for note in last.notes] == ["not_sent"]
    assert [request["method"] for request in gym.requests] == ["GET"]
    assert not ActionCall.objects.exists()


def test_the_examples_are_of_two_wishes_and_of_none() -> None:
    rows = [json.loads(line) for line in blocks("json")[0].splitlines()]
    counted = {intent: sum(row["intent"] == intent and "text" in row for row in rows) for intent in
               ("pause_membership", "opening_hours", "oos")}  # fmt: skip
    assert min(counted.values()) >= 5


def test_the_other_page_describes_files_as_they_are() -> None:
    page = PAGE.with_name("back-offices.md").read_text(encoding="utf-8")
    validators = {
        name: Draft202012Validator(schema) for name, schema in json.loads(SCHEMA.read_text())["$defs"].items()
    }
    for body in [body for word, body in BLOCK.findall(page) if word == "yaml"]:
        source = read_source(body, "actions.yaml")
        for part, name in (("back_offices", "back_office"), ("actions", "action")):
            for entry in source.data[part].values():
                assert not list(validators[name].iter_errors(entry)), entry
