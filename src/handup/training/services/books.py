"""The book of a programme that pays what training costs."""

from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind, BookStatus
from handup.projects.models import Programme
from handup.training.services.refusals import SupportBookElsewhere, SupportBookUnclear

OURS = (BookKind.PROGRAMME, BookKind.LENDER)


def paying_book(programme: Programme, currency: str, book: Book | None) -> Book | None:
    """The book that pays: the one named, else the programme's only one; None where it keeps none.

    Raises SupportBookElsewhere, SupportBookUnclear.
    """
    if book is not None:
        of_ours = book.programme_id in (None, programme.pk) and book.kind in OURS
        if not of_ours or book.practice or book.base_currency != currency:
            raise SupportBookElsewhere(field="book", currency=currency)
        return book
    found = Book.objects.filter(
        programme_id=programme.pk,
        kind__in=OURS,
        status=BookStatus.OPEN,
        practice=False,
        base_currency=currency,
    )[:2]
    if len(found) > 1:
        raise SupportBookUnclear(field="book")
    if not found and Book.objects.filter(programme_id=programme.pk, kind__in=OURS).exists():
        raise SupportBookElsewhere(field="book", currency=currency)
    return found[0] if found else None
