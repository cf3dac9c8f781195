"""The demo company's knowledge shows every kind of finding, each to its owner, and customers see none of it."""

from __future__ import annotations

import pytest

from kulanz.accounts.models import User
from kulanz.core.knowledge import Audience
from kulanz.demo.company import do_seed_conversations, do_seed_service, do_seed_staff
from kulanz.knowledge.condition import MINE, condition, count_for
from kulanz.knowledge.looking import do_look, do_look_at_ratings
from kulanz.knowledge.models import Article
from kulanz.knowledge.visibility import shown

pytestmark = pytest.mark.django_db


def test_each_kind_is_found_and_told_to_an_owner() -> None:
    do_seed_staff()
    do_seed_service()
    do_seed_conversations()
    do_look()
    do_look_at_ratings()
    nora = User.objects.get(email="nora@musterladen.example")
    found = {entry.kind: entry for entry in condition("", nora).entries()}
    assert set(found) == {"contradiction", "expired", "due", "rated", "duplicate", "broken"}
    pair = (found["contradiction"].article, found["contradiction"].other)
    assert {article.audience for article in pair if article} == {"agents", "customers"}
    mine = {entry.kind for entry in condition(MINE, nora).entries()}
    assert mine == {"contradiction", "expired", "due", "duplicate", "broken"}  # "broken": nobody's
    assert count_for(User.objects.get(email="jonas@musterladen.example")) == 2

    to_customers = Article.objects.filter(shown(Audience.CUSTOMERS))
    assert not to_customers.filter(body__contains="Standardversand kostet 3,90 €").exists()
    assert not to_customers.filter(title__contains="Weihnachten 2024").exists()
