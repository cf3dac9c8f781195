"""Asking a language model: mask → may we → call → put back → record. Whatever happens, the caller gets a result.

Never call from inside a database transaction: a call takes seconds, and the budget's rows would stay locked.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from pydantic_core import from_json

from kulanz.nlp.language_models.breaker import Breaker, breaker_of
from kulanz.nlp.language_models.budget import Reservation, reserve
from kulanz.nlp.language_models.client import Prompt, Reply, complete, prepare
from kulanz.nlp.language_models.client import stream as stream_pieces
from kulanz.nlp.language_models.errors import CallFailed
from kulanz.nlp.language_models.record import Call, do_record, do_record_missed
from kulanz.nlp.language_models.result import SERVER_IS_TO_BLAME, Filled, Reason, Text, Unavailable
from kulanz.nlp.masking import Masker, RestoringStream
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.settings.logging import logger

log = logger(__name__)
Example = tuple[str, str]


def configured(task: Task) -> bool:
    """Whether a model is set for `task`; costs nothing."""
    return _limits().of(task) is not None


def warm_up() -> None:
    """Loads what calls need (1.5 s of one core), if any model is set, so that no customer waits for it."""
    for model in _limits().models.values():
        prepare(model)


def ask(
    task: Task, instructions: str, material: str, *, masker: Masker | None = None, conversation: UUID | None = None,
    example: Example | None = None,
) -> Text | Unavailable:  # fmt: skip
    """The model's reply to `material` (what others wrote; masked before it leaves) under our `instructions`, with an
    `example` of ours as (material, reply).

    `masker` may know names and entities; a new one finds what has a shape. `conversation` only links the record.
    """
    begun = _begin(task, Prompt(instructions, material, example), masker or Masker(), conversation)
    if isinstance(begun, Unavailable):
        return begun
    try:
        return begun.end(complete(begun.model, begun.prompt))
    except CallFailed as failure:
        return begun.fail(failure)


def fill_in(
    task: Task, instructions: str, material: str, form: Mapping[str, Any], *, masker: Masker | None = None,
    conversation: UUID | None = None, example: Example | None = None,
) -> Filled | Unavailable:  # fmt: skip
    """As `ask`, for a reply that is an object of the JSON schema `form`. The server is asked to keep to it, but whether
    it did is for the caller to find out (and to tell: `record.do_judge`)."""
    prompt = Prompt(instructions, material, example, form)
    begun = _begin(task, prompt, masker or Masker(), conversation)
    if isinstance(begun, Unavailable):
        return begun
    try:
        return begun.end_filled(complete(begun.model, begun.prompt))
    except CallFailed as failure:
        return begun.fail(failure)


def stream(
    task: Task, instructions: str, material: str, *, masker: Masker | None = None, conversation: UUID | None = None,
    example: Example | None = None,
) -> Stream:  # fmt: skip
    """As `ask`, in pieces. Nothing is sent before the first piece is asked for."""
    return Stream(task, Prompt(instructions, material, example), masker or Masker(), conversation)


class Stream:
    """An iterator of text pieces (whole words, personal data put back). Afterwards, `result` says what came of it: a
    reply that failed half-way is Unavailable though pieces were given out, and whoever showed them takes them back."""

    def __init__(self, task: Task, prompt: Prompt, masker: Masker, conversation: UUID | None) -> None:
        self._asked = (task, prompt, masker, conversation)
        self.result: Text | Unavailable = Unavailable(Reason.DROPPED)
        self._received: list[str] = []  # masked, as the server sent it

    def __iter__(self) -> Generator[str, None, None]:
        begun = _begin(*self._asked)
        if isinstance(begun, Unavailable):
            self.result = begun
            return
        finished = False
        try:
            with closing(stream_pieces(begun.model, begun.prompt)) as pieces:
                yield from self._restored(begun, pieces)
            finished = True
        except CallFailed as failure:
            self.result, finished = begun.fail(failure, "".join(self._received)), True
        finally:
            if not finished:  # nobody listens any more
                self.result = begun.fail(CallFailed(Reason.DROPPED), "".join(self._received))

    def _restored(self, begun: _Begun, pieces: Iterable[str | Reply]) -> Iterator[str]:
        restoring = RestoringStream(begun.masker)
        for piece in pieces:
            self._received += [piece] if isinstance(piece, str) else []
            ready = restoring.finish() if isinstance(piece, Reply) else restoring.feed(piece)
            if restoring.invented:
                raise CallFailed(Reason.INVENTED)
            if ready:
                yield ready
            if isinstance(piece, Reply):
                self.result = begun.end(piece)


@dataclass(slots=True)
class _Begun:
    """A call that may be made: its tokens are reserved."""

    task: Task
    model: Model
    prompt: Prompt
    masker: Masker
    conversation: UUID | None
    breaker: Breaker
    reservation: Reservation
    started: float = field(default_factory=time.monotonic)

    def end(self, reply: Reply) -> Text | Unavailable:
        restored = self.masker.restore(reply.text)
        if restored.invented:
            return self.fail(CallFailed(Reason.INVENTED, reply.tokens_in, reply.tokens_out), reply.text)
        self.breaker.succeeded()
        return Text(restored.text, self.model.name, self._record("done", reply.tokens_in, reply.tokens_out, reply.text))

    def end_filled(self, reply: Reply) -> Filled | Unavailable:
        invented: list[str] = []
        try:
            data = self._put_back(_object(reply.text), invented)
        except ValueError:
            return self.fail(CallFailed(Reason.MALFORMED, reply.tokens_in, reply.tokens_out), reply.text)
        if invented:
            return self.fail(CallFailed(Reason.INVENTED, reply.tokens_in, reply.tokens_out), reply.text)
        self.breaker.succeeded()
        return Filled(data, self.model.name, self._record("done", reply.tokens_in, reply.tokens_out, reply.text))

    def _put_back(self, data: Any, invented: list[str]) -> Any:
        """Into each text by itself: an address with a line break or quotation marks would break the JSON around it."""
        if isinstance(data, str):
            restored = self.masker.restore(data)
            invented.extend(restored.invented)
            return restored.text
        if isinstance(data, list):
            return [self._put_back(value, invented) for value in data]
        if isinstance(data, dict):
            return {key: self._put_back(value, invented) for key, value in data.items()}
        return data

    def fail(self, failure: CallFailed, replied: str = "") -> Unavailable:
        reason = failure.reason
        if reason not in SERVER_IS_TO_BLAME:
            self.breaker.succeeded()
        elif self.breaker.failed():
            log.warning("language model rests", host=self.model.host, model=self.model.name, reason=reason.value)
        return Unavailable(reason, self._record(reason.value, failure.tokens_in, failure.tokens_out, replied))

    def _record(self, outcome: str, tokens_in: int, tokens_out: int, replied: str) -> UUID:
        milliseconds = int((time.monotonic() - self.started) * 1_000)
        call = Call(self.task, self.model, self.prompt, self.conversation, outcome, milliseconds, replied)
        return do_record(call, self.reservation, tokens_in, tokens_out)


def _begin(task: Task, asked: Prompt, masker: Masker, conversation: UUID | None) -> _Begun | Unavailable:
    limits = _limits()
    model = limits.of(task)
    if model is None:
        return Unavailable(Reason.OFF)
    breaker = breaker_of(model.url, model.name, limits.failures, limits.rest_seconds)
    if not breaker.may_call():
        do_record_missed(task, model, Reason.RESTING, conversation)
        return Unavailable(Reason.RESTING)
    prepare(model)
    prompt = replace(asked, material=masker.mask(asked.material))
    reservation = reserve(task, model, limits, _at_most(prompt, model))
    if reservation is None:
        log.warning("language model has no budget left today", task=task.value)
        do_record_missed(task, model, Reason.NO_BUDGET, conversation)
        return Unavailable(Reason.NO_BUDGET)
    return _Begun(task, model, prompt, masker, conversation, breaker, reservation)


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a reply, also where a model says something around it. Raises ValueError."""
    data: dict[str, Any] = from_json(text[text.find("{") : text.rfind("}") + 1])
    return data


def _at_most(prompt: Prompt, model: Model) -> int:
    """Tokens that the call can cost: no tokenizer in use needs more than one for two characters of our languages."""
    return prompt.size // 2 + 50 + model.reply_tokens


def _limits() -> LanguageModels:
    limits: LanguageModels = settings.LANGUAGE_MODELS
    return limits
