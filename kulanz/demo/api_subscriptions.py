"""The back office's endpoints for coffee subscriptions."""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kulanz.demo import once, orders, subscriptions
from kulanz.demo.api_common import (
    Email,
    IdempotencyKey,
    Number,
    Owner,
    Reason,
    answers_with,
    shop_router,
    write_once,
)

router = shop_router()


class ChangeRequest(Owner):
    """What is left out stays."""

    roast: subscriptions.Roast | None = None
    amount_g: subscriptions.Grams | None = None
    interval_weeks: subscriptions.Weeks | None = None


class EndRequest(Owner):
    reason: Reason = ""


@router.get(
    "/roasts",
    response=answers_with(subscriptions.RoastList),
    operation_id="list_roasts",
    summary="The roasts of the coffee subscription, to choose from",
)
def list_roasts(request: HttpRequest) -> subscriptions.RoastList:
    return subscriptions.roast_list()


@router.get(
    "/running-subscriptions",
    response=answers_with(subscriptions.RunningList),
    operation_id="list_running_subscriptions",
    summary="The coffee subscriptions of an e-mail address that are not cancelled, to choose from",
)
def list_running_subscriptions(request: HttpRequest, email: Email) -> subscriptions.RunningList:
    return subscriptions.running_list(email)


@router.get(
    "/subscriptions/{id}",
    response=answers_with(subscriptions.SubscriptionState),
    operation_id="get_subscription",
    summary="A coffee subscription with roast, amount, interval and discount",
)
def get_subscription(request: HttpRequest, id: Number, email: Email) -> subscriptions.SubscriptionState:
    return subscriptions.subscription_state(orders.access_subscription(id, email))


@router.get(
    "/subscriptions/{id}/changes/preview",
    response=answers_with(subscriptions.PreviewAnswer),
    operation_id="preview_subscription_change",
    summary="What a change would make of a coffee subscription",
)
def preview_subscription_change(
    request: HttpRequest,
    id: Number,
    email: Email,
    roast: subscriptions.Roast | None = None,
    amount_g: subscriptions.Grams | None = None,
    interval_weeks: subscriptions.Weeks | None = None,
) -> subscriptions.PreviewAnswer:
    found = orders.access_subscription(id, email)
    return subscriptions.preview(found, roast, amount_g, interval_weeks, timezone.localdate())


@router.post(
    "/subscriptions/{id}/changes",
    response=answers_with(subscriptions.ChangeAnswer, 201),
    operation_id="change_subscription",
    summary="Another roast, amount or interval for a coffee subscription",
)
def change_subscription(
    request: HttpRequest, id: Number, wish: ChangeRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = orders.access_subscription(id, wish.email)
    today = timezone.localdate()
    subject = f"{found.number} {wish.roast} {wish.amount_g} {wish.interval_weeks}"
    return write_once(
        key,
        "change",
        subject,
        lambda: subscriptions.do_change(found, wish.roast, wish.amount_g, wish.interval_weeks, today),
    )


@router.post(
    "/subscriptions/{id}/resumption",
    response=answers_with(subscriptions.ResumeAnswer, 201),
    operation_id="resume_subscription",
    summary="End a pause of a coffee subscription",
)
def resume_subscription(
    request: HttpRequest, id: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = orders.access_subscription(id, wish.email)
    today = timezone.localdate()
    return write_once(key, "resumption", found.number, lambda: subscriptions.do_resume(found, today))


@router.post(
    "/subscriptions/{id}/cancellation",
    response=answers_with(subscriptions.EndAnswer, 201),
    operation_id="cancel_subscription",
    summary="Cancel a coffee subscription",
)
def cancel_subscription(
    request: HttpRequest, id: Number, wish: EndRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = orders.access_subscription(id, wish.email)
    today = timezone.localdate()
    return write_once(key, "end", found.number, lambda: subscriptions.do_end(found, wish.reason, today))


@router.post(
    "/subscriptions/{id}/restart",
    response=answers_with(subscriptions.ResumeAnswer, 201),
    operation_id="restart_subscription",
    summary="Take the cancellation of a coffee subscription back",
)
def restart_subscription(
    request: HttpRequest, id: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = orders.access_subscription(id, wish.email)
    today = timezone.localdate()
    return write_once(key, "restart", found.number, lambda: subscriptions.do_restart(found, today))


@router.post(
    "/subscriptions/{id}/offer",
    response=answers_with(subscriptions.OfferAnswer),
    operation_id="show_retention_offer",
    summary="The offer to stay, available the first time it is asked for",
)
def show_retention_offer(request: HttpRequest, id: Number, wish: Owner) -> subscriptions.OfferAnswer:
    """Notes that the offer was shown. Wants no Idempotency-Key: a repeated request only says "not available"."""
    return subscriptions.do_show_offer(orders.access_subscription(id, wish.email))


@router.post(
    "/subscriptions/{id}/offer/acceptance",
    response=answers_with(subscriptions.OfferAccepted, 201),
    operation_id="accept_retention_offer",
    summary="A discount on the next three deliveries, once for each subscription",
)
def accept_retention_offer(
    request: HttpRequest, id: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = orders.access_subscription(id, wish.email)
    return write_once(key, "offer", found.number, lambda: subscriptions.do_accept_offer(found))
