"""Scripted conversations beside a flow (`<flow>.test.yaml`): what is said, and what the flow must answer.

They are played by the flow's own engine, with the real reading of messages; the calls get the answers that the script
gives, so that no back office and no database is needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from kulanz.core.errors import InvalidInput
from kulanz.core.files import File
from kulanz.core.flow import Call, Definition, Wait
from kulanz.core.reading import Reading
from kulanz.core.timeline import Timeline
from kulanz.flows.actions import Action
from kulanz.flows.back_offices.operation import CallResult, Status
from kulanz.flows.definitions import SCRIPT
from kulanz.flows.mistakes import Mistake, said
from kulanz.flows.rehearsal import Scene, begin, go_on, hear
from kulanz.flows.runner import known_slots
from kulanz.flows.sources import Path as Place
from kulanz.flows.sources import Source, read_source

SCHEMA = Path(__file__).with_name("script.schema.json")
LANGUAGES = ("de", "en")
STATUSES: tuple[Status, ...] = ("done", "refused", "unknown", "repeated", "declined")
Read = Callable[[str, str], Reading]
"""How a text in a language is understood."""


@dataclass(frozen=True, slots=True)
class Played:
    """One conversation in one language, and what went otherwise than expected."""

    name: str
    language: str
    failures: tuple[Mistake, ...] = ()


def scripts_in(folder: Path) -> dict[str, Path]:
    """The files of scripted conversations in a folder, by flow."""
    return {file.name.removesuffix(SCRIPT): file for file in sorted(folder.glob(f"*{SCRIPT}"))}


def read_script(file: Path) -> Source:
    """Raises InvalidInput, naming the line."""
    source = read_source(file.read_text(encoding="utf-8"), file.name)
    if mistake := best_match(_validator().iter_errors(source.data)):
        line = source.line(tuple(mistake.absolute_path))
        raise InvalidInput(f"{file.name}:{line}: {said(mistake)}")
    return source


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def play(script: Source, definition: Definition, actions: Mapping[str, Action], read: Read) -> Iterator[Played]:
    """Plays every conversation in its language, or in both."""
    for number, entry in enumerate(script.data["conversations"]):
        languages = (entry["language"],) if "language" in entry else LANGUAGES
        for language in languages:
            stage = _Stage(script, definition, actions, read, language, entry, ("conversations", number))
            stage.play()
            yield Played(entry["name"], language, tuple(stage.failures))


class _Stop(Exception):
    """The conversation can't go on."""


@dataclass(slots=True)
class _Stage:
    script: Source
    definition: Definition
    actions: Mapping[str, Action]
    read: Read
    language: str
    entry: Mapping[str, Any]
    place: Place
    scene: Scene | None = None
    written: list[Call] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    failures: list[Mistake] = field(default_factory=list)

    def play(self) -> None:
        try:
            for number, line in enumerate(self.entry["talk"]):
                self._line(line, (*self.place, "talk", number))
            self._writes()
            self._end()
        except _Stop:
            return

    def _fail(self, place: Place, text: str) -> None:
        self.failures.append(Mistake(self.script.file, self.script.line(place), f"{self.language}: {text}"))

    def _line(self, line: Mapping[str, Any], place: Place) -> None:
        if "said" in line or "sends" in line:
            self._say(self._worded(line.get("said", "")), place, line.get("sends", ""))
        elif "happens" in line or "late" in line:
            self._happens({"late": "late" in line, "data": line.get("happens", {})}, place)
        elif "expects_not" in line:
            self._expects([line["expects_not"]], place, wanted=False)
        else:
            wanted = line["expects"]
            self._expects(wanted if isinstance(wanted, list) else [wanted], place, wanted=True)

    def _worded(self, text: str | Mapping[str, str]) -> str:
        return text if isinstance(text, str) else text.get(self.language, next(iter(text.values())))

    def _say(self, text: str, place: Place, sends: str) -> None:
        reading = self.read(text, self.language)
        if sends:
            reading = replace(reading, files=(_file(sends, len(self.files) + 1),))
            self.files += reading.files
        if self.scene is None:
            known = known_slots(self.definition, reading, Timeline(()), self.entry.get("record", {}))
            known = {**self.entry.get("known", {}), **known}
            self.scene = begin(self.definition, known, self._perform, self.language, self.files)
        elif self.scene.outcome or isinstance(self.scene.question, Wait):
            self._fail(place, f"The flow does not wait for the customer: it {self._stand()}.")
            raise _Stop
        else:
            state = self.scene.state
            self.scene = hear(self.definition, state, reading, self._perform, self.language, self.files)

    def _happens(self, data: dict[str, Any], place: Place) -> None:
        if self.scene is None:
            self.scene = begin(self.definition, self.entry.get("known", {}), self._perform, self.language)
        if not isinstance(self.scene.question, Wait):
            self._fail(place, f"The flow waits for no event: it {self._stand()}.")
            raise _Stop
        self.scene = go_on(self.definition, self.scene.state, data, self._perform, self.language)

    def _expects(self, texts: list[Any], place: Place, *, wanted: bool) -> None:
        reply = _plain(self.scene.text if self.scene else "")
        for text in texts:
            part = self._worded(text)
            if (_plain(part) in reply) is not wanted:
                problem = "does not contain" if wanted else "contains"
                self._fail(place, f"The reply {problem} “{part}”. It was: “{reply or 'nothing'}”")

    def _writes(self) -> None:
        """Every writing call, in order; a script that names none expects none."""
        wanted = self.entry.get("calls", [])
        for number, call in enumerate(self.written):
            name, arguments = next(iter(wanted[number].items())) if number < len(wanted) else ("", None)
            here = (*self.place, "calls", number) if name else self.place
            made = ", ".join(f"{key}: {value}" for key, value in call.arguments.items())
            if name != call.action:
                self._fail(here, f"`{call.action}` was called ({made}), but `calls` names {name or 'no call'} here.")
            elif any(call.arguments.get(key) != value for key, value in (arguments or {}).items()):
                self._fail(here, f"`{call.action}` was called with other arguments: {made}.")
        for missing in range(len(self.written), len(wanted)):
            self._fail((*self.place, "calls", missing), f"`{next(iter(wanted[missing]))}` was not called.")

    def _end(self) -> None:
        wanted = self.entry["ends"]
        outcome, reason = ("handed_over", wanted["handed_over"]) if isinstance(wanted, dict) else (wanted, "")
        scene = self.scene
        stands = (scene.outcome or "waits") if scene else "begun nowhere"
        if stands != outcome or (reason and scene and scene.handover != reason):
            self._fail(
                (*self.place, "ends"), f"It should end as {outcome} {reason}".rstrip() + f", but it {self._stand()}."
            )

    def _stand(self) -> str:
        scene = self.scene
        if scene is None:
            return "has not begun"
        if scene.outcome:
            return f"has ended as {scene.outcome} {scene.handover}".rstrip()
        return "waits for an event" if isinstance(scene.question, Wait) else "waits for the customer"

    def _perform(self, call: Call) -> CallResult:
        if self.actions[call.action].writes:
            self.written.append(call)
        given = self.entry.get("answers", {}).get(call.action)
        if isinstance(given, list):
            number = self.asked.get(call.action, 0)
            self.asked[call.action] = number + 1
            given = given[number] if number < len(given) else None
        if given is None:
            self._fail((*self.place, "answers"), f"`{call.action}` is called and has no answer here. Add one.")
            raise _Stop
        return _result(given)


def _result(given: Mapping[str, Any]) -> CallResult:
    """What a script answers: `{refused: {…}}` and its like, else the data of a call that was done."""
    for status in STATUSES:
        if list(given) == [status]:
            return CallResult(status, dict(given[status] or {}))
    return CallResult("done", dict(given))


def _file(name: str, number: int) -> File:
    """A file that a script sends; its ids count from `file-1`."""
    suffix = name.rpartition(".")[2].lower()
    return File(f"file-{number}", name, "application/pdf" if suffix == "pdf" else "image/jpeg")


def _plain(text: str) -> str:
    return " ".join(text.split())
