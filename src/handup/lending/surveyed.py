"""What surveys may use of loans: rounds count from the day the first one was paid out, and it
stands beside whom to ask (surveys.md section 1).
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Max, Min, Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.org.models import StaffUser
from handup.org.web.money import format_day
from handup.surveys.registers import (
    Anchor,
    CaseColumn,
    register_anchor,
    register_case_column,
)
from handup.surveys.rules.codes import SubjectKind

CHUNK = 500
BORROWERS = ("person_id", "enterprise_id", "group_id")
KINDS = frozenset({SubjectKind.PERSON, SubjectKind.ENTERPRISE, SubjectKind.GROUP})


def first_paid_out_on(ids: Collection[UUID]) -> Mapping[UUID, date]:
    """The day the first loan of each borrower was paid out; a loan whose payment was taken back has
    none.
    """
    found: dict[UUID, date] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        for column in BORROWERS:
            loans = Loan._base_manager.filter(
                **{f"{column}__in": part}, disbursed_date__isnull=False
            )
            firsts = loans.order_by().values_list(column).annotate(first=Min("disbursed_date"))
            found.update(dict(firsts))
    return found


def loan_told(staff: StaffUser, asked: Collection[UUID]) -> Mapping[UUID, str]:
    """The day the newest loan of each borrower was paid out, of loans the reader may see."""
    ids = set(asked)
    found: dict[UUID, date] = {}
    seen = Loan.objects.visible_to(staff).filter(disbursed_date__isnull=False).order_by()
    whose = Q(person_id__in=ids) | Q(enterprise_id__in=ids) | Q(group_id__in=ids)
    rows = seen.filter(whose).values_list(*BORROWERS).annotate(last=Max("disbursed_date"))
    for *borrowers, last in rows:
        for pk in ids.intersection(borrowers):
            found[pk] = max(last, found.get(pk, last))
    return {pk: format_day(day) for pk, day in found.items()}


def register() -> None:
    """Let surveys use them; again changes nothing."""
    register_anchor(Anchor("FIRST_LOAN", _("first loan paid out"), KINDS, first_paid_out_on))
    register_case_column(CaseColumn("LOAN", _("Loan paid out"), KINDS, loan_told))
