"""Loans made of events for the tests of the fold: terms of every kind, events at noon of a day."""

from datetime import UTC, date, datetime
from typing import Any

from handup.kernel.credit.changes import Moratorium, Restructuring
from handup.kernel.credit.codes import (
    Component,
    DayCount,
    EarlyEffect,
    FeeBase,
    FeeWhen,
    Method,
    PenaltyKind,
    RatePer,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Fee, Penalty, Terms
from handup.kernel.ids import new_id
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event
from handup.lending.rules.schedules import rows_of

START = date(2025, 1, 15)
LENT = 600_000
PER_DAY = Penalty(PenaltyKind.PER_DAY, ppm=1_000)


def terms(**changed: Any) -> Terms:
    """Six months at 24 % a year by days of 365."""
    return Terms(**{"currency": "USD", "rate_ppm": 240_000, "instalments": 6, **changed})


KINDS: dict[str, Terms] = {
    "schedule": terms(),
    "penalty": terms(penalty=PER_DAY),
    "fixed penalty": terms(penalty=Penalty(PenaltyKind.FIXED, units=500)),
    "late fee": terms(
        fees=(Fee("LATE", when=FeeWhen.OVERDUE, base=FeeBase.PRINCIPAL, ppm=10_000),)
    ),
    "instalment fee": terms(fees=(Fee("BOOK", when=FeeWhen.INSTALMENT, units=120),)),
    "flat": terms(method=Method.FLAT, day_count=DayCount.MONTHS_12),
    "tranches": terms(tranches_max=5),
    "down payment": terms(down_payment_ppm=100_000, tranches_max=5),
    "principal plan": terms(repayment=Repayment.EQUAL_PRINCIPAL, tranches_max=5),
    "grace": terms(grace_principal=2, grace_interest_free=1),
    **{
        f"balance {effect}": terms(
            recalculation=Recalculation.BALANCE, early_effect=effect, tranches_max=5
        )
        for effect in EarlyEffect
    },
    "balance bullet": terms(
        recalculation=Recalculation.BALANCE, repayment=Repayment.BULLET, penalty=PER_DAY
    ),
    "balance months": terms(
        recalculation=Recalculation.BALANCE,
        repayment=Repayment.EQUAL_PRINCIPAL,
        day_count=DayCount.MONTHS_12,
    ),
    "daily": terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE),
    "daily penalty": terms(
        rate_ppm=658,
        rate_per=RatePer.DAY,
        recalculation=Recalculation.DAILY_RATE,
        penalty=PER_DAY,
    ),
}


def event(kind: EventKind, day: date, units: int = 0, **fields: Any) -> Event:
    """An event recorded and received at noon of its own day."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Event(new_id(), kind, day, at, at, units, **fields)


def disbursed(of: Terms, units: int = LENT, day: date = START) -> Event:
    """Money handed over, with the schedule signed for it."""
    schedule = build_schedule(of, [Disbursement(day, units)], plan_due_dates(of, day))
    return event(EventKind.DISBURSED, day, units, rows=rows_of(schedule))


def repaid(day: date, units: int, **fields: Any) -> Event:
    return event(EventKind.REPAID, day, units, **fields)


def charged(day: date, units: int, due_date: date | None = None, **fields: Any) -> Event:
    fields.setdefault("component", Component.FEE)
    return event(EventKind.CHARGED, day, units, due_date=due_date or day, **fields)


def waived(day: date, units: int, component: Component) -> Event:
    return event(EventKind.WAIVED, day, units, component=component)


def reversal(target: Event, day: date) -> Event:
    return event(EventKind.REVERSED, day, reverses=target.id)


def rescheduled(day: date, **asked: Any) -> Event:
    return event(EventKind.RESCHEDULED, day, agreed=Request(**{"from_date": day, **asked}))


def restructured(day: date, to: Terms, **asked: Any) -> Event:
    return event(EventKind.RESTRUCTURED, day, agreed=Restructuring(to, **asked))


def moratorium(day: date, until: date, **asked: Any) -> Event:
    return event(EventKind.MORATORIUM, day, agreed=Moratorium(until, **asked))
