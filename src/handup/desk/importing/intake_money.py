"""The money sheets of the intake workbook: loans that run already, and what was paid back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from handup.desk.importing.taking import NotFound, Offer, Taking
from handup.kernel.importing.reading import Line
from handup.kernel.money import units_from_text
from handup.kernel.sheet_faults import NotAnAmount
from handup.lending.models import Lender, Loan
from handup.lending.rules.codes import Method
from handup.lending.rules.codes import Source as LoanSource
from handup.lending.rules.old_book_tables import rate_terms
from handup.lending.services import (
    ExistingLoanIn,
    RepaymentIn,
    enter_loans,
    record_repayments,
)
from handup.org.web.money import currency_digits
from handup.people.models import Person


def amount_of(taking: Taking, line: Line, column: str, currency: str) -> int | None:
    """A cell as smallest units of a currency; refused when it has more decimals than that."""
    value = line.values.get(column)
    if value is None:
        return None
    digits = currency_digits(currency)
    try:
        return units_from_text(f"{value:f}" if isinstance(value, Decimal) else str(value), digits)
    except ValueError:
        refusal = NotAnAmount(field=column, column=column, value=line.text(column), digits=digits)
        taking.fault(line, refusal)
        return None


def loans(
    taking: Taking,
    lines: Sequence[Line],
    find: Callable[[Iterable[str]], Mapping[str, Person]],
) -> None:
    """Enter running loans with the day they were paid out."""
    fresh = taking.fresh(lines, lambda line: line.text("loan"))
    persons = find(line.text("person") for line, _ in fresh)
    codes = {line.text("lender") for line, _ in fresh}
    rows = Lender.objects.visible_to(taking.staff).filter(code__in=codes)
    lenders = {lender.code: lender for lender in rows.select_related("book")}
    offers = []
    for line, key in fresh:
        person, lender = persons.get(line.text("person")), lenders.get(line.text("lender"))
        if person is None:
            taking.fault(line, NotFound(field="person", key=line.text("person")))
        if lender is None:
            taking.fault(line, NotFound(field="lender", key=line.text("lender")))
        if person is None or lender is None:
            continue
        units = amount_of(taking, line, "amount", lender.currency)
        if units is not None:
            offers.append(Offer(line, key, _loan(taking, line, key, person, lender, units)))
    taking.take(
        offers,
        lambda items: enter_loans(items, acting_staff=taking.staff, source=LoanSource.IMPORT),
    )


def _loan(
    taking: Taking, line: Line, key: str, person: Person, lender: Lender, units: int
) -> ExistingLoanIn:
    rate = line.values["rate_percent"]
    paid_out, stated = line.values["disbursed_date"], line.values.get("status_date")
    assert isinstance(rate, Decimal)
    assert isinstance(paid_out, date)
    return ExistingLoanIn(
        lender=lender,
        programme=taking.programme,
        terms={
            "preset": line.text("repayment"),
            "currency": lender.currency,
            "digits": currency_digits(lender.currency),
            **rate_terms(rate),
            "instalments": line.values["instalments"],
        },
        units=units,
        disbursed_date=paid_out,
        officer=taking.staff,
        person=person,
        office=person.office,
        external_reference=key,
        stated_status=line.text("status"),
        stated_date=stated if isinstance(stated, date) else None,
    )


def repayments(taking: Taking, lines: Sequence[Line]) -> None:
    """Record what was paid back on loans of the file or of an import before."""
    fresh = taking.fresh(lines, lambda line: line.text("repayment"))
    ids: dict[str, UUID] = {}
    for line, _ in fresh:
        record = taking.record_of("loans", line.text("loan"))
        if record is not None:
            ids[line.text("loan")] = record
    found: dict[UUID, Loan] = {}
    listed = sorted(set(ids.values()))
    for start in range(0, len(listed), 500):
        found |= Loan.objects.visible_to(taking.staff).in_bulk(listed[start : start + 500])
    offers = []
    for line, key in fresh:
        loan = found.get(ids.get(line.text("loan"), taking.batch.pk))
        if loan is None:
            taking.fault(line, NotFound(field="loan", key=line.text("loan")))
            continue
        units = amount_of(taking, line, "amount", loan.currency)
        paid = line.values["paid_date"]
        assert isinstance(paid, date)
        if units is None:
            continue
        item = RepaymentIn(
            loan=loan.pk,
            value_date=paid,
            units=units,
            method=Method(line.text("method") or Method.CASH.value),
            reference=line.text("reference"),
            source=LoanSource.IMPORT,
        )
        offers.append(Offer(line, key, item))
    taking.take(offers, lambda items: record_repayments(items, acting_staff=taking.staff))
