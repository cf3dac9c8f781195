"""Hides what points to a person in a text that is kept to learn from; the shape of the sentence stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kulanz.core.reading import Entity

_SHAPES = {"email": "name@example.org", "iban": "IBAN", "address": "X"}
_NUMBERS = {"phone", "card", "order_number", "invoice_number", "customer_number"}
_DIGIT = re.compile(r"\d")
_HIDDEN_NAME = "X"


def mask(text: str, entities: Sequence[Entity], names: Sequence[str] = ()) -> str:
    """`text` with e-mail, IBAN and address replaced, the digits of phone, card, order, invoice and customer numbers
    as zeros, and each of the words in `names` (the customer's own, at least 3 letters) as `X`."""
    position, parts = 0, []
    for entity in sorted(entities, key=lambda e: e.evidence.start):
        words = entity.evidence
        if words.start < position or text[words.start : words.end] != words.text:
            continue
        shape = _SHAPES.get(entity.kind) or (_DIGIT.sub("0", words.text) if entity.kind in _NUMBERS else None)
        if shape is not None:
            parts += [text[position : words.start], shape]
            position = words.end
    masked = "".join([*parts, text[position:]])
    known = sorted({word for name in names for word in re.findall(r"[^\W\d_]{3,}", name)}, key=len, reverse=True)
    if not known:
        return masked
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", _HIDDEN_NAME, masked, flags=re.IGNORECASE)
