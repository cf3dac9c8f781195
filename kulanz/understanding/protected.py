"""Cases that every model must read in one way."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput
from kulanz.trust.audit import record
from kulanz.understanding.emotion import EMOTIONS
from kulanz.understanding.examples import check_example, check_intent
from kulanz.understanding.models import ProtectedCase
from kulanz.understanding.vectors import forget_vectors

Expects = ProtectedCase.Expects


def do_protect(actor: str, text: str, expects: str, intent: str = "") -> ProtectedCase:
    """Protects a text, or changes what is expected of it. Raises `InvalidInput`."""
    if expects not in Expects.values:
        raise InvalidInput(_("Please choose what must be understood."))
    if expects == Expects.EMOTION and intent not in EMOTIONS:
        raise InvalidInput(_("Please choose one of the emotions."))
    named = check_intent(intent) if expects in {Expects.INTENT, Expects.EMOTION} else ""
    fields = {"expects": expects, "intent": named}
    with transaction.atomic():
        case, __ = ProtectedCase.objects.update_or_create(
            text=check_example(text), defaults=fields, create_defaults={**fields, "created_by": actor}
        )
        record(actor, "protected_case", None, case=case.pk, expects=expects, intent=fields["intent"])
    return case


def do_unprotect(actor: str, case_id: int) -> None:
    """Ends the protection of a case; one that is gone already changes nothing."""
    with transaction.atomic():
        case = ProtectedCase.objects.select_for_update().filter(pk=case_id).first()
        if case:
            case.delete()
            forget_vectors([case.text])
            record(actor, "unprotected_case", None, case=case_id, expects=case.expects, intent=case.intent)


def protected_cases() -> list[ProtectedCase]:
    return list(ProtectedCase.objects.order_by("expects", "intent", "text"))
