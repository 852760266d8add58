"""A collection sheet as a file: taken along, filled in without a network, loaded again. Every row
says of which sheet and day it is, so that the same file loaded twice is the same sheet. A row added
by hand for somebody nobody expected needs a loan and what was paid, no more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_forms import read_filled
from handup.kernel.sheets import (
    YES_NO,
    CellKind,
    Column,
    Limits,
    Reading,
    SheetRow,
    SheetSpec,
)
from handup.lending.collecting import Line, Which
from handup.lending.models import Loan
from handup.org.web import columns as shown
from handup.org.web.forms import MoneyField
from handup.org.web.money import as_decimal, currency_digits

LIMITS = Limits(bytes_most=2_000_000, unpacked_most=40_000_000, rows_most=500, columns_most=50)
LABELS: dict[str, Any] = {
    "sheet": _("Sheet"),
    "day": _("Day"),
    "made": _("The sheet was made on"),
    "of": _("Whose sheet"),
    "loan": _("Loan"),
    "borrower": _("Borrower"),
    "due": _("Due that day"),
    "late": _("Late"),
    "saved": _("To be saved"),
    "total": _("In all"),
    "paid": _("Paid"),
    "absent": _("Absent"),
}
EVERYONES = Which()
WHOSE = ("officer", "group", "area")
NEEDED = ("sheet", "day", "made", "loan", "paid", "absent")


class SheetMixed(Refusal):
    """All rows of a file are of one sheet and one day; this one is of another."""


class SheetUnnamed(Refusal):
    """This is no sheet we gave out; take the file from the collection sheet of the day."""


class LoanNotYours(Refusal):
    """No loan with this number is in your care."""


class OtherCurrency(Refusal):
    """This loan is in another currency than the rows before."""


class AmountUnfit(Refusal):
    """This is no amount. {why}"""


class AmountUnclear(Refusal):
    """{text} can be read in two ways: write the thousands without a sign between them."""


class PaidAndAbsent(Refusal):
    """Who is absent paid nothing here: empty one of the two cells."""


@dataclass(frozen=True, slots=True)
class Written:
    """One row: the loan, what was paid, who was absent, what the file says was to be collected."""

    loan: Loan
    units: int
    absent: bool
    expected_units: int | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sheet that came back, row by row."""

    id: UUID
    on: date
    made: date
    rows: tuple[Written, ...]
    of: Which = EVERYONES


def file_columns(
    sheet_id: UUID, on: date, made: date, currency: str, of: Which = EVERYONES
) -> list[shown.Column]:
    """The columns of a sheet that is taken along; what was paid and who was absent is to be
    filled in."""
    whose = " ".join(f"{name}:{pk}" for name in WHOSE if (pk := getattr(of, name)))

    def money(name: str, path: str) -> shown.Column:
        return shown.Column(
            name, LABELS[name], value=lambda line: as_decimal(getattr(line, path), currency)
        )

    def same(name: str, value: Any) -> shown.Column:
        return shown.Column(name, LABELS[name], value=lambda line: value)

    return [
        same("sheet", str(sheet_id)),
        same("day", on.isoformat()),
        same("made", made.isoformat()),
        shown.Column("loan", LABELS["loan"], value=lambda line: line.loan.code),
        shown.Column("borrower", LABELS["borrower"], value=lambda line: str(line.loan.borrower)),
        money("due", "due_units"),
        money("late", "late_units"),
        money("saved", "savings_units"),
        money("total", "total_units"),
        same("paid", ""),
        same("absent", ""),
        same("of", whose),
    ]


def _spec() -> SheetSpec:
    """What is read of it, under its headings in any of our languages."""
    headings: dict[str, set[str]] = {name: set() for name in LABELS}
    words = dict(YES_NO)
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for name, label in LABELS.items():
                headings[name].add(str(label))
            words |= {str(_("yes")).casefold(): True, str(_("no")).casefold(): False}
    kinds = {"day": CellKind.DATE, "made": CellKind.DATE, "absent": CellKind.YES_NO}
    return SheetSpec(
        tuple(
            Column(
                name,
                tuple(sorted(headings[name])),
                kinds.get(name, CellKind.TEXT),
                required=name == "loan",
                unique=name == "loan",
            )
            for name in (*NEEDED, "total", "of")
        ),
        yes_no=words,
    )


def load_sheet(content: bytes, loans: Any) -> Loaded:
    """Read a sheet that was filled in; `loans`: those the reader may see.

    Raises Faults with every fault and its cell, and what cannot be read at all (FileTooLarge,
    NotAWorkbook, WrongEncoding, EmptyTable, TooManyRows).
    """
    reading = _read(content)
    faults = list(reading.faults)
    codes = [str(row.values["loan"]) for row in reading.rows]
    rows = loans.filter(code__in=codes).select_related("person", "enterprise", "group", "officer")
    known = {loan.code: loan for loan in rows}
    first = next((row for row in reading.rows if row.values.get("sheet")), None)
    if first is None and not faults:
        raise SheetUnnamed(field="file")
    written: list[Written] = []
    for row in reading.rows:
        try:
            written.append(_written(row, first, known, written))
        except _Cell as wrong:
            letter = reading.letters.get(wrong.column, "")
            faults.append(
                Fault(wrong.refusal.code, str(wrong.refusal), f"{letter}{row.number}", row.number)
            )
    if faults:
        raise Faults([replace(item, message=f"{item.place}: {item.message}") for item in faults])
    assert first is not None
    day, made = first.values["day"], first.values["made"]
    if not isinstance(day, date) or not isinstance(made, date):
        raise SheetUnnamed(field="file")
    of = _whose(str(first.values.get("of") or ""))
    return Loaded(UUID(str(first.values["sheet"])), day, made, tuple(written), of)


def _whose(text: str) -> Which:
    """Whose sheet a file is; everyone's where it does not say. Raises SheetUnnamed."""
    found: dict[str, UUID] = {}
    for told in text.split():
        name, _sign, pk = told.partition(":")
        try:
            found[name] = UUID(pk)
        except ValueError:
            raise SheetUnnamed(field="file") from None
    if not found.keys() <= set(WHOSE):
        raise SheetUnnamed(field="file")
    return Which(found.get("officer"), found.get("group"), found.get("area"))


def _read(content: bytes) -> Reading:
    return read_filled(content, _spec(), LIMITS)


class _Cell(Exception):
    """A refusal with the column it is about."""

    def __init__(self, refusal: Refusal, column: str) -> None:
        super().__init__(str(refusal))
        self.refusal, self.column = refusal, column


def _written(
    row: SheetRow, first: SheetRow | None, known: dict[str, Loan], before: Sequence[Written]
) -> Written:
    values = row.values
    if first is not None:
        try:
            UUID(str(first.values["sheet"]))
        except ValueError:
            raise _Cell(SheetUnnamed(), "sheet") from None
        for name in ("sheet", "day", "made", "of"):
            if values.get(name) not in (None, first.values.get(name)):
                raise _Cell(SheetMixed(), name)
    loan = known.get(str(values["loan"]))
    if loan is None:
        raise _Cell(LoanNotYours(), "loan")
    if before and before[0].loan.currency != loan.currency:
        raise _Cell(OtherCurrency(), "loan")
    units = _units(values.get("paid"), loan.currency, "paid") or 0
    absent = values.get("absent") is True
    if units and absent:
        raise _Cell(PaidAndAbsent(), "absent")
    return Written(loan, units, absent, _units(values.get("total"), loan.currency, "total"))


def _units(value: Any, currency: str, column: str) -> int | None:
    """An amount of a cell in smallest units. Three digits after a lone sign are decimals of a
    currency that has so many, as this file writes them; else they may be meant as thousands, and
    are asked about.
    """
    text = "" if value is None else str(value).strip()
    if re.fullmatch(r"[0-9]+[.,][0-9]{3}", text):
        if currency_digits(currency) < 3 or "," in text:
            raise _Cell(AmountUnclear(text=text), column)
        text += "0"  # with four they are decimals to the field
    field = MoneyField(currency=currency, least_units=0, required=False)
    try:
        found: int | None = field.clean(text)
    except ValidationError as error:
        raise _Cell(AmountUnfit(why=" ".join(error.messages)), column) from None
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A loan of which something else is to be collected now than the file says."""

    loan: Loan
    was_units: int
    is_units: int


def changes_of(loaded: Loaded, lines: Sequence[Line]) -> list[Change]:
    """What changed since the sheet was taken along, loan by loan."""
    now = {line.loan.pk: line.total_units for line in lines}
    return [
        Change(row.loan, row.expected_units, now.get(row.loan.pk, 0))
        for row in loaded.rows
        if row.expected_units is not None and row.expected_units != now.get(row.loan.pk, 0)
    ]
