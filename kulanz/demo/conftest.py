"""The shop with an order and a subscription for every matter."""

from __future__ import annotations

from typing import Any

import pytest

from kulanz.demo.stock import do_stock
from kulanz.demo.test_backoffice import BackOffice
from kulanz.demo.trials import do_stock_trials, trials

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
def trial_shop(db: None, settings: Any) -> TrialShop:
    settings.ROOT_URLCONF = "kulanz.demo.urls"
    do_stock()
    do_stock_trials()
    return TrialShop()
