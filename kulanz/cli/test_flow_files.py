"""`kulanz flows check`, `draw` and `test` on the demo company's flows, and on flows with mistakes."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kulanz.cli import main

DEMO = Path(__file__).parents[1] / "demo" / "flows"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's flows, to be broken."""
    return Path(shutil.copytree(DEMO, tmp_path / "flows"))


def broken(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_the_demo_has_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", "check", str(DEMO)]) == 0
    assert " 0 errors, 0 warnings" in capsys.readouterr().out


def test_every_mistake_is_named_and_told_by_the_exit_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "order_status.yaml", "call: get_order", "call: get_ordr")
    broken(folder, "cancel_order.yaml", "{order.total|money}", "{ordre.total|money}")
    assert main(["flows", "check", str(folder)]) == 1
    told = capsys.readouterr().out
    line = 1 + (folder / "order_status.yaml").read_text().split("call: get_ordr")[0].count("\n")
    assert f"order_status.yaml:{line}: `call: get_ordr` names no action" in told
    assert "warning: Nothing sets `ordre`" in told


def test_files_that_are_no_yaml_are_all_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("order_status.yaml", "refund.yaml"):
        (folder / name).write_text("steps: [")
    assert main(["flows", "check", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "order_status.yaml:1: no valid YAML" in told
    assert "refund.yaml:1: no valid YAML" in told


def test_the_demo_s_conversations_go_as_scripted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", "test", "--folder", str(DEMO)]) == 0
    assert "0 not" in capsys.readouterr().out


def test_a_conversation_that_goes_otherwise(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(folder, "cancel_order.yaml", "completely", "in part")
    assert main(["flows", "test", "cancel_order", "--folder", str(folder)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("cancel_order.test.yaml:9: en: The reply does not contain")


def test_every_flow_of_the_demo_can_be_drawn(tmp_path: Path) -> None:
    for language in ("de", "en"):
        for file in DEMO.glob("*.yaml"):
            if file.name == "actions.yaml" or ".test." in file.name:
                continue
            out = tmp_path / "flow.svg"
            assert (
                main(["flows", "draw", file.stem, "--folder", str(DEMO), "--language", language, "-o", str(out)]) == 0
            )
            assert ElementTree.parse(out).getroot().tag.endswith("svg")


def test_an_unknown_flow_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", "draw", "nothing", "--folder", str(DEMO)]) == 1
    assert "There are: cancel_order" in capsys.readouterr().err
