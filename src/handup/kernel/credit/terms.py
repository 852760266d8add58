"""The complete calculation convention of a loan.

Every field that can change a figure is here, so a schedule is a function of terms, money and dates
alone. Amounts are smallest units, rates parts per million (24 % = 240 000) with their span.
`validity.py` tells whether terms fit together as a whole, `presets.py` holds named sets of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from handup.kernel.credit import codes
from handup.kernel.credit.codes import Component, Processing, Strategy, When
from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS, Rounding

MILLION = 1_000_000
NEAREST = Rounding()
MOST_INSTALMENTS = 600
MOST_RATE_PARTS = 10**12
MOST_DAYS = 3_660
"""The furthest day of its own a fee may have, after the loan is paid out."""


class BadTerms(Refusal):
    """These terms do not fit together: {reason}."""


class SharesSum(BadTerms):
    """The shares do not make up the loan: {reason}."""


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of the fee table: an amount in units, or parts per million of its base; one on a
    day of its own is due `after_days` days after the loan is paid out.
    """

    code: str
    kind: codes.FeeKind = codes.FeeKind.FEE
    when: codes.FeeWhen = codes.FeeWhen.DISBURSEMENT
    base: codes.FeeBase = codes.FeeBase.FIXED
    units: int = 0
    ppm: int = 0
    taken: codes.FeeTaken = codes.FeeTaken.CASH
    refundable: bool = False
    after_days: int = 0


@dataclass(frozen=True, slots=True)
class Penalty:
    """What lateness costs: an amount once a row, or parts per million of a base a day, capped."""

    kind: codes.PenaltyKind = codes.PenaltyKind.NONE
    base: codes.PenaltyBase = codes.PenaltyBase.OVERDUE_PRINCIPAL
    units: int = 0
    ppm: int = 0
    free_days: int = 3
    cap_ppm: int = 100_000


NO_PENALTY = Penalty()


@dataclass(frozen=True, slots=True)
class Allocation:
    """The order in which a payment settles: cells for MATRIX, else components."""

    strategy: Strategy = Strategy.MATRIX
    processing: Processing = Processing.HORIZONTAL
    cells: tuple[tuple[When, Component], ...] = ()
    components: tuple[Component, ...] = ()


def matrix(*components: Component, processing: Processing = Processing.HORIZONTAL) -> Allocation:
    """A MATRIX with the same order of components for past due, due and in advance."""
    cells = tuple((when, component) for when in When for component in components)
    return Allocation(Strategy.MATRIX, processing, cells)


FIELD = matrix(Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
FINERACT_ADVANCED = matrix(
    Component.PENALTY, Component.FEE, Component.PRINCIPAL, Component.INTEREST
)


NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved: a calculation in bare units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one loan; the defaults are the preset `handup-declining`.

    The rate is `rate_ppm` / `rate_parts` millionths: parts are more than 1 only where no whole
    number of millionths says it, as with a daily rate of 24 % / 365 of another system.
    `due_months` keeps due dates to these months of the year (1 to 12), `working_days` to these days
    of the week (1 Monday to 7 Sunday); empty means all. `due_dates` are days agreed one by one
    for one loan. `withdrawal_days`: for how long after the first pay-out the borrower may withdraw
    (EU 2008/48, article 14). `arrears_tolerance_units`: an instalment of which no more than that is
    unpaid is not late; it stays what it was when the loan began.
    """

    currency: str
    digits: int = 2
    rate_ppm: int
    rate_parts: int = 1
    rate_per: codes.RatePer = codes.RatePer.YEAR
    principal_min_units: int = 1
    principal_max_units: int | None = None
    principal_multiple_units: int = 1
    cycle_limits: tuple[tuple[int, int], ...] = ()
    instalments: int = 12
    every: int = 1
    unit: codes.DueUnit = codes.DueUnit.MONTH
    anchor_day: int | None = None
    first_due_min_days: int = 0
    due_months: tuple[int, ...] = ()
    due_dates: tuple[date, ...] = ()
    working_days: tuple[int, ...] = ()
    off_day_rule: codes.OffDayRule = codes.OffDayRule.NEXT
    off_day_moves_interest: bool = False
    method: codes.Method = codes.Method.DECLINING
    repayment: codes.Repayment = codes.Repayment.EQUAL_INSTALMENTS
    shares_bps: tuple[int, ...] = ()
    principal_ppm: int = 0
    fixed_units: int = 0
    day_count: codes.DayCount = codes.DayCount.DAYS_365
    annuity: codes.Annuity = codes.Annuity.EACH_PERIOD_RATE
    smoothing: codes.Smoothing = codes.Smoothing.NONE
    interest_rounding: Rounding = NEAREST
    principal_rounding: Rounding = NEAREST
    fee_rounding: Rounding = NEAREST
    instalment_rounding: Rounding = NEAREST
    total_rounding: Rounding | None = None
    residue: codes.Residue = codes.Residue.LAST
    grace_principal: int = 0
    grace_interest_payment: int = 0
    grace_interest_free: int = 0
    down_payment_ppm: int = 0
    tranches_max: int = 1
    fees: tuple[Fee, ...] = ()
    penalty: Penalty = NO_PENALTY
    recalculation: codes.Recalculation = codes.Recalculation.NONE
    early_effect: codes.EarlyEffect = codes.EarlyEffect.REDUCE_NUMBER
    payoff_interest: codes.PayoffInterest = codes.PayoffInterest.TO_THE_DAY
    early_fee_ppm: int = 0
    flat_rebate: codes.FlatRebate = codes.FlatRebate.BY_DAYS
    withdrawal_days: int = 14
    allocation: Allocation = FIELD
    advance_to: codes.AdvanceTo = codes.AdvanceTo.NEXT_INSTALMENT
    charge_visibility: codes.ChargeVisibility = codes.ChargeVisibility.BY_DATE
    savings_ppm: int = 0
    savings_instalment_ppm: int = 0
    savings_instalment_units: int = 0
    savings_holder: codes.SavingsHolder = codes.SavingsHolder.SEEN
    savings_position: codes.SavingsPosition = codes.SavingsPosition.AFTER_DUE
    restructured_in_par: codes.RestructuredInPar = codes.RestructuredInPar.ALWAYS
    cured_after_instalments: int = 3
    arrears_tolerance_units: int = 0

    def __post_init__(self) -> None:
        """Refuse what no schedule can be made of. Raises BadTerms with the field."""
        for field, low, high in _RANGES:
            value = getattr(self, field)
            if not low <= value <= high:
                raise BadTerms(field=field, reason=f"{field} is {value}, allowed {low} to {high}")
        if self.rate_ppm > 10 * MILLION * self.rate_parts:
            reason = f"rate_ppm is {self.rate_ppm}, allowed 0 to {10 * MILLION * self.rate_parts}"
            raise BadTerms(field="rate_ppm", reason=reason)
        if self.anchor_day is not None and not 1 <= self.anchor_day <= 31:
            raise BadTerms(field="anchor_day", reason="the day of the month is 1 to 31")
        for field, last in (("due_months", 12), ("working_days", 7)):
            if any(not 1 <= number <= last for number in getattr(self, field)):
                raise BadTerms(field=field, reason=f"each is a number from 1 to {last}")
        if self.repayment is not codes.Repayment.FIXED_INSTALMENT:
            for field in ("grace_principal", "grace_interest_payment", "grace_interest_free"):
                if not 0 <= getattr(self, field) < self.instalments:
                    raise BadTerms(field=field, reason="grace leaves no instalment to pay")
        if self.repayment is codes.Repayment.PRINCIPAL_SHARES and (
            len(self.shares_bps) != self.instalments or sum(self.shares_bps) != WHOLE_BPS
        ):
            raise SharesSum(field="shares_bps", reason="one share an instalment, together 10 000")
        unit = _UNIT_OF.get(self.day_count)
        if unit is not None and self.unit is not unit:
            raise BadTerms(field="day_count", reason=f"{self.day_count} counts by {unit}")
        if self.recalculation is not codes.Recalculation.NONE and (
            self.method is codes.Method.FLAT or self.total_rounding is not None
        ):
            reason = "interest of a flat loan, or rounded per loan, cannot follow the balance"
            raise BadTerms(field="recalculation", reason=reason)
        if self.tranches_max > 1 and self.annuity is not codes.Annuity.EACH_PERIOD_RATE:
            raise BadTerms(field="annuity", reason="several tranches need EACH_PERIOD_RATE")

    @property
    def rate_whole(self) -> int:
        """What `rate_ppm` is a part of: the rate is `rate_ppm` / `rate_whole`."""
        return MILLION * self.rate_parts


_UNIT_OF: Mapping[codes.DayCount, codes.DueUnit] = MappingProxyType(
    {
        codes.DayCount.MONTHS_12: codes.DueUnit.MONTH,
        codes.DayCount.WEEKS_52: codes.DueUnit.WEEK,
        codes.DayCount.WEEKS_7_365: codes.DueUnit.WEEK,
        codes.DayCount.WEEKS_7_360: codes.DueUnit.WEEK,
    }
)
_RANGES: tuple[tuple[str, int, int], ...] = (
    ("digits", 0, 4),
    ("rate_parts", 1, MOST_RATE_PARTS),
    ("rate_ppm", 0, 10 * MILLION * MOST_RATE_PARTS),
    ("instalments", 1, MOST_INSTALMENTS),
    ("every", 1, 366),
    ("first_due_min_days", 0, 365),
    ("principal_ppm", 0, MILLION),
    ("down_payment_ppm", 0, MILLION),
    ("tranches_max", 1, 100),
    ("withdrawal_days", 0, 365),
    ("arrears_tolerance_units", 0, 2**50 - 1),
)
