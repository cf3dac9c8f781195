"""The shapes of the JSON API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from kulanz.core.files import File


def _storable(text: str) -> str:
    """PostgreSQL stores no NUL, and half a surrogate pair is no character."""
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds characters that can't be stored")
    return text


Storable = AfterValidator(_storable)
Short = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True), Storable]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class CustomerIn(Strict):
    """What the site says about its visitor; a claim until proven."""

    external_id: Short = ""
    name: Short = ""
    email: Annotated[str, StringConstraints(max_length=254, strip_whitespace=True), Storable] = ""


class ConversationIn(Strict):
    channel: Literal["web_chat", "api"] = "web_chat"
    language: Literal["de", "en"] | None = None
    customer: CustomerIn = CustomerIn()


class ConversationCreated(Schema):
    id: UUID
    token: str = Field(description="Opens this conversation and no other. Shown once.")


class MessageIn(Strict):
    text: str = Field("", description="May be empty only beside attachments.")
    attachments: list[UUID] = Field([], max_length=20, description="Ids of uploaded files, up to five.")
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=80), Storable] = Field(
        description="Your own key: the same key again returns the same message and does nothing twice."
    )


class MessageCreated(Schema):
    id: UUID


class SourceOut(Schema):
    article_id: str
    title: str
    quote: str
    language: str
    url: str


class ActionOut(Schema):
    action: str
    status: Literal["done", "unknown", "refused"]
    reference: str
    summary: str


class AttachmentOut(Schema):
    """A file of a message. `kind` is the media type, `size` in bytes, `width` and `height` in pixels (pictures)."""

    id: UUID
    name: str
    kind: str
    size: int
    width: int | None
    height: int | None
    url: str = Field(description="Where it is, for the same token or key.")


def attachment_json(file: File) -> dict[str, Any]:
    return {**file.to_json(), "url": f"/api/v1/attachments/{file.id}"}


class MessageOut(Schema):
    id: UUID
    seq: int
    author: Literal["customer", "assistant", "agent", "system"]
    author_name: str
    text: str
    created_at: datetime
    sources: list[SourceOut]
    decision: Literal["answer", "ask", "act", "hand_over"] | None
    actions: list[ActionOut]
    choices: list[str]
    attachments: list[AttachmentOut]
    client_message_id: str | None
    why: bool


class Messages(Schema):
    messages: list[MessageOut]


class ConversationOut(Schema):
    id: UUID
    status: Literal["assistant", "waiting", "agent", "resolved"]
    channel: str
    language: str
    handover: dict[str, Any] | None
    resolution: dict[str, Any] | None


class FeedbackIn(Strict):
    message_id: UUID | None = None
    helpful: bool | None = None
    solved: bool | None = None
    comment: Annotated[str, StringConstraints(max_length=2000), Storable] = ""


class FlowIn(Strict):
    flow: Annotated[str, StringConstraints(min_length=1, max_length=80), Storable]
    known: Annotated[
        dict[Annotated[str, StringConstraints(max_length=80), Storable],
             Annotated[str, StringConstraints(max_length=500), Storable]],
        Field(max_length=50),
    ] = {}  # fmt: skip


class FlowBegun(Schema):
    id: UUID


Fact = (
    Annotated[str, StringConstraints(max_length=2_000), Storable]
    | int
    | Annotated[float, Field(allow_inf_nan=False)]
    | bool
    | None
)


class EventIn(Strict):
    event: Annotated[str, StringConstraints(min_length=1, max_length=80), Storable]
    key: Annotated[str, StringConstraints(max_length=200), Storable] = ""
    data: Annotated[dict[Annotated[str, StringConstraints(max_length=80), Storable], Fact], Field(max_length=100)] = {}
    conversation: UUID | None = None


class EventTold(Schema):
    """How many flows go on or begin."""

    flows: int


class Accepted(Schema):
    accepted: bool = True


class WhyLine(Schema):
    label: str
    value: str
    words: list[str]


class WhySource(Schema):
    title: str
    url: str
    quote: str


class WhyOut(Schema):
    understood: list[WhyLine]
    reasons: list[str]
    sources: list[WhySource]
    rules: list[str]
    policy_version: str
    decided_at: datetime


class Problem(Schema):
    """Every error looks like this; `message` is a sentence that says what to do."""

    error: str
    message: str
