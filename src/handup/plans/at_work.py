"""What plans tells the register of the qualified: which advisers signed a plan lately."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from handup.kernel.named_lists import add_once
from handup.plans.models import Plan
from handup.training import qualified
from handup.training.rules.ladder import Field


def advised_plans(field: Field, staff: Collection[UUID], since: date, on: date) -> set[UUID]:
    """Which of these staff signed the advice of a plan after one day and up to another."""
    if field is not Field.ADVISOR:
        return set()
    signed: Iterable[UUID] = Plan._base_manager.filter(
        advised_by__in=list(staff), advised_date__gt=since, advised_date__lte=on
    ).values_list("advised_by_id", flat=True)
    return set(signed)


def register() -> None:
    """Join the list of who worked."""
    add_once(qualified.worked, advised_plans)
