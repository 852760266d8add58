"""The books over a large portfolio: interest earned, allowance for losses, ratios and statements.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up. A few real loans are made through the services and copied by statements.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from bench import Figure, benchmark, clock

LOANS = 100_000
DAY = date(2025, 7, 31)
PAID = (6, 6, 6, 6, 12, 6, 4, 1)  # instalments each of the model loans has paid by DAY


def portfolio(copies: int = LOANS) -> Any:
    """A world with so many loans of twelve instalments; most are paid as agreed."""
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
            _copy(loan, place, copies // len(models))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return world


def _person(world: Any, place: int) -> Any:
    from handup.lending.tests.cast import make_person

    return make_person(world.programme, world.office, world.cast.advisor, f"Participant {place:04}")


def _copy(loan: Any, place: int, copies: int) -> None:
    """Copy a loan with its events, rows and splits; every id becomes a number."""
    ids: dict[str, str] = {str(loan.pk): _new_id(place, 0)}
    rows: list[tuple[Any, Any]] = [(type(loan), loan)]
    for number, row in enumerate(
        [*loan.events.order_by("seq"), *loan.dues.all(), *loan.splits.all()], 1
    ):
        ids[str(row.pk)] = _new_id(place, number)
        rows.append((type(row), row))
    for model, row in rows:
        _copy_row(model, row, ids, copies, place)


def _new_id(place: int, number: int) -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"CAST('b{place:03x}{number:04x}' || lpad(to_hex(n), 24, '0') AS uuid)"
    return f"printf('b{place:03x}{number:04x}%024x', n)"


def _copy_row(model: Any, row: Any, ids: dict[str, str], copies: int, place: int) -> None:
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
def period_end() -> Iterator[Figure]:
    """What a month's end posts for 100,000 loans."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from handup.ledger import services

    world = portfolio()
    accountant = world.cast.accountant
    for name, run in (("accrual", services.post_accrual), ("provision", services.post_provision)):
        for word, day in (("first", DAY), ("again", DAY), ("next", DAY + timedelta(days=31))):
            with CaptureQueriesContext(connection) as seen, clock() as measured:
                run(acting_staff=accountant, book=world.book, through=day)
            yield Figure(f"{name} of 100,000 loans, {word}", measured.seconds, "s", LOANS)
        yield Figure(f"{name} statements", len(seen), "statements", LOANS)
