"""Coffee subscriptions: another roast, amount or interval, going on after a pause, the end, and the offer to stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from django.utils import timezone
from ninja import Schema
from pydantic import BeforeValidator

from kulanz.demo import answers, wording
from kulanz.demo.catalogue import OFFER_DELIVERIES, OFFER_PERCENT, subscription_price
from kulanz.demo.models import ShopProduct, ShopSubscription, ShopSubscriptionStatus
from kulanz.demo.orders import NOTICE_WORKING_DAYS, next_roast, subscriptions_of, working_days
from kulanz.demo.problems import RefusedError
from kulanz.demo.service_models import ShopOffer, ShopSubscriptionEvent
from kulanz.demo.wording import Text


def _number(value: object) -> object:
    """Query strings carry "500"."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else value


Roast = Literal["HAUS", "NORD", "KOHLE", "FEIER"]
Grams = Annotated[Literal[500, 1000], BeforeValidator(_number)]
Weeks = Annotated[Literal[2, 4, 6], BeforeValidator(_number)]
CENT: Final = Decimal("0.01")

ROAST_NAMES: Final = {
    "HAUS": Text(de="Hausröstung", en="Hausröstung (house roast)"),
    "NORD": Text(de="Nordlicht (mild)", en="Nordlicht (mild)"),
    "KOHLE": Text(de="Kohlekeller (kräftig)", en="Kohlekeller (strong)"),
    "FEIER": Text(de="Feierabend (entkoffeiniert)", en="Feierabend (decaf)"),
}
_NO_CHANGE: Final = Text(de="So läuft das Kaffee-Abo schon.", en="The coffee subscription already runs like this.")
_NOT_PAUSED: Final = Text(de="Das Kaffee-Abo pausiert nicht.", en="The coffee subscription is not paused.")
_RUNS: Final = Text(de="Das Kaffee-Abo läuft noch.", en="The coffee subscription is still running.")
_OFFER_OVER: Final = Text(
    de="Diesen Rabatt gibt es für jedes Kaffee-Abo nur einmal.", en="This discount exists once for each subscription."
)


class SubscriptionState(answers.SubscriptionAnswer):
    """A subscription with all that can be chosen. `label` is it in one line; `discount_left` counts deliveries.
    `next_is_fixed`: the next delivery is too close to be stopped."""

    label: Text
    roast: Roast
    roast_name: Text
    amount_g: int
    next_price: str
    discount_percent: int
    discount_left: int
    next_is_fixed: bool


class RunningList(Schema):
    count: int
    subscriptions: list[SubscriptionState]


class PreviewAnswer(Schema):
    """What a change would make of a subscription."""

    subscription: str
    before: Text
    after: Text
    price_before: str
    price: str
    currency: str
    from_delivery_on: date | None


class RoastChoice(Schema):
    id: Roast
    label: Text


class RoastList(Schema):
    options: list[RoastChoice]


class ChangeAnswer(Schema):
    """`change` is the receipt. It counts from the delivery on `from_delivery_on`; the `old_…` values undo it."""

    change: str
    subscription: str
    before: Text
    after: Text
    price_before: str
    price: str
    currency: str
    interval_weeks: int
    old_roast: Roast
    old_amount_g: int
    old_interval_weeks: int
    from_delivery_on: date | None
    changed_at: datetime


class ResumeAnswer(Schema):
    resumption: str
    subscription: str
    status: Literal["active"]
    next_delivery_on: date
    resumed_at: datetime


class EndAnswer(Schema):
    """`still_delivered_on` is the one delivery that was too close to be stopped."""

    cancellation: str
    subscription: str
    status: Literal["cancelled"]
    ends_on: date
    still_delivered_on: date | None
    cancelled_at: datetime


class OfferAnswer(Schema):
    """`available` once for each subscription: not after it was shown."""

    subscription: str
    available: bool
    percent: int
    deliveries: int
    price: str
    price_now: str
    currency: str


class OfferAccepted(Schema):
    offer: str
    subscription: str
    percent: int
    deliveries: int
    price: str
    currency: str
    accepted_at: datetime


def subscription_state(subscription: ShopSubscription) -> SubscriptionState:
    roast, grams = split_sku(subscription.product_id)
    offer = ShopOffer.objects.filter(subscription=subscription, left__gt=0).first()
    return SubscriptionState(
        **answers.subscription_answer(subscription).model_dump(),
        label=_label(roast, grams, subscription.interval_weeks),
        roast=roast,
        roast_name=ROAST_NAMES[roast],
        amount_g=grams,
        next_price=answers.money(cheaper(subscription.price, offer.percent if offer else 0)),
        discount_percent=offer.percent if offer else 0,
        discount_left=offer.left if offer else 0,
        next_is_fixed=_too_close(subscription, timezone.localdate()),
    )


def _too_close(subscription: ShopSubscription, today: date) -> bool:
    due = subscription.next_delivery_on
    return due is not None and working_days(today, due) < NOTICE_WORKING_DAYS


def running_list(email: str) -> RunningList:
    """Active and paused ones; empty for an unknown address, too."""
    running = subscriptions_of(email).exclude(status=ShopSubscriptionStatus.CANCELLED).order_by("number")
    found = [subscription_state(subscription) for subscription in running]
    return RunningList(count=len(found), subscriptions=found)


def roast_list() -> RoastList:
    return RoastList(options=[RoastChoice(id=roast, label=ROAST_NAMES[roast]) for roast in _ROASTS])


_ROASTS: Final[tuple[Roast, ...]] = ("HAUS", "NORD", "KOHLE", "FEIER")


def split_sku(sku: str) -> tuple[Roast, int]:
    """The roast and the grams of a bag: NORD-500 is ("NORD", 500)."""
    name, _, grams = sku.partition("-")
    roast = next(known for known in _ROASTS if known == name)
    return roast, int(grams)


def cheaper(price: Decimal, percent: int) -> Decimal:
    return (price * (100 - percent) / 100).quantize(CENT)


def _label(roast: str, grams: int, weeks: int) -> Text:
    name, amount = ROAST_NAMES[roast], "1 kg" if grams == 1000 else f"{grams} g"
    return Text(de=f"{name.de}, {amount}, alle {weeks} Wochen", en=f"{name.en}, {amount}, every {weeks} weeks")


def _lock(subscription: ShopSubscription) -> ShopSubscription:
    return ShopSubscription.objects.select_for_update().get(pk=subscription.pk)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A subscription as it is wished to be."""

    sku: str
    weeks: int
    before: Text
    after: Text


def _wanted(subscription: ShopSubscription, roast: Roast | None, grams: Grams | None, weeks: Weeks | None) -> _Wanted:
    """Raises RefusedError where nothing can be changed, or nothing would change."""
    if subscription.status == ShopSubscriptionStatus.CANCELLED:
        raise RefusedError("subscription_ended", wording.SUBSCRIPTION_ENDED)
    old_roast, old_grams = split_sku(subscription.product_id)
    sku, interval = f"{roast or old_roast}-{grams or old_grams}", weeks or subscription.interval_weeks
    if (sku, interval) == (subscription.product_id, subscription.interval_weeks):
        raise RefusedError("no_change", _NO_CHANGE)
    before = _label(old_roast, old_grams, subscription.interval_weeks)
    return _Wanted(sku, interval, before, _label(*split_sku(sku), interval))


def preview(
    subscription: ShopSubscription, roast: Roast | None, grams: Grams | None, weeks: Weeks | None, today: date
) -> PreviewAnswer:
    """What `do_change` would do. Raises RefusedError."""
    wanted = _wanted(subscription, roast, grams, weeks)
    return PreviewAnswer(
        subscription=subscription.number,
        before=wanted.before,
        after=wanted.after,
        price_before=answers.money(subscription.price),
        price=answers.money(subscription_price(wanted.sku)),
        currency=answers.CURRENCY,
        from_delivery_on=_first_changeable(subscription, today),
    )


def do_change(
    subscription: ShopSubscription, roast: Roast | None, grams: Grams | None, weeks: Weeks | None, today: date
) -> str:
    """Another roast, amount or interval; None leaves it. Raises RefusedError."""
    subscription = _lock(subscription)
    told = preview(subscription, roast, grams, weeks, today)
    wanted = _wanted(subscription, roast, grams, weeks)
    (old_roast, old_grams), old_weeks = split_sku(subscription.product_id), subscription.interval_weeks
    subscription.product = ShopProduct.objects.get(sku=wanted.sku)
    subscription.interval_weeks, subscription.price = wanted.weeks, subscription_price(wanted.sku)
    subscription.save(update_fields=["product", "interval_weeks", "price"])
    event = _event(subscription, "change", before=told.before.en, after=told.after.en)
    return ChangeAnswer(
        **told.model_dump(),
        change=event.number,
        interval_weeks=wanted.weeks,
        old_roast=old_roast,
        old_amount_g=old_grams,
        old_interval_weeks=old_weeks,
        changed_at=event.created_at,
    ).model_dump_json()


def _event(subscription: ShopSubscription, kind: str, **facts: Any) -> ShopSubscriptionEvent:
    return ShopSubscriptionEvent.objects.create(subscription=subscription, kind=kind, facts=facts)


def _first_changeable(subscription: ShopSubscription, today: date) -> date | None:
    """The first delivery that is at least three working days away."""
    due = subscription.next_delivery_on
    return due + timedelta(weeks=subscription.interval_weeks) if due and _too_close(subscription, today) else due


def do_resume(subscription: ShopSubscription, today: date) -> str:
    """Ends a pause. Raises RefusedError."""
    subscription = _lock(subscription)
    if subscription.status != ShopSubscriptionStatus.PAUSED:
        raise RefusedError("not_paused", _NOT_PAUSED)
    return _run_again(subscription, "resume", today)


def do_restart(subscription: ShopSubscription, today: date) -> str:
    """Takes a cancellation back. Raises RefusedError."""
    subscription = _lock(subscription)
    if subscription.status != ShopSubscriptionStatus.CANCELLED:
        raise RefusedError("not_cancelled", _RUNS)
    return _run_again(subscription, "restart", today)


def _run_again(subscription: ShopSubscription, kind: str, today: date) -> str:
    due = subscription.next_delivery_on
    kept = due is not None and kind == "resume" and working_days(today, due) < NOTICE_WORKING_DAYS
    following = due if kept and due else next_roast(today + timedelta(days=NOTICE_WORKING_DAYS + 2))
    subscription.status, subscription.paused_until = ShopSubscriptionStatus.ACTIVE, None
    subscription.next_delivery_on = following
    subscription.save(update_fields=["status", "paused_until", "next_delivery_on"])
    event = _event(subscription, kind)
    return ResumeAnswer(
        resumption=event.number,
        subscription=subscription.number,
        status="active",
        next_delivery_on=following,
        resumed_at=event.created_at,
    ).model_dump_json()


def do_end(subscription: ShopSubscription, reason: str, today: date) -> str:
    """Cancels; a delivery less than three working days away still comes. Raises RefusedError."""
    subscription = _lock(subscription)
    if subscription.status == ShopSubscriptionStatus.CANCELLED:
        raise RefusedError("subscription_ended", wording.SUBSCRIPTION_ENDED)
    due = subscription.next_delivery_on
    still = due if _too_close(subscription, today) else None
    subscription.status = ShopSubscriptionStatus.CANCELLED
    subscription.next_delivery_on, subscription.paused_until = None, None
    subscription.save(update_fields=["status", "next_delivery_on", "paused_until"])
    event = _event(subscription, "cancel", reason=reason)
    return EndAnswer(
        cancellation=event.number,
        subscription=subscription.number,
        status="cancelled",
        ends_on=still or today,
        still_delivered_on=still,
        cancelled_at=event.created_at,
    ).model_dump_json()


def do_show_offer(subscription: ShopSubscription) -> OfferAnswer:
    """The offer to stay, and the note that it was shown: the next time it is not available."""
    active = subscription.status == ShopSubscriptionStatus.ACTIVE
    available = False
    if active:
        _, available = ShopOffer.objects.get_or_create(
            subscription=subscription, defaults={"percent": OFFER_PERCENT, "left": 0}
        )
    return OfferAnswer(
        subscription=subscription.number,
        available=available,
        percent=OFFER_PERCENT,
        deliveries=OFFER_DELIVERIES,
        price=answers.money(cheaper(subscription.price, OFFER_PERCENT)),
        price_now=answers.money(subscription.price),
        currency=answers.CURRENCY,
    )


def do_accept_offer(subscription: ShopSubscription) -> str:
    """A discount on the next three deliveries, once for each subscription. Raises RefusedError."""
    subscription = _lock(subscription)
    if subscription.status == ShopSubscriptionStatus.CANCELLED:
        raise RefusedError("subscription_ended", wording.SUBSCRIPTION_ENDED)
    offer, _ = ShopOffer.objects.get_or_create(subscription=subscription, defaults={"percent": OFFER_PERCENT})
    if offer.accepted_at:
        raise RefusedError("offer_used", _OFFER_OVER)
    offer.accepted_at, offer.left = timezone.now(), OFFER_DELIVERIES
    offer.save(update_fields=["accepted_at", "left"])
    return OfferAccepted(
        offer=offer.number,
        subscription=subscription.number,
        percent=offer.percent,
        deliveries=offer.left,
        price=answers.money(cheaper(subscription.price, offer.percent)),
        currency=answers.CURRENCY,
        accepted_at=offer.accepted_at,
    ).model_dump_json()
