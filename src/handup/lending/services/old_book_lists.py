"""The lists of a portfolio that was taken over, written from what is held here now: the same rows
that came in.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from handup.kernel.money import amount_text
from handup.lending.models import Loan, LoanEvent, OldBook, OldLoan
from handup.lending.rules.codes import EventKind, Source
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL, State
from handup.lending.rules.old_book_tables import OF_TERMS, PPM_OF_PERCENT
from handup.lending.services.store import state_as_of
from handup.org.web.export import safe_text
from handup.org.web.money import currency_digits

FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def lists_of(book: OldBook, loans: QuerySet[OldLoan] | None = None) -> dict[str, str]:
    """The three lists as CSV by file name, with the columns that were filled: what the loans are
    here as of the day. Payments are those of loans that came with their history. `loans`: those of
    the book that the reader may see; all of them unless given.
    """
    rows = list(
        (OldLoan.objects.filter(book=book) if loans is None else loans)
        .filter(loan__isnull=False)
        .select_related("loan", "person", "group")
        .order_by("place")
    )
    digits = currency_digits(book.currency)
    states = [(row, state_as_of(_loan(row), book.cutover_date)) for row in rows]
    return {
        "loans.csv": _loans(rows, digits),
        "schedules.csv": _schedules(states, digits),
        "payments.csv": _payments(states, digits),
    }


def _loan(row: OldLoan) -> Loan:
    assert row.loan is not None
    return row.loan


def _loans(rows: Sequence[OldLoan], digits: int) -> str:
    terms = [name for name in (*OF_TERMS, "rate_ppm") if any(name in row.terms for row in rows)]
    owners = [
        name for name in ("person", "group") if any(getattr(row, f"{name}_id") for row in rows)
    ]
    heads = ["loan", *owners, "amount", "disbursed_date"]
    heads += ["rate_percent" if name == "rate_ppm" else name for name in terms]
    lines = []
    for row in rows:
        loan = _loan(row)
        numbers = {
            "person": loan.person.registration_no if loan.person is not None else "",
            "group": loan.group.code if loan.group is not None else "",
        }
        line: list[Any] = [row.key, *(numbers[name] for name in owners)]
        line += [amount_text(loan.disbursed_units, digits), loan.disbursed_date]
        line += [_term(name, row.terms) for name in terms]
        lines.append(line)
    return _csv(heads, lines)


def _term(name: str, told: Mapping[str, int]) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if name != "rate_ppm":
        return str(value)
    percent = Decimal(value) / (PPM_OF_PERCENT * told.get("rate_parts", 1))
    return f"{percent.normalize():f}"


def _schedules(states: Sequence[tuple[OldLoan, State]], digits: int) -> str:
    listed = [told for row, _state in states for told in row.rows]
    if not listed:
        return ""
    fees = any(told[4] for told in listed)
    paid = any(told[5] is not None for told in listed)
    parts = [("principal", PRINCIPAL), ("interest", INTEREST)] + ([("fee", FEE)] if fees else [])
    heads = ["loan", "number", "due_date", *(name for name, _place in parts)]
    heads += [f"{name}_paid" for name, _place in parts] if paid else []
    lines = []
    for row, state in states:
        for due in state.rows if row.rows else ():
            line: list[Any] = [row.key, due.number, due.due_date]
            line += [amount_text(due.due[place], digits) for _name, place in parts]
            if paid:
                line += [amount_text(due.paid[place], digits) for _name, place in parts]
            lines.append(line)
    return _csv(heads, lines)


def _payments(states: Sequence[tuple[OldLoan, State]], digits: int) -> str:
    listed = [told for row, _state in states for told in row.payments]
    if not listed:
        return ""
    places = {"principal": PRINCIPAL, "interest": INTEREST, "fee": FEE, "penalty": PENALTY}
    told_parts = [told[3] for told in listed if told[3] is not None]
    parts = [
        (name, place)
        for name, place in places.items()
        if told_parts
        and (place in (PRINCIPAL, INTEREST) or any(told[place] for told in told_parts))
    ]
    events = LoanEvent.objects.filter(
        loan__in=[_loan(row).pk for row, _state in states],
        kind=EventKind.REPAID.value,
        source=Source.OLD_BOOK.value,
    ).exclude(reference="")
    by_loan: dict[Any, list[LoanEvent]] = {}
    for event in events.order_by("seq"):
        by_loan.setdefault(event.loan_id, []).append(event)
    lines = []
    for row, state in states:
        for event in by_loan.get(_loan(row).pk, ()):
            line: list[Any] = [event.reference, row.key, event.value_date]
            line.append(amount_text(event.units, digits))
            splits = [split for split in state.splits if split.event_id == event.pk]
            line += [
                amount_text(sum(split.parts[place] for split in splits), digits)
                for _name, place in parts
            ]
            lines.append(line)
    heads = ["payment", "loan", "paid_date", "amount", *(name for name, _place in parts)]
    return _csv(heads, lines)


def _cell(cell: Any) -> Any:
    """What a cell holds: a figure or a day as it is, any other text never as a formula."""
    told = isinstance(cell, str) and not FIGURE.fullmatch(cell)
    return safe_text(cell) if told else cell


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return stream.getvalue()
