"""Flow files: a mistake is named, a write without a confirmation is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import Definition
from kulanz.flows.actions import Action
from kulanz.flows.back_offices.http import HttpOperation
from kulanz.flows.definitions import load_flows
from kulanz.flows.sources import read_source


def action(name: str, *, writes: bool) -> Action:
    return Action(name, HttpOperation(name, "POST", "http://127.0.0.1:1/x", ("X-Key", ""), 1.0), writes=writes)


ACTIONS = {a.name: a for a in (action("get_order", writes=False), action("cancel_order", writes=True))}
HEAD = "flow: f\ntitle: {de: T, en: T}\nintents: [x]\n"
SAY = "{de: 'Ja', en: 'Yes'}"


def load(tmp_path: Path, text: str, **others: str) -> dict[str, Definition]:
    for name, content in {"f": HEAD + text, **others}.items():
        (tmp_path / f"{name}.yaml").write_text(content)
    return load_flows(tmp_path, ACTIONS)


ASK = f"text: {SAY}, again: {SAY}"
YES = f"  - {{confirm: {SAY}, again: {SAY}, declined: [{{end: declined}}]}}\n"


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("steps:\n  - shout: x\n", "f.yaml:5: This step is none of say, ask"),
        ("steps:\n  - {say: {de: Ja, en: Ok}, end: solved}\n", "f.yaml:5: This step is both say and end"),
        ("steps:\n  - say: {de: nur deutsch}\n", "f.yaml:5: `say`: 'en' is a required property"),
        ("steps:\n  - say: {de: Ja, en: true}\n", "Put yes, no, on and off in quotes"),
        ("steps:\n  - say: {de: Ja, en: Ok}\n    tone: loud\n", "Known here: say"),
        (f"steps:\n  - {{ask: number, {ASK}}}\n", "names no slot. Add it under `slots`"),
        ("slots:\n  a: {entity: text, or_text: true}\nsteps:\n  - end: solved\n", "`or_text` belongs to slots with"),
        (
            "slots:\n  a: {entity: photo}\nsteps:\n  - ask: a\n    choices: {from: b, value: c, label: "
            f"{SAY}}}\n    text: {SAY}\n    again: {SAY}\n",
            "f.yaml:8: A file is sent, not chosen",
        ),
        ("steps:\n  - call: fly\n", "names no action. Add it to actions.yaml"),
        ("steps:\n  - call: cancel_order\n", "put a `confirm` step right before it"),
        (f"steps:\n{YES}  - call: cancel_order\n  - call: cancel_order\n", "f.yaml:7: `call: cancel_order` writes"),
        (f"steps:\n{YES}  - call: get_order\n", "f.yaml:5: `confirm` must stand right before the `call`"),
        ("steps:\n  - if: 'a + b'\n    then: [{end: solved}]\n", "f.yaml:5: `a + b` can't be read"),
        (f"steps:\n  - end: solved\n  - say: {SAY}\n", "f.yaml:6: This step can't be reached"),
        ("steps:\n  - wait_for: time\n    at_most: soon\n", "f.yaml:6: `soon` is no span of time"),
        ("steps:\n  - say: {de: '{a|gold}', en: b}\n", "there are the styles money and date"),
        ("steps:\n  - do: nothing\n", "names no flow"),
        ("steps:\n  - do: f\n", "leads back to this flow"),
        ("steps:\n  - end: solved\ntitle: {de: T, en: T}\n", "f.yaml:6: no valid YAML: `title` stands twice"),
        ("steps: [", "no valid YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, steps: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(problem)):
        load(tmp_path, steps)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, "steps:\n  - call: fly\n  - call: swim\n")
    assert str(refused.value).count("names no action") == 2


def test_a_declined_branch_has_no_confirmation(tmp_path: Path) -> None:
    declined = f"  - confirm: {SAY}\n    again: {SAY}\n    declined: [{{call: cancel_order}}]\n"
    with pytest.raises(InvalidInput, match=r"f.yaml:7: .*put a `confirm`"):
        load(tmp_path, f"steps:\n{declined}  - call: cancel_order\n")


def test_the_words_yes_no_and_on_need_no_quotes(tmp_path: Path) -> None:
    flow = load(tmp_path, "steps:\n  - say: {de: Ja, en: Yes}\n")["f"]
    assert flow.steps[0]["say"]["en"] == "Yes"


def test_a_flow_is_another_version_when_a_part_of_it_changes(tmp_path: Path) -> None:
    part = "flow: part\ntitle: {de: T, en: T}\nsteps:\n  - say: {de: %s, en: b}\n"
    first = load(tmp_path, "steps:\n  - do: part\n", part=part % "a")
    again = load(tmp_path, "steps:\n  - do: part\n", part=part % "a")
    second = load(tmp_path, "steps:\n  - do: part\n", part=part % "b")
    assert first["f"].version == again["f"].version != second["f"].version
    assert set(second["f"].parts) == {"part"}


@pytest.mark.parametrize("text", ["x: " + "[" * 30_000, "x: " + "{a: " * 5_000, "? [a, b]\n: c", "? {x: 1}\n: c"])
def test_what_would_break_the_reader_is_named(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"odd.yaml:\d+: no valid YAML"):
        read_source(text, "odd.yaml")
