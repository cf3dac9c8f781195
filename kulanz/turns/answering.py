"""An answer from the knowledge, with its sources: quoted, or worded by a language model and checked.

The live turn and `kulanz ask` both answer here, so that what is tried is what customers get.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import override

from kulanz.core.knowledge import Audience, Passage
from kulanz.core.message import Reply, Source
from kulanz.core.timeline import Timeline
from kulanz.knowledge.composing import Composed, Statement, compose
from kulanz.knowledge.wording import Wording, stream_answer
from kulanz.nlp.language_models.ask import configured
from kulanz.nlp.masking import Masker
from kulanz.settings.language_models import Task
from kulanz.turns.replies import person_button, unsaid
from kulanz.turns.wishes import not_found


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: `language` is what they read (ISO 639-1), `masker` knows their personal data. `wait` is called before
    anything that takes seconds and while it lasts; `draft` gets all of the answer so far whenever it has grown. What it
    got is no reply yet: another answer may follow."""

    timeline: Timeline
    language: str
    audience: Audience = Audience.CUSTOMERS
    masker: Masker | None = None
    conversation: UUID | None = None
    wait: Callable[[], None] = lambda: None
    draft: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Answer:
    """`reply` is empty where all of it was said before. `worded` tells what a language model made of it, for staff:
    {"used", "reason", "call", "refused": [{"sentence", "code", "detail"}]}; empty where none was asked. `left` is the
    end of the reply that says what nothing was found for."""

    reply: Reply
    worded: dict[str, Any]
    left: str = ""


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
        return _with_open(Answer(quoted, {}), composed, asker)
    asker.wait()
    passages = [statement.passage for statement in composed.statements]
    wording = _watched(question, passages, asker)
    used = bool(wording.text) and unsaid([wording.text], asker.timeline) is not None
    said = _worded(wording, composed) if used else quoted
    return _with_open(Answer(said, _told(wording, used=used)), composed, asker)


def _with_open(found: Answer, composed: Composed, asker: Asker) -> Answer:
    """With what the question asked besides and nothing was found for; a customer is offered a person for it."""
    if not composed.open_parts:
        return found
    to_customer = asker.audience is Audience.CUSTOMERS
    with override(asker.language):
        left = not_found(composed.open_parts, with_offer=to_customer)
        choices = (person_button(),) if to_customer else ()
    reply = replace(found.reply, text=f"{found.reply.text}\n\n{left}", choices=choices)
    return replace(found, reply=reply, left=left)


def _watched(question: str, passages: Sequence[Passage], asker: Asker) -> Wording:
    """The model's wording, of which the reader sees each sentence as soon as it was checked."""
    answer = stream_answer(
        question, passages, asker.language, masker=asker.masker, conversation=asker.conversation, alive=asker.wait
    )  # fmt: skip
    so_far = ""
    for sentence in answer:
        so_far = f"{so_far} {sentence}".lstrip()
        asker.draft(so_far)
    return answer.wording


def _new(composed: Composed, asker: Asker) -> Composed:
    """Without what was said before; of a passage whose best sentences were, all of it."""
    kept: list[Statement] = []
    for statement in composed.statements:
        ways = [statement, replace(statement, text=statement.passage.text)]
        said = {way.spoken: way for way in reversed(ways)}
        text = unsaid([way.spoken for way in ways], asker.timeline)
        if text:
            kept.append(said[text])
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
