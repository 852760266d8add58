"""Reads of the books: balances, trial balance, an account's lines with their running balance."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Sum

from handup.ledger.models import Book, Line

Subject = tuple[str, UUID]


def _role_lines(book: Book, role: str, on: date | None) -> models.QuerySet[Line]:
    lines: models.QuerySet[Line] = Line.objects.filter(
        account__roles__role=role, account__book=book
    )
    return lines if on is None else lines.filter(entry__entry_date__lte=on)


def balance(
    book: Book,
    role: str,
    subject: Subject | None = None,
    on: date | None = None,
    currency: str = "",
    fund: UUID | None = None,
) -> int:
    """The balance of a role in units, debit positive: of the whole account, or of one subject.

    on: as posted at the end of that day; None: of everything. currency empty: the book's own.
    fund: of that fund only.
    """
    lines = _role_lines(book, role, on).filter(currency=currency or book.base_currency)
    if fund is not None:
        lines = lines.filter(fund_id=fund)
    if subject is not None:
        lines = lines.filter(subject_kind=subject[0], subject_id=subject[1])
    total: int | None = lines.aggregate(total=Sum("units"))["total"]
    return total or 0


def balances_by_subject(
    book: Book,
    role: str,
    subject_kind: str,
    subjects: Sequence[UUID] | None = None,
    on: date | None = None,
    currency: str = "",
) -> dict[UUID, int]:
    """The balance of a role per subject of one kind, in one statement; subjects at zero are left
    out.
    """
    lines = _role_lines(book, role, on).filter(
        currency=currency or book.base_currency, subject_kind=subject_kind
    )
    if subjects is not None:
        lines = lines.filter(subject_id__in=subjects)
    rows = lines.order_by().values_list("subject_id").annotate(total=Sum("units"))
    return {subject: total for subject, total in rows if total}
