"""Days as SQLite's driver reads them: the same few come again and again, so each is read once.

The driver calls a function for every value of a column of days; Django's looks at what it is given
with a regular expression's care, at ten times the price of finding a day that was read before.
"""

from datetime import date
from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.dateparse import parse_date

from handup.org.sqlite import sqlite3

KEPT = 16_384
"""Some forty-five years of days."""


@lru_cache(maxsize=KEPT)
def day_of(stored: bytes) -> date | None:
    """The day that stands in a column, None for what is none."""
    return parse_date(stored.decode())


def read_once() -> None:
    """Let the driver ask `day_of`; called when the database is known, after Django's own."""
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        sqlite3.register_converter("date", day_of)
