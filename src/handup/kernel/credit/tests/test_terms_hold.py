"""Terms that pass the check hold for any loan between the smallest and the largest."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import INTEREST, PRINCIPAL
from handup.kernel.credit.codes import (
    Annuity,
    DayCount,
    DueUnit,
    EarlyEffect,
    Method,
    PenaltyKind,
    Recalculation,
    Repayment,
    Residue,
    Smoothing,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.early import accrued_interest, payoff_on
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import BadTerms, Penalty, Terms
from handup.kernel.credit.validity import check_last, faults_of
from handup.kernel.money import Rounding, RoundingMode

WEEKLY = (DayCount.WEEKS_52, DayCount.WEEKS_7_365, DayCount.WEEKS_7_360)
LOW, HIGH = 50_000, 5_000_000


def made(**fields: Any) -> Terms | None:
    """Terms of these fields, what cannot stand together put right; None where none can be made."""
    equal = fields["repayment"] is Repayment.EQUAL_INSTALMENTS
    if fields["method"] is Method.FLAT:
        fields["recalculation"] = Recalculation.NONE
    if fields["method"] is Method.FLAT or not equal:
        fields["smoothing"] = Smoothing.NONE
    if fields["residue"] is Residue.SPREAD and fields["repayment"] is not Repayment.EQUAL_PRINCIPAL:
        fields["residue"] = Residue.LAST
    if fields["day_count"] in WEEKLY:
        fields["unit"] = DueUnit.WEEK
    elif fields["day_count"] is DayCount.MONTHS_12:
        fields["unit"] = DueUnit.MONTH
    fields["shares_bps"] = ()
    if fields["repayment"] is Repayment.PRINCIPAL_SHARES:
        count = fields["instalments"]
        part = 10_000 // count
        fields["shares_bps"] = (*[part] * (count - 1), 10_000 - part * (count - 1))
    fields["principal_ppm"] = (
        900_000 // fields["instalments"]
        if fields["repayment"] is Repayment.PERCENT_OF_PRINCIPAL
        else 0
    )
    try:
        return Terms(currency="USD", principal_min_units=LOW, principal_max_units=HIGH, **fields)
    except BadTerms:
        return None


roundings = st.builds(Rounding, st.sampled_from([1, 1, 10, 100]), st.sampled_from(RoundingMode))
any_terms = st.builds(
    made,
    rate_ppm=st.integers(0, 600_000),
    instalments=st.integers(4, 24),
    every=st.integers(1, 2),
    unit=st.sampled_from([DueUnit.MONTH, DueUnit.WEEK]),
    method=st.sampled_from(Method),
    repayment=st.sampled_from([item for item in Repayment if item.name != "FIXED_INSTALMENT"]),
    day_count=st.sampled_from(DayCount),
    annuity=st.sampled_from(Annuity),
    smoothing=st.sampled_from(Smoothing),
    residue=st.sampled_from([Residue.LAST, Residue.LAST, *Residue]),
    interest_rounding=roundings,
    principal_rounding=roundings,
    instalment_rounding=roundings,
    grace_principal=st.integers(0, 3),
    grace_interest_free=st.integers(0, 2),
    grace_interest_payment=st.integers(0, 2),
    down_payment_ppm=st.sampled_from([0, 100_000]),
    recalculation=st.sampled_from(Recalculation),
    early_effect=st.sampled_from(EarlyEffect),
    penalty=st.sampled_from([Penalty(), Penalty(PenaltyKind.PER_DAY, ppm=500)]),
    working_days=st.sampled_from([(), (1, 2, 3, 4, 5)]),
)
starts = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@settings(max_examples=300, deadline=None)
@given(any_terms, st.integers(LOW, HIGH), starts)
def test_terms_without_fault_give_a_schedule_for_any_loan(
    terms: Terms | None, units: int, start: date
) -> None:
    if terms is None or faults_of(terms):
        return
    schedule = build_schedule(terms, [Disbursement(start, units)], plan_due_dates(terms, start))
    assert schedule.total_principal == units
    assert all(row.principal >= 0 and row.interest >= 0 for row in schedule.rows)
    check_last(terms, [row.due for row in schedule.rows])


@settings(max_examples=150, deadline=None)
@given(
    any_terms,
    st.integers(LOW, HIGH),
    starts,
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, HIGH)), max_size=5).map(sorted),
)
def test_a_loan_on_terms_without_fault_can_be_played_to_its_end(
    terms: Terms | None, units: int, start: date, paid: list[tuple[int, int]]
) -> None:
    if terms is None or faults_of(terms):
        return
    plan = plan_due_dates(terms, start)
    schedule = build_schedule(terms, [Disbursement(start, units)], plan)
    loan = Standing(terms=terms)
    loan.open(
        start,
        [
            SignedRow(row.n, row.due_date, row.principal, row.interest, kind=row.kind)
            for row in schedule.rows
        ],
        units,
    )
    day = start
    for step, amount in paid:
        day = date.fromordinal(start.toordinal() + step)
        loan.pay(str(step), day, amount)
    seen = loan.seen_on(day)
    seen.check()
    assert sum(row.due[PRINCIPAL] for row in seen.ledger.rows) == units
    assert accrued_interest(loan, day) >= loan.paid(INTEREST) - seen.paid(INTEREST)
    assert min(payoff_on(loan, day)) >= 0
    assert loan.money_in == loan.overpaid + sum(sum(row.due) - row.left for row in loan.ledger.rows)
