"""What is probably wrong with a flow: told with its line, and no reason to refuse it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kulanz.flows.definitions import definition_of, sources_in
from kulanz.flows.drawing import draw
from kulanz.flows.hints import hints
from kulanz.flows.places import place_of, shown_place
from kulanz.flows.test_definitions import ACTIONS, ASK, HEAD, SAY, YES

NO = f"[{{say: {SAY}}}, {{end: refused}}]"
CALL = f"  - {{call: cancel_order, on_refused: {NO}, on_unknown: {NO}}}\n"
PART = f"flow: part\ntitle: {{de: T, en: T}}\nslots: {{a: {{entity: email}}}}\nsteps:\n  - {{ask: a, {ASK}}}\n"


def told(folder: Path, steps: str, others: dict[str, str] | None = None, *, scripted: bool = True) -> list[str]:
    for name, text in {"f": HEAD + steps, **(others or {})}.items():
        (folder / f"{name}.yaml").write_text(text)
    sources = sources_in(folder)
    return [str(hint) for hint in hints(sources["f"], sources, ACTIONS, {"f": folder} if scripted else {})]


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("steps:\n  - say: {de: '{nobody.name}', en: b}\n", "f.yaml:5: warning: Nothing sets `nobody`"),
        ("steps:\n  - if: nobody == 1\n    then: [{end: solved}]\n", "f.yaml:5: warning: Nothing sets `nobody`"),
        ("slots: {a: {entity: email}}\nsteps:\n  - end: solved\n", "f.yaml:4: warning: Nothing uses the slot `a`"),
        (f"steps:\n{YES}  - call: cancel_order\n", "has no `on_unknown`"),
        (f"steps:\n  - do: end\n  - say: {SAY}\n", "f.yaml:6: warning: This step can't be reached: `end` always ends"),
        ("steps:\n  - do: part\n  - say: {de: '{part.b}', en: b}\n", "`part` never has `b`. It has: a"),
        ("steps:\n  - do: other\n", "f.yaml:3: warning: `x` starts the flow other as well"),
    ],
)
def test_a_doubt_is_told(tmp_path: Path, steps: str, problem: str) -> None:
    end = "flow: end\ntitle: {de: T, en: T}\nsteps:\n  - end: solved\n"
    parts = {"end": end, "part": PART, "other": end.replace("flow: end", "flow: other\nintents: [x]")}
    used = {name: text for name, text in parts.items() if f"do: {name}" in steps}
    assert any(problem in hint for hint in told(tmp_path, steps, used))


def test_what_is_set_and_used_is_not_doubted(tmp_path: Path) -> None:
    steps = (
        "slots: {a: {entity: email}}\nsteps:\n  - do: part\n  - set: {b: '{part.a}'}\n"
        f"{YES}{CALL}  - say: {{de: '{{b}} {{result.number}}', en: x}}\n"
    )
    assert told(tmp_path, steps, {"part": PART}) == []


def test_a_flow_without_a_script_is_noted(tmp_path: Path) -> None:
    assert told(tmp_path, "steps:\n  - end: solved\n", scripted=False) == [
        "f.yaml:1: note: No scripted conversation plays this flow. Write one: f.test.yaml."
    ]


def test_a_picture_shows_every_step_and_escapes_what_they_say(tmp_path: Path) -> None:
    steps = f"steps:\n  - do: part\n{YES}{CALL}  - say: {{de: '<script>', en: '<script>'}}\n"
    told(tmp_path, steps, {"part": PART})
    sources = sources_in(tmp_path)
    svg = draw(sources["f"], sources, "en", ACTIONS, figures={"/0": "3 left"})
    assert svg.count("<rect") == 10  # the beginning, four steps, five in their ways
    assert "&lt;script&gt;" in svg
    assert "<script>" not in svg
    assert "3 left" in svg


def test_where_a_run_stands(tmp_path: Path) -> None:
    told(tmp_path, f"steps:\n  - do: part\n{YES}{CALL}", {"part": PART})
    sources = sources_in(tmp_path)
    flow = definition_of(sources["f"], sources)
    answered = {"value": "a@example.org"}
    logs = {
        "/0/part/0": [],
        "/1": [answered],
        "/2": [answered, {"value": True}],
        "/2/failed/0": [answered, {"value": True}, {"status": "refused", "data": {}}],
    }
    assert {place: place_of(flow, {"known": {}, "log": log}) for place, log in logs.items()} == {
        place: place for place in logs
    }
    assert shown_place(flow, "/0/part/0") == "/0"
