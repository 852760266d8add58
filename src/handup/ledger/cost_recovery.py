"""Cost recovery of a book's services: the lines of some days, put to the services it follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from handup.ledger.models import Book, CostedService, Line
from handup.ledger.rules.cost_recovery import (
    Amount,
    Followed,
    Recovered,
    current,
    recovered,
    stretches,
)
from handup.ledger.rules.words import CLOSING, AccountType


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with what it earned and cost."""

    service: CostedService
    found: Recovered


@dataclass(frozen=True, slots=True)
class CostRecovery:
    """The services of a book in some days; `unshared`: shared costs that no service has a weight
    for. Units of the book's currency.
    """

    since: date
    on: date
    rows: tuple[ServiceRow, ...]
    unshared: int

    @property
    def fees(self) -> int:
        """What all services earned."""
        return sum(row.found.fees for row in self.rows)

    @property
    def full(self) -> int:
        """What all services cost; with what is not shared, every expense of the book."""
        return sum(row.found.full for row in self.rows)


def followed(row: CostedService, nth: int = 0) -> Followed:
    """A stated service as the rule reads it."""
    return Followed(
        code=row.code,
        starts=row.starts,
        ends=row.ends,
        fee_codes=frozenset(row.fee_codes),
        fee_line=row.fee_line,
        cost_codes=frozenset(row.cost_codes),
        cost_line=row.cost_line,
        weight=row.weight,
        nth=nth,
    )


def stated_of(book: Book) -> dict[Followed, CostedService]:
    """Everything stated of a book's services, in the order it was stated."""
    rows = CostedService.objects.filter(book=book).order_by("recorded_at", "id")
    return {followed(row, nth): row for nth, row in enumerate(rows)}


def cost_recovery(book: Book, since: date, on: date) -> CostRecovery:
    """Fees, direct and allocated cost of each service of a book between two days. What was stated
    counts on its own days: each stretch of days on which the same statements hold is put to them,
    and its shared costs are split by the weights of that stretch.
    """
    stated = stated_of(book)
    totals: dict[str, Recovered] = {}
    unshared = 0
    for first, last in stretches(list(stated), since, on):
        found, left = recovered(
            current(list(stated), first, last),
            _amounts(book, first, last, AccountType.INCOME, -1),
            _amounts(book, first, last, AccountType.EXPENSE, 1),
        )
        unshared += left
        for row in found:
            before = totals.get(row.service.code)
            totals[row.service.code] = row if before is None else before.followed_by(row)
    rows = tuple(ServiceRow(stated[totals[code].service], totals[code]) for code in sorted(totals))
    return CostRecovery(since, on, rows, unshared)


def _amounts(book: Book, since: date, on: date, kind: AccountType, sign: int) -> Sequence[Amount]:
    """What stands on each account and budget line; a year's closing moves nothing here."""
    lines = (
        Line.objects.filter(
            entry__book=book,
            account__type=kind,
            entry__entry_date__gte=since,
            entry__entry_date__lte=on,
        )
        .exclude(
            Q(entry__kind=CLOSING) | Q(entry__reverses__isnull=False, entry__reverses__kind=CLOSING)
        )
        .order_by()
        .values_list("account__code", "budget_line")
        .annotate(units=Sum("base_units"))
    )
    return [Amount(account, line, sign * int(units)) for account, line, units in lines]
