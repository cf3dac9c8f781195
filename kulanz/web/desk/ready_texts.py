"""Ready texts: where agents write them, and what the box on the conversation page offers."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.message import MAX_TEXT
from kulanz.desk.beside_models import Closing, ReadyText
from kulanz.desk.ready_texts import VARIABLES, access_ready_text, filled, text_in, usable_by, values_for, variable_label
from kulanz.inbox.conversations import access_conversation
from kulanz.trust.audit import record
from kulanz.web.desk.access import current_user, staff

_SHORTCUT = re.compile(r"[\w-]{1,30}")


@require_safe
@staff
def offered(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What the agent may choose from in this conversation, with the variables filled in."""
    user, conversation = current_user(request), access_conversation(conversation_id, None)
    values = values_for(conversation, user)
    shown = [
        {"shortcut": ready.shortcut, "text": filled(text_in(ready, conversation.language), values), "macro": macro}
        for ready in usable_by(user)
        for macro in [macro_json(ready)]
    ]
    return JsonResponse({"texts": shown})


def macro_json(ready: ReadyText | None) -> dict[str, Any] | None:
    """What is done besides the text, in words; None if nothing is."""
    if ready is None:
        return None
    does = []
    if ready.note:
        does.append(_("leaves a note"))
    if ready.then == ReadyText.Then.RESOLVE:
        does.append(_("resolves: {reason}").format(reason=Closing(ready.closing).label))
    if ready.then == ReadyText.Then.TEAM and ready.team:
        does.append(_("hands to {team}").format(team=ready.team.name))
    return {"id": ready.pk, "does": ", ".join(does)} if does else None


def chosen_macro(request: HttpRequest, user: User) -> ReadyText | None:
    """The macro that the reply was written with, if it is still there."""
    number = request.POST.get("macro", "")
    return access_ready_text(int(number), user) if number.isdecimal() and len(number) < 10 else None


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def ready_texts(request: HttpRequest) -> HttpResponse:
    """All that one may use, and the form for a new one."""
    return _save(request, None) if request.method == "POST" else _page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def edit(request: HttpRequest, ready_id: int) -> HttpResponse:
    """One that one may change."""
    ready = _access_to_change(ready_id, current_user(request))
    return _save(request, ready) if request.method == "POST" else _page(request, ready)


@require_POST
@staff
def delete(request: HttpRequest, ready_id: int) -> HttpResponse:
    """Replies that were written with it stay as they are."""
    ready = _access_to_change(ready_id, current_user(request))
    record(f"agent:{current_user(request).pk}", "deleted_ready_text", shortcut=ready.shortcut)
    ready.delete()
    return redirect("desk-ready-texts")


def _may_share(user: User) -> bool:
    return user.may_take_from_others  # supervisors and administrators


def _access_to_change(ready_id: int, user: User) -> ReadyText:
    ready = access_ready_text(ready_id, user)
    if ready is None or (ready.owner_id is None and not _may_share(user)):
        raise NotFound("There is no such ready text, or it is not yours to change.")
    return ready


def _save(request: HttpRequest, ready: ReadyText | None) -> HttpResponse:
    user, target = current_user(request), ready or ReadyText()
    try:
        _fill(target, request, user)
        with transaction.atomic():
            target.save()
            record(f"agent:{user.pk}", "wrote_ready_text", shortcut=target.shortcut)
    except IntegrityError:
        return _page(request, target, error=_("There is a ready text with this shortcut already."))
    except InvalidInput as error:
        return _page(request, target, error=str(error))
    messages.success(request, _("Saved."), extra_tags="curator")
    return redirect("desk-ready-texts")


def _fill(target: ReadyText, request: HttpRequest, user: User) -> None:
    """Takes the form's values over. Raises InvalidInput."""
    given = {name: str(value).replace("\r\n", "\n").replace("\0", "").strip() for name, value in request.POST.items()}
    target.shortcut = given.get("shortcut", "").lower().lstrip("/")[:60]
    target.text_de, target.text_en, target.note = (given.get(n, "") for n in ("text_de", "text_en", "note"))
    target.owner = None if "shared" in given and _may_share(user) else user
    target.then = given.get("then", "") if given.get("then") in ReadyText.Then.values else ReadyText.Then.NOTHING
    target.closing = given.get("closing", "") if given.get("closing") in Closing.values else Closing.SOLVED
    number = given.get("team", "")
    target.team = Team.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 10 else None
    if not _SHORTCUT.fullmatch(target.shortcut):
        raise InvalidInput(_("A shortcut is one word of letters, digits and hyphens, 30 characters at most."))
    if not target.text_de and not target.text_en:
        raise InvalidInput(_("Please write the text in at least one language."))
    if max(map(len, (target.text_de, target.text_en, target.note))) > MAX_TEXT:
        raise InvalidInput(_("This text is too long. Please shorten it."))
    if target.then == ReadyText.Then.TEAM and target.team is None:
        raise InvalidInput(_("Please choose a team."))


def _page(request: HttpRequest, ready: ReadyText | None, error: str = "") -> HttpResponse:
    user = current_user(request)
    context = {
        "texts": [(each, macro_json(each), each.owner_id is not None or _may_share(user)) for each in usable_by(user)],
        "ready": ready or ReadyText(),
        "shared": ready is not None and ready.owner_id is None and _may_share(user),
        "may_share": _may_share(user),
        "variables": [(f"{{{name}}}", variable_label(name)) for name in VARIABLES],
        "thens": ReadyText.Then.choices,
        "closings": Closing.choices,
        "teams": Team.objects.order_by("name"),
        "limit": MAX_TEXT,
        "error": error,
    }
    return render(request, "desk/ready_texts.html", context, status=422 if error else 200)
