"""The loan of a plan: its rows from the one credit engine, and the loan that fits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from handup.kernel.credit import codes
from handup.kernel.credit.apr import rate_per_period
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, Row, build_schedule
from handup.kernel.credit.terms import NO_CURRENCY, Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import Rounding
from handup.plans.rules.inputs import Finance

_START = date(2000, 1, 1)
_PPM_PER_BPS = 100


def loan_rows(finance: Finance) -> tuple[Row, ...]:
    """Instalment k falls in month k; interest each month on the balance, rounded."""
    if not finance.loan_units:
        return ()
    terms = Terms(
        currency=NO_CURRENCY,
        rate_ppm=finance.rate_bps * _PPM_PER_BPS,
        rate_per=codes.RatePer.MONTH,
        day_count=codes.DayCount.MONTHS_12,
        off_day_rule=codes.OffDayRule.NONE,
        method=finance.method,
        repayment=finance.repayment,
        instalments=finance.instalments,
        grace_principal=finance.grace_instalments,
        instalment_rounding=Rounding(finance.instalment_unit),
        shares_bps=finance.shares_bps,
    )
    handed = [Disbursement(_START, finance.loan_units)]
    return build_schedule(terms, handed, plan_due_dates(terms, _START)).rows


def by_month(rows: Sequence[Row], months: int) -> tuple[int, ...]:
    """What is due in each month of the plan."""
    due = [row.due for row in rows]
    return tuple(due[:months] + [0] * (months - len(due)))


def effective_cost(finance: Finance, rows: Sequence[Row]) -> tuple[Fraction, Fraction] | None:
    """Interest a month and a year, in percent, on what really comes into the hand."""
    in_hand = finance.loan_units - finance.fee_withheld_units
    if in_hand <= 0 or sum(row.due for row in rows) <= 0:
        return None
    month = Fraction(rate_per_period([-in_hand, *(row.due for row in rows)]))
    return month * 100, ((1 + month) ** 12 - 1) * 100


def closings(
    without_loan: Sequence[Fraction], finance: Finance, rows: Sequence[Row]
) -> list[Fraction]:
    """The closing cash of each month once the loan is in and its instalments are paid."""
    due = by_month(rows, len(without_loan))
    in_hand = finance.loan_units - finance.fee_withheld_units
    paid = 0
    result: list[Fraction] = []
    for cash, instalment in zip(without_loan, due, strict=True):
        paid += instalment
        result.append(cash + in_hand - paid)
    return result


def fits(without_loan: Sequence[Fraction], finance: Finance, buffer: int) -> bool:
    """True when no month closes below the buffer; a loan that no schedule can carry never fits."""
    try:
        rows = loan_rows(finance)
    except Refusal:
        return False
    return min(closings(without_loan, finance, rows)) >= buffer


def smallest_loan(without_loan: Sequence[Fraction], finance: Finance, buffer: int) -> int | None:
    """The smallest multiple between least and most that fits, None when none does.

    A month's cash changes with the loan by a constant share of it, but for rounding. The largest
    loan tells the shares best; what rounding can hide of a month is looked through loan by loan.
    """
    step = finance.multiple_units
    most = finance.most_units or finance.loan_units
    least = max(step, -(-finance.least_units // step) * step)
    first, last = _near(without_loan, replace(finance, loan_units=most), buffer)
    for loan in range(max(least, first // step * step), min(most, last + step) + 1, step):
        if fits(without_loan, replace(finance, loan_units=loan), buffer):
            return loan
    return None


def _near(without_loan: Sequence[Fraction], largest: Finance, buffer: int) -> tuple[int, int]:
    """Between which loans the smallest that fits lies, if any does."""
    try:
        rows = loan_rows(largest) if largest.loan_units else ()
    except Refusal:
        return 0, 0  # the rounding is too coarse for it, and for a smaller one all the more
    hidden = 2 * (len(without_loan) + 2) * largest.instalment_unit
    first, last, paid = Fraction(0), Fraction(0), 0
    for cash, instalment in zip(without_loan, by_month(rows, len(without_loan)), strict=True):
        paid += instalment
        missing = buffer + largest.fee_withheld_units - cash
        if paid < largest.loan_units:
            kept = 1 - Fraction(paid, largest.loan_units)
            first = max(first, (missing - hidden) / kept)
            last = max(last, (missing + hidden) / kept)
    return int(first), int(last)


def shortest_grace(without_loan: Sequence[Fraction], finance: Finance, buffer: int) -> int | None:
    """The fewest instalments of interest only with which the asked loan fits, None if none do."""
    if finance.shares_bps:  # the parts by month say when nothing is repaid
        return 0 if fits(without_loan, finance, buffer) else None
    for grace in range(min(finance.most_grace, finance.instalments - 1) + 1):
        if fits(without_loan, replace(finance, grace_instalments=grace), buffer):
            return grace
    return None
