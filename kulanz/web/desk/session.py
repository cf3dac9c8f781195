"""Sign in, sign out, and the language of the desk."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from kulanz.accounts.models import Role, User
from kulanz.desk.presence import do_leave
from kulanz.web.desk.access import current_user, staff


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's sign-in (with its rate limits) on our own page. In demo mode it offers the demo accounts."""

    template_name = "desk/sign_in.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = request.GET.get("language", "")
        language = wanted if wanted in dict(settings.LANGUAGES) else translation.get_language() or "en"
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        response.headers["Content-Language"] = language
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["demo_sign_ins"] = demo_sign_ins()
        return context


class SignOut(LogoutView):  # type: ignore[misc]
    template_name = "desk/sign_out.html"

    def get_redirect_url(self) -> str:
        return reverse("account_login")

    def logout(self) -> None:
        if isinstance(self.request.user, User):
            do_leave(self.request.user)
        super().logout()


def demo_sign_ins() -> list[dict[str, str]]:
    """The demo company's staff with their published passwords, while the demo runs."""
    if not settings.DEMO:
        return []
    offered = import_module("kulanz.demo.sign_ins").SIGN_INS  # by name: the web room does not depend on the demo
    roles = dict(Role.choices)
    return [
        {"email": who.email, "name": who.name, "role": str(roles[who.role]), "password": who.password}
        for who in offered
    ]


@require_POST
@staff
def set_language(request: HttpRequest) -> HttpResponse:
    """Remembers the language of this member of staff."""
    user, language = current_user(request), request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else reverse("desk"))


@require_GET
@staff
def may_listen(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Asked by the live streams, which know no accounts: 204 for whoever may listen to the desk."""
    return HttpResponse(status=204)
