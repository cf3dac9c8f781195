"""Addresses in a message as links, for the desk. The chat does the same in its own script."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_ADDRESS = re.compile(r"(https?://[^\s<>\"'„“”]+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+)", re.IGNORECASE)
_ENDS_SENTENCE = ".,;:!?…]*_"


@register.filter
def linked(text: str) -> SafeString:
    """`text`, escaped, with its web and e-mail addresses as links in a new tab; a full stop or bracket that only ends
    the sentence is not part of them."""
    return format_html_join("", "{}", ((_link(part) if odd else part,) for odd, part in _parts(text)))


def _parts(text: str) -> list[tuple[bool, str]]:
    return [(bool(index % 2), part) for index, part in enumerate(_ADDRESS.split(text))]


def _link(found: str) -> SafeString:
    address = found.rstrip(_ENDS_SENTENCE + ("" if "(" in found else ")"))
    href = address if "//" in address else f"mailto:{address}"
    link = format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', href, address)
    return format_html("{}{}", link, found[len(address) :])
