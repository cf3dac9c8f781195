from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from kulanz.core.errors import InvalidInput
from kulanz.desk.hours import load_hours, service_hours

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def written(folder: Path, text: str) -> Path:
    path = folder / "hours.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_hours_that_ship_with_kulanz(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    service = service_hours(MONDAY)
    assert service.hours.is_open(MONDAY)
    assert service.first_reply == timedelta(minutes=10)
    christmas = datetime(2026, 12, 25, 9, 0, tzinfo=UTC)
    assert not service.hours.is_open(christmas)


def test_the_operators_own_hours_count_at_once(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    assert service_hours(MONDAY).hours.is_open(MONDAY)
    written(tmp_path, "time_zone: UTC\nweek: {monday: ['00:00-08:30', '20:00-24:00']}\nexpected_reply_minutes: 30\n")
    service = service_hours(MONDAY)
    assert not service.hours.is_open(MONDAY)
    assert service.hours.next_opening(MONDAY) == datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("week: {}", "time_zone"),
        ("time_zone: Mars/Base\nweek: {}\nexpected_reply_minutes: 5", "Mars/Base"),
        ("time_zone: UTC\nweek: {monday: ['8-18']}\nexpected_reply_minutes: 5", "wrong entry"),
        ("time_zone: UTC\nweek: {monday: ['18:00-08:00']}\nexpected_reply_minutes: 5", "forward"),
        ("time_zone: UTC\nweek: {}\nexpected_reply_minutes: 0", "expected_reply_minutes"),
        ("time_zone: UTC\nweek: {}\nholidays: {country: XX}\nexpected_reply_minutes: 5", "XX"),
        ("time_zone: [", "hours.yaml"),
        ("- just a list", "wrong entry"),
    ],
)
def test_wrong_hours_are_named(tmp_path: Path, text: str, named: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidInput, match=named):
        load_hours(path, path.stat().st_mtime_ns, 2026)
