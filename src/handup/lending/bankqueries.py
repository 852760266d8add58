"""Reads of the bank channel: an account's balance in the books against its statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from handup.ledger.queries import balance
from handup.lending.models import BankAccount, BankStatement, PaymentOrder, StatementLine
from handup.lending.rules.banking.codes import ON_SUSPENSE, LineFate, OrderState

WAITING = sorted(fate.value for fate in ON_SUSPENSE)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One account: what the bank says, what the books say, and what explains the difference.

    The books keep one bank account for a book and currency, so accounts that share one are added
    up: `accounts` of them, `stated_units` is None while one has no statement with a balance.
    """

    on: date | None
    accounts: int
    stated_units: int | None
    books_units: int
    faulty_units: int
    on_the_way_units: int

    @property
    def difference(self) -> int | None:
        """Books less statements."""
        return None if self.stated_units is None else self.books_units - self.stated_units

    @property
    def unexplained(self) -> int | None:
        """What neither lines with faults nor orders on their way explain."""
        if self.difference is None:
            return None
        return self.difference + self.faulty_units + self.on_the_way_units


def last_statements(accounts: Sequence[BankAccount]) -> list[BankStatement | None]:
    """The last statement with a closing balance of each account."""
    return [
        BankStatement.objects.filter(account=account, closing_units__isnull=False)
        .order_by("-to_date", "-pk")
        .first()
        for account in accounts
    ]


def reconcile(account: BankAccount) -> Reconciliation:
    """Compare the books with the last statements of all accounts that share the books' account."""
    accounts = list(
        BankAccount.objects.filter(book=account.book_id, currency=account.currency).order_by("pk")
    )
    found = last_statements(accounts)
    days = [each.to_date for each in found if each is not None and each.to_date is not None]
    on = max(days, default=None)
    stated = None
    if all(found):
        stated = sum(each.closing_units or 0 for each in found if each is not None)
    faulty = StatementLine.objects.filter(account__in=accounts, fate=LineFate.FAULT.value)
    underway = PaymentOrder.objects.filter(
        batch__account__in=accounts,
        event__isnull=False,
        state__in=(OrderState.WAITING, OrderState.SENT, OrderState.ACCEPTED),
    )
    return Reconciliation(
        on=on,
        accounts=len(accounts),
        stated_units=stated,
        books_units=balance(account.book, "BANK", on=on, currency=account.currency),
        faulty_units=int(faulty.aggregate(total=Sum("units"))["total"] or 0),
        on_the_way_units=int(underway.aggregate(total=Sum("units"))["total"] or 0),
    )
