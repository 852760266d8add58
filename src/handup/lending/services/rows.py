"""Rows of lending set-based: codes in a row, pieces of a batch."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db import connection

from handup.kernel import luhn
from handup.lending.models import CodeCounter
from handup.org import statements
from handup.org.bulk import change_rows, insert_rows, update_rows

T = TypeVar("T")

__all__ = [
    "LETTERS",
    "change_rows",
    "in_chunks",
    "insert_rows",
    "next_codes",
    "number_of",
    "update_rows",
]

LETTERS = {
    "APPLICATION": "A",
    "GRANT": "G",
    "JOINT_GROUP": "J",
    "LOAN": "L",
    "PATHWAY": "W",
    "PAYMENT": "P",
    "SAVINGS": "S",
}
"""What is numbered, and the letter its codes begin with."""


def next_codes(key: str, count: int) -> list[str]:
    """Take `count` numbers in a row; each code is the letter of its kind, six digits or more, a
    check digit.

    Raising the counter locks its row until the transaction ends.
    """
    last = _raise_counter(key, count)
    if last is None:  # the first of its kind
        CodeCounter.objects.get_or_create(key=key)
        last = _raise_counter(key, count)
    assert last is not None
    return [
        f"{LETTERS[key]}{luhn.with_check_digit(f'{number:06}')}"
        for number in range(last - count + 1, last + 1)
    ]


def number_of(key: str, code: str) -> int:
    """The number in a code of this kind; 0 where `next_codes` did not give it."""
    digits = code.removeprefix(LETTERS[key])
    return int(digits[:-1]) if digits != code and luhn.is_valid(digits) else 0


def _raise_counter(key: str, count: int) -> int | None:
    table = CodeCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(statements.raise_by_key(table, "last", "key"), [count, key])
        found = cursor.fetchone()
    return None if found is None else int(found[0])


def in_chunks(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Cut a batch into the pieces that each fit one transaction."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
