"""What a decision saw besides the words: kept with it, so that the same turn can be decided again (`turns/replay`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kulanz.core.decision import Decision, Situation
from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Passage
from kulanz.core.timeline import Timeline

SITUATION = TypeAdapter(Situation)


def to_json(situation: Situation, decision: Decision, hint: str) -> dict[str, Any]:
    """The situation without the timeline, which is stored already, and without the passages' words, which stand in
    the knowledge. `decided` is the decision before it was carried out: a flow that had to ask became an *ask*.
    `hint` is the conversation's language when the message was read."""
    bare = replace(situation, timeline=Timeline(()), passages=_wordless(situation.passages))
    if parts := getattr(situation, "wish_passages", None):
        bare = replace(bare, wish_passages={wish: _wordless(found) for wish, found in parts.items()})
    data: dict[str, Any] = SITUATION.dump_python(bare, mode="json")
    del data["timeline"]
    return {
        "situation": data,
        "answered": situation.timeline.answered,
        "decided": [decision.kind, decision.subject],
        "hint": hint,
    }


def situation_from_json(seen: Mapping[str, Any], timeline: Timeline) -> Situation:
    """The inverse of `to_json`, with the timeline as of that turn. What a later version knows and was not kept then
    has its default. Raises InvalidInput where this version can't read it."""
    try:
        kept = SITUATION.validate_python({**seen["situation"], "timeline": Timeline(())})
    except (KeyError, ValidationError) as error:
        raise InvalidInput("The turn was decided by a version that kept too little to decide it again.") from error
    return replace(kept, timeline=timeline)


def _wordless(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    return tuple(replace(p, text="", quote="") for p in passages)
