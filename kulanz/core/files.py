"""Files that belong to messages: what is known of one without its content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

KINDS: Mapping[str, tuple[str, ...]] = {"photo": ("image/",), "file": ("image/", "application/pdf")}
"""What fills a flow's slot of this kind: the beginnings of media types."""


@dataclass(frozen=True, slots=True)
class File:
    """`kind` is the media type, as found in the content; `size` in bytes, `width` and `height` in pixels (pictures)."""

    id: str
    name: str
    kind: str
    size: int = 0
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.kind.startswith("image/")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def fitting(kind: str, files: Iterable[File]) -> tuple[File, ...]:
    """Those that a slot of this kind takes."""
    return tuple(file for file in files if file.kind.startswith(KINDS[kind]))


def files_from_json(data: Iterable[Mapping[str, Any]]) -> tuple[File, ...]:
    """The inverse of `File.to_json`, for several."""
    return tuple(File(**entry) for entry in data)
