"""An answer from the knowledge, with its sources: quoted, or worded by a language model and checked.

The live turn and `kulanz ask` both answer here, so that what is tried is what customers get.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from kulanz.core.knowledge import Audience, Passage
from kulanz.core.message import Reply, Source
from kulanz.core.timeline import Timeline
from kulanz.knowledge.composing import Composed, Statement, compose
from kulanz.knowledge.wording import Wording, word_answer
from kulanz.nlp.language_models.ask import configured
from kulanz.nlp.masking import Masker
from kulanz.settings.language_models import Task
from kulanz.turns.replies import unsaid


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: `language` is what they read (ISO 639-1), `masker` knows their personal data, `wait` is called before
    anything that takes seconds."""

    timeline: Timeline
    language: str
    audience: Audience = Audience.CUSTOMERS
    masker: Masker | None = None
    conversation: UUID | None = None
    wait: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Answer:
    """`reply` is empty where all of it was said before. `worded` tells what a language model made of it, for staff:
    {"used", "reason", "call", "refused": [{"sentence", "code", "detail"}]}; empty where none was asked."""

    reply: Reply
    worded: dict[str, Any]


def answer(
    question: str,
    passage: Passage,
    asker: Asker,
    *,
    others: Sequence[Passage] = (),
    answer_from: float = 1.0,
    may_word: bool = True,
) -> Answer:
    """What `passage` says on `question`, with a second passage where the question asks for two things (`others` and
    `answer_from` as in `compose`). Where a language model is set it words the answer (`may_word`); what it wrote is
    used only if all of it is supported by the passages. Never call it inside a transaction."""
    composed = compose(
        question, passage, asker.language, others=others, answer_from=answer_from, audience=asker.audience
    )  # fmt: skip
    composed = _new(composed, asker)
    if not composed.statements:
        return Answer(Reply(""), {})
    quoted = Reply(composed.text, sources=composed.sources)
    if not may_word or not configured(Task.ANSWER):
        return Answer(quoted, {})
    asker.wait()
    passages = [statement.passage for statement in composed.statements]
    wording = word_answer(
        question, passages, asker.language, masker=asker.masker, conversation=asker.conversation
    )  # fmt: skip
    used = bool(wording.text) and unsaid([wording.text], asker.timeline) is not None
    return Answer(_worded(wording, composed) if used else quoted, _told(wording, used=used))


def _new(composed: Composed, asker: Asker) -> Composed:
    """Without what was said before; of a passage whose best sentences were, all of it."""
    kept: list[Statement] = []
    for statement in composed.statements:
        text = unsaid([statement.text, statement.passage.text], asker.timeline)
        if text:
            kept.append(replace(statement, text=text))
    return replace(composed, statements=tuple(kept))


def _worded(wording: Wording, composed: Composed) -> Reply:
    """The wording with the passages that its sentences cite, each shown by the sentences that were chosen from it."""
    statements = wording.answer.statements if wording.answer else ()
    cited = {number for statement in statements for number in statement.sources}
    ids = {wording.passages[number - 1].passage_id for number in cited}
    sources: tuple[Source, ...] = tuple(source for source in composed.sources if source.passage_id in ids)
    return Reply(wording.text, sources=sources)


def _told(wording: Wording, *, used: bool) -> dict[str, Any]:
    return {
        "used": used,
        "reason": wording.reason.value if wording.reason else "",
        "call": str(wording.call_id or ""),
        "refused": [asdict(refusal) for refusal in wording.refusals],
    }
