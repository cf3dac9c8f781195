"""The demo company's ready texts."""

from __future__ import annotations

from typing import Any

from kulanz.accounts.models import Team
from kulanz.desk.beside_models import ReadyText

TEXTS: dict[str, dict[str, Any]] = {
    "hallo": {
        "text_de": "Guten Tag {customer.name},\nhier ist {agent.name}. Ich sehe mir das gleich an.",
        "text_en": "Hello {customer.name},\nthis is {agent.name}. I am looking into it right now.",
    },
    "moment": {
        "text_de": "Danke für Ihre Geduld. Ich frage kurz im Lager nach und melde mich hier wieder.",
        "text_en": "Thank you for your patience. I am asking the warehouse and will be back here shortly.",
    },
    "status": {
        "text_de": "Ihre Bestellung {order_number} ist unterwegs. Sobald sie zugestellt ist, bekommen Sie eine E-Mail.",
        "text_en": "Your order {order_number} is on its way. You will get an e-mail as soon as it has been delivered.",
    },
    "foto": {
        "text_de": "Können Sie mir bitte ein Foto des Schadens schicken? Dann geht es am schnellsten.",
        "text_en": "Could you please send me a photo of the damage? That is the fastest way.",
    },
    "retoure": {
        "text_de": (
            "Sie können Ihre Bestellung {order_number} innerhalb von 30 Tagen zurückschicken. "
            "Das Rücksendeetikett liegt in Ihrem Kundenkonto."
        ),
        "text_en": (
            "You can send your order {order_number} back within 30 days. The return label is in your customer account."
        ),
    },
    "leider": {
        "text_de": "Das tut mir leid, {customer.name}. Ich verstehe Ihren Ärger und kümmere mich selbst darum.",
        "text_en": "I am sorry, {customer.name}. I understand that this is annoying, and I will see to it myself.",
    },
    "technik": {
        "text_de": "Das sieht sich unser Technikteam genauer an. Sie bekommen die Antwort hier.",
        "text_en": "Our technicians will take a closer look at this. You will get the answer here.",
        "note": "Bitte prüfen: Gerätefehler, Angaben stehen oben.",
        "then": ReadyText.Then.TEAM,
    },
    "fertig": {
        "text_de": "Gern geschehen! Einen schönen Tag wünscht {agent.name} vom {team}.",
        "text_en": "You are welcome! Have a nice day, {agent.name}, {team}.",
        "then": ReadyText.Then.RESOLVE,
    },
}


def do_seed_ready_texts() -> None:
    """Adds what is missing; what people have changed stays as it is."""
    team = Team.objects.order_by("pk").first()
    for shortcut, fields in TEXTS.items():
        handed = {"team": team} if fields.get("then") == ReadyText.Then.TEAM else {}
        ReadyText.objects.get_or_create(shortcut=shortcut, owner=None, defaults={**fields, **handed})
