"""Savings are the savers' own: no payment to borrowers leaves less money than savers have."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from handup.kernel.errors import Refusal
from handup.ledger.models import Book
from handup.ledger.queries import balance
from handup.lending.models import Lender, Loan, SavingsAccount
from handup.lending.services import posting
from handup.lending.services.savings_kept import ROLE
from handup.org.prepared import prepared
from handup.org.web.money import format_money

MONEY_ROLES = ("BANK", "CASH", "FACILITY_PLACED")
"""Where savings may lie: they came in there, and nobody lent them on."""


class SavingsLent(Refusal):
    """{money} would be left at bank and till, and savers have {saved} there; savings are never
    lent.
    """


class Kept(NamedTuple):
    """What lies at bank and till of a book, and what of it belongs to savers."""

    money: int
    saved: int


def kept_in(book: Book, currency: str) -> Kept:
    """Money and savings of a book now."""
    money = sum(balance(book, role, currency=currency) for role in MONEY_ROLES)
    return Kept(money, -balance(book, ROLE, currency=currency))


@prepared
def _savers(books: list[UUID]) -> QuerySet[Any, Any]:
    return SavingsAccount.objects.filter(lender__book_id__in=books).values_list("pk")[:1]


def refuse_lending_savings(loans: Iterable[Loan]) -> None:
    """Refuse a payment to borrowers that leaves less money than savers have. Raises SavingsLent."""
    wanted: dict[UUID, set[tuple[Lender, str]]] = defaultdict(set)
    for loan in loans:
        if loan.lender.book_id is not None and loan.lender.posts_loans:
            wanted[loan.lender.book_id].add((loan.lender, loan.currency))
    if not wanted or not _savers(list(wanted)):
        return
    for pairs in wanted.values():
        for lender, currency in pairs:
            book = posting.book_of(lender)
            assert book is not None
            found = kept_in(book, currency)
            if found.money < found.saved:
                raise SavingsLent(
                    money=format_money(found.money, currency),
                    saved=format_money(found.saved, currency),
                )
