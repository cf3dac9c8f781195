"""Saved views: a list with its filters under a name, one's own or everybody's."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.sorting_models import SavedView

MOST = 30  # of one agent


def views_for(agent: User) -> QuerySet[SavedView]:
    """The agent's own and the shared ones, by name."""
    return SavedView.objects.filter(Q(agent=agent) | Q(shared=True)).order_by("name", "pk")


def do_save(agent: User, name: str, filters: dict[str, str], *, shared: bool = False) -> SavedView:
    """Keeps the filters; the same name again replaces what it stood for. Only supervisors share.
    Raises InvalidInput."""
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > 40:
        raise InvalidInput(_("A view needs a name of up to 40 characters."))
    own = SavedView.objects.filter(agent=agent)
    if own.count() >= MOST and not own.filter(name=name).exists():
        raise InvalidInput(_("You have {n} views already. Please remove one first.").format(n=MOST))
    given = {"filters": filters, "shared": shared and agent.may_take_from_others}
    return SavedView.objects.update_or_create(agent=agent, name=name, defaults=given)[0]


def do_remove(agent: User, view_id: int) -> None:
    """Removes a view of one's own; supervisors remove shared ones, too. What is not there is removed already."""
    mine = Q(agent=agent) | Q(shared=True) if agent.may_take_from_others else Q(agent=agent)
    SavedView.objects.filter(mine, pk=view_id).delete()
