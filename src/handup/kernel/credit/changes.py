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
    Instalment,
    Ledger,
    OpenRow,
)
from handup.kernel.credit.apart import Apart
from handup.kernel.credit.codes import Method, RatePer, Repayment, RowKind
from handup.kernel.credit.dates import (
    DuePlan,
    Pause,
    period_rates,
    plan_due_dates,
    with_pause,
)
from handup.kernel.credit.early import accrued_interest
from handup.kernel.credit.penalties import Lateness
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.rescheduling import (
    NothingToReschedule,
    PlannedRow,
    Request,
    fixed_on,
    moved_dates,
    period_unit,
    reschedule,
)
from handup.kernel.credit.schedule import Disbursement, NegativeRow, build_schedule
from handup.kernel.credit.standing import Parts, SignedRow, Standing, sum_parts
from handup.kernel.credit.terms import Terms
from handup.kernel.dates import add_periods
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
    unpaid interest, fees and penalties.
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
    """Change the rows due from a day on: balances stay as they are.

    Raises NothingToReschedule, EarlierThanDue and what a schedule refuses.
    """
    loan.move_to(day)
    if loan.by_day is not None:
        loan.by_day.accrue(day)
    rows = loan.plan_rows()
    changed = [row for row in rows if row.due_date >= request.from_date]
    if not changed:
        raise NothingToReschedule(date=request.from_date.isoformat())
    if loan.by_balance is not None:
        _reschedule_balance(loan, day, changed, request)
        return
    kept = [row for row in rows if row.due_date < request.from_date]
    planned = [
        PlannedRow(row.kind, row.due_date, row.open[PRINCIPAL], row.open[INTEREST])
        for row in (*kept, *changed)
    ]
    lent = loan.disbursed + loan.capitalised
    after = reschedule(loan.terms, lent, planned, request, rows[0].begins)[len(kept) :]
    for number, new in enumerate(after, 1):
        if new.principal < 0 or new.interest < 0:
            raise NegativeRow(row=number)
    moved = _move_rows(loan, day, changed, [row.due_date for row in after])
    for row, new in zip(moved, after, strict=True):
        row.add(PRINCIPAL, new.principal - row.open[PRINCIPAL])
        row.add(INTEREST, new.interest - row.open[INTEREST])
        row.ended = not any(row.due)
    _at_new_rate(loan, request)
    _restart_daily(loan, day)


def _at_new_rate(loan: Standing, request: Request) -> None:
    if request.new_rate_ppm is not None:
        loan.terms = replace(loan.terms, rate_ppm=request.new_rate_ppm, rate_per=RatePer.YEAR)


def _move_rows(
    loan: Standing, day: date, changed: Sequence[OpenRow], dates: Sequence[date]
) -> list[OpenRow]:
    """Put the unpaid rest of rows on new days; more days than rows make new, empty rows."""
    ledger = loan.ledger
    begins = changed[0].begins
    moved: list[OpenRow] = []
    for place, due_date in enumerate(dates):
        if place < len(changed):
            row = _rest_of(loan, changed[place], day)
        else:
            row = OpenRow(Instalment(due_date, 0, 0), ledger.next_number(), from_date=day)
            ledger.rows.append(row)
        row.due_date = row.ends = due_date
        row.begins, begins = begins, due_date
        loan.lateness.tracks.pop(row.number, None)
        moved.append(row)
    ledger.rows.sort(key=lambda row: (row.due_date, row.kind is RowKind.CHARGES))
    return moved


def _rest_of(loan: Standing, row: OpenRow, day: date) -> OpenRow:
    """The row itself when nothing of it is paid, else a new row of what is unpaid."""
    if not any(row.paid(place) for place in (PENALTY, FEE, INTEREST, PRINCIPAL)):
        loan.supersede(row, day)
        return row
    rest = row.copy()
    rest.number = loan.ledger.next_number()
    rest.from_date, rest.settled_date = day, None
    rest.early = rest.late = 0
    rest.due = rest.open.copy()
    _hand_on_interest(loan, row, rest)
    loan.supersede(row, day)
    if row.number in loan.tariff:
        tariff = loan.tariff.pop(row.number)
        loan.tariff[rest.number] = min(tariff, rest.open[FEE])
        loan.tariff[row.number] = tariff - loan.tariff[rest.number]
    row.end()
    loan.ledger.rows.append(rest)
    return rest


def _hand_on_interest(loan: Standing, row: OpenRow, rest: OpenRow) -> None:
    """Let the new row know what of its period's interest, and of what was carried over, is paid."""
    number, paid = rest.number, row.paid(INTEREST)
    loan.apart.hand_on(row.number, number)
    if row.number in loan.carried:
        carried = loan.carried.pop(row.number)
        loan.carried[number] = min(carried, rest.open[INTEREST])
        paid -= carried - loan.carried[number]
    loan.apart.served[number] = loan.apart.served.get(number, 0) + paid


def _restart_daily(loan: Standing, day: date) -> None:
    """Let a daily rate go on with the rows as they stand now."""
    before = loan.by_day
    if before is None:
        return
    late = {row.number: before.late_open(place) for place, row in enumerate(before.rows)}
    loan.follow(day)
    daily = loan.by_day
    assert daily is not None
    daily.served_on, daily.pauses = before.served_on, before.pauses
    daily.late = [min(late.get(row.number, 0), row.open[INTEREST]) for row in daily.rows]


def _reschedule_balance(
    loan: Standing, day: date, changed: Sequence[OpenRow], request: Request
) -> None:
    """As apply_reschedule where interest follows the balance: what is overdue of the rows that
    move joins the plan again, its interest is collected with the next row; what stays due by the
    day of the change stays due.
    """
    old = loan.by_balance
    assert old is not None
    old.stop_at(day)
    dates = moved_dates(loan.terms, [row.due_date for row in changed], request)
    stays = sum(1 for row, new in zip(changed, dates, strict=False) if new <= day)
    changed, dates = changed[stays:], dates[stays:]
    if not changed:
        raise NothingToReschedule(date=request.from_date.isoformat())
    numbers = {row.number for row in changed}
    closed = [row for row in old.rows[: old.current] if row.number in numbers]
    kept = [row for row in old.rows[old.current :] if row.number not in numbers]
    left = old.left - old.ahead + sum(row.open[PRINCIPAL] for row in closed)
    waiting = old.waiting + old.counted + sum(row.open[INTEREST] for row in closed)
    principals = [row.open[PRINCIPAL] for row in closed] + list(old.planned[old.current :])
    starts = old.bounds[min(old.current, len(old.rows) - 1)]
    moved = _move_rows(loan, day, changed, dates)
    if kept and any(row.due[PRINCIPAL] for row in kept[:1]):
        kept[0] = _rest_of(loan, kept[0], day)
        loan.ledger.rows.sort(key=lambda row: (row.due_date, row.kind is RowKind.CHARGES))
    for row in (*kept, *moved):
        for place in (INTEREST, PRINCIPAL):
            row.add(place, -row.open[place])
    rows = [*kept, *moved]
    bounds = (starts if starts < rows[0].ends else day, *(row.ends for row in rows))
    rows[0].begins = bounds[0]
    new = BalancePlan(_segment_terms(loan.terms, len(rows)), loan.ledger, bounds, rows, left)
    new.unpaid, new.waiting, new.cut = old.unpaid, waiting, max(day, bounds[0])
    new.pauses, new.skip, new.instalment = old.pauses, old.skip, old.instalment
    new.holiday = (len(kept), len(kept) + request.principal_grace)
    new.planned = _spread(new.terms, left, principals, len(rows), len(kept), request)
    loan.by_balance = new
    _at_new_rate(loan, request)
    if request.extra_instalments or request.principal_grace or request.new_rate_ppm is not None:
        after = _segment_terms(loan.terms, len(rows))
        new.later = (len(kept), after)
        if not kept:
            new.change_terms(after)


def _spread(
    terms: Terms, left: int, principals: Sequence[int], count: int, kept: int, request: Request
) -> list[int]:
    """Principals of a plan on new days: moved behind the grace, or in equal parts when longer."""
    grace = [0] * request.principal_grace
    before, rest = list(principals[:kept]), list(principals[kept:])
    if request.extra_instalments:
        paying = count - kept - len(grace)
        to_spread = left - sum(before)
        part = round_ratio(to_spread, paying, terms.principal_rounding)
        rest = [part] * (paying - 1) + [to_spread - part * (paying - 1)]
    planned = before + grace + rest
    return planned + [0] * (count - len(planned))


def _segment_terms(terms: Terms, count: int) -> Terms:
    """The terms of what is left of a loan: so many rows, no grace but what is agreed anew."""
    shares = terms.repayment is Repayment.PRINCIPAL_SHARES
    return replace(
        terms,
        instalments=count,
        repayment=Repayment.EQUAL_PRINCIPAL if shares else terms.repayment,
        shares_bps=(),
        grace_principal=0,
        grace_interest_payment=0,
        grace_interest_free=0,
    )


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
    periods = _periods_past(loan.terms, rows[0].due_date, asked.until)
    if not asked.interest_runs:
        loan.rests = with_pause(loan.rests, pause)
        for follower in (loan.by_balance, loan.by_day):
            if follower is not None:
                follower.pauses = with_pause(follower.pauses, pause)
    if not periods:
        return
    first = rows[0]
    unit = period_unit(loan.terms)
    new_first = add_periods(first.due_date, periods, loan.terms.every, unit)
    follows = loan.by_balance is not None
    extra = 0 if follows or not asked.interest_runs else _waiting_interest(loan, rows, periods)
    if whole:
        apply_reschedule(loan, day, Request(first.due_date, shift_to=new_first))
        if extra:
            next(row for row in loan.plan_rows() if row.due_date >= new_first).add(INTEREST, extra)
        return
    apply_reschedule(loan, day, Request(first.due_date, principal_grace=periods))
    if not follows and loan.terms.method is Method.DECLINING:
        _interest_anew(loan, first.due_date)


def _periods_past(terms: Terms, due_date: date, until: date) -> int:
    """How many whole periods bring a due date behind a day."""
    unit = period_unit(terms)
    for periods in range(_MOST_PERIODS):
        if add_periods(due_date, periods, terms.every, unit) > until:
            return periods
    raise NothingToReschedule(date=until.isoformat())


def _waiting_interest(loan: Standing, rows: Sequence[OpenRow], periods: int) -> int:
    """Interest of the periods put in, rounded once."""
    terms = loan.terms
    if terms.method is Method.FLAT:
        return rows[0].due[INTEREST] * periods
    unit = period_unit(terms)
    first = rows[0].due_date
    bounds = [add_periods(first, step, terms.every, unit) for step in range(periods + 1)]
    rates = period_rates(terms, bounds)
    balance = sum(row.open[PRINCIPAL] for row in rows)
    return round_ratio(balance * sum(rates.numerators), rates.denominator, terms.interest_rounding)


def _interest_anew(loan: Standing, first_due: date) -> None:
    """Work out the interest of moved principals on the balance they leave."""
    rows = [row for row in loan.plan_rows() if row.due_date >= first_due]
    keep = replace(
        loan.terms, repayment=Repayment.BULLET, shares_bps=(), principal_ppm=0, fixed_units=0
    )
    dates = [row.ends for row in rows]
    principals = [row.open[PRINCIPAL] for row in rows]
    _principals, interests = fixed_on(keep, rows[0].begins, dates, principals)
    for row, interest in zip(rows, interests, strict=True):
        row.add(INTEREST, interest - row.open[INTEREST])


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
    loan.handed_over = owed_on(loan, day)
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
                to_come.append(charge._replace(units=units, value_date=None))
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
    loan.terms = terms = replace(asked.terms, down_payment_ppm=0)
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
