from __future__ import annotations

import pytest

from kulanz.understanding.entities import find_entities
from kulanz.understanding.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Wo ist ML-10234?", "Wo ist ML-00000?"),
        ("Meine IBAN DE89 3704 0044 0532 0130 00 stimmt", "Meine IBAN IBAN stimmt"),
        ("Write to petra@example.org, please", "Write to name@example.org, please"),
        ("Rufen Sie +49 30 123456 an", "Rufen Sie +00 00 000000 an"),
        ("Card 4111 1111 1111 1111 was charged 20 €", "Card 0000 0000 0000 0000 was charged 20 €"),
        ("Ich bin Petra Muster, PETRA!", "Ich bin X X, X!"),
        ("Mustermann bleibt, weil es ein anderer ist", "Mustermann bleibt, weil es ein anderer ist"),
        ("Nichts zu verbergen", "Nichts zu verbergen"),
    ],
)
def test_what_points_to_a_person_is_hidden(text: str, masked: str) -> None:
    assert mask(text, find_entities(text), ("Petra Muster",)) == masked
