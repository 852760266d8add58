"""Changes of a loan built from what a person enters, and what they would do before anybody decides.

The loan: 6,000.00 over twelve months at 24 % by days, paid out on 15 January 2025; 560.00 came in
on 15 February, 7.06 short of the first instalment.
"""

from datetime import date
from typing import Any

import pytest

from handup.kernel.credit.changes import Moratorium, Scope, Treatment
from handup.kernel.credit.codes import (
    DayCount,
    DueUnit,
    FeeBase,
    FeeTaken,
    FeeWhen,
    Repayment,
    Residue,
)
from handup.kernel.credit.rescheduling import EarlierThanDue, NothingToReschedule
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.errors import Faults, Refusal
from handup.lending.rules.agreed import (
    EndsBeforeItBegins,
    FirstDueTooEarly,
    NewTerms,
    NothingAsked,
    OutsideRange,
    moratorium_of,
    reschedule_request,
    restructuring_of,
)
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event, agreed_from_json, agreed_to_json
from handup.lending.rules.loan import State, fold
from handup.lending.rules.preview import Preview, preview
from handup.lending.tests.loans import (
    START,
    disbursed,
    event,
    moratorium,
    repaid,
    rescheduled,
    reversal,
    terms,
)

TERMS = terms(instalments=12)
APRIL = date(2025, 4, 1)
FEBRUARY = date(2025, 2, 15)


def events(of: Terms = TERMS) -> list[Event]:
    return [disbursed(of), repaid(FEBRUARY, 56_000)]


def standing(of: Terms = TERMS, on: date = APRIL) -> State:
    return fold(events(of), on, terms=of)


def restructured(of: Terms, new: NewTerms, **treated: Any) -> Event:
    agreed = restructuring_of(standing(of), APRIL, new, **treated)
    return event(EventKind.RESTRUCTURED, APRIL, agreed=agreed)


def seen(change: Event, of: Terms = TERMS) -> Preview:
    return preview(events(of), change, of)


# --- what is entered ------------------------------------------------------------------------------


def test_nothing_asked_is_no_change() -> None:
    with pytest.raises(NothingAsked) as refused:
        reschedule_request(from_date=APRIL)
    assert refused.value.field == "shift_to"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("principal_grace", -1),
        ("principal_grace", 61),
        ("extra_instalments", 121),
        ("rate_ppm", 10_000_001),
        ("rate_ppm", -1),
    ],
)
def test_a_figure_out_of_its_range_is_refused_beside_its_question(field: str, value: int) -> None:
    told: dict[str, Any] = {field: value}
    with pytest.raises(OutsideRange) as refused:
        reschedule_request(from_date=APRIL, **told)
    assert refused.value.field == field
    assert str(value) in str(refused.value)


def test_a_moratorium_that_starts_later_keeps_its_first_day() -> None:
    ahead = moratorium_of(day=APRIL, begins=date(2025, 5, 1), until=date(2025, 7, 31))
    assert ahead == Moratorium(date(2025, 7, 31), begins=date(2025, 5, 1))
    now = moratorium_of(day=APRIL, begins=APRIL, until=date(2025, 7, 31), scope=Scope.PRINCIPAL)
    assert now == Moratorium(date(2025, 7, 31), Scope.PRINCIPAL)
    for asked in (ahead, now):
        assert agreed_from_json(EventKind.MORATORIUM, agreed_to_json(asked)) == asked
    with pytest.raises(EndsBeforeItBegins) as refused:
        moratorium_of(day=APRIL, begins=APRIL, until=date(2025, 3, 31))
    assert refused.value.field == "until"


def test_new_terms_keep_what_nobody_spoke_of() -> None:
    fee = Fee("ENTRY", when=FeeWhen.DISBURSEMENT, taken=FeeTaken.WITHHELD, units=500)
    share = Fee("INSURANCE", when=FeeWhen.DISBURSEMENT, base=FeeBase.PRINCIPAL, ppm=10_000)
    of = terms(instalments=12, fees=(fee, share), anchor_day=15, grace_principal=2)
    made = restructuring_of(standing(of), APRIL, NewTerms(6)).terms
    assert (made.instalments, made.rate_ppm, made.unit) == (6, 240_000, DueUnit.MONTH)
    assert (made.fees, made.grace_principal, made.anchor_day) == ((), 0, 15)
    assert made.principal_min_units == made.principal_max_units


def test_another_period_brings_its_own_way_of_counting() -> None:
    of = terms(instalments=12, day_count=DayCount.MONTHS_12, anchor_day=15)
    weekly = restructuring_of(standing(of), APRIL, NewTerms(40, unit=DueUnit.WEEK)).terms
    assert (weekly.day_count, weekly.anchor_day) == (DayCount.WEEKS_52, None)
    daily = restructuring_of(standing(of), APRIL, NewTerms(40, unit=DueUnit.DAY, every=10)).terms
    assert daily.day_count is DayCount.DAYS_365
    days = restructuring_of(standing(), APRIL, NewTerms(40, unit=DueUnit.WEEK)).terms
    assert days.day_count is DayCount.DAYS_365


def test_a_plan_of_shares_goes_on_in_equal_instalments_unless_agreed_otherwise() -> None:
    shares = (0,) * 10 + (4_000, 6_000)
    of = terms(instalments=12, repayment=Repayment.PRINCIPAL_SHARES, shares_bps=shares)
    made = restructuring_of(standing(of), APRIL, NewTerms(6)).terms
    assert (made.repayment, made.shares_bps) == (Repayment.EQUAL_INSTALMENTS, ())
    bullet = restructuring_of(standing(of), APRIL, NewTerms(6, repayment=Repayment.BULLET)).terms
    assert bullet.repayment is Repayment.BULLET


@pytest.mark.parametrize(
    ("new", "fault", "field"),
    [
        (NewTerms(0), OutsideRange, "instalments"),
        (NewTerms(6, grace_principal=6), OutsideRange, "grace_principal"),
        (NewTerms(6, rate_ppm=10_000_001), OutsideRange, "rate_ppm"),
        (NewTerms(6, first_due=APRIL), FirstDueTooEarly, "first_due"),
    ],
)
def test_new_terms_are_refused_beside_their_question(
    new: NewTerms, fault: type[Refusal], field: str
) -> None:
    with pytest.raises(fault) as refused:
        restructuring_of(standing(), APRIL, new)
    assert refused.value.field == field


def test_new_terms_that_do_not_hold_together_are_refused_with_every_fault() -> None:
    of = terms(instalments=12, repayment=Repayment.EQUAL_PRINCIPAL, residue=Residue.SPREAD)
    with pytest.raises(Faults) as refused:
        restructuring_of(standing(of), APRIL, NewTerms(6, repayment=Repayment.EQUAL_INSTALMENTS))
    assert [fault.place for fault in refused.value.faults] == ["terms"]
    with pytest.raises(Faults) as refused:
        restructuring_of(standing(), APRIL, NewTerms(6, every=400))
    assert [fault.place for fault in refused.value.faults] == ["every"]


# --- what it would do -----------------------------------------------------------------------------


def test_a_shift_costs_nothing_more_but_lowers_the_yearly_rate() -> None:
    found = seen(rescheduled(APRIL, shift_to=date(2025, 6, 15)))
    assert (found.before.total, found.after.total, found.dearer) == (624_473, 624_473, 0)
    assert (found.before.rate_ppm, found.after.rate_ppm) == (268_887, 198_676)
    assert found.before.last_due == date(2026, 1, 15)
    assert found.after.last_due == date(2026, 3, 15)
    assert found.before.arrears_days == found.after.arrears_days == 45
    old, new = found.beside[2]
    assert old is not None
    assert new is not None
    assert (old.due_date, new.due_date) == (date(2025, 4, 15), date(2025, 6, 15))


def test_late_instalments_may_move_too() -> None:
    found = seen(rescheduled(APRIL, from_date=FEBRUARY, shift_to=date(2025, 5, 15)))
    assert found.before.overdue == 57_412
    assert (found.after.overdue, found.after.arrears_days) == (0, 0)


def test_new_terms_show_what_is_added_to_principal() -> None:
    found = seen(restructured(TERMS, NewTerms(6, rate_ppm=120_000)))
    assert found.before.owed == (0, 0, 15_918, 556_230)
    assert found.capitalised == (0, 0, 15_918, 0)
    assert found.after.owed == (0, 0, 0, 572_148)
    assert [row.units for row in found.after.rows] == [98_730] * 5 + [98_726]
    assert (found.after.rate_ppm, found.after.dearest) == (127_068, 98_730)
    assert (found.before.arrears_days, found.after.arrears_days) == (45, 0)


def test_interest_let_go_of_is_cheaper_than_interest_carried_over() -> None:
    asked = NewTerms(6, rate_ppm=120_000)
    waived = seen(restructured(TERMS, asked, interest=Treatment.WAIVE))
    carried = seen(restructured(TERMS, asked, interest=Treatment.CARRY))
    assert waived.waived == carried.carried == (0, 0, 15_918, 0)
    assert carried.after.total - waived.after.total == 15_918
    assert carried.after.rows[0].units - carried.after.rows[1].units == 15_918
    assert waived.after.owed == (0, 0, 0, 556_230)
    assert carried.after.owed == (0, 0, 15_918, 556_230)


def test_a_first_day_agreed_is_kept() -> None:
    found = seen(restructured(TERMS, NewTerms(3, first_due=date(2025, 8, 31))))
    days = [row.due_date for row in found.after.rows]
    assert days == [date(2025, 8, 31), date(2025, 9, 30), date(2025, 10, 31)]


def test_a_moratorium_shows_the_interest_of_the_months_put_in() -> None:
    found = seen(moratorium(APRIL, date(2025, 7, 31), begins=date(2025, 5, 1)))
    assert found.dearer == found.after.total - 624_473 > 0
    assert [row.due_date.month for row in found.after.rows[:4]] == [2, 3, 4, 8]
    still = seen(moratorium(APRIL, date(2025, 7, 31), interest_runs=False))
    assert still.dearer == 0


def test_what_cannot_be_done_is_refused_before_anything_is_shown() -> None:
    with pytest.raises(NothingToReschedule):
        seen(rescheduled(date(2026, 2, 1), extra_instalments=1))
    with pytest.raises(EarlierThanDue):
        seen(rescheduled(APRIL, shift_to=APRIL))


def test_a_change_of_an_earlier_day_is_shown_after_what_came_since() -> None:
    later = repaid(date(2025, 5, 20), 10_000)
    found = preview(
        [*events(), later, reversal(later, date(2025, 5, 21))],
        rescheduled(APRIL, extra_instalments=3),
        TERMS,
    )
    assert found.day == date(2025, 5, 21)
    assert len(found.after.rows) == len(found.before.rows) + 3


def test_a_loan_of_which_nothing_is_left_has_no_rate() -> None:
    whole = repaid(date(2025, 3, 1), 700_000)
    found = preview([disbursed(TERMS), whole], moratorium(START, date(2025, 3, 1)), TERMS)
    assert (found.after.rows, found.after.rate_ppm, found.after.dearest) == ((), None, 0)
    assert found.after.last_due is None
