"""The shop with an order and a subscription for every matter, and a stage on which its flows are played."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings

from kulanz.core.flow import Ask, Call, Confirm, Definition, HandOver, Say, fill, lookup, run
from kulanz.core.flow.texts import places
from kulanz.demo.stock import do_stock
from kulanz.demo.test_backoffice import BASE, BackOffice
from kulanz.demo.trials import do_stock_trials, trials
from kulanz.flows.actions import Action, actions, read_actions
from kulanz.flows.choosing import MISSING, chosen
from kulanz.flows.definitions import load_flows
from kulanz.flows.sources import read_source

MadeOnce = Callable[[Callable[[], None]], None]
STRANGER = "ben.muster@example.com"


class TrialShop(BackOffice):
    """A caller that knows which order is for trying what."""

    def own(self, matter: str, language: str = "de", place: int = 0) -> tuple[str, str]:
        """Number and e-mail address of an order or subscription of this matter."""
        found = [trial for trial in trials() if trial.matter == matter and trial.language == language]
        return found[place].number, found[place].email

    def refused(self, path: str, body: dict[str, Any], key: str = "refused") -> str:
        """Posts what the shop must refuse, with a reason in both languages; gives the error's name."""
        answer = self.post(path, body, key)
        assert answer.status_code == 409
        assert set(answer.json()["reason"]) == {"de", "en"}
        assert self.get(f"/requests/{key}").status_code == 404
        return str(answer.json()["error"])

    def once(self, path: str, body: dict[str, Any], key: str) -> Any:
        """Posts what must work, and again: the same bytes, found by the key; without a key or for a stranger never."""
        assert self.post(path, body).json()["error"] == "idempotency_key_required"
        assert self.post(path, body | {"email": STRANGER}, key).status_code == 404
        first = self.post(path, body, key)
        assert first.status_code == 201, first.content
        again = self.post(path, body, key)
        assert again.headers["Idempotent-Replay"] == "true"
        assert again.content == first.content == self.get(f"/requests/{key}").content
        return first.json()


@pytest.fixture
def trial_shop(made_once: MadeOnce, settings: Any) -> TrialShop:
    settings.ROOT_URLCONF = "kulanz.demo.urls"
    made_once(_do_stock_everything)
    return TrialShop()


def _do_stock_everything() -> None:
    do_stock()
    do_stock_trials()


FOLDER = settings.PACKAGE / "demo" / "flows"
YES, NO = True, False


@dataclass
class Played:
    """What a flow did: how it ended, all that was said, and the writes that it made."""

    outcome: str = ""
    said: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    handover: str = ""

    @property
    def last(self) -> str:
        return self.said[-1]


@cache
def _files() -> tuple[Mapping[str, Action], Mapping[str, Any], Mapping[str, Definition]]:
    """The actions, how they are written down, and the flows."""
    data = read_source((FOLDER / "actions.yaml").read_text(encoding="utf-8"), "actions.yaml").data
    read = read_actions(data, "actions.yaml")
    return read, data["actions"], load_flows(FOLDER, read)


class Stage:
    """Plays flows with the shop's API behind them."""

    def __init__(self, shop: TrialShop) -> None:
        self.shop = shop
        self.actions, self.entries, self.flows = _files()
        self.calls = 0

    def play(
        self, name: str, known: Mapping[str, str], answers: Mapping[str, Any] | None = None,
        *, agree: Any = YES, language: str = "de",
    ) -> Played:  # fmt: skip
        """`answers` are the customer's words by slot; `agree` the answer to every confirmation, or a list of them."""
        played, yes = Played(), list(agree) if isinstance(agree, list) else None
        generator = run(self.flows[name], known)
        result: Any = None
        while True:
            try:
                effect = generator.send(result)
            except StopIteration as end:
                played.outcome = end.value
                return played
            result = None
            if isinstance(effect, Say):
                played.said.append(_filled(effect.text, effect.values, language))
            elif isinstance(effect, Ask):
                played.said.append(_filled(effect.text, effect.values, language))
                _filled(effect.again, effect.values, language)
                result = {"value": _said(effect, (answers or {})[effect.slot.name])}
            elif isinstance(effect, Confirm):
                played.said.append(_filled(effect.text, effect.values, language))
                _filled(effect.again, effect.values, language)
                result = {"value": yes.pop(0) if yes is not None else agree, "said": "ja"}
            elif isinstance(effect, Call):
                result = self._call(effect, played)
            elif isinstance(effect, HandOver):
                played.handover = effect.reason

    def _call(self, call: Call, played: Played) -> dict[str, Any]:
        action = self.actions[call.action]
        self.calls += 1
        entry = self.entries[call.action]
        inside = {name: quote(str(value), safe="") for name, value in call.arguments.items()}
        query = {name: call.arguments[name] for name in entry.get("query", ()) if call.arguments.get(name) is not None}
        placed = {name for name in call.arguments if f"{{{name}}}" in entry["path"]} | set(query)
        answer = self.shop.client.generic(
            entry["method"].upper(),
            f"{BASE}{fill(entry['path'], inside, 'en')}?{urlencode(query)}",
            json.dumps({name: value for name, value in call.arguments.items() if name not in placed}),
            content_type="application/json",
            headers={"Idempotency-Key": f"play-{self.calls}"} if action.writes else {},
        )
        assert answer.status_code not in {400, 401, 405, 422, 500}, (call.action, answer.content)
        if answer.status_code >= 400:
            return {"status": "refused", "data": {"http_status": answer.status_code, **answer.json()}}
        if action.writes:
            played.writes.append(call.action)
            assert lookup(action.reference, answer.json()) or not action.reference
        return {"status": "done", "data": answer.json()}


def _filled(text: Mapping[str, str], values: Mapping[str, Any], language: str) -> str:
    """The text; every place of it must have a value."""
    for path, _ in places(text[language]):
        assert lookup(path, values) is not None, (path, text[language])
    return fill(text[language], values, language)


def _said(ask: Ask, words: Any) -> Any:
    if not ask.choices or isinstance(words, dict):  # a dict is a file that was sent
        return words
    value = chosen(ask.choices, str(words))
    assert value is not MISSING, (words, [choice.label for choice in ask.choices])
    return value


@pytest.fixture
def stage(trial_shop: TrialShop) -> Stage:
    actions.cache_clear()
    return Stage(trial_shop)


def known(stage: Stage, matter: str, language: str = "de", **more: str) -> dict[str, str]:
    number, email = stage.shop.own(matter, language)
    slot = "subscription_number" if matter.startswith("subscription") else "order_number"
    return {slot: number, "email": email, **more}


LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])
