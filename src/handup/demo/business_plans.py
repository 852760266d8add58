"""The business plans behind the loans of the credit programme: light ones, written with an advisor,
read by a second person.

Families with the same loan have the same household sheet, so a few hundred plans are worked out
and thousands are stored.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import timedelta

from handup.demo.chance import number
from handup.demo.credit_plan import PlannedLoan
from handup.demo.foundation import Ground
from handup.demo.people import Family
from handup.kernel.dates import month_start
from handup.org.rules.access import Role
from handup.plans.models import Plan
from handup.plans.rules.household import Evidence, Section, Span
from handup.plans.rules.inputs import Source
from handup.plans.rules.parts import Answer, Harm, Screened
from handup.plans.rules.states import SignedBy
from handup.plans.services import (
    CostingIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    PaperPlan,
    take_over_plans,
    work_out_ahead,
)

TRADES = (
    ("Bakery", "Oven and flour"),
    ("Sewing", "Sewing machine and cloth"),
    ("Shoe repair", "Bench and leather"),
    ("Grocery", "Shelves and first goods"),
    ("Hairdresser", "Chair, mirror and tools"),
    ("Greenhouse", "Frame, foil and seedlings"),
    ("Dairy", "Two cows and a cooler"),
    ("Carpentry", "Saw, plane and timber"),
)
NO_HARM = tuple(Screened(harm, Answer.NO) for harm in Harm)
SMOKE = (Screened(Harm.WASTE, Answer.YES, "A chimney of 4 m, and only dry wood."), *NO_HARM[1:])
RATE_BPS = 100
MONTHS = 12
SEASONS: tuple[tuple[int, ...], ...] = (
    (),
    (9_000, 9_000, 10_000, 10_000, 10_500, 11_000, 11_000, 10_500, 10_000, 9_500, 9_500, 10_000),
    (10_500, 10_000, 9_500, 9_500, 9_500, 10_000, 10_000, 10_500, 10_500, 10_500, 10_000, 9_500),
)
WEEK, DAY = 4, 28  # of a month, as the household sheet counts


def write_plans(
    ground: Ground, families: Sequence[Family], loans: Sequence[PlannedLoan]
) -> list[Plan]:
    """Take over the plans behind a batch of loans, each ready ten days before its loan is asked
    for."""
    return take_over_plans(
        acting_staff=ground.cast[Role.MANAGER],
        plans=[paper_plan(ground, families[loan.family], loan) for loan in loans],
    )


def begin_plans(
    ground: Ground, families: Sequence[Family], loans: Sequence[PlannedLoan], pool: Executor
) -> None:
    """Let another process work the plans out that will be taken over."""
    work_out_ahead((paper_plan(ground, families[loan.family], loan) for loan in loans), pool)


def paper_plan(ground: Ground, family: Family, loan: PlannedLoan) -> PaperPlan:
    """One plan: what the household lives on, what the money buys, the loan it counts on; in the end
    some ask for a little less than they planned.
    """
    trade, thing = TRADES[number("trade", loan.number, len(TRADES))]
    kind = number("sheet", loan.amount_units + loan.term_months, len(SEASONS))
    amount = loan.amount_units + (50_00 if number("less", loan.number, 12) == 0 else 0)
    return PaperPlan(
        person=family.head,
        programme=ground.programme,
        office=family.head.office,
        title=trade,
        idea="Feeds the family and serves the neighbourhood.",
        currency=ground.programme.currency,
        start_month=month_start(loan.disbursed),
        started_date=loan.disbursed - timedelta(days=70),
        horizon_months=MONTHS,
        lines=sheet(loan, kind),
        costing=CostingIn(
            own_cash_units=amount // 10,
            capital_units=2 * amount,
            season_bps=SEASONS[kind],
            investments=(InvestmentIn(thing, amount, Source.LOAN, life_months=36),),
        ),
        finance=FinanceIn(
            loan_units=amount,
            rate_bps=RATE_BPS,
            instalments=loan.term_months,
            multiple_units=10_00,
            least_units=100_00,
            product_code="AM-START",
            purpose=thing,
        ),
        screening=SMOKE if trade == "Bakery" else NO_HARM,
        adviser=ground.cast[Role.ADVISOR],
        statement="She knows the trade, and the neighbourhood buys.",
        signed_by=SignedBy.SIGNATURE,
        advised_date=loan.disbursed - timedelta(days=45),
        reviewer=ground.cast[Role.MANAGER],
        reviewed_date=loan.disbursed - timedelta(days=40),
    )


def sheet(loan: PlannedLoan, kind: int) -> tuple[HouseholdLineIn, ...]:
    """A household whose month leaves about three instalments of the loan."""
    instalment = loan.amount_units * (100 + loan.term_months) // (100 * loan.term_months)
    left = instalment * (28, 31, 34)[kind] // 10
    food, school, rent, wage = (9_00, 12_00, 10_00, 25_00)
    spent = (food * WEEK + school) * 11 // 10
    sales = -(-(left + spent + rent - wage) * 10 // (4 * DAY * 50)) * 50
    line = HouseholdLineIn
    return (
        line(Section.SALES, Span.DAY, sales, "sales", Evidence.SEEN),
        line(Section.COST_OF_SALES, Span.DAY, sales * 6 // 10, "goods and materials"),
        line(Section.BUSINESS_EXPENSE, Span.MONTH, rent, "rent of the place"),
        line(Section.OTHER_INCOME, Span.MONTH, wage, "wage or pension"),
        line(Section.HOUSEHOLD_EXPENSE, Span.WEEK, food, "food"),
        line(Section.OTHER_EXPENSE, Span.MONTH, school, "school and doctor"),
    )
