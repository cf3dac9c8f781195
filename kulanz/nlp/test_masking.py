from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.nlp.masking import Masker, RestoringStream


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail an petra@example.org oder PETRA.M@example.org", "Mail an <EMAIL_1> oder <EMAIL_2>"),
        ("petra@example.org, again petra@example.org", "<EMAIL_1>, again <EMAIL_1>"),
        ("IBAN DE89 3704 0044 0532 0130 00 stimmt", "IBAN <IBAN_1> stimmt"),
        ("Rufen Sie +49 30 123456 oder 0171/1234567 an", "Rufen Sie <PHONE_1> oder <PHONE_2> an"),
        ("Karte 4111 1111 1111 1111, 20 €", "Karte <CARD_1>, 20 €"),
        ("Bestellung ML-10234 vom 03.05.2026", "Bestellung <NUMBER_1> vom 03.05.2026"),
        ("Kundennummer 84736251", "Kundennummer <NUMBER_1>"),
        ("Ich wohne Hauptstraße 12, 10115 Berlin.", "Ich wohne <ADDRESS_1>."),
        ("I live at 221B Baker Street", "I live at <ADDRESS_1>"),
        ("Frau Özdemir schrieb", "Frau <NAME_1> schrieb"),
        ("My name is Ann Smith and", "My name is <NAME_1> and"),
        ("Within 30 days, 1.234,50 €, on 2026-05-03, 24 hours", "Within 30 days, 1.234,50 €, on 2026-05-03, 24 hours"),
    ],
)
def test_personal_data_becomes_placeholders(text: str, masked: str) -> None:
    masker = Masker()
    assert masker.mask(text) == masked
    assert masker.restore(masked).text == text


def test_known_names_are_hidden_in_every_text_of_a_call() -> None:
    masker = Masker(names=["Petra Muster"])
    assert masker.mask("Petra Muster fragt") == "<NAME_1> fragt"
    assert masker.mask("Wo ist petra?") == "Wo ist <NAME_2>?"
    assert masker.mask("Mustermann bleibt") == "Mustermann bleibt"
    assert masker.restore("Liebe <NAME_1>").text == "Liebe Petra Muster"


@pytest.mark.parametrize(
    "written",
    ["<EMAIL_1>", "<email_1>", "[EMAIL_1]", "< EMAIL 1 >", "(Email-1)", r"<EMAIL\_1>", "&lt;EMAIL_1&gt;", "EMAIL_1"],
)
def test_a_placeholder_is_known_again_however_the_model_writes_it(written: str) -> None:
    masker = Masker()
    masker.mask("x@example.org")
    assert masker.restore(f"An {written}.").text == "An x@example.org."


def test_an_invented_placeholder_stays_out_and_is_named() -> None:
    masker = Masker()
    masker.mask("x@example.org")
    restored = masker.restore("Write to <EMAIL_2> or <PHONE_1>")
    assert restored.invented == ("<EMAIL_2>", "<PHONE_1>")
    assert "EMAIL" not in restored.text


def test_a_customer_who_writes_a_placeholder_gets_no_other_data() -> None:
    masker = Masker()
    masked = masker.mask("secret@example.org and <EMAIL_1>")
    assert masked == "<EMAIL_1> and <TEXT_1>"
    assert masker.restore(masked).text == "secret@example.org and <EMAIL_1>"


@given(st.lists(st.sampled_from(["a@example.org ", "Wort ", "<b", " <EMAIL_1> ", "[", "0301234567 ", "\n"])), st.data())
def test_a_stream_restores_what_the_whole_text_would(words: list[str], data: st.DataObject) -> None:
    masker = Masker()
    masked = masker.mask("".join(words))
    stream, shown, position = RestoringStream(masker), "", 0
    while position < len(masked):
        length = data.draw(st.integers(1, 9))
        shown += stream.feed(masked[position : position + length])
        position += length
    assert shown + stream.finish() == masker.restore(masked).text
