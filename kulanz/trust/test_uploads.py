"""Pictures from phones: upright, and read however odd their notes about themselves are."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from kulanz.core.errors import InvalidInput
from kulanz.trust.uploads import check_file

ORIENTATION = 0x0112


def photo(orientation: int, **notes: object) -> bytes:
    image = Image.new("RGB", (30, 10), "white")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, **notes)
    return out.getvalue()


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (30, 10)), (3, (30, 10)), (6, (10, 30)), (8, (10, 30)), (99, (30, 10))]
)
def test_a_picture_is_turned_upright_and_keeps_no_notes(orientation: int, size: tuple[int, int]) -> None:
    checked = check_file(photo(orientation))
    assert (checked.width, checked.height) == size
    assert not Image.open(BytesIO(checked.data)).getexif()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_notes_are_no_reason_to_fail() -> None:
    whole = photo(6)
    start = whole.index(b"Exif\0\0") + 6
    for place in range(start, min(start + 40, len(whole))):
        try:
            check_file(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        except InvalidInput:
            continue
