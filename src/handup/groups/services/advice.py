"""Advise a group at a visit, with or without a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.groups.models import AdviceVisit, Group
from handup.groups.services.outside import require_come
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

ADVISE = "groups.advise_group"
MOST_PEOPLE = 10_000


class NobodyThere(Refusal):
    """Write how many women and men were there."""


class AdviceMissing(Refusal):
    """Write the situation and what is to be done, each in a sentence."""


class BeforeItWasFormed(Refusal):
    """The group was formed on {formed}."""


class NextNotLater(Refusal):
    """The next visit is after this one."""


@dataclass(frozen=True, slots=True)
class AdviceIn:
    """What was said at a visit: of the group, without names."""

    situation: str
    action: str
    explanation: str = ""
    next_step: str = ""
    next_date: date | None = None


def record_advice_visit(
    *,
    acting_staff: StaffUser,
    group: Group,
    visit_date: date,
    women: int,
    men: int,
    advice: AdviceIn,
    id: UUID | None = None,
) -> AdviceVisit:
    """Keep a visit that advised a group; who records it made it. The same id with the same content
    changes nothing.

    Raises NobodyThere, AdviceMissing, BeforeItWasFormed, NextNotLater, InTheFuture,
    SameIdOtherContent.
    """
    require(acting_staff, ADVISE, group)
    told: dict[str, Any] = {
        "group": group,
        "visit_date": visit_date,
        "women": women,
        "men": men,
        "situation": advice.situation.strip(),
        "explanation": advice.explanation.strip(),
        "action": advice.action.strip(),
        "next_step": advice.next_step.strip(),
        "next_date": advice.next_date,
    }
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=group.pk)  # the same told at once waits here
        if (row := already_stored(AdviceVisit, id, acting_staff, **told)) is not None:
            return row
        _refuse(group, told)
        visit: AdviceVisit = AdviceVisit.objects.create(
            id=id or new_id(), visitor=acting_staff, **told
        )
        audit.record(acting_staff, ADVISE, visit)
    return visit


def _refuse(group: Group, told: Mapping[str, Any]) -> None:
    """Refuse what cannot be, as `record_advice_visit` says."""
    women, men, on = told["women"], told["men"], told["visit_date"]
    if not (0 <= women <= MOST_PEOPLE and 0 <= men <= MOST_PEOPLE and women + men > 0):
        raise NobodyThere(field="women")
    for name in ("situation", "action"):
        if not told[name]:
            raise AdviceMissing(field=name)
    require_come(on, "visit_date")
    if on < group.formed_date:
        raise BeforeItWasFormed(field="visit_date", formed=group.formed_date)
    if told["next_date"] is not None and told["next_date"] <= on:
        raise NextNotLater(field="next_date")
