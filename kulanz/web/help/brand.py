"""The operator's name, colour and logo on the help pages; a colour that can't be read is moved until it can."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from PIL import Image, UnidentifiedImageError

LIGHT, DARK = "#ffffff", "#1a2027"
"""The grounds that text in the brand's colour stands on, as in base.css."""
STANDARD = "#1b5e8c"
READABLE = 4.5
"""Contrast of text to its ground: WCAG 2.2, 1.4.3."""
STEPS = 40
YEAR = 31_536_000
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})\Z")
_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Brand:
    """`logo` is an address, `origin` where it comes from if that is another host; `stylesheet` holds the colours,
    `version` changes with any of it."""

    name: str
    logo: str
    origin: str
    stylesheet: str
    version: str


def brand() -> Brand:
    return _brand(settings.BRAND_NAME, settings.BRAND_COLOUR, settings.BRAND_LOGO)


@lru_cache(maxsize=4)
def _brand(name: str, colour: str, logo: str) -> Brand:
    css = stylesheet(colour)
    parts = urlsplit(logo)
    foreign = parts.scheme == "https" and bool(parts.netloc)
    if logo and not foreign and not _picture(logo):
        _log.warning("brand logo unusable", logo=logo, wanted="an https address, or a PNG, JPEG, WebP, GIF or SVG file")
        logo = ""
    version = hashlib.sha256(f"{name}\0{css}\0{logo}".encode()).hexdigest()[:10]
    address = logo if foreign else f"/help/logo?v={version}" if logo else ""
    return Brand(name, address, f"https://{parts.netloc}" if foreign else "", css, version)


def stylesheet(colour: str) -> str:
    """The brand's colours for light and dark as CSS; where `colour` is none, Kulanz's own."""
    found = _COLOUR.match(colour)
    if colour and not found:
        _log.warning("brand colour unusable", colour=colour, wanted="#rrggbb")
    chosen = f"#{found[1].lower()}" if found else STANDARD
    on_light, on_dark = readable(chosen, LIGHT, "#000000"), readable(chosen, DARK, "#ffffff")
    return (
        f":root{{--brand:{chosen};--on-brand:{_on(chosen)};{_accent(on_light, '#000000')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_accent(on_dark, '#ffffff')}}}}}\n"
    )


def readable(colour: str, ground: str, towards: str) -> str:
    """The colour itself, or as little of `towards` mixed into it as makes it readable on `ground`."""
    for step in range(STEPS + 1):
        mixed = _mix(colour, towards, step / STEPS)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """Contrast ratio (1 to 21) of two colours #rrggbb: WCAG 2.2, relative luminance."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _accent(colour: str, towards: str) -> str:
    return f"--accent:{colour};--accent-strong:{_mix(colour, towards, 0.25)};--on-accent:{_on(colour)}"


def _on(ground: str) -> str:
    """White, or nearly black: one of them is always readable."""
    return "#ffffff" if contrast("#ffffff", ground) >= READABLE else "#000000"


def _mix(colour: str, towards: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(towards), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@require_safe
def theme(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The stylesheet at an address that names its version, so that it is fetched once."""
    response = HttpResponse(brand().stylesheet, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@require_safe
def logo(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The operator's own file; whatever an SVG holds, it runs nothing."""
    found = _picture(settings.BRAND_LOGO)
    if not found:
        raise Http404
    data, kind = found
    response = HttpResponse(data, content_type=kind)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@lru_cache(maxsize=2)
def _picture(path: str) -> tuple[bytes, str] | None:
    """(data, content type) of a picture file, by its content; None where it is missing or something else."""
    try:
        data = Path(path).read_bytes() if path else b""
        if path.lower().endswith(".svg") and b"<svg" in data[:2000]:
            return data, "image/svg+xml"
        with Image.open(BytesIO(data), formats=list(_IMAGES)) as image:
            return data, _IMAGES[image.format or "PNG"]
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
