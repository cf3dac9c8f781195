"""What Musterladen sells. Every name and price is invented and agrees with the help articles."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Product:
    """`kind` is appliance, kitchen, coffee or care; `art` names its picture on the shop page, if any."""

    sku: str
    name_de: str
    name_en: str
    price: Decimal
    kind: str
    art: str = ""


PRODUCTS: Final = tuple(
    Product(sku, name_de, name_en, Decimal(price), kind, art)
    for sku, name_de, name_en, price, kind, art in (
        (
            "KORVA",
            "Kaffeevollautomat Korva",
            "Korva fully automatic coffee machine",
            "449.00",
            "appliance",
            "korva",
        ),
        ("AURELO", "Siebträgermaschine Aurelo", "Aurelo espresso machine", "219.00", "appliance", "aurelo"),
        ("KRUEMEL", "Kaffeemühle Krümel", "Krümel coffee grinder", "89.90", "appliance", "kruemel"),
        ("BRISA", "Wasserkocher Brisa, 1,7 l", "Brisa kettle, 1.7 l", "49.90", "appliance", "brisa"),
        ("LUMA", "Milchaufschäumer Luma", "Luma milk frother", "39.90", "appliance", "luma"),
        ("TESSA-24", "Pfanne Tessa, 24 cm", "Tessa pan, 24 cm", "44.90", "kitchen", ""),
        ("TESSA-28", "Pfanne Tessa, 28 cm", "Tessa pan, 28 cm", "54.90", "kitchen", "tessa"),
        ("OLAV", "Gusseisentopf Olav, 4,5 l", "Olav cast-iron pot, 4.5 l", "79.90", "kitchen", "olav"),
        ("HAUS-500", "Kaffee Hausröstung, 500 g", "Hausröstung coffee, 500 g", "13.90", "coffee", "beans"),
        ("HAUS-1000", "Kaffee Hausröstung, 1 kg", "Hausröstung coffee, 1 kg", "25.90", "coffee", ""),
        ("NORD-500", "Kaffee Nordlicht, 500 g", "Nordlicht coffee, 500 g", "13.90", "coffee", ""),
        ("KOHLE-500", "Kaffee Kohlekeller, 500 g", "Kohlekeller coffee, 500 g", "13.90", "coffee", ""),
        ("FEIER-500", "Kaffee Feierabend, 500 g", "Feierabend coffee, 500 g", "13.90", "coffee", ""),
        ("KALK", "Flüssigentkalker", "Liquid descaler", "7.90", "care", ""),
        ("DICHTUNG", "Siebträgerdichtung Aurelo", "Portafilter seal for the Aurelo", "4.90", "care", ""),
        ("KALKFILTER", "Kalkfilter Brisa", "Limescale filter for the Brisa", "5.90", "care", ""),
    )
)
BY_SKU: Final = {product.sku: product for product in PRODUCTS}

SUBSCRIPTION_PRICES: Final = {
    "HAUS-500": Decimal("11.90"),
    "HAUS-1000": Decimal("21.90"),
    "NORD-500": Decimal("11.90"),
    "KOHLE-500": Decimal("11.90"),
    "FEIER-500": Decimal("11.90"),
}
STANDARD_SHIPPING: Final = Decimal("4.90")
FREE_FROM: Final = Decimal("49.00")


OFFER_PERCENT: Final = 20
OFFER_DELIVERIES: Final = 3

# Kept apart from PRODUCTS: the first orders of the shop are drawn from those, and must not change.
MORE_PRODUCTS: Final = tuple(
    Product(sku, name_de, name_en, Decimal(price), kind)
    for sku, name_de, name_en, price, kind in (
        ("NORD-1000", "Kaffee Nordlicht, 1 kg", "Nordlicht coffee, 1 kg", "25.90", "coffee"),
        ("KOHLE-1000", "Kaffee Kohlekeller, 1 kg", "Kohlekeller coffee, 1 kg", "25.90", "coffee"),
        ("FEIER-1000", "Kaffee Feierabend, 1 kg", "Feierabend coffee, 1 kg", "25.90", "coffee"),
        ("BRISA-CREME", "Wasserkocher Brisa, cremeweiß", "Brisa kettle, cream white", "49.90", "appliance"),
        ("BRISA-BLAU", "Wasserkocher Brisa, blau", "Brisa kettle, blue", "49.90", "appliance"),
        ("LINN-S", "Schürze Linn, Größe S", "Linn apron, size S", "29.90", "textile"),
        ("LINN-M", "Schürze Linn, Größe M", "Linn apron, size M", "29.90", "textile"),
        ("LINN-L", "Schürze Linn, Größe L", "Linn apron, size L", "29.90", "textile"),
        ("IDA-GRAU", "Becher Ida, 4 Stück, grau", "Ida mugs, set of 4, grey", "34.90", "kitchen"),
        ("IDA-GRUEN", "Becher Ida, 4 Stück, grün", "Ida mugs, set of 4, green", "34.90", "kitchen"),
    )
)
ALL_BY_SKU: Final = BY_SKU | {product.sku: product for product in MORE_PRODUCTS}


def subscription_price(sku: str) -> Decimal:
    """What a subscription costs for each delivery: 500 g or 1 kg, the same for every roast."""
    return SUBSCRIPTION_PRICES["HAUS-1000" if sku.endswith("-1000") else "HAUS-500"]
