"""The books over a large portfolio: interest earned, allowance for losses, ratios and statements.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up. A few real loans are made through the services and copied by statements.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench import Figure, benchmark, clock, fastest, with_database

LOANS = 100_000
DAY = date(2025, 7, 31)
PAID = (6, 6, 6, 6, 12, 6, 4, 1)  # instalments each of the model loans has paid by DAY


def portfolio(copies: int = LOANS, spread: int = 1) -> Any:
    """A world with so many loans of twelve instalments; most are paid as agreed. The days of each
    lie up to `spread` days earlier than those of the model loans.
    """
    from django.db import connection, transaction

    from handup.lending.tests.cast import fill, make_world, repay, running

    world = make_world()
    fill(world.book, 10_000_000_00, world.cast.manager)
    models = []
    for place, paid in enumerate(PAID):
        loan = running(world, 1_200_00 + place, person=_person(world, place))
        for due in list(loan.dues.order_by("number"))[:paid]:
            if paid == 12 or due.due_date <= DAY:
                day = min(due.due_date + timedelta(days=place % 2), DAY)
                repay(world, loan, day, due.due_units)
        loan.refresh_from_db()
        models.append(loan)
    with transaction.atomic():
        for place, loan in enumerate(models):
            _copy(loan, place, copies // len(models), spread)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        if connection.vendor == "postgresql":  # so that all processor time is that of one process
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    return world


def _person(world: Any, place: int) -> Any:
    from handup.lending.tests.cast import make_person

    return make_person(world.programme, world.office, world.cast.advisor, f"Participant {place:04}")


def _copy(loan: Any, place: int, copies: int, spread: int) -> None:
    """Copy a loan with its events, rows and splits; every id becomes a number."""
    ids: dict[str, str] = {str(loan.pk): _new_id(place, 0)}
    rows: list[tuple[Any, Any]] = [(type(loan), loan)]
    for number, row in enumerate(
        [*loan.events.order_by("seq"), *loan.dues.all(), *loan.splits.all()], 1
    ):
        ids[str(row.pk)] = _new_id(place, number)
        rows.append((type(row), row))
    for model, row in rows:
        _copy_row(model, row, ids, copies, place, spread)


def _new_id(place: int, number: int) -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"CAST('b{place:03x}{number:04x}' || lpad(to_hex(n), 24, '0') AS uuid)"
    return f"printf('b{place:03x}{number:04x}%024x', n)"


def _earlier(column: str, spread: int) -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return f'"{column}" - CAST(n * 7 %% {spread} AS integer)'
    return f"date(\"{column}\", '-' || (n * 7 %% {spread}) || ' days')"


def _copy_row(
    model: Any, row: Any, ids: dict[str, str], copies: int, place: int, spread: int
) -> None:
    from django.db import connection

    columns, values = [], []
    for field in model._meta.concrete_fields:
        value = getattr(row, field.attname)
        columns.append(f'"{field.column}"')
        if str(value) in ids:
            values.append(ids[str(value)])
        elif field.name == "code":
            values.append(f"'B{place}' || n")
        elif field.name == "agreement":
            values.append("NULL")
        elif field.get_internal_type() == "DateField" and spread > 1:
            values.append(_earlier(field.column, spread))
        else:
            values.append(f'"{field.column}"')
    table = model._meta.db_table
    numbers = (
        f"generate_series(1, {copies}) AS n"
        if connection.vendor == "postgresql"
        else f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {copies})"
        " SELECT n FROM c)"
    )
    key = row.pk if connection.vendor == "postgresql" else row.pk.hex
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(values)}'
            f' FROM "{table}", {numbers} WHERE "{table}".id = %s',
            [key],
        )


@benchmark()
def past_day() -> Iterator[Figure]:
    """The portfolio as it stood on past days: PAR, ageing, cohorts and concentration at once."""
    from handup.lending import figures

    portfolio()
    for word, day in (
        ("in the life of all", date(2025, 3, 20)),
        ("at the last fact", DAY),
        ("long after, nobody paid since", date(2025, 12, 31)),
    ):
        found = fastest(partial(figures.cube, day))
        yield Figure(f"portfolio of a past day, {word}", found.seconds, "s", LOANS)
        yield Figure(f"portfolio of a past day, {word}", found.processor, "s processor", LOANS)


@benchmark()
def past_day_of_years() -> Iterator[Figure]:
    """The same for loans paid out over two years, a year and a half and half a year ago."""
    from handup.lending import figures

    portfolio(spread=720)
    for day in (date(2024, 1, 31), date(2025, 1, 31)):
        found = fastest(partial(figures.cube, day))
        owing = figures.cube(day).standing().loans
        yield Figure(f"portfolio of {day}", found.seconds, "s", owing)
        yield Figure(f"portfolio of {day}", found.processor, "s processor", owing)


@benchmark()
def period_end() -> Iterator[Figure]:
    """What a month's end posts for 100,000 loans."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from handup.ledger import services

    world = portfolio()
    accountant = world.cast.accountant
    for name, run in (("accrual", services.post_accrual), ("provision", services.post_provision)):
        for word, day in (("first", DAY), ("again", DAY), ("next", DAY + timedelta(days=31))):
            with CaptureQueriesContext(connection) as seen, clock(with_database) as measured:
                run(acting_staff=accountant, book=world.book, through=day)
            title = f"{name} of 100,000 loans, {word}"
            yield Figure(title, measured.seconds, "s", LOANS)
            yield Figure(title, measured.processor, "s processor", LOANS)
        yield Figure(f"{name} statements", len(seen), "statements", LOANS)
