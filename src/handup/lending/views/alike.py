"""What is recorded already, or waits too, for the loan, day and amount of what is decided on."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models import EarlierRecord, Loan, LoanEvent, LoanProposal, StrayCash
from handup.lending.models.earlier import naming
from handup.lending.rules.codes import EarlierKind, ProposalState
from handup.lending.services.alike import KINDS, Recorded, recorded_already
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup

SHEETS = frozenset({EarlierKind.COLLECTION.value, EarlierKind.COLLECTION_AGAIN.value})
"""A line of a statement some days off says nothing of cash of a sheet."""


def alike_panels(
    on: date,
    told: Sequence[tuple[UUID, int]],
    staff: Any,
    *,
    case: EarlierRecord | LoanProposal,
) -> list[FactGroup]:
    """What is recorded already for the same loans, day and amounts (loan, units), and what waits
    besides this one; of loans she may see.
    """
    loans = Loan.objects.visible_to(staff).in_bulk([loan for loan, _units in told])
    stated = case.kind not in SHEETS
    facts = [
        _recorded(row, staff)
        for row in recorded_already(on, told, loans, stated=stated)
        if not (isinstance(case, EarlierRecord) and row.record.pk == case.made)
    ]
    waits = _waiting(on, told, loans, staff, case)
    groups = [FactGroup(_("Recorded already for that day"), facts)] if facts else []
    return [*groups, *([FactGroup(_("Waits too, for that day"), waits)] if waits else [])]


def _recorded(row: Recorded, staff: Any) -> Fact:
    """One payment, or cash of nobody known, with the way to it where she may follow it."""
    made = row.record
    text = [format_money(row.units, row.currency)]
    href = ""
    if isinstance(made, LoanEvent):
        text.append(made.get_source_display())
        if LoanEvent.objects.visible_to(staff).filter(pk=made.pk).exists():
            href = reverse("lending:event_detail", args=[made.pk])
    else:
        text.append(str(_("Cash of nobody known")))
        if StrayCash.objects.visible_to(staff).filter(pk=made.pk).exists():
            href = made.get_absolute_url()
    return Fact(row.code, " · ".join([*text, str(row.by)]), href)


def _waiting(
    on: date,
    told: Sequence[tuple[UUID, int]],
    loans: dict[UUID, Loan],
    staff: Any,
    case: EarlierRecord | LoanProposal,
) -> list[Fact]:
    """The same money as it was told elsewhere and waits as well."""
    wanted = {(loan, units) for loan, units in told if loan in loans}
    changes = LoanProposal.objects.visible_to(staff).filter(
        loan__in=loans, state=ProposalState.PROPOSED.value, kind__in=KINDS
    )
    facts = []
    for row in changes.exclude(pk=case.pk).select_related("proposed_by").order_by("id"):
        units = int(row.payload.get("units", 0))
        if (row.loan_id, units) in wanted and row.payload.get("value_date") == on.isoformat():
            facts.append(_fact(loans[row.loan_id], units, row))
    records = EarlierRecord.objects.visible_to(staff).filter(
        pk__in=naming(loans), state=ProposalState.PROPOSED.value, value_date=on
    )
    for other in records.exclude(pk=case.pk).select_related("proposed_by").order_by("id"):
        for loan, units, _absent in other.payload.get("lines", ()):
            if (UUID(loan), units) in wanted:
                facts.append(_fact(loans[UUID(loan)], units, other))
    return facts


def _fact(loan: Loan, units: int, row: EarlierRecord | LoanProposal) -> Fact:
    text = (format_money(units, loan.currency), row.get_kind_display(), str(row.proposed_by))
    return Fact(loan.code, " · ".join(text))
