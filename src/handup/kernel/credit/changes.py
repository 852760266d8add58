"""Agreed changes of a running loan: rescheduled, paused by a moratorium, restructured on new terms.

What was paid of a row stays with that row; what is moved or made anew is its unpaid rest. Rows as
they were before are kept with the day they went out of force, so any earlier day reads the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PLACE,
    PRINCIPAL,
    Charge,
    Ledger,
    OpenRow,
)
from handup.kernel.credit.apart import Apart, ask_interest, interest_of_one
from handup.kernel.credit.codes import Method, Repayment, RowKind
from handup.kernel.credit.dates import (
    DuePlan,
    Pause,
    period_rates,
    plan_due_dates,
    with_pause,
)
from handup.kernel.credit.early import accrued_interest
from handup.kernel.credit.moving import asked_days, begin_change, later, move
from handup.kernel.credit.penalties import Lateness
from handup.kernel.credit.rescheduling import NothingToReschedule, Request, fixed_on
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import Parts, SignedRow, Standing, sum_parts
from handup.kernel.credit.terms import Terms
from handup.kernel.money import round_ratio

_MOST_PERIODS = 1200


class Treatment(StrEnum):
    """What becomes of an unpaid part when a loan is restructured."""

    CAPITALISE = "CAPITALISE"
    CARRY = "CARRY"
    WAIVE = "WAIVE"


class Scope(StrEnum):
    """Whether a moratorium moves whole rows or only their principal."""

    ALL = "ALL"
    PRINCIPAL = "PRINCIPAL"


@dataclass(frozen=True, slots=True)
class Restructuring:
    """New terms, the days they are due on (None: worked out from the terms), and what becomes of
    unpaid interest, fees and penalties. What is tolerated stays as the loan began.
    """

    terms: Terms
    plan: DuePlan | None = None
    interest: Treatment = Treatment.CAPITALISE
    fee: Treatment = Treatment.CARRY
    penalty: Treatment = Treatment.WAIVE


@dataclass(frozen=True, slots=True)
class Moratorium:
    """No instalments up to a day; whether interest runs on and days late are counted.

    `begins` where it starts later than it is agreed.
    """

    until: date
    scope: Scope = Scope.ALL
    interest_runs: bool = True
    ageing_runs: bool = False
    begins: date | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of unpaid penalties, fees and interest when a loan was restructured, in the
    places of ORDER.
    """

    capitalised: Parts
    carried: Parts
    waived: Parts


def apply_reschedule(loan: Standing, day: date, request: Request) -> None:
    """Change the rows due from a day on: balances stay as they are. Where one moves alone, those
    after it are left alone too; interest that follows the balance is planned anew with them all.

    Raises NothingToReschedule, EarlierThanDue, PastNextDue and what a schedule refuses.
    """
    changed = begin_change(loan, day, request.from_date)
    days = asked_days(loan, changed, request)
    if request.alone and loan.by_balance is None:
        # Those due by its new day are put down with it, to stay behind it.
        count = sum(1 for each in days if each.due_date <= days[0].due_date)
        changed, days = changed[:count], days[:count]
    move(loan, day, changed, request, days)


def apply_moratorium(loan: Standing, day: date, asked: Moratorium) -> None:
    """No instalment falls due from a day until another: rows move on by whole periods.

    Raises NothingToReschedule.
    """
    first_day = max(day, asked.begins or day)
    loan.move_to(day - timedelta(days=1))
    rows = [row for row in loan.plan_rows() if row.due_date >= first_day]
    if not rows or asked.until < first_day:
        raise NothingToReschedule(date=first_day.isoformat())
    pause = Pause(first_day, asked.until)
    if not asked.ageing_runs:
        loan.frozen = with_pause(loan.frozen, pause)
        loan.lateness.pauses = with_pause(loan.lateness.pauses, pause)
    loan.move_to(day)
    whole = asked.scope is Scope.ALL or not asked.interest_runs
    periods = _periods_past(loan, rows[0].ends, asked.until)
    if not asked.interest_runs:
        loan.rests = with_pause(loan.rests, pause)
        for follower in (loan.by_balance, loan.by_day):
            if follower is not None:
                follower.pauses = with_pause(follower.pauses, pause)
    if not periods:
        return
    first = rows[0]
    changed = begin_change(loan, day, first.due_date)
    if not whole:
        request = Request(first.due_date, principal_grace=periods)
        moved = move(loan, day, changed, request, asked_days(loan, changed, request))
        if loan.by_balance is None and loan.terms.method is Method.DECLINING:
            _interest_anew(loan, moved)
        return
    extra = 0
    if asked.interest_runs:
        extra = _waiting_interest(loan, changed, periods) if loan.by_balance is None else 0
        loan.apart.stretched[first.number] = loan.apart.runs(first.number) - 1 + periods
    days = [later(loan, row.ends, periods) for row in changed]
    moved = move(loan, day, changed, Request(first.due_date), days)
    if extra:
        next(row for row in moved if not row.ended).add(INTEREST, extra)


def _periods_past(loan: Standing, ends: date, until: date) -> int:
    """How many whole periods bring a due date behind a day."""
    for periods in range(_MOST_PERIODS):
        if later(loan, ends, periods).due_date > until:
            return periods
    raise NothingToReschedule(date=until.isoformat())


def _waiting_interest(loan: Standing, rows: Sequence[OpenRow], periods: int) -> int:
    """Interest of the periods put in, rounded once."""
    terms, first = loan.terms, rows[0]
    if terms.method is Method.FLAT:
        return interest_of_one(loan, first) * periods
    bounds = [later(loan, first.ends, step).ends for step in range(periods + 1)]
    rates = period_rates(terms, bounds)
    balance = sum(row.open[PRINCIPAL] for row in rows)
    return round_ratio(balance * sum(rates.numerators), rates.denominator, terms.interest_rounding)


def _interest_anew(loan: Standing, rows: Sequence[OpenRow]) -> None:
    """Work out the interest of moved principals on the balance they leave."""
    keep = replace(
        loan.terms, repayment=Repayment.BULLET, shares_bps=(), principal_ppm=0, fixed_units=0
    )
    ends = [row.ends for row in rows]
    principals = [row.open[PRINCIPAL] for row in rows]
    _principals, own = fixed_on(keep, rows[0].begins, ends, principals, loan.apart.periods(rows))
    ask_interest(loan, rows, own)


def apply_restructure(loan: Standing, day: date, asked: Restructuring) -> Settled:
    """Put what is owed on new terms: the old rows keep what was paid, new rows take the rest.

    Raises what a schedule of the new terms refuses.
    """
    loan.move_to(day)
    owed = owed_on(loan, day)
    loan.settle_plan(day)
    to_come, _made = _charges_to_come(loan, day)
    loan.segments.clear()
    loan.carried.clear()
    loan.apart = Apart()
    for row in list(loan.ledger.rows):
        _close_row(loan, row, day)
    treatments = (asked.penalty, asked.fee, asked.interest)

    def treated(wanted: Treatment) -> Parts:
        found = [
            units if what is wanted else 0 for units, what in zip(owed, treatments, strict=False)
        ]
        return found[0], found[1], found[2], 0

    settled = Settled(
        treated(Treatment.CAPITALISE), treated(Treatment.CARRY), treated(Treatment.WAIVE)
    )
    added = sum(settled.capitalised)
    loan.waived = sum_parts((loan.waived, settled.waived))
    loan.capitalised += added
    _renew(loan, day, asked, owed[PRINCIPAL] + added, settled.carried, to_come)
    return settled


def apply_hand_over(loan: Standing, day: date) -> Parts:
    """Let another lender take on what is owed on a day: nothing more is asked here. Returns it.

    A loan that was written off is handed over with its debt; here it owes nothing already.
    """
    if loan.stopped:
        return loan.handed_over
    loan.move_to(day)
    loan.handed_over = passed_on(loan, day)
    loan.settle_plan(day)
    for row in list(loan.ledger.rows):
        _close_row(loan, row, day)
    loan.stopped = True
    return loan.handed_over


def owed_on(loan: Standing, day: date) -> Parts:
    """Penalties and fees due or charged by a day, interest earned and all principal, as far as they
    are unpaid, in the places of ORDER.
    """
    earned = accrued_interest(loan, day)
    seen = loan.seen_on(day)
    rows = seen.ledger.rows
    due = [row for row in rows if row.due_date <= day]
    _to_come, made = _charges_to_come(seen, day)
    return (
        sum(row.open[PENALTY] for row in due) + made[PENALTY],
        sum(row.open[FEE] for row in due) + made[FEE],
        max(earned - sum(row.paid(INTEREST) for row in rows), 0),
        sum(row.open[PRINCIPAL] for row in rows),
    )


def passed_on(loan: Standing, day: date) -> Parts:
    """What another lender would take on: what is owed on a day, and what was charged by then and is
    due later.
    """
    penalty, fee, interest, principal = owed_on(loan, day)
    to_come, _made = _charges_to_come(loan.seen_on(day), day)
    for charge in to_come:
        if PLACE[charge.component] == PENALTY:
            penalty += charge.units
        else:
            fee += charge.units
    return penalty, fee, interest, principal


def _charges_to_come(loan: Standing, day: date) -> tuple[list[Charge], list[int]]:
    """What is unpaid of charges to rows that are not due yet: those due on a later day, and how
    much penalty and fee is due by now.
    """
    waiting = [charge for charge in loan.ledger.charges if charge.due_date > day]
    to_come: list[Charge] = []
    made = [0, 0]
    for row in loan.ledger.rows:
        if row.due_date <= day:
            continue
        left = [row.open[PENALTY], loan.charged_open(row)]
        for charge in [item for item in waiting if item.due_date <= row.due_date]:
            waiting.remove(charge)
            place = PLACE[charge.component]
            units = min(charge.units, left[place])
            left[place] -= units
            if units:
                to_come.append(charge._replace(units=units, value_date=day))
        made = [sum(pair) for pair in zip(made, left, strict=True)]
    return to_come, made


def _close_row(loan: Standing, row: OpenRow, day: date) -> None:
    """Keep of a row what was paid of it; its period ends by the day. Before, an empty one stays."""
    if row.left or row.due_date > day or not any(row.due):
        loan.supersede(row, day)
    if row.due_date > day and row.number in loan.tariff:
        loan.tariff[row.number] = min(loan.tariff[row.number], row.paid(FEE))
    row.due_date, row.ends = min(row.due_date, day), min(row.ends, day)
    row.end()


def _renew(
    loan: Standing,
    day: date,
    asked: Restructuring,
    principal: int,
    carried: Sequence[int],
    to_come: Sequence[Charge],
) -> None:
    """Build the new rows; what is carried over falls due with the first of them."""
    tolerated = loan.terms.arrears_tolerance_units
    loan.terms = terms = replace(asked.terms, down_payment_ppm=0, arrears_tolerance_units=tolerated)
    ledger = Ledger(terms.allocation, ())
    ledger.rows, ledger.charges = loan.ledger.rows, []
    loan.ledger, loan.lateness = ledger, Lateness(terms)
    loan.lateness.pauses = loan.frozen.copy()
    number = ledger.next_number() - 1
    plan = asked.plan or plan_due_dates(terms, day)
    schedule = build_schedule(terms, [Disbursement(day, principal)], plan)
    instalment = 0
    signed: list[SignedRow] = []
    for row in schedule.rows:
        ends = None
        if row.kind is RowKind.INSTALMENT:
            instalment += 1
            if len(plan.bounds) > instalment:
                ends = plan.bounds[instalment]
        signed.append(
            SignedRow(
                number + row.n,
                row.due_date,
                row.principal,
                row.interest,
                row.fee,
                kind=row.kind,
                ends=ends,
            )
        )
    loan.base = principal
    loan.open(day, signed, 0)
    first = next(row for row in loan.plan_rows() if row.number > number)
    for place, units in enumerate(carried):
        _carry(loan, first, place, units)
    for charge in to_come:
        loan.ledger.charge(charge)


def _carry(loan: Standing, row: OpenRow, place: int, units: int) -> None:
    if place == INTEREST and loan.by_balance is not None:
        loan.by_balance.waiting += units
        return
    row.add(place, units)
    if place != INTEREST or not units:
        return
    if loan.by_day is not None:
        loan.by_day.late[loan.by_day.rows.index(row)] += units
    else:
        loan.carried[row.number] = units
