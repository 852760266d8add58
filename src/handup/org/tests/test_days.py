"""Days read from SQLite: as Django reads them, each once."""

from datetime import date

import pytest
from django.db import connection

from handup.org import days


def test_a_day_is_read_as_django_reads_it() -> None:
    assert days.day_of(b"2024-02-29") == date(2024, 2, 29)
    assert days.day_of(b"2024-2-9") == date(2024, 2, 9)
    assert days.day_of(b"soon") is None


def test_the_same_day_is_read_once() -> None:
    assert days.day_of(b"1999-12-31") is days.day_of(b"1999-12-31")


@pytest.mark.django_db
def test_the_driver_asks_for_kept_days() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE days_tried (day date)")
        cursor.executemany("INSERT INTO days_tried VALUES (%s)", [["2001-03-04"]] * 2)
        cursor.execute("SELECT day FROM days_tried")
        (first,), (second,) = cursor.fetchall()
        cursor.execute("DROP TABLE days_tried")
    assert first == date(2001, 3, 4)
    assert first is second
