"""Flows for the people who build them: where each comes from, its versions, and what became of its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import yaml
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.flows.actions import actions, flow_folders
from kulanz.flows.checking import check_flow
from kulanz.flows.definitions import file_sources, flow_files, published_sources, stored_definition
from kulanz.flows.hints import hints
from kulanz.flows.mistakes import Mistake
from kulanz.flows.models import Awaits, EditionState, FlowEdition, FlowRun
from kulanz.flows.places import place_of
from kulanz.flows.sources import Source, read_source

IN_WORK = (EditionState.DRAFT, EditionState.PROPOSED)
PERIOD = timedelta(days=30)
SILENT = timedelta(days=1)
"""A customer who has not answered for so long has left."""
MOST_TEXT = 100_000  # characters
MOST_SILENT = 500
"""Silent runs whose step is looked up; each is replayed for it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the runs of a flow. `left`: the customer went on to something else, or fell silent; `running`:
    still waits for the customer, an event or an approval."""

    started: int = 0
    solved: int = 0
    declined: int = 0
    refused: int = 0
    handed_over: int = 0
    left: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A flow in the list. `source` is what is in force (None: only a draft exists)."""

    name: str
    source: Source | None
    in_force: FlowEdition | None
    in_work: FlowEdition | None
    has_file: bool
    figures: Figures = field(default_factory=Figures)

    def title(self, language: str) -> str:
        return str(self.source.data["title"][language]) if self.source else self.name


def sources_in_force() -> dict[str, Source]:
    """Files, overridden by what is published on the desk."""
    return file_sources() | published_sources()


def listed() -> list[Listed]:
    """Every flow there is, by name."""
    files, sources = file_sources(), sources_in_force()
    current = FlowEdition.objects.exclude(state=EditionState.PAST).select_related("author", "approver")
    editions = {(edition.name, edition.state == EditionState.PUBLISHED): edition for edition in current}
    counted = figures_since(timezone.now() - PERIOD)
    names = sorted({*sources, *(name for name, _in_force in editions)})
    return [
        Listed(name, sources.get(name), editions.get((name, True)), editions.get((name, False)), name in files,
               counted.get(name, Figures()))
        for name in names
    ]  # fmt: skip


def access_flow(name: str) -> Listed:
    """One flow. Raises NotFound."""
    found = next((flow for flow in listed() if flow.name == name), None)
    if found is None:
        raise NotFound("there is no such flow")
    return found


def editions_of(name: str) -> list[FlowEdition]:
    """Its versions on the desk, the newest first."""
    return list(FlowEdition.objects.filter(name=name).select_related("author", "approver").order_by("-number"))


def file_text(name: str) -> str:
    """The file as it lies in the folder; '' without one."""
    files = {stem: file for folder in flow_folders() for stem, file in flow_files(folder).items()}
    return files[name].read_text(encoding="utf-8") if name in files else ""


def text_in_force(name: str) -> str:
    edition = FlowEdition.objects.filter(name=name, state=EditionState.PUBLISHED).first()
    return edition.text if edition else file_text(name)


def waiting_for(person: User) -> int:
    """How many proposals this person could publish."""
    return FlowEdition.objects.filter(state=EditionState.PROPOSED).exclude(author=person).count()


def source_of(name: str, text: str) -> Source:
    """The text as the flow's file. Raises InvalidInput, naming the line."""
    if len(text) > MOST_TEXT:
        raise InvalidInput(_("A flow may have {n} characters.").format(n=MOST_TEXT))
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):  # a few lines of them can stand for millions
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise InvalidInput(f"{name}.yaml:{line}: `*{event.anchor}` repeats something. Write it out.")
    except (yaml.YAMLError, RecursionError, ValueError):
        pass  # told below, with its line
    return read_source(text, f"{name}.yaml")


def mistakes_in(name: str, text: str) -> list[Mistake]:
    """Everything about a text that would be this flow, beside the flows in force: errors first where there are any,
    else warnings."""
    try:
        source = source_of(name, text)
    except InvalidInput as error:
        return [_as_mistake(name, str(error))]
    sources, known = {**sources_in_force(), name: source}, actions()
    errors = check_flow(source, sources, known)
    if errors:
        return errors
    around = [m for other in sources.values() if other is not source for m in check_flow(other, sources, known)]
    return around or hints(source, sources, known)


def _as_mistake(name: str, problem: str) -> Mistake:
    file, line, text = ([*problem.split(":", 2), "", ""] if problem.count(":") >= 2 else ["", "", problem])[:3]
    if file == f"{name}.yaml" and line.isdecimal():
        return Mistake(file, int(line), text.strip())
    return Mistake(f"{name}.yaml", 1, problem)


def figures_since(since: datetime, **which: str) -> dict[str, Figures]:
    """What became of the runs that began since then, by flow; `which` narrows them (`flow`, `version`)."""
    silent = Q(outcome="", awaits__in=[Awaits.SLOT, Awaits.CONFIRM], updated_at__lt=timezone.now() - SILENT)
    ended = {name: Count("pk", filter=Q(outcome=name)) for name in ("solved", "declined", "refused", "handed_over")}
    rows: Any = FlowRun.objects.filter(created_at__gte=since, **which).values("flow").annotate(
        started=Count("pk"), left=Count("pk", filter=Q(outcome="left") | silent),
        running=Count("pk", filter=Q(outcome="") & ~silent), **ended,
    )  # fmt: skip
    names = [part.name for part in fields(Figures)]
    return {row["flow"]: Figures(*(row[name] for name in names)) for row in rows}


def left_at(name: str, version: str, since: datetime) -> Mapping[str, int]:
    """At which step runs of this version ended unsolved, or fell silent: the step's path and how many."""
    runs = FlowRun.objects.filter(flow=name, version=version, created_at__gte=since)
    ended = runs.exclude(left_at="").values_list("left_at").annotate(Count("pk"))
    places: Counter[str] = Counter(dict(ended))
    silent = runs.filter(outcome="", awaits__in=[Awaits.SLOT, Awaits.CONFIRM], updated_at__lt=timezone.now() - SILENT)
    for run in silent[:MOST_SILENT]:
        places[place_of(stored_definition(run.flow, run.version), run.state)] += 1
    return places
