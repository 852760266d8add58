"""A long list of invented persons with faults strewn in, for the test and the benchmark of long
imports. Nobody in it lives; the same count gives the same list.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from handup.desk.tests.conftest import Rows, csv_of

HEADING = ["person id", "First name", "Family name", "Sex", "Date of birth", "Registered on"]
FIRST = ("Anna", "Bat", "Chantal", "Davit", "Erdene", "Fatima", "Gor", "Hasmik", "Ines", "Joy")
FAULTS: tuple[tuple[int, object, str], ...] = (
    (1, "", "VALUE_MISSING"),
    (4, "soon", "NOT_A_DAY"),
    (1, "=1+1", "LOOKS_LIKE_FORMULA"),
    (3, "perhaps", "NOT_A_CHOICE"),
    (5, "2026-02-30", "NOT_A_DAY"),
)
"""Column, what stands in it, and the code of the fault that names it."""


def syllables(number: int) -> str:
    """A family name of its own for every number."""
    parts = ("ba", "da", "ga", "ka", "la", "ma", "na", "ra", "sa", "ta")
    return "".join(parts[int(digit)] for digit in f"{number:06}").capitalize()


def rows(count: int) -> Iterator[list[object]]:
    """Rows without a fault."""
    for number in range(count):
        yield [
            f"P{number}",
            FIRST[number % 10],
            syllables(number * 7919 % 1_000_000),
            "FM"[number % 2],
            (date(1950, 1, 2) + timedelta(days=number * 37 % 18_000)).isoformat(),
            "2024-01-10",
        ]


def sound(count: int) -> bytes:
    """A file without a fault."""
    made: Rows = [HEADING, *rows(count)]
    return csv_of(made)


def with_faults(count: int, every: int) -> tuple[bytes, list[tuple[str, str]]]:
    """A file with a fault in every so many rows, and its faults as (place, code) in their order."""
    made, told = list(rows(count)), []
    for found, number in enumerate(range(every - 1, count, every)):
        column, value, code = FAULTS[found % len(FAULTS)]
        made[number][column] = value
        told.append((f"{'ABCDEF'[column]}{number + 2}", code))
    return csv_of([HEADING, *made]), told
