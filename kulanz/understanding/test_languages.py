"""Mixed texts: which other languages stand in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.reading import Finding
from kulanz.understanding.language import detect_language, other_languages

GERMAN, ENGLISH = Finding("de", 0.9), Finding("en", 0.9)
SENTENCES = {
    "fr": "Où est ma commande ? Je l'attends depuis des semaines.",
    "es": "¿Dónde está mi pedido? Llevo semanas esperando.",
    "it": "Dove si trova il mio ordine? Lo aspetto da settimane.",
    "nl": "Waar blijft mijn bestelling? Ik wacht al weken.",
    "pl": "Gdzie jest moje zamówienie? Czekam od tygodni.",
    "pt": "Onde está a minha encomenda? Estou à espera há semanas.",
    "tr": "Siparişim nerede? Haftalardır bekliyorum.",
    "ru": "Где мой заказ? Я жду уже несколько недель.",
    "uk": "Де моє замовлення? Я чекаю вже кілька тижнів.",
    "ar": "أين طلبي؟ أنا أنتظر منذ أسابيع.",
    "cs": "Kde je moje objednávka? Čekám už několik týdnů.",
    "ro": "Unde este comanda mea? Aștept de săptămâni.",
    "sv": "Var är min beställning? Jag har väntat i veckor.",
    "da": "Hvor er min bestilling? Jeg har ventet i ugevis.",
    "hu": "Hol van a rendelésem? Hetek óta várok.",
    "el": "Πού είναι η παραγγελία μου; Περιμένω εδώ και εβδομάδες.",
    "bg": "Къде е поръчката ми? Чакам от седмици.",
    "hr": "Gdje je moja narudžba? Čekam već tjednima.",
    "zh": "我的订单在哪里？我已经等了几个星期了。",
    "ja": "注文した商品はどこですか？何週間も待っています。",
    "ko": "제 주문은 어디에 있나요? 몇 주째 기다리고 있어요.",
    "he": "איפה ההזמנה שלי? אני מחכה כבר שבועות.",
    "vi": "Đơn hàng của tôi ở đâu? Tôi đã chờ nhiều tuần rồi.",
}


@pytest.mark.parametrize(("code", "text"), SENTENCES.items())
def test_each_language_is_named_alone_and_within_german_or_english(code: str, text: str) -> None:
    assert detect_language(text).value == code
    mixed = f"Hallo, meine Bestellung ist nicht da. {text}"
    (found,) = other_languages(mixed, GERMAN)
    assert found.value == code
    assert all(mixed[e.start : e.end] == e.text and e.text in text for e in found.evidence)
    assert [other.value for other in other_languages(f"Please help me with my parcel.\n{text}", ENGLISH)] == [code]


def test_english_within_german_and_the_other_way_round() -> None:
    (english,) = other_languages("Die Kanne ist kaputt. I have waited for three weeks!", GERMAN)
    assert (english.value, english.evidence[0].text) == ("en", "I have waited for three weeks!")
    (german,) = other_languages("The pot is broken, und ich warte schon drei Wochen auf mein Geld", ENGLISH)
    assert (german.value, german.evidence[0].text) == ("de", "und ich warte schon drei Wochen auf mein Geld")


@pytest.mark.parametrize(
    "text",
    [
        "Wo ist die Kanne Milano Grande Rosso? Ich warte.",
        "Ich nutze WhatsApp for Business. Geht das?",
        "aGVsbG8gd29ybGQ= und ML-10234. Danke!",
        "def foo(x): return x. Was ist das?",
        "😀😀. Super! ok",
        "",
    ],
)
def test_names_code_and_emoji_are_no_language(text: str) -> None:
    assert other_languages(text, GERMAN) == ()


@given(st.text(max_size=60))
def test_any_text_gives_exact_evidence(text: str) -> None:
    for found in other_languages(text, GERMAN):
        assert all(text[e.start : e.end] == e.text for e in found.evidence)
