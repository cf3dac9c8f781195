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
