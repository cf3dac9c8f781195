from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.knowledge.models import Article

pytestmark = pytest.mark.django_db


def article(language: str = "de", **fields: str) -> Article:
    fields = {"title": "Rückgabe", "body": "## Frist\n30 Tage <script>x</script>", **fields}
    return Article.objects.create(
        source="t",
        external_id=f"{uuid4()}",
        key="return",
        language=language,
        checksum="",
        published_at=timezone.now(),
        **fields,
    )


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


@pytest.mark.parametrize("path", ["/help/00000000-0000-7000-8000-000000000007/", "/help/nonsense/"])
def test_unknown_articles(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("referer", "back"), [("http://testserver/demo/shop/", True), ("https://evil.example/", False), ("", False)]
)
def test_the_way_back_never_leads_elsewhere(referer: str, back: bool) -> None:
    shown = Client().get(f"/help/{article().pk}/", HTTP_REFERER=referer).content.decode()
    assert ('class="back"' in shown) is back
