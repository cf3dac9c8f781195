"""The back office's endpoints for the customer's account."""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from kulanz.demo import account, once
from kulanz.demo.api_common import (
    BOUNDS,
    BodyEmail,
    IdempotencyKey,
    Number,
    Owner,
    answers_with,
    shop_router,
    write_once,
)

router = shop_router()


class EmailChangeRequest(Owner):
    new_email: BodyEmail


class CodeRequest(Owner):
    """`email` is still the old address; of `code` only the digits count, so that it may stand in a sentence."""

    code: Annotated[str, Field(min_length=1, max_length=200, pattern=BOUNDS)]

    @property
    def digits(self) -> str:
        return "".join(sign for sign in self.code if sign in "0123456789")


@router.post(
    "/account/email-changes",
    response=answers_with(account.EmailChangeStarted, 201),
    operation_id="start_email_change",
    summary="Send a six-digit code to the account's present address",
)
def start_email_change(
    request: HttpRequest, wish: EmailChangeRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    customer = account.access_customer(wish.email)
    subject = f"{customer.number} {wish.new_email.lower()}"
    return write_once(key, "email_change", subject, lambda: account.do_start_email_change(customer, wish.new_email))


@router.post(
    "/account/email-changes/{change}/check",
    response=answers_with(account.CodeChecked),
    operation_id="check_email_code",
    summary="Whether a code is right, before anything is changed",
)
def check_email_code(request: HttpRequest, change: Number, wish: CodeRequest) -> account.CodeChecked:
    """Changes nothing. Wrong codes count, the same one once; so it wants no Idempotency-Key."""
    found = account.access_email_change(change, wish.email)
    account.check_code(found, wish.digits, f"check {found.number}")
    return account.CodeChecked(change=found.number, valid=True)


@router.post(
    "/account/email-changes/{change}/confirmation",
    response=answers_with(account.EmailChanged, 201),
    operation_id="confirm_email_change",
    summary="Change the account's address with the code from the mail",
)
def confirm_email_change(
    request: HttpRequest, change: Number, wish: CodeRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Three wrong codes lock the account's changes for an hour."""
    key = once.check_key(idempotency_key)
    found = account.access_email_change(change, wish.email)
    account.check_code(found, wish.digits, key)
    return write_once(key, "email_confirm", found.number, lambda: account.do_confirm_email_change(found, wish.digits))


@router.post(
    "/account/password-resets",
    response=answers_with(account.PasswordHelp, 201),
    operation_id="send_password_reset",
    summary="Mail a link for a new password; the answer never tells whether the account exists",
)
def send_password_reset(request: HttpRequest, wish: Owner, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    key = once.check_key(idempotency_key)
    return write_once(key, "password", wish.email.lower(), lambda: account.do_help_with_password(wish.email))
