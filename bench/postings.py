"""Bare journal entries of three lines, and the same by a published ledger for Django on the same
PostgreSQL.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench import Figure, benchmark, clock

POSTINGS = 500


def _entry(world: Any, number: int) -> Any:
    from handup.kernel.ids import new_id
    from handup.ledger.services import EntryIn, LineIn, Source

    units = 1_000_00 + number
    return EntryIn(
        book=world.book,
        kind="LOAN_REPAID",
        source=Source("bench", "POSTING", new_id()),
        lines=[
            LineIn(units=units, account_role="BANK"),
            LineIn(units=-units + 50_00, account_role="LOANS"),
            LineIn(units=-50_00, account_role="INTEREST_INCOME"),
        ],
        happened_date=date(2025, 1, 1 + number % 28),
    )


@benchmark()
def bare() -> Iterator[Figure]:
    """An entry in a transaction of its own, and five hundred in one."""
    from handup.ledger.services import post_entries
    from handup.lending.tests.cast import make_world

    world = make_world()
    staff = world.cast.accountant
    post_entries([_entry(world, 0)], acting_staff=staff)
    with clock() as measured:
        for number in range(POSTINGS):
            post_entries([_entry(world, number)], acting_staff=staff)
    yield Figure(
        "three-line postings, one by one", POSTINGS / measured.seconds, "per second", POSTINGS
    )
    many = [_entry(world, number) for number in range(POSTINGS)]
    with clock() as measured:
        post_entries(many, acting_staff=staff)
    yield Figure(
        "three-line postings, at once", POSTINGS / measured.seconds, "per second", POSTINGS
    )


@benchmark("postgresql")
def peer() -> Iterator[Figure]:
    """The same by django-hordak, in a process of its own with nothing of Handup loaded."""
    command = [sys.executable, "-m", "bench.hordak_peer", str(POSTINGS)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
    seconds = float(done.stdout.split()[-1])
    yield Figure(
        "three-leg postings, django-hordak, one by one", POSTINGS / seconds, "per second", POSTINGS
    )
