"""A moratorium for many loans at once: after a flood, a drought, a closed border.

Which loans is said by what they have in common. Each gets its proposal, all of one batch; another
person approves them together, at most 500 in one transaction. What was done stays done: calling
again goes on with those that wait, and the same batch twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.credit.changes import Scope
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import FutureDate, NoLoans
from handup.lending.models import Loan, LoanDue, LoanProposal, Product
from handup.lending.nameless import named_only
from handup.lending.rules.agreed import moratorium_of
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.services.agreed import moratorium_payload
from handup.lending.services.proposals import (
    ChangeDecisionIn,
    ChangeIn,
    decide_changes,
    propose_changes,
    way_of,
)
from handup.lending.still_here import loans_here
from handup.org.models import Area, Office, StaffUser
from handup.org.scope import without_opened

TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Which:
    """What the loans have in common; None is all. An area holds all below it."""

    area: Area | None = None
    office: Office | None = None
    officer: StaffUser | None = None
    product: Product | None = None
    group: Group | None = None
    paid_out_from: date | None = None
    paid_out_to: date | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a moratorium would reach: loans, their principal, what would fall due in its days."""

    loans: int
    principal: Mapping[str, int]
    instalments: int
    due: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Left:
    """A loan that could not be changed, and why."""

    loan: Loan
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Decided:
    """How far a batch is: how many were decided now, how many wait, which could not be changed."""

    done: int
    waiting: int
    left: tuple[Left, ...] = ()


def loans_for(staff: StaffUser, which: Which, begins: date, until: date) -> QuerySet[Loan]:
    """The running loans she may see with an instalment unpaid in these days, and no moratorium that
    waits for a decision.
    """
    reader = without_opened(staff)
    seen = named_only(Loan.objects.visible_to(reader), reader)
    rows = loans_here(seen).filter(state=LoanState.ACTIVE)
    if which.area is not None:
        path = which.area.path
        by_person = Q(person__area__path__startswith=path)
        by_office = Q(person__area=None, office__area__path__startswith=path)
        rows = rows.filter(by_person | by_office)
    if which.group is not None:
        member = Q(
            person__memberships_in_groups__group=which.group,
            person__memberships_in_groups__left_date=None,
        )
        rows = rows.filter(Q(group=which.group) | member)
    plain = {
        "office": which.office,
        "officer": which.officer,
        "product_version__product": which.product,
        "disbursed_date__gte": which.paid_out_from,
        "disbursed_date__lte": which.paid_out_to,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    waiting = LoanProposal.objects.filter(
        kind=EventKind.MORATORIUM.value, state=ProposalState.PROPOSED
    )
    due = _dues(begins, until).values("loan")
    found = rows.filter(pk__in=due).exclude(pk__in=waiting.values("loan"))
    return found.distinct().order_by("code")


def _dues(begins: date, until: date) -> QuerySet[LoanDue]:
    return LoanDue.objects.filter(
        due_date__gte=begins,
        due_date__lte=until,
        settled_date=None,
        replaced_at=None,
        to_date=None,
    ).order_by()


def reach_of(loans: QuerySet[Loan], begins: date, until: date) -> Reach:
    """What a moratorium of these loans would reach, summed by currency."""
    ids = loans.order_by().values("pk")
    rows = Loan.objects.filter(pk__in=ids).order_by()
    principal = dict(rows.values_list("currency").annotate(n=Sum("principal_units")))
    whole = F("principal_units") + F("interest_units") + F("fee_units") + F("penalty_units")
    paid = (
        F("principal_paid_units")
        + F("interest_paid_units")
        + F("fee_paid_units")
        + F("penalty_paid_units")
    )
    dues = _dues(begins, until).filter(loan__in=ids)
    sums = dues.values_list("loan__currency").annotate(n=Count("pk"), units=Sum(whole - paid))
    found = list(sums)
    return Reach(
        rows.count(),
        principal,
        sum(count for _currency, count, _units in found),
        {currency: units for currency, _count, units in found},
    )


def propose_moratoria(
    *,
    acting_staff: StaffUser,
    which: Which,
    proposed_date: date,
    reason: str,
    begins: date,
    until: date,
    scope: Scope = Scope.ALL,
    interest_runs: bool = True,
    ageing_runs: bool = False,
    id: UUID | None = None,
) -> UUID:
    """Propose a moratorium for every loan of a kind; returns the batch. The same batch twice goes
    on where it stopped.

    Raises NotAllowed, OutOfSight, NoLoans, EndsBeforeItBegins, ReasonNeeded, FutureDate and what a
    change of one of the loans refuses.
    """
    moratorium_of(day=proposed_date, begins=begins, until=until)
    batch = id or new_id()
    loans = list(loans_for(acting_staff, which, begins, until))
    if not loans and not batch_of(batch).exists():
        raise NoLoans(field="until")
    payload = moratorium_payload(begins, until, scope, interest_runs, ageing_runs)
    items = [
        ChangeIn(
            loan,
            EventKind.MORATORIUM,
            proposed_date,
            reason,
            payload,
            uuid5(batch, loan.pk.hex),
            batch,
        )
        for loan in loans
    ]
    propose_changes(items, acting_staff=acting_staff)
    return batch


def batch_of(
    batch: UUID, staff: StaffUser | None = None, kind: EventKind = EventKind.MORATORIUM
) -> QuerySet[LoanProposal]:
    """The proposals of a batch, or those of them that somebody may see."""
    rows: QuerySet[LoanProposal] = LoanProposal.objects.all()
    if staff is not None:
        rows = LoanProposal.objects.visible_to(staff)
    return rows.filter(batch=batch, kind=kind.value)


def declare_moratorium(
    *,
    acting_staff: StaffUser,
    batch: UUID,
    value_date: date,
    approve: bool = True,
    reason: str = "",
    most: int = TOGETHER,
) -> Decided:
    """Approve or decline the proposals of a batch that still wait, at most so many of them, in one
    transaction; loans that cannot be changed any more keep waiting and are named.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, FutureDate, BackDated.
    """
    if value_date > timezone.localdate():
        raise FutureDate(field="value_date", date=value_date)
    waiting = batch_of(batch, acting_staff).filter(state=ProposalState.PROPOSED)
    rows = list(waiting.select_related("loan__lender").order_by("loan__code"))
    ready: list[LoanProposal] = []
    left: list[Left] = []
    for row in rows:
        if len(ready) == most:
            break
        refusal = _refused(row, value_date) if approve else None
        if refusal is None:
            ready.append(row)
        else:
            left.append(Left(row.loan, refusal))
    items = [
        ChangeDecisionIn(row, value_date, approve, reason, _event_id(batch, row)) for row in ready
    ]
    decide_changes(items, acting_staff=acting_staff)
    return Decided(len(ready), len(rows) - len(ready), tuple(left))


def _event_id(batch: UUID, row: LoanProposal) -> UUID:
    return uuid5(row.pk, batch.hex)


def _refused(row: LoanProposal, day: date) -> Refusal | None:
    payload: Mapping[str, Any] = row.payload
    try:
        way_of(row.kind).check(row.loan, payload, day)
    except Refusal as refusal:
        return refusal
    return None


def counts_of(rows: QuerySet[LoanProposal]) -> Mapping[str, int]:
    """How many proposals stand in each state."""
    pairs: Sequence[tuple[str, int]] = list(
        rows.order_by().values_list("state").annotate(n=Count("pk"))
    )
    return dict(pairs)
