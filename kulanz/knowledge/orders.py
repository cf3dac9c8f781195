"""Whether a text tries to give orders to an assistant. Such a passage is never handed to a language model and supports
nothing that one says: whatever it promises was written to be repeated."""

from __future__ import annotations

import re
import unicodedata

_RULES = (
    r"(?:instructions?|rules?|prompts?|guidelines?|orders|anweisung(?:en)?|regeln?|vorgaben?|anleitung(?:en)?|befehle?)"
)
_ORDERS = re.compile(
    "|".join(
        (
            r"\b(?:ignor\w+|disregard|forget|overrid\w+|bypass|vergiss|vergessen sie|missachte\w*|umgeh\w*|übergeh\w*)"
            rf"\b[^.!?\n]{{0,40}}\b{_RULES}",
            rf"\b(?:previous|prior|above|system|hidden|vorherigen?|bisherigen?|obigen?|geheimen?)[ -]{_RULES}",
            r"\b(?:you are|you're|act as|pretend to be|du bist|sie sind|verhalte dich|tu so)\b[^.!?\n]{0,30}"
            r"\b(?:assistant|assistent\w*|chatbot|language model|sprachmodell|ai|ki|llm|developer mode)\b",
            r"\b(?:assistant|assistent\w*|chatbot|ai|ki|llm)\s*[:,]\s*\w+|\bas an ai\b|\bals ki\b",
            r"\b(?:the|der|die|an) (?:ai |ki-)?(?:assistant|assistent\w*|chatbot|model|modell|bot|ki|ai)\b"
            r"[^.!?\n]{0,20}\b(?:must|shall|should|has to|muss|müssen|soll|sollen)\b",
            r"(?:^|[.!?\n>]\s*)(?:sage?n?|antworte[nt]?|schreibe?n?|behaupte[nt]?|verspr[ei]ch\w*|wiederhole[nt]?"
            r"|say|answer|reply|respond|write|claim|promise|repeat|output|print)\b(?: sie)?"
            r"(?: (?:only|nur|immer|always|with|mit|dem kunden|the customer|the user|customers|kunden|exactly|genau))*"
            r"\s*(?:[:\"'„“]|,? (?:that|dass)\b)",
            r"\b(?:tell|promise|sage?|sagen sie|versprich|teile?) (?:(?:every|each|all|the|jede[mn]|alle[nm]?|de[mn]) )"
            r"?(?:customers?|users?|kund(?:en|innen|in|e)?|nutzern?)\b",
            r"<\|?/?(?:im_start|im_end|system|assistant|inst)\b|\[/?inst\]|###\s*(?:system|instruction)",
        )
    ),
    re.IGNORECASE,
)


def gives_orders(text: str) -> bool:
    """True if any sentence of `text` speaks to an assistant. Meant to find too much rather than too little: the
    passage can still be quoted word for word."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return bool(_ORDERS.search(plain))
