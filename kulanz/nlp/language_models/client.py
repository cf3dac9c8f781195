"""The call itself, through pydantic-ai to any server that speaks OpenAI's chat completions.

pydantic-ai is loaded on the first call (1.5 s of one core, 70 MB), never at start.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kulanz.nlp.language_models.errors import CallFailed, failures, reason_of, refuses_request
from kulanz.nlp.language_models.loop import start
from kulanz.nlp.language_models.result import Reason
from kulanz.settings.language_models import Model

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.settings import ModelSettings

_GRACE = 2.0  # seconds beyond the time limit after which the loop itself is taken for dead
_MOST_CHARACTERS = 12  # of one token; a server that sends more does not keep to the limit
_OPENAI = "api.openai.com"
_without_forms: set[Model] = set()
"""Models on servers that refuse a request with a form; they are told of it in words alone. This process's own."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`instructions` are ours; `material` is what others wrote. `example` is a material of ours and the reply that is
    wanted for it: small models follow it more than instructions. `form` is a JSON schema that the server is to hold the
    reply to; the instructions say it in words as well."""

    instructions: str
    material: str
    example: tuple[str, str] | None = None
    form: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """Characters of all of it."""
        form = len(json.dumps(self.form)) if self.form else 0
        return len(self.instructions) + len(self.material) + sum(map(len, self.example or ())) + form


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said, with the tokens it counted (0 where it did not)."""

    text: str
    tokens_in: int
    tokens_out: int


def prepare(model: Model) -> None:
    """Loads the library and makes the client, without calling."""
    _chat_model(model)


def complete(model: Model, prompt: Prompt) -> Reply:
    """One reply as a whole, within `model.seconds`. Raises CallFailed."""
    from pydantic_ai.direct import model_request

    async def request() -> ModelResponse:
        form = _form(prompt, model)
        return await model_request(
            _chat_model(model), _messages(prompt), model_settings=_settings(model), model_request_parameters=form
        )

    future = start(request())
    try:
        reply = _reply(future.result(model.seconds + _GRACE))
    except failures() as error:
        future.cancel()
        if prompt.form and refuses_request(error):
            _without_forms.add(model)
        raise CallFailed(reason_of(error)) from None  # its text may quote the request
    if len(reply.text) > model.reply_tokens * _MOST_CHARACTERS:
        raise CallFailed(Reason.INVALID)
    return reply


def stream(model: Model, prompt: Prompt) -> Generator[str | Reply, None, None]:
    """The reply in pieces as they come, at last the whole Reply, within `model.seconds`. Raises CallFailed; closing
    the iterator ends the call."""
    pieces: queue.SimpleQueue[str | Reply | None] = queue.SimpleQueue()
    future = start(_pump(model, prompt, pieces))
    future.add_done_callback(lambda _: pieces.put(None))
    size = 0
    try:
        while (piece := pieces.get(timeout=model.seconds + _GRACE)) is not None:
            if isinstance(piece, str):
                size += len(piece)
                if size > model.reply_tokens * _MOST_CHARACTERS:
                    raise CallFailed(Reason.INVALID)
            yield piece
        future.result(0)
    except queue.Empty:
        raise CallFailed(Reason.TIMED_OUT) from None
    except failures() as error:
        raise CallFailed(reason_of(error)) from None
    finally:
        future.cancel()


async def _pump(model: Model, prompt: Prompt, pieces: queue.SimpleQueue[str | Reply | None]) -> None:
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    chat = _chat_model(model)
    async with model_request_stream(chat, _messages(prompt), model_settings=_settings(model)) as response:
        async for event in response:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                pieces.put(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                pieces.put(event.delta.content_delta)
        pieces.put(_reply(response.get()))


@lru_cache(maxsize=16)
def _chat_model(model: Model) -> OpenAIChatModel:
    import httpx2
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider(
        "kulanz",
        base_url=model.url,
        api_key=model.key.reveal() or None,
        # no redirects: what customers wrote goes to the named server and nowhere else
        http_client=httpx2.AsyncClient(follow_redirects=False, timeout=model.seconds),
        profile=OpenAIModelProfile(
            # Ollama and older servers know `max_tokens` only, and ignore the newer name: replies without an end
            openai_chat_supports_max_completion_tokens=model.host == _OPENAI,
            openai_chat_streaming_requires_finish_reason=True,  # else a stream that breaks off looks complete
            supports_json_schema_output=True,  # where a server does not know it, see `_without_forms`
        ),
    )
    return OpenAIChatModel(model.name, provider=provider)


def _settings(model: Model) -> ModelSettings:
    from pydantic_ai.settings import ModelSettings

    return ModelSettings(
        max_tokens=model.reply_tokens,
        temperature=0.0,
        request_timeout=model.seconds,
        max_retries=model.retries,  # the SDK tries again after 408, 409, 429, 5xx and lost connections only
    )


def _form(prompt: Prompt, model: Model) -> ModelRequestParameters | None:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition

    if prompt.form is None or model in _without_forms:
        return None
    form = OutputObjectDefinition(json_schema=dict(prompt.form), name="reply", strict=True)
    return ModelRequestParameters(output_mode="native", output_object=form)


def _messages(prompt: Prompt) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    asked = ModelRequest(parts=[UserPromptPart(prompt.material)], instructions=prompt.instructions)
    if prompt.example is None:
        return [asked]
    material, reply = prompt.example
    return [ModelRequest(parts=[UserPromptPart(material)]), ModelResponse(parts=[TextPart(reply)]), asked]


def _reply(response: ModelResponse) -> Reply:
    """The text parts alone: reasoning is not for others, and no tool was offered. Raises CallFailed."""
    usage: Any = response.usage
    text = (response.text or "").strip()
    reply = Reply(text, max(0, usage.input_tokens or 0), max(0, usage.output_tokens or 0))
    if response.finish_reason == "content_filter":
        raise CallFailed(Reason.REFUSED, reply.tokens_in, reply.tokens_out)
    if response.finish_reason == "length":
        raise CallFailed(Reason.CUT_OFF, reply.tokens_in, reply.tokens_out)
    if not text:
        raise CallFailed(Reason.EMPTY, reply.tokens_in, reply.tokens_out)
    return reply
