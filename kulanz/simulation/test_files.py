"""Scenario files: a mistake is named with its line and entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.simulation.figures import expectations
from kulanz.simulation.files import EXPECTED, read_file, scenarios_from

DEMO = Path(__file__).parents[1] / "demo" / "scenarios"
GOOD = "subject: s\nscenarios:\n  - name: one\n    says: {de: [Hallo]}\n    goal: {asked: any}\n"


def test_the_demo_ships_enough_of_them() -> None:
    scenarios = scenarios_from([DEMO])
    assert len(scenarios) >= 150
    assert {language for s in scenarios for language in s.languages} == {"de", "en"}
    assert 20 <= sum(s.fast for s in scenarios) <= 30
    assert expectations(DEMO / EXPECTED)["at_least"]["right"] > 0.5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("subject: [", "no valid YAML"),
        ("subject: s\n", "'scenarios' is a required property"),
        (GOOD + "    mood: calm\n", r"line 3, one: .*'mood' was unexpected"),
        (GOOD.replace("Hallo", "1"), r"line 4, one/says/de/0: 1 is not valid"),
        (GOOD.replace("asked: any", "asked: any, careful: true"), r"line 3, one: a goal names one of .* has 2"),
        (GOOD + "    twists: [{at: confirm, says: {en: [Stop]}}]\n", "line 3, one: says: de is missing"),
        (GOOD + "    twists: [{at: noon, silent: true}]\n", "line 6, one/twists/0/at: 'noon' does not match"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=problem):
        read_file(file)


def test_names_are_there_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(GOOD)
    with pytest.raises(InvalidInput, match="Two scenarios are called one"):
        scenarios_from([tmp_path])


def test_a_rule_of_our_own_code_is_never_a_known_breach(tmp_path: Path) -> None:
    file = tmp_path / EXPECTED
    file.write_text("known: [one de reply_repeated]\n")
    with pytest.raises(InvalidInput, match="can't be a known breach"):
        expectations(file)
