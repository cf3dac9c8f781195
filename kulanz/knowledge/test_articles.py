"""An article on its way: written, reviewed, published, read by those it is for, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import access_article, do_create, do_publish, do_save, do_submit, do_withdraw
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Article, State
from kulanz.knowledge.queries import get_article, other_languages
from kulanz.knowledge.search import search
from kulanz.knowledge.visibility import today
from kulanz.nlp.vector import LazyVector

pytestmark = pytest.mark.django_db

QUESTION = "Wie hoch ist die Selbstbeteiligung bei Glasschaden?"
TEXT = "Die Selbstbeteiligung bei einem Glasschaden beträgt 150 Euro."


@pytest.fixture
def mia() -> User:
    return User.objects.create_user("mia@example.org", "long enough", name="Mia")


def published(author: User, **fields: object) -> Article:
    article = do_create(author, title="Glasschaden", body=TEXT, language="de", key="glass")
    Article.objects.filter(pk=article.pk).update(**fields)
    do_publish(article, author)
    return access_article(article.pk)


def found(audience: Audience = Audience.CUSTOMERS) -> list[str]:
    return [passage.text for passage in search(QUESTION, LazyVector(QUESTION), "de", audience=audience)]


def readable(article: Article, audience: Audience = Audience.CUSTOMERS) -> bool:
    try:
        get_article(article.pk, audience)
    except NotFound:
        return False
    return True


def test_readers_see_what_is_published_and_nothing_before(mia: User) -> None:
    article = do_create(mia, title="Glasschaden", body=TEXT, language="de")
    do_submit(article)
    assert not readable(article)
    assert found() == []
    do_publish(article, mia)
    assert readable(article)
    assert found() == [TEXT]
    do_save(access_article(article.pk), mia, title="Glasschaden", body="Neu: 200 Euro.")
    assert get_article(article.pk).body == TEXT
    do_publish(article, mia)
    assert found() == ["Neu: 200 Euro."]
    assert list(article.versions.order_by("number").values_list("number", "state", "body")) == [
        (1, State.PAST, TEXT), (2, State.PUBLISHED, "Neu: 200 Euro."),
    ]  # fmt: skip


def test_what_is_for_agents_reaches_no_customer(mia: User) -> None:
    article = published(mia, audience="agents")
    assert found() == []
    assert found(Audience.AGENTS) == [TEXT]
    assert not readable(article)
    assert readable(article, Audience.AGENTS)
    other = do_create(mia, title="Glass", body="Two hundred.", language="en", key="glass")
    do_publish(other, mia)
    assert other_languages(other) == []
    assert other_languages(other, Audience.AGENTS) == [article]


@pytest.mark.parametrize(
    ("start", "end", "seen"), [(0, 0, True), (1, None, False), (None, -1, False), (-1, 1, True), (None, None, True)]
)
def test_an_article_is_seen_while_it_is_valid(mia: User, start: int | None, end: int | None, seen: bool) -> None:
    days = {name: None if day is None else today() + timedelta(days=day)
            for name, day in (("valid_from", start), ("valid_until", end))}  # fmt: skip
    article = published(mia, **days)
    assert (found() == [TEXT]) is seen
    assert readable(article) is seen


def test_a_withdrawn_article_is_gone_at_once_and_comes_back_by_a_new_draft(mia: User) -> None:
    article = published(mia)
    do_withdraw([article])
    assert found() == []
    assert not readable(article)
    with pytest.raises(InvalidInput, match="no draft"):
        do_publish(article, mia)
    do_save(access_article(article.pk), mia, title="Glasschaden", body=TEXT)
    do_publish(article, mia)
    assert found() == [TEXT]


def test_an_imported_article_keeps_its_versions_and_what_the_team_set(tmp_path: Path, mia: User) -> None:
    file = tmp_path / "glass.md"
    file.write_text(f"---\nlanguage: de\naudience: agents\n---\n{TEXT}")
    do_import([file])
    assert (found(), found(Audience.AGENTS)) == ([], [TEXT])
    file.write_text(f"---\nlanguage: de\nvalid_until: 2999-12-31\n---\n{TEXT} Neu.")
    do_import([file])
    article = Article.objects.get()
    assert (article.audience, str(article.valid_until)) == ("agents", "2999-12-31")
    assert list(article.versions.order_by("number").values_list("number", "state")) == [(1, "past"), (2, "published")]
    with pytest.raises(InvalidInput, match="from a file"):
        do_save(article, mia, title="x", body="y")


@pytest.mark.parametrize("line", ["audience: everybody", "valid_from: soon", "review_on: [1]"])
def test_a_file_that_says_nonsense_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{line}\n---\nText.")
    with pytest.raises(InvalidInput, match=r"a\.md: '(audience|valid_from|review_on)' must be"):
        do_import([tmp_path / "a.md"])
