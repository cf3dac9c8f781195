"""Replies that were suggested to agents: what they made of them."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kulanz.desk.copilot import do_judge, figures, to_review
from kulanz.web.curator.common import curator, page

LOOKED_BACK = timedelta(days=30)


@require_safe
@curator
def suggestions(request: HttpRequest) -> HttpResponse:
    """The suggestions that agents changed or did not use, with what they sent instead."""
    do_judge()
    counted = figures(timezone.now() - LOOKED_BACK)
    return page(request, "suggestions", "suggestions", figures=counted, rows=to_review(), days=LOOKED_BACK.days)
