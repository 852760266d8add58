"""What the funds of a book owe each other: INTERFUND by fund and currency (ledger.md 4.7). What one
fund owes, others are owed: over all funds it comes to nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, Sum

from handup.ledger.models import AccountRole, Balance, Book, DraftLine, Fund
from handup.ledger.rules.words import DraftStatus
from handup.org.verify import Difference

INTERFUND = "INTERFUND"


@dataclass(frozen=True, slots=True)
class FundOwes:
    """A fund that owes others (owes_units) or is owed (owed_units) in a book and currency; waiting
    of what waits for approval to settle it.
    """

    fund: Fund
    currency: str
    units: int
    waiting_units: int

    @property
    def owes_units(self) -> int:
        """What it has still to settle."""
        return max(-self.units - self.waiting_units, 0)

    @property
    def owed_units(self) -> int:
        """What others have still to settle with it."""
        return max(self.units - self.waiting_units, 0)


def between_funds(book: Book, *, waiting: bool = True) -> list[FundOwes]:
    """Every fund of a book that owes another or is owed, by the code of the fund. waiting: whether
    what waits for approval is told with it.
    """
    accounts = AccountRole.objects.filter(book=book, role=INTERFUND).values("account")
    rows = (
        Balance.objects.filter(account__in=accounts)
        .order_by()
        .values_list("fund", "currency")
        .annotate(n=Sum(F("debit_units") - F("credit_units")))
    )
    held = {(fund, currency): int(units) for fund, currency, units in rows if units}
    waits = _waiting(book) if waiting else {}
    funds = Fund.objects.in_bulk([fund for fund, _currency in held])
    found = [
        FundOwes(funds[fund], currency, units, waits.get((fund, currency), (0, 0))[units > 0])
        for (fund, currency), units in held.items()
    ]
    return sorted(found, key=lambda item: (item.fund.code, item.currency))


def _waiting(book: Book) -> dict[tuple[UUID, str], tuple[int, int]]:
    """What waits for approval on INTERFUND, by fund and currency: what would settle of what it
    owes, and of what it is owed.
    """
    accounts = AccountRole.objects.filter(book=book, role=INTERFUND).values("account")
    rows = (
        DraftLine.objects.filter(
            draft__book=book, draft__status=DraftStatus.DRAFT, account__in=accounts
        )
        .order_by()
        .values_list("fund", "currency")
        .annotate(
            pays=Sum("units", filter=Q(units__gt=0)), takes=Sum("units", filter=Q(units__lt=0))
        )
    )
    return {
        (fund, currency): (int(pays or 0), -int(takes or 0)) for fund, currency, pays, takes in rows
    }


def funds_cancel(only: Book | None = None) -> Iterator[Difference]:
    """What the funds of a book owe each other comes to nothing in every currency."""
    roles = AccountRole.objects.filter(role=INTERFUND).filter(
        Q() if only is None else Q(book=only.pk)
    )
    rows = (
        Balance.objects.filter(account__in=roles.values("account"))
        .order_by()
        .values_list("account__book__code", "currency")
        .annotate(n=Sum(F("debit_units") - F("credit_units")))
    )
    for code, currency, units in rows:
        if units:
            yield Difference(f"{code} {INTERFUND} {currency}", str(units), "0")
