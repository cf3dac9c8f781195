from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from kulanz.nlp.language_models.budget import reserve, settle, spent_today
from kulanz.settings.language_models import LanguageModels, Model, Task

MODEL = Model("http://127.0.0.1:9/v1", "tiny", daily_tokens=10_000)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_never_take_more_than_there_is() -> None:
    limits = LanguageModels({Task.ANSWER: MODEL}, daily_tokens=350)

    def work(number: int) -> bool:
        try:
            taken = reserve(Task.ANSWER, MODEL, limits, 100)
            if taken and number % 2:
                settle(taken, 100)
            return taken is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(work, range(16)))
    assert sum(given) == 3
    assert spent_today() == spent_today(Task.ANSWER) == 300


@pytest.mark.django_db
def test_what_was_not_needed_is_given_back() -> None:
    taken = reserve(Task.ANSWER, MODEL, LanguageModels(), 500)
    assert taken
    settle(taken, 20)
    assert spent_today() == 20
    assert reserve(Task.ANSWER, MODEL, LanguageModels(daily_tokens=0), 1) is None
    assert reserve(Task.CHECK, MODEL, LanguageModels(daily_tokens=None), 10**6) is None  # the task's own limit
