"""The three lists of an old portfolio: their columns, and loans made of their rows. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from handup.kernel.errors import Fault, Refusal
from handup.kernel.importing.profiles import Profile, TableSpec
from handup.kernel.importing.reading import Line, Source
from handup.kernel.sheets import CellKind, Column, CsvForm
from handup.lending.rules.old_book import (
    OldLoanFacts,
    OldPayment,
    OldRow,
    PaidIsMore,
    PrincipalNotLent,
)

LOANS, SCHEDULES, PAYMENTS = "loans", "schedules", "payments"
PPM_OF_PERCENT = 10_000
OF_TERMS = ("instalments", "every", "grace_principal", "anchor_day")
"""Columns of a loan that say more of its terms than the convention of the whole portfolio."""


class LoanNotListed(Refusal):
    """The list of loans has no loan {key}."""


class RowTwice(Refusal):
    """Row {number} of this loan stands twice."""


class DatesNotInOrder(Refusal):
    """{date} does not lie after the row before."""


class BeforePaidOut(Refusal):
    """{date} is before the loan was paid out."""


class AfterTheDay(Refusal):
    """{date} is after the day the portfolio is taken over as of."""


class NoBorrower(Refusal):
    """Write the registration number of the person, or the code of the group."""


@dataclass(frozen=True, slots=True)
class OldLine:
    """One loan as its lists tell it: whose, what of its terms, its facts, what its status is."""

    line: Line
    key: str
    person: str
    group: str
    fund: str
    status: str
    terms: Mapping[str, Any]
    facts: OldLoanFacts


def _text(name: str, *headings: str, **more: Any) -> Column:
    return Column(name, headings, max_length=60, **more)


def day(name: str, *headings: str) -> Column:
    """A column of days."""
    return Column(name, headings, CellKind.DATE, required=True)


def profile(digits: int, form: Mapping[str, str]) -> Profile:
    """How the lists are read: amounts in a currency's digits, CSV files written in some form."""

    def amount(name: str, *headings: str, lowest: int = 0, required: bool = False) -> Column:
        return Column(name, headings, CellKind.AMOUNT, required, digits=digits, lowest=lowest)

    def whole(name: str, *headings: str, least: int = 0, most: int = 600, **more: Any) -> Column:
        return Column(name, headings, CellKind.WHOLE, lowest=least, highest=most, **more)

    loans = (
        _text("loan", "loan id", "loan number", required=True, unique=True),
        _text("person", "registration number", "client"),
        _text("group", "group code"),
        _text("fund", "fund code", "donor"),
        amount("amount", "principal", "loan amount", lowest=1, required=True),
        day("disbursed_date", "disbursed on", "disbursement date"),
        whole("instalments", "number of instalments", "term", least=1),
        Column("rate_percent", ("interest rate",), CellKind.DECIMAL, lowest=0, highest=999),
        whole("every", "repaid every", least=1, most=366),
        whole("grace_principal", "grace"),
        whole("anchor_day", "day of the month", least=1, most=31),
        amount("instalment", "regular instalment"),
        amount("principal_left", "outstanding principal"),
        whole("days_late", "days in arrears", most=20_000),
        amount("savings", "savings balance", "compulsory savings"),
        _text("status"),
    )
    schedules = (
        _text("loan", "loan id", "loan number", required=True),
        whole("number", "instalment", "installment", least=1, required=True),
        day("due_date", "due on"),
        amount("principal", "principal due", required=True),
        amount("interest", "interest due", required=True),
        amount("fee", "fees", "fee due"),
        amount("principal_paid"),
        amount("interest_paid"),
        amount("fee_paid"),
    )
    payments = (
        _text("payment", "payment id", "receipt", required=True, unique=True),
        _text("loan", "loan id", "loan number", required=True),
        day("paid_date", "paid on", "transaction date"),
        amount("amount", "amount paid", lowest=1, required=True),
        amount("principal", "principal portion"),
        amount("interest", "interest portion"),
        amount("fee", "fees portion"),
        amount("penalty", "penalty portion"),
    )
    return Profile(
        code="old_book",
        title="Old portfolio",
        taker="",
        tables=(
            TableSpec(LOANS, loans),
            TableSpec(SCHEDULES, schedules, optional=True),
            TableSpec(PAYMENTS, payments, optional=True),
        ),
        form=CsvForm(**form),
    )


@dataclass(slots=True)
class Book:
    """The loans of the lists, and every fault of their rows."""

    loans: list[OldLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: Line, refusal: Refusal, column: str | None = None) -> None:
        """Note a refusal at its cell."""
        name = column or refusal.field
        value = line.text(name)[:100] if name else ""
        place = line.place(name)
        self.faults.append(
            Fault(refusal.code, refusal.said(), place, line.number, name, value or None)
        )


def loans_of(source: Source, on: date) -> Book:
    """The loans with their rows and payments, in the order of their list."""
    book = Book()
    lines = source.lines.get(LOANS, [])
    keys = {line.text("loan"): line for line in lines}
    rows = _by_loan(book, source.lines.get(SCHEDULES, []), keys)
    payments = _by_loan(book, source.lines.get(PAYMENTS, []), keys)
    for key, line in keys.items():
        before = len(book.faults)
        if bool(line.text("person")) == bool(line.text("group")):
            book.fault(line, NoBorrower(field="person"))
        if _day(line, "disbursed_date") > on:
            book.fault(line, AfterTheDay(field="disbursed_date", date=_day(line, "disbursed_date")))
        facts = OldLoanFacts(
            units=_units(line, "amount"),
            disbursed_date=_day(line, "disbursed_date"),
            rows=tuple(_rows(book, line, rows.get(key, []))),
            payments=tuple(_payments(book, line, payments.get(key, []), on)),
            instalment=_maybe(line, "instalment"),
            principal_left=_maybe(line, "principal_left"),
            days_late=_maybe(line, "days_late"),
            saved=_maybe(line, "savings"),
        )
        if facts.rows and (listed := sum(row.principal for row in facts.rows)) != facts.units:
            book.fault(line, PrincipalNotLent(field="amount", listed=listed, lent=facts.units))
        if len(book.faults) == before:
            book.loans.append(
                OldLine(
                    line,
                    key,
                    line.text("person"),
                    line.text("group"),
                    line.text("fund"),
                    line.text("status"),
                    _terms(line),
                    facts,
                )
            )
    return book


def _by_loan(book: Book, lines: Iterable[Line], keys: Mapping[str, Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        key = line.text("loan")
        if key not in keys:
            book.fault(line, LoanNotListed(field="loan", key=key))
        found.setdefault(key, []).append(line)
    return found


def _terms(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in OF_TERMS:
        value = line.values.get(name)
        if isinstance(value, int):
            told[name] = value
    rate = line.values.get("rate_percent")
    return told | rate_terms(rate) if isinstance(rate, Decimal) else told


def rate_terms(percent: Decimal) -> dict[str, int]:
    """A rate in percent as terms have it, however fine it is."""
    exact = Fraction(percent) * PPM_OF_PERCENT
    parts = {} if exact.denominator == 1 else {"rate_parts": exact.denominator}
    return {"rate_ppm": exact.numerator, **parts}


def _rows(book: Book, loan: Line, lines: Iterable[Line]) -> Iterator[OldRow]:
    seen: set[int] = set()
    last = _day(loan, "disbursed_date")
    for line in sorted(lines, key=lambda line: _units(line, "number")):
        number, due_date = _units(line, "number"), _day(line, "due_date")
        if number in seen:
            book.fault(line, RowTwice(field="number", number=number))
            continue
        seen.add(number)
        if due_date <= last and (len(seen) > 1 or due_date < last):
            book.fault(line, DatesNotInOrder(field="due_date", date=due_date))
        last = due_date
        due = {name: _units(line, name) for name in ("fee", "interest", "principal")}
        paid = {name: _maybe(line, f"{name}_paid") for name in due}
        for name, units in paid.items():
            if units is not None and units > due[name]:
                refusal = PaidIsMore(field=f"{name}_paid", number=number, paid=units, due=due[name])
                book.fault(line, refusal)
        told = any(units is not None for units in paid.values())
        yield OldRow(
            number,
            due_date,
            due["principal"],
            due["interest"],
            due["fee"],
            (0, paid["fee"] or 0, paid["interest"] or 0, paid["principal"] or 0) if told else None,
        )


def _payments(book: Book, loan: Line, lines: Iterable[Line], on: date) -> Iterator[OldPayment]:
    start = _day(loan, "disbursed_date")
    for line in sorted(lines, key=lambda line: _day(line, "paid_date")):
        paid_date = _day(line, "paid_date")
        if paid_date < start:
            book.fault(line, BeforePaidOut(field="paid_date", date=paid_date))
        if paid_date > on:
            book.fault(line, AfterTheDay(field="paid_date", date=paid_date))
        parts = [_maybe(line, name) for name in ("penalty", "fee", "interest", "principal")]
        told = any(units is not None for units in parts)
        yield OldPayment(
            line.text("payment"),
            paid_date,
            _units(line, "amount"),
            (parts[0] or 0, parts[1] or 0, parts[2] or 0, parts[3] or 0) if told else None,
        )


def _units(line: Line, name: str) -> int:
    return _maybe(line, name) or 0


def _maybe(line: Line, name: str) -> int | None:
    value = line.values.get(name)
    return value if isinstance(value, int) else None


def _day(line: Line, name: str) -> date:
    value = line.values[name]
    assert isinstance(value, date)
    return value
