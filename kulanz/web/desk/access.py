"""Who may see the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from kulanz.accounts.models import Role, User
from kulanz.core.errors import NotFound

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def staff(view: View[P]) -> View[P]:
    """Opens a view to signed-in staff, in their own language. Others are led to the sign-in; what does not exist
    is *not found*; nothing of the desk stays in a cache."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        user = current_user(request)
        if user.role not in Role.values:
            raise PermissionDenied
        with translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            try:
                response = view(request, *args, **kwargs)
            except NotFound as error:
                raise Http404 from error
        response.headers["Content-Language"] = user.language
        response.headers["Cache-Control"] = "no-store"
        return response

    return checked


def serving(view: View[P]) -> View[P]:
    """Opens an act towards customers to those who serve them."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not current_user(request).may_approve:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def administrator(view: View[P]) -> View[P]:
    """Opens a view to administrators alone."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not current_user(request).is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def current_user(request: HttpRequest) -> User:
    """The signed-in member of staff; only for views behind `staff`."""
    return cast(User, request.user)
