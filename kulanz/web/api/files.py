"""Files in conversations: uploaded before the message that they belong to, and given out to whoever may read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Router, Status

from kulanz.core.errors import InvalidInput
from kulanz.inbox.attachments import Upload, access_attachment, as_file, do_upload
from kulanz.inbox.conversations import access_conversation
from kulanz.trust import uploads
from kulanz.web.api import schemas as s
from kulanz.web.api.access import caller_token
from kulanz.web.files import as_response
from kulanz.web.uploads import says_too_much, too_large

router = Router(tags=["files"])
PROBLEMS: dict[int, Any] = {401: s.Problem, 403: s.Problem, 404: s.Problem, 413: s.Problem, 422: s.Problem}
ITSELF = {"description": "The file itself", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object", "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}  # fmt: skip


@router.post(
    "/conversations/{uuid:conversation_id}/attachments",
    response={201: s.AttachmentOut, **PROBLEMS},
    openapi_extra=FORM,
)
def upload(request: HttpRequest, conversation_id: UUID) -> Status[dict[str, Any]]:
    """Upload a PNG, JPEG, WebP or GIF picture or a PDF of up to 10 MB, as the form field `file`. Then name its id under
    `attachments` of a message within a day. Pictures are written anew, without the place where they were taken."""
    token = caller_token(request, "write")
    conversation = access_conversation(conversation_id, token)  # before anything is read
    with translation.override(conversation.language):
        given = _given(request)
        kept = do_upload(conversation_id, token, Upload(given.name or "", given.read()))
    return Status(201, s.attachment_json(as_file(kept)))


def _given(request: HttpRequest) -> UploadedFile[Any]:
    if says_too_much(request):
        raise RequestDataTooBig(uploads.too_large())
    given = request.FILES.get("file")
    if too_large(request):
        raise RequestDataTooBig(uploads.too_large())
    if not isinstance(given, UploadedFile):
        raise InvalidInput("There is no file. Send it as the field `file` of a multipart form.")
    return given


@router.get("/attachments/{uuid:attachment_id}", response=PROBLEMS, openapi_extra={"responses": {200: ITSELF}})
def download(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    """The file of a message, with the conversation's token or an API key."""
    return as_response(access_attachment(attachment_id, caller_token(request, "read")))
