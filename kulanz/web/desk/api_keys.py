"""The keys of integrations: created, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kulanz.accounts.api_keys import SCOPES, do_create_api_key, do_revoke_api_key
from kulanz.accounts.models import ApiKey
from kulanz.trust.audit import record
from kulanz.web.desk.access import administrator, current_user


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def api_keys(request: HttpRequest) -> HttpResponse:
    """The list, and the form for a new key. The answer to the form is the only page that shows the secret."""
    if request.method != "POST":
        return render(request, "desk/api_keys.html", _context())
    name = " ".join(request.POST.get("name", "").split())[:80]
    scopes: list[str] = [scope for scope in SCOPES if scope in request.POST.getlist("scopes")]
    if not name or not scopes:
        error = _("Give the key a name and at least one right.")
        return render(request, "desk/api_keys.html", {**_context(), "error": error, "name": name}, status=422)
    user = current_user(request)
    key, secret = do_create_api_key(name, scopes, user)
    record(f"agent:{user.pk}", "created_api_key", None, key=key.prefix, scopes=scopes)
    return render(request, "desk/api_keys.html", {**_context(), "created": key, "secret": secret})


@require_POST
@administrator
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=key_id)
    do_revoke_api_key(key)
    record(f"agent:{current_user(request).pk}", "revoked_api_key", None, key=key.prefix)
    return HttpResponseRedirect(reverse("desk-api-keys"))


def _context() -> dict[str, Any]:
    keys = ApiKey.objects.select_related("created_by").order_by("-created_at")
    return {"keys": list(keys[:200]), "scopes": SCOPES, "now": timezone.now()}
