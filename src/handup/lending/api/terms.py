"""The terms of a loan through the API: what differs from a named set, each field bounded."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from handup.kernel.credit import codes
from handup.kernel.credit.terms import MOST_DAYS
from handup.kernel.money import RoundingMode

Units = Annotated[int, Field(ge=0, lt=2**50)]
Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=600)]


class Strict(Schema):
    """What a caller tells: a word nobody knows is refused, never dropped."""

    model_config = ConfigDict(extra="forbid")


class RoundingNew(Strict):
    """A multiple in smallest units, and which way."""

    unit: Annotated[int, Field(ge=1, lt=2**40)] = 1
    mode: RoundingMode = RoundingMode.HALF_UP


class FeeNew(Strict):
    """One line of the fee table: an amount, parts per million of its base, or both."""

    code: Annotated[str, Field(min_length=1, max_length=40, pattern="^[^\\x00]*$")]
    kind: codes.FeeKind = codes.FeeKind.FEE
    when: codes.FeeWhen = codes.FeeWhen.DISBURSEMENT
    base: codes.FeeBase = codes.FeeBase.FIXED
    units: Units = 0
    ppm: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    taken: codes.FeeTaken = codes.FeeTaken.CASH
    refundable: bool = False
    after_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0


class PenaltyNew(Strict):
    """What lateness costs."""

    kind: codes.PenaltyKind
    base: codes.PenaltyBase = codes.PenaltyBase.OVERDUE_PRINCIPAL
    units: Units = 0
    ppm: Ppm = 0
    free_days: Annotated[int, Field(ge=0, le=365)] = 3
    cap_ppm: Annotated[int, Field(ge=0, le=10_000_000)] = 100_000


class AllocationNew(Strict):
    """The order in which money settles: cells of a matrix, or components."""

    strategy: codes.Strategy = codes.Strategy.MATRIX
    processing: codes.Processing = codes.Processing.HORIZONTAL
    cells: Annotated[list[tuple[codes.When, codes.Component]], Field(max_length=12)] = []
    components: Annotated[list[codes.Component], Field(max_length=4)] = []


class TermsNew(Strict):
    """Every term of a loan that differs from the named set; what is left out is as the set says."""

    rate_per: codes.RatePer | None = None
    principal_multiple_units: Annotated[int, Field(ge=1, lt=2**50)] | None = None
    cycle_limits: Annotated[list[tuple[Count, Units]], Field(max_length=20)] | None = None
    every: Annotated[int, Field(ge=1, le=366)] | None = None
    unit: codes.DueUnit | None = None
    anchor_day: Annotated[int, Field(ge=1, le=31)] | None = None
    first_due_min_days: Annotated[int, Field(ge=0, le=365)] | None = None
    due_months: Annotated[list[int], Field(max_length=12)] | None = None
    working_days: Annotated[list[int], Field(max_length=7)] | None = None
    off_day_rule: codes.OffDayRule | None = None
    off_day_moves_interest: bool | None = None
    method: codes.Method | None = None
    repayment: codes.Repayment | None = None
    shares_bps: Annotated[list[Annotated[int, Field(ge=0, le=10_000)]], Field(max_length=600)] | (
        None
    ) = None
    principal_ppm: Ppm | None = None
    fixed_units: Units | None = None
    day_count: codes.DayCount | None = None
    annuity: codes.Annuity | None = None
    smoothing: codes.Smoothing | None = None
    interest_rounding: RoundingNew | None = None
    principal_rounding: RoundingNew | None = None
    fee_rounding: RoundingNew | None = None
    instalment_rounding: RoundingNew | None = None
    total_rounding: RoundingNew | None = None
    residue: codes.Residue | None = None
    grace_principal: Count | None = None
    grace_interest_payment: Count | None = None
    grace_interest_free: Count | None = None
    down_payment_ppm: Ppm | None = None
    tranches_max: Annotated[int, Field(ge=1, le=100)] | None = None
    fees: Annotated[list[FeeNew], Field(max_length=20)] | None = None
    penalty: PenaltyNew | None = None
    recalculation: codes.Recalculation | None = None
    early_effect: codes.EarlyEffect | None = None
    payoff_interest: codes.PayoffInterest | None = None
    early_fee_ppm: Ppm | None = None
    flat_rebate: codes.FlatRebate | None = None
    withdrawal_days: Annotated[int, Field(ge=0, le=365)] | None = None
    allocation: AllocationNew | None = None
    advance_to: codes.AdvanceTo | None = None
    restructured_in_par: codes.RestructuredInPar | None = None
    cured_after_instalments: Annotated[int, Field(ge=1, le=100)] | None = None
    arrears_tolerance_units: Units | None = None
    savings_holder: codes.SavingsHolder | None = None
    savings_instalment_ppm: Ppm | None = None
    savings_instalment_units: Units | None = None
    savings_position: codes.SavingsPosition | None = None

    def differing(self) -> dict[str, Any]:
        """What was said, as terms are stored."""
        return self.model_dump(mode="json", exclude_none=True)
