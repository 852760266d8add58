"""Keeping ratios as they were reported: definition, both numbers, cut-off; never changed."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from handup.ledger.models import Book
from handup.lending.models import Lender, Loan, RatioRecord
from handup.lending.reported import report
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import may, require
from handup.org.scope import on_no_team


def record_ratios(
    *,
    acting_staff: StaffUser,
    since: date,
    on: date,
    currency: str,
    lender: Lender | None = None,
) -> list[RatioRecord]:
    """Keep every ratio of the loans she may see, of one currency and, if asked, one lender. What is
    kept others read: whom she alone knows of, from a case team or an emergency, is left out.

    All of them are as the loans stand now, none from a copy of the night before. The same numbers
    of the same period twice are kept once. Raises NotAllowed.
    """
    require(acting_staff, "lending.record_ratios", lender)
    reader = on_no_team(acting_staff)
    loans = Loan.objects.visible_to(reader)
    if lender is not None:
        loans = loans.filter(lender=lender)
    with transaction.atomic():
        books = books_for(acting_staff, lender)
        found = report(since, on, loans, currency, books, reader=reader, copied=False)
        kept: list[RatioRecord] = []
        for item in found.ratios:
            values = {
                "ratio": item.ratio.id.value,
                "parameter": item.ratio.parameter,
                "lender": lender,
                "currency": currency,
                "starts": since,
                "cut_off": on,
                "numerator": item.ratio.numerator,
                "denominator": item.ratio.denominator,
                "numerator_loans": item.ratio.numerator_loans,
                "loans": item.ratio.loans,
            }
            known = RatioRecord.objects.filter(**values).first()
            kept.append(known or RatioRecord.objects.create(recorded_by=acting_staff, **values))
        audit.record_many(
            audit.line(acting_staff, "lending.record_ratios", row, {"ratio": row.ratio})
            for row in kept
        )
    return kept


def books_for(staff: StaffUser, lender: Lender | None = None) -> Sequence[Book]:
    """The books the own loans post to, as far as she may see books."""
    if not may(staff, "ledger.view_account"):
        return []
    books = Book.objects.visible_to(staff).filter(lenders__isnull=False, practice=False)
    if lender is not None:
        books = books.filter(lenders=lender)
    return list(books.distinct())
