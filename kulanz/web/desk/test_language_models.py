"""The page about the language models: who sees it, what it says, and when it shows texts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from kulanz.accounts.models import Role, User
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Reason
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.web.desk.language_models import outcome_text, task_name
from kulanz.web.templatetags.links import linked

pytestmark = pytest.mark.django_db
PAGE = "/desk/language-models/"
MODELS = LanguageModels({Task.ANSWER: Model("http://127.0.0.1:9/v1", "tiny-model", daily_tokens=5_000)}, failures=1)


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def signed_in(role: str, language: str = "en") -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@example.org", None, name="X", role=role, language=language))
    return client


def called(outcome: str = "done", **fields: Any) -> None:
    ModelCall.objects.create(**{"task": "answer", "model": "tiny-model", "outcome": outcome} | fields)


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.AGENT, False), (Role.SUPERVISOR, False), (Role.CURATOR, True), (Role.ADMINISTRATOR, True)],
)
def test_curators_and_administrators_alone_see_it_and_the_way_there(role: str, may: bool) -> None:
    client = signed_in(role)
    assert client.get(PAGE).status_code == (200 if may else 403)
    assert (PAGE in client.get("/desk/").content.decode()) == may
    assert client.post(PAGE).status_code == 405


def test_without_a_model_it_says_so(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels()
    page = signed_in(Role.CURATOR).get(PAGE).content.decode()
    assert "Everything works without one" in page
    assert "There were no calls" in page


def test_it_says_what_was_called_what_it_cost_and_what_failed(settings: Any) -> None:
    settings.LANGUAGE_MODELS = MODELS
    called(tokens_in=12_345, tokens_out=67, milliseconds=1_500, cost=Decimal("0.0421"))
    called(task="check", tokens_in=3)
    called("unsupported", tokens_in=1)
    called("unreachable")
    page = signed_in(Role.CURATOR).get(PAGE).content.decode()
    for words in ("12,346", "0.0421", "not known", "0 of 5,000", "left alone since", "the check refused"):
        assert words in page, words


def test_texts_are_shown_only_while_the_operator_keeps_them(settings: Any) -> None:
    settings.LANGUAGE_MODELS = MODELS
    called("unsupported", asked="<b>What</b> was asked", replied="what came")
    curator = signed_in(Role.CURATOR)
    page = curator.get(PAGE).content.decode()
    assert "was asked" not in page
    assert "Texts of calls are not stored" in page
    settings.LANGUAGE_MODELS = replace(MODELS, keep_texts=True)
    page = curator.get(PAGE).content.decode()
    assert "&lt;b&gt;What&lt;/b&gt; was asked" in page
    assert "what came" in page


def test_every_task_and_every_reason_has_words() -> None:
    unsaid = {Reason.OFF.value}  # nothing is stored where no model is set
    assert [task for task in Task if task_name(task.value) == task.value] == []
    assert {r.value for r in Reason if outcome_text(r.value) == r.value} == unsaid


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>", "&lt;b&gt;"),
        ("Siehe https://x.org/a?b=1&c=2.", 'https://x.org/a?b=1&amp;c=2</a>.'),
        ("(https://x.org)", 'https://x.org</a>)'),
        ("https://x.org/a_(b)", 'https://x.org/a_(b)</a>'),
        ("an hilfe@x.org.", '<a href="mailto:hilfe@x.org" target="_blank" rel="noopener noreferrer">hilfe@x.org</a>.'),
        ("httpd@x.org", 'href="mailto:httpd@x.org"'),
        ("javascript:alert(1) data:text/html,x ftp://x.org", "javascript:alert(1) data:text/html,x ftp://x.org"),
        ('https://x.org/"onclick="alert(1)', 'https://x.org/</a>&quot;onclick'),
    ],
)  # fmt: skip
def test_addresses_in_a_message_are_links_and_nothing_else_is(text: str, html: str) -> None:
    assert html in linked(text)
