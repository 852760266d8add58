"""Visits, what they found, and what they are compared with."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Enterprise, Person
from handup.people.services.store import PersonErased
from handup.plans import refusals
from handup.plans.models import ActualMonth, Plan, Segment, Visit
from handup.plans.queries import (
    alarming_months,
    loan_use_checked,
    overdue_visits,
    plan_and_actual,
    plan_facts,
    segment,
    visits_on_time,
)
from handup.plans.rules.actuals import MonthTold, months_to_worry, variance
from handup.plans.rules.segments import SegmentLine, SegmentsBroken, check_table, segment_of
from handup.plans.rules.states import VisitKind, VisitState, on_time
from handup.plans.services import (
    MonthIn,
    correct_actual_month,
    miss_visit,
    record_actual_month,
    record_visit,
    schedule_visits,
    set_segments,
    start_plan,
    submit_plan,
)
from handup.plans.tests.conftest import DAY
from handup.projects.models import Programme
from handup.training.weeks import week_of

TABLE = (
    (SegmentLine("SUBSISTENCE", 0, 15_000), "subsistence"),
    (SegmentLine("EMERGING", 15_000, 150_000), "emerging"),
    (SegmentLine("ABOVE", 150_000, None), "above"),
)


def test_a_planned_visit_becomes_done_and_counts_as_on_time(
    alice: Person, programme: Programme, adviser: StaffUser, plan: Plan
) -> None:
    planned, second = schedule_visits(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.LOAN_USE,
        planned_dates=[DAY, DAY + timedelta(days=30)],
        plan=plan,
    )
    assert list(overdue_visits(DAY + timedelta(days=8))) == [planned]
    assert list(overdue_visits(DAY + timedelta(days=7))) == []
    record_visit(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.LOAN_USE,
        visit_date=DAY + timedelta(days=7),
        situation="The oven stands in the shop.",
        planned=planned,
    )
    planned.refresh_from_db()
    assert (planned.state, planned.plan_id) == (VisitState.DONE, plan.pk)
    assert loan_use_checked(plan)
    assert visits_on_time(programme) == (1, 1)
    with pytest.raises(refusals.VisitClosed):
        record_visit(
            acting_staff=adviser,
            person=alice,
            programme=programme,
            kind=VisitKind.LOAN_USE,
            visit_date=DAY,
            planned=planned,
        )
    miss_visit(acting_staff=adviser, visit=second, reason="The road was closed.")
    assert second.state == VisitState.MISSED
    with pytest.raises(refusals.VisitClosed):
        miss_visit(acting_staff=adviser, visit=second, reason="again")


def test_a_visit_in_the_future_is_refused(
    alice: Person, programme: Programme, adviser: StaffUser
) -> None:
    with pytest.raises(refusals.InTheFuture):
        record_visit(
            acting_staff=adviser,
            person=alice,
            programme=programme,
            kind=VisitKind.ADVICE,
            visit_date=timezone.localdate() + timedelta(days=1),
        )
    assert not Visit.objects.exists()


def test_a_missed_visit_needs_its_reason(
    alice: Person, programme: Programme, adviser: StaffUser
) -> None:
    (visit,) = schedule_visits(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[DAY],
    )
    with pytest.raises(refusals.ReasonMissing):
        miss_visit(acting_staff=adviser, visit=visit, reason=" ")
    stale = Visit.objects.get(pk=visit.pk)
    miss_visit(acting_staff=adviser, visit=visit, reason="She moved.", cancelled=True)
    assert visit.state == VisitState.CANCELLED
    with pytest.raises(refusals.VisitClosed):
        miss_visit(acting_staff=adviser, visit=stale, reason="Nobody was there.")
    assert Visit.objects.get(pk=visit.pk).reason == "She moved."


def test_a_visit_sent_twice_by_a_phone_is_one_visit(
    alice: Person, programme: Programme, adviser: StaffUser
) -> None:
    device_id = new_id()

    def send(day: date) -> Visit:
        return record_visit(
            acting_staff=adviser,
            person=alice,
            programme=programme,
            kind=VisitKind.ADVICE,
            visit_date=day,
            id=device_id,
        )

    assert send(DAY) == send(DAY)
    with pytest.raises(SameIdOtherContent):
        send(DAY + timedelta(days=1))
    assert Visit.objects.count() == 1


def test_outsiders_neither_visit_nor_see_visits(
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    outsider: StaffUser,
    appraiser: StaffUser,
) -> None:
    visit = record_visit(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.HOME_CHECK,
        visit_date=DAY,
    )
    for stranger, refusal in ((outsider, OutOfSight), (appraiser, NotAllowed)):
        with pytest.raises(refusal):
            record_visit(
                acting_staff=stranger,
                person=alice,
                programme=programme,
                kind=VisitKind.ADVICE,
                visit_date=DAY,
            )
    assert visit in Visit.objects.visible_to(appraiser)
    assert visit not in Visit.objects.visible_to(outsider)
    assert Visit.objects.count() == 1


def tell(plan: Plan, adviser: StaffUser, month: int, sales: int | None, cash: int = 1) -> None:
    record_actual_month(
        acting_staff=adviser,
        plan=plan,
        month=date(2026, month, 1),
        told=MonthIn(sales_units=sales, cash_units=cash),
    )


def test_a_month_nobody_told_of_is_unknown_and_never_zero(
    written: Plan, adviser: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    assert alarming_months(written) == ()
    tell(written, adviser, 4, 189_000_00)
    tell(written, adviser, 6, 151_200_00 - 1)
    tell(written, adviser, 7, 100_000_00)
    beside = plan_and_actual(written)
    assert [row.told_sales for row in beside] == [
        189_000_00,
        None,
        151_199_99,
        100_000_00,
        None,
        None,
    ]
    assert beside[0].sales is not None
    assert beside[0].sales.units == 0
    assert beside[1].sales is None
    assert beside[3].month == date(2026, 7, 1)
    assert alarming_months(written) == (4,)


def test_a_month_told_twice_is_corrected_with_a_reason(plan: Plan, adviser: StaffUser) -> None:
    told = MonthIn(sales_units=100)
    first = record_actual_month(acting_staff=adviser, plan=plan, month=date(2026, 4, 9), told=told)
    with pytest.raises(refusals.MonthToldTwice):
        record_actual_month(acting_staff=adviser, plan=plan, month=date(2026, 4, 1), told=told)
    with pytest.raises(refusals.ReasonMissing):
        correct_actual_month(acting_staff=adviser, actual=first, told=told, reason="")
    stale = ActualMonth.objects.get(pk=first.pk)
    second = correct_actual_month(
        acting_staff=adviser, actual=first, told=MonthIn(sales_units=120), reason="She had a book."
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.replaced_by == second
    assert second.replaced_by is None
    assert ActualMonth.objects.get(plan=plan, replaced_by=None).sales_units == 120
    with pytest.raises(refusals.MonthToldTwice):
        correct_actual_month(acting_staff=adviser, actual=stale, told=told, reason="again")
    assert ActualMonth.objects.count() == 2


def test_months_outside_the_plan_or_the_past_are_refused(plan: Plan, adviser: StaffUser) -> None:
    for month, refusal in (
        (date(2026, 3, 1), refusals.MonthOutsidePlan),
        (date(2026, 10, 1), refusals.MonthOutsidePlan),
    ):
        with pytest.raises(refusal):
            record_actual_month(acting_staff=adviser, plan=plan, month=month, told=MonthIn())
    with pytest.raises(refusals.NegativeAmount):
        record_actual_month(
            acting_staff=adviser, plan=plan, month=date(2026, 4, 1), told=MonthIn(rent_units=-1)
        )
    plan.start_month = timezone.localdate().replace(day=1)
    plan.horizon_months = 12
    with pytest.raises(refusals.InTheFuture):
        record_actual_month(
            acting_staff=adviser,
            plan=plan,
            month=(plan.start_month + timedelta(days=40)),
            told=MonthIn(),
        )
    assert not ActualMonth.objects.exists()


def test_a_programme_sorts_enterprises_by_working_capital(
    written: Plan, programme: Programme, manager: StaffUser, adviser: StaffUser
) -> None:
    assert segment(programme, 20_000) == ""
    set_segments(acting_staff=manager, programme=programme, currency="XTS", table=TABLE)
    assert segment(programme, 14_999) == "SUBSISTENCE"
    assert segment(programme, 15_000) == "EMERGING"
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    facts = plan_facts(written)
    assert facts is not None
    assert facts.segment == "SUBSISTENCE"
    with pytest.raises(SegmentsBroken):
        set_segments(acting_staff=manager, programme=programme, currency="XTS", table=TABLE[1:])
    assert Segment.objects.count() == 3


@pytest.mark.parametrize(
    "table",
    [
        (),
        (SegmentLine("A", 0, 10),),
        (SegmentLine("A", 0, 10), SegmentLine("B", 11, None)),
        (SegmentLine("A", 0, 10), SegmentLine("B", 9, None)),
        (SegmentLine("A", 0, 0), SegmentLine("B", 0, None)),
        (SegmentLine("A", 0, None), SegmentLine("B", 5, None)),
    ],
)
def test_a_table_with_holes_or_overlaps_is_refused(table: tuple[SegmentLine, ...]) -> None:
    with pytest.raises(SegmentsBroken):
        check_table(table)


def test_below_zero_lies_in_no_class() -> None:
    assert segment_of(-1, [line for line, _ in TABLE]) == ""
    assert segment_of(10**12, [line for line, _ in TABLE]) == "ABOVE"


def test_two_low_months_in_a_row_call_for_a_visit() -> None:
    planned = [100] * 6
    low, good = MonthTold(sales=79), MonthTold(sales=80)
    assert months_to_worry({1: low, 2: low}, planned, 0) == (2,)
    assert months_to_worry({1: low, 2: good, 3: low}, planned, 0) == ()
    assert months_to_worry({1: low, 4: low}, planned, 0) == (4,)
    assert months_to_worry({1: MonthTold(), 2: low, 9: low}, planned, 0) == ()
    assert months_to_worry({3: MonthTold(cash=-1)}, planned, 0) == (3,)


def test_profit_is_worked_out_only_when_every_cost_is_known() -> None:
    whole = MonthTold(1_000, 400, 100, 50, 20, 10, 20, profit_told=440)
    assert whole.profit == 400
    assert not whole.told_differs
    assert whole._replace(profit_told=441).told_differs
    assert whole._replace(rent=None).profit is None
    assert not whole._replace(rent=None).told_differs


def test_a_variance_against_nothing_planned_has_no_percentage() -> None:
    assert variance(50, 0) == (50, None)
    assert variance(80, 100).percent == -20
    assert variance(-50, -100).percent == 50


def test_on_time_means_within_a_week() -> None:
    assert on_time(DAY, DAY + timedelta(days=7))
    assert on_time(DAY, DAY - timedelta(days=7))
    assert not on_time(DAY, DAY + timedelta(days=8))
    assert on_time(None, DAY)


def test_a_visit_to_make_stands_in_her_week(
    adviser: StaffUser, reviewer: StaffUser, alice: Person, programme: Programme
) -> None:
    (late, later) = schedule_visits(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[DAY, DAY + timedelta(days=20)],
    )
    on = DAY + timedelta(days=2)
    (due,) = week_of(adviser, on)
    assert (due.person_id, due.due_date, due.late_days(on)) == (alice.pk, DAY, 2)
    assert str(late.pk) in due.url
    assert str(later.pk) in week_of(adviser, DAY + timedelta(days=14))[1].url
    assert week_of(reviewer, on) == [], "it is another's visit"


def test_whoever_was_erased_is_neither_visited_nor_planned_for(
    alice: Person, bakery: Enterprise, programme: Programme, adviser: StaffUser
) -> None:
    alice.erased_date = DAY
    alice.save(update_fields=["erased_date"])
    where: dict[str, Any] = {"acting_staff": adviser, "person": alice, "programme": programme}
    with pytest.raises(PersonErased):
        schedule_visits(**where, kind=VisitKind.COACHING, planned_dates=[DAY])
    with pytest.raises(PersonErased):
        record_visit(**where, kind=VisitKind.COACHING, visit_date=DAY)
    with pytest.raises(PersonErased):
        start_plan(
            **where, enterprise=bakery, title="Bread", currency="XTS", start_month=DAY,
            started_date=DAY,
        )  # fmt: skip
    assert not Visit.objects.exists()
    assert not Plan.objects.exists()
