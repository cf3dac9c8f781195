"""An OpenAPI back office: connected by configuration, and nothing is sent that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from kulanz.core.errors import InvalidInput, PermanentError
from kulanz.flows.actions import Action, actions, do_fetch_descriptions
from kulanz.flows.back_offices.described import described
from kulanz.flows.back_offices.document import read_document
from kulanz.flows.back_offices.http import HttpOperation
from kulanz.flows.back_offices.kind import Offer
from tests.back_office_gym import DOCUMENT, KEY, Gym
from tests.back_offices.conftest import Describe

FILE = """
back_offices:
  gym: {{openapi: gym.openapi.yaml, url: "{url}", key_env: GYM_KEY, timeout: 2}}
actions:
  get_member:
    operation: getMember
    parameters: {{memberId: "{{number}}"}}
  pause:
    operation: POST /members/{{memberId}}/pause
    writes: true
    duplicates: key
    look_up: findRequest
    parameters: {{memberId: "{{number}}"}}
  refund:
    operation: refundFee
    writes: true
    duplicates: key
    look_up: findRequest
    parameters: {{memberId: "{{number}}"}}
    body: {{email: "{{email}}", refund: {{amount: "{{amount}}", kind: goodwill, dated: "{{day}}"}}}}
    amount: amount
  trainers: {{operation: listTrainers}}
"""
LENA = {"number": "K-10010", "email": "lena@example.org"}


@pytest.fixture
def office(gym: Gym, describe: Describe) -> dict[str, Action]:
    return describe(FILE.format(url=gym.url)).actions


def test_a_read_answers_with_data(office: dict[str, Action], gym: Gym) -> None:
    result = office["get_member"].operation.send(LENA, "")
    assert (result.status, result.data["plan"]) == ("done", "Basic")
    assert gym.requests[0]["path"] == "/members/K-10010"


def test_a_refusal_is_told_with_its_reason(office: dict[str, Action]) -> None:
    result = office["get_member"].operation.send({**LENA, "email": "omar@example.org"}, "")
    assert (result.status, result.data) == ("refused", {"http_status": 404, "reason": "no such member"})


def test_a_write_carries_its_key_and_is_found_by_it(office: dict[str, Action], gym: Gym) -> None:
    operation = office["pause"].operation
    assert operation.look_up("key-1") is None
    first = operation.send({**LENA, "until": "2026-12-31"}, "key-1")
    assert operation.send({**LENA, "until": "2026-12-31"}, "key-1") == first
    assert operation.look_up("key-1") == first
    assert len(gym.done) == 1


def test_nested_fields_are_filled_and_money_becomes_a_number(office: dict[str, Action], gym: Gym) -> None:
    result = office["refund"].operation.send({**LENA, "amount": "12.50 EUR"}, "key-2")
    assert gym.writes[0]["body"] == {"email": LENA["email"], "refund": {"amount": 12.5, "kind": "goodwill"}}
    assert result.data["amount"] == 12.5


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"amount": "1.234,50 €"}, "amount must be a number"),
        ({"amount": "1,234.50"}, "amount must be a number"),
        ({"amount": "tausend"}, "amount must be a number"),
        ({"amount": "12.50 USD"}, "amount is in USD, and this back office takes EUR"),
        ({"amount": float("nan")}, "amount must be a number"),
        ({"amount": True}, "amount must be a number"),
        ({"amount": ["1"]}, "amount must be a number"),
        ({"amount": "0"}, "refund.amount must be more than 0"),
        ({"amount": "500.01"}, "refund.amount must be at most 500"),
        ({"amount": "5", "day": "2026-02-30"}, "refund.dated must be a day that exists"),
        ({"amount": "5", "day": "30.02.2026"}, "refund.dated must be a day that exists"),
        ({}, "refund.amount is missing"),
        ({"amount": "5", "size": "XL"}, "size is not known there"),
        ({"amount": "5", "number": ""}, "number is missing"),
        ({"amount": "5", "number": "../../admin"}, "number does not look as it should"),
        ({"amount": "5", "number": "K-10010?a=b"}, "number does not look as it should"),
        ({"amount": "5", "number": "K-10010\r\nX-Admin: 1"}, "number does not look as it should"),
    ],
)
def test_what_does_not_fit_is_named_and_never_sent(
    office: dict[str, Action], gym: Gym, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(PermanentError, match="Nothing was sent") as refused:
        office["refund"].operation.send({**LENA, **arguments}, "key-3")
    assert problem in str(refused.value)
    assert not gym.requests


def test_everything_that_is_wrong_is_named_at_once_without_the_values(office: dict[str, Action]) -> None:
    with pytest.raises(PermanentError) as refused:
        office["pause"].operation.send({"number": "secret-7", "email": "nobody", "visits": "many"}, "k")
    text = str(refused.value)
    for problem in ("number does not", "email must be", "visits must be a number", "until is missing"):
        assert problem in text
    assert "secret-7" not in text
    assert "nobody" not in text


def test_quotes_and_placeholders_in_arguments_stay_what_they_are(office: dict[str, Action], gym: Gym) -> None:
    reason = '"}], "until": "2099-01-01", {email} <script>\r\n'
    office["pause"].operation.send({**LENA, "until": "2026-12-31", "reason": reason}, "key-4")
    assert gym.writes[0]["body"] == {"email": LENA["email"], "until": "2026-12-31", "reason": reason}


def test_lists_numbers_and_truths_are_written_as_described(office: dict[str, Action], gym: Gym) -> None:
    operation = office["trainers"].operation
    assert isinstance(operation, HttpOperation)
    request = operation.preview({"days": [1, 2], "active": "true"})
    assert request["query"] == {"days": "1,2", "active": "true"}
    assert request["headers"] == {"Authorization": "…"}


def offers(describe: Describe) -> dict[str, Offer]:
    book = describe('back_offices: {gym: {openapi: gym.openapi.yaml, url: "https://gym.example"}}\nactions: {}\n')
    connected = book.offices["gym"]
    assert connected is not None
    return {offer.name: offer for offer in connected[1].offers()}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("uploadPhoto", "its body is multipart/form-data and not JSON"),
        ("getContractPdf", "it answers with application/pdf and not with JSON"),
        ("listLockers", "the parameter filter is written in the style deepObject"),
        ("listPartners", "it asks for oauth, which is oauth2"),
    ],
)
def test_what_is_unsupported_is_named_and_the_rest_is_usable(describe: Describe, name: str, problem: str) -> None:
    found = offers(describe)
    assert found[name].problem == problem
    assert [offer.name for offer in found.values() if not offer.problem] == [
        "getMember", "pauseMembership", "refundFee", "findRequest", "book", "listTrainers",
    ]  # fmt: skip


def test_what_is_left_out_is_noted(describe: Describe) -> None:
    found = offers(describe)
    assert found["getMember"].notes == ("session is left out: the parameter session is a cookie",)
    assert found["listTrainers"].notes[0].startswith("city is left out: it refers to another document")
    assert "its callbacks are not listened to" in found["book"].notes
    assert any("several shapes" in note for note in found["book"].notes)
    assert found["getMember"].required == ("memberId", "email")


def test_a_body_of_several_shapes_is_mapped(gym: Gym, describe: Describe) -> None:
    text = FILE.format(url=gym.url) + "  book: {operation: book, writes: true, body: {course: '{course}'}}\n"
    operation = describe(text).actions["book"].operation
    assert isinstance(operation, HttpOperation)
    assert operation.request({"course": "Yoga"}).body == {"course": "Yoga"}
    with pytest.raises(InvalidInput, match="must be mapped with `body:`"):
        describe(text.replace(", body: {course: '{course}'}", ""))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("operation: getMember", "operation: getMembers"), "is not in the document of `gym`. Usable there: getMember"),
        (("operation: getMember", "operation: getContractPdf"), "can't be used: it answers with application/pdf"),
        (("    writes: true\n", ""), "POST changes something: write `writes: true`"),
        (("parameters: {memberId:", "parameters: {member:"), "has no parameter `member`. It has: memberId, email"),
        (("look_up: findRequest", "look_up: refundFee"), "must read and take one thing"),
        ((", key_env: GYM_KEY", ""), "needs a secret: write `key_env` at the back office"),
        (("gym.openapi.yaml", "other.yaml"), "there is no file other.yaml beside actions.yaml"),
        (("{operation: listTrainers}", "{operation: listTrainers, path: /x}"), "`path` is for a back office with"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named_with_its_line(
    gym: Gym, describe: Describe, change: tuple[str, str], problem: str
) -> None:
    text = FILE.format(url=gym.url).replace(*change, 1)
    assert text != FILE.format(url=gym.url)
    found = [str(mistake) for mistake in describe(text, wrong=True).mistakes]
    assert [m for m in found if problem in m and m.startswith("actions.yaml:")], found


def test_a_document_does_not_lead_elsewhere(describe: Describe) -> None:
    text = FILE.replace('url: "{url}", ', "").format()
    with pytest.raises(InvalidInput, match=r"The document leads to https://gym\.example/api\. If that is right, write"):
        describe(text)
    allowed = describe(text.replace("timeout: 2", "timeout: 2, hosts: [gym.example]"))
    operation = allowed.actions["get_member"].operation
    assert isinstance(operation, HttpOperation)
    assert operation.url == "https://gym.example/api/members/{memberId}"


def test_a_fetched_document_is_kept_and_used_without_the_network(
    gym: Gym, describe: Describe, tmp_path: Any, settings: Any
) -> None:
    settings.DEMO = False
    text = FILE.format(url=gym.url).replace("gym.openapi.yaml", f"{gym.url}/openapi.yaml")
    with pytest.raises(InvalidInput, match="has not been fetched yet: run `kulanz prepare`"):
        describe(text)
    (tmp_path / "flows" / "actions.yaml").write_text(text)
    assert do_fetch_descriptions() == []
    gym.fault = "hang"
    assert set(actions()) == {"get_member", "pause", "refund", "trainers"}
    actions.cache_clear()


def test_what_is_fetched_is_not_redirected(gym: Gym, describe: Describe, tmp_path: Any, settings: Any) -> None:
    settings.DEMO = False
    gym.fault, gym.elsewhere = "redirect", "http://127.0.0.1:1/"
    (tmp_path / "flows" / "actions.yaml").write_text(FILE.format(url=gym.url).replace("gym.o", f"{gym.url}/o"))
    assert "leads on to http://127.0.0.1:1/: write that address" in do_fetch_descriptions()[0]


BOMB = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"swagger: '2.0'\npaths: {}\n", "it is Swagger 2"),
        (b"<html>", "holds no description"),
        (b"openapi: [", "neither JSON nor YAML"),
        (BOMB, "more than 300,000 parts"),
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        described(read_document(content, "x.yaml"))


def test_references_in_a_circle_and_to_nowhere_make_one_operation_unusable() -> None:
    content = DOCUMENT.read_text().replace(
        "- {name: key, in: path, required: true, schema: {type: string}}", '- {$ref: "#/components/parameters/gone"}'
    )
    found = {one.name: one.problem for one in described(read_document(content.encode(), "x"))}
    assert found["findRequest"].startswith("a reference leads nowhere")
    assert not found["getMember"]


def test_the_secret_stands_nowhere(office: dict[str, Action], gym: Gym) -> None:
    operation = office["pause"].operation
    assert isinstance(operation, HttpOperation)
    assert KEY not in repr(operation)
    assert KEY not in str(operation.preview({**LENA, "until": "2026-12-31"}, "k"))
    gym.fault = "html"
    with pytest.raises(Exception, match="no JSON") as lost:
        operation.send({**LENA, "until": "2026-12-31"}, "k")
    assert KEY not in repr(lost.value)


def test_without_the_secret_nothing_is_sent(gym: Gym, describe: Describe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GYM_KEY")
    with pytest.raises(PermanentError, match="the environment variable GYM_KEY is not set"):
        describe(FILE.format(url=gym.url)).actions["get_member"].operation.send(LENA, "")
    assert not gym.requests
