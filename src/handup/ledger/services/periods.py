"""Closing months: first for facts, then for good and by another person; no month is opened again
(ledger.md 4.4).
"""

from datetime import date

from django.db import models, transaction
from django.utils import timezone

from handup.ledger.errors import (
    BankNotSet,
    BooksDiffer,
    EarlierPeriodOpen,
    PeriodClosed,
    PeriodNotReady,
    RunsMissing,
)
from handup.ledger.models import Book, Period
from handup.ledger.models.runs import RUN_KIND_LABELS
from handup.ledger.month_end import banks_not_set
from handup.ledger.rules.journal import posting_date
from handup.ledger.rules.words import LOAN_RUNS, PeriodStatus, RunKind
from handup.ledger.services.runs import unposted
from handup.ledger.services.year_end import unposted_revaluation
from handup.ledger.typed import check_over
from handup.ledger.verify import balance_hash, book_differences
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


def adjustment_date(book: Book, happened: date) -> date:
    """The day an approved adjustment is posted on: its own while its period is not CLOSED. Raises
    PeriodClosed.
    """
    closed = (
        Period.objects.filter(book=book, status=PeriodStatus.CLOSED)
        .order_by("-starts")
        .values_list("ends", flat=True)
        .first()
    )
    first_day = posting_date(happened, closed)
    if first_day != happened:
        raise PeriodClosed(field="happened_date", date=happened, post_date=first_day)
    return happened


def soft_close_period(*, acting_staff: StaffUser, period: Period) -> Period:
    """Close a month for facts: later ones post on the first open day, only approved adjustments
    still enter.

    What runs ask for is posted and every bank set against its statement before. Raises
    PeriodNotReady, NotOverYet, EarlierPeriodOpen, RunsMissing, BankNotSet, RateMissing, RateTooOld.
    """
    require(acting_staff, "ledger.soft_close_period", period)
    with transaction.atomic():
        book, period = _lock(period)
        _need(period, PeriodStatus.OPEN)
        check_over(period.ends)
        if _earlier(period).filter(status=PeriodStatus.OPEN).exists():
            raise EarlierPeriodOpen()
        for kind in LOAN_RUNS:
            for item in unposted(book, kind, period.ends):
                raise RunsMissing(
                    what=RUN_KIND_LABELS[kind], amount=format_money(item.units, item.currency)
                )
        if units := unposted_revaluation(book, period.ends):
            raise RunsMissing(
                what=RUN_KIND_LABELS[RunKind.REVALUATION],
                amount=format_money(units, book.base_currency),
            )
        for _pk, account, _currency in banks_not_set(book, period.ends):
            raise BankNotSet(account=account, date=period.ends)
        period.status = PeriodStatus.SOFT_CLOSED
        period.soft_closed_by = acting_staff
        period.soft_closed_at = timezone.now()
        period.save(update_fields=["status", "soft_closed_by", "soft_closed_at"])
        book.locked_through = period.ends
        book.save(update_fields=["locked_through"])
        audit.record(acting_staff, "ledger.soft_close_period", period, {"period": str(period)})
    return period


def close_period(*, acting_staff: StaffUser, period: Period, reason: str = "") -> Period:
    """Close a month for good, by another person than soft-closed it, when the book proves itself.

    The hash of its trial balance is kept and proved again by `verify` V5. Raises PeriodNotReady,
    EarlierPeriodOpen, SamePerson, BooksDiffer.
    """
    require(acting_staff, "ledger.close_period", period)
    with transaction.atomic():
        book, period = _lock(period)
        _need(period, PeriodStatus.SOFT_CLOSED)
        require_other_person(
            acting_staff,
            period.soft_closed_by,
            step="ledger.close_period",
            reason=reason,
            obj=period,
        )
        if _earlier(period).exclude(status=PeriodStatus.CLOSED).exists():
            raise EarlierPeriodOpen()
        for difference in book_differences(book):
            raise BooksDiffer(check=difference.check, key=difference.key)
        period.status = PeriodStatus.CLOSED
        period.closed_by = acting_staff
        period.closed_at = timezone.now()
        period.balance_hash = balance_hash(book, period.ends)
        period.save(update_fields=["status", "closed_by", "closed_at", "balance_hash"])
        audit.record(acting_staff, "ledger.close_period", period, {"period": str(period)})
    return period


def _lock(period: Period) -> tuple[Book, Period]:
    """Lock the book first, as posting does, so that nothing enters while its month is closed."""
    book = Book.objects.select_for_update().get(pk=period.book_id)
    return book, Period.objects.get(pk=period.pk)


def _earlier(period: Period) -> models.QuerySet[Period]:
    earlier: models.QuerySet[Period] = Period.objects.filter(
        book_id=period.book_id, starts__lt=period.starts
    )
    return earlier


def _need(period: Period, status: PeriodStatus) -> None:
    if period.status != status:
        raise PeriodNotReady(period=period, status=period.status, needed=status)
