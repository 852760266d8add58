"""A plan worked out on a phone is worked out again here; where the two differ, that is kept and
somebody looks (plans.md 6)."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone

from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.models import PlanDifference, PlanVersion
from handup.plans.refusals import DifferenceOpen, DifferenceSettled, ReasonMissing
from handup.plans.rules.told import differing

MOST_KEPT = 200


def hold_against_phone(
    *, acting_staff: StaffUser, version: PlanVersion, told: Mapping[str, str], engine_version: str
) -> PlanDifference | None:
    """Compare what a phone came to (`rules.told.flat`) with a version just handed in; None where
    every figure is the same to the smallest unit.
    """
    require(acting_staff, "plans.submit_plan", version.plan)
    found = differing(told, version.results)
    if not found:
        return None
    with transaction.atomic():
        row = PlanDifference.objects.create(
            version=version,
            told_by=acting_staff,
            engine_version=engine_version,
            figures=len(found),
            found=[list(one) for one in found[:MOST_KEPT]],
        )
        audit.record(acting_staff, "plans.keep_difference", version.plan, {"figures": len(found)})
    return row


def check_differences(version: PlanVersion | None) -> None:
    """Refuse to go on with a version while nobody looked at where a phone came to something else.
    Raises DifferenceOpen.
    """
    if version is None:
        return
    if PlanDifference.objects.filter(version=version, settled_date=None).exists():
        raise DifferenceOpen


def settle_difference(
    *,
    acting_staff: StaffUser,
    difference: PlanDifference,
    note: str,
    on: date | None = None,
) -> PlanDifference:
    """Say what was found out about it; the office's result stays as it is. The same note of the
    same person again changes nothing.

    Raises ReasonMissing, DifferenceSettled, and SamePerson or ReasonNeeded by profile where who
    wrote the plan looks herself.
    """
    require(acting_staff, "plans.settle_difference", difference.version.plan)
    if not note.strip():
        raise ReasonMissing(field="note")
    with transaction.atomic():
        row: PlanDifference = PlanDifference.objects.select_for_update(of=("self",)).get(
            pk=difference.pk
        )
        if row.settled_by_id == acting_staff.pk and row.note == note.strip():
            return row
        if row.settled_date is not None:
            raise DifferenceSettled
        require_other_person(
            acting_staff,
            row.told_by_id,
            step="plans.settle_difference",
            reason=note,
            obj=difference.version.plan,
        )
        row.settled_by, row.settled_date = acting_staff, on or timezone.localdate()
        row.note = note.strip()
        row.save(update_fields=["settled_by", "settled_date", "note"])
        audit.record(acting_staff, "plans.settle_difference", difference.version.plan)
    return row
