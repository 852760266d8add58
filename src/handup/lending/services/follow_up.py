"""What is written down when a loan is late: who spoke with whom, what was promised, and what comes
next.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import AmountNotPositive, FutureDate
from handup.lending.models import ArrearsContact, Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.follow_up import Channel, NextStep, SpokeWith
from handup.lending.services.store import refuse_moved
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

FOLLOWED = frozenset({LoanState.ACTIVE, LoanState.WRITTEN_OFF})


class NothingToFollowUp(Refusal):
    """The loan {code} is {state}; there is nothing to talk about."""


class PromiseIncomplete(Refusal):
    """A promise is an amount and a day; write both."""


class PromiseInThePast(Refusal):
    """{date} is before the talk on {talk}; a promise is for a day to come."""


class NobodyPromised(Refusal):
    """Nobody was spoken with, so nothing was promised."""


class NextStepIncomplete(Refusal):
    """A next step needs its day, and a day its step."""


class NextStepInThePast(Refusal):
    """{date} is before the talk on {talk}; the next step is on a day to come."""


@dataclass(frozen=True, slots=True)
class PromiseIn:
    """So much, in smallest units, by a day."""

    units: int
    due_date: date


def record_contact(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    contact_date: date,
    channel: Channel,
    spoke_with: SpokeWith,
    note: str = "",
    promise: PromiseIn | None = None,
    next_step: NextStep = NextStep.NONE,
    next_date: date | None = None,
    id: UUID | None = None,
) -> ArrearsContact:
    """Write down one talk about a loan. A promise is kept or broken by what is paid; nobody types
    it.

    Raises NotAllowed, OutOfSight, NothingToFollowUp, LoanMoved, FutureDate, NobodyPromised,
    AmountNotPositive, PromiseInThePast, NextStepIncomplete, NextStepInThePast.
    """
    require(acting_staff, "lending.record_contact", loan)
    content = {"loan": loan, "contact_date": contact_date, "channel": channel.value}
    if (stored := already_stored(ArrearsContact, id, acting_staff, **content)) is not None:
        return stored
    if contact_date > timezone.localdate():
        raise FutureDate(field="contact_date", date=contact_date)
    refuse_moved(loan)
    if loan.state not in FOLLOWED:
        raise NothingToFollowUp(code=loan.code, state=loan.get_state_display())
    _check_promise(promise, spoke_with, contact_date)
    _check_next(next_step, next_date, contact_date)
    with transaction.atomic():
        row = ArrearsContact.objects.create(
            id=id or new_id(),
            loan=loan,
            contact_date=contact_date,
            channel=channel.value,
            spoke_with=spoke_with.value,
            staff=acting_staff,
            note=note.strip(),
            promised_units=promise.units if promise else None,
            promised_date=promise.due_date if promise else None,
            next_step=next_step.value,
            next_date=next_date,
        )
        audit.record(
            acting_staff,
            "lending.record_contact",
            row,
            {"loan": str(loan.pk), "promised": int(promise is not None)},
        )
    return row


def _check_promise(promise: PromiseIn | None, spoke_with: SpokeWith, talk: date) -> None:
    if promise is None:
        return
    if spoke_with is SpokeWith.NOBODY:
        raise NobodyPromised(field="spoke_with")
    if promise.units <= 0:
        raise AmountNotPositive(field="promised_units")
    if promise.due_date < talk:
        raise PromiseInThePast(field="promised_date", date=promise.due_date, talk=talk)


def _check_next(step: NextStep, on: date | None, talk: date) -> None:
    if (step is NextStep.NONE) != (on is None):
        raise NextStepIncomplete(field="next_date")
    if on is not None and on < talk:
        raise NextStepInThePast(field="next_date", date=on, talk=talk)
