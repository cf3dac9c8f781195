"""A flow's way on the desk: written, proposed, published by a second person, rolled back. Every act is audited."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.flows.definitions import active_flows
from kulanz.flows.models import EditionState, FlowEdition
from kulanz.flows.versions import IN_WORK, MOST_TEXT, file_text, mistakes_in, sources_in_force
from kulanz.trust import audit

NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
FILE = 0
"""The number that stands for the flow's file, to which one can roll back as well."""
LONGEST_NOTE = 300  # characters


class EditedMeanwhile(InvalidInput):
    """Somebody else has saved another text since this one was loaded."""


def check_name(name: str) -> None:
    """Raises InvalidInput for what can't be a flow's name."""
    if not NAME.fullmatch(name):
        raise InvalidInput(_("A flow's name has small letters, digits and underscores, such as order_status."))


def in_work(name: str) -> FlowEdition | None:
    return FlowEdition.objects.filter(name=name, state__in=IN_WORK).first()


def edition_mark(edition: FlowEdition | None) -> str:
    """Stands for one saved text; '' for none in work."""
    return f"{edition.number}-{edition.written_at.isoformat()}" if edition else ""


@transaction.atomic
def do_save_draft(name: str, person: User, text: str, *, mark: str | None = None) -> FlowEdition:
    """Keeps the text as the flow's draft, with whatever mistakes; a proposal becomes a draft again. `mark` is the
    `edition_mark` that was loaded. Raises EditedMeanwhile, InvalidInput."""
    check_name(name)
    if len(text) > MOST_TEXT:
        raise InvalidInput(_("A flow may have {n} characters.").format(n=MOST_TEXT))
    editions = list(FlowEdition.objects.select_for_update().filter(name=name).order_by("number"))
    working = next((edition for edition in editions if edition.state in IN_WORK), None)
    if mark is not None and mark != edition_mark(working):
        raise EditedMeanwhile(_meanwhile())
    if working is None:
        working = FlowEdition(name=name, number=editions[-1].number + 1 if editions else 1)
    elif working.text == text and working.state == EditionState.DRAFT:
        return working
    working.text, working.author, working.state = text, person, EditionState.DRAFT
    working.written_at, working.proposed_at = timezone.now(), None
    try:
        with transaction.atomic():
            working.save()
    except IntegrityError as error:  # the first draft of another one, a moment ago
        raise EditedMeanwhile(_meanwhile()) from error
    audit.record(_actor(person), "flow_saved", flow=name, number=working.number)
    return working


@transaction.atomic
def do_propose(name: str, person: User, note: str = "") -> FlowEdition:
    """Puts the draft before a second person. Raises InvalidInput with the first mistake, NotFound without a draft."""
    edition = _locked(name, EditionState.DRAFT)
    _check(edition)
    edition.state, edition.note, edition.proposed_at = (
        EditionState.PROPOSED,
        note.strip()[:LONGEST_NOTE],
        timezone.now(),
    )
    edition.save()
    audit.record(_actor(person), "flow_proposed", flow=name, number=edition.number)
    return edition


@transaction.atomic
def do_send_back(name: str, person: User, note: str) -> FlowEdition:
    """Back to its author, with the reason."""
    edition = _locked(name, EditionState.PROPOSED)
    if not note.strip():
        raise InvalidInput(_("Please say what should be different."))
    edition.state, edition.note, edition.proposed_at = EditionState.DRAFT, note.strip()[:LONGEST_NOTE], None
    edition.save()
    audit.record(_actor(person), "flow_sent_back", flow=name, number=edition.number)
    return edition


@transaction.atomic
def do_publish(name: str, person: User) -> FlowEdition:
    """In force for everybody who begins the flow from now on; who is in the middle of it stays on their version.
    Raises InvalidInput where the author tries it, or where it does not fit what is in force any more."""
    edition = _locked(name, EditionState.PROPOSED)
    if edition.author_id == person.pk:
        raise InvalidInput(_("A second person publishes it: whoever wrote a flow does not approve it."))
    _check(edition)
    _do_put_in_force(edition)
    edition.approver = person
    edition.save()
    audit.record(_actor(person), "flow_published", flow=name, number=edition.number)
    return edition


@transaction.atomic
def do_roll_back(name: str, person: User, number: int) -> None:
    """An earlier version, or with FILE the file, is in force again. One person may do it at once: a second one has
    approved it before. Raises InvalidInput where it does not fit any more, NotFound."""
    if number == FILE:
        _check_alone(name)
        _do_end(name)
        if not file_text(name):
            audit.record(_actor(person), "flow_withdrawn", flow=name)
            return
    else:
        edition = FlowEdition.objects.select_for_update().filter(name=name, number=number).first()
        if edition is None or edition.state != EditionState.PAST:
            raise NotFound("there is no such earlier version")
        _check(edition)
        _do_put_in_force(edition)
        edition.save()
    audit.record(_actor(person), "flow_rolled_back", flow=name, number=number)


@transaction.atomic
def do_discard(name: str, person: User) -> None:
    """Drops what is in work."""
    edition = _locked(name, *IN_WORK)
    audit.record(_actor(person), "flow_draft_dropped", flow=name, number=edition.number)
    edition.delete()


def _check_alone(name: str) -> None:
    """Raises InvalidInput where there is no file and another flow does this one on the way."""
    users = [other for other, source in sources_in_force().items() if name in source.parts()]
    if users and not file_text(name):
        raise InvalidInput(_("Other flows need it: {names}.").format(names=", ".join(users)))


def _do_put_in_force(edition: FlowEdition) -> None:
    _do_end(edition.name)
    edition.state, edition.published_at = EditionState.PUBLISHED, timezone.now()


def _do_end(name: str) -> None:
    """What was in force is an earlier version; this process looks at once, the others within two seconds."""
    FlowEdition.objects.filter(name=name, state=EditionState.PUBLISHED).update(state=EditionState.PAST)
    transaction.on_commit(active_flows.look_again)


def _locked(name: str, *states: EditionState) -> FlowEdition:
    edition = FlowEdition.objects.select_for_update().filter(name=name, state__in=states).first()
    if edition is None:
        raise NotFound("there is nothing of this flow in that state")
    return edition


def _check(edition: FlowEdition) -> None:
    errors = [mistake for mistake in mistakes_in(edition.name, edition.text) if mistake.level == "error"]
    if errors:
        raise InvalidInput(_("It has mistakes: {first}").format(first=errors[0]))


def _meanwhile() -> str:
    return _("Somebody else has saved another text meanwhile. Yours is below and not saved yet.")


def _actor(person: User) -> str:
    return f"agent:{person.pk}"
