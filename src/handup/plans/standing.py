"""What is known of an entrepreneur beside the figures of her plan, for whoever appraises: her
certificates, how long she is in the trade, what others say, how the figures of her household are
known (plans.md 4.8). No protected status is among it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handup.kernel.dates import whole_months_between
from handup.plans.models import HouseholdLine, Plan, PlanReference
from handup.training.models import Certificate
from handup.training.rules.states import CertificateState


@dataclass(frozen=True, slots=True)
class Standing:
    """certificates: codes of courses whose certificate holds that day; trade_months: whole months
    since the enterprise began, None where nobody knows; references: how many said what, by source
    and opinion; evidence: lines of the household sheet by how they are known.
    """

    certificates: tuple[str, ...]
    trade_months: int | None
    references: Mapping[tuple[str, str], int]
    evidence: Mapping[str, int]


def standing_of(plan: Plan, on: date) -> Standing:
    """What is known beside the figures, as of a day."""
    began = plan.enterprise.start_date if plan.enterprise is not None else None
    known = began is not None and began <= on
    asked = PlanReference.objects.filter(plan=plan, asked_date__lte=on)
    lines = HouseholdLine.objects.filter(sheet__plan=plan, units__gt=0)
    return Standing(
        certificates=_certificates(plan, on),
        trade_months=whole_months_between(began, on) if began is not None and known else None,
        references=Counter(asked.order_by().values_list("source", "opinion")),
        evidence=Counter(lines.order_by().values_list("evidence", flat=True)),
    )


def _certificates(plan: Plan, on: date) -> tuple[str, ...]:
    if plan.person_id is None:
        return ()
    rows = Certificate.objects.filter(
        enrolment__person=plan.person_id, state=CertificateState.VALID, issued_date__lte=on
    ).exclude(valid_to__lt=on)
    codes = rows.values_list("enrolment__cohort__course__code", flat=True)
    return tuple(sorted(set(codes)))
