"""Duties are data: which step asks for another person, and what each profile makes of it (rulings
A2).

    duties.register(Duty("lending.disburse_loan", releases_money=True))  # in AppConfig.ready()
    require_other_person(  # in the service
        acting_staff, loan.decided_by, step="lending.disburse_loan",
        amount=loan.amount_units, reason=reason, obj=loan,
    )

The setting `duties` may raise the amount from which a step asks: {"ledger.approve_draft":
{"SMALL": 500000}}; `services.duties.set_duty_amounts` writes it.

Where one person is all there is, the door tells the reason she gave with `said(reason)`, whatever
the step; what a service is told itself comes first.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import installation
from handup.org.models import DutyException, Setting
from handup.org.rules.duties import Duty, Profile, Verdict, judge, may_have_amount, sample_size

if TYPE_CHECKING:
    from handup.org.models import StaffUser

    Hand = StaffUser | UUID | None

_matrix: dict[str, Duty] = {}
_said: ContextVar[str] = ContextVar("duty_reason", default="")


class SamePerson(Refusal):
    """You already had a hand in this. Another person has to take this step."""


class ReasonNeeded(Refusal):
    """One person does several steps here. Write the reason; it will be reported."""


@contextmanager
def said(reason: str) -> Iterator[None]:
    """Inside, a step that asks for a reason takes this one where the service was told none."""
    before = _said.set(reason.strip())
    try:
        yield
    finally:
        _said.reset(before)


def register(*duties: Duty) -> None:
    """Add steps to the matrix; one declared twice with other content is a programming error."""
    for duty in duties:
        if _matrix.get(duty.step, duty) != duty:
            raise ValueError(f"duty {duty.step} is declared twice")
        _matrix[duty.step] = duty


def matrix() -> dict[str, Duty]:
    """Return every declared step, with the amounts the installation has set."""
    return {step: _with_setting(duty) for step, duty in _matrix.items()}


def require_other_person(
    acting_staff: "StaffUser",
    *previous_staff: "Hand",
    step: str,
    amount: int | None = None,
    reason: str = "",
    obj: models.Model | None = None,
) -> DutyException | None:
    """Let a step go on when another person does it, or when the profile allows the exception.

    Runs inside the transaction of the write. Returns the logged exception, None when there was
    none. Raises SamePerson, or ReasonNeeded (field `reason`) where one person is all there is.
    """
    hands = {_id(hand) for hand in previous_staff if hand is not None}
    if acting_staff.pk not in hands:
        return None
    profile, reason = installation.profile(), reason.strip() or _said.get()
    duty = _with_setting(_matrix.get(step, Duty(step)))
    verdict = judge(profile, duty, same=True, hands=len(hands), amount=amount, reason=reason)
    if verdict is Verdict.FREE:
        return None
    if verdict is Verdict.REFUSED:
        raise SamePerson
    if verdict is Verdict.REASON_NEEDED:
        raise ReasonNeeded(field="reason")
    return log_exception(
        acting_staff, step=step, profile=profile, hands=hands, amount=amount, reason=reason, obj=obj
    )


def may_take(
    acting_staff: "StaffUser", *previous_staff: "Hand", step: str, amount: int | None = None
) -> bool:
    """Whether she may take a step at all: as another person, or as the exception the profile
    allows. For lists and buttons; the service asks again.
    """
    hands = {_id(hand) for hand in previous_staff if hand is not None}
    if acting_staff.pk not in hands:
        return True
    duty = _with_setting(_matrix.get(step, Duty(step)))
    verdict = judge(
        installation.profile(), duty, same=True, hands=len(hands), amount=amount, reason=""
    )
    return verdict is not Verdict.REFUSED


def asks_reason(step: str, amount: int | None = None) -> bool:
    """Whether one person may take a step alone here if she says why. For forms that are filled in
    where the service cannot be asked; it asks again.
    """
    duty = _with_setting(_matrix.get(step, Duty(step)))
    verdict = judge(installation.profile(), duty, same=True, hands=1, amount=amount, reason="")
    return verdict is Verdict.REASON_NEEDED


def log_exception(
    acting_staff: "StaffUser",
    *,
    step: str,
    profile: Profile,
    hands: set[UUID],
    amount: int | None,
    reason: str,
    obj: models.Model | None,
) -> DutyException:
    """Store an exception for the monthly review."""
    return DutyException.objects.create(
        staff=acting_staff,
        step=step,
        profile=profile.value,
        others=sorted(str(hand) for hand in hands - {acting_staff.pk}),
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        amount_units=amount,
        reason=reason.strip()[:300],
    )


def _id(hand: Any) -> UUID:
    pk: UUID = getattr(hand, "pk", hand)
    return pk


def _with_setting(duty: Duty) -> Duty:
    row = Setting.objects.filter(key="duties").values_list("value", flat=True).first()
    amounts = row.get(duty.step) if isinstance(row, dict) else None
    if not isinstance(amounts, dict):
        return duty
    changed = {Profile(name): int(units) for name, units in amounts.items()}
    allowed = {key: units for key, units in changed.items() if may_have_amount(key, duty)}
    return replace(duty, from_units={**duty.from_units, **allowed})


def month_of(first: date) -> tuple[datetime, datetime]:
    """The first instant of a month and of the next, in the institution's time zone."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    zone = timezone.get_current_timezone()
    return (
        datetime(first.year, first.month, 1, tzinfo=zone),
        datetime(after.year, after.month, 1, tzinfo=zone),
    )


def exceptions_of(first: date) -> "models.QuerySet[DutyException]":
    """The exceptions of the month that begins on `first`."""
    start, end = month_of(first)
    return DutyException.objects.filter(recorded_at__gte=start, recorded_at__lt=end)


def monthly_sample(first: date) -> list[UUID]:
    """Which exceptions of a month somebody elsewhere reviews (rulings A2).

    The same for everybody at any time once the month is over, and for nobody to choose: those whose
    digest with the month comes first.
    """
    ids = list(exceptions_of(first).values_list("pk", flat=True))

    def drawn(pk: UUID) -> bytes:
        return hashlib.sha256(f"{first:%Y-%m}:{pk}".encode()).digest()

    return sorted(ids, key=drawn)[: sample_size(len(ids))]
