"""The address of a return's label: signed, so that it can't be guessed."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from kulanz.demo.models import ShopReturn
from kulanz.demo.problems import MissingError

_SALT: Final = "kulanz.demo.label"


def label_url(shop_return: ShopReturn) -> str:
    """Where the label can be seen and printed, with the shop's own address."""
    token = signing.dumps(shop_return.pk, salt=_SALT)
    return settings.BASE_URL.rstrip("/") + reverse("demo-label", args=[token])


def return_by_token(token: str) -> ShopReturn:
    """Raises MissingError for an address that the shop did not make, and for a withdrawn return."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise MissingError from error
    found = ShopReturn.objects.filter(pk=pk).exclude(status="withdrawn").select_related("order__customer").first()
    if found is None:
        raise MissingError
    return found
