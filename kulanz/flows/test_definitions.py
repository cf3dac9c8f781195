"""Flow files: a mistake is named, a write without a confirmation is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.flows.actions import Action
from kulanz.flows.definitions import load_flow

DEMO = Path(__file__).parents[1] / "demo" / "flows"


def action(name: str, *, writes: bool) -> Action:
    return Action(name, "POST", "http://127.0.0.1:1/x", ("X-Key", ""), writes, 1.0)


ACTIONS = {a.name: a for a in (action("get_order", writes=False), action("cancel_order", writes=True))}
HEAD = "flow: f\ntitle: {de: T, en: T}\nintents: [x]\n"
SAY = "{de: 'Ja', en: 'Yes'}"
CONFIRM = f"  - confirm: {SAY}\n    again: {SAY}\n    declined: [{{end: declined}}]\n"


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "f.yaml"
    file.write_text(HEAD + text)
    return load_flow(file, ACTIONS)


@pytest.mark.parametrize("name", ["order_status", "cancel_order"])
def test_the_demos_flows_are_sound(name: str) -> None:
    assert load_flow(DEMO / f"{name}.yaml", ACTIONS).name == name


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("steps:\n  - shout: x\n", "steps/0"),
        ("steps:\n  - say: {de: nur deutsch}\n", "'en' is a required property"),
        ("steps:\n  - say: {de: Ja, en: Yes}\n", "steps/0/say/en: True is not of type 'string'"),
        (f"steps:\n  - ask: number\n    text: {SAY}\n    again: {SAY}\n", "names no slot"),
        ("steps:\n  - call: fly\n", "names no action"),
        ("steps:\n  - call: cancel_order\n", "put a `confirm` step before"),
        (f"steps:\n{CONFIRM}  - call: cancel_order\n  - call: cancel_order\n", "put a `confirm` step before"),
        ("steps:\n  - if: 'a > b'\n    then: [{end: solved}]\n", "can't be read"),
        ("steps: [", "no valid YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, steps: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        load(tmp_path, steps)


def test_one_yes_is_good_for_one_write(tmp_path: Path) -> None:
    assert load(tmp_path, f"steps:\n{CONFIRM}  - call: get_order\n{CONFIRM}  - call: cancel_order\n")


def test_a_declined_branch_has_no_confirmation(tmp_path: Path) -> None:
    declined = f"  - confirm: {SAY}\n    again: {SAY}\n    declined: [{{call: cancel_order}}]\n"
    with pytest.raises(InvalidInput, match="put a `confirm`"):
        load(tmp_path, f"steps:\n{declined}")
