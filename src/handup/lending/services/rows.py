"""Rows of lending set-based: codes in a row, pieces of a batch."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db.models import F

from handup.kernel import luhn
from handup.lending.models import CodeCounter
from handup.org.bulk import insert_rows, update_rows

T = TypeVar("T")

__all__ = ["in_chunks", "insert_rows", "next_codes", "update_rows"]


def next_codes(key: str, prefix: str, count: int) -> list[str]:
    """Take `count` numbers in a row; each code is the prefix, six digits or more, a check digit."""
    counters = CodeCounter.objects.filter(key=key)
    if not counters.update(
        last=F("last") + count
    ):  # the update locks the row, the first finds none
        CodeCounter.objects.get_or_create(key=key)
        counters.update(last=F("last") + count)
    last = counters.values_list("last", flat=True).get()
    return [
        f"{prefix}{luhn.with_check_digit(f'{number:06}')}"
        for number in range(last - count + 1, last + 1)
    ]


def in_chunks(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Cut a batch into the pieces that each fit one transaction."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
