"""Many rows in one statement: inserts and updates of plain values, adapted to the database."""

from collections.abc import Iterable, Sequence

from django.db import connection, models

from handup.kernel import luhn
from handup.lending.models import CodeCounter


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with one prepared statement."""
    if not rows:
        return
    fields = rows[0]._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = rows[0]._meta.db_table
    values = [
        tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields)
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" ({columns}) VALUES ({places})',  # noqa: S608 (names of ours)
            values,
        )


def update_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[models.Model]
) -> None:
    """Update the named fields of rows by primary key with one prepared statement."""
    fields = [model._meta.get_field(name) for name in names]
    assert model._meta.pk is not None
    keys = [*fields, model._meta.pk]
    values = [
        tuple(
            field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[union-attr]  # concrete fields only
            for field in keys
        )
        for row in rows
    ]
    if not values:
        return
    setters = ", ".join(f'"{field.column}" = %s' for field in fields)  # type: ignore[union-attr]  # concrete fields only
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{model._meta.db_table}" SET {setters} WHERE "id" = %s',  # noqa: S608 (names of ours)
            values,
        )


def next_codes(key: str, prefix: str, count: int) -> list[str]:
    """Take `count` numbers in a row; each code is the prefix, six digits or more, a check digit."""
    CodeCounter.objects.get_or_create(key=key)
    counter = CodeCounter.objects.select_for_update().get(key=key)
    first = counter.last + 1
    CodeCounter.objects.filter(pk=counter.pk).update(last=counter.last + count)
    return [
        f"{prefix}{luhn.with_check_digit(f'{number:06}')}" for number in range(first, first + count)
    ]
