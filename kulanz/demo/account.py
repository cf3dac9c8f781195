"""The customer's account: another e-mail address, confirmed by a code to the old one, and help with the password."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from ninja import Schema

from kulanz.demo import once
from kulanz.demo.mails import do_mail
from kulanz.demo.models import ShopCustomer
from kulanz.demo.problems import MissingError, RefusedError, ShopError
from kulanz.demo.service_models import ShopCodeTry, ShopEmailChange
from kulanz.demo.wording import Text

TRIES: Final = 3
LOCKED: Final = timedelta(hours=1)
CODE_LIFE: Final = timedelta(minutes=30)
RESET_MINUTES: Final = 60

_LOCKED: Final = Text(
    de="Der Code war dreimal falsch. Aus Sicherheitsgründen geht es erst in einer Stunde weiter.",
    en="The code was wrong three times. For safety this can go on in an hour only.",
)
_WRONG: Final = Text(de="Der Code stimmt nicht.", en="The code is not right.")
_OLD: Final = Text(
    de="Der Code gilt nicht mehr. Bitte lassen Sie sich einen neuen schicken.",
    en="The code is no longer valid. Please ask for a new one.",
)
_SAME: Final = Text(de="Das ist schon die Adresse Ihres Kontos.", en="This already is your account's address.")
_IMPOSSIBLE: Final = Text(
    de="Mit dieser neuen Adresse ist die Änderung nicht möglich.",
    en="The change is not possible with this new address.",
)
_NO_ADDRESS: Final = Text(de="Das ist keine E-Mail-Adresse.", en="This is no e-mail address.")


class EmailChangeStarted(Schema):
    """`change` names the wish when the code comes back. The code itself stands only in the mail."""

    change: str
    sent_to: str
    new_email: str
    valid_minutes: int
    tries: int


class CodeChecked(Schema):
    change: str
    valid: Literal[True]


class EmailChanged(Schema):
    change: str
    old_email: str
    new_email: str
    status: Literal["changed"]
    changed_at: datetime


class PasswordHelp(Schema):
    """The same whether there is such an account or not."""

    status: Literal["accepted"] = "accepted"
    valid_minutes: int = RESET_MINUTES


def access_customer(email: str) -> ShopCustomer:
    found = ShopCustomer.objects.filter(email=email.lower()).first()
    if found is None:
        raise MissingError
    return found


def do_start_email_change(customer: ShopCustomer, new_email: str) -> str:
    """Mails a six-digit code to the present address. Raises RefusedError.

    Whether the new address belongs to another account is not told before the code has come back.
    """
    new_email = new_email.strip().lower()
    if "@" not in new_email[1:-1] or any(sign.isspace() for sign in new_email):
        raise RefusedError("invalid_email", _NO_ADDRESS)
    if new_email == customer.email:
        raise RefusedError("same_email", _SAME)
    _check_unlocked(customer)
    code = f"{secrets.randbelow(1_000_000):06d}"
    change = ShopEmailChange.objects.create(
        customer=customer,
        old_email=customer.email,
        new_email=new_email,
        code=code,
        valid_until=timezone.now() + CODE_LIFE,
    )
    do_mail(
        customer,
        "email_code",
        Text(de=f"Ihr Code: {code}", en=f"Your code: {code}"),
        Text(
            de=f"mit dem Code {code} bestätigen Sie, dass Ihr Konto künftig {new_email} verwenden soll. Er gilt 30 "
            "Minuten. Waren Sie das nicht? Dann antworten Sie bitte auf diese E-Mail.",
            en=f"with the code {code} you confirm that your account shall use {new_email} from now on. It is valid "
            "for 30 minutes. Was it not you? Then please reply to this e-mail.",
        ),
    )
    return EmailChangeStarted(
        change=change.number,
        sent_to=customer.email,
        new_email=new_email,
        valid_minutes=int(CODE_LIFE.total_seconds() // 60),
        tries=TRIES,
    ).model_dump_json()


def access_email_change(number: str, email: str) -> ShopEmailChange:
    """The wish, by the address that the account had then: after the change a repeated request still finds it."""
    for change in ShopEmailChange.objects.select_related("customer").filter(old_email=email.lower()):
        if change.number == number.upper():
            return change
    raise MissingError


def check_code(change: ShopEmailChange, code: str, key: str) -> None:
    """Raises RefusedError for a wrong, old or locked code.

    A wrong one is counted in a transaction of its own: the refusal rolls the caller's back. A request that is being
    repeated, or whose answer is stored already, counts no second time.
    """
    if once.stored_answer(key):
        return
    _check_unlocked(change.customer)
    if change.confirmed_at or timezone.now() > change.valid_until:
        raise RefusedError("code_expired", _OLD)
    if constant_time_compare(code, change.code):
        return
    with transaction.atomic():
        ShopCodeTry.objects.get_or_create(key=f"{key} {code}", defaults={"customer": change.customer})
    left = max(TRIES - _recent_tries(change.customer), 0)
    if not left:
        raise RefusedError("locked", _LOCKED)
    raise ShopError(409, "wrong_code", reason=_WRONG.model_dump(), tries_left=left)


def _recent_tries(customer: ShopCustomer) -> int:
    return ShopCodeTry.objects.filter(customer=customer, created_at__gt=timezone.now() - LOCKED).count()


def _check_unlocked(customer: ShopCustomer) -> None:
    if _recent_tries(customer) >= TRIES:
        raise RefusedError("locked", _LOCKED)


def do_confirm_email_change(change: ShopEmailChange, code: str) -> str:
    """Moves the account to its new address and tells both. Raises RefusedError."""
    change = ShopEmailChange.objects.select_for_update(of=("self",)).select_related("customer").get(pk=change.pk)
    if change.confirmed_at or not constant_time_compare(code, change.code):
        raise RefusedError("code_expired", _OLD)
    customer = change.customer
    if ShopCustomer.objects.filter(email=change.new_email).exists():
        raise RefusedError("address_not_possible", _IMPOSSIBLE)
    change.confirmed_at = timezone.now()
    change.save(update_fields=["confirmed_at"])
    customer.email = change.new_email
    customer.save(update_fields=["email"])
    told = Text(
        de=f"die E-Mail-Adresse Ihres Kontos ist jetzt {change.new_email}.",
        en=f"the e-mail address of your account is now {change.new_email}.",
    )
    for address in (change.old_email, change.new_email):
        subject = Text(de="Ihre E-Mail-Adresse wurde geändert", en="Your e-mail address has been changed")
        do_mail(customer, "email_changed", subject, told, to=address)
    return EmailChanged(
        change=change.number,
        old_email=change.old_email,
        new_email=change.new_email,
        status="changed",
        changed_at=change.confirmed_at,
    ).model_dump_json()


def do_help_with_password(email: str) -> str:
    """Mails a link to an account's address; says the same where there is none."""
    customer = ShopCustomer.objects.filter(email=email.strip().lower()).first()
    if customer:
        do_mail(
            customer,
            "password_reset",
            Text(de="Neues Passwort", en="New password"),
            Text(
                de=f"mit dem Link in dieser E-Mail setzen Sie ein neues Passwort. Er gilt {RESET_MINUTES} Minuten.",
                en=f"with the link in this e-mail you set a new password. It is valid for {RESET_MINUTES} minutes.",
            ),
        )
    return PasswordHelp().model_dump_json()
