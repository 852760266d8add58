"""Collection sheets, pure: how many lines stand on a page, what has to agree before a collection is
closed, and when a printed sheet is too old to be entered unseen.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from handup.kernel.errors import Refusal

STALE_DAYS = 7
MOST_LINES = 200


class CountDiffers(Refusal):
    """{counted} is counted and {written} is written: count again before it is closed."""


class NothingCollected(Refusal):
    """Nobody paid and nobody was absent: there is nothing to record."""


class OneCurrency(Refusal):
    """Loan {code} is in {currency}: what is counted together is in one currency."""


class StaleSheet(Refusal):
    """The sheet is of {date}, {days} days old: what was paid since is not on it. Compare it with
    what was paid since, and say that you did.
    """


class SheetAhead(Refusal):
    """The sheet cannot be of {date}: that is after the day of the collection."""


def days_old(data_date: date, held_date: date) -> int:
    """How many days before the collection the sheet was made. Raises SheetAhead."""
    if data_date > held_date + timedelta(days=1):
        raise SheetAhead(field="data_date", date=data_date)
    return max((held_date - data_date).days, 0)


def is_stale(data_date: date, held_date: date) -> bool:
    """True when the sheet is too old to be entered unseen. Raises SheetAhead."""
    return days_old(data_date, held_date) > STALE_DAYS


def check_count(
    counted: int, paid: Iterable[int], absent: int = 0, *, say: Callable[[int], str] = str
) -> int:
    """Hold what is written to what is counted, in smallest units; returns the sum. say: an amount
    in words.

    Raises NothingCollected, CountDiffers.
    """
    amounts = [units for units in paid if units]
    if not amounts and not absent:
        raise NothingCollected()
    written = sum(amounts)
    if written != counted:
        raise CountDiffers(field="counted", counted=say(counted), written=say(written))
    return written


def pages(parts: Sequence[int], most: int = MOST_LINES) -> list[tuple[int, int]]:
    """The first and last line, half open, of each page for parts of so many lines one after
    another: a part stays whole where it fits, a larger one is cut.
    """
    found: list[tuple[int, int]] = []
    first = last = 0
    for lines in parts:
        if last > first and last - first + lines > most:
            found.append((first, last))
            first = last
        last += lines
        while last - first > most:
            found.append((first, first + most))
            first += most
    if last > first:
        found.append((first, last))
    return found
