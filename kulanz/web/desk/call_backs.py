"""The calls that customers were promised."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kulanz.desk.after_models import ReplyWish
from kulanz.desk.after_wish import calls_due
from kulanz.turns.after_wish import do_note_called
from kulanz.web.desk.access import current_user, serving, staff


@require_safe
@staff
def call_backs(request: HttpRequest) -> HttpResponse:
    """Everything that is due, the next call first."""
    return render(request, "desk/call_backs.html", {"calls": calls_due(), "now": timezone.now()})


@require_POST
@serving
def called(request: HttpRequest, wish_id: int) -> HttpResponse:
    """Somebody has called; pressing twice notes it once."""
    wish = get_object_or_404(ReplyWish.objects.select_related("handover"), pk=wish_id, kind=ReplyWish.Kind.CALL)
    do_note_called(wish, current_user(request), timezone.now())
    return HttpResponseRedirect(reverse("desk-call-backs"))
