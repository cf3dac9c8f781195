"""A flow's way on the desk: a second person publishes it, everybody follows, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows
from kulanz.flows.models import EditionState, FlowEdition
from kulanz.flows.publishing import (
    FILE,
    EditedMeanwhile,
    do_discard,
    do_propose,
    do_publish,
    do_roll_back,
    do_save_draft,
    do_send_back,
    edition_mark,
)
from kulanz.flows.versions import mistakes_in
from kulanz.trust.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "flow: hello\ntitle: {{de: Hallo, en: Hello}}\nintents: [hello]\nsteps:\n  - say: {{de: Hallo, en: {words}}}\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "hello.yaml").write_text(TEXT.format(words="from the file"))
    for cached in (actions, active_flows):
        cached.cache_clear()
    yield
    for cached in (actions, active_flows):
        cached.cache_clear()


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.org", name="Ann", role=Role.ARCHITECT)


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob@example.org", name="Bob", role=Role.ARCHITECT)


def said() -> str:
    return str(active_flows()["hello"].steps[0]["say"]["en"])


def published(words: str, author: User, other: User) -> FlowEdition:
    do_save_draft("hello", author, TEXT.format(words=words))
    do_propose("hello", author)
    return do_publish("hello", other)


def test_from_a_draft_to_everybody_and_back(ann: User, bob: User) -> None:
    assert said() == "from the file"
    do_save_draft("hello", ann, TEXT.format(words="one"))
    do_propose("hello", ann)
    with pytest.raises(InvalidInput, match="second person"):
        do_publish("hello", ann)
    assert said() == "from the file"
    first = do_publish("hello", bob)
    assert (said(), first.approver) == ("one", bob)
    published("two", bob, ann)
    assert said() == "two"
    do_roll_back("hello", ann, first.number)
    assert said() == "one"
    do_roll_back("hello", ann, FILE)
    assert said() == "from the file"
    assert list(AuditEntry.objects.order_by("at").values_list("act", flat=True)) == [
        "flow_saved", "flow_proposed", "flow_published", "flow_saved", "flow_proposed", "flow_published",
        "flow_rolled_back", "flow_rolled_back",
    ]  # fmt: skip


def test_another_process_follows(ann: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said() == "from the file"
    monkeypatch.setattr(active_flows, "look_again", lambda: None)  # published somewhere else
    published("one", ann, bob)
    assert said() == "from the file"
    clock = active_flows._checked + 2.01
    monkeypatch.setattr("kulanz.flows.definitions.time.monotonic", lambda: clock)
    assert said() == "one"


def test_mistakes_keep_a_flow_from_being_proposed(ann: User) -> None:
    do_save_draft("hello", ann, "flow: hello\nsteps: [")
    with pytest.raises(InvalidInput, match=r"hello.yaml:2"):
        do_propose("hello", ann)
    do_save_draft("hello", ann, TEXT.format(words="x").replace("say", "shout"))
    with pytest.raises(InvalidInput, match=r"hello.yaml:5: This step is none of"):
        do_propose("hello", ann)


def test_what_is_written_under_another_name_is_no_version_of_this_flow(ann: User) -> None:
    assert "Name the file" in mistakes_in("goodbye", TEXT.format(words="x"))[0].text


def test_repeated_parts_are_refused_before_they_grow(ann: User) -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert [(m.line, "Write it out" in m.text) for m in mistakes_in("hello", bomb)] == [(2, True)]


def test_who_comes_second_is_told(ann: User, bob: User) -> None:
    first = do_save_draft("hello", ann, TEXT.format(words="one"))
    mark = edition_mark(first)
    do_save_draft("hello", bob, TEXT.format(words="two"), mark=mark)
    with pytest.raises(EditedMeanwhile):
        do_save_draft("hello", ann, TEXT.format(words="three"), mark=mark)
    assert FlowEdition.objects.get().text == TEXT.format(words="two")


def test_whoever_wrote_last_does_not_approve(ann: User, bob: User) -> None:
    do_save_draft("hello", ann, TEXT.format(words="one"))
    do_propose("hello", ann)
    do_save_draft("hello", bob, TEXT.format(words="mine"))
    assert FlowEdition.objects.get().state == EditionState.DRAFT
    with pytest.raises(NotFound):
        do_publish("hello", ann)
    do_propose("hello", bob)
    with pytest.raises(InvalidInput, match="second person"):
        do_publish("hello", bob)
    do_publish("hello", ann)
    assert said() == "mine"


def test_sent_back_and_dropped(ann: User, bob: User) -> None:
    do_save_draft("hello", ann, TEXT.format(words="one"))
    do_propose("hello", ann)
    with pytest.raises(InvalidInput):
        do_send_back("hello", bob, " ")
    assert do_send_back("hello", bob, "Too curt").note == "Too curt"
    do_discard("hello", ann)
    assert not FlowEdition.objects.exists()


def test_a_version_that_no_longer_fits_gives_way_to_its_file(ann: User, bob: User) -> None:
    published("one", ann, bob)
    FlowEdition.objects.update(text=TEXT.format(words="one").replace("- say", "- call: gone\n  - say"))
    active_flows.cache_clear()
    assert said() == "from the file"


def test_a_flow_that_others_need_is_not_withdrawn(ann: User, bob: User, tmp_path: Path) -> None:
    part = TEXT.format(words="part").replace("hello", "part").replace("intents: [part]\n", "")
    do_save_draft("part", ann, part)
    do_propose("part", ann)
    do_publish("part", bob)
    do_save_draft("hello", ann, TEXT.format(words="one") + "  - do: part\n")
    do_propose("hello", ann)
    do_publish("hello", bob)
    with pytest.raises(InvalidInput, match="hello"):
        do_roll_back("part", ann, FILE)
    do_roll_back("hello", ann, FILE)
    do_roll_back("part", ann, FILE)
    assert set(active_flows()) == {"hello"}
