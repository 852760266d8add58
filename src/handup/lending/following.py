"""Loans whose interest follows what is really owed (`Loan.follows_balance`): where their rows alone
do not tell a figure, the fold of their events does, loan by loan.

Their stored rows are those that fall due if nothing more is paid, so what is late of a loan to
which nothing but payments happened is read from the rows as of any other. What a loan has earned,
and one that was changed besides, is worked out here and joined to a statement as rows of its own.
"""

# ruff: noqa: S608 (the statements are put together from names of this house only)

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from handup.lending.happened import events_of
from handup.lending.models import Loan
from handup.lending.rules.events import Event
from handup.lending.rules.loan import PRINCIPAL, State, fold
from handup.lending.rules.terms import read_terms

Loans = models.QuerySet[Loan]
CHUNK = 500
NOT_TOLD_BY_ROWS = "(l.follows_balance AND l.changed)"
"""The condition that the rows of a loan (alias l) do not tell how it stood on a past day."""


@dataclass(frozen=True, slots=True)
class Stood:
    """One loan at the end of a day, as `portfolio.standing` gives it, and all that was overdue."""

    loan_id: UUID
    principal: int
    arrears_days: int
    overdue_principal: int
    overdue_units: int


def not_told_by_rows(loans: Loans | None) -> Loans:
    """The loans among these that only the fold can tell of."""
    rows = Loan.objects.all() if loans is None else loans
    return rows.filter(follows_balance=True, changed=True)


def stood(on: date, loans: Loans | None, known_at: datetime | None = None) -> list[Stood]:
    """Every such loan that owed something at the end of a day, was not written off, and stood here
    then.
    """
    told_of = states(not_told_by_rows(loans), on, known_at)
    found = (_stood(loan, state, on) for loan, state in told_of)
    return [item for item in found if item is not None]


def _stood(loan: Loan, state: State, on: date) -> Stood | None:
    """How a loan stood here at the end of a day; None where it owed nothing here."""
    if loan.moved_date is not None and loan.moved_date <= on:
        return None
    late = state.arrears_days(on)
    if state.stopped or not (state.principal or late):
        return None
    overdue = state.overdue(on)[PRINCIPAL]
    return Stood(loan.pk, state.principal, late, overdue, state.overdue_stored(on))


@dataclass(frozen=True, slots=True)
class Run:
    """Days, both included, over which a loan owed the same principal; `arrears_days` on the first
    of them, one more on each that follows where it is `growing`, else the same.
    """

    loan_id: UUID
    first: date
    last: date
    principal: int
    arrears_days: int
    growing: bool


def runs(until: date, loans: Loans | None = None) -> Iterator[Run]:
    """How every loan that only the fold can tell of stood at the end of each day from its first
    to `until`, as `stood` tells it; days on which it owed nothing here are told as 0.
    """
    rows = not_told_by_rows(loans).order_by("pk")
    kept = list(rows.only("id", "terms", "moved_date", "opening_date"))
    for start in range(0, len(kept), CHUNK):
        chunk = kept[start : start + CHUNK]
        events: dict[UUID, list[Event]] = events_of([loan.pk for loan in chunk])
        for loan in chunk:
            yield from _runs_of(loan, events[loan.pk], until)


At = Callable[[date], tuple[int, int]]


def _runs_of(loan: Loan, events: list[Event], until: date) -> Iterator[Run]:
    terms = read_terms(loan.terms)

    @cache
    def at(day: date) -> tuple[int, int]:
        if loan.opening_date is not None and loan.opening_date > day:
            return 0, 0
        item = _stood(loan, fold(events, day, terms=terms), day)
        return (0, 0) if item is None else (item.principal, item.arrears_days)

    days = {item.value_date for item in events} | {loan.moved_date, loan.opening_date}
    begins = sorted(day for day in days if day is not None and day <= until)
    ends = [day - timedelta(days=1) for day in begins[1:]] + [until]
    for first, last in zip(begins, ends, strict=False):
        yield from _even(loan.pk, at, first, last)


def _even(loan_id: UUID, at: At, first: date, last: date) -> Iterator[Run]:
    """Runs from a day to another between which nothing happened: halved until each is even.

    Where nothing happens a loan gets later by one day a day, or by none while a moratorium runs;
    by more at once it does only from 0.
    """
    (principal, late), (owed, later) = at(first), at(last)
    growing = late > 0 and later - late == (last - first).days
    if principal == owed and (late == later or growing):
        yield Run(loan_id, first, last, principal, late, growing)
        return
    middle = first + (last - first) // 2
    yield from _even(loan_id, at, first, middle)
    yield from _even(loan_id, at, middle + timedelta(days=1), last)


def states(
    loans: Loans, on: date, known_at: datetime | None = None
) -> Iterator[tuple[Loan, State]]:
    """Each of some loans, and how it stood at the end of a day."""
    rows = list(loans.order_by("pk").only("id", "terms", "moved_date", "opening_date"))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        events: dict[UUID, list[Event]] = events_of([loan.pk for loan in chunk])
        for loan in chunk:
            if loan.opening_date is None or loan.opening_date <= on:
                yield loan, fold(events[loan.pk], on, known_at, terms=read_terms(loan.terms))


def told(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """A SELECT of rows worked out here, as a table of one value: columns with their types (`id`,
    `units`, `days` or `yes`).
    """
    text = json.dumps([[_plain(value) for value in row] for row in rows])
    picks = ", ".join(f"{_pick(at, kind)} AS {name}" for at, (name, kind) in enumerate(columns))
    if connection.vendor == "postgresql":
        return f"SELECT {picks} FROM jsonb_array_elements(CAST(%s AS jsonb)) AS j(value)", text
    return f"SELECT {picks} FROM json_each(%s) j", text


def _plain(value: Any) -> Any:
    if not isinstance(value, UUID):
        return value
    return str(value) if connection.features.has_native_uuid_field else value.hex


def _pick(at: int, kind: str) -> str:
    if connection.vendor == "postgresql":
        types = {"id": "uuid", "units": "bigint", "days": "integer", "yes": "boolean"}
        return f"CAST(j.value ->> {at:d} AS {types[kind]})"
    return f"json_extract(j.value, '$[{at:d}]')"
