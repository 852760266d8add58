"""Loans whose interest follows what is really owed (`Loan.follows_balance`): where their rows alone
do not tell a figure, the fold of their events does, loan by loan.

Their stored rows are those that fall due if nothing more is paid, so what is late of a loan to
which nothing but payments happened is read from the rows as of any other. What a loan has earned,
and one that was changed besides, is worked out here and joined to a statement as rows of its own.
"""

# ruff: noqa: S608 (the statements are put together from names of this house only)

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    found = []
    for loan, state in states(not_told_by_rows(loans), on, known_at):
        if loan.moved_date is not None and loan.moved_date <= on:
            continue
        late = state.arrears_days(on)
        if not state.stopped and (state.principal or late):
            overdue = state.overdue(on)[PRINCIPAL]
            found.append(Stood(loan.pk, state.principal, late, overdue, state.overdue_stored(on)))
    return found


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
