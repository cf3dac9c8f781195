"""The jobs of the knowledge: place new questions among the topics, look through the articles, tell their
owners."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kulanz.knowledge.looking import do_look, do_look_at_ratings, is_due
from kulanz.turns.care import do_tell_owners
from kulanz.turns.gaps import do_sort_questions

SORT = "sort_questions"
LOOK = "look_through_articles"
TELL = "tell_owners"
NAMES = (SORT, LOOK, TELL)


@app.periodic(cron="51 * * * *")
@app.task(name=SORT, queue="training")
def sort_questions(timestamp: int) -> None:  # noqa: ARG001
    do_sort_questions()


@app.periodic(cron="11 * * * *")
@app.task(name=LOOK, queue="training")
def look_through_articles(timestamp: int) -> None:  # noqa: ARG001
    """The articles only after a change, and their readers' ratings."""
    if is_due():
        do_look()
    do_look_at_ratings()


@app.periodic(cron="23 5 * * *")
@app.task(name=TELL, queue="training")
def tell_owners(timestamp: int) -> None:  # noqa: ARG001
    do_tell_owners()


def request_sorting() -> None:
    _request(SORT)


def request_look() -> None:
    _request(LOOK)


def _request(name: str) -> None:
    """Puts the job in the queue, unless one waits there already."""
    try:
        with transaction.atomic():  # the refusal of a second one must not end the caller's transaction
            app.configure_task(name, queue="training", queueing_lock=name).defer(timestamp=0)
    except AlreadyEnqueued:
        return
