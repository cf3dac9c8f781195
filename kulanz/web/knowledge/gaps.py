"""What customers asked in vain, as topics; a draft for one of them, or the reason why it needs none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.turns.gaps import do_bring_back, do_dismiss, do_start_draft
from kulanz.turns.gaps import gaps as find_gaps
from kulanz.turns.knowledge_tasks import request_sorting
from kulanz.web.desk.access import current_user
from kulanz.web.knowledge.common import page, said, writer


@require_safe
@writer
def gaps(request: HttpRequest) -> HttpResponse:
    """The topics; questions that came since the last sorting are put among them as soon as somebody looks."""
    found = find_gaps()
    if found.waiting:
        request_sorting()
    return page(request, "gaps", found=found, tab="gaps")


@require_POST
@writer
def draft(request: HttpRequest) -> HttpResponse:
    """From the agents' best replies to an article that somebody can mend and publish."""
    try:
        article = do_start_draft(request.POST.get("topic", "")[:60], current_user(request))
    except (InvalidInput, NotFound) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("knowledge-gaps"))
    said(request, _("A draft of what agents answered: please check it, then publish it."))
    return HttpResponseRedirect(reverse("knowledge-article", args=[article.pk]))


@require_POST
@writer
def dismiss(request: HttpRequest) -> HttpResponse:
    """No topic for an article, with the reason; it can be brought back."""
    try:
        do_dismiss(request.POST.get("topic", "")[:60], current_user(request), request.POST.get("reason", "")[:1_000])
        said(request, _("Dismissed: its questions count no more. Below you can bring it back."))
    except (InvalidInput, NotFound) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("knowledge-gaps"))


@require_POST
@writer
def bring_back(request: HttpRequest, key: int) -> HttpResponse:
    try:
        do_bring_back(key, current_user(request))
        said(request, _("The topic counts again."))
    except NotFound as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("knowledge-gaps"))
