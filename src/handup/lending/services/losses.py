"""Loans that nobody proposed to write off yet though they are late for long (lending.md 5)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from handup.lending.models import Loan
from handup.lending.queries import positions
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.still_here import loans_here
from handup.org.models import Setting

WRITE_OFF_KEY = "lending.write_off_after_days"
"""Setting: after how many days late a loan is put forward to be written off."""
WRITE_OFF_AFTER_DAYS = 180


def write_off_after_days() -> int:
    """After how many days late a loan is put forward; set by the institution."""
    value: Any = Setting.objects.filter(key=WRITE_OFF_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value > 0 else WRITE_OFF_AFTER_DAYS


def to_write_off(loans: QuerySet[Loan], on: date) -> QuerySet[Loan]:
    """Those of some loans that are late for as many days or more, and that nobody proposed to write
    off; days of a moratorium on which nothing gets later do not count.
    """
    days = write_off_after_days()
    waiting = {
        "proposals__kind": EventKind.WRITTEN_OFF.value,
        "proposals__state": ProposalState.PROPOSED.value,
    }
    late = (
        loans_here(loans)
        .filter(
            state=LoanState.ACTIVE.value,
            principal_units__gt=0,
            next_due_date__lte=on - timedelta(days=days),
        )
        .exclude(pk__in=Loan.objects.filter(**waiting).order_by().values("pk"))
    )
    paused = late.filter(pauses__replaced_at=None, pauses__first_date__lte=on)
    ids = list(paused.order_by().values_list("pk", flat=True).distinct())
    if not ids:
        return late
    less = [
        item.loan_id for item in positions(on, late.filter(pk__in=ids)) if item.arrears_days < days
    ]
    return late.exclude(pk__in=less)
