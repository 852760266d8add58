"""The matrix of duties: from which amount a step asks for another person, and the review of what
one person did alone (rulings A2).
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, duties, installation
from handup.org.models import DutyException, Office, Setting, StaffUser
from handup.org.permissions import require
from handup.org.rules.duties import Profile, may_have_amount

KEY = "duties"


class UnknownStep(Refusal):
    """There is no step called {step} that asks for another person."""


class AmountBelowZero(Refusal):
    """An amount is zero or more."""


class MoneyNeedsTwo(Refusal):
    """This step releases money: where there are two, one alone never does it, however small."""


class AlreadyReviewed(Refusal):
    """This exception was already reviewed."""


class OwnException(Refusal):
    """You had a hand in this exception yourself. Somebody else reviews it."""


class SameOffice(Refusal):
    """This exception is of your own office. Somebody of another office reviews it."""


def set_duty_amounts(
    *, acting_staff: StaffUser, step: str, from_units: Mapping[Profile, int]
) -> Setting:
    """Say from which amount (whole smallest units) a step asks for another person, by profile; a
    profile left out asks from the first unit on. The audit line holds what was and what is.

    Raises NotAllowed, UnknownStep, AmountBelowZero, MoneyNeedsTwo.
    """
    require(acting_staff, "org.change_setting")
    duty = duties.matrix().get(step)
    if duty is None:
        raise UnknownStep(field="step", step=step)
    amounts = {profile: units for profile, units in from_units.items() if units}
    for profile, units in amounts.items():
        if units < 0:
            raise AmountBelowZero(field=profile.value)
        if not may_have_amount(profile, duty):
            raise MoneyNeedsTwo(field=profile.value)
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(key=KEY).first()
        held = dict(row.value) if row is not None and isinstance(row.value, dict) else {}
        before = held.get(step) or {}
        held[step] = {profile.value: units for profile, units in amounts.items()}
        setting = installation.put(KEY, held)
        facts = {"step": step, "before": _told(before), "after": _told(held[step])}
        audit.record(acting_staff, "org.set_duty_amounts", setting, facts)
    return setting


def _told(amounts: Mapping[str, int]) -> str:
    return " ".join(f"{name}={units}" for name, units in sorted(amounts.items()))


def review_duty_exception(*, acting_staff: StaffUser, exception: DutyException) -> DutyException:
    """Note that somebody elsewhere has looked at an exception: none of those who had a hand in it,
    and somebody of another office where there are several.

    Raises NotAllowed, OwnException, SameOffice, AlreadyReviewed.
    """
    require(acting_staff, "org.review_duty")
    if str(acting_staff.pk) in {str(exception.staff_id), *exception.others}:
        raise OwnException
    here = acting_staff.home_office_id
    if here is not None and here == exception.staff.home_office_id and _several_offices():
        raise SameOffice
    with transaction.atomic():
        locked = DutyException.objects.select_for_update().get(pk=exception.pk)
        if locked.reviewed_at is not None:
            raise AlreadyReviewed
        locked.reviewed_at, locked.reviewed_by = timezone.now(), acting_staff
        locked.save(update_fields=["reviewed_at", "reviewed_by"])
        audit.record(acting_staff, "org.review_duty", locked)
    return locked


def _several_offices() -> bool:
    return Office.objects.filter(active=True).count() > 1
