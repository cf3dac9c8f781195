"""actions.yaml: every mistake is named at once, with its line and its remedy, and a secret never stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.flows.action_files import Book, read_book
from kulanz.flows.actions import actions
from kulanz.flows.sources import read_source

FILE = """back_offices:
  erp:
    url: https://erp.example/api
    key_env: ERP_KEY
actions:
  get_order:
    method: get
    path: /orders/{number}
  refund:
    method: post
    path: /orders/{number}/refunds
    writes: true
    amount: amount
    undo: {action: withdraw, within: 24h}
  withdraw:
    method: delete
    path: /refunds/{refund}
    writes: true
"""


def book(text: str) -> Book:
    return read_book(read_source(text, "actions.yaml"), Path())


def mistakes(text: str) -> list[str]:
    return [str(mistake) for mistake in book(text).mistakes]


def test_a_file_without_mistakes_gives_its_actions() -> None:
    found = book(FILE)
    assert not found.mistakes
    assert {name: action.writes for name, action in found.actions.items()} == {
        "get_order": False, "refund": True, "withdraw": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("method: get\n", "method: fetch\n", "actions.yaml:7: 'fetch' is not one of ['get'"),
        ("    path: /orders/{number}\n", "", "actions.yaml:6: `method` needs a `path` beside it"),
        ("    method: get\n", "", "actions.yaml:6: Its back office has `url`: pick what is called with `method:`"),
        ("    writes: true\n    amount", "    amount", "actions.yaml:9: Say whether it changes something"),
        ("amount: amount", "at_most: 50", "actions.yaml:13: `at_most` needs `amount`"),
        ("amount: amount", "tier: huge", "actions.yaml:13: 'huge' is not one of"),
        ("amount: amount", "per_day: 0", "actions.yaml:13: 0 is less than the minimum of 1"),
        ("amount: amount", "same_for: a while", "actions.yaml:13: `a while` is no span of time"),
        ("amount: amount", "colour: red", "actions.yaml:9: Additional properties are not allowed"),
        ("amount: amount", "operation: cancel", "actions.yaml:13: `operation` is for a back office with `openapi`"),
        ("amount: amount", "duplicates: reference", "actions.yaml:13: `duplicates: reference` needs `look_up`"),
        ("amount: amount", "at: crm", "actions.yaml:13: `at: crm` names no back office. There are: erp"),
        ("action: withdraw", "action: get_order", "actions.yaml:14: `get_order` names no action that writes"),
        ("within: 24h", "within: later", "actions.yaml:14: `later` is no span of time"),
        ("writes: true", "writes: yes", "actions.yaml:12: 'yes' is not of type 'boolean'"),
        ("https://erp.example/api", "erp.example", "actions.yaml:3: `url` is no address such as https://"),
        ("https://erp", "ftp://erp", "actions.yaml:3: `url` is no address such as https://"),
        ("url: https", "address: https", "actions.yaml:2: Additional properties are not allowed"),
        ("    url: https://erp.example/api\n", "", "actions.yaml:2: Say what kind of back office it is: `openapi`"),
        ("key_env: ERP_KEY", "hosts: ['a b']", "actions.yaml:4: 'a b' names no host"),
        ("key_env: ERP_KEY", "user_env: ERP_USER", "actions.yaml:2: A user and a password are needed"),
        ("key_env: ERP_KEY", "timeout: 600", "actions.yaml:4: 600 is greater than the maximum of 60"),
        ("key_env: ERP_KEY", "mcp: https://x.example", "actions.yaml:3: This is both `mcp` and `url`"),
        ("actions:\n", "actions:\n  Bad-Name: {method: get, path: /x}\n", "actions.yaml:6: `Bad-Name`: a name is"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(old: str, new: str, problem: str) -> None:
    assert FILE.replace(old, new, 1) != FILE
    found = mistakes(FILE.replace(old, new, 1))
    assert [one for one in found if one.startswith(problem)], found


def test_every_mistake_is_named_at_once_in_the_order_of_the_lines() -> None:
    text = FILE.replace("method: get", "method: fetch").replace("amount: amount", "tier: huge").replace("24h", "soon")
    found = mistakes(text)
    assert [one.split(":")[1] for one in found] == ["7", "13", "14"]


@pytest.mark.parametrize("line", [
    "key: s3cr3t-4711", "api_key: s3cr3t-4711", "Api-Key: s3cr3t-4711", "token: s3cr3t-4711", "password: s3cr3t-4711",
    "key_env: s3cr3t-4711", "key_env: 'Bearer s3cr3t-4711'",
])  # fmt: skip
def test_a_secret_in_the_file_is_refused_and_not_repeated(line: str) -> None:
    found = mistakes(FILE.replace("key_env: ERP_KEY", line))
    assert found[0].startswith("actions.yaml:4: ")
    assert "environment variable" in found[0]
    assert "4711" not in "".join(found)


@pytest.mark.parametrize("url", ["https://user:s3cr3t@erp.example", "https://erp.example/?key=s3cr3t"])
def test_a_secret_in_an_address_is_refused(url: str) -> None:
    found = mistakes(FILE.replace("https://erp.example/api", url))
    assert "Secrets come from the environment" in found[0]
    assert "s3cr3t" not in "".join(found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "actions.yaml:1: "),
        ("- a\n", "actions.yaml:1: "),
        ("back_offices: [\n", "actions.yaml:2: no valid YAML"),
        ("actions: {}\n", "actions.yaml:1: `back_offices:` is missing"),
        (
            "back_offices: {a: {url: 'https://a.example'}}\nactions:\nnames: {}\n",
            "actions.yaml:3: `names` is not known",
        ),
        ("back_offices: {a: 7}\nactions: {b: 8, c: {}}\n", "actions.yaml:1: 7 is not of type 'object'"),
        ("back_offices: {1: {url: 'https://a.example'}}\nactions: {2: {method: get, path: /x}}\n", "actions.yaml:2: "),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_line(text: str, problem: str) -> None:
    try:
        found = mistakes(text)
    except InvalidInput as error:
        found = str(error).splitlines()
    assert any(one.startswith(problem) for one in found), found


def test_files_with_mistakes_are_not_in_force(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "actions.yaml").write_text(FILE.replace("method: get", "method: fetch"))
    actions.cache_clear()
    with pytest.raises(InvalidInput, match=r"actions\.yaml:7"):
        actions()
    actions.cache_clear()
