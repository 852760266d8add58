"""A phone that came to other figures than the office: kept, shown side by side, and looked at by
somebody else than who wrote the plan."""

from dataclasses import replace

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.plans import persons
from handup.plans.models import Plan, PlanDifference
from handup.plans.refusals import DifferenceSettled, DrawingsTwice, NegativeAmount, ReasonMissing
from handup.plans.rules.inputs import CostKind
from handup.plans.rules.told import differing, flat
from handup.plans.services import (
    ActionIn,
    CostLineIn,
    WholeIn,
    hold_against_phone,
    settle_difference,
    submit_plan,
    write_plan,
)
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES, NO_HARM
from handup.plans.tests.test_doors import signed_in, url

WHOLE = WholeIn(
    title="Bread",
    idea="",
    horizon_months=6,
    told_date=DAY,
    lines=LINES,
    costing=COSTING,
    finance=FINANCE,
    screening=NO_HARM,
    answers={},
    steps=(),
    scenarios=(),
)


@pytest.fixture
def difference(written: Plan, adviser: StaffUser) -> PlanDifference:
    """A plan handed in, for which the phone had one figure more and one less."""
    version = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    told = {**flat(version.results), "lowest_cash": "1", "luck": "7"}
    found = hold_against_phone(
        acting_staff=adviser, version=version, told=told, engine_version="plans-0"
    )
    assert found is not None
    return found


def test_figures_are_told_apart_to_the_smallest_unit_and_by_what_one_side_lacks() -> None:
    results = {"gap": 5, "irr_percent": None, "months": [{"month": 1, "dscr": "1.2000"}], "red": []}
    told = flat({**results, "loan_cost_year_percent": "9.1"})
    assert told == {
        "gap": "5",
        "irr_percent": "",
        "months": "1",
        "months.1.month": "1",
        "months.1.dscr": "1.2000",
        "red": "0",
    }
    assert not differing(told, results)
    assert differing({**told, "gap": "6"}, results) == [("gap", "6", "5")]
    less = {name: value for name, value in told.items() if name != "irr_percent"}
    assert differing(less, results) == [("irr_percent", "", "")]
    assert differing({**told, "luck": "7"}, results) == [("luck", "7", "")]


def test_it_is_looked_at_by_somebody_else_once(
    difference: PlanDifference, adviser: StaffUser, reviewer: StaffUser, outsider: StaffUser
) -> None:
    assert [row[0] for row in difference.found] == ["lowest_cash", "luck"]
    with pytest.raises((NotAllowed, OutOfSight)):
        settle_difference(acting_staff=outsider, difference=difference, note="Nothing")
    with pytest.raises(SamePerson):
        settle_difference(acting_staff=adviser, difference=difference, note="Mine")
    with pytest.raises(ReasonMissing):
        settle_difference(acting_staff=reviewer, difference=difference, note=" ")
    settle_difference(acting_staff=reviewer, difference=difference, note="An old program")
    settle_difference(acting_staff=reviewer, difference=difference, note="An old program ")
    assert AuditLine.objects.filter(action="plans.settle_difference").count() == 1
    with pytest.raises(DifferenceSettled):
        settle_difference(acting_staff=reviewer, difference=difference, note="Again")
    row = PlanDifference.objects.get()
    assert (row.note, row.settled_by) == ("An old program", reviewer)


def test_the_list_the_record_and_the_api_show_it(
    difference: PlanDifference, reviewer: StaffUser, outsider: StaffUser
) -> None:
    desk: Client = signed_in(reviewer)
    plan = difference.version.plan
    assert (
        plan.number
        in desk.post(url("difference_list"), {"q": "Alice"}, follow=True).content.decode()
    )
    assert (
        plan.number
        not in desk.post(url("difference_list"), {"q": "nobody"}, follow=True).content.decode()
    )
    page = desk.get(url("difference", difference.pk)).content.decode()
    assert "lowest_cash" in page
    assert "A phone came to other figures" in desk.get(url("plan_detail", plan.pk)).content.decode()
    other: Client = signed_in(outsider)
    assert other.get(url("difference", difference.pk)).status_code == 404
    assert plan.number not in other.get(url("difference_list")).content.decode()
    nul = desk.post(
        f"/api/v1/plans/differences/{difference.pk}/settle",
        {"note": "A\x00"},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert nul.status_code == 422
    answer = desk.post(url("settle_difference", difference.pk), {"note": "An old program"})
    assert answer.status_code == 302
    told = desk.get("/api/v1/plans/differences").json()["items"]
    assert [(one["id"], one["note"]) for one in told] == [(str(difference.pk), "An old program")]
    after = desk.get(url("plan_detail", plan.pk)).content.decode()
    assert "A phone came to other figures" not in after


def test_what_differs_goes_with_the_person(difference: PlanDifference) -> None:
    person = difference.version.plan.person_id
    assert person is not None
    persons.blank(person)
    row = PlanDifference.objects.get()
    assert (row.found, row.note, row.figures) == ([], "", 2)


def test_a_whole_plan_is_written_in_one_saving_or_not_at_all(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    before = Plan.objects.get().edition
    with pytest.raises((NotAllowed, OutOfSight)):
        write_plan(acting_staff=outsider, plan=written, whole=WHOLE)
    low = replace(COSTING, own_cash_units=-1)
    with pytest.raises(NegativeAmount):
        write_plan(acting_staff=adviser, plan=written, whole=replace(WHOLE, costing=low))
    twice = replace(COSTING, costs=(CostLineIn("food", CostKind.DRAWINGS, (1,) * 6),))
    with pytest.raises(DrawingsTwice):
        write_plan(acting_staff=adviser, plan=written, whole=replace(WHOLE, costing=twice))
    had = Plan.objects.get().edition
    assert had == before
    less = replace(WHOLE, finance=None, steps=(ActionIn("Buy the oven", "Alice", DAY),))
    write_plan(acting_staff=adviser, plan=written, whole=less, based_on=had)
    row = Plan.objects.get()
    assert (row.title, row.edition, hasattr(row, "finance_ask")) == ("Bread", had + 1, False)
    assert [point.what for point in row.action_points.all()] == ["Buy the oven"]
    write_plan(acting_staff=adviser, plan=row, whole=WHOLE, based_on=had + 1)
    again = Plan.objects.get()
    assert (again.finance_ask.loan_units, again.action_points.count()) == (60_000_00, 0)
    assert again.household_sheet.lines.count() == len(LINES)
