"""One flow: its figures, its picture, its file, its versions, and what is decided about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.flows.actions import actions
from kulanz.flows.definitions import definition_of
from kulanz.flows.drawing import draw
from kulanz.flows.models import EditionState
from kulanz.flows.places import shown_place, walk_places
from kulanz.flows.publishing import FILE, do_discard, do_propose, do_publish, do_roll_back, do_send_back
from kulanz.flows.sources import Source
from kulanz.flows.versions import (
    PERIOD,
    Listed,
    access_flow,
    editions_of,
    file_text,
    left_at,
    sources_in_force,
    text_in_force,
)
from kulanz.knowledge.history import differences
from kulanz.web.desk.access import current_user
from kulanz.web.flows.common import acted, architect, chips, page


@require_safe
@architect
def flow(request: HttpRequest, name: str) -> HttpResponse:
    """The flow in force, with the step at which its runs were left; a draft beside it."""
    found, user = access_flow(name), current_user(request)
    left = _left(found)
    working = found.in_work
    return page(
        request, "flow", flow=found, title=found.title(user.language), chips=list(chips(found)), days=PERIOD.days,
        picture=picture(found.source, user.language, left) if found.source else "",
        text=text_in_force(name), left=_in_words(found, left, user.language),
        may_approve=bool(working and working.state == EditionState.PROPOSED and working.author_id != user.pk),
        lines=differences(text_in_force(name), working.text) if working else [],
    )  # fmt: skip


def _left(found: Listed) -> Mapping[str, int]:
    if found.source is None:
        return {}
    version = definition_of(found.source, sources_in_force()).version
    return left_at(found.name, version, timezone.now() - PERIOD)


def picture(source: Source, language: str, left: Mapping[str, int]) -> SafeString:
    """The drawing for a page; every text in it is escaped where it is drawn."""
    sources = {**sources_in_force(), source.data["flow"]: source}
    definition, counted = definition_of(source, sources), Counter[str]()
    for place, count in left.items():
        counted[shown_place(definition, place)] += count
    figures = {path: _("{n} left").format(n=n) for path, n in counted.items()}
    svg = draw(source, sources, language, actions(), figures=figures, alone=False)
    return mark_safe(svg)  # noqa: S308


def _in_words(found: Listed, left: Mapping[str, int], language: str) -> list[tuple[int, str]]:
    """Where runs were left, as text beside the picture: how many, and the words of the step."""
    if found.source is None:
        return []
    steps = dict(walk_places(definition_of(found.source, sources_in_force())))
    rows = [(count, _words(steps.get(place, {}), language) or place) for place, count in left.items()]
    return sorted(rows, reverse=True)


def _words(step: Mapping[str, object], language: str) -> str:
    for word in ("text", "confirm", "say"):
        if isinstance(texts := step.get(word), dict):
            return str(texts[language])
    return next((f"{word}: {step[word]}" for word in ("call", "hand_over", "wait_for") if word in step), "")


@require_POST
@architect
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """`act` is propose, publish, send_back or discard; a `note` goes along with some."""
    user, note = current_user(request), request.POST.get("note", "")

    def propose() -> str:
        do_propose(name, user, note)
        return _("Proposed. A second person publishes it.")

    def publish() -> str:
        do_publish(name, user)
        return _("In force. Whoever begins the flow from now on gets this version.")

    def send_back() -> str:
        do_send_back(name, user, note)
        return _("Back to its author.")

    def discard() -> str:
        do_discard(name, user)
        return _("The draft is dropped.")

    acts: dict[str, Callable[[], str]] = {
        "propose": propose, "publish": publish, "send_back": send_back, "discard": discard,
    }  # fmt: skip
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        return HttpResponse(status=400)
    back = ("flows",) if act is discard and not text_in_force(name) else ("flow", name)
    return acted(request, act, *back)


@require_safe
@architect
def history(request: HttpRequest, name: str) -> HttpResponse:
    """Every version, and what changed between two: `?from=` and `?to=` are numbers, 0 stands for the file."""
    found, editions = access_flow(name), editions_of(name)
    texts = {str(edition.number): edition.text for edition in editions}
    if found.has_file:
        texts[str(FILE)] = file_text(name)
    numbers = list(texts)
    new = request.GET.get("to", "")
    new = new if new in texts else numbers[0]
    old = request.GET.get("from", "")
    old = old if old in texts else _before(numbers, new)
    return page(
        request, "history", flow=found, title=found.title(current_user(request).language), editions=editions,
        numbers=numbers, old=old, new=new, chips=list(chips(found)),
        lines=differences(texts[old], texts[new]) if old else [], text=texts[new],
    )  # fmt: skip


def _before(numbers: list[str], new: str) -> str:
    later = numbers[numbers.index(new) + 1 :]
    return later[0] if later else ""


@require_POST
@architect
def roll_back(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """An earlier version (0: the file) is in force again, at once."""

    def act() -> str:
        do_roll_back(name, current_user(request), number)
        if number == FILE:
            return _("The file is in force again.") if file_text(name) else _("The flow is withdrawn.")
        return _("Version {n} is in force again.").format(n=number)

    return acted(request, act, "flow-history", name)
