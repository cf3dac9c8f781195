"""A trial chat: the architect plays a customer. The flow reads from the real back offices and writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kulanz.core.errors import InvalidInput, PermanentError, TransientError
from kulanz.core.files import KINDS, File, fitting
from kulanz.core.flow import Ask, Call, Confirm, Definition, Wait
from kulanz.core.timeline import Timeline
from kulanz.desk.wording import handover_reason
from kulanz.flows.actions import LEVELS, Level, actions
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.calls import read_call
from kulanz.flows.definitions import definition_of
from kulanz.flows.limits import verdict
from kulanz.flows.publishing import in_work
from kulanz.flows.rehearsal import Scene, begin, go_on, hear, waits_for
from kulanz.flows.runner import known_slots
from kulanz.flows.unsent import rehearse
from kulanz.flows.versions import access_flow, mistakes_in, source_of, sources_in_force, text_in_force
from kulanz.flows.wish import Wish
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.read import read
from kulanz.web.desk.access import current_user
from kulanz.web.flows.common import architect, chips, page

KEY = "flow_trial"
MOST_WORDS = 2_000  # characters of one message
MOST_LINES = 200
NOBODY = UUID(int=0)
SAMPLES = (File("sample-1", "sample.jpg", "image/jpeg"), File("sample-2", "sample.pdf", "application/pdf"))
"""What the architect sends as a customer; a name as the message sends it."""
OUTCOMES = ("done", "refused", "unknown", "declined")


@dataclass(frozen=True, slots=True)
class _Trial:
    """One chat, as the session keeps it: plain data."""

    name: str
    definition: Definition
    data: dict[str, Any]

    @property
    def language(self) -> str:
        return str(self.data["language"])

    def tell(self, who: str, text: str) -> None:
        self.data["lines"] = [*self.data["lines"], {"who": who, "text": text}][-MOST_LINES:]


@require_http_methods(["GET", "HEAD", "POST"])
@architect
def trial(request: HttpRequest, name: str) -> HttpResponse:
    """`act` is begin (with a customer's `email`, `level`, `language`), say (with `text`), happen or late."""
    found, user = access_flow(name), current_user(request)
    text = working.text if (working := in_work(name)) else text_in_force(name)
    errors = [mistake for mistake in mistakes_in(name, text) if mistake.level == "error"]
    chat = _kept(request, name, text) if not errors else None
    if request.method == "POST" and not errors:
        chat = _acted(request, name, text, chat)
        request.session[KEY] = chat.data
        return HttpResponseRedirect(reverse("flow-try", args=[name]))
    stands = waits_for(chat.definition, chat.data["state"]) if chat and chat.data["state"] else None
    return page(
        request, "trial", flow=found, title=found.title(user.language), chips=list(chips(found)), errors=errors,
        chat=chat.data if chat else {"language": user.language, "level": "claimed", "outcome": "done"},
        begun=bool(chat), levels=_levels(), outcomes=_outcomes(), confirms=isinstance(stands, Confirm),
        event=isinstance(stands, Wait), of_draft=bool(working),
    )  # fmt: skip


def _levels() -> list[tuple[str, str]]:
    names = {"anonymous": _("anonymous"), "claimed": _("says who they are"), "verified": _("verified"),
             "strong": _("strongly verified")}  # fmt: skip
    return [(level, names[level]) for level in LEVELS]


def _outcomes() -> list[tuple[str, str]]:
    names = {"done": _("done"), "refused": _("refused"), "unknown": _("outcome unknown"), "declined": _("not approved")}
    return [(outcome, names[outcome]) for outcome in OUTCOMES]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _definition(name: str, text: str) -> Definition:
    source = source_of(name, text)
    return definition_of(source, {**sources_in_force(), name: source})


def _kept(request: HttpRequest, name: str, text: str) -> _Trial | None:
    """The chat of this session; begun anew once the flow's text is another one."""
    data = request.session.get(KEY)
    if not isinstance(data, dict) or (data.get("flow"), data.get("digest")) != (name, _digest(text)):
        return None
    return _Trial(name, _definition(name, text), data)


def _acted(request: HttpRequest, name: str, text: str, chat: _Trial | None) -> _Trial:
    given, act = request.POST, request.POST.get("act", "")
    if chat is None or act == "begin":
        chat = _Trial(name, _definition(name, text), {
            "flow": name, "digest": _digest(text), "email": given.get("email", "").strip()[:254],
            "level": given.get("level") if given.get("level") in LEVELS else "claimed",
            "language": given.get("language") if given.get("language") in {"de", "en"} else "de",
            "outcome": "done", "state": None, "lines": [],
        })  # fmt: skip
    if given.get("outcome") in OUTCOMES:
        chat.data["outcome"] = given["outcome"]
    if act in {"happen", "late"}:
        if not _is_waiting(chat):  # pressed twice, or in an old tab
            return chat
        _play(chat, lambda: go_on(chat.definition, chat.data["state"], {"late": act == "late", "data": {}},
                                  lambda call: _perform(chat, call), chat.language))  # fmt: skip
    elif (words := given.get("text", "").strip()[:MOST_WORDS]) and not _is_waiting(chat):
        chat.tell("customer", words)
        _play(chat, lambda: _heard(chat, words))
    return chat


def _is_waiting(chat: _Trial) -> bool:
    """Whether the flow waits for something outside."""
    state = chat.data["state"]
    return state is not None and isinstance(waits_for(chat.definition, state), Wait)


def _heard(chat: _Trial, words: str) -> Scene:
    """The message, read as every customer's is."""
    sample = next((file for file in SAMPLES if file.name == words), None)
    words = "" if sample else words
    reading = read(words, LazyVector(words), language_hint=chat.language)
    reading = replace(reading, files=(sample,) if sample else ())
    if chat.data["state"] is None:
        record = {"email": chat.data["email"]}
        known = known_slots(chat.definition, reading, Timeline(()), record)
        return begin(chat.definition, known, lambda call: _perform(chat, call), chat.language, reading.files)
    state = chat.data["state"]
    return hear(chat.definition, state, reading, lambda call: _perform(chat, call), chat.language)


def _play(chat: _Trial, play: Callable[[], Scene]) -> None:
    """Tells what the flow says and does. A trial that has ended begins anew with the next message."""
    try:
        scene = play()
    except _StoppedByRules as stop:
        _end(chat, "handed_over", stop.verdict)
    except (TransientError, PermanentError, InvalidInput) as error:
        chat.tell("note", _("The back office did not answer as it should: {problem}").format(problem=error))
        _end(chat, "handed_over", "system_down")
    else:
        chat.data["state"], chat.data["choices"] = scene.state, [*_samples(scene), *scene.choices]
        if scene.text:
            chat.tell("assistant", scene.text)
        if isinstance(scene.question, Wait):
            chat.tell("note", _("The flow waits for: {event}").format(event=scene.question.event))
        if scene.outcome:
            _end(chat, scene.outcome, scene.handover)


def _samples(scene: Scene) -> list[str]:
    """Buttons that send a file, where the flow asks for one."""
    slot = scene.question.slot if isinstance(scene.question, Ask) else None
    return [file.name for file in fitting(slot.entity, SAMPLES)] if slot and slot.entity in KINDS else []


def _end(chat: _Trial, outcome: str, handover: str) -> None:
    names = {"solved": _("solved"), "declined": _("declined by the customer"), "refused": _("refused")}
    ended = names.get(outcome) or _("handed over ({reason})").format(reason=handover_reason(handover))
    chat.tell("note", _("The flow has ended: {outcome}.").format(outcome=ended))
    chat.data["state"], chat.data["choices"] = None, []


class _StoppedByRules(Exception):
    def __init__(self, verdict: str) -> None:
        self.verdict = verdict


def _perform(chat: _Trial, call: Call) -> CallResult:
    """Reads really happen. Writes do not: they are shown, with what the rules say, and answer what was chosen; what is
    done answers what the back office gives as its example."""
    action = actions()[call.action]
    made = ", ".join(f"{name}: {value}" for name, value in call.arguments.items())
    if not action.writes:
        result = read_call(action, call.arguments)
        chat.tell(
            "note", _("Asked the back office: {action} ({arguments}).").format(action=action.name, arguments=made)
        )
        return result
    who, level = chat.data["email"].lower() or "trial", _level(chat)
    ruled = verdict(Wish(action, call.arguments, who, NOBODY, chat.name, call.step), level)
    chat.tell("note", _("Not sent, for this is a trial: {action} ({arguments}).").format(
        action=action.name, arguments=made))  # fmt: skip
    if ruled == "approval":
        chat.tell("note", _("A person would approve it first."))
    elif ruled != "free":
        raise _StoppedByRules(ruled)
    outcome = chat.data["outcome"]
    if outcome == "done":
        return rehearse(action, call.arguments)
    reason = {"reason": _("as chosen in this trial")} if outcome in {"refused", "declined"} else {}
    return CallResult(outcome, reason)


def _level(chat: _Trial) -> Level:
    return next(level for level in LEVELS if level == chat.data["level"])
