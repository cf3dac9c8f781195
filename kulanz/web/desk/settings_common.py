"""What the settings pages share: who may open them, and how their forms are filled in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from kulanz.web.desk.access import current_user, staff

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def manager(view: View[P]) -> View[P]:
    """Opens a view to supervisors and administrators."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not current_user(request).may_manage:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
