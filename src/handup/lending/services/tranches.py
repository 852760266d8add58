"""The parts a loan is paid out in: planned with the agreement, held up by their conditions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.models import Loan, LoanEvent, LoanTranche
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.terms import read_terms
from handup.lending.rules.tranches import TrancheIn
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require


class NoTrancheLeft(Refusal):
    """All parts of loan {code} are paid out."""


class TrancheHeldUp(Refusal):
    """Part {number} waits for its condition: {condition}. Check it off first."""


class NothingToMeet(Refusal):
    """This part has no open condition."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A planned part and the event that paid it, if any."""

    tranche: LoanTranche
    event: LoanEvent | None


def write_tranches(loan: Loan, parts: Sequence[TrancheIn]) -> list[LoanTranche]:
    """The rows of a loan's planned parts, not stored yet."""
    return [
        LoanTranche(
            id=new_id(),
            loan=loan,
            number=number,
            units=part.units,
            planned_date=part.planned_date,
            condition=part.condition.strip(),
        )
        for number, part in enumerate(parts, 1)
    ]


def first_parts(loans: Iterable[Loan]) -> dict[UUID, LoanTranche]:
    """The first part of each of these loans that is paid out in parts; those of one are left out
    without a question asked.
    """
    several = [loan.pk for loan in loans if read_terms(loan.terms).tranches_max > 1]
    if not several:
        return {}
    rows = LoanTranche.objects.filter(loan__in=several, number=1)
    return {row.loan_id: row for row in rows}


def standing_of(loan: Loan) -> list[Standing]:
    """Each planned part with the payment that stands, in order."""
    taken_back = LoanEvent.objects.filter(loan=loan).exclude(reverses=None).values("reverses")
    paid = list(
        LoanEvent.objects.filter(loan=loan, kind=EventKind.DISBURSED.value)
        .exclude(pk__in=taken_back)
        .order_by("value_date", "seq")
    )
    return [
        Standing(tranche, paid[place] if place < len(paid) else None)
        for place, tranche in enumerate(loan.tranches.order_by("number"))
    ]


def next_tranche(loan: Loan) -> LoanTranche | None:
    """The first part not paid out yet."""
    return next((item.tranche for item in standing_of(loan) if item.event is None), None)


def in_parts(loan: Loan) -> bool:
    """Whether it runs, and is paid out in parts."""
    return loan.state == LoanState.ACTIVE and read_terms(loan.terms).tranches_max > 1


def parts_left(loans: Iterable[Loan]) -> dict[UUID, list[LoanTranche]]:
    """Of loans that are paid out in several parts, those not paid yet, in order; two statements for
    all of them.
    """
    several = [loan.pk for loan in loans if read_terms(loan.terms).tranches_max > 1]
    if not several:
        return {}
    paid = LoanEvent.objects.filter(
        loan__in=several, kind=EventKind.DISBURSED.value, reversed_by=None
    )
    counts = dict(paid.order_by().values_list("loan").annotate(times=Count("pk")))
    left: dict[UUID, list[LoanTranche]] = {}
    for part in LoanTranche.objects.filter(loan__in=several).order_by("number"):
        rest = left.setdefault(part.loan_id, [])
        if part.number > counts.get(part.loan_id, 0):
            rest.append(part)
    return left


def next_parts(loans: Iterable[Loan]) -> dict[UUID, LoanTranche]:
    """The part of each of these loans that is paid next: of one that is signed the first. Raises
    NoTrancheLeft.
    """
    rows = [loan for loan in loans if loan.state == LoanState.AGREED or in_parts(loan)]
    left = parts_left(rows)
    found: dict[UUID, LoanTranche] = {}
    for loan in rows:
        parts = left.get(loan.pk)
        if parts:
            found[loan.pk] = parts[0]
        elif in_parts(loan):
            raise NoTrancheLeft(field="loans", code=loan.code)
    return found


def ready_to_pay() -> QuerySet[LoanTranche]:
    """The parts that come next after those paid out, and wait for nothing."""
    paid = LoanEvent.objects.filter(
        loan=OuterRef("loan"), kind=EventKind.DISBURSED.value, reversed_by=None
    )
    counted = paid.order_by().values("loan").annotate(n=Count("pk")).values("n")
    rows = LoanTranche.objects.exclude(met_date=None, condition__gt="")
    return rows.annotate(paid=Coalesce(Subquery(counted), 0)).filter(number=F("paid") + 1)


def hold_tranches(tranches: Iterable[LoanTranche]) -> None:
    """Refuse a part whose condition is open. Raises TrancheHeldUp."""
    for tranche in tranches:
        if tranche.is_open:
            raise TrancheHeldUp(number=tranche.number, condition=tranche.condition)


def meet_tranche(
    *, acting_staff: StaffUser, tranche: LoanTranche, met_date: date, document: str = ""
) -> LoanTranche:
    """Say that what a part waits for is there, seen on a day, on a paper.

    Raises NotAllowed, OutOfSight, NothingToMeet.
    """
    require(acting_staff, "lending.meet_tranche", tranche.loan)
    with transaction.atomic():
        locked = LoanTranche.objects.select_for_update().get(pk=tranche.pk)
        if not locked.is_open:
            raise NothingToMeet()
        locked.met_date, locked.met_by, locked.document = met_date, acting_staff, document.strip()
        locked.save(update_fields=("met_date", "met_by", "document"))
        audit.record(acting_staff, "lending.meet_tranche", locked, {"number": locked.number})
    return locked
