"""The account: another e-mail address with a code, and help with the password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kulanz.demo.conftest import STRANGER, TrialShop
from kulanz.demo.models import ShopCustomer
from kulanz.demo.service_models import ShopCodeTry, ShopEmailChange, ShopMail

NEW = "clara.neu@example.com"


@pytest.fixture
def email(trial_shop: TrialShop) -> str:
    return trial_shop.own("way")[1]


def start(shop: TrialShop, email: str, key: str = "m-1", new: str = NEW) -> str:
    return str(shop.post("/account/email-changes", {"email": email, "new_email": new}, key).json()["change"])


def mailed_code(email: str) -> str:
    subject = ShopMail.objects.filter(to=email, kind="email_code").latest("pk").subject
    found = re.search(r"\d{6}", subject)
    assert found
    return found[0]


def confirm(shop: TrialShop, change: str, email: str, code: str, key: str) -> Any:
    return shop.post(f"/account/email-changes/{change}/confirmation", {"email": email, "code": code}, key)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_goes_to_the_old_address_and_changes_the_account(trial_shop: TrialShop, email: str) -> None:
    wish = {"email": email, "new_email": NEW.upper()}
    begun, again = (trial_shop.post("/account/email-changes", wish, "m-1").json() for _ in range(2))
    assert begun == again
    assert begun["sent_to"] == email
    code = mailed_code(email)
    assert code not in str(begun)
    assert not ShopMail.objects.filter(to=NEW).exists()
    first = confirm(trial_shop, begun["change"], email, f"{code[:3]} {code[3:]}", "m-2")
    assert first.json()["new_email"] == NEW
    assert ShopCustomer.objects.get(number="K-11001").email == NEW
    assert set(ShopMail.objects.filter(kind="email_changed").values_list("to", flat=True)) == {email, NEW}
    again = confirm(trial_shop, begun["change"], email, code, "m-2")
    assert again.content == first.content
    assert again.headers["Idempotent-Replay"] == "true"
    assert confirm(trial_shop, begun["change"], email, code, "m-3").json()["error"] == "code_expired"


def test_three_wrong_codes_lock_for_an_hour(trial_shop: TrialShop, email: str) -> None:
    change = start(trial_shop, email)
    code = mailed_code(email)
    tries = [confirm(trial_shop, change, email, wrong(code), f"w-{n}").json() for n in range(3)]
    assert [answer["error"] for answer in tries] == ["wrong_code", "wrong_code", "locked"]
    assert [answer.get("tries_left") for answer in tries] == [2, 1, None]
    assert confirm(trial_shop, change, email, code, "m-2").json()["error"] == "locked"
    wish = {"email": email, "new_email": NEW}
    assert trial_shop.refused("/account/email-changes", wish) == "locked"
    ShopCodeTry.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    ShopEmailChange.objects.update(valid_until=timezone.now() + timedelta(minutes=1))
    assert confirm(trial_shop, change, email, code, "m-3").status_code == 201


def test_a_repeated_request_counts_once_but_another_code_counts(trial_shop: TrialShop, email: str) -> None:
    change = start(trial_shop, email)
    code = mailed_code(email)
    for _ in range(3):
        assert confirm(trial_shop, change, email, wrong(code), "same").json()["tries_left"] == 2
    assert confirm(trial_shop, change, email, wrong(wrong(code)), "same").json()["tries_left"] == 1
    assert confirm(trial_shop, change, email, wrong("999999"), "same").json()["error"] == "locked"


def test_an_old_code_is_of_no_use(trial_shop: TrialShop, email: str) -> None:
    change = start(trial_shop, email)
    ShopEmailChange.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert confirm(trial_shop, change, email, mailed_code(email), "m-2").json()["error"] == "code_expired"


def test_whether_the_new_address_is_known_is_told_after_the_code_only(trial_shop: TrialShop, email: str) -> None:
    begun = trial_shop.post("/account/email-changes", {"email": email, "new_email": STRANGER}, "m-1")
    assert begun.status_code == 201
    answer = confirm(trial_shop, begun.json()["change"], email, mailed_code(email), "m-2")
    assert answer.json()["error"] == "address_not_possible"
    assert ShopCustomer.objects.get(number="K-11001").email == email


@pytest.mark.parametrize(
    ("new", "error"), [("no address", "invalid_email"), ("@xy", "invalid_email"), ("own", "same_email")]
)
def test_new_addresses_that_do_not_fit(trial_shop: TrialShop, email: str, new: str, error: str) -> None:
    wish = {"email": email, "new_email": email if new == "own" else new}
    assert trial_shop.refused("/account/email-changes", wish) == error


def test_a_foreign_change_is_not_there(trial_shop: TrialShop, email: str) -> None:
    change = start(trial_shop, email)
    assert confirm(trial_shop, change, STRANGER, mailed_code(email), "m-2").status_code == 404
    assert confirm(trial_shop, "EM-99999", email, "123456", "m-3").status_code == 404


def test_help_with_the_password_never_tells_who_has_an_account(trial_shop: TrialShop, email: str) -> None:
    known = trial_shop.post("/account/password-resets", {"email": email.upper()}, "q-1")
    unknown = trial_shop.post("/account/password-resets", {"email": "nobody@example.com"}, "q-2")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 201
    assert list(ShopMail.objects.filter(kind="password_reset").values_list("to", flat=True)) == [email]
    assert trial_shop.post("/account/password-resets", {"email": email}).status_code == 400
