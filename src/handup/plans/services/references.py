"""Ask others about an entrepreneur before her plan is appraised."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.models import Plan, PlanReference
from handup.plans.refusals import AskedBeforeThePlan
from handup.plans.rules.references import Opinion, Source
from handup.plans.services.plans import check_come


def record_reference(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    source: Source,
    opinion: Opinion,
    asked_date: date,
    id: UUID | None = None,
) -> PlanReference:
    """Keep what somebody said of her; who was asked is named nowhere. The same id with the same
    content changes nothing.

    Raises InTheFuture, AskedBeforeThePlan, SameIdOtherContent.
    """
    require(acting_staff, "plans.record_reference", plan)
    told: dict[str, Any] = {
        "plan": plan,
        "source": source.value,
        "opinion": opinion.value,
        "asked_date": asked_date,
    }
    if (row := already_stored(PlanReference, id, acting_staff, **told)) is not None:
        return row
    check_come(asked_date)
    if asked_date < plan.started_date:
        raise AskedBeforeThePlan(field="asked_date", started=plan.started_date)
    with transaction.atomic():
        reference: PlanReference = PlanReference.objects.create(
            id=id or new_id(), asked_by=acting_staff, **told
        )
        audit.record(acting_staff, "plans.record_reference", plan, {"source": source.value})
    return reference
