"""The condition of the knowledge: what its owners should look at."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.knowledge.condition import MINE, looks_after_nobodys, owns_any
from kulanz.knowledge.condition import condition as condition_of
from kulanz.turns.knowledge_tasks import request_look
from kulanz.web.desk.access import current_user, staff
from kulanz.web.knowledge.common import may_write, page, said, writer
from kulanz.web.knowledge.lists import MOST_FILTER, owners


@require_safe
@staff
def condition(request: HttpRequest) -> HttpResponse:
    """Everybody's articles, or those of `?owner=` (an id, mine, me, none); to begin with their own, for who has some.
    Who owns articles but writes none sees these alone."""
    user = current_user(request)
    own, writes = owns_any(user), may_write(user)
    if not (own or writes):
        raise PermissionDenied
    owner = request.GET.get("owner", MINE if own else "")[:MOST_FILTER] if writes else MINE
    return page(
        request, "condition", found=condition_of(owner, user), owner=owner, owners=owners(), tab="condition",
        with_nobodys=looks_after_nobodys(user),
    )  # fmt: skip


@require_POST
@writer
def look(request: HttpRequest) -> HttpResponse:
    """Looks through all articles again, now."""
    request_look()
    said(request, _("All articles are being looked through. Reload the page in a moment."))
    owner = request.POST.get("owner", "")[:MOST_FILTER]
    return HttpResponseRedirect(f"{reverse('knowledge-condition')}?{urlencode({'owner': owner})}")
