"""What stands beside applications and signed loans on their way, asked in one question a step: the
rare (a tie, a vote, a joint group, an open condition, an order at the bank) is read only where
there is some.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from handup.lending.models import (
    Application,
    DecisionCondition,
    DeclaredTie,
    JointGroup,
    Loan,
    PaymentOrder,
    SavingsAccount,
    Vote,
)
from handup.lending.rules.codes import ConditionStep
from handup.lending.services.orders import LIVE
from handup.org.models import StaffUser
from handup.org.prepared import prepared
from handup.projects.models import Handover
from handup.projects.queries import STOPPED


class BesideApplications(NamedTuple):
    """Whether some application has a tie to who takes the step, a vote, or a condition open before
    signing; whether anybody at all is jointly liable.
    """

    tied: bool
    voted: bool
    held: bool
    joint: bool


def beside_applications(rows: Sequence[Application], staff: StaffUser) -> BesideApplications:
    """Ask what stands beside applications; after they are locked."""
    found = _beside([row.pk for row in rows], staff.pk)
    return BesideApplications(*(any(told) for told in zip(*found, strict=True)))


@prepared
def _beside(applications: list[UUID], member: UUID) -> QuerySet[Any, Any]:
    open_conditions = DecisionCondition.objects.filter(
        decision__application=OuterRef("pk"),
        before=ConditionStep.SIGNING.value,
        met_date=None,
        lifted_date=None,
    )
    rows = Application.objects.filter(pk__in=applications).order_by()
    return rows.values_list(
        Exists(DeclaredTie.objects.filter(application=OuterRef("pk"), member_id=member)),
        Exists(Vote.objects.filter(application=OuterRef("pk"))),
        Exists(open_conditions),
        Exists(JointGroup.objects.filter(closed_date=None)),
    )


class BehindLoans(NamedTuple):
    """Who had a hand in each loan, by its id; whether some loan has a plan behind it, an open
    condition, an order that may still pay it, a lender whose book keeps savings, or a programme
    whose disbursement is stopped.

    A loan without an application behind it has no hands, no plan and no condition.
    """

    hands: Mapping[UUID, tuple[UUID | None, ...]]
    planned: bool
    held: bool
    ordered: bool
    savers: bool
    stopped: bool


def behind_loans(loans: Iterable[Loan]) -> BehindLoans:
    """Ask what stands behind loans; after they are locked."""
    rows = list(loans)
    by_agreement = {loan.agreement_id: loan.pk for loan in rows if loan.agreement_id}
    told = _behind(list(by_agreement)) if by_agreement else []
    hands: dict[UUID, set[UUID | None]] = {}
    for agreement_id, _plan, _held, _ordered, _savers, _stopped, *people in told:
        hands.setdefault(by_agreement[agreement_id], set()).update(people)
    unknown = len(by_agreement) < len(rows)  # of these nothing was asked
    return BehindLoans(
        {pk: tuple(people - {None}) for pk, people in hands.items()},
        any(row[1] is not None for row in told),
        any(row[2] for row in told),
        unknown or any(row[3] for row in told),
        unknown or any(row[4] for row in told),
        unknown or any(row[5] for row in told),
    )


def hands_of(loans: Iterable[Loan]) -> Mapping[UUID, tuple[UUID | None, ...]]:
    """Who advised, appraised, voted on and decided each loan: none of them pays it out."""
    return behind_loans(loans).hands


@prepared
def _behind(agreements: list[UUID]) -> QuerySet[Any, Any]:
    open_conditions = DecisionCondition.objects.filter(
        decision__application=OuterRef("pk"), met_date=None, lifted_date=None
    )
    orders = PaymentOrder.objects.filter(loan__agreement=OuterRef("agreement"), state__in=LIVE)
    savers = SavingsAccount.objects.filter(
        lender__book=OuterRef("product_version__product__lender__book")
    )
    rows = Application.objects.filter(agreement__in=agreements).order_by()
    return rows.values_list(
        "agreement",
        "plan_version_id",
        Exists(open_conditions),
        Exists(orders),
        Exists(savers),
        Exists(Handover.objects.filter(programme=OuterRef("programme"), **STOPPED)),
        "advisor_id",
        "decisions__decided_by_id",
        "appraisals__appraiser_id",
        "votes__member_id",
    )
