"""What rounds of surveys may count from: the day the first loan was paid out (surveys.md section
1).
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.surveys.registers import Anchor, register_anchor
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


def register() -> None:
    """Let rounds count from it; again changes nothing."""
    register_anchor(Anchor("FIRST_LOAN", _("first loan paid out"), KINDS, first_paid_out_on))
