"""The shop page: what a visitor of the demo sees, with the chat widget on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from kulanz.demo.catalogue import PRODUCTS, SUBSCRIPTION_PRICES
from kulanz.demo.models import ShopCustomer, ShopOrder
from kulanz.demo.orders import full_orders
from kulanz.demo.wording import Text, status_text

VISITORS: Final = {"anna": "K-10001", "ben": "K-10002", "clara": "K-11001", "emily": "K-11002", "guest": ""}
NAMES: Final = {"anna": "Anna Beispiel", "ben": "Ben Muster", "clara": "Clara Probe", "emily": "Emily Sample"}
EXAMPLES: Final = {
    "anna": ("ML-10198", "ML-10234"),
    "ben": ("ML-10201", "ML-10240"),
    "clara": ("ML-11021", "ML-11041"),
    "emily": ("ML-11022", "ML-11042"),
    "guest": ("ML-10198", "ML-10234"),
}
MATTERS: Final = {"clara": ("ML-11281", "ML-11321"), "emily": ("ML-11282", "ML-11322")}
"""Of whom everything can be tried: the order that was charged twice, and the one whose payment failed."""
LANGUAGES: Final = {"de": "Deutsch", "en": "English"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of a switch on the page."""

    label: str
    url: str
    current: bool
    language: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    order: ShopOrder
    status: str
    goods: str
    total: str


@require_safe
def shop_page(request: HttpRequest) -> HttpResponse:
    """`?lang=de|en` and `?as=anna|ben|guest`; anything else is ignored. Nothing is kept about a visitor."""
    language = _chosen(request, "lang", LANGUAGES, translation.get_language() or "en")
    visitor = _chosen(request, "as", VISITORS, "anna")
    customer = ShopCustomer.objects.filter(number=VISITORS[visitor]).first()
    with translation.override(language):
        response = render(request, "demo/shop.html", _context(language, visitor, customer))
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _chosen(request: HttpRequest, name: str, known: dict[str, str], otherwise: str) -> str:
    wanted = request.GET.get(name, otherwise)[:5]
    return wanted if wanted in known else next(iter(known)) if otherwise not in known else otherwise


def _context(language: str, visitor: str, customer: ShopCustomer | None) -> dict[str, object]:
    return {
        "language": language,
        "visitor": visitor,
        "customer": customer,
        "languages": [Choice(label, _url(code, visitor), code == language, code) for code, label in LANGUAGES.items()],
        "visitors": [
            Choice(name, _url(language, name), name == visitor, name=NAMES.get(name, "")) for name in VISITORS
        ],
        "products": [
            {
                "name": _pick(Text(de=p.name_de, en=p.name_en), language),
                "price": _price(p.price, language),
                "art": f"demo/art/{p.art}.svg",
            }
            for p in PRODUCTS
            if p.art
        ],
        "subscription_price": _price(min(SUBSCRIPTION_PRICES.values()), language),
        "orders": _rows(customer, language),
        "tracked": EXAMPLES[visitor][0],
        "cancellable": EXAMPLES[visitor][1],
        "matters": MATTERS.get(visitor),
    }


def _url(language: str, visitor: str) -> str:
    return "?" + urlencode({"lang": language, "as": visitor})


def _price(amount: Decimal, language: str) -> str:
    number = formats.number_format(amount, 2)
    return f"{number}\N{NO-BREAK SPACE}€" if language == "de" else f"€{number}"


def _pick(text: Text, language: str) -> str:
    return text.de if language == "de" else text.en


def _rows(customer: ShopCustomer | None, language: str) -> list[OrderRow]:
    if customer is None:
        return []
    return [
        OrderRow(order, _pick(status_text(order), language), _goods(order, language), _price(order.total, language))
        for order in full_orders().filter(customer=customer).order_by("-placed_at")
    ]


def _goods(order: ShopOrder, language: str) -> str:
    names = (
        (line.quantity, _pick(Text(de=line.product.name_de, en=line.product.name_en), language))
        for line in order.lines.all()
    )
    return " · ".join(f"{quantity} × {name}" if quantity > 1 else name for quantity, name in names)
