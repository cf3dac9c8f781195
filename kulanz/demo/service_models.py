"""The shop's tables for what customers ask for after buying: addresses, exchanges, claims, charges, visits, mails."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils import timezone


def _money() -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(max_digits=9, decimal_places=2)


class _Numbered(models.Model):
    """Something with a receipt number such as AD-00017, made of the row's own."""

    PREFIX = ""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def number(self) -> str:
        return f"{self.PREFIX}-{self.pk:05d}"


class ShopAddressChange(_Numbered):
    """Another delivery address for an order. `old` and `new` are name, street, postcode, city and country; the newest
    one that was not taken back counts."""

    PREFIX = "AD"
    order = models.ForeignKey("demo.ShopOrder", on_delete=models.CASCADE, related_name="address_changes")
    old = models.JSONField()
    new = models.JSONField()
    undone_at = models.DateTimeField(null=True)


class ShopGoodwill(_Numbered):
    """Money back without a return: `reason` is missing_item, late_delivery, defect, price or goodwill."""

    PREFIX = "GU"
    order = models.ForeignKey("demo.ShopOrder", on_delete=models.CASCADE, related_name="goodwill")
    amount = _money()
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)


class ShopExchange(_Numbered):
    """Another product for a returned one, sent once the return is on its way: announced, shipped or withdrawn."""

    PREFIX = "UM"
    shop_return = models.OneToOneField("demo.ShopReturn", on_delete=models.CASCADE, related_name="exchange")
    product = models.ForeignKey("demo.ShopProduct", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, default="announced")


class ShopClaim(_Numbered):
    """A wrong, damaged or missing item. `photo` is the caller's reference of a picture, empty without one."""

    PREFIX = "RK"
    line = models.ForeignKey("demo.ShopOrderLine", on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=8)
    quantity = models.PositiveIntegerField()
    solution = models.CharField(max_length=12)
    photo = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=300, blank=True)
    label_number = models.CharField(max_length=20, blank=True)


class ShopCharge(_Numbered):
    """A second booking of the same payment. `state` is booked, reserved (goes away by itself) or reversed."""

    PREFIX = "ZA"
    payment = models.ForeignKey("demo.ShopPayment", on_delete=models.CASCADE, related_name="charges")
    amount = _money()
    booked_on = models.DateField()
    state = models.CharField(max_length=8)


class ShopPaymentLink(_Numbered):
    """A link to pay a failed payment again; `token` is its secret part."""

    PREFIX = "ZL"
    payment = models.ForeignKey("demo.ShopPayment", on_delete=models.CASCADE, related_name="links")
    token = models.CharField(max_length=40, unique=True)
    valid_until = models.DateField()


class ShopSubscriptionEvent(_Numbered):
    """What was done to a subscription: change, cancel, resume or restart; `facts` has it before and after."""

    PREFIX = "AB"
    subscription = models.ForeignKey("demo.ShopSubscription", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8)
    facts = models.JSONField(default=dict)


class ShopOffer(_Numbered):
    """The offer to stay: the one-to-one key makes a second one impossible. `left` counts the cheaper deliveries."""

    PREFIX = "AN"
    subscription = models.OneToOneField("demo.ShopSubscription", on_delete=models.CASCADE, related_name="offer")
    percent = models.PositiveSmallIntegerField()
    left = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)


class ShopEmailChange(_Numbered):
    """A wished change of an account's address; the code went to the old one."""

    PREFIX = "EM"
    customer = models.ForeignKey("demo.ShopCustomer", on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField()
    new_email = models.EmailField()
    code = models.CharField(max_length=6)
    valid_until = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class ShopCodeTry(models.Model):
    """A wrong code. `key` is the request's own with the code, so that a repeated request counts once."""

    customer = models.ForeignKey("demo.ShopCustomer", on_delete=models.CASCADE, related_name="code_tries")
    key = models.CharField(max_length=110, unique=True)
    created_at = models.DateTimeField(default=timezone.now)


class ShopDeliverySlot(_Numbered):
    """A booked time of delivery. `starts` is the hour, 8, 12 or 16."""

    PREFIX = "ZF"
    order = models.ForeignKey("demo.ShopOrder", on_delete=models.CASCADE, related_name="slots")
    day = models.DateField()
    starts = models.PositiveSmallIntegerField()
    fee = _money()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(released_at=None), name="shop_one_slot_per_order"
            )
        ]


class ShopVisit(_Numbered):
    """A technician's visit. One technician serves the postcodes of a `region` (their first two digits)."""

    PREFIX = "TT"
    line = models.ForeignKey("demo.ShopOrderLine", on_delete=models.CASCADE, related_name="visits")
    region = models.CharField(max_length=2)
    postcode = models.CharField(max_length=10)
    day = models.DateField()
    starts = models.PositiveSmallIntegerField()
    fee = _money()
    problem = models.CharField(max_length=300, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "day", "starts"], condition=models.Q(cancelled_at=None), name="shop_one_visit_a_time"
            )
        ]


class ShopMail(_Numbered):
    """A mail that the shop has sent, for the demo to show; nothing leaves the machine."""

    PREFIX = "MA"
    to = models.EmailField()
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["to", "-created_at"], name="shop_mail_newest")]
