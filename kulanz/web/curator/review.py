"""What daily work proposes, and the rejected messages: decided one by one or as groups."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.turns.curator_turn import do_teach_rejected, request_look
from kulanz.understanding.effect import estimated_effect
from kulanz.understanding.models import ExampleProposal
from kulanz.understanding.proposals import do_accept, do_reject, open_groups, rejected_groups
from kulanz.web.curator.common import Names, acted, actor, as_keys, curator, emotion_options, keys, page

MOST_GROUPS = 40
MOST_ESTIMATED = 200  # proposals in one estimate
MOST_SHOWN = 8  # changes that the estimate lists


@require_safe
@curator
def review(request: HttpRequest) -> HttpResponse:
    names, groups = Names(), open_groups()
    return page(
        request, "review", "review", names,
        groups=groups[:MOST_GROUPS], more=max(0, len(groups) - MOST_GROUPS),
        options=names.options(), emotions=emotion_options(),
    )  # fmt: skip


@require_POST
@curator
def decide(request: HttpRequest) -> HttpResponse:
    """Accepts or rejects the chosen proposals; `suggested` may be another label, `text` another wording of one."""

    def act() -> str:
        chosen = keys(request)
        if not chosen:
            raise InvalidInput(_("Please choose at least one message."))
        if request.POST.get("act") == "reject":
            count = do_reject(chosen, actor(request))
            return ngettext("{n} proposal rejected.", "{n} proposals rejected.", count).format(n=count)
        text = request.POST.get("text") if len(chosen) == 1 else None
        count = do_accept(chosen, actor(request), _label(request), text or None)
        return ngettext(
            "{n} proposal accepted. Train to put it to use.", "{n} proposals accepted. Train to put them to use.", count
        ).format(n=count)

    return acted(request, act, "curator-review")


def _label(request: HttpRequest) -> str:
    """The chosen label; a new intent's name goes before the list."""
    label = request.POST.get("new_intent", "").strip() or request.POST.get("suggested", "")
    if not label:
        raise InvalidInput(_("Please choose what these messages mean."))
    return label


@require_safe
@curator
def effect(request: HttpRequest) -> HttpResponse:
    """What accepting the proposals `?id=…&id=…` as `?suggested=` would probably change."""
    chosen = list(ExampleProposal.objects.filter(pk__in=as_keys(request.GET.getlist("id")[:MOST_ESTIMATED])))
    found = estimated_effect(chosen, request.GET.get("suggested", "")[:80] or "oos")
    mood = any(proposal.kind == ExampleProposal.Kind.EMOTION for proposal in chosen)
    context = {"effect": found[:MOST_SHOWN], "more": max(0, len(found) - MOST_SHOWN), "names": Names(), "mood": mood}
    return render(request, "curator/_effect.html", context)


@require_safe
@curator
def rejected(request: HttpRequest) -> HttpResponse:
    names, groups = Names(), rejected_groups()
    return page(
        request, "rejected", "rejected", names,
        groups=groups[:MOST_GROUPS], more=max(0, len(groups) - MOST_GROUPS), options=names.options(),
        total=sum(len(group) for group in groups),
    )  # fmt: skip


@require_POST
@curator
def teach(request: HttpRequest) -> HttpResponse:
    """Makes examples of the chosen rejected messages, masked: of a known intent, a new one, or of none of them."""

    def act() -> str:
        chosen = keys(request)
        if not chosen:
            raise InvalidInput(_("Please choose at least one message."))
        count = do_teach_rejected(chosen, actor(request), _label(request))
        return ngettext("{n} example added.", "{n} examples added.", count).format(n=count)

    return acted(request, act, "curator-rejected")


@require_POST
@curator
def look(request: HttpRequest) -> HttpResponse:
    def act() -> str:
        request_look()
        return _("The newest conversations are being looked through. Please reload in a moment.")

    return acted(request, act, "curator-rejected")
