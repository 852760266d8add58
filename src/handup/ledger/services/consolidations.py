"""Which books are read as one."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.errors import CodeTaken, GroupNeverInside, TooFewBooks
from handup.ledger.models import Book, ConsolidatedBook, Consolidation
from handup.ledger.rules.words import BookKind
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require


def open_consolidation(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    currency: str,
    books: Sequence[Book],
    programme_id: UUID | None = None,
    with_groups: bool = True,
    id: UUID | None = None,
) -> Consolidation:
    """Say which books are read as one, in which currency.

    Raises CodeTaken, TooFewBooks, GroupNeverInside; OutOfSight for a book she may not see.
    """
    require(acting_staff, "ledger.open_consolidation")
    if (
        row := already_stored(Consolidation, id, acting_staff, code=code, currency=currency)
    ) is not None:
        return row
    if Consolidation.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    _check_books(acting_staff, books)
    with transaction.atomic():
        made: Consolidation = Consolidation.objects.create(
            id=id or new_id(),
            code=code,
            name=name,
            currency=currency,
            programme_id=programme_id,
            with_groups=with_groups,
        )
        _store(made, books)
        audit.record(acting_staff, "ledger.open_consolidation", made, {"books": _codes(books)})
    return made


def change_consolidation(
    *,
    acting_staff: StaffUser,
    consolidation: Consolidation,
    name: str,
    currency: str,
    books: Sequence[Book],
    with_groups: bool,
    active: bool = True,
) -> Consolidation:
    """Change what is read as one from now on; statements are worked out anew each time.

    Raises TooFewBooks, GroupNeverInside, OutOfSight.
    """
    require(acting_staff, "ledger.open_consolidation", consolidation)
    _check_books(acting_staff, books)
    with transaction.atomic():
        row = consolidation
        row.name, row.currency, row.with_groups, row.active = name, currency, with_groups, active
        row.save(update_fields=["name", "currency", "with_groups", "active"])
        row.members.all().delete()
        _store(row, books)
        audit.record(acting_staff, "ledger.change_consolidation", row, {"books": _codes(books)})
    return row


def _check_books(staff: StaffUser, books: Sequence[Book]) -> None:
    ids = {book.pk for book in books}
    if len(ids) < 2:
        raise TooFewBooks(field="books")
    for book in books:
        if book.kind == BookKind.GROUP:
            raise GroupNeverInside(field="books", book=book.name)
    if Book.objects.visible_to(staff).filter(pk__in=ids).count() != len(ids):
        raise OutOfSight


def _store(row: Consolidation, books: Sequence[Book]) -> None:
    ConsolidatedBook.objects.bulk_create(
        ConsolidatedBook(consolidation=row, book=book, place=place)
        for place, book in enumerate(dict.fromkeys(books))
    )


def _codes(books: Sequence[Book]) -> str:
    return " ".join(sorted(book.code for book in books))[:400]
