"""What plans tells the register of the qualified: which advisers signed a plan lately, and which
plans of theirs somebody qualified reviewed.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from handup.kernel.named_lists import add_once
from handup.org.models import StaffUser
from handup.plans.models import Plan
from handup.plans.refusals import AdviserLapsed
from handup.training import qualified
from handup.training.rules.ladder import Field, Proof


def advised_plans(field: Field, staff: Collection[UUID], since: date, on: date) -> set[UUID]:
    """Which of these staff signed the advice of a plan after one day and up to another."""
    if field is not Field.ADVISOR:
        return set()
    signed: Iterable[UUID] = Plan._base_manager.filter(
        advised_by__in=list(staff), advised_date__gt=since, advised_date__lte=on
    ).values_list("advised_by_id", flat=True)
    return set(signed)


def reviewed_plans(
    proof: Proof, staff: Collection[UUID], until: date
) -> Mapping[UUID, Collection[str]]:
    """The numbers of the plans these staff advised that another person reviewed, who was a
    qualified adviser that day.
    """
    if proof is not Proof.PLAN_REVIEWED:
        return {}
    plans: list[tuple[Any, ...]] = list(
        Plan._base_manager.filter(
            advised_by__in=list(staff), reviewed_by__isnull=False, reviewed_date__lte=until
        )
        .exclude(reviewed_by=F("advised_by"))
        .values_list("advised_by_id", "reviewed_by_id", "reviewed_date", "number")
    )
    terms = qualified.terms_of(Field.ADVISOR, {reviewer for _by, reviewer, *_rest in plans})
    found: dict[UUID, set[str]] = {}
    for adviser, reviewer, day, number in plans:
        if any(first <= day <= last for first, last in terms.get(reviewer, ())):
            found.setdefault(adviser, set()).add(number)
    return found


def refuse_lapsed(plan: Plan, reviewer: StaffUser, on: date) -> None:
    """What an adviser signed whose qualification had lapsed is reviewed by somebody whose holds.
    Raises AdviserLapsed.
    """
    if plan.advised_by_id is None or plan.advised_date is None:
        return
    held = qualified.lapsed_holder(Field.ADVISOR, plan.advised_by_id, plan.advised_date)
    if held is not None and not qualified.in_force(Field.ADVISOR, reviewer.pk, on):
        raise AdviserLapsed(name=held.name, day=held.valid_to)


def register() -> None:
    """Join the lists of who worked and of what shows it."""
    add_once(qualified.worked, advised_plans)
    add_once(qualified.shown, reviewed_plans)
