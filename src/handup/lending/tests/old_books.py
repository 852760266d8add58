"""Portfolios of invented other systems, worked out here on their own, not by the engine: one that
rounds per loan, one that rounds every interest half to even, one with whole instalments.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from django.utils import timezone

from handup.lending.models import OldBook
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books
from handup.lending.tests.cast import World, make_person
from handup.people.models import Person

CUTOVER = date(2025, 6, 30)
HALF_EVEN = {"preset": "fineract-cumulative-months"}
PER_LOAN = {"preset": "mifos-classic-flat"}
BY_THE_DAY = {"preset": "mifos-daily"}
CENT = Decimal("0.01")
HEADS = {
    "loans": "loan,person,amount,disbursed_date,instalments,rate_percent",
    "schedules": "loan,number,due_date,principal,interest,principal_paid,interest_paid",
    "payments": "payment,loan,paid_date,amount,principal,interest",
}


@dataclass(slots=True)
class Lists:
    """The three lists, row by row, as texts."""

    loans: list[list[Any]] = field(default_factory=list)
    schedules: list[list[Any]] = field(default_factory=list)
    payments: list[list[Any]] = field(default_factory=list)

    def csv(self, name: str) -> str:
        """One list as a file."""
        return as_csv(HEADS[name].split(","), getattr(self, name))

    def zipped(self) -> bytes:
        """All three in one file."""
        return zipped({f"{name}.csv": self.csv(name) for name in HEADS})


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under their headings."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return stream.getvalue()


def zipped(files: dict[str, str]) -> bytes:
    """Files packed together, the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return stream.getvalue()


def monthly(start: date, number: int) -> date:
    """The same day some months later (days up to the 28th)."""
    month = start.month - 1 + number
    return date(start.year + month // 12, month % 12 + 1, start.day)


Rows = list[tuple[date, Decimal, Decimal]]


def per_loan(amount: Decimal, percent: Decimal, count: int, start: date) -> Rows:
    """An older system: flat interest, rounded for the loan as a whole, the rest in the last row."""
    interest = amount * percent / 100 * count / 12
    regular = ((amount + interest) / count).quantize(CENT, ROUND_HALF_UP)
    each = (interest / count).quantize(CENT, ROUND_HALF_UP)
    total = (amount + interest).quantize(CENT, ROUND_HALF_UP)
    rows: Rows = []
    for number in range(1, count + 1):
        last = number == count
        due = total - regular * (count - 1) if last else regular
        principal = amount - sum((row[1] for row in rows), Decimal(0)) if last else due - each
        rows.append((monthly(start, number), principal, due - principal))
    return rows


def half_even(amount: Decimal, percent: Decimal, count: int, start: date) -> Rows:
    """A newer system: one instalment by the annuity formula, interest of each month on the balance,
    all rounded half to even; the last row takes what is left.
    """
    rate = percent / 1200
    regular = (amount * rate / (1 - (1 + rate) ** -count)).quantize(CENT, ROUND_HALF_EVEN)
    return _on_balance(amount, rate, count, start, regular, ROUND_HALF_EVEN)


def to_the_major_unit(amount: Decimal, percent: Decimal, count: int, start: date) -> Rows:
    """A third: the instalment rounded up to a whole major unit."""
    rate = percent / 1200
    exact = amount * rate / (1 - (1 + rate) ** -count)
    regular = exact.quantize(Decimal(1), ROUND_CEILING)
    return _on_balance(amount, rate, count, start, regular, ROUND_HALF_EVEN)


def by_the_day(amount: Decimal, percent: Decimal, count: int, start: date) -> Rows:
    """A fourth: a rate for each day, one instalment that pays the loan off, interest half up."""
    days = [monthly(start, number) for number in range(count + 1)]
    rates = [percent / 100 * (last - first).days for first, last in pairwise(days)]
    grown, sums = Decimal(1), Decimal(1)
    for number, rate in enumerate(rates):
        grown *= 1 + rate
        if number:
            sums = 1 + sums * (1 + rate)
    regular = (amount * grown / sums).quantize(CENT, ROUND_HALF_UP)
    rows: Rows = []
    left = amount
    for number, rate in enumerate(rates, 1):
        interest = (left * rate).quantize(CENT, ROUND_HALF_UP)
        principal = left if number == count else regular - interest
        rows.append((days[number], principal, interest))
        left -= principal
    return rows


def _on_balance(
    amount: Decimal, rate: Decimal, count: int, start: date, regular: Decimal, mode: str
) -> Rows:
    rows: Rows = []
    left = amount
    for number in range(1, count + 1):
        interest = (left * rate).quantize(CENT, mode)
        principal = left if number == count else regular - interest
        rows.append((monthly(start, number), principal, interest))
        left -= principal
    return rows


def book_of(
    world: World, schedule: Any, loans: int = 6, paid: int = 4, percent: str = "24"
) -> tuple[Lists, list[Person]]:
    """A portfolio of an invented system: each loan pays its first instalments on their days."""
    lists, people = Lists(), []
    for place in range(loans):
        person = make_person(world.programme, world.office, world.cast.advisor, f"Borrower {place}")
        people.append(person)
        key = f"OLD-{place + 1:03}"
        amount, start = Decimal(1000 + 137 * place), date(2025, 1, 10 + place)
        rows = schedule(amount, Decimal(percent), 12, start)
        lists.loans.append(
            [key, person.registration_no, f"{amount}.00", start.isoformat(), 12, percent]
        )
        for number, (due, principal, interest) in enumerate(rows, 1):
            here = number <= paid
            lists.schedules.append(
                [
                    *(key, number, due.isoformat(), f"{principal:.2f}", f"{interest:.2f}"),
                    f"{principal:.2f}" if here else "0.00",
                    f"{interest:.2f}" if here else "0.00",
                ]
            )
            if here:
                lists.payments.append(
                    [
                        *(f"{key}/{number}", key, due.isoformat(), f"{principal + interest:.2f}"),
                        *(f"{principal:.2f}", f"{interest:.2f}"),
                    ]
                )
    return lists, people


def opened(world: World, terms: dict[str, Any] | None = None, **changes: Any) -> OldBook:
    fields: dict[str, Any] = {
        "code": "OLD",
        "name": "Portfolio of the old system",
        "lender": world.direct,
        "programme": world.programme,
        "terms": terms or HALF_EVEN,
        "cutover_date": CUTOVER,
        "on": timezone.localdate(),
        "office": world.office,
        "officer": world.cast.officer,
    }
    return old_books.open_old_book(acting_staff=world.cast.accountant, **{**fields, **changes})


def received(world: World, book: OldBook, lists: Lists) -> OldBook:
    return old_books.receive_lists(
        acting_staff=world.cast.accountant, book=book, name="old.zip", content=lists.zipped()
    )


def decided(world: World, lists: Lists, terms: dict[str, Any], **changes: Any) -> OldBook:
    book = received(world, opened(world, terms, **changes), lists)
    assert not book.fault_count, old_books.faults_of(book)
    return old_books.decide_ways(
        acting_staff=world.cast.accountant, book=book, on=timezone.localdate()
    )


def balanced(world: World, book: OldBook) -> OldBook:
    """With the totals the lists come to."""
    totals = signing.totals_of(book)
    return signing.state_controls(acting_staff=world.cast.accountant, book=book, controls=totals)


def signed(world: World, book: OldBook) -> OldBook:
    today = timezone.localdate()
    balanced(world, book)
    signing.propose_old_book(acting_staff=world.cast.manager, book=book, proposed_date=today)
    return signing.sign_old_book(acting_staff=world.cast.director, book=book, signed_date=today)


def proofs(book: OldBook) -> set[str]:
    return set(book.loans.values_list("proof", flat=True))
