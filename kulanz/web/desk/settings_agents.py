"""The people at the desk: who they are, what they can and take, when they are away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk import staff_import
from kulanz.desk.presence import is_there
from kulanz.desk.staffing import check_may_manage, do_activate, do_new_password, do_save_agent, may_manage
from kulanz.turns.returning import do_deactivate
from kulanz.web.desk.access import current_user
from kulanz.web.desk.settings_common import manager
from kulanz.web.desk.settings_forms import AgentForm

SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def agents(request: HttpRequest) -> HttpResponse:
    """Everybody, and the import of many at once."""
    if request.method != "POST":
        return render(request, "desk/settings/agents.html", _list(request))
    given = request.FILES.get("file")
    data = given.read(staff_import.MOST_BYTES + 1) if isinstance(given, UploadedFile) else b""
    try:
        done = staff_import.do_import_agents(data, current_user(request))
    except InvalidInput as error:
        context = {**_list(request), "import_error": str(error)}
        return render(request, "desk/settings/agents.html", context, status=422)
    return render(request, "desk/settings/agents.html", {**_list(request), "imported": done})


def _list(request: HttpRequest) -> dict[str, Any]:
    by, now = current_user(request), timezone.now()
    people = User.objects.select_related("team", "routing", "presence").order_by("-is_active", "name")[:SHOWN]
    rows = [(user, may_manage(by, user, user.role), is_there(getattr(user, "presence", None), now)) for user in people]
    return {
        "rows": rows,
        "tab": "agents",
        "columns": staff_import.COLUMNS,
        "shown": staff_import.SHOWN,
        "today": now.date(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def agent(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """One member of staff, or a new one. A new one gets a password, which only this answer shows."""
    by, user = current_user(request), _access(request, user_id) if user_id else None
    form = AgentForm(request.POST if request.method == "POST" else None, by=by, user=user)
    if form.is_bound and form.is_valid():
        try:
            saved = do_save_agent(user, form.facts(), by)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            if user is None:
                return _with_password(request, saved)
            messages.success(request, _("Saved: {name}").format(name=saved.name), extra_tags="settings")
            return HttpResponseRedirect(reverse("desk-agents"))
    return _page(request, form, user, status=422 if form.errors else 200)


@require_POST
@manager
def password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new password, shown this one time."""
    return _with_password(request, _access(request, user_id))


@require_POST
@manager
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Out, and what they hold goes back to the queue; or in again."""
    by, user = current_user(request), _access(request, user_id)
    try:
        if not user.is_active:
            do_activate(user, by)
            messages.success(request, _("{name} may sign in again.").format(name=user.name), extra_tags="settings")
        else:
            held = do_deactivate(user, by)
            text = ngettext(
                "{name} can't sign in any more; {n} conversation is back in the queue.",
                "{name} can't sign in any more; {n} conversations are back in the queue.",
                held,
            )
            messages.success(request, text.format(name=user.name, n=held), extra_tags="settings")
    except InvalidInput as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("desk-agents"))


def _access(request: HttpRequest, user_id: int) -> User:
    """Somebody whom the signed-in one may arrange."""
    user = get_object_or_404(User.objects.select_related("team"), pk=user_id)
    try:
        check_may_manage(current_user(request), user, user.role)
    except InvalidInput as error:
        raise PermissionDenied from error
    return user


def _with_password(request: HttpRequest, user: User) -> HttpResponse:
    by = current_user(request)
    secret = do_new_password(user, by)
    return _page(request, AgentForm(by=by, user=user), user, secret=secret)


def _page(
    request: HttpRequest, form: AgentForm, user: User | None, *, status: int = 200, secret: str = ""
) -> HttpResponse:
    context = {"form": form, "person": user, "secret": secret, "tab": "agents", "self": user == current_user(request)}
    return render(request, "desk/settings/agent.html", context, status=status)
