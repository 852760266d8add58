"""What lending does when somebody turns out to be registered twice."""

from collections.abc import Collection
from uuid import UUID

from handup.lending.models import Loan, SavingsAccount
from handup.people import merging


def booked(persons: Collection[UUID]) -> set[UUID]:
    """Those of these persons for whom money was booked: a loan of hers, or savings."""
    found: set[UUID] = set()
    for table in (Loan, SavingsAccount):
        ids = table._base_manager.filter(person__in=persons).values_list("person_id", flat=True)
        found |= set(ids)
    return found


def register() -> None:
    """Add it to the named lists of people, once."""
    if booked not in merging.in_books:
        merging.in_books.append(booked)
