"""Upkeep of what stands beside the journal: balances made anew, typed remarks blanked."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.ledger.errors import BookMoved
from handup.ledger.models import Balance, Book, Line, Remark
from handup.ledger.rules.words import BookStatus
from handup.ledger.services import heads
from handup.ledger.verify import computed_balances
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require


def rebuild_balances(*, acting_staff: StaffUser, book: Book) -> int:
    """Make a book's balances anew from its lines; returns how many there are.

    The journal is not touched: balances are a projection of it.
    """
    require(acting_staff, "ledger.rebuild_balances", book)
    with transaction.atomic():
        Book.objects.select_for_update().get(pk=book.pk)
        Balance.objects.filter(book=book).delete()
        made = Balance.objects.bulk_create(
            Balance(
                book=book,
                account_id=account,
                month=date.fromisoformat(f"{month}-01"),
                fund_id=fund,
                currency=currency,
                branch_key=branch,
                debit_units=debit,
                credit_units=credit,
                debit_base=debit_base,
                credit_base=credit_base,
            )
            for (account, month, fund, currency, branch), (
                debit,
                credit,
                debit_base,
                credit_base,
            ) in computed_balances(book).items()
        )
        audit.record(acting_staff, "ledger.rebuild_balances", book, {"balances": len(made)})
    return len(made)


def hold_books(programme: UUID) -> None:
    """Lock a programme's books until the transaction ends, in the order in which posting does."""
    heads.lock(Book.objects.filter(programme_id=programme).values_list("pk", flat=True))


def hand_over_books(*, acting_staff: StaffUser, books: Iterable[UUID]) -> int:
    """Let a successor's books go on alone: these take no further entry here. Returns how many.

    Called by the service that proved the hand-over, which has asked the permission. Nothing of the
    journal changes; a book that is closed already stays closed (projects_and_markets.md 4.8).
    """
    with transaction.atomic():
        rows = list(
            Book.objects.select_for_update()
            .filter(pk__in=list(books), status=BookStatus.OPEN.value)
            .order_by("pk")
        )
        for row in rows:
            row.status = BookStatus.MOVED.value
            row.save(update_fields=["status"])
        audit.record_many(
            audit.line(acting_staff, "ledger.hand_over_book", row, {"code": row.code})
            for row in rows
        )
    return len(rows)


def is_moved(book: Book) -> bool:
    """Tell whether a successor keeps this book."""
    return book.status == BookStatus.MOVED


def refuse_if_moved(book: Book) -> None:
    """Refuse to begin what would be posted into a book a successor keeps. Raises BookMoved."""
    if is_moved(book):
        raise BookMoved(book=book.code)


def blank_remarks(*, acting_staff: StaffUser, subjects: Iterable[tuple[str, UUID]]) -> int:
    """Blank what was typed to the entries of these subjects; returns how many remarks.

    Called by the service that erases a person, which has asked the permission (protection.md 4.8).
    Entries stay byte for byte: a remark is never part of what is hashed.
    """
    blanked = 0
    with transaction.atomic():
        for kind, subject in subjects:
            entries = Line.objects.filter(subject_kind=kind, subject_id=subject).values("entry")
            remarks = Remark.objects.filter(entry__in=entries, blanked_at=None)
            for remark in remarks:
                audit.record(acting_staff, "ledger.blank_remarks", remark)
            blanked += remarks.update(text="", blanked_at=timezone.now())
    return blanked
