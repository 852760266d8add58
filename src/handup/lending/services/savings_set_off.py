"""Compulsory savings set off against the loan they stand behind: one proposes, another approves.

The saver agreed to it, or the loan is so late that its terms allow it. What stands behind the loan
goes first, then what is free.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.lending.errors import AmountNotPositive, NotRunning
from handup.lending.models import Loan, LoanEvent, LoanProposal, SavingsAccount, SavingsMove
from handup.lending.rules.codes import EventKind, LoanState, Parked, SavingsGround, SavingsMoveKind
from handup.lending.services import proposals
from handup.lending.services import savings_kept as kept
from handup.lending.services.happening import happen
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.services.store import Writer, state_as_of
from handup.org import audit
from handup.org.models import Setting, StaffUser

LATE_DAYS = 90
LATE_KEY = "lending.savings_set_off_days"
"""How late a loan is before savings are set off without the saver's word; the institution's own."""


class MoreThanSaved(Refusal):
    """Only {saved} are saved at this lender."""


class MoreThanOwed(Refusal):
    """The loan owes only {owed}."""


class NoSavings(Refusal):
    """{code} has no savings at {lender}."""


class WordMissing(Refusal):
    """Say on which day the saver agreed, not after {date}."""


class NotLateEnough(Refusal):
    """The loan is {days} days late; without the saver's word savings are set off after {after}."""


def set_off_after_days() -> int:
    """After how many days late the saver need not agree."""
    value: Any = Setting.objects.filter(key=LATE_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value >= 0 else LATE_DAYS


def propose_set_off(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    units: int,
    ground: SavingsGround,
    proposed_date: date,
    reason: str,
    agreed_date: date | None = None,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to pay a loan from its borrower's savings; agreed_date: when she agreed, where that
    is the ground.

    Raises what proposals.propose_changes does, and NotRunning, AmountNotPositive, NoSavings,
    MoreThanSaved, MoreThanOwed, WordMissing, NotLateEnough.
    """
    return proposals.propose_change(
        acting_staff=acting_staff,
        loan=loan,
        kind=EventKind.SAVINGS_SET_OFF,
        proposed_date=proposed_date,
        reason=reason,
        payload={
            "units": units,
            "ground": ground.value,
            "agreed_date": None if agreed_date is None else agreed_date.isoformat(),
        },
        id=id,
    )


def can_be_set_off(loan: Loan, on: date) -> int:
    """What could be set off against a loan on a day: saved, and owed."""
    account = kept.account_of(loan)
    if account is None or loan.state != LoanState.ACTIVE:
        return 0
    return min(_saved(account, loan, on), _owed(loan, on))


def _saved(account: SavingsAccount, loan: Loan, on: date) -> int:
    now, then = kept.by_loan(account), kept.by_loan(account, on)
    bound = min(now.get(loan.pk, 0), then.get(loan.pk, 0))
    return max(bound, 0) + max(kept.free_units(account, on), 0)


def _owed(loan: Loan, on: date) -> int:
    return sum(sum(row.open) for row in state_as_of(loan, on).ledger.rows)


def _check(loan: Loan, payload: Payload, on: date) -> None:
    units: int = payload["units"]
    if units <= 0:
        raise AmountNotPositive(field="units")
    if loan.state != LoanState.ACTIVE:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    account = kept.account_of(loan)
    if account is None:
        raise NoSavings(code=loan.code, lender=loan.lender.name)
    saved, owed = _saved(account, loan, on), _owed(loan, on)
    if units > saved:
        raise MoreThanSaved(field="units", saved=kept.money(saved, loan.currency))
    if units > owed:
        raise MoreThanOwed(field="units", owed=kept.money(owed, loan.currency))
    _check_ground(loan, payload, on)


def _check_ground(loan: Loan, payload: Payload, on: date) -> None:
    if SavingsGround(payload["ground"]) is SavingsGround.AGREED:
        told = payload["agreed_date"]
        if told is None or date.fromisoformat(told) > on:
            raise WordMissing(field="agreed_date", date=on)
        return
    late, after = state_as_of(loan, on).arrears_days(on), set_off_after_days()
    if late <= after:
        raise NotLateEnough(field="ground", days=late, after=after)


def _carry_out(asked: Approved) -> LoanEvent:
    loan, told = asked.loan, _told(asked.payload)
    account = kept.account_of(loan)
    assert account is not None
    locked = kept.lock(account)
    _check(loan, asked.payload, asked.value_date)
    bound = max(kept.by_loan(locked).get(loan.pk, 0), 0)
    units: int = asked.payload["units"]
    event, _state = happen(
        Writer(timezone.now()),
        loan,
        EventKind.SAVINGS_SET_OFF,
        asked.staff,
        asked.value_date,
        units=units,
        id=asked.id,
        reason=asked.reason,
        method=Parked.SAVINGS.value,
    )
    if units > bound:
        kept.bind(locked, loan, units - bound, asked.staff, event)
    move = SavingsMove.objects.create(
        account=locked,
        kind=SavingsMoveKind.SET_OFF.value,
        loan=loan,
        event=event,
        units=-units,
        value_date=asked.value_date,
        reason=asked.reason,
        recorded_by=asked.staff,
        **told,
    )
    audit.record(asked.staff, "lending.set_off_savings", move, {"loan": str(loan.pk)})
    return event


def _told(payload: Mapping[str, Any]) -> dict[str, Any]:
    day = payload["agreed_date"]
    return {"agreed_date": None if day is None else date.fromisoformat(day)}


WAYS = (
    Way(
        EventKind.SAVINGS_SET_OFF,
        "lending.propose_set_off",
        "lending.set_off_savings",
        _check,
        _carry_out,
    ),
)
