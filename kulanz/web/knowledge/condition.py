"""The condition of the knowledge: what its owners should look at."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.knowledge.condition import condition as condition_of
from kulanz.turns.knowledge_tasks import request_look
from kulanz.web.desk.access import current_user
from kulanz.web.knowledge.common import page, said, writer
from kulanz.web.knowledge.lists import MOST_FILTER, owners


@require_safe
@writer
def condition(request: HttpRequest) -> HttpResponse:
    """Everybody's articles, or those of `?owner=` (an id, me, none)."""
    owner = request.GET.get("owner", "")[:MOST_FILTER]
    found = condition_of(owner, current_user(request))
    return page(request, "condition", found=found, owner=owner, owners=owners(), tab="condition")


@require_POST
@writer
def look(request: HttpRequest) -> HttpResponse:
    """Looks through all articles again, now."""
    request_look()
    said(request, _("All articles are being looked through. Reload the page in a moment."))
    owner = request.POST.get("owner", "")[:MOST_FILTER]
    return HttpResponseRedirect(f"{reverse('knowledge-condition')}?{urlencode({'owner': owner})}")
