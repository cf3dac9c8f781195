"""The operations of the JSON API: thin, they check the right and call the stories and queries."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.utils.translation import get_language_from_request
from ninja import NinjaAPI, Router, Status
from pydantic import Field

from kulanz.core.message import InboundMessage
from kulanz.desk.after_rating import rating_address
from kulanz.desk.handover import conversation_json
from kulanz.inbox.conversations import Claims, access_conversation, do_open_conversation
from kulanz.inbox.messages import message_json, messages_after
from kulanz.inbox.receive import receive
from kulanz.turns.after_rating import do_give_feedback
from kulanz.turns.agent_turn import do_request_person
from kulanz.turns.outside import do_announce, do_begin_flow
from kulanz.web.api import files
from kulanz.web.api import schemas as s
from kulanz.web.api.access import caller_token, check_flows, check_may_open
from kulanz.web.api.errors import add_error_handlers, with_json_errors
from kulanz.web.api.why import why

router = Router(tags=["conversations"])
Wait = Annotated[int, Field(ge=0, le=30, description="Seconds to wait for a first new message.")]
PROBLEMS: dict[int, Any] = {401: s.Problem, 403: s.Problem, 404: s.Problem, 422: s.Problem}


@router.post("/conversations", response={201: s.ConversationCreated, **PROBLEMS})
def open_conversation(request: HttpRequest, body: s.ConversationIn) -> Status[dict[str, Any]]:
    """Open a conversation. Anybody may open one on the web chat; other channels need an API key."""
    check_may_open(request, body.channel)
    language = body.language or get_language_from_request(request)
    conversation, token = do_open_conversation(body.channel, language, Claims(**body.customer.model_dump()))
    return Status(201, {"id": conversation.id, "token": token})


@router.get("/conversations/{uuid:conversation_id}", response={200: s.ConversationOut, **PROBLEMS})
def get_conversation(request: HttpRequest, conversation_id: UUID) -> dict[str, Any]:
    """Who holds the conversation, the handover and how it was resolved. With the conversation's own token also
    `resolution.rate`, the address of the customer's page for a rating: whoever has it speaks for the customer."""
    token = caller_token(request, "read")
    conversation = access_conversation(conversation_id, token)
    shown = conversation_json(conversation)
    if token is not None and shown["resolution"]:
        shown["resolution"]["rate"] = rating_address(conversation)
    return shown


@router.post("/conversations/{uuid:conversation_id}/messages", response={202: s.MessageCreated, **PROBLEMS})
def post_message(request: HttpRequest, conversation_id: UUID, body: s.MessageIn) -> Status[dict[str, Any]]:
    """Write as the customer. The reply comes by the live stream, or by asking for messages."""
    attachments = tuple(map(str, body.attachments))
    inbound = InboundMessage(str(conversation_id), body.client_message_id, body.text, attachments)
    message, _ = receive(inbound, caller_token(request, "write"))
    return Status(202, {"id": message.id})


@router.get("/conversations/{uuid:conversation_id}/messages", response={200: s.Messages, **PROBLEMS})
def get_messages(
    request: HttpRequest,
    conversation_id: UUID,
    after: UUID | None = None,
    wait: Wait = 0,  # noqa: ARG001
) -> dict[str, Any]:
    """The messages behind `after`, in order. The waiting happens in the live part, which then asks again."""
    access_conversation(conversation_id, caller_token(request, "read"))
    return {"messages": [message_json(m) for m in messages_after(conversation_id, after)]}


@router.post("/conversations/{uuid:conversation_id}/handover", response={202: s.Accepted, **PROBLEMS})
def request_person(request: HttpRequest, conversation_id: UUID) -> Status[dict[str, Any]]:
    """Hand over to a person, now. Asking again changes nothing."""
    do_request_person(conversation_id, caller_token(request, "write"))
    return Status(202, {"accepted": True})


@router.post("/conversations/{uuid:conversation_id}/feedback", response={201: s.Accepted, **PROBLEMS})
def give_feedback(request: HttpRequest, conversation_id: UUID, body: s.FeedbackIn) -> Status[dict[str, Any]]:
    """Say whether a message helped; or, without `message_id`, whether the matter is solved (`solved: false` brings a
    person) and how the service was (`helpful`: the rating, which can be changed for seven days)."""
    do_give_feedback(conversation_id, caller_token(request, "write"), **body.model_dump())
    return Status(201, {"accepted": True})


@router.post("/conversations/{uuid:conversation_id}/flows", response={202: s.FlowBegun, **PROBLEMS})
def begin_flow(request: HttpRequest, conversation_id: UUID, body: s.FlowIn) -> Status[dict[str, Any]]:
    """Begin a flow in a conversation. The customer still agrees to whatever it writes."""
    check_flows(request)
    run = do_begin_flow(conversation_id, body.flow, body.known, "api")
    return Status(202, {"id": run.id})


@router.post("/events", response={202: s.EventTold, **PROBLEMS})
def tell_event(request: HttpRequest, body: s.EventIn) -> Status[dict[str, Any]]:
    """Say that something happened, such as a parcel that came back: flows that wait for it go on. With a conversation,
    the flows that the event starts begin there."""
    check_flows(request)
    return Status(202, {"flows": do_announce(body.event, body.key, body.data, body.conversation)})


@router.get(
    "/conversations/{uuid:conversation_id}/messages/{uuid:message_id}/why",
    response={200: s.WhyOut, **PROBLEMS},
)
def get_why(request: HttpRequest, conversation_id: UUID, message_id: UUID, language: str = "") -> dict[str, Any]:
    """Why the assistant wrote this: what it understood, from which words, by which sources and rules."""
    conversation = access_conversation(conversation_id, caller_token(request, "read"))
    return why(conversation, message_id, language or conversation.language)


class Api(NinjaAPI):
    """Answers JSON at every address under it."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app, namespace = super().urls
        return with_json_errors(patterns), app, namespace


api = Api(
    title="Kulanz",
    version="1",
    description="Conversations between a customer, the AI assistant and human agents. Authenticate with a "
    "conversation's token or with an API key, as `Authorization: Bearer …`.",
    urls_namespace="api",
    docs_url=None,
)
api.add_router("", router)
api.add_router("", files.router)
add_error_handlers(api)
