"""Read scenario files. A mistake is named with its file, line and entry, before anything is played."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from kulanz.core.errors import InvalidInput
from kulanz.simulation.scenario import Facts, Goal, GoalKind, Scenario, Twist, Wish

VALIDATOR = Draft202012Validator(json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8")))
EXPECTED = "expected.yaml"
"""What a folder's scenarios must reach; no scenario file itself."""
GOALS: tuple[GoalKind, ...] = ("answer_from", "action", "flow", "handover", "asked", "said", "careful")


def scenarios_from(paths: Iterable[Path]) -> list[Scenario]:
    """The scenarios of files and of folders (every `*.yaml` but `expected.yaml`). Raises InvalidInput."""
    files: list[Path] = []
    for path in paths:
        found = sorted(f for f in path.glob("*.yaml") if f.name != EXPECTED) if path.is_dir() else [path]
        if not found:
            raise InvalidInput(f"{path} holds no scenario files (*.yaml). docs/simulation.md shows one.")
        files += found
    scenarios = [scenario for file in files for scenario in read_file(file)]
    names: dict[str, str] = {}
    for scenario in scenarios:
        if scenario.name in names:
            raise InvalidInput(f"Two scenarios are called {scenario.name}. Names find a dialogue again: change one.")
        names[scenario.name] = scenario.subject
    return scenarios


def read_file(file: Path) -> list[Scenario]:
    """The scenarios of one file. Raises InvalidInput that names the line and the entry."""
    try:
        text = file.read_text(encoding="utf-8")
        data = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} can't be read as UTF-8 text: {error}.") from error
    except yaml.YAMLError as error:
        raise InvalidInput(f"{file} is no valid YAML: {error}") from error
    if mistake := best_match(VALIDATOR.iter_errors(data)):
        path = list(mistake.absolute_path)
        raise InvalidInput(f"{file}, line {_line(text, path)}, {_entry(data, path)}: {mistake.message}")
    scenarios = []
    for number, entry in enumerate(data["scenarios"]):
        try:
            scenarios.append(_scenario({**data.get("defaults", {}), **entry}, data["subject"]))
        except ValueError as error:
            line = _line(text, ["scenarios", number])
            raise InvalidInput(f"{file}, line {line}, {entry['name']}: {error}") from error
    return scenarios


def _entry(data: Any, path: list[str | int]) -> str:
    """The place of a mistake in words: the scenario by its name, then the way to the entry."""
    if path[:1] == ["scenarios"] and len(path) > 1:
        scenario = data["scenarios"][path[1]]
        name = scenario.get("name", f"scenario {int(path[1]) + 1}") if isinstance(scenario, dict) else path[1]
        return "/".join([str(name), *map(str, path[2:])])
    return "/".join(map(str, path)) or "the file"


def _line(text: str, path: list[str | int]) -> int:
    """The line at which the entry stands, counted from 1: the innermost that the file has."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


def _scenario(data: Mapping[str, Any], subject: str) -> Scenario:
    wishes = tuple(_wish(part) for part in (data, *data.get("then", ())))
    twists = tuple(_twist(part) for part in data.get("twists", ()))
    for part in (*wishes, *(t.wish for t in twists if t.wish)):
        if missing := set(wishes[0].says) - set(part.says):
            raise ValueError(f"says: {', '.join(sorted(missing))} is missing where the first wish has it")
    plain = ("patience", "when_out", "protests", "thanks", "typos", "style", "fast", "signed_in", "approval")
    rest = {name: data[name] for name in plain if name in data}
    rest["knows"] = {name: _facts(said, tuple(wishes[0].says)) for name, said in data.get("knows", {}).items()}
    if "moods" in data:
        rest["moods"] = tuple(data["moods"])
    return Scenario(name=data["name"], subject=subject, wishes=wishes, twists=twists, **rest)


def _facts(said: Any, languages: tuple[str, ...]) -> Facts:
    """One answer, a list of them, or either for each language."""
    each = said if isinstance(said, dict) else dict.fromkeys(languages, said)
    return {language: tuple(one if isinstance(one, list) else [one]) for language, one in each.items()}


def _wish(data: Mapping[str, Any]) -> Wish:
    says = {
        language: tuple((w,) if isinstance(w, str) else tuple(w) for w in wordings)
        for language, wordings in data["says"].items()
    }
    goals, fine = _goals(data.get("goal")), _goals(data.get("also_fine"))
    state = tuple(data["state"]) if "state" in data else None
    person, sensitive, afresh = (bool(data.get(name)) for name in ("wants_person", "sensitive", "afresh"))
    return Wish(says, goals, fine, person, sensitive, state, afresh)


def _twist(data: Mapping[str, Any]) -> Twist:
    return Twist(data["at"], float(data.get("chance", 1.0)), _wish(data) if "says" in data else None)


def _goals(data: Any) -> tuple[Goal, ...]:
    if data is None:
        return ()
    return tuple(_goal(entry) for entry in (data if isinstance(data, list) else [data]))


def _goal(data: Mapping[str, Any]) -> Goal:
    kinds = [kind for kind in GOALS if kind in data]
    if len(kinds) != 1:
        raise ValueError(f"a goal names one of {', '.join(GOALS)}; this one has {len(kinds)}")
    given = data[kinds[0]]
    values = () if given is True else (given,) if isinstance(given, str) else tuple(given)
    return Goal(kinds[0], values, data.get("for", ""), data.get("outcome", "solved"), data.get("within", 0))
