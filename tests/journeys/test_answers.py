"""Answers from the knowledge: what a customer reads, what `kulanz ask` and `kulanz evaluate answers` say of it, and
what comes of a language model's wording of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kulanz.accounts.models import Role, User
from kulanz.cli import main
from kulanz.cli.ask import _report
from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.decision.models import StoredDecision
from kulanz.inbox.models import Message
from kulanz.knowledge.models import Article
from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.fake_server import FakeServer
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.turns.ask import ask
from kulanz.turns.measure_answers import measure_answers, read_expected
from tests.journeys.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)
AUSTRIA = "Was kostet der Versand nach Österreich?"
QUOTED = "Nach Österreich kostet der Versand 7,90 €, ab 79 € liefern wir kostenlos."
ENGLISH = "What does shipping to Austria cost?"
GOOD = "Shipping to Austria costs €7.90 and is free from €79 [1]."
LIE = "Shipping to Austria is a present for you today [1]."
SLOW = 0.3  # seconds that the model may take


@pytest.fixture
def model(settings: Any) -> Iterator[FakeServer]:
    breaker_of.cache_clear()
    with fake.fake_server() as running:
        limits = Model(running.url, "tiny", retries=0, seconds=5)
        settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: limits})
        yield running
    breaker_of.cache_clear()


def answered(question: str, language: str = "de") -> tuple[Chat, Message, dict[str, Any]]:
    """The conversation, the assistant's reply to one question, and the decision as it was stored."""
    chat = Chat(language)
    chat.say(question)
    made = StoredDecision.objects.get(conversation=chat.conversation)
    assert made.reply is not None
    return chat, made.reply, made.data


def file(folder: Path, *rows: object) -> Path:
    path = folder / "asked.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


@pytest.mark.usefixtures("musterladen")
class TestWithMusterladen:
    """One class, because setting the company up costs a second."""

    def test_asking_and_writing_give_the_same_answer(self) -> None:
        _, reply, _ = answered(AUSTRIA)
        asked = ask(AUSTRIA, language="de")
        assert reply.text == asked.text
        assert reply.text.startswith(QUOTED)
        assert [s["quote"] for s in reply.sources] == [s.quote for s in asked.reply.sources] == [reply.text]

    def test_both_parts_of_a_question_are_answered_each_with_its_source(self) -> None:
        _, reply, _ = answered("Was kostet der Versand nach Österreich und wie lange dauert er?")
        assert "7,90 €" in reply.text
        assert "3 bis 5 Werktage" in reply.text
        assert len({source["article_id"] for source in reply.sources}) == 2
        assert reply.text == "\n\n".join(source["quote"] for source in reply.sources)

    def test_the_part_without_an_answer_is_named_and_a_person_offered(self, tmp_path: Path) -> None:
        both = "How long is a gift card valid and is there a store in Manchester?"
        chat, reply, _ = answered(both, "en")
        assert "three years" in reply.text or "3 years" in reply.text
        assert "found nothing reliable: “is there a store in Manchester”" in reply.text
        assert reply.choices == ["Speak to a person"]
        assert "Manchester" not in json.dumps([source["quote"] for source in reply.sources])
        kind, _ = chat.say("Speak to a person")
        assert kind == "hand_over"
        answered_whole, asked = answered(AUSTRIA)[1], ask(both, language="en", audience=Audience.AGENTS)
        assert answered_whole.choices == []
        assert "is there a store in Manchester" in asked.text
        assert asked.reply.choices == ()
        assert asked.text.endswith(asked.left)
        row = {"question": both, "source": "gift-card", "language": "en"}
        rows = read_expected(file(tmp_path, row))
        assert measure_answers(rows, lambda *_: None)["unsupported_statements"] == 0

    def test_the_command_names_answer_passages_and_why_the_others_lost(self) -> None:
        told = _report(ask(AUSTRIA, language="de"))
        assert told.startswith("Answer in de, from “Was kostet der Versand?”:\n  Nach Österreich")
        assert "chosen\n" in told
        assert "not chosen: below the" in told
        silent = _report(ask("Wie hoch ist der Eiffelturm?", language="de"))
        assert silent.startswith("No answer from the knowledge; the assistant would ")

    def test_the_commands_say_what_the_customer_would_read(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["ask", AUSTRIA, "--language", "de"]) == 0
        assert QUOTED in capsys.readouterr().out
        path = file(tmp_path, {"question": AUSTRIA, "source": "shipping-cost", "language": "de"})
        assert main(["evaluate", "answers", str(path)]) == 0
        assert json.loads(capsys.readouterr().out)["correct_source"] == 1.0

    def test_agents_are_led_to_what_only_they_may_read(self) -> None:
        internal = Article.objects.get(key="shipping-cost", language="de")
        Article.objects.filter(key="shipping-cost").update(audience=Audience.AGENTS.value)
        assert str(internal.pk) not in json.dumps([p.article_id for p in ask(AUSTRIA, language="de").passages])
        asked = ask(AUSTRIA, language="de", audience=Audience.AGENTS)
        found = next(p for p in asked.passages if p.article_id == str(internal.pk))
        assert found.url == f"/desk/knowledge/{internal.pk}/"
        assert [s.url for s in asked.reply.sources] == [found.url]

    def test_a_source_that_customers_no_longer_read_opens_at_the_desk(self, settings: Any) -> None:
        chat, reply, _ = answered(AUSTRIA)
        mia = at_the_desk(settings)
        page, panel = f"/desk/c/{chat.conversation.pk}/", f"/desk/c/{chat.conversation.pk}/panel/"
        inside = f"/desk/knowledge/{reply.sources[0]['article_id']}/"
        assert inside not in mia.get(page).content.decode()
        Article.objects.filter(pk=reply.sources[0]["article_id"]).update(audience=Audience.AGENTS.value)
        assert inside in mia.get(page).content.decode()
        assert inside in mia.get(panel).content.decode()
        assert Client().get(reply.sources[0]["url"].split("?")[0]).status_code == 404

    def test_answers_are_measured(self, tmp_path: Path) -> None:
        path = file(
            tmp_path,
            {"question": AUSTRIA, "source": "shipping-cost", "facts": ["7,90 €"], "language": "de"},
            {"question": AUSTRIA, "source": "return-policy", "facts": ["30 Tagen"]},
            {"question": "Wie hoch ist der Eiffelturm?", "source": None, "language": "de"},
            {"question": "Was kostet der Versand?", "source": None, "language": "de"},
        )
        told: list[tuple[int, int]] = []
        figures = measure_answers(read_expected(path), lambda done, total: told.append((done, total)))
        assert told[-1] == (4, 4)
        assert (figures["questions"], figures["answered"], figures["correct_source"]) == (4, 1.0, 0.5)
        assert (figures["first_is_right"], figures["with_all_facts"]) == (0.5, 0.5)
        assert (figures["unsupported_statements"], figures["rightly_silent"]) == (0, 0.5)
        assert [row["expected"] for row in figures["wrong"]] == ["return-policy", None]

    def test_a_statement_that_its_passage_does_not_hold_is_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kulanz.knowledge.composing.best_sentences", lambda *_: f"{QUOTED} Alles ist gratis.")
        rows = [*read_expected_rows({"question": AUSTRIA, "source": "shipping-cost", "language": "de"})]
        assert measure_answers(rows, lambda *_: None)["unsupported_statements"] == 1

    def test_a_supported_wording_is_what_the_customer_reads(self, model: FakeServer) -> None:
        model.behave(fake.says(GOOD))
        chat, reply, data = answered(ENGLISH, "en")
        assert reply.text == GOOD.replace(" [1]", "")
        assert reply.sources[0]["quote"].startswith(GOOD[:35])
        assert data["worded"] == [{"used": True, "reason": "", "call": data["worded"][0]["call"], "refused": []}]
        assert "anna.beispiel@example.com" not in model.heard
        assert chat.conversation.customer.name not in model.heard

    def test_a_lie_is_refused_kept_for_the_curator_and_never_shown_to_the_customer(
        self, model: FakeServer, settings: Any
    ) -> None:
        model.behave(fake.says(f"{GOOD} {LIE}"))
        chat, reply, data = answered(ENGLISH, "en")
        assert reply.text.startswith(GOOD[:35])
        assert [r["sentence"] for r in data["worded"][0]["refused"]] == [LIE.replace(" [1]", "")]
        mia = at_the_desk(settings)
        view = customers_view(chat, reply)
        assert GOOD[:19] in view
        assert "present" not in view
        assert "present for you" in mia.get(f"/desk/c/{chat.conversation.pk}/").content.decode()

    @pytest.mark.parametrize("behaviour", [fake.fails(500), fake.breaks_off, fake.says("NONE"), fake.sends("<html>")])
    def test_a_model_that_is_down_or_talks_nonsense_leaves_the_quote(
        self, model: FakeServer, behaviour: fake.Behaviour
    ) -> None:
        model.behave(behaviour)
        _, reply, data = answered(AUSTRIA)
        assert reply.text.startswith(QUOTED)
        assert not data["worded"][0]["used"]

    def test_a_slow_model_costs_no_more_than_its_limit(self, model: FakeServer, settings: Any) -> None:
        settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: Model(model.url, "tiny", retries=0, seconds=SLOW)})
        model.behave(fake.hangs)
        ask(AUSTRIA, language="de")  # loads what the first call needs
        began = time.monotonic()
        _, reply, data = answered(AUSTRIA)
        assert time.monotonic() - began < SLOW + 5  # the server itself would hang for 20
        assert reply.text.startswith(QUOTED)
        assert data["worded"][0]["reason"] == "timed_out"

    def test_an_article_in_another_language_is_announced_and_not_worded(self, model: FakeServer) -> None:
        model.behave(fake.says(GOOD))
        _, reply, _ = answered("Nehmen Sie ausländische Kreditkarten an?")
        assert "Englisch" in reply.text
        assert reply.text.endswith(reply.sources[0]["quote"])
        assert reply.sources[0]["language"] == "en"
        assert not model.requests


def at_the_desk(settings: Any) -> Client:
    """Somebody signed in; the pages of the product instead of the back office's."""
    settings.ROOT_URLCONF = "kulanz.web.urls"
    mia = Client()
    mia.force_login(User.objects.create_user("m@example.org", "long enough", name="Mia", role=Role.AGENT))
    return mia


def customers_view(chat: Chat, reply: Message) -> str:
    """All that the customer can get of this conversation."""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {chat.token}"}
    base = f"/api/v1/conversations/{chat.conversation.pk}"
    paths = (base, f"{base}/messages", f"{base}/messages/{reply.pk}/why")
    return "".join(Client().get(path, **headers).content.decode() for path in paths)  # type: ignore[arg-type]


def read_expected_rows(*rows: dict[str, Any]) -> Iterator[Any]:
    from kulanz.turns.measure_answers import Expected

    for row in rows:
        yield Expected(row["question"], row["source"], language=row["language"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "holds no rows"),
        (("{",), "line 1 is no JSON"),
        (("[" * 100_000,), "line 1 is no JSON"),
        (({"question": "x", "source": None}, {"question": "y"}), "line 2: expected"),
        (({"question": " ", "source": None},), "line 1: expected"),
        (({"question": "x", "source": "a", "facts": "30"},), "'facts' must be a list of texts"),
        (({"question": "x", "source": 7},), "'source' must be a text or null"),
        (({"question": "x", "source": "a", "language": "klingon"},), "'language' must be"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, rows: tuple[object, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_expected(file(tmp_path, *rows))


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        read_expected(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes('{"question": "Größe"}'.encode("latin-1"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_expected(tmp_path / "latin.jsonl")


def test_a_bad_file_ends_the_command_with_its_name_and_nothing_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "answers", str(file(tmp_path, "{"))]) == 1
    told = capsys.readouterr()
    assert "asked.jsonl: line 1 is no JSON." in told.err
    assert not told.out
    assert main(["evaluate", "answers"]) == 1
    assert "Give FILE" in capsys.readouterr().err
