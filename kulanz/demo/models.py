"""The tables of the invented shop Musterladen, a foreign company's back office: Kulanz knows it by HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from kulanz.demo import service_models  # noqa: F401 - the other half of the tables


def _money(**options: Any) -> models.DecimalField[Decimal, Decimal]:
    """An amount in euros with two decimals."""
    return models.DecimalField(max_digits=9, decimal_places=2, **options)


class ShopCustomer(models.Model):
    """A customer of the shop. `number` looks like K-10001."""

    number = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    language = models.CharField(max_length=2, default="de")
    city = models.CharField(max_length=60)
    since = models.DateField()


class ShopProduct(models.Model):
    """Something the shop sells. `kind` is appliance, kitchen, coffee or care."""

    sku = models.CharField(max_length=20, primary_key=True)
    name_de = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    price = _money()
    kind = models.CharField(max_length=12)


class ShopOrderStatus(models.TextChoices):
    OPEN = "open"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class ShopOrder(models.Model):
    """An order. Its row lock puts cancelling and returning it into one order.

    `promised_on` is the first date given to the customer, `expected_on` the present one. `total` includes
    shipping.
    """

    number = models.CharField(max_length=12, primary_key=True)
    customer = models.ForeignKey(ShopCustomer, on_delete=models.CASCADE, related_name="orders")
    status = models.CharField(max_length=10, choices=ShopOrderStatus.choices)
    placed_at = models.DateTimeField()
    promised_on = models.DateField()
    expected_on = models.DateField()
    delivered_on = models.DateField(null=True)
    shipping_cost = _money()
    total = _money()

    class Meta:
        indexes = [models.Index(fields=["customer", "-placed_at"])]

    @property
    def delayed(self) -> bool:
        return self.expected_on > self.promised_on


class ShopOrderLine(models.Model):
    """One product of an order, at the price of that day."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(ShopProduct, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    price = _money()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "product"], name="shop_line_once")]


class ShopInvoice(models.Model):
    """Written when the parcel leaves the warehouse. `number` looks like RE-2026-10198."""

    number = models.CharField(max_length=16, primary_key=True)
    order = models.OneToOneField(ShopOrder, on_delete=models.CASCADE, related_name="invoice")
    issued_on = models.DateField()
    due_on = models.DateField()
    total = _money()


class ShopPayment(models.Model):
    """The payment of an order. `status` is paid, open (on invoice), failed or void (cancelled before paying).

    `failure` says why it failed: limit, declined, expired or iban.
    """

    order = models.OneToOneField(ShopOrder, on_delete=models.CASCADE, related_name="payment")
    method = models.CharField(max_length=12)
    status = models.CharField(max_length=6)
    amount = _money()
    failure = models.CharField(max_length=10, blank=True, default="")


class ShopRefund(models.Model):
    """Money sent back. `reference` names what it is for, a cancellation or a return, and can be paid once."""

    payment = models.ForeignKey(ShopPayment, on_delete=models.CASCADE, related_name="refunds")
    reference = models.CharField(max_length=20, unique=True)
    amount = _money()
    created_at = models.DateTimeField(default=timezone.now)


class ShopShipment(models.Model):
    """A parcel. The two notes say why it is late, empty where it is not."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="shipments")
    carrier = models.CharField(max_length=20)
    tracking_number = models.CharField(max_length=30, unique=True)
    shipped_on = models.DateField()
    expected_on = models.DateField()
    delivered_on = models.DateField(null=True)
    note_de = models.CharField(max_length=200, blank=True)
    note_en = models.CharField(max_length=200, blank=True)


class ShopCancellation(models.Model):
    """An order cancelled as a whole; the one-to-one key makes a second cancellation impossible."""

    order = models.OneToOneField(ShopOrder, on_delete=models.CASCADE, related_name="cancellation")
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    @property
    def number(self) -> str:
        return f"ST-{self.pk:05d}"


class ShopReturn(models.Model):
    """A return announced by the customer: `announced`, then `refunded` once the goods are back, or `withdrawn`; the one
    of an exchange is `exchange`."""

    order = models.ForeignKey(ShopOrder, on_delete=models.CASCADE, related_name="returns")
    status = models.CharField(max_length=10, default="announced")
    reason = models.CharField(max_length=300, blank=True)
    label_valid_until = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    @property
    def number(self) -> str:
        return f"RT-{self.pk:05d}"

    @property
    def label_number(self) -> str:
        """The number on the parcel label; eight digits derived from the return's own."""
        return f"ML-RET-{10_000_000 + self.pk * 7_919 % 90_000_000}"


class ShopReturnLine(models.Model):
    """How many pieces of an order line come back with a return."""

    shop_return = models.ForeignKey(ShopReturn, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(ShopOrderLine, on_delete=models.CASCADE, related_name="returned")
    quantity = models.PositiveIntegerField()


class ShopSubscriptionStatus(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class ShopSubscription(models.Model):
    """A Kaffee-Abo. `number` looks like KA-2001."""

    number = models.CharField(max_length=12, primary_key=True)
    customer = models.ForeignKey(ShopCustomer, on_delete=models.CASCADE, related_name="subscriptions")
    product = models.ForeignKey(ShopProduct, on_delete=models.PROTECT, related_name="+")
    interval_weeks = models.PositiveIntegerField()
    price = _money()
    status = models.CharField(max_length=10, choices=ShopSubscriptionStatus.choices)
    next_delivery_on = models.DateField(null=True)
    paused_until = models.DateField(null=True)


class ShopRequest(models.Model):
    """A writing request answered once. `body` is the answer byte for byte, empty while it is being made."""

    key = models.CharField(max_length=100, primary_key=True)
    operation = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=64)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)


class ShopFault(models.Model):
    """The fault that the back office plays for trials: one row, used up after `times` requests."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mode = models.CharField(max_length=12, default="none")
    calls = models.CharField(max_length=6, default="all")
    seconds = models.FloatField(default=0)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="shop_one_fault")]
