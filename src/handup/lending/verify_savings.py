"""The proof of compulsory savings: the books owe each saver what her movements come to, behind the
same loans; no account is below zero; what savers have lies at bank and till.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import AccountRole, Book, Line
from handup.lending.models import SavingsAccount, SavingsMove
from handup.lending.rules.codes import OWN_MODES
from handup.lending.services.never_lent import kept_in
from handup.lending.services.savings_kept import ROLE
from handup.org.verify import Check, Difference


def savings_stand() -> Iterator[Difference]:
    """Movements against the books, by loan and by account."""
    rows = SavingsMove.objects.order_by().values_list(
        "account", "loan", "account__lender__book", "account__lender__mode"
    )
    wanted: dict[tuple[UUID, UUID], int] = {}
    for account, loan, book, mode, units in rows.annotate(n=Sum("units")):
        if units < 0:
            yield Difference(f"savings {account} behind {loan}", str(units), "0 or more")
        if book is not None and mode in OWN_MODES:
            key = (book, loan or account)
            wanted[key] = wanted.get(key, 0) + units
    posted: dict[tuple[UUID, UUID], int] = {
        (book, subject): -int(units)
        for book, subject, units in Line.objects.filter(
            account__in=AccountRole.objects.filter(role=ROLE).values("account"),
            subject_id__isnull=False,
        )
        .order_by()
        .values_list("entry__book", "subject_id")
        .annotate(n=Sum("units"))
    }
    for key in wanted.keys() | posted.keys():
        left, right = posted.get(key, 0), wanted.get(key, 0)
        if left != right:
            yield Difference(f"{ROLE} of {key[1]}", str(left), str(right))


def savings_are_kept() -> Iterator[Difference]:
    """Nothing of what savers have is lent or spent."""
    pairs = SavingsAccount.objects.filter(
        lender__mode__in=OWN_MODES, lender__book__isnull=False
    ).order_by()
    for book_id, currency in set(pairs.values_list("lender__book", "currency")):
        book = Book.objects.get(pk=book_id)
        found = kept_in(book, currency)
        if found.money < found.saved:
            yield Difference(f"{book.code} {currency}", str(found.money), f"{found.saved} saved")


CHECKS = (
    Check("LENDING_SAVINGS", _("The books owe savers what they saved"), savings_stand),
    Check("LENDING_SAVINGS_KEPT", _("Savings lie at bank and till"), savings_are_kept),
)
