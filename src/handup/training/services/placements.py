"""Where graduates went: told by one person, verified by another; and what training cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Enterprise
from handup.projects.models import BudgetLine, Programme
from handup.training.models import Cohort, CostLine, Enrolment, Placement, TracerRound
from handup.training.rules.states import PlacementKind, PlacementState
from handup.training.rules.tracers import window
from handup.training.services.common import (
    another_person,
    chunks,
    known,
    not_before,
    not_to_come,
    require_each,
    same,
)
from handup.training.services.refusals import (
    CostOfOneThing,
    CostRateAfterItsLine,
    CostRateMissing,
    CostRateNotAboveZero,
    NotCompleted,
    NotInThisState,
    PlacementTwice,
    ReasonMissing,
    VerifierIsClaimant,
    WrongCohort,
)

COST_SAME = (
    "programme_id",
    "cohort_id",
    "tracer_round_id",
    "pool",
    "title",
    "budget_line_id",
    "cost_date",
    "amount_units",
    "currency",
    "rate_numerator",
    "rate_date",
)
SAME = ("enrolment_id", "kind", "started_date", "month", "permanent")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementIn:
    """Where one graduate works `month` months after completion; income a month in smallest
    units.
    """

    enrolment: Enrolment
    kind: PlacementKind
    started_date: date
    claimed_date: date
    currency: str
    month: int = 6
    employer: str = ""
    enterprise: Enterprise | None = None
    income_units: int | None = None
    permanent: bool = False
    id: UUID = field(default_factory=new_id)


def record_placement(*, acting_staff: StaffUser, placement: PlacementIn) -> Placement:
    """Record where one graduate works. Raises NotCompleted, PlacementTwice, DateBefore,
    AfterToday.
    """
    return record_placements(acting_staff=acting_staff, items=[placement])[0]


def record_placements(*, acting_staff: StaffUser, items: Sequence[PlacementIn]) -> list[Placement]:
    """Record many placements at once, all or none; each waits for another person's check."""
    cohorts = {item.enrolment.cohort_id: item.enrolment.cohort for item in items}
    require_each(acting_staff, "training.record_placement", list(cohorts.values()))
    before = known(Placement, [item.id for item in items])
    for item in items:
        if item.enrolment.completed_date is None:
            raise NotCompleted(field="enrolment", person=item.enrolment.person)
        not_before(item.claimed_date, item.started_date, field="claimed_date")
        not_to_come(item.claimed_date, field="claimed_date")
    rows = [
        Placement(
            **{name: getattr(item, name) for name in PlacementIn.__slots__},
            claimed_by=acting_staff,
        )
        for item in items
    ]
    fresh = [row for row in rows if row.pk not in before]
    with transaction.atomic():
        _refuse_twice(fresh)
        Placement.objects.bulk_create(fresh, batch_size=200)
        audit.record_many(
            audit.line(acting_staff, "training.record_placement", row) for row in fresh
        )
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def verify_placement(
    *,
    acting_staff: StaffUser,
    placement: Placement,
    verified_date: date,
    rejected: bool = False,
    reason: str = "",
) -> Placement:
    """Verify or reject one placement. Raises VerifierIsClaimant, ReasonMissing, NotInThisState."""
    return verify_placements(
        acting_staff=acting_staff,
        placements=[placement],
        verified_date=verified_date,
        rejected=rejected,
        reason=reason,
    )[0]


def verify_placements(
    *,
    acting_staff: StaffUser,
    placements: Sequence[Placement],
    verified_date: date,
    rejected: bool = False,
    reason: str = "",
) -> list[Placement]:
    """Verify or reject many placements of one day, each by another person than who recorded it.

    That she works there so many months after completion nobody can verify before her window for
    them opens. Raises DateBefore, AfterToday.
    """
    cohorts = {row.enrolment.cohort_id: row.enrolment.cohort for row in placements}
    require_each(acting_staff, "training.verify_placement", list(cohorts.values()))
    if rejected and not reason.strip():
        raise ReasonMissing(field="reason")
    not_to_come(verified_date, field="verified_date")
    for row in placements:
        not_before(verified_date, row.claimed_date, field="verified_date")
        completed = row.enrolment.completed_date
        if completed is not None and not rejected:
            not_before(verified_date, window(completed, row.month)[0], field="verified_date")
    state = PlacementState.REJECTED if rejected else PlacementState.VERIFIED
    with transaction.atomic():
        _hold_claimed(placements)
        for row in placements:
            another_person(
                acting_staff,
                row.claimed_by_id,
                step="training.verify_placement",
                refusal=VerifierIsClaimant,
                reason=reason,
                obj=row,
            )
        for row in placements:
            row.state, row.verified_by, row.verified_date = state, acting_staff, verified_date
            row.reject_reason = reason.strip() if rejected else ""
        update_rows(
            Placement, ("state", "verified_by", "verified_date", "reject_reason"), placements
        )
        audit.record_many(
            audit.line(acting_staff, "training.verify_placement", row, {"state": state.value})
            for row in placements
        )
    return list(placements)


def _hold_claimed(placements: Sequence[Placement]) -> None:
    """Hold placements as they are stored now: what one verified nobody else rejects. Raises
    NotInThisState.
    """
    for part in chunks([row.pk for row in placements]):
        for row in Placement.objects.select_for_update().filter(pk__in=part).order_by("pk"):
            if row.state != PlacementState.CLAIMED:
                raise NotInThisState(state=row.get_state_display())


def record_cost(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    cost_date: date,
    amount_units: int,
    currency: str,
    cohort: Cohort | None = None,
    pool: str = "",
    tracer_round: TracerRound | None = None,
    budget_line: BudgetLine | None = None,
    rate_numerator: int | None = None,
    rate_date: date | None = None,
    rate_currency: str = "",
    id: UUID | None = None,
) -> CostLine:
    """Record what a cohort or a tracer round cost, or a shared pool that many cohorts carry.

    An amount in another currency than the programme's comes with its rate (times 10^10, main unit
    to main unit) and the day of it; `rate_currency` names another currency the rate leads to.
    Raises CostOfOneThing, WrongCohort, CostRateMissing, CostRateNotAboveZero, CostRateAfterItsLine,
    AfterToday.
    """
    row = CostLine(
        id=id or new_id(),
        programme=programme,
        cohort=cohort,
        pool=pool,
        tracer_round=tracer_round,
        title=title,
        budget_line=budget_line,
        cost_date=cost_date,
        amount_units=amount_units,
        currency=currency,
        rate_numerator=rate_numerator,
        rate_date=rate_date,
        rate_currency=rate_currency or (programme.currency if rate_numerator is not None else ""),
    )
    require(acting_staff, "training.record_cost", row)
    not_to_come(cost_date, field="cost_date")
    _refuse_rate(row)
    if [cohort is not None, tracer_round is not None, bool(pool)].count(True) != 1:
        raise CostOfOneThing(field="pool")
    if cohort is not None and cohort.programme_id != programme.pk:
        raise WrongCohort(field="cohort")
    if tracer_round is not None and tracer_round.programme_id != programme.pk:
        raise WrongCohort(field="tracer_round")
    existing: CostLine | None = CostLine.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, COST_SAME)
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.record_cost", row)
    return row


def _refuse_rate(row: CostLine) -> None:
    """A foreign amount without a rate would count at face value."""
    if row.rate_numerator is None:
        if row.currency != row.programme.currency or row.rate_currency:
            raise CostRateMissing(field="rate_numerator")
        return
    if row.rate_date is None or row.rate_currency == row.currency:
        raise CostRateMissing(field="rate_date")
    if row.rate_numerator <= 0:
        raise CostRateNotAboveZero(field="rate_numerator")
    if row.rate_date > row.cost_date:
        raise CostRateAfterItsLine(field="rate_date")


def _refuse_twice(rows: Sequence[Placement]) -> None:
    seen: set[tuple[UUID, int]] = set()
    for part in chunks([row.enrolment_id for row in rows]):
        seen |= set(
            Placement.objects.filter(enrolment_id__in=part)
            .exclude(state=PlacementState.REJECTED)
            .values_list("enrolment_id", "month")
        )
    for row in rows:
        if (row.enrolment_id, row.month) in seen:
            raise PlacementTwice(field="month", month=row.month)
        seen.add((row.enrolment_id, row.month))
