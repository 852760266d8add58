"""The shapes of what a phone carries so that business plans are written, and tests asked, away from
the office."""

from datetime import date
from uuid import UUID

from ninja import Schema


class PlanLine(Schema):
    """A line of a household sheet: an amount in smallest units for a span."""

    section: str
    span: str
    units: int
    name: str
    evidence: str


class PlanSheet(Schema):
    """A household sheet and how its spans become a month."""

    convention: str
    miscellaneous_bps: int
    note: str
    lines: list[PlanLine]


class PlanThing(Schema):
    """A thing needed; month 0 is before opening, 0 months of life: used at once."""

    name: str
    month: int
    cost_units: int
    source: str
    life_months: int
    salvage_units: int


class PlanProduct(Schema):
    """A product: amounts for one, thousandths of one sold in each month, shares in basis points."""

    name: str
    unit: str
    price_units: int
    material_units: int
    labour_units: int
    quantities: list[int]
    credit_share_bps: int
    lag_months: int
    bad_debt_bps: int


class PlanCost(Schema):
    """A monthly line: one amount a month."""

    name: str
    kind: str
    amounts: list[int]


class PlanCosting(Schema):
    """The one-page costing; `season_bps` has one factor a month, or none."""

    own_cash_units: int
    grant_units: int
    opening_stock_units: int
    capital_units: int
    liabilities_units: int
    buffer_units: int
    season_bps: list[int]
    drawings_from: str
    things: list[PlanThing]
    products: list[PlanProduct]
    costs: list[PlanCost]


class PlanFinance(Schema):
    """The loan asked for and its terms; `rate_bps` is basis points a month."""

    loan_units: int
    rate_bps: int
    instalments: int
    grace_instalments: int
    fee_withheld_units: int
    multiple_units: int
    least_units: int
    most_units: int
    most_grace: int
    instalment_unit: int
    method: str
    repayment: str
    product_code: str
    purpose: str


class PlanStep(Schema):
    """A step to take."""

    what: str
    who: str
    due_date: date


class PlanWhatIf(Schema):
    """A what-if of her own; 10 000 is as planned, month 0 is none."""

    name: str
    sales_bps: int
    price_bps: int
    material_bps: int
    months_late: int
    lost_month: int


class WorkPlan(Schema):
    """A plan she writes, or one that may be made again; `edition` goes back with what is written,
    so that a draft saved elsewhere meanwhile is kept beside. `words`: answers by topic, empty where
    nobody knows yet; `comment`: why it came back."""

    plan_id: UUID
    number: str
    person_id: UUID
    name: str
    state: str
    comment: str
    depth: str
    edition: int
    is_beside: bool
    title: str
    idea: str
    currency: str
    currency_digits: int
    start_month: date
    months: int
    capacity_bps: int
    sheet: PlanSheet | None
    costing: PlanCosting
    finance: PlanFinance | None
    screening: dict[str, list[str]]
    words: dict[str, str]
    steps: list[PlanStep]
    scenarios: list[PlanWhatIf]


class TestTask(Schema):
    """One task of a test in words: what is asked, the answer, what its points are for."""

    title: str
    question: str
    answer: str
    marks: str


class SpokenAsked(Schema):
    """One question of a spoken test: it is asked alone, and has so many points at most; `sound`:
    its recording, by work/sounds, null where there is none or the phone has no room for it."""

    number: int
    text: str
    most_points: int
    sound: UUID | None


class TestSitter(Schema):
    """Who sits a test; `person_no` is the number on her card."""

    enrolment_id: UUID
    person_no: str
    name: str


class WorkTest(Schema):
    """A test the reader marks: `tasks` one after the other with `task_points` at most each, or
    `questions` asked aloud, each with its own; a test without either is told by its points. `sat`:
    who has sat it."""

    test_id: UUID
    cohort: str
    title: str
    form: str
    test_date: date
    most_points: int
    task_points: int
    tasks: list[TestTask]
    questions: list[SpokenAsked]
    people: list[TestSitter]
    sat: list[UUID]


class WorkFollowed(Schema):
    """A plan whose months are told at visits: planned sales of each month, and the first days of
    the months that are told."""

    plan_id: UUID
    person_id: UUID
    title: str
    currency: str
    currency_digits: int
    start_month: date
    sales: list[int]
    told: list[date]


class PlanBusiness(Schema):
    """A business."""

    id: UUID
    name: str


class PlanOwner(Schema):
    """Somebody for whom a plan may be started."""

    person_id: UUID
    programme_id: UUID
    enterprises: list[PlanBusiness]


class PlanProgramme(Schema):
    """The money in which plans of a programme are written."""

    id: UUID
    currency: str
    currency_digits: int


class PlanTerms(Schema):
    """A loan product as a plan asks for it: interest a month in basis points, rounded up; what is
    kept back of the loan is `fee_units` and `fee_ppm` of it; `most_units` 0: no limit."""

    code: str
    name: str
    currency: str
    rate_bps: int
    instalments: int
    grace_instalments: int
    method: str
    repayment: str
    multiple_units: int
    least_units: int
    most_units: int
    instalment_unit: int
    fee_units: int
    fee_ppm: int


class WorkPlanning(Schema):
    """Her plans in hand, the last plan of those who may make one again (`earlier`), for whom she
    may start one, and terms of loans; `plans_left`: how many in hand are not on the phone;
    `convention`: how a month is counted unless a sheet says otherwise; `advises`: whether she gives
    the adviser's statement."""

    plans: list[WorkPlan]
    plans_left: int
    earlier: list[WorkPlan]
    owners: list[PlanOwner]
    programmes: list[PlanProgramme]
    terms: list[PlanTerms]
    convention: str
    advises: bool
