"""What the API of lending takes and gives; every text and number of a caller is bounded."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from handup.kernel.credit.codes import AdvanceTo
from handup.lending.api.terms import Strict, TermsNew
from handup.lending.rules.codes import (
    ApplicationState,
    ConditionStep,
    LenderMode,
    Method,
    Outcome,
    Payer,
)
from handup.lending.rules.eligibility import Stop
from handup.lending.rules.expiry import EXPIRES_AFTER_DAYS
from handup.lending.rules.plan_checks import Compared, Verdict
from handup.lending.waiting import Step
from handup.org.interface import Currency, Text

Amount = Annotated[int, Field(gt=0, lt=2**50)]
Many = Annotated[int, Field(ge=0, lt=2**50)]
Day = Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))]
Code = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$")]
Short = Annotated[str, Field(max_length=60, pattern="^[^\\x00]*$")]
Name = Annotated[str, Field(min_length=1, max_length=160, pattern="^[^\\x00]*$")]
Line = Annotated[str, Field(max_length=200, pattern="^[^\\x00]*$")]
Reason = Annotated[str, Field(max_length=300, pattern="^[^\\x00]*$")]
Instalments = Annotated[int, Field(ge=1, le=600)]


class LenderOut(Schema):
    """Whose money is lent."""

    id: UUID
    code: str
    name: str
    mode: str
    currency: str
    organisation_id: UUID | None
    programme_id: UUID | None
    fund_id: UUID
    active_from: date
    active_to: date | None


class FundNamed(Strict):
    """Out of which fund a lender, or one of its products, lends from now on."""

    fund_id: UUID
    product_id: UUID | None = None


class LenderNew(Strict):
    """A lender to register."""

    code: Code
    name: Name
    mode: LenderMode
    currency: Currency
    active_from: Day
    organisation_id: UUID | None = None
    programme_id: UUID | None = None
    book_id: UUID | None = None
    fund_id: UUID | None = None


class FacilityNew(Strict):
    """Money of ours that a bank lends."""

    limit_units: Amount
    signed_date: Day
    expiry_date: Day | None = None
    revolving: bool = False


class GuaranteeNew(Strict):
    """A deposit that covers a share of a bank's loans."""

    deposit_units: Amount
    signed_date: Day
    cover_bps: Annotated[int, Field(ge=1, le=10_000)] = 5000
    max_leverage_x100: Annotated[int, Field(ge=1, le=10_000)] = 100
    call_after_days: Annotated[int, Field(ge=0, le=3650)] = 90
    book_id: UUID | None = None
    expiry_date: Day | None = None


class IdOut(Schema):
    """The id of what was stored."""

    id: UUID


class ProductOut(Schema):
    """One version of a product."""

    id: UUID
    product_id: UUID
    number: int
    terms: dict[str, Any]
    eligibility: dict[str, Any]
    effective_date: date
    approved_date: date | None


class StepNew(Strict):
    """From which number of a borrower's loans on, how much over how many instalments at most."""

    loan: Annotated[int, Field(ge=1, le=600)]
    units: Amount | None = None
    instalments: Instalments | None = None


class ProductNew(Strict):
    """A product, or the next version of the one with this code."""

    code: Code
    name: Name
    lender_id: UUID
    preset: Annotated[str, Field(max_length=60, pattern="^[a-z-]+$")] = "handup-declining"
    rate_ppm: Annotated[int, Field(ge=0, le=10_000_000)]
    instalments: Instalments
    principal_min_units: Amount
    principal_max_units: Amount
    effective_date: Day
    certificate_required: bool = True
    savings_ppm: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    plan_required: bool = False
    committee_members: Annotated[int, Field(ge=1, le=25)] = 3
    terms: TermsNew = TermsNew()
    waivable: Annotated[list[Stop], Field(max_length=20)] = []
    age_min: Annotated[int, Field(ge=14, le=99)] = 18
    dscr_min_x100: Annotated[int, Field(ge=0, le=1000)] = 120
    indebtedness_max_x100: Annotated[int, Field(ge=0, le=10_000)] | None = None
    expires_after_days: Annotated[int, Field(ge=1, le=730)] = EXPIRES_AFTER_DAYS
    instalments_min: Instalments | None = None
    instalments_max: Instalments | None = None
    documents: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=80, pattern="^[^\\x00]*$")]],
        Field(max_length=20),
    ] = []
    steps: Annotated[list[StepNew], Field(max_length=20)] = []
    weights: dict[Code, Annotated[int, Field(ge=0, le=100)]] = {}
    discuss_from: Annotated[int, Field(ge=0, le=100)] = 50
    favour_from: Annotated[int, Field(ge=0, le=100)] = 70


class OfferNew(Strict):
    """Terms to try on one loan."""

    preset: Annotated[str, Field(max_length=60, pattern="^[a-z-]+$")] = "handup-declining"
    currency: Currency
    rate_ppm: Annotated[int, Field(ge=0, le=10_000_000)]
    instalments: Instalments
    units: Amount
    start_date: Day
    terms: TermsNew = TermsNew()


class OfferRow(Schema):
    """One row of a schedule, in smallest units."""

    number: int
    due_date: date
    principal: int
    interest: int
    fee: int


class OfferOut(Schema):
    """What a loan comes to: yearly rates in parts per million, null where there is none."""

    rows: list[OfferRow]
    handed_units: int
    withheld_units: int
    apr_ppm: int | None
    apr_with_savings_ppm: int | None
    us_apr_ppm: int | None
    flat_apr_ppm: int | None
    total_payable_units: int
    total_cost_units: int


class OnDay(Strict):
    """A day."""

    value_date: Day


class ProductApproval(OnDay):
    """The day, and why one person proposed and approves, where one is all there is."""

    reason: Reason = ""


class ToldLineOut(Schema):
    """One line as it was told for the loan before and as it is now; `told`: the day it was told,
    empty where it was not."""

    line: str
    was: int | str | None
    now: int | str | None
    told: str


class ToldBeforeOut(Schema):
    """What was told for the loan before, line by line; no loan and no line where none was."""

    loan: str = ""
    lines: list[ToldLineOut] = []


class ApplicationOut(Schema):
    """An application as its readers see it."""

    id: UUID
    code: str
    programme_id: UUID
    person_id: UUID | None
    enterprise_id: UUID | None
    group_id: UUID | None
    product_version_id: UUID
    plan_version_id: UUID | None
    advisor_id: UUID | None
    asked_units: int
    currency: str
    instalments: int
    purpose: str
    state: Annotated[ApplicationState, Field(validation_alias="state_now")]
    submitted_date: date
    expires_date: date
    told_before: ToldBeforeOut


class PlanCheckOut(Schema):
    """One comparison of a loan with the plan it rests on, in smallest units or months."""

    compared: Compared
    verdict: Verdict
    plan: int | None
    loan: int | None
    months: list[int]
    smallest_units: int | None


class PlanBehindOut(Schema):
    """What the plan behind an application says, in smallest units; null where not defined."""

    version_id: UUID
    plan_number: str
    version_number: int
    sha256: str
    engine_version: str
    loan_units: int | None
    instalments: int | None
    net_cash_units: int | None
    max_instalment_units: int | None
    max_loan_units: int | None
    smallest_loan_units: int | None
    lowest_cash_units: int
    months_in_red: list[int]


class ApplicationWithPlan(ApplicationOut):
    """An application, the plan it rests on and how the loan fits it, frozen with the appraisal; the
    votes, and the steps the caller has no hand in, named by their permission.
    """

    plan: PlanBehindOut | None
    plan_checks: list[PlanCheckOut]
    votes_cast: int
    votes_needed: int
    open_steps: list[Step]


class NextLoanOut(Schema):
    """What a borrower's next loan may be; null = not limited."""

    number: int
    product_version_id: UUID
    most_units: int | None
    most_instalments: int | None


class AppraisalNew(Strict):
    """What a second person found."""

    appraised_date: Day
    recommendation: Outcome
    recommended_units: Amount | None = None
    anchors: dict[Code, Annotated[int, Field(ge=0, le=4)]] = {}
    note: Text = ""
    reason: Reason = ""


class AppraisalOut(Schema):
    """An appraisal with its stops and score."""

    id: UUID
    application_id: UUID
    recommendation: str
    stops: list[dict[str, Any]]
    score_x10: int | None
    band: str


class VoteNew(Strict):
    """A member's vote."""

    choice: Outcome
    voted_date: Day
    reason: Reason = ""


class ConditionNew(Strict):
    """What has to be there before which step."""

    text: Annotated[str, Field(min_length=1, max_length=300, pattern="^[^\\x00]*$")]
    before: ConditionStep = ConditionStep.PAY_OUT


class DecisionNew(Strict):
    """What was decided."""

    outcome: Outcome
    decided_date: Day
    approved_units: Amount | None = None
    instalments: Instalments | None = None
    waived: Annotated[list[Stop], Field(max_length=20)] = []
    reason: Reason = ""
    conditions: Reason = ""
    to_meet: Annotated[list[ConditionNew], Field(max_length=20)] = []


class DecisionOut(Schema):
    """A decision."""

    id: UUID
    application_id: UUID
    outcome: str
    approved_units: int | None
    instalments: int | None


class TrancheNew(Strict):
    """One part a loan is paid out in."""

    units: Amount
    planned_date: Day
    condition: Reason = ""


class TrancheOut(Schema):
    """One part of a loan: planned, met, and the event that paid it."""

    id: UUID
    number: int
    units: int
    planned_date: date
    condition: str
    met_date: date | None
    event_id: UUID | None


class TrancheMet(Strict):
    """When what a part waits for was seen, on which paper."""

    met_date: Day
    document: Annotated[str, Field(max_length=120, pattern="^[^\\x00]*$")] = ""


class AgreementNew(Strict):
    """Day of signing, and when the money is meant to be handed over."""

    signed_date: Day
    start_date: Day | None = None
    tranches: Annotated[list[TrancheNew], Field(max_length=100)] = []
    due_dates: Annotated[list[Day], Field(max_length=600)] = []
    shares_bps: Annotated[list[Annotated[int, Field(ge=0, le=10_000)]], Field(max_length=600)] = []


class RowOut(Schema):
    """One instalment as of a day."""

    number: int
    due_date: date
    penalty_units: int
    fee_units: int
    interest_units: int
    principal_units: int
    paid_units: int
    settled_date: date | None


class LoanStateOut(Schema):
    """A loan as of a day, by the fold over its events."""

    as_of: date
    state: str
    principal_units: int
    arrears_days: int
    overdue_units: int
    overpaid_units: int
    rows: list[RowOut]


class EventOut(Schema):
    """What happened to a loan."""

    id: UUID
    loan_id: UUID
    kind: str
    value_date: date
    received_at: datetime
    units: int
    method: str
    reference: str
    reason: str
    reverses_id: UUID | None


class DisbursementNew(Strict):
    """Money handed over."""

    value_date: Day
    method: Method = Method.BANK
    reference: Short = ""
    reason: Reason = ""


class MoneyIn(Strict):
    """Money that came in."""

    units: Amount
    value_date: Day
    method: Method = Method.CASH
    reference: Short = ""


class RepaymentNew(MoneyIn):
    """A repayment; recorded_at is when the device wrote it down, advance_to which instalments to
    come it settles beyond what is due (null: as the terms say), payer who brought it.
    """

    currency: Currency | None = None
    advance_to: AdvanceTo | None = None
    payer: Payer = Payer.BORROWER
    recorded_at: AwareDatetime | None = None


class ReasonNew(Strict):
    """A day and a reason."""

    value_date: Day
    reason: Reason


class ProposalOut(Schema):
    """A proposal that waits for, or had, a second person's word."""

    id: UUID
    loan_id: UUID
    kind: str
    state: str
    reason: str


class WriteOffDecision(Strict):
    """A second person's word."""

    value_date: Day
    approve: bool = True
    reason: Reason = ""


class RatioOut(Schema):
    """A ratio with its definition's id and both counts."""

    id: str
    parameter: int | None
    numerator: int
    denominator: int
    percent: str
    numerator_loans: int
    denominator_loans: int
