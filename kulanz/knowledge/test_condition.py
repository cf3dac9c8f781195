"""The condition of the knowledge: what contradicts, doubles, expires or leads nowhere, and who is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.knowledge.articles import do_create, do_publish, do_save, do_withdraw
from kulanz.knowledge.comparing import Contradiction, contradictions, variants, versions_differ
from kulanz.knowledge.condition import MINE, condition, count_for
from kulanz.knowledge.looking import do_look, do_look_at_ratings, is_due
from kulanz.knowledge.models import Article, Finding
from kulanz.knowledge.ratings import do_rate
from kulanz.knowledge.visibility import today

Kind = Finding.Kind


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Sie können Artikel in 30 Tagen zurückgeben.", "Artikel können Sie in 14 Tagen zurückgeben.",
         ("30 day", "14 day")),
        ("Returns are free of charge.", "Returns are not free of charge.", ("", "not")),
        ("The shop is open on Monday.", "The shop is open on Sunday.", ("", "")),
        ("Der Versand kostet 4,90 €.", "Der Versand kostet 5,90 €.", ("4.9 eur", "5.9 eur")),
        ("Es dauert 3 Tage, bis der Ersatz kommt.", "Es dauert 3 Werktage, bis der Ersatz kommt.",
         ("3 day", "3 workday")),
    ],
)  # fmt: skip
def test_the_same_thing_said_otherwise(one: str, other: str, differ: tuple[str, str]) -> None:
    found = next(contradictions(one, other))
    assert (found.here, found.there) == differ
    assert (found.sentence, found.other) == (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sie haben 14 Tage Zeit.", "Sie haben zwei Wochen Zeit."),
        ("Standard delivery takes 2 days and costs €4.90.", "Express delivery takes 1 day and costs €9.90."),
        ("3. Press the button.", "4. Press the button."),
        ("You can cancel as long as it is not packed.", "You can cancel until it is packed."),
        ("Die Rücksendung ist kostenlos.", "Der Umtausch ist nicht möglich."),
    ],
)
def test_no_contradiction(one: str, other: str) -> None:
    assert list(contradictions(one, other)) == []


def test_in_texts_that_are_the_same_otherwise_a_negation_counts_sooner() -> None:
    one, other = "Engraved items cannot be returned either.", "Engraved items can be returned."
    assert not list(contradictions(one, other))
    assert len(list(contradictions(one, other, same=True))) == 1


def test_articles_on_two_products_may_differ() -> None:
    assert variants("Closing a Gold account", "The fee is $20.", "Closing a Silver account", "The fee is $10.")
    assert not variants("Returns", "Return it in 30 days.", "How do I return something?", "Within 14 days.")


def test_language_versions_name_the_same_numbers() -> None:
    german = "Sie haben 30 Tage Zeit. Der Versand kostet 4,90 €. Geöffnet bis 18 Uhr."
    found = versions_differ(german, "You have 14 days. Shipping is €4.90. Open until 6 pm.")
    assert found == Contradiction("Sie haben 30 Tage Zeit.", "You have 14 days.", "30 day", "14 day")
    assert versions_differ(german, "You have 30 days. Open until 6 pm.") is None


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("cleo@example.org", "a long password", name="Cleo", role=Role.CURATOR)


def published(owner: User, title: str, body: str, language: str = "en", key: str = "") -> Article:
    article = do_create(owner, title=title, body=body, language=language, key=key)
    do_publish(article, owner)
    article.refresh_from_db()
    return article


RETURNS = "You can send any item back within {n} days. The time starts on the day the parcel reaches you."


def test_two_articles_that_contradict_are_reported_until_one_is_mended(owner: User) -> None:
    one = published(owner, "How long can I return an item?", RETURNS.format(n=30))
    two = published(owner, "Returning an item", RETURNS.format(n=14))
    published(owner, "Do you sell gift cards?", "Yes, gift cards are valid for three years.")
    assert is_due()
    do_look()
    found = condition("", owner)
    assert [{f.article_id, f.other_id} for f in found.contradictions] == [{one.pk, two.pk}]
    said = {found.contradictions[0].facts["sentence"], found.contradictions[0].facts["other"]}
    assert said == {f"You can send any item back within {n} days." for n in (14, 30)}
    assert not found.duplicates
    assert not is_due()
    do_save(two, owner, title=two.title, body=RETURNS.format(n=30))
    do_publish(two, owner)
    assert condition("", owner).contradictions == []  # at once: what was changed is looked at anew
    do_look()
    assert [{f.article_id, f.other_id} for f in condition("", owner).duplicates] == [{one.pk, two.pk}]
    do_withdraw([two])
    assert condition("", owner).count == 0


def test_language_versions_are_no_duplicates_but_may_contradict(owner: User) -> None:
    published(owner, "Returns", RETURNS.format(n=30), key="returns")
    german = "Sie können jeden Artikel innerhalb von 14 Tagen zurücksenden."
    published(owner, "Rückgabe", german, language="de", key="returns")
    do_look()
    (found,) = condition("", owner).contradictions
    assert found.facts["versions"]
    assert (found.facts["sentence"], found.article.language) == (german, "de")
    assert condition("", owner).duplicates == []


def test_links_that_lead_nowhere(owner: User) -> None:
    there = published(owner, "Shipping", "Shipping takes two days.")
    gone, file = uuid4(), uuid4()
    body = f"[Shipping](/help/{there.pk}/) [old](/help/{gone}/) ![picture](/help/files/{file}/a.png)"
    article = published(owner, "More", body)
    do_look()
    (found,) = condition("", owner).broken
    assert found.article_id == article.pk
    assert found.facts == {"links": [f"/help/{gone}", f"/help/files/{file}"]}


def test_owners_see_their_own(owner: User) -> None:
    other = User.objects.create_user("sam@example.org", "a long password", name="Sam", role=Role.CURATOR)
    old, due = published(owner, "Christmas", "Open on Sunday."), published(other, "Prices", "They are fair.")
    Article.objects.filter(pk=old.pk).update(valid_until=today() - timedelta(days=1))
    Article.objects.filter(pk=due.pk).update(review_on=today(), updated_at=timezone.now())
    both = condition("", owner)
    assert ([a.pk for a in both.expired], [a.pk for a in both.due]) == ([old.pk], [due.pk])
    assert [a.pk for a in condition("me", owner).expired] == [old.pk]
    assert condition("me", owner).due == []
    assert condition(str(other.pk), owner).expired == []
    assert condition("none", owner).count == 0
    assert (count_for(owner), count_for(other)) == (1, 1)
    Article.objects.filter(pk=old.pk).update(owner=None)
    assert [a.pk for a in condition(MINE, other).expired] == [old.pk]  # nobody's: every curator's
    assert (count_for(owner), count_for(other)) == (1, 2)
    other.role = Role.AGENT
    assert count_for(other) == 1


def test_a_wording_that_helps_nobody_is_reported_until_it_is_changed(owner: User) -> None:
    article = published(owner, "Shipping", "Shipping takes two days.")
    liked = published(owner, "Prices", "They are fair.")
    for number, helpful in enumerate([False, False, True, False]):
        do_rate(article, 1, f"a{number}", helpful=helpful)
        do_rate(liked, 1, f"b{number}", helpful=not helpful)
    assert do_look_at_ratings() == 1
    do_look()  # keeps what the ratings said
    (found,) = condition("me", owner).rated
    assert (found.article_id, found.facts) == (article.pk, {"yes": 1, "no": 3})
    do_save(article, owner, title="Shipping", body="Shipping takes two days, on Sundays three.")
    do_publish(article, owner)
    assert condition("me", owner).rated == []
    assert do_look_at_ratings() == 0
