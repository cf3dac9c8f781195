"""Input that nobody should send: a clear refusal or a normal reply, never a failure, and the product goes on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.customers import Visitor
from tests.journeys.product import RunningProduct, kulanz

pytestmark = [pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
CONVERSATIONS = "/api/v1/conversations"
SOMEWHERE = "00000000-0000-7000-8000-000000000000"
JSON_TYPE = {"Content-Type": "application/json"}


@pytest.fixture
def visitor(product: RunningProduct) -> Iterator[Visitor]:
    with Visitor(product, "anna.beispiel@example.com", "en") as visitor:
        yield visitor


@pytest.fixture
def stranger(product: RunningProduct) -> Iterator[httpx.Client]:
    with product.client() as client:
        yield client


@pytest.fixture(autouse=True)
def goes_on(product: RunningProduct) -> Iterator[None]:
    """Whatever a test sends, the processes live on and nothing failed inside."""
    before, seen = product.children(), product.log.stat().st_size
    yield
    assert product.children() == before
    written = product.log.read_bytes()[seen:].decode("utf-8", "replace")
    assert "Traceback" not in written, written[-4000:]
    assert "job failed" not in written, written[-4000:]


def check_problem(answer: httpx.Response, status: int) -> str:
    """The status and the shape of an error; returns its sentence."""
    assert answer.status_code == status, answer.text[:500]
    problem = answer.json()
    assert problem.keys() == {"error", "message"}, problem
    assert problem["error"].isidentifier()
    assert len(problem["message"]) > 10
    assert "Traceback" not in problem["message"]
    return str(problem["message"])


def write(visitor: Visitor, text: Any) -> httpx.Response:
    body = {"text": text, "client_message_id": uuid.uuid4().hex}
    return visitor.client.post(f"{visitor.path}/messages", content=json.dumps(body), headers=JSON_TYPE)


STRANGE_TEXTS = {
    "right-to-left": "مرحبا، أين طلبي؟ \u202eML-10198\u202c שלום",
    "emoji only": "🙃🙃🙃👩‍👩‍👧‍👦",
    "html": "<b>Hello</b><script>alert(document.cookie)</script><img src=x onerror=alert(1)>",
    "sql": "'; drop table inbox_message; -- \" or 1=1 /* %s %(x)s {0} {{x}} */",
    "template": "{% debug %} {{ settings.SECRET_KEY }} ${7*7} #{7*7}",
    "control characters in between": "Where \x00is\x07 my \x1b[31morder\x7f ML-10198?\x9b",
    "one character": "?",
    "combining marks": "Z\u0351\u036b\u0343a\u030b" * 200,
    "long": "How long does delivery take? " * 275,
    "one long word": "x" * 8000,
    "zero width": "or\u200bder \ufeffstatus\u2060 please",
    "many lines": "\n".join("line" for _ in range(1500)),
    "lone surrogate": "Where is \ud83d my order?",
}


@pytest.mark.parametrize("name", STRANGE_TEXTS)
def test_a_strange_text_is_taken_and_gets_a_normal_reply(visitor: Visitor, name: str) -> None:
    answer = write(visitor, STRANGE_TEXTS[name])
    assert answer.status_code == 202, answer.text[:500]
    visitor.last = answer.json()["id"]
    replies = visitor.replies(20)
    assert replies
    assert replies[0]["author"] in {"assistant", "system"}
    assert "<script" not in replies[0]["text"]
    assert visitor.state()["status"] in {"assistant", "waiting"}


def test_html_is_kept_as_text_and_control_characters_are_dropped(visitor: Visitor) -> None:
    write(visitor, "<script>alert(1)</script>\x00\x07 and \u202ethis")
    stored = visitor.client.get(f"{visitor.path}/messages").json()["messages"][0]
    assert stored["text"] == "<script>alert(1)</script> and \u202ethis"


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x01\x1b", "a" * 8001, "a" * 100_000])
def test_a_text_of_no_or_endless_length_is_refused(visitor: Visitor, text: str) -> None:
    sentence = check_problem(write(visitor, text), 422)
    assert "Please" in sentence
    assert visitor.client.get(f"{visitor.path}/messages").json() == {"messages": []}


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "malformed": (b'{"text": "hello", ', 400),
    "binary": (bytes(range(256)), 400),
    "not UTF-8": (b'{"text": "\xff\xfe", "client_message_id": "x"}', 400),
    "a list": (b"[]", 422),
    "a number": (b"7", 422),
    "null": (b"null", 422),
    "deeply nested": (b"[" * 50_000, 400),
    "no key": (b'{"text": "hello"}', 422),
    "empty key": (b'{"text": "hello", "client_message_id": ""}', 422),
    "long key": (b'{"text": "hello", "client_message_id": "' + b"k" * 81 + b'"}', 422),
    "text is a number": (b'{"text": 7, "client_message_id": "x"}', 422),
    "text is a list": (b'{"text": ["a"], "client_message_id": "x"}', 422),
    "key with NUL": (b'{"text": "hello", "client_message_id": "a\\u0000b"}', 422),
    "half a surrogate pair": (b'{"text": "hello", "client_message_id": "\\ud83d"}', 422),
    "unknown field": (b'{"text": "hello", "client_message_id": "x", "author": "agent"}', 422),
    "huge": (b'{"text": "' + b"a" * 3_000_000 + b'", "client_message_id": "x"}', 413),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_message_is_refused(visitor: Visitor, name: str) -> None:
    content, status = BAD_BODIES[name]
    answer = visitor.client.post(f"{visitor.path}/messages", content=content, headers=JSON_TYPE)
    check_problem(answer, status)
    assert visitor.client.get(f"{visitor.path}/messages").json() == {"messages": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"channel": "carrier_pigeon"}, 422),
        ({"channel": 7}, 422),
        ({"channel": "api"}, 401),
        ({"language": "xx"}, 422),
        ({"customer": "Anna"}, 422),
        ({"customer": {"email": "a" * 300}}, 422),
        ({"customer": {"name": "Anna\x00"}}, 422),
        ({"customer": {"email": "a\ud83d@example.com"}}, 422),
        ({"customer": {"role": "administrator"}}, 422),
    ],
)
def test_a_conversation_that_cannot_be_is_refused(stranger: httpx.Client, body: dict[str, Any], status: int) -> None:
    answer = stranger.post(CONVERSATIONS, content=json.dumps(body), headers=JSON_TYPE)
    check_problem(answer, status)


@pytest.mark.parametrize(
    "path",
    [CONVERSATIONS + "/{id}", CONVERSATIONS + "/{id}/messages", CONVERSATIONS + "/{id}/messages?wait=1",
     CONVERSATIONS + "/{id}/messages/" + SOMEWHERE + "/why", "/live/conversations/{id}"],
)  # fmt: skip
def test_a_foreign_token_opens_nothing_and_does_not_tell_whether_it_exists(
    product: RunningProduct, visitor: Visitor, path: str
) -> None:
    with Visitor(product, "ben.muster@example.com", "en") as other:
        there, not_there = (other.client.get(path.replace("{id}", c)) for c in (visitor.id, SOMEWHERE))
        assert check_problem(there, 404) == check_problem(not_there, 404)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic YTpi", "Bearer kz_nonsense", "Bearer \xff\x01"])
def test_no_token_or_nonsense_opens_nothing(stranger: httpx.Client, visitor: Visitor, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode("latin1"))]
    try:
        answer = stranger.get(visitor.path, headers=headers)
    except httpx.RemoteProtocolError:  # the server may refuse such a header as a whole
        assert header == "Bearer \xff\x01"
        return
    if header == "Bearer kz_nonsense":
        check_problem(answer, 403)
    elif header == "Bearer \xff\x01":
        assert answer.status_code in {400, 401, 404}
    else:
        check_problem(answer, 401)


@pytest.mark.parametrize("identifier", ["7", "nonsense", "..%2f..%2fetc%2fpasswd", "%00", SOMEWHERE[:-1], "ü" * 200])
def test_an_id_that_is_none_is_not_found(stranger: httpx.Client, visitor: Visitor, identifier: str) -> None:
    check_problem(visitor.client.get(f"{CONVERSATIONS}/{identifier}"), 404)
    check_problem(visitor.client.get(f"{CONVERSATIONS}/{identifier}/messages?wait=5"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", CONVERSATIONS, 405),
        ("DELETE", CONVERSATIONS, 405),
        ("DELETE", CONVERSATIONS + "/{id}", 405),
        ("PUT", CONVERSATIONS + "/{id}/messages", 405),
        ("GET", CONVERSATIONS + "/{id}/handover", 405),
        ("GET", "/api/v1/nothing-here", 404),
    ],
)
def test_a_wrong_method_or_address_is_refused(visitor: Visitor, method: str, path: str, status: int) -> None:
    check_problem(visitor.client.request(method, path.replace("{id}", visitor.id)), status)


@pytest.mark.parametrize("query", ["wait=31", "wait=-1", "wait=soon", "wait=1e3", "wait=", "wait=٣٣", "after=nonsense"])
def test_a_wait_out_of_range_is_refused_at_once(visitor: Visitor, query: str) -> None:
    check_problem(visitor.client.get(f"{visitor.path}/messages?{query}", timeout=5), 422)


def test_feedback_on_what_is_not_there_is_refused(visitor: Visitor) -> None:
    check_problem(visitor.client.post(f"{visitor.path}/feedback", json={"message_id": SOMEWHERE, "helpful": True}), 404)
    check_problem(visitor.client.post(f"{visitor.path}/feedback", json={"comment": "a" * 2001}), 422)
    check_problem(visitor.client.post(f"{visitor.path}/feedback", json={"helpful": "maybe"}), 422)


GOOD_ROW = '{{"id": "{}", "text": "Where is my parcel?", "intent": "order_status", "title": "Parcels"}}\n'


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        (("import", "intents"), "no JSON"),
        (("import", "knowledge"), "no JSON"),
        (("import", "knowledge"), '{"id": "3"}'),
        (("process",), "no JSON"),
        (("process",), "[1, 2]"),
        (("process",), '{"id": "3", "text": 7}'),
    ],
)
def test_a_file_that_is_no_jsonl_is_named_with_its_line(
    product: RunningProduct, tmp_path: Path, command: tuple[str, ...], bad: str
) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text(GOOD_ROW.format(1) + GOOD_ROW.format(2) + bad + "\n" + GOOD_ROW.format(4))
    more = ("--out", str(out)) if command == ("process",) else ()
    counts = "select (select count(*) from understanding_intentexample), (select count(*) from knowledge_article)"
    before = product.rows(counts)
    place = {"DATABASE_URL": product.database_url, "KULANZ_DATA_DIR": str(product.data_dir)}
    result = kulanz(*command, str(file), *more, **place)
    said = result.stdout + result.stderr
    assert result.returncode == 1, said
    assert "rows.jsonl" in said
    assert "line 3" in said
    assert "Traceback" not in said
    assert not out.exists()
    assert product.rows(counts) == before, "nothing is half-imported"
