"""A journal of a million lines: its trial balance and the proof of it.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench import Figure, benchmark, clock, fastest, with_database

ENTRIES, LINES_OF_ONE = 333_334, 3
LINES = ENTRIES * LINES_OF_ONE
DAYS = 3 * 365
FIRST = date(2022, 1, 1)
LAST = FIRST + timedelta(days=DAYS)
AT_ONCE = 10_000


@benchmark()
def a_million_lines() -> Iterator[Figure]:
    """Repayments of three lines over three years, posted as they always are, in large batches."""
    from handup.ledger.statements import trial_balance
    from handup.lending.tests.cast import fill, make_world

    world = make_world()
    fill(world.book, 10_000_000_00, world.cast.manager)
    with clock(with_database) as measured:
        for start in range(0, ENTRIES, AT_ONCE):
            _post(world, range(start, min(start + AT_ONCE, ENTRIES)))
    yield Figure("a million lines posted", measured.processor, "s processor", LINES)
    _learn()
    for word, days in (
        ("whole", (LAST, None)),
        ("middle of a month", (date(2024, 6, 17), None)),
        ("of a year", (date(2024, 6, 17), date(2023, 7, 5))),
    ):
        found = fastest(partial(trial_balance, world.book, *days))
        assert trial_balance(world.book, *days).closing_base == 0
        yield Figure(f"trial balance of a million lines, {word}", found.seconds, "s", LINES)
        yield Figure(
            f"trial balance of a million lines, {word}", found.processor, "s processor", LINES
        )
    yield from _proofs()


def _proofs() -> Iterator[Figure]:
    """The ledger's own checks over all of it: entries, chain, balances, statements, months."""
    from handup.org import verify

    codes = [check.code for check in verify.checks if check.code.startswith("LEDGER_")]
    with clock(with_database) as measured:
        outcomes = list(verify.run_all(only=codes))
    for outcome in outcomes:
        assert not outcome.fault, (outcome.check.code, outcome.fault)
        assert not outcome.shown, (outcome.check.code, outcome.shown)
    yield Figure("verify of a million lines", measured.seconds, "s", LINES)
    yield Figure("verify of a million lines", measured.processor, "s processor", LINES)


def _post(world: Any, numbers: range) -> None:
    from django.db import transaction

    from handup.kernel.ids import new_ids
    from handup.ledger.services import EntryIn, LineIn, Source, post_entries

    entries = []
    for number, pk in zip(numbers, new_ids(len(numbers)), strict=True):
        units, loan = 100_00 + number % 700, ("loan", pk)
        entries.append(
            EntryIn(
                book=world.book,
                kind="LOAN_REPAID",
                source=Source("bench", "POSTING", pk),
                lines=[
                    LineIn(units=units, account_role="BANK"),
                    LineIn(units=-units + 10_00, account_role="LOANS", subject=loan),
                    LineIn(units=-10_00, account_role="INTEREST_INCOME", subject=loan),
                ],
                happened_date=FIRST + timedelta(days=number * DAYS // ENTRIES),
            )
        )
    with transaction.atomic():
        post_entries(entries, acting_staff=world.cast.accountant)


def _learn() -> None:
    """Let the database know how its tables have grown."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
