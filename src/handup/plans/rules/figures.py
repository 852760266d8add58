"""What a frozen version of a plan says, as a plain value a loan that rests on it is judged by."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID


class MonthFigures(NamedTuple):
    """One month: money left for instalments, the plan's own instalment, cash at its end."""

    number: int
    available_units: int
    instalment_units: int
    closing_units: int


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """The figures of one version; amounts in smallest units, None where not defined.

    `too_indebted`: it owes as much as the plan allows or more, or nothing is owned against it.
    `loan_units`, `instalments` and `withheld_units` are the financing the plan was worked out
    with; `max_instalment_units` is what she can carry a month, `smallest_loan_units` the least
    that lets no month run dry. No protected status is among them.
    """

    plan_id: UUID
    version_id: UUID
    plan_number: str
    version_number: int
    sha256: str
    engine_version: str
    currency: str
    start_month: date
    advised_by_id: UUID | None
    reviewed_by_id: UUID | None
    loan_units: int | None
    instalments: int | None
    withheld_units: int
    net_cash_units: int | None
    max_instalment_units: int | None
    max_loan_units: int | None
    smallest_loan_units: int | None
    gap_units: int
    lowest_cash_units: int
    buffer_units: int
    months_in_red: tuple[int, ...]
    plan_dscr: Fraction | None
    lowest_dscr: Fraction | None
    indebtedness_percent: Fraction | None
    months: tuple[MonthFigures, ...]
    too_indebted: bool = False
