"""The proof of portfolios taken over: the opening journal of each says what its loans owed then."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import AccountRole, Entry, Line
from handup.lending.models import OldBook, OldLoan
from handup.lending.rules.old_book import OldBookState
from handup.lending.services.old_book_facts import position_data
from handup.org.verify import Check, Difference

ROLES = {"LOANS": ("principal", 1), "INTEREST_DUE": ("interest", 1), "FEES_DUE": ("fees", 1)}
ROLES["BORROWER_CREDIT"] = ("overpaid", -1)
SAVINGS = "COMPULSORY_SAVINGS"


def openings_hold() -> Iterator[Difference]:
    """Each journal's lines are its loans' positions; one taken back is reversed."""
    books = OldBook.objects.filter(
        state__in=(OldBookState.SIGNED.value, OldBookState.UNDONE.value)
    ).select_related("lender")
    for book in books:
        if not book.lender.posts_loans:
            continue
        entry = Entry.objects.filter(pk=book.entry).first() if book.entry is not None else None
        if entry is not None:
            stands = not hasattr(entry, "reversal")
            if stands != (book.state == OldBookState.SIGNED):
                yield Difference(f"old portfolio {book.code}", book.state, f"journal {stands}")
        yield from _lines(book, entry)


def _lines(book: OldBook, entry: Entry | None) -> Iterator[Difference]:
    posted: dict[tuple[UUID, str], int] = {}
    if entry is not None:
        called = AccountRole.objects.filter(book=entry.book_id, role__in=(*ROLES, SAVINGS))
        roles = dict(called.order_by().values_list("account", "role"))
        rows = Line.objects.filter(entry=entry, subject_kind="loan", account__in=list(roles))
        sums = rows.order_by().values_list("subject_id", "account").annotate(units=Sum("units"))
        for loan_id, account, units in sums:
            key = loan_id, roles[account]
            posted[key] = posted.get(key, 0) + units
    wanted: dict[tuple[UUID, str], int] = {}
    for row in OldLoan.objects.filter(book=book, loan__isnull=False):
        assert row.loan_id is not None
        found = position_data(row)
        for role, (name, sign) in ROLES.items():
            if units := sign * getattr(found, name):
                wanted[row.loan_id, role] = units
        if units := row.told.get("saved"):
            wanted[row.loan_id, SAVINGS] = -units
    for key in posted.keys() | wanted.keys():
        left, right = posted.get(key, 0), wanted.get(key, 0)
        if left != right:
            yield Difference(f"loan {key[0]} {key[1]} opening", str(left), str(right))


CHECKS = (
    Check(
        "LENDING_OLD_BOOKS",
        _("Opening journals say what the loans taken over owed"),
        openings_hold,
    ),
)
