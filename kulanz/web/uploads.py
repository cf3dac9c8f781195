"""No upload fills the memory or the disk: what is larger than any file may be is read past, not kept."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from kulanz.trust.uploads import MOST_BYTES

MOST_FILES = 5
"""In one request."""
AROUND = 100_000
"""Bytes of a form besides its files."""
_MARK = "kulanz.upload_too_large"


class Bounded(FileUploadHandler):
    """The first of Django's upload handlers; holds nothing itself."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received = self.files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received, self.files = 0, self.files + 1
        if self.files > MOST_FILES:
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            self._stop()
        return raw_data

    def _stop(self) -> None:
        if self.request is not None:
            self.request.META[_MARK] = "1"
        raise StopUpload(connection_reset=False)

    def file_complete(self, file_size: int) -> Any:  # noqa: ARG002
        return None


def says_too_much(request: HttpRequest) -> bool:
    """Whether a form with one file is too large by what it says of itself; to be asked before anything is read."""
    length = request.headers.get("Content-Length", "")
    return length.isdecimal() and int(length[:12]) > MOST_BYTES + AROUND


def too_large(request: HttpRequest) -> bool:
    """Whether the request, which has been read, brought a larger file than may be kept, or too many of them."""
    return _MARK in request.META
