"""A flow played apart from customers and tables: for scripted conversations and for the architect's trial.

Nothing is stored and nothing is sent by itself: whoever plays the flow answers its calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kulanz.core.files import File
from kulanz.core.flow import (
    Ask,
    Call,
    Confirm,
    Definition,
    HandOver,
    Outcome,
    Wait,
    fill,
    going_on,
    replay,
)
from kulanz.core.reading import Reading
from kulanz.flows.answers import MISSING, answer_to
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.sent import given_before

Files = tuple[File, ...]
Perform = Callable[[Call], CallResult]
Question = Ask | Confirm | Wait
MOST_TIMES = 2
"""How often a question is put before a person comes."""
UNCLEAR = "flow_unclear"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the flow stands: `state` is plain data from which it goes on, `question` what it waits for, `text` what was
    just said. `outcome` is set once it has ended, `handover` says why a person comes."""

    state: dict[str, Any]
    text: str = ""
    question: Question | None = None
    outcome: Outcome | None = None
    handover: str = ""
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class _Play:
    state: Mapping[str, Any]
    language: str
    log: list[Any]
    texts: list[str] = field(default_factory=list)

    def scene(self, question: Question | None = None, **more: Any) -> Scene:
        asked = int(isinstance(question, Ask | Confirm))
        choices = tuple(c.label[self.language] for c in question.choices) if isinstance(question, Ask) else ()
        state = {**self.state, "log": self.log, "asked": asked}
        return Scene(state, "\n\n".join(self.texts), question, choices=choices, **more)


def begin(
    definition: Definition, known: Mapping[str, Any], perform: Perform, language: str, files: Files = ()
) -> Scene:
    """Plays from the start as far as it goes. `perform` answers each call; `files` are those sent so far."""
    return go_on(definition, {"known": dict(known), "log": [], "asked": 0}, MISSING, perform, language, files)


def go_on(
    definition: Definition, state: Mapping[str, Any], given: Any, perform: Perform, language: str, files: Files = ()
) -> Scene:
    """Goes on with the answer to what the flow waits for: that of a question (`answer_to`), or what happened outside,
    `{"late": …, "data": …}`; MISSING at the start. Raises what `perform` raises."""
    generator, effect = replay(definition, state["known"], state["log"])
    play = _Play(state, language, list(state["log"]))
    while not isinstance(effect, str):
        if isinstance(effect, HandOver):
            return play.scene(outcome="handed_over", handover=effect.reason)
        if isinstance(effect, Ask) and given is MISSING:
            given = given_before(effect, files, play.log)
        if isinstance(effect, Ask | Confirm | Wait):
            if given is MISSING:
                play.texts += [fill(effect.text[language], effect.values, language)] if effect.text else []
                return play.scene(effect)
            result, given = given, MISSING
        elif isinstance(effect, Call):
            done = perform(effect)
            result = {"status": done.status, "data": done.data}
        else:
            play.texts.append(fill(effect.text[language], effect.values, language))
            result = None
        play.log.append(result)
        effect = going_on(generator, result)
    if any(isinstance(result, dict) and result.get("status") == "unknown" for result in play.log):
        return play.scene(outcome="handed_over", handover="outcome_unknown")  # as when it is played for customers
    return play.scene(outcome=effect)


def hear(
    definition: Definition, state: Mapping[str, Any], reading: Reading, perform: Perform, language: str,
    files: Files = (),
) -> Scene:  # fmt: skip
    """Goes on with a customer's message; `files` are those sent before and with it. What is no clear answer is asked
    again in other words once; then a person comes. Who wants to stop has declined, who wants a person gets one."""
    question = waits_for(definition, state)
    if not isinstance(question, Ask | Confirm):
        raise TypeError("the flow does not wait for the customer")
    play = _Play(state, language, list(state["log"]))
    if reading.signal("wants_person") and not _offered(question, reading.text):
        return play.scene(outcome="handed_over", handover="wants_person")
    if reading.signal("stops"):
        return play.scene(outcome="declined")
    asked = int(state.get("asked", 1))
    hesitates = isinstance(question, Confirm) and reading.signal("hesitates") and not reading.signal("denies")
    answer = MISSING if hesitates else answer_to(question, reading, definition)
    if answer is not MISSING:
        return go_on(definition, state, answer, perform, language, files or reading.files)
    if asked >= MOST_TIMES:
        return play.scene(outcome="handed_over", handover=UNCLEAR)
    play.texts.append(fill(question.again[language], question.values, language))
    scene = play.scene(question)
    scene.state["asked"] = asked + 1
    return scene


def _offered(question: Ask | Confirm, text: str) -> bool:
    """Whether the message is one of the answers that were offered, word for word: a click, not a wish of its own."""
    labels = (
        [label for choice in question.choices for label in choice.label.values()] if isinstance(question, Ask) else []
    )
    return text.strip().casefold() in {label.casefold() for label in labels}


def waits_for(definition: Definition, state: Mapping[str, Any]) -> Question | None:
    """What the flow waits for in this state; None where it has ended."""
    effect = replay(definition, state["known"], state["log"])[1]
    return effect if isinstance(effect, Ask | Confirm | Wait) else None
