"""Faults on demand: the back office plays slow, down or forgetful, to show what Kulanz does then."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from kulanz.demo.models import ShopFault

Mode = Literal["none", "slow", "down", "fail_before", "fail_after", "lose_answer", "twice", "garbage"]
Calls = Literal["all", "reads", "writes"]
View = Callable[..., HttpResponse]

_READS: Final = ("GET", "HEAD")
_GARBAGE: Final = "<!doctype html><title>Musterladen</title><h1>Wir sind gleich zurück / We will be right back</h1>"


def do_set_fault(mode: Mode, seconds: float, times: int, calls: Calls) -> ShopFault:
    """Plays `mode` for the next `times` requests (of the kind `calls`); `seconds` is its delay."""
    fault, _ = ShopFault.objects.update_or_create(
        id=1,
        defaults={
            "mode": mode,
            "seconds": seconds,
            "times": 0 if mode == "none" else times,
            "calls": calls,
        },
    )
    return fault


def current_fault() -> ShopFault:
    return ShopFault.objects.first() or ShopFault()


def _take_fault(method: str) -> ShopFault | None:
    kinds = ["all", "reads" if method in _READS else "writes"]
    waiting = ShopFault.objects.filter(times__gt=0, calls__in=kinds)
    if not waiting.exists():  # the usual case takes no lock
        return None
    with transaction.atomic():
        fault = waiting.select_for_update().first()
        if fault is not None:
            fault.times -= 1
            fault.save(update_fields=["times"])
        return fault


def _failure(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)


def _play(fault: ShopFault, act: Callable[[], HttpResponse]) -> HttpResponse:
    match fault.mode:
        case "slow":
            time.sleep(fault.seconds)
            return act()
        case "down":
            return _failure(503, "unavailable")
        case "fail_before":
            return _failure(500, "internal_error")
        case "fail_after":
            act()
            return _failure(500, "internal_error")
        case "twice":  # a proxy in between sends the request again, and its caller gets the second answer
            act()
            return act()
        case "garbage":  # a page of maintenance with status 200: nothing was done
            return HttpResponse(_GARBAGE)
        case _:  # lose_answer
            act()
            time.sleep(fault.seconds)
            return _failure(504, "timeout")


def with_faults(may_pass: Callable[[HttpRequest], bool]) -> Callable[[View], View]:
    """A view decorator. Requests that `may_pass` turns down are left to the view and use up no fault."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            fault = _take_fault(request.method or "") if may_pass(request) else None
            if fault is None:
                return view(request, *args, **kwargs)
            return _play(fault, lambda: view(request, *args, **kwargs))

        return answer

    return decorate
