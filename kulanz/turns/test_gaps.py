"""From questions that nobody answered to an article that made them fewer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.decision.models import StoredDecision
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Customer, Feedback, Message
from kulanz.knowledge import erasure
from kulanz.knowledge.articles import do_publish
from kulanz.knowledge.models import Article, FollowedTopic, QuestionVector, Rating, Version
from kulanz.nlp.language_models import fake_server as fake
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.turns.gaps import do_bring_back, do_dismiss, do_sort_questions, do_start_draft, gaps
from kulanz.turns.questions import questions_since
from kulanz.understanding.models import StoredReading

pytestmark = pytest.mark.django_db

ENGRAVING = [
    "Kann ich die Kaffeemühle mit einer Gravur bestellen?",
    "Hallo, machen Sie auch Gravuren auf der Kaffeemühle? Gruß, Eda",
    "Ist bei der Kaffeemühle eine Gravur möglich?",
]
REPLIES = [
    "Guten Tag Eda Yilmaz, hier ist Cleo vom Serviceteam. Eine Gravur kostet 12 € und dauert 5 Werktage.",
    "Hallo! Die Gravur kostet 12 € und dauert 5 Werktage. Ihre Bestellung ML-10077 ist noch offen.",
    "Eine Gravur dauert 5 Werktage und kostet 12 €.",
]


@pytest.fixture
def curator() -> User:
    return User.objects.create_user("cleo@example.org", "a long password", name="Cleo", role=Role.CURATOR)


def talk(*lines: tuple[str, str], days_ago: float = 1, language: str = "de") -> Conversation:
    """A conversation; each line is (author, text)."""
    at = timezone.now() - timedelta(days=days_ago)
    conversation = Conversation.objects.create(
        customer=Customer.objects.create(name="Eda Yilmaz"), channel="web_chat", language=language,
        token_digest=uuid4().hex, created_at=at, updated_at=at,
    )  # fmt: skip
    for seq, (author, text) in enumerate(lines, start=1):
        Message.objects.create(
            conversation=conversation, seq=seq, author=author, text=text, created_at=at + timedelta(minutes=seq)
        )
    return conversation


def handed_over(conversation: Conversation, minutes: float = 1.5) -> None:
    at = conversation.created_at + timedelta(minutes=minutes)
    Handover.objects.create(conversation=conversation, reason="wish", state="ended", requested_at=at)


def decided(
    conversation: Conversation, seq: int, kind: str, reason: str, *signals: str, rejected: bool = False
) -> None:
    """A decision on the message with this number, and its reading as far as it counts here."""
    message = conversation.messages.get(seq=seq)
    said = [{"value": name, "probability": 0.9, "evidence": []} for name in signals]
    StoredReading.objects.create(message=message, data={"text": message.text, "rejected": rejected, "signals": said})
    StoredDecision.objects.create(
        conversation=conversation, message=message, kind=kind, data={"reasons": [{"code": reason}]}, policy_version="1"
    )


def asked(since: timedelta = timedelta(days=60)) -> list[tuple[str, set[str]]]:
    return [(question.text, set(question.causes)) for question in questions_since(timezone.now() - since)]


def engraved(days: tuple[float, ...] = (3, 4, 5)) -> list[Conversation]:
    made = [
        talk(("customer", text), ("agent", reply), days_ago=day)
        for text, reply, day in zip(ENGRAVING, REPLIES, days, strict=True)
    ]
    for conversation in made:
        handed_over(conversation)
    return made


def test_which_questions_count() -> None:
    unanswered = talk(("customer", "Kann ich die Kaffeemühle gravieren lassen?"), ("assistant", "Wie meinen Sie das?"))
    decided(unanswered, 1, "ask", "unclear")
    wish = talk(("customer", "Wo bleibt mein Geld?"), ("assistant", "…"), ("customer", "Ich will einen Menschen"))
    decided(wish, 1, "answer", "passage")
    decided(wish, 3, "hand_over", "wants_person", "wants_person", rejected=True)
    handed_over(wish, 4)
    rated = talk(("customer", "Wie reinige ich die Pfanne?"), ("assistant", "So."), ("customer", "Na toll, danke"))
    Feedback.objects.create(conversation=rated, message=rated.messages.get(seq=2), helpful=False)
    happy = talk(("customer", "Was kostet der Versand?"), ("assistant", "4,90 €"))
    decided(happy, 1, "answer", "passage")
    Feedback.objects.create(conversation=happy, solved=True)
    talk_of_old = talk(("customer", "Wie alt ist diese Frage?"), days_ago=90)
    handed_over(talk_of_old)
    assert asked() == [
        ("Kann ich die Kaffeemühle gravieren lassen?", {"unanswered"}),
        ("Wo bleibt mein Geld?", {"handed_over"}),
        ("Wie reinige ich die Pfanne?", {"rated_badly"}),
    ]


def test_a_rating_counts_as_the_question_of_its_article(curator: User) -> None:
    article = Article.objects.create(
        source="x", external_id="1", title="Wie wasche ich sie?", body="So.", language="de"
    )
    for token in "ab":
        Rating.objects.create(article=article, version=1, helpful=token == "a", token=token)
    assert asked() == [("Wie wasche ich sie?", {"rated_badly"})]
    assert do_sort_questions() == 1
    assert [example.article for example in gaps().single] == [article.pk]


def test_from_a_topic_to_a_draft_and_no_second_one(curator: User) -> None:
    engraved()
    handed_over(talk(("customer", "Haben Sie am Feiertag geöffnet?")))
    assert gaps().waiting == 4
    assert do_sort_questions() == 4
    assert do_sort_questions() == 0
    found = gaps()
    (topic,) = found.topics
    assert (topic.count, dict(topic.causes), topic.trend.recent, found.waiting) == (3, {"handed_over": 3}, 3, 0)
    assert [example.text for example in found.single] == ["Haben Sie am Feiertag geöffnet?"]
    assert not any("Eda" in example.text for example in topic.examples)
    article = do_start_draft(topic.id, curator)
    assert "Gravur" in article.title
    assert "12 €" in article.body
    assert not any(secret in article.body + article.title for secret in ("Eda", "Cleo", "ML-10077", "Guten Tag"))
    assert (article.published_at, article.language, article.owner) == (None, "de", curator)
    assert do_start_draft(topic.id, curator) == article
    assert (gaps().topics, Article.objects.count()) == ((), 1)


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ("Die Gravur kostet 12 € und dauert 5 Werktage [1].", "Die Gravur kostet 12 € und dauert 5 Werktage."),
        ("Die Gravur kostet 10 € und dauert 5 Werktage [1].", "Eine Gravur kostet 12 € und dauert 5 Werktage."),
    ],
)
def test_a_language_model_words_the_draft_only_as_the_agents_said_it(
    curator: User, settings: Any, said: str, body: str
) -> None:
    engraved()
    do_sort_questions()
    with fake.fake_server(fake.says(said)) as server:
        settings.LANGUAGE_MODELS = LanguageModels({Task.GAP_DRAFT: Model(server.url, "tiny", retries=0)})
        article = do_start_draft(gaps().topics[0].id, curator)
        assert "Eda" not in server.heard
        assert len(server.requests) == 1
    assert article.body == body


def test_a_topic_that_is_gone_is_said(curator: User) -> None:
    with pytest.raises(NotFound):
        do_start_draft(str(uuid4()), curator)


def test_whether_the_article_helped(curator: User) -> None:
    engraved((10, 11, 12))
    do_sort_questions()
    article = do_start_draft(gaps().topics[0].id, curator)
    assert [(f.published, f.shrank) for f in gaps().followed] == [(None, None)]
    do_publish(article, curator)
    _published(article, timezone.now() - timedelta(days=8))
    (followed,) = gaps().followed
    assert (followed.before, followed.after, followed.shrank) == (3 / 4, 0.0, True)
    for text in ENGRAVING:
        handed_over(talk(("customer", text), days_ago=2))
    do_sort_questions()
    (followed,) = gaps().followed
    assert followed.after is not None
    assert followed.after > 2
    assert followed.shrank is False


def test_no_effect_is_said_in_the_first_week(curator: User) -> None:
    engraved((10, 11, 12))
    do_sort_questions()
    article = do_start_draft(gaps().topics[0].id, curator)
    do_publish(article, curator)
    _published(article, timezone.now() - timedelta(days=2))
    (followed,) = gaps().followed
    assert (followed.after, followed.shrank) == (0.0, None)


def test_a_topic_is_dismissed_with_a_reason_and_brought_back(curator: User) -> None:
    engraved()
    do_sort_questions()
    topic = gaps().topics[0].id
    with pytest.raises(InvalidInput):
        do_dismiss(topic, curator, " ")
    made = do_dismiss(topic, curator, "We will never\nengrave")
    found = gaps()
    assert (found.topics, found.single, found.followed) == ((), (), ())
    (row,) = found.dismissed
    assert (row.topic.reason, row.count) == ("We will never engrave", 3)
    assert not any("Eda" in example.text for example in row.examples)
    with pytest.raises(NotFound):
        do_dismiss(topic, curator, "Once more")
    with pytest.raises(NotFound):
        do_start_draft(topic, curator)
    handed_over(talk(("customer", ENGRAVING[0])))  # a later question of the matter
    do_sort_questions()
    assert [row.count for row in gaps().dismissed] == [4]
    assert gaps().topics == ()
    do_bring_back(made.pk, curator)
    assert ([topic.count for topic in gaps().topics], gaps().dismissed) == ([4], ())
    with pytest.raises(NotFound):
        do_bring_back(made.pk, curator)


def _published(article: Article, at: datetime) -> None:
    Version.objects.filter(article=article).update(published_at=at)


def test_erasure_leaves_nothing_of_a_question(curator: User) -> None:
    first, *_ = engraved()
    do_sort_questions()
    do_start_draft(gaps().topics[0].id, curator)
    assert erasure.erase(first.customer_id) == 1
    assert not QuestionVector.objects.filter(message__conversation=first).exists()
    first.delete()
    assert len(asked()) == 2
    assert FollowedTopic.objects.count() == 1
    assert erasure.erase(UUID(int=0)) == 0
