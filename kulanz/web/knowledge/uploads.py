"""No upload fills the disk: what is larger than any file may be is read past, not kept."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from kulanz.knowledge.attachments import MOST_BYTES

_MARK = "kulanz.upload_too_large"


class Bounded(FileUploadHandler):
    """The first of Django's upload handlers; holds nothing itself."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            if self.request is not None:
                self.request.META[_MARK] = "1"
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002
        return None


def too_large(request: HttpRequest) -> bool:
    """Whether this request brought a larger file than may be kept."""
    return _MARK in request.META
