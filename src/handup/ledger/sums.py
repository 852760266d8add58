"""What accounts add up to between two days: whole months from the balances, the rest from lines.

Days are as posted (entry_date) or as it happened (happened_date), both ends included. `verify`
proves that balances and lines say the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from handup.ledger.models import Balance, Book, Line
from handup.org.prepared import prepared


class By(StrEnum):
    """Which of its two days an entry counts on: when it was posted, or when it happened."""

    POSTED = "POSTED"
    HAPPENED = "HAPPENED"

    @property
    def column(self) -> str:
        """The column of the entry."""
        return "entry_date" if self is By.POSTED else "happened_date"


@dataclass(slots=True)
class Sums:
    """What an account added up to: units and base units, debit and credit apart."""

    debit: int = 0
    credit: int = 0
    debit_base: int = 0
    credit_base: int = 0

    @property
    def net(self) -> int:
        """Debit less credit, in units."""
        return self.debit - self.credit

    @property
    def net_base(self) -> int:
        """Debit less credit, in the book's currency."""
        return self.debit_base - self.credit_base

    def add(self, debit: int, credit: int, debit_base: int, credit_base: int) -> None:
        """Add another part."""
        self.debit += debit
        self.credit += credit
        self.debit_base += debit_base
        self.credit_base += credit_base


SumsBy = dict[tuple[UUID, str], Sums]


@dataclass(frozen=True, slots=True)
class Only:
    """What a statement is cut down to: one fund, one branch, one currency; or everything.

    A statement of one currency tells its amounts as they are; any other one in the book's currency.
    """

    fund: UUID | None = None
    branch: UUID | None = None
    currency: str = ""

    @property
    def as_told(self) -> tuple[UUID | None, UUID | None, str | None]:
        """Fund, branch and currency, each None where it cuts nothing off."""
        return self.fund, self.branch, self.currency or None

    def told(self, part: "Sums") -> int:
        """What an account holds, in the currency the statement is told in."""
        return part.net if self.currency else part.net_base


EVERYTHING = Only()


def sums_of(
    book: Book,
    since: date | None,
    through: date,
    only: Only = EVERYTHING,
    by: By = By.POSTED,
) -> SumsBy:
    """What each account added up to by currency between two days; since None: from the start."""
    if by is By.HAPPENED:
        found: SumsBy = defaultdict(Sums)
        _add(found, line_sums(book, since, through, only, by=by))
        return found
    first_whole = first_whole_month(since)
    end_whole = first_whole_month(through + timedelta(days=1), round_down=True)
    result: SumsBy = defaultdict(Sums)
    if first_whole >= end_whole:
        _add(result, line_sums(book, since, through, only))
        return result
    _add(result, _month_sums(book, first_whole, end_whole, only))
    if since is not None and since < first_whole:
        _add(result, line_sums(book, since, first_whole - timedelta(days=1), only))
    if end_whole <= through:
        _add(result, line_sums(book, end_whole, through, only))
    return result


def first_whole_month(since: date | None, *, round_down: bool = False) -> date:
    """The first month that lies wholly on or after a day."""
    if since is None:
        return date.min
    first = since.replace(day=1)
    if since == first or round_down:
        return first
    return (first + timedelta(days=31)).replace(day=1)


Rows = Iterable[tuple[UUID, str, int, int, int, int]]


def _add(result: SumsBy, rows: Rows) -> None:
    for account, currency, *amounts in rows:
        result[account, currency].add(*(int(amount) for amount in amounts))


def _month_sums(book: Book, first: date, before: date, only: Only) -> Rows:
    return _of_months(book.pk, first, before, *only.as_told)


@prepared
def _of_months(
    book_id: UUID,
    first: date,
    before: date,
    fund: UUID | None,
    branch: UUID | None,
    currency: str | None,
) -> QuerySet[Any, Any]:
    rows = Balance.objects.filter(book=book_id, month__gte=first, month__lt=before)
    if fund is not None:
        rows = rows.filter(fund=fund)
    if branch is not None:
        rows = rows.filter(branch_key=branch)
    if currency is not None:
        rows = rows.filter(currency=currency)
    return (
        rows.order_by()
        .values_list("account", "currency")
        .annotate(
            debit=Sum("debit_units"),
            credit=Sum("credit_units"),
            debit_in_base=Sum("debit_base"),
            credit_in_base=Sum("credit_base"),
        )
    )


def _signed(field: str, *, debit: bool) -> Sum:
    side = Q(**{f"{field}__gt": 0}) if debit else Q(**{f"{field}__lt": 0})
    return Sum(Case(When(side, then=F(field) if debit else -F(field)), default=Value(0)))


def line_sums(
    book: Book,
    since: date | None,
    through: date,
    only: Only,
    kind: str = "",
    by: By = By.POSTED,
) -> Rows:
    """What the lines of some days add up to, by account and currency."""
    happened = by is By.HAPPENED
    return _of_lines(book.pk, happened, since, through, kind or None, *only.as_told)


@prepared
def _of_lines(
    book_id: UUID,
    happened: bool,
    since: date | None,
    through: date,
    kind: str | None,
    fund: UUID | None,
    branch: UUID | None,
    currency: str | None,
) -> QuerySet[Any, Any]:
    column = (By.HAPPENED if happened else By.POSTED).column
    lines = Line.objects.filter(entry__book=book_id, **{f"entry__{column}__lte": through})
    if since is not None:
        lines = lines.filter(**{f"entry__{column}__gte": since})
    if kind is not None:
        lines = lines.filter(entry__kind=kind)
    if fund is not None:
        lines = lines.filter(fund=fund)
    if branch is not None:
        lines = lines.filter(branch=branch)
    if currency is not None:
        lines = lines.filter(currency=currency)
    return (
        lines.order_by()
        .values_list("account", "currency")
        .annotate(
            debit=_signed("units", debit=True),
            credit=_signed("units", debit=False),
            debit_in_base=_signed("base_units", debit=True),
            credit_in_base=_signed("base_units", debit=False),
        )
    )
