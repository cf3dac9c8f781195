"""Two pages of the demo shop: the label of a return, and the mails that the shop would have sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kulanz.demo.labels import return_by_token
from kulanz.demo.models import ShopCustomer
from kulanz.demo.problems import MissingError
from kulanz.demo.service_models import ShopMail
from kulanz.demo.shop import VISITORS
from kulanz.demo.wording import name_text

MAILS_SHOWN = 30


@require_safe
@never_cache
def label_page(request: HttpRequest, token: str) -> HttpResponse:
    """The label to print, in the language of the customer. Raises Http404 for an address that was not given out."""
    try:
        found = return_by_token(token)
    except MissingError as error:
        raise Http404 from error
    language = found.order.customer.language
    items = []
    for line in found.lines.select_related("line__product"):
        name = name_text(line.line.product)
        items.append((line.quantity, name.en if language == "en" else name.de))
    with translation.override(language):
        return render(request, "demo/label.html", {"found": found, "items": items, "language": language})


@require_safe
@never_cache
def mails_page(request: HttpRequest) -> HttpResponse:
    """`?as=anna|ben`: the mails to this visitor's address, newest first. A real shop would send them."""
    visitor = request.GET.get("as", "anna")[:10]
    customer = ShopCustomer.objects.filter(number=VISITORS.get(visitor, "")).first()
    mails = ShopMail.objects.none()
    if customer:
        addresses = {customer.email, *customer.email_changes.values_list("old_email", flat=True)}
        mails = ShopMail.objects.filter(to__in=addresses).order_by("-created_at")[:MAILS_SHOWN]
    language = translation.get_language() or "en"
    return render(request, "demo/mails.html", {"mails": mails, "visitor": visitor, "language": language[:2]})
