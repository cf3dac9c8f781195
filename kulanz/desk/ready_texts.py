"""Ready texts and macros: what an agent may choose from, and the text with its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.reading import reading_from_json
from kulanz.desk.beside_models import ReadyText
from kulanz.desk.handover import open_handover
from kulanz.inbox.models import Conversation
from kulanz.understanding.models import StoredReading

VARIABLES: Final = ("customer.name", "agent.name", "order_number", "team")
GAP_OPENS, GAP_CLOSES = "⟦", "⟧"
"""Around what is still to be filled in. Nobody types them by chance, so a text that holds them is never sent."""
_VARIABLE = re.compile(r"\{(" + "|".join(map(re.escape, VARIABLES)) + r")\}")
_LEFT_OPEN = re.compile(f"{GAP_OPENS}([^{GAP_CLOSES}]*){GAP_CLOSES}?|{_VARIABLE.pattern}")
READINGS = 20
"""The newest readings that an order number is looked for in."""


def usable_by(agent: User) -> list[ReadyText]:
    """Their own and everybody's, by shortcut; of two with the same shortcut the own one counts. One query."""
    query = ReadyText.objects.filter(Q(owner=None) | Q(owner=agent)).select_related("team")
    found: dict[str, ReadyText] = {}
    for text in sorted(query, key=lambda each: each.owner_id is not None):
        found[text.shortcut] = text
    return sorted(found.values(), key=lambda each: each.shortcut)


def access_ready_text(ready_text_id: int, agent: User) -> ReadyText | None:
    """One that the agent may use; None if there is none, for example because it was deleted meanwhile."""
    return ReadyText.objects.filter(Q(owner=None) | Q(owner=agent), pk=ready_text_id).select_related("team").first()


def text_in(ready: ReadyText, language: str) -> str:
    """The text in the customer's language, else in the other one."""
    german, english = ready.text_de, ready.text_en
    return (german or english) if language == "de" else (english or german)


def values_for(conversation: Conversation, agent: User) -> dict[str, str]:
    """What the variables stand for in this conversation; empty where nothing is known."""
    handover = open_handover(conversation)
    team = (handover.team if handover else None) or agent.team
    return {
        "customer.name": conversation.customer.name,
        "agent.name": agent.name,
        "order_number": _order_number(conversation),
        "team": team.name if team else "",
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in it; what is not known is a gap that bears the variable's name."""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        return values.get(name) or f"{GAP_OPENS}{variable_label(name)}{GAP_CLOSES}"

    return _VARIABLE.sub(fill, text)


def check_filled(text: str) -> None:
    """Raises InvalidInput where a gap or a raw variable is left: customers never read one."""
    if found := _LEFT_OPEN.search(text):
        name = variable_label(found[2]) if found[2] else found[1]
        raise InvalidInput(_("Please fill in the gap first: {gap}.").format(gap=name))


def variable_label(name: str) -> str:
    labels = {
        "customer.name": _("customer's name"),
        "agent.name": _("your name"),
        "order_number": _("order number"),
        "team": _("team"),
    }
    return labels[name]


def _order_number(conversation: Conversation) -> str:
    stored = StoredReading.objects.filter(message__conversation=conversation).order_by("-message__seq")
    for data in stored.values_list("data", flat=True)[:READINGS]:
        numbers = [e.value for e in reading_from_json(data).entities if e.kind == "order_number"]
        if numbers:
            return numbers[0]
    return ""
