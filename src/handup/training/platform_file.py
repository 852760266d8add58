"""The file of a learning platform: who completed what on which day, one row a participant. Each bad
cell is named by its column and row; nothing of a file with a fault is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_faults import ValueTwice
from handup.kernel.sheet_forms import read_filled
from handup.kernel.sheets import CellKind, Column, Limits, SheetSpec
from handup.org.editing import said
from handup.training.models import Enrolment

LIMITS = Limits(bytes_most=2_000_000, unpacked_most=40_000_000, rows_most=5_000, columns_most=50)
LABELS: dict[str, Any] = {
    "number": _("Number"),
    "completed": _("Completed on"),
    "score": _("Result in percent"),
}
WHOLE_BPS = 10_000


class NotInThisCohort(Refusal):
    """Nobody with the number {number} is in this cohort."""


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """One row of a platform's file; score in hundredths of a percent, None where none is told."""

    row: int
    enrolment: Enrolment
    completed_date: date
    score_bps: int | None


def read_results(
    content: bytes, roll: Mapping[str, Enrolment], *, today: date
) -> list[PlatformRow]:
    """Read a platform's file (.xlsx or CSV). `roll` is who is in the cohort, by number.

    Raises Faults with every bad cell, FileTooLarge, NotAWorkbook, WrongEncoding, EmptyTable,
    TooManyRows.
    """
    reading = read_filled(content, _spec(today), LIMITS)
    faults = list(reading.faults)
    rows: list[PlatformRow] = []
    by_plain = {number.lstrip("0"): enrolment for number, enrolment in roll.items()}
    seen: dict[Any, int] = {}
    headed = {"number", "completed"} <= set(reading.letters)
    for row in reading.rows if headed else ():
        told = str(row.values["number"])
        # A spreadsheet takes a number for an amount and drops its zeros in front.
        enrolment = roll.get(told) or by_plain.get(told.lstrip("0"))
        refusal: Refusal | None = None
        if enrolment is None:
            refusal = NotInThisCohort(number=told)
        elif (first := seen.setdefault(enrolment.pk, row.number)) != row.number:
            refusal = ValueTwice(column=str(LABELS["number"]), value=told, first=first)
        if refusal is not None:
            place = f"{reading.letters.get('number', '')}{row.number}"
            faults.append(Fault(refusal.code, refusal.said(), place, row.number, "number", told))
        completed, score = row.values["completed"], row.values.get("score")
        if refusal is None and enrolment is not None and isinstance(completed, date):
            share = score if isinstance(score, int) else None
            rows.append(PlatformRow(row.number, enrolment, completed, share))
    if faults:
        raise Faults(sorted(faults, key=lambda one: (one.row or 0, one.place)))
    return rows


def _spec(today: date) -> SheetSpec:
    return SheetSpec(
        (
            Column("number", said(LABELS["number"]), required=True, max_length=40),
            Column(
                "completed",
                said(LABELS["completed"]),
                CellKind.DATE,
                required=True,
                lowest=date(1990, 1, 1),
                highest=today,
            ),
            Column(
                "score",
                said(LABELS["score"]),
                CellKind.AMOUNT,
                digits=2,
                lowest=0,
                highest=WHOLE_BPS,
            ),
        )
    )
