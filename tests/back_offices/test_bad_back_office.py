"""Back offices that answer with anything: never a crash, never a lie about what happened."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.flows.action_files import Book
from kulanz.flows.actions import Action
from kulanz.flows.calls import read_call
from kulanz.trust.outgoing import Refused
from tests.back_office_gym import Gym, open_gym
from tests.back_offices.conftest import Describe

KINDS = {
    "written": """
back_offices: {{gym: {{url: "{url}", key_env: GYM_KEY, timeout: 0.3{more}}}}}
actions:
  get_member: {{method: get, path: "/members/{{number}}", query: [email]}}
  pause: {{method: post, path: "/members/{{number}}/pause", writes: true}}
""",
    "openapi": """
back_offices: {{gym: {{openapi: gym.openapi.yaml, url: "{url}", key_env: GYM_KEY, timeout: 0.3{more}}}}}
actions:
  get_member: {{operation: getMember, parameters: {{memberId: "{{number}}"}}}}
  pause: {{operation: pauseMembership, parameters: {{memberId: "{{number}}"}}, writes: true}}
""",
}
LENA = {"number": "K-10010", "email": "lena@example.org"}
PAUSE = {**LENA, "until": "2026-12-31"}
Office = Callable[..., dict[str, Action]]


@pytest.fixture(params=sorted(KINDS))
def office(request: pytest.FixtureRequest, gym: Gym, describe: Describe) -> Office:
    def made(more: str = "") -> dict[str, Action]:
        book: Book = describe(KINDS[request.param].format(url=gym.url, more=more))
        return book.actions

    return made


@pytest.mark.parametrize("fault", ["html", "huge", "hang"])
def test_an_answer_that_is_none_leaves_a_write_unknown_and_a_read_for_later(
    office: Office, gym: Gym, fault: str
) -> None:
    gym.fault = fault
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        office()["pause"].operation.send(PAUSE, "k")
    with pytest.raises(TransientError) as later:
        read_call(office()["get_member"], LENA)
    assert not isinstance(later.value, OutcomeUnknown)
    assert time.monotonic() - begun < 5


def test_a_redirect_to_a_foreign_host_is_not_followed(office: Office, gym: Gym) -> None:
    with open_gym() as other:
        gym.fault, gym.elsewhere = "redirect", f"{other.url}/members/K-10010/pause"
        with pytest.raises(OutcomeUnknown, match="redirects, which is not followed"):
            office()["pause"].operation.send(PAUSE, "k")
        with pytest.raises(PermanentError, match="redirects, which is not followed"):
            office()["get_member"].operation.send(LENA, "")
        assert not other.requests


def test_wrong_types_become_data_that_can_be_stored(office: Office, gym: Gym) -> None:
    gym.fault = "wrong"
    result = office()["pause"].operation.send(PAUSE, "k")
    assert result.data == {"receipt": {"amount": [1, None]}, "until": "��"}


def test_a_back_office_that_does_not_know_our_key_refuses_nobody(
    office: Office, gym: Gym, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GYM_KEY", "old")
    with pytest.raises(PermanentError, match="does not accept our key"):
        office()["pause"].operation.send(PAUSE, "k")


@pytest.mark.parametrize("number", ["..", ".", "", " ", None])
def test_no_argument_makes_the_path_another_one(office: Office, gym: Gym, number: str | None) -> None:
    for name in ("pause", "get_member"):
        with pytest.raises(PermanentError, match="number"):
            office()[name].operation.send({**PAUSE, "number": number}, "k" if name == "pause" else "")
    assert not gym.requests


@pytest.mark.parametrize(
    "number", ["../../admin", "K-10010/refunds", "K-10010?a=b", "x\r\nX-Admin: 1", "%2e%2e", "a'b\"c"]
)
def test_a_strange_argument_stays_one_part_of_the_path(gym: Gym, describe: Describe, number: str) -> None:
    operation = describe(KINDS["written"].format(url=gym.url, more="")).actions["pause"].operation
    assert operation.send({**PAUSE, "number": number}, "k").status == "refused"
    path = gym.requests[0]["path"]
    assert path.count("/") == 3
    assert "X-Admin" not in gym.requests[0]["headers"]
    assert httpx.URL(f"http://x{path}").path.split("/")[2:-1] == number.split("/")


def test_a_host_that_is_not_allowed_is_not_connected_to(office: Office, gym: Gym) -> None:
    with pytest.raises(Refused, match=r"`hosts` in actions\.yaml"):
        office(", hosts: [elsewhere.example]")["get_member"].operation.send(LENA, "")
    assert not gym.requests
    allowed = office(f', hosts: ["{gym.url.removeprefix("http://")}"]')["get_member"].operation
    assert allowed.send(LENA, "").status == "done"


def test_nobody_there_means_that_nothing_happened(describe: Describe, gym: Gym) -> None:
    nobody = describe(KINDS["written"].format(url="http://127.0.0.1:1", more="")).actions["pause"].operation
    with pytest.raises(TransientError) as failed:
        nobody.send(PAUSE, "k")
    assert not isinstance(failed.value, OutcomeUnknown)
