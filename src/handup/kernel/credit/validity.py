"""Whether terms fit together as a whole, each fault named with its field and in the field's words.

`Terms` itself refuses what no schedule can be made of. Here stands what would mislead or drift: a
field without effect, an order that never pays a part, rows below zero, a last instalment that is
more than twice the one before. Sample schedules at the smallest and the largest loan are made, and
the worst that rounding can do to the smallest is worked out (`drift.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from handup.kernel.credit import three_places
from handup.kernel.credit.codes import (
    AdvanceTo,
    ChargeVisibility,
    Component,
    DayCount,
    DueUnit,
    FeeBase,
    FeeKind,
    FeeTaken,
    FeeWhen,
    FlatRebate,
    Method,
    OffDayRule,
    PenaltyKind,
    Recalculation,
    Repayment,
    Residue,
    RestructuredInPar,
    SavingsHolder,
    Smoothing,
    Strategy,
    When,
)
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.drift import check_drift
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.credit.terms import MILLION, MOST_DAYS, BadTerms, Fee, Terms
from handup.kernel.errors import Fault, Faults, Refusal

Finding = tuple[str, str, str]
"""Field, code and reason of one fault."""

SAMPLE_STARTS = (date(2026, 1, 31), date(2027, 8, 16), date(2028, 2, 29))
"""Days on which a sample loan begins: an end of a month, a plain day, a leap day."""

_THREE_PLACES_ONLY = (DayCount.WEEKS_7_365, DayCount.WEEKS_7_360)
_UNEVEN = (Repayment.PRINCIPAL_SHARES, Repayment.PERCENT_OF_PRINCIPAL, Repayment.BULLET)


class TermsLastTooLarge(Refusal):
    """The last instalment, {last}, is more than twice the one before, {before}."""


class NeverLate(Refusal):
    """An instalment of {due} would never be late: {tolerated} may stay unpaid."""


def faults_of(terms: Terms, *, for_import: bool = False) -> tuple[Fault, ...]:
    """Every fault of the terms; sample schedules are made only when nothing else is wrong.

    `for_import`: terms of loans moved in from another system, whose last instalment may be large
    and whose payments may be split as they were booked.
    """
    found = [fault for check in _CHECKS for fault in check(terms)]
    if not for_import and terms.charge_visibility is ChargeVisibility.BY_BOOKING:
        found.append(_bad("charge_visibility", "splitting as booked is for loans moved in"))
    if not found:
        found = list(_samples(terms, for_import=for_import))
    return tuple(Fault(code, reason, place=field) for field, code, reason in found)


def check(terms: Terms, *, for_import: bool = False) -> None:
    """Refuse terms that do not hold as a whole. Raises Faults with all of them."""
    faults = faults_of(terms, for_import=for_import)
    if faults:
        raise Faults(faults, field="terms")


def check_last(terms: Terms, due: Sequence[int]) -> None:
    """Refuse a last instalment of more than twice the one before. Raises TermsLastTooLarge."""
    if terms.repayment in _UNEVEN:
        return
    paying = [units for units in due if units]
    if len(paying) > 1 and paying[-1] > 2 * paying[-2]:
        raise TermsLastTooLarge(field="terms", last=paying[-1], before=paying[-2])


def check_tolerance(terms: Terms, due: Sequence[int]) -> None:
    """Refuse a tolerance that a whole instalment fits into. Raises NeverLate."""
    tolerated = terms.arrears_tolerance_units
    least = min((units for units in due if units), default=None)
    if tolerated and least is not None and least <= tolerated:
        raise NeverLate(field="arrears_tolerance_units", due=least, tolerated=tolerated)


def _bad(field: str, reason: str) -> Finding:
    return field, BadTerms.code, reason


def _money(terms: Terms) -> Iterator[Finding]:
    if len(terms.currency) != 3 or not (terms.currency.isascii() and terms.currency.isupper()):
        yield _bad("currency", "a currency is written with three capital letters")
    low, high, step = (
        terms.principal_min_units,
        terms.principal_max_units,
        terms.principal_multiple_units,
    )
    if low < 1 or step < 1:
        yield _bad("principal_min_units", "the smallest loan and its step are above zero")
    if high is not None and high < low:
        yield _bad("principal_max_units", "the largest loan is below the smallest")
    numbers = [number for number, _ in terms.cycle_limits]
    if numbers != sorted(set(numbers)) or any(number < 1 for number in numbers):
        yield _bad("cycle_limits", "loans are numbered from 1, each once, in order")
    if any(limit < 1 for _, limit in terms.cycle_limits):
        yield _bad("cycle_limits", "a limit is above zero")
    if not 0 <= terms.savings_ppm <= MILLION:
        yield _bad("savings_ppm", "savings before the loan are 0 to 100 percent of it")
    if not 0 <= terms.savings_instalment_ppm <= MILLION:
        yield _bad("savings_instalment_ppm", "savings with an instalment are a share of the loan")
    if terms.savings_instalment_units < 0:
        yield _bad("savings_instalment_units", "an amount is not below zero")
    asked = terms.savings_instalment_ppm or terms.savings_instalment_units
    if asked and terms.savings_holder is not SavingsHolder.BANK:
        reason = "only what a bank holds for the saver is taken with her instalments"
        yield _bad("savings_holder", reason)


def _dates(terms: Terms) -> Iterator[Finding]:
    months = terms.unit is DueUnit.MONTH
    if terms.anchor_day is not None and not months:
        yield _bad("anchor_day", "a day of the month needs instalments counted in months")
    if terms.due_months and not months and terms.unit is not DueUnit.MEETING:
        yield _bad("due_months", "due months need instalments counted in months or meetings")
    for field in ("due_months", "working_days"):
        numbers = getattr(terms, field)
        if list(numbers) != sorted(set(numbers)):
            yield _bad(field, "each stands once, in order")
    if terms.unit is DueUnit.MEETING and terms.off_day_rule not in (
        OffDayRule.NONE,
        OffDayRule.NEXT,
        OffDayRule.NEXT_MEETING,
    ):
        yield _bad("off_day_rule", "a group pays at its meeting, or at the next one")
    if terms.unit is DueUnit.MEETING and terms.repayment is Repayment.FIXED_INSTALMENT:
        reason = "as many instalments as a given amount needs cannot be counted in meetings"
        yield _bad("repayment", reason)
    if terms.due_dates:
        yield _bad("due_dates", "days agreed one by one belong to one loan, not to a product")
    if terms.working_days and terms.off_day_rule is OffDayRule.NONE:
        yield _bad("working_days", "working days have no effect while due dates never move")


def _interest(terms: Terms) -> Iterator[Finding]:
    flat = terms.method is Method.FLAT
    equal = terms.repayment is Repayment.EQUAL_INSTALMENTS
    if flat and terms.repayment is Repayment.FIXED_INSTALMENT:
        yield _bad("method", "a given instalment needs interest on the balance")
    if terms.smoothing is Smoothing.ONCE and (flat or not equal):
        yield _bad("smoothing", "smoothing needs equal instalments with interest on the balance")
    if not flat and terms.flat_rebate is FlatRebate.NONE:
        yield _bad("flat_rebate", "a rebate is for flat interest only")
    if not 0 <= terms.early_fee_ppm <= MILLION:
        yield _bad("early_fee_ppm", "the early fee is 0 to 100 percent of the principal")
    if terms.recalculation is Recalculation.DAILY_RATE and terms.tranches_max > 1:
        yield _bad("tranches_max", "a daily rate knows one payment to the borrower")
    if terms.day_count in _THREE_PLACES_ONLY and terms.total_rounding is None:
        yield _bad("day_count", f"{terms.day_count} is for loans rounded as a whole")
    if terms.total_rounding is not None:
        try:
            three_places.check(terms)
        except BadTerms as refusal:
            yield _bad(refusal.field or "total_rounding", str(refusal.places["reason"]))


def _repayment(terms: Terms) -> Iterator[Finding]:
    needed = {
        Repayment.PRINCIPAL_SHARES: "shares_bps",
        Repayment.PERCENT_OF_PRINCIPAL: "principal_ppm",
        Repayment.FIXED_INSTALMENT: "fixed_units",
    }
    for repayment, field in needed.items():
        given = bool(getattr(terms, field))
        if given != (terms.repayment is repayment):
            reason = "has no effect here" if given else "is missing"
            yield _bad(field, f"{field} {reason}: repayment is {terms.repayment}")
    if any(share < 0 for share in terms.shares_bps):
        yield _bad("shares_bps", "a share cannot be below zero")
    paying = terms.instalments - terms.grace_principal
    if terms.principal_ppm * (paying - 1) > MILLION:
        yield _bad("principal_ppm", "the shares before the last instalment are more than the loan")
    if terms.down_payment_ppm == MILLION:
        yield _bad("down_payment_ppm", "a down payment of the whole loan leaves nothing to lend")
    yield from _residue(terms)
    if terms.tranches_max > 1 and (
        terms.method is Method.FLAT
        or terms.total_rounding is not None
        or terms.repayment is Repayment.FIXED_INSTALMENT
    ):
        yield _bad("tranches_max", "several payments to the borrower need a declining balance")


def _residue(terms: Terms) -> Iterator[Finding]:
    whole = terms.repayment in (Repayment.EQUAL_PRINCIPAL, Repayment.EQUAL_INSTALMENTS)
    if terms.residue is Residue.SPREAD and (
        terms.repayment is not Repayment.EQUAL_PRINCIPAL
        and not (terms.method is Method.FLAT and whole)
    ):
        yield _bad("residue", "only principal in equal parts can be spread to the last unit")
    if terms.residue is Residue.OPEN_END and (
        not whole
        or terms.method is Method.FLAT
        or terms.total_rounding is not None
        or terms.tranches_max > 1
        or terms.recalculation is Recalculation.BALANCE
    ):
        yield _bad("residue", "an open end needs equal parts of one declining balance")


def _fees(terms: Terms) -> Iterator[Finding]:
    codes = [fee.code for fee in terms.fees]
    if len(set(codes)) != len(codes):
        yield _bad("fees", "each fee has a code of its own")
    for fee in terms.fees:
        reason = _fee_reason(fee)
        if reason:
            yield _bad("fees", f"{fee.code}: {reason}")
    if terms.total_rounding is not None and any(fee.when is FeeWhen.DUE_DATE for fee in terms.fees):
        yield _bad("fees", "under three roundings a fee comes with every instalment or none")
    least = terms.principal_min_units
    kept = [
        fee
        for fee in terms.fees
        if fee.when is FeeWhen.DISBURSEMENT and fee.taken is FeeTaken.WITHHELD
    ]
    share, fixed = sum(fee.ppm for fee in kept), sum(fee.units for fee in kept)
    if share >= MILLION or (least > 1 and share * least + fixed * MILLION >= least * MILLION):
        yield _bad("fees", "what is kept back leaves nothing to hand over")


def _fee_reason(fee: Fee) -> str:
    """What is wrong with one fee, in a few words; empty when nothing is."""
    if fee.units < 0 or fee.ppm < 0:
        return "a fee cannot be below zero"
    if not fee.units and not fee.ppm:
        return "it comes to nothing"
    if fee.base is not FeeBase.FIXED and not fee.ppm:
        return "its base has no effect without a share"
    if fee.when is not FeeWhen.DISBURSEMENT and fee.taken is not FeeTaken.CASH:
        return "only a fee at disbursement is kept back or added to the loan"
    if fee.kind is FeeKind.PENALTY and fee.when is not FeeWhen.OVERDUE:
        return "a penalty is for what comes late"
    own_day = fee.when is FeeWhen.DUE_DATE
    if own_day and not 1 <= fee.after_days <= MOST_DAYS:
        return f"its day is 1 to {MOST_DAYS} days after the loan is paid out"
    if fee.after_days and not own_day:
        return "days after the loan is paid out are for a fee on a day of its own"
    return ""


def _lateness(terms: Terms) -> Iterator[Finding]:
    penalty = terms.penalty
    amounts = {
        PenaltyKind.NONE: not penalty.units and not penalty.ppm,
        PenaltyKind.FIXED: penalty.units > 0 and not penalty.ppm,
        PenaltyKind.PER_DAY: 0 < penalty.ppm <= MILLION and not penalty.units,
    }
    if not amounts[penalty.kind]:
        yield _bad("penalty", f"a penalty of kind {penalty.kind} needs its own amount and no other")
    if not 0 <= penalty.free_days <= 365:
        yield _bad("penalty", "the days without penalty are 0 to 365")
    if penalty.cap_ppm < 0 or (penalty.kind is PenaltyKind.PER_DAY and not penalty.cap_ppm):
        yield _bad("penalty", "a daily penalty has a most, in parts per million of its base")
    if (
        terms.restructured_in_par is RestructuredInPar.UNTIL_CURED
        and terms.cured_after_instalments < 1
    ):
        yield _bad("cured_after_instalments", "a loan is cured after one instalment or more")


def _allocation(terms: Terms) -> Iterator[Finding]:
    allocation = terms.allocation
    if allocation.strategy is Strategy.MATRIX:
        cells = allocation.cells
        every = {(when, part) for when in When for part in Component}
        if len(set(cells)) != len(cells) or set(cells) != every:
            yield _bad("allocation", "each part stands once under past due, due and in advance")
        if allocation.components:
            yield _bad("allocation", "a matrix names cells, not parts")
        return
    if sorted(allocation.components) != sorted(Component):
        yield _bad("allocation", "each of the four parts stands once")
    if allocation.cells:
        yield _bad("allocation", "a list names parts, not cells")
    if terms.advance_to is not AdvanceTo.NEXT_INSTALMENT:
        yield _bad("advance_to", "only a matrix sends money ahead elsewhere than to the next row")


_CHECKS: tuple[Callable[[Terms], Iterator[Finding]], ...] = (
    _money,
    _dates,
    _interest,
    _repayment,
    _fees,
    _lateness,
    _allocation,
)


def sample_amounts(terms: Terms) -> tuple[int, ...]:
    """The loans whose schedules are tried: the smallest and the largest, or a usual one."""
    step = terms.principal_multiple_units
    usual = max(terms.principal_min_units, 100_000 * 10**terms.digits)
    high = terms.principal_max_units or usual
    low = terms.principal_min_units if terms.principal_min_units > 1 else high
    whole = {max(amount // step, 1) * step for amount in (low, high)}
    return tuple(sorted(whole))


def sample_plan(terms: Terms, start: date) -> DuePlan:
    """The due dates of a sample loan; meetings are supposed to be held every week."""
    return plan_due_dates(terms, start, meetings=supposed_meetings(terms, start))


def supposed_meetings(terms: Terms, start: date) -> list[date]:
    """Meetings every week, as many as the loan needs; none where it is not due at meetings or its
    days are agreed.
    """
    if terms.unit is not DueUnit.MEETING or terms.due_dates:
        return []
    count = (terms.instalments + 1) * terms.every * (12 if terms.due_months else 1)
    skipped = terms.first_due_min_days // 7 + 1
    return [start + timedelta(weeks=week) for week in range(1, count + skipped + 1)]


def sample_schedule(terms: Terms, units: int, start: date) -> Schedule:
    """The schedule of one sample loan."""
    return build_schedule(terms, [Disbursement(start, units)], sample_plan(terms, start))


def check_loan(terms: Terms, units: int) -> None:
    """Refuse one loan under terms that hold: a product is tried at its own number of instalments,
    a loan may have another. Raises TermsLastTooLarge, NeverLate, TermsDrift and what the schedule
    refuses.
    """
    start = SAMPLE_STARTS[1]
    plan = sample_plan(terms, start)
    schedule = build_schedule(terms, [Disbursement(start, units)], plan)
    due = [row.due for row in schedule.rows]
    check_last(terms, due)
    check_tolerance(terms, due)
    check_drift(terms, units, plan)


def _samples(terms: Terms, *, for_import: bool) -> Iterator[Finding]:
    seen: set[str] = set()
    amounts = sample_amounts(terms)
    for units in amounts:
        for start in SAMPLE_STARTS:
            try:
                plan = sample_plan(terms, start)
                schedule = build_schedule(terms, [Disbursement(start, units)], plan)
                if not for_import:
                    due = [row.due for row in schedule.rows]
                    check_last(terms, due)
                    check_tolerance(terms, due)
                    check_drift(terms, amounts[0], plan)
            except Refusal as refusal:
                if refusal.code not in seen:
                    seen.add(refusal.code)
                    yield refusal.field or "terms", refusal.code, f"a loan of {units}: {refusal}"
