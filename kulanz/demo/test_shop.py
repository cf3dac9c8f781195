"""The shop page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kulanz.demo.models import ShopCustomer
from kulanz.demo.stock import do_stock


@pytest.fixture
def client(made_once: Callable[[Callable[[], None]], None], settings: Any) -> Client:
    settings.ROOT_URLCONF = "kulanz.demo.urls"
    made_once(do_stock)
    return Client()


def page(client: Client, query: str = "", language: str = "en") -> str:
    response = client.get(f"/demo/shop/{query}", headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_anna_sees_her_orders_and_the_widget_knows_her(client: Client) -> None:
    html = page(client)
    assert all(number in html for number in ("ML-10234", "ML-10198", "ML-10111"))
    assert "ML-10240" not in html
    assert 'data-email="anna.beispiel@example.com" data-external-id="K-10001" defer' in html


def test_ben_sees_his_own(client: Client) -> None:
    html = page(client, "?as=ben")
    assert "ML-10240" in html
    assert "ML-10234" not in html
    assert 'data-external-id="K-10002"' in html


def test_a_guest_is_nobody_in_particular(client: Client) -> None:
    html = page(client, "?as=guest")
    assert "data-email" not in html
    assert "data-name" not in html
    assert "ML-10111" not in html


def test_the_language_follows_the_link_then_the_browser(client: Client) -> None:
    assert '<html lang="de">' in page(client, language="de")
    assert "49,90\N{NO-BREAK SPACE}€" in page(client, language="de")
    assert '<html lang="en">' in page(client, "?lang=en", language="de")
    assert "€49.90" in page(client, "?lang=en", language="de")
    assert 'data-language="de"' in page(client, "?lang=de&as=guest")


def test_unknown_choices_are_ignored(client: Client) -> None:
    assert page(client, "?lang=%00xx&as=%3Cscript%3E") == page(client)


def test_a_name_is_never_markup(client: Client) -> None:
    ShopCustomer.objects.filter(pk="K-10001").update(name='<img src=x onerror="x">')
    assert "<img" not in page(client)


@pytest.mark.parametrize("query", ["?lang=de", "?lang=en&as=guest"])
def test_the_page_keeps_to_its_security_policy_and_has_one_heading(client: Client, query: str) -> None:
    html = page(client, query)
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    assert re.findall(r"<script[^>]*>", html) == re.findall(r'<script src="/widget/kulanz-chat.js"[^>]*>', html)
    assert len(re.findall(r"<script", html)) == len(re.findall(r"<h1", html)) == 1
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert all(f"<{landmark}" in html for landmark in ("header", "nav", "main", "aside", "footer"))


def test_an_empty_shop_still_has_a_page(db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = "kulanz.demo.urls"
    assert "Musterladen" in page(Client())


def test_the_page_is_only_read(client: Client) -> None:
    assert client.post("/demo/shop/").status_code == 405
