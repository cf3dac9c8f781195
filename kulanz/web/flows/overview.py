"""The list of flows with their figures, and a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kulanz.core.errors import InvalidInput
from kulanz.flows.publishing import check_name, do_save_draft
from kulanz.flows.versions import PERIOD, listed
from kulanz.web.desk.access import current_user
from kulanz.web.flows.common import architect, chips, page

BEGINNING = """flow: {name}
title: {{de: "", en: ""}}
intents: []
slots:
  order_number: {{entity: order_number}}
steps:
  - ask: order_number
    text: {{de: "", en: ""}}
    again: {{de: "", en: ""}}
  - say: {{de: "", en: ""}}
  - end: solved
"""


@require_http_methods(["GET", "HEAD", "POST"])
@architect
def flow_list(request: HttpRequest) -> HttpResponse:
    """Every flow; a POST with a `name` begins a new one."""
    flows, problem, name = listed(), "", request.POST.get("name", "").strip()
    if request.method == "POST":
        try:
            if any(flow.name == name for flow in flows):
                raise InvalidInput(_("There is a flow of this name already."))
            check_name(name)
            do_save_draft(name, current_user(request), BEGINNING.format(name=name))
            return HttpResponseRedirect(reverse("flow-edit", args=[name]))
        except InvalidInput as error:
            problem = str(error)
    language = current_user(request).language
    rows = [(flow, flow.title(language), list(chips(flow))) for flow in flows]
    return page(request, "list", 422 if problem else 200, rows=rows, problem=problem, name=name, days=PERIOD.days)
