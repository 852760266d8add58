"""Visits a loan calls for, and a twentieth of all visits made again by somebody else."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.duties import SamePerson
from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Person
from handup.people.rules.codes import CompartmentKind
from handup.people.services import open_compartment
from handup.plans import refusals
from handup.plans.models import Plan, Visit
from handup.plans.rules.states import PlanState, VisitKind, VisitState
from handup.plans.rules.visit_calendar import Intervals, days_after_loan, drawn_again
from handup.plans.services import (
    draw_visits_again,
    mark_financed,
    miss_visit,
    plan_visits_after_loan,
    record_visit,
    schedule_visits,
    take_back_financed,
    visit_calendar,
)
from handup.plans.services.visit_calendar import intervals
from handup.plans.tests.conftest import DAY
from handup.projects.models import Programme

PAID = date(2026, 1, 31)
UNTIL = date(2026, 6, 30)


@pytest.fixture
def financed(written: Plan) -> Plan:
    Plan.objects.filter(pk=written.pk).update(state=PlanState.FINANCED, decided_date=PAID)
    written.refresh_from_db()
    return written


def visited(person: Person, programme: Programme, by: StaffUser, count: int) -> list[Visit]:
    return [
        record_visit(
            acting_staff=by,
            person=person,
            programme=programme,
            kind=VisitKind.COACHING,
            visit_date=DAY + timedelta(days=place),
        )
        for place in range(count)
    ]


def draw(staff: StaffUser, programme: Programme, visitor: StaffUser, **more: Any) -> list[Visit]:
    values: dict[str, Any] = {
        "from_date": DAY,
        "until_date": UNTIL,
        "planned_date": date(2026, 7, 10),
        "seed": 7,
    }
    return draw_visits_again(
        acting_staff=staff, programme=programme, visitor=visitor, **(values | more)
    )


def test_the_use_is_looked_at_in_14_days_then_six_months_of_coaching_then_each_quarter() -> None:
    days = days_after_loan(PAID, Intervals())
    assert days[0] == (VisitKind.LOAN_USE, date(2026, 2, 14))
    assert [day for kind, day in days if kind is VisitKind.COACHING] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
        date(2026, 7, 31),
        date(2026, 10, 31),
        date(2027, 1, 31),
    ]
    short = days_after_loan(PAID, Intervals(loan_use_days=7, monthly=6, months=2))
    assert [day for _kind, day in short] == [date(2026, 2, 7), date(2026, 2, 28), date(2026, 3, 31)]


def test_a_twentieth_is_drawn_rounded_up_the_same_whatever_the_order() -> None:
    ids = [UUID(int=number) for number in range(41)]
    drawn = drawn_again(ids, 7)
    assert len(drawn) == 3
    assert drawn == drawn_again(reversed(ids), 7)
    assert drawn != drawn_again(ids, 8)
    assert (drawn_again([], 7), len(drawn_again(ids[:1], 7))) == ([], 1)


def test_visits_after_a_loan_are_planned_once_with_the_installations_own_days(
    financed: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    Setting.objects.create(key="plans.visit_calendar", value={"loan_use_days": 10, "months": 3})
    rows = plan_visits_after_loan(acting_staff=adviser, plan=financed)
    assert [(row.kind, row.planned_date) for row in rows] == [
        ("LOAN_USE", date(2026, 2, 10)),
        ("COACHING", date(2026, 2, 28)),
        ("COACHING", date(2026, 3, 31)),
        ("COACHING", date(2026, 4, 30)),
    ]
    assert {row.visitor for row in rows} == {financed.adviser}
    assert plan_visits_after_loan(acting_staff=adviser, plan=financed) == []
    assert Visit.objects.filter(plan=financed).count() == 4
    assert AuditLine.objects.filter(action="plans.schedule_visits").count() == 4
    with pytest.raises((NotAllowed, OutOfSight)):
        plan_visits_after_loan(acting_staff=outsider, plan=financed)


def test_visits_of_a_loan_whose_payment_is_taken_back_are_not_made(
    client: Client, financed: Plan, adviser: StaffUser
) -> None:
    Setting.objects.create(key="plans.visit_calendar", value={"months": 2})
    use, first, second = plan_visits_after_loan(acting_staff=adviser, plan=financed)
    own = schedule_visits(
        acting_staff=adviser,
        person=use.person,
        programme=use.programme,
        plan=financed,
        kind=VisitKind.COACHING,
        planned_dates=[PAID + timedelta(days=3)],
    )[0]
    miss_visit(acting_staff=adviser, visit=first, reason="She was away")
    take_back_financed(acting_staff=adviser, plans=[financed])
    states = dict(Visit.objects.values_list("pk", "state"))
    assert [states[row.pk] for row in (use, first, second, own)] == [
        *("CANCELLED", "MISSED", "CANCELLED", "PLANNED")
    ]
    assert AuditLine.objects.filter(action="plans.take_back_financed").count() == 3
    client.force_login(adviser)
    page = client.get(reverse("plans:visit_detail", args=[use.pk])).content.decode()
    assert "The payment of the loan was taken back." in page

    mark_financed(acting_staff=adviser, plans=[financed], on=PAID)
    again = plan_visits_after_loan(acting_staff=adviser, plan=financed)
    assert [row.planned_date for row in again] == [use.planned_date, second.planned_date]
    assert plan_visits_after_loan(acting_staff=adviser, plan=financed) == []


def test_a_setting_that_is_no_number_counts_as_not_set(db: None) -> None:
    told = {"loan_use_days": "soon", "monthly": None, "months": 3, "then_every": 0}
    Setting.objects.create(key="plans.visit_calendar", value=told)
    assert intervals() == Intervals(loan_use_days=14, monthly=6, then_every=1, months=3)


def test_a_product_has_intervals_of_its_own_and_takes_the_rest_from_all(
    financed: Plan, adviser: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"loan_use_days": 10, "months": 2, "products": {"SOLAR": {"months": 1}, "OX": "often"}}
    Setting.objects.create(key="plans.visit_calendar", value=told)
    assert intervals("SOLAR") == Intervals(loan_use_days=10, months=1)
    assert intervals("OX") == intervals("OTHER") == intervals() == Intervals(10, months=2)
    monkeypatch.setattr(visit_calendar, "products", [lambda _plan: "SOLAR"])
    rows = plan_visits_after_loan(acting_staff=adviser, plan=financed)
    assert [(row.kind, row.planned_date) for row in rows] == [
        ("LOAN_USE", date(2026, 2, 10)),
        ("COACHING", date(2026, 2, 28)),
    ]
    take_back_financed(acting_staff=adviser, plans=[financed])
    assert set(Visit.objects.values_list("state", flat=True)) == {"CANCELLED"}


def test_a_plan_that_is_not_financed_calls_for_no_visits(written: Plan, adviser: StaffUser) -> None:
    with pytest.raises(refusals.NotInThisState):
        plan_visits_after_loan(acting_staff=adviser, plan=written)
    assert not Visit.objects.filter(plan=written).exists()


def test_visits_of_others_are_drawn_once_and_made_again_by_another(
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
    manager: StaffUser,
) -> None:
    made = visited(alice, programme, adviser, 20)
    visited(alice, programme, reviewer, 3)
    (row,) = draw(manager, programme, reviewer)
    assert row.back_check_of in made, "one of twenty; not one of her own three"
    assert (row.kind, row.state, row.visitor) == ("BACK_CHECK", VisitState.PLANNED, reviewer)
    with pytest.raises(refusals.NothingToCheckAgain):
        draw(manager, programme, reviewer)

    def go(staff: StaffUser) -> Visit:
        return record_visit(
            acting_staff=staff,
            person=alice,
            programme=programme,
            kind=VisitKind.BACK_CHECK,
            visit_date=date(2026, 7, 9),
            planned=Visit.objects.get(pk=row.pk),
        )

    with pytest.raises(SamePerson):
        go(adviser)
    assert go(reviewer).state == VisitState.DONE
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"until_date": DAY - timedelta(days=1)}, refusals.UntilBeforeFrom),
        ({"until_date": date(2999, 1, 1)}, refusals.InTheFuture),
        ({"from_date": UNTIL}, refusals.NothingToCheckAgain),
    ]
    for more, refusal in wrong:
        with pytest.raises(refusal):
            draw(manager, programme, reviewer, **more)
    with pytest.raises(NotAllowed):
        draw(adviser, programme, reviewer)


def test_a_back_check_stays_one_and_of_two_who_record_it_one_is_refused(
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
    manager: StaffUser,
) -> None:
    visited(alice, programme, adviser, 20)
    (row,) = draw(manager, programme, reviewer)
    hers, his = (Visit.objects.get(pk=row.pk) for _who in range(2))

    def go(staff: StaffUser, planned: Visit, seen: str) -> Visit:
        return record_visit(
            acting_staff=staff,
            person=alice,
            programme=programme,
            kind=VisitKind.COACHING,
            visit_date=date(2026, 7, 9),
            situation=seen,
            planned=planned,
        )

    assert go(reviewer, hers, "The oven is there").kind == VisitKind.BACK_CHECK
    with pytest.raises(refusals.VisitClosed):
        go(adviser, his, "No oven")
    assert Visit.objects.get(pk=row.pk).situation == "The oven is there"
    assert Visit.objects.filter(kind=VisitKind.BACK_CHECK).count() == 1


def test_only_who_records_visits_and_works_here_is_sent(
    financed: Plan,
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
    manager: StaffUser,
) -> None:
    """Where the adviser left, somebody else is named."""
    visited(alice, programme, adviser, 20)
    reader = staff_with("reader", Role.ME_READER)
    gone = staff_with("gone", Role.ADVISOR)
    StaffUser.objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()
    for nobody in (reader, gone):
        with pytest.raises(refusals.VisitorCannotGo):
            draw(manager, programme, nobody)
        with pytest.raises(refusals.VisitorCannotGo):
            plan_visits_after_loan(acting_staff=adviser, plan=financed, visitor=nobody)
    assert not Visit.objects.filter(state=VisitState.PLANNED).exists()
    Plan.objects.filter(pk=financed.pk).update(adviser=gone)
    financed.refresh_from_db()
    with pytest.raises(refusals.VisitorCannotGo):
        plan_visits_after_loan(acting_staff=manager, plan=financed)
    rows = plan_visits_after_loan(acting_staff=manager, plan=financed, visitor=reviewer)
    assert {row.visitor for row in rows} == {reviewer}


def test_nobody_hidden_is_drawn(
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
    manager: StaffUser,
) -> None:
    visited(alice, programme, adviser, 2)
    open_compartment(
        acting_staff=staff_with("protection", Role.FOCAL_POINT),
        person=alice,
        kind=CompartmentKind.PERSON,
        team=(),
        opened_date=DAY,
    )
    with pytest.raises(refusals.NothingToCheckAgain):
        draw(manager, programme, reviewer)
    assert not Visit.objects.filter(kind=VisitKind.BACK_CHECK).exists()


def test_both_acts_are_done_on_the_web_and_over_the_api(
    financed: Plan,
    alice: Person,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
    manager: StaffUser,
    client: Client,
) -> None:
    client.force_login(adviser)
    page = reverse("plans:plan_visits", args=[financed.pk])
    plan_page = reverse("plans:plan_detail", args=[financed.pk])
    assert page in client.get(plan_page).content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {"visitor": "nobody-here"}).status_code == 422
    assert client.post(page, {"visitor": reviewer.username}).status_code == 302
    assert set(Visit.objects.values_list("visitor__username", flat=True)) == {"reviewer"}
    again = client.post(
        f"/api/v1/plans/plans/{financed.pk}/visits-after-loan", {}, content_type="application/json"
    )
    assert (again.status_code, again.json()) == (201, [])
    visited(alice, programme, adviser, 2)
    client.force_login(manager)
    told = {
        "programme": str(programme.pk),
        "from_date": DAY.isoformat(),
        "until_date": UNTIL.isoformat(),
        "visitor": reviewer.username,
        "planned_date": "2026-07-10",
    }
    page = reverse("plans:draw_visits_again")
    assert client.get(page).status_code == 200
    sent = client.post(page, told)
    assert sent.headers["location"].endswith("?kind=BACK_CHECK")
    assert Visit.objects.filter(kind=VisitKind.BACK_CHECK).count() == 1
    del told["programme"]
    api = client.post(
        f"/api/v1/plans/programmes/{programme.pk}/visits-again",
        told,
        content_type="application/json",
    )
    assert api.json()["code"] == "NOTHING_TO_CHECK_AGAIN"
