"""What closes a loan on a day of its current period when no principal is overdue."""

from datetime import date
from typing import NamedTuple

from handup.kernel.credit.codes import PayoffInterest
from handup.kernel.credit.dates import part_rate
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import divide, round_ratio


class BeforePeriod(Refusal):
    """{date} is before the current period, which starts on {start}."""


class AfterPeriod(Refusal):
    """{date} is after the current period, which ends on {end}: work out what is overdue first."""


class Unpaid(NamedTuple):
    """What is still unpaid from before the current period."""

    interest: int = 0
    fee: int = 0
    penalty: int = 0


NOTHING_UNPAID = Unpaid()


class Payoff(NamedTuple):
    """The parts of the amount that closes the loan."""

    principal: int
    interest: int
    fee: int
    penalty: int

    @property
    def total(self) -> int:
        """The amount."""
        return sum(self)


def payoff(
    terms: Terms,
    principal_left: int,
    period: tuple[date, date],
    on: date,
    unpaid: Unpaid = NOTHING_UNPAID,
) -> Payoff:
    """The payoff amount on a day of the current period (start, end).

    Interest runs to the day or to the period's end as the terms say; before the end the early fee,
    parts per million of the principal, is added. Raises BeforePeriod, AfterPeriod.
    """
    start, end = period
    if on < start:
        raise BeforePeriod(date=on.isoformat(), start=start.isoformat())
    if on > end:
        raise AfterPeriod(date=on.isoformat(), end=end.isoformat())
    until = end if terms.payoff_interest is PayoffInterest.TO_PERIOD_END else on
    rate = part_rate(terms, period, 0, start, until)
    interest = round_ratio(
        principal_left * rate.numerators[0], rate.denominator, terms.interest_rounding
    )
    early_fee = divide(principal_left * terms.early_fee_ppm, MILLION) if on < end else 0
    return Payoff(
        principal_left, interest + unpaid.interest, unpaid.fee + early_fee, unpaid.penalty
    )
