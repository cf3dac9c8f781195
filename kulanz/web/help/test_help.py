"""The help centre as customers and search engines read it: no account, no cookie, and nothing that is not for them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from PIL import Image

from kulanz.accounts.models import User
from kulanz.knowledge.articles import do_create, do_publish, do_save, do_withdraw
from kulanz.knowledge.models import Article, Attachment, Rating
from kulanz.knowledge.queries import source_path
from kulanz.knowledge.visibility import today
from kulanz.web.help.brand import DARK, LIGHT, READABLE, contrast, readable, stylesheet

pytestmark = pytest.mark.django_db
HIDDEN: dict[str, dict[str, Any]] = {
    "for agents": {"audience": "agents"},
    "expired": {"valid_until": today() - timedelta(days=1)},
    "not yet valid": {"valid_from": today() + timedelta(days=1)},
    "withdrawn": {"published_at": None},
}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def article(language: str = "de", **fields: object) -> Article:
    fields = {"title": "Rückgabe", "body": "## Frist\n30 Tage <script>x</script>", **fields}
    return Article.objects.create(
        source="t", external_id=f"{uuid4()}", key="return", language=language, checksum="",
        published_at=timezone.now(), **fields,
    )  # fmt: skip


def written(
    title: str = "Rückgabe", body: str = "Die Frist ist 30 Tage.", language: str = "de", key: str = ""
) -> Article:
    author = User.objects.first() or User.objects.create_user("mia@example.org", "long enough", name="Mia")
    made = do_create(author, title=title, body=body, language=language, key=key)
    do_publish(made, author)
    return Article.objects.get(pk=made.pk)


def get(path: str, **headers: str) -> str:
    response = Client().get(path, **headers)  # type: ignore[arg-type]
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


def test_an_article_in_its_own_language_without_cookies() -> None:
    english = article("en", title="Returns")
    response = Client().get(f"/help/{article().pk}/", HTTP_ACCEPT_LANGUAGE="en")
    shown = response.content.decode()
    assert '<html lang="de"' in shown
    assert response["Content-Language"] == "de"
    assert "<h2>Frist</h2>" in shown
    assert "<script>x" not in shown
    assert f'href="/help/{english.pk}/"' in shown
    assert not response.cookies
    assert shown.count("<h1>") == 1


@pytest.mark.parametrize(
    "path",
    ["/help/00000000-0000-7000-8000-000000000007/", "/help/nonsense/", "/help/fr/", "/help/de/topics/none/",
     "/help/de/more/", "/help/files/00000000-0000-7000-8000-000000000007/a.png", "/help/logo", "/sitemap.xml?part=7"],
)  # fmt: skip
def test_what_is_not_there(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("referer", "back"), [("http://testserver/demo/shop/", True), ("https://evil.example/", False), ("", False)]
)
def test_the_way_back_never_leads_elsewhere(referer: str, back: bool) -> None:
    shown = Client().get(f"/help/{article().pk}/", HTTP_REFERER=referer).content.decode()
    assert ('class="back"' in shown) is back


@pytest.mark.parametrize(("wanted", "language"), [("de-AT,de;q=0.9", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")])
def test_the_help_centre_speaks_the_browsers_language(wanted: str, language: str) -> None:
    response = Client().get("/help/", HTTP_ACCEPT_LANGUAGE=wanted)
    assert response["Location"] == f"/help/{language}/"
    assert "Accept-Language" in response["Vary"]


def test_topics_count_and_lead_to_their_articles() -> None:
    for number, tags in enumerate((["box", "post"], ["box"], [])):
        article(title=f"Frage {number}", tags=tags)
    home = get("/help/de/")
    assert re.findall(r'href="/help/de/(topics/\w+|more)/">([^<]+)</a> <span class="count">(\d)', home) == [
        ("topics/box", "Box", "2"), ("topics/post", "Post", "1"), ("more", home_word(home), "1"),
    ]  # fmt: skip
    assert re.findall(r"Frage \d", get("/help/de/topics/box/")) == ["Frage 0", "Frage 1"]
    assert re.findall(r"Frage \d", get("/help/de/more/")) == ["Frage 2"]
    assert "Frage" not in get("/help/en/")


def home_word(home: str) -> str:
    found = re.search(r'more/">([^<]+)<', home)
    assert found
    return found[1]


@pytest.mark.parametrize("why", list(HIDDEN))
def test_what_is_not_for_customers_is_nowhere(why: str) -> None:
    """Not as a page, in a list, a count, the search, what is suggested, the sitemap, hreflang, or as a file."""
    secret, other = written("Geheimes", "Die Frist ist 77 Tage.", key="k"), written("Public", "Hello.", "en", key="k")
    file = Attachment.objects.create(article=secret, name="a.png", kind="image/png", size=1, checksum="x", data=b"x")
    body = f"Die Frist ist 77 Tage. ![a](/help/files/{file.pk}/a.png)"
    Article.objects.filter(pk=secret.pk).update(tags=["geheim"], body=body)
    paths = ["/help/de/", "/help/de/search/?q=Frist+77+Tage", "/help/de/suggest/?q=Gehei", "/sitemap.xml",
             f"/help/{other.pk}/", "/help/de/topics/geheim/"]  # fmt: skip
    for path in paths:
        assert "Geheimes" in get(path) or str(secret.pk) in get(path), path
    alone = [f"/help/{secret.pk}/", f"/help/files/{file.pk}/a.png"]
    assert [Client().get(path).status_code for path in alone] == [200, 200]

    if why == "withdrawn":
        do_withdraw([secret])
    else:
        Article.objects.filter(pk=secret.pk).update(**HIDDEN[why])
    for path in paths[:-1]:
        shown = get(path)
        assert "Geheim" not in shown.replace("q=Gehei", ""), path
        assert str(secret.pk) not in shown, path
    assert [Client().get(path).status_code for path in [*alone, paths[-1]]] == [404, 404, 404]
    rated = Client().post(f"/help/{secret.pk}/rating/", {"helpful": "yes"})
    assert rated.status_code == 404


def test_a_draft_is_nowhere_and_the_published_text_stays() -> None:
    shown = written(body="Alt.")
    do_save(shown, User.objects.get(), title="Neuer Titel", body="Neu und geheim.")
    for path in (f"/help/{shown.pk}/", "/help/de/", "/help/de/search/?q=Neu+und+geheim", "/help/de/suggest/?q=geheim"):
        assert "Neu" not in re.sub(r'value="[^"]*"|<title>.*?</title>', "", get(path)), path


def test_a_source_opens_at_the_quoted_place() -> None:
    found = written(
        body="## Eins\nErster Absatz mit Worten.\n\n## Zwei\n\nDas gilt:\n\n- ein **Ding** hier\n- noch eines da"
    )
    passage = found.passages.get(heading="Zwei")
    path = source_path(found.pk, passage.pk, "Das gilt:\n- ein Ding hier\n- noch eines da")
    assert path.startswith(f"/help/{found.pk}/?quote={passage.pk}#quote:~:text=")
    assert unquote(path).endswith(":~:text=Das gilt:,noch eines da")
    shown = get(path)
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", shown) == [
        "Das gilt:", "ein <strong>Ding</strong> hier", "noch eines da",
    ]  # fmt: skip
    assert shown.count('id="quote"') == 1
    assert "<mark" not in get(f"/help/{found.pk}/?quote={uuid4()}")
    assert "<mark" not in get(f"/help/{found.pk}/?quote=%27%3Cx")


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is() -> None:
    found = written()
    for path in (f"/help/{found.pk}/", "/help/de/", "/sitemap.xml"):
        first = Client().get(path)
        again = Client().get(path, HTTP_IF_NONE_MATCH=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert "no-cache" in first["Cache-Control"]
        Article.objects.filter(pk=found.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
        assert Client().get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    seen = Client().get(f"/help/{found.pk}/")
    assert Client().get(f"/help/{found.pk}/", HTTP_IF_MODIFIED_SINCE=seen["Last-Modified"]).status_code == 304


def test_search_engines_are_told_what_an_article_is() -> None:
    german, english = article(title='Ist </script> "gut"?'), article("en", title="Returns")
    shown = get(f"/help/{german.pk}/")
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/help/{german.pk}/">' in shown
    assert set(re.findall(r'hreflang="(..)" href="http[^"]*/help/([^/]+)/"', shown)) == {
        ("de", str(german.pk)), ("en", str(english.pk)),
    }  # fmt: skip
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)
    assert data
    about, path = json.loads(data[1])["@graph"]
    assert (about["headline"], about["inLanguage"], path["@type"]) == ('Ist </script> "gut"?', "de", "BreadcrumbList")
    assert '<meta name="description" content="30 Tage' in shown
    sitemap = get("/sitemap.xml")
    assert sitemap.count(f'hreflang="en" href="http://127.0.0.1:8000/help/{english.pk}/"') == 2
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in get("/robots.txt")
    assert 'name="robots" content="noindex"' in get("/help/de/search/?q=x")


def rating_form(path: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', get(path))
    assert found
    return found[1]


def test_a_form_counts_once_and_a_word_may_follow() -> None:
    found = written()
    path = f"/help/{found.pk}/"
    token = rating_form(path)
    thanks = Client().post(f"{path}rating/", {"token": token, "helpful": "yes"}, follow=True)
    assert thanks.status_code == 200
    assert not thanks.cookies
    words = "Was ist mit Pfannen? Ich bin petra@example.org"
    Client().post(f"{path}rating/", {"token": token, "helpful": "no", "comment": words})
    rating = Rating.objects.get()
    assert (rating.helpful, rating.version) == (False, 1)
    assert rating.comment == "Was ist mit Pfannen? Ich bin name@example.org"
    Client().post(f"{path}rating/", {"token": rating_form(path), "helpful": "yes"})
    assert Rating.objects.count() == 2


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "W10:1vZ:xx"])
def test_nobody_rates_with_a_form_that_is_not_ours(token: str) -> None:
    found, other = written(), written("Anderes")
    assert Client().post(f"/help/{found.pk}/rating/", {"token": token, "helpful": "yes"}).status_code == 400
    foreign = rating_form(f"/help/{other.pk}/")
    assert Client().post(f"/help/{found.pk}/rating/", {"token": foreign, "helpful": "yes"}).status_code == 400
    assert not Rating.objects.exists()


def test_one_address_rates_only_so_often() -> None:
    path = f"/help/{written().pk}/"
    answers = [Client().post(f"{path}rating/", {"token": rating_form(path), "helpful": "no"}) for _ in range(32)]
    assert [answer.status_code for answer in answers] == [303] * 30 + [429] * 2


def test_who_asks_very_often_still_gets_what_shares_words() -> None:
    found = written("Wann bekomme ich mein Geld zurück?", "Erstattungen dauern fünf Tage.")
    for _ in range(40):
        get("/help/de/search/?q=%21%3F")
    shown = get("/help/de/search/?q=Geld")
    assert f'href="/help/{found.pk}/"' in shown
    assert "?quote=" not in shown


def test_the_search_finds_meaning_and_while_typing_words() -> None:
    found = written("Wann bekomme ich mein Geld zurück?", "Erstattungen dauern fünf Tage.")
    assert str(found.pk) in get("/help/de/search/?q=Erstattung+dauert")
    assert str(found.pk) in get("/help/de/suggest/?q=Erstat")
    assert str(found.pk) in get("/help/de/suggest/?q=mein+Ge")
    assert str(found.pk) not in get("/help/en/suggest/?q=Erstat")
    for typed in ("", "'", "a:*&!|", "%00", "(((", "x" * 5000, "\\' or 1=1"):
        assert "<a" not in Client().get("/help/de/suggest/", {"q": typed}).content.decode()
    assert Client().get("/help/de/search/", {"q": "<script>alert(1)</script>"}).content.count(b"<script>") == 0


@pytest.mark.parametrize("colour", ["#ffff00", "#000000", "#ffffff", "#1b5e8c", "#ff0000", "808080", "#00ff7f"])
def test_any_brand_colour_can_be_read(colour: str) -> None:
    css = stylesheet(colour)
    pairs = re.findall(r"--accent:(#\w{6});--accent-strong:#\w{6};--on-accent:(#\w{6})", css)
    assert len(pairs) == 2
    for ground, (accent, on) in zip((LIGHT, DARK), pairs, strict=True):
        assert contrast(accent, ground) >= READABLE
        assert contrast(on, accent) >= READABLE
    brand, on_brand = re.findall(r"--brand:(#\w{6});--on-brand:(#\w{6})", css)[0]
    assert contrast(brand, on_brand) >= READABLE
    assert brand == f"#{colour.removeprefix('#')}"


def test_a_colour_that_is_none_is_not_used() -> None:
    assert stylesheet("red;}body{display:none") == stylesheet("")
    assert readable("#1b5e8c", LIGHT, "#000000") == "#1b5e8c"


def test_the_operators_name_and_logo(settings: Any, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "logo.png")
    settings.BRAND_NAME, settings.BRAND_LOGO = "Muster & Söhne", str(tmp_path / "logo.png")
    home = get("/help/de/")
    assert "Muster &amp; Söhne" in home
    assert '<img src="/help/logo?v=' in home
    assert Client().get("/help/logo")["Content-Type"] == "image/png"
    settings.BRAND_LOGO = "https://cdn.example.org/logo.svg"
    response = Client().get("/help/de/")
    assert "img-src https://cdn.example.org 'self'" in response["Content-Security-Policy"]
    settings.BRAND_LOGO = "/etc/passwd"
    assert "<img" not in get("/help/de/")
    assert Client().get("/help/logo").status_code == 404
