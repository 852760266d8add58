"""The web and API doors of plans: an adviser at her desk, a device, and an outsider."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.people.models import Enterprise, Person
from handup.plans.models import ActualMonth, FinanceAsk, HouseholdSheet, Plan, PlanVersion, Visit
from handup.plans.rules.states import PlanState, SignedBy, VisitKind, VisitState
from handup.plans.services import (
    advise_plan,
    approve_plan,
    schedule_visits,
    submit_plan,
)
from handup.plans.tests.conftest import DAY
from handup.projects.models import Programme

BASE = "/api/v1/plans"


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def desk(adviser: StaffUser) -> Client:
    return signed_in(adviser)


def url(name: str, *args: object) -> str:
    return reverse(f"plans:{name}", args=args)


def test_an_adviser_starts_a_plan_from_the_page_of_a_person(
    desk: Client, alice: Person, bakery: Enterprise, adviser: StaffUser
) -> None:
    opened = desk.get(url("plan_new", alice.pk))
    assert opened.status_code == 200
    assert "bakery" in opened.content.decode()
    answer = desk.post(
        url("plan_new", alice.pk),
        {
            "title": "Bread and cakes",
            "enterprise": str(bakery.pk),
            "idea": "The street has no baker.",
            "start_month": "2026-04-01",
            "horizon_months": "6",
            "started_date": "2026-03-02",
        },
    )
    plan = Plan.objects.get()
    assert answer.url == url("plan_detail", plan.pk)  # type: ignore[attr-defined]
    assert (plan.enterprise, plan.adviser) == (bakery, adviser)


def test_the_household_sheet_is_a_grid_that_keeps_what_was_told(desk: Client, plan: Plan) -> None:
    fields = desk.get(url("save_household_sheet", plan.pk)).context["form"].fields
    chosen = ("_span", "_evidence")
    data = {name: field.initial for name, field in fields.items() if name.endswith(chosen)}
    data |= {
        "told_date": "2026-03-02",
        "convention": "DAYS_28",
        "miscellaneous": "10",
        "sales_0_units": "1 000.00",
        "sales_0_span": "DAY",
        "cost_of_sales_0_units": "600",
        "cost_of_sales_0_span": "DAY",
        "household_expense_0_units": "4000",
    }
    assert desk.post(url("save_household_sheet", plan.pk), data).status_code == 302
    sheet = HouseholdSheet.objects.get(plan=plan)
    assert [(line.section, line.span, line.units) for line in sheet.lines.all()] == [
        ("SALES", "DAY", 1_000_00),
        ("COST_OF_SALES", "DAY", 600_00),
        ("HOUSEHOLD_EXPENSE", "MONTH", 4_000_00),
    ]
    again = desk.get(url("save_household_sheet", plan.pk)).content.decode()
    assert 'value="1000.00"' in again


def test_the_costing_turns_seasons_into_quantities_and_back(desk: Client, plan: Plan) -> None:
    costing = {
        "own_cash_units": "500",
        "capital_units": "20 000",
        "thing_0_name": "oven",
        "thing_0_cost": "5000",
        "thing_0_source": "LOAN",
        "thing_0_life": "60",
        "product_0_name": "wedding cake",
        "product_0_price": "900",
        "product_0_material": "300",
        "product_0_pieces": "2.5",
        "cost_0_name": "stall",
        "cost_0_kind": "FIXED",
        "cost_0_units": "100",
        "season_0": "5000",
        "season_1": "15000",
    }
    assert desk.post(url("save_costing", plan.pk), costing).status_code == 302
    plan.refresh_from_db()
    assert plan.season_bps == [5_000, 15_000, 10_000, 10_000, 10_000, 10_000]
    assert plan.products.get().quantities == [1_250, 3_750, 2_500, 2_500, 2_500, 2_500]
    assert plan.costs.get().amounts == [100_00] * 6
    assert plan.investments.get().life_months == 60
    reopened = desk.get(url("save_costing", plan.pk))
    assert reopened.context["form"].initial["product_0_pieces"] == 2.5


def test_the_money_asked_for_is_kept_with_its_terms(desk: Client, plan: Plan) -> None:
    finance = {
        "loan_units": "5000",
        "purpose": "an oven",
        "product_code": "MICRO",
        "rate_percent": "2",
        "instalments": "6",
        "grace_instalments": "0",
        "method": "DECLINING",
        "repayment": "EQUAL_INSTALMENTS",
        "multiple_units": "100",
        "most_grace": "2",
    }
    assert desk.post(url("ask_finance", plan.pk), finance).status_code == 302
    assert FinanceAsk.objects.get(plan=plan).rate_bps == 200
    assert 'value="5000.00"' in desk.get(url("ask_finance", plan.pk)).content.decode()


def test_a_plan_becomes_ready_on_the_web_by_two_people(
    desk: Client, written: Plan, reviewer: StaffUser
) -> None:
    plan = written
    assert desk.post(url("submit_plan", plan.pk), {"on": "2026-03-02"}).status_code == 302
    advice = {"statement": "She bakes well.", "signed_by": "MARK", "advised_date": "2026-03-03"}
    assert desk.post(url("advise_plan", plan.pk), advice).status_code == 302
    review = {"reviewed_date": "2026-03-04"}
    own = desk.post(url("approve_plan", plan.pk), review)
    assert own.status_code == 422
    assert "Another person" in own.content.decode()
    assert signed_in(reviewer).post(url("approve_plan", plan.pk), review).status_code == 302
    plan.refresh_from_db()
    assert plan.state == PlanState.READY
    assert desk.post(url("confirm_prices", plan.pk), {"on": "2026-08-01"}).status_code == 302
    page = desk.get(url("plan_detail", plan.pk)).content.decode()
    assert "Month by month" in page
    assert "Alice Baker" in page


def test_the_page_names_the_months_in_the_red(
    desk: Client, written: Plan, adviser: StaffUser
) -> None:
    written.season_bps = [10_000, 0, 0, 0, 10_000, 10_000]
    written.save()
    before = desk.get(url("plan_detail", written.pk))
    assert before.status_code == 200
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    page = desk.get(url("plan_detail", written.pk)).content.decode()
    version = PlanVersion.objects.get()
    red = version.results["months_in_red"]
    assert red
    assert f"The cash does not last in month {', '.join(map(str, red))}." in page
    assert "in the red" in page
    listed = desk.get(url("plan_list")).content.decode()
    assert written.number in listed


def test_a_refused_step_is_told_beside_its_field_and_changes_nothing(
    desk: Client, plan: Plan
) -> None:
    answer = desk.post(url("submit_plan", plan.pk), {"on": "2026-03-02"})
    assert answer.status_code == 422
    assert "household sheet is missing" in answer.content.decode()
    assert desk.post(url("return_plan", plan.pk), {"comment": "x"}).status_code == 422
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_a_returned_plan_shows_its_comment(desk: Client, written: Plan, adviser: StaffUser) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    answer = desk.post(url("return_plan", written.pk), {"comment": "Ask about the rent."})
    assert answer.status_code == 302
    assert "Ask about the rent." in desk.get(url("plan_detail", written.pk)).content.decode()


def test_visits_are_recorded_missed_and_told_month_by_month(
    desk: Client,
    written: Plan,
    adviser: StaffUser,
    reviewer: StaffUser,
    alice: Person,
    programme: Programme,
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    data = {"kind": "COACHING", "visit_date": "2026-05-02", "situation": "The shop is open."}
    assert desk.get(url("record_visit", written.pk)).status_code == 200
    assert desk.post(url("record_visit", written.pk), data).status_code == 302
    made, missed = schedule_visits(
        acting_staff=adviser,
        person=alice,
        programme=programme,
        kind=VisitKind.LOAN_USE,
        planned_dates=[DAY, DAY],
    )
    assert "Record this visit" in desk.get(url("visit_detail", made.pk)).content.decode()
    assert desk.post(url("make_visit", made.pk), data).status_code == 302
    assert desk.post(url("miss_visit", missed.pk), {"reason": "She was away."}).status_code == 302
    states = {visit.pk: visit.state for visit in Visit.objects.all()}
    assert (states[made.pk], states[missed.pk]) == (VisitState.DONE, VisitState.MISSED)
    assert "The shop is open." in desk.get(url("visit_detail", made.pk)).content.decode()
    told = {"month": "2026-04-15", "sales_units": "1000", "profit_told_units": "-5"}
    assert desk.post(url("record_actual_month", written.pk), told).status_code == 302
    row = ActualMonth.objects.get()
    assert (row.month, row.sales_units, row.profit_told_units) == (
        date(2026, 4, 1),
        1_000_00,
        -5_00,
    )
    assert row.rent_units is None
    assert desk.post(url("record_actual_month", written.pk), told).status_code == 422
    page = desk.get(url("plan_detail", written.pk)).content.decode()
    assert "Plan and what happened" in page
    assert desk.get(url("visit_list") + "?overdue=1&state=MISSED").status_code == 200


def test_outsiders_find_no_plan(written: Plan, outsider: StaffUser, alice: Person) -> None:
    client = signed_in(outsider)
    for name in ("plan_detail", "save_household_sheet", "submit_plan", "record_visit"):
        assert client.get(url(name, written.pk)).status_code == 404
    assert client.get(url("plan_new", alice.pk)).status_code == 404
    assert written.number not in client.get(url("plan_list")).content.decode()


def test_an_appraiser_reads_and_does_not_write(written: Plan, appraiser: StaffUser) -> None:
    client = signed_in(appraiser)
    page = client.get(url("plan_detail", written.pk))
    assert page.status_code == 200
    assert "Hand it in" not in page.content.decode()
    assert client.post(url("submit_plan", written.pk), {"on": "2026-03-02"}).status_code == 403
    assert not PlanVersion.objects.exists()


def post(client: Client, path: str, data: dict[str, Any], key: str = "") -> Any:
    return client.post(
        f"{BASE}{path}",
        data,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(new_id())},
    )


def test_a_device_starts_a_plan_and_sending_it_twice_changes_nothing(
    desk: Client, alice: Person, bakery: Enterprise, programme: Programme
) -> None:
    key = str(new_id())
    told = {
        "programme_id": str(programme.pk),
        "person_id": str(alice.pk),
        "enterprise_id": str(bakery.pk),
        "title": "Bread",
        "currency": "XTS",
        "start_month": "2026-04-01",
        "started_date": "2026-03-02",
        "horizon_months": 6,
    }
    for _time in range(2):
        answer = post(desk, "/plans", told, key)
        assert answer.status_code == 201
        assert answer.json()["id"] == key
    assert post(desk, "/plans", {**told, "title": "Cakes"}, key).status_code == 409
    assert [item["id"] for item in desk.get(f"{BASE}/plans").json()["items"]] == [key]


def test_a_device_sends_the_parts_and_hands_the_plan_in_once(desk: Client, plan: Plan) -> None:
    lines = [
        {"section": "SALES", "span": "DAY", "units": 100_000},
        {"section": "HOUSEHOLD_EXPENSE", "span": "DAY", "units": 20_000},
    ]
    sheet = {"lines": lines, "told_date": "2026-03-02"}
    assert post(desk, f"/plans/{plan.pk}/household-sheet", sheet).status_code == 200
    costing = {
        "own_cash_units": 5_000,
        "capital_units": 9_000_000,
        "season_bps": [10_000] * 6,
        "investments": [{"name": "oven", "cost_units": 5_000}],
        "products": [{"name": "bread", "price_units": 100, "quantities": [9_000_000] * 6}],
        "costs": [{"name": "stall", "kind": "FIXED", "amounts": [100] * 6}],
    }
    assert post(desk, f"/plans/{plan.pk}/costing", costing).status_code == 200
    finance = {"loan_units": 600_000, "rate_bps": 200, "instalments": 6}
    assert post(desk, f"/plans/{plan.pk}/finance", finance).status_code == 200
    key = str(new_id())
    for _time in range(2):
        version = post(desk, f"/plans/{plan.pk}/submit", {"on": "2026-03-02"}, key)
        assert version.status_code == 201
        assert version.json()["results"]["max_instalment"] > 0
    assert PlanVersion.objects.count() == 1
    assert desk.get(f"{BASE}/plans/{plan.pk}/version").json()["number"] == 1


def test_the_api_needs_two_people_as_the_web_does(
    desk: Client, written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    path = f"/plans/{written.pk}"
    advice = {"statement": "Good.", "signed_by": "PAPER", "advised_date": "2026-03-03"}
    assert post(desk, f"{path}/advise", advice).json()["state"] == "ADVISED"
    review = {"reviewed_date": "2026-03-04"}
    assert post(desk, f"{path}/approve", review).json()["code"] == "SAME_PERSON"
    ready = post(signed_in(reviewer), f"{path}/approve", review)
    assert ready.json()["state"] == "READY"
    assert desk.get(f"{BASE}{path}").json()["ready_date"] == "2026-03-04"
    back = post(desk, f"{path}/return", {"comment": "Prices rose."})
    assert back.json()["state"] == "RETURNED"


def test_the_api_refuses_outsiders_and_bad_amounts(
    desk: Client, plan: Plan, outsider: StaffUser
) -> None:
    bad = {
        "lines": [{"section": "SALES", "span": "DAY", "units": -1}],
        "told_date": "2026-03-02",
    }
    assert post(desk, f"/plans/{plan.pk}/household-sheet", bad).status_code == 422
    good = {"lines": [], "told_date": "2026-03-02"}
    stranger = signed_in(outsider)
    assert post(stranger, f"/plans/{plan.pk}/household-sheet", good).status_code == 404
    assert stranger.get(f"{BASE}/plans/{plan.pk}").status_code == 404
    assert desk.get(f"{BASE}/plans/{plan.pk}/version").status_code == 404
    assert not HouseholdSheet.objects.exists()


def test_a_visit_is_sent_once(
    desk: Client, plan: Plan, alice: Person, programme: Programme
) -> None:
    key = str(new_id())
    told = {
        "person_id": str(alice.pk),
        "programme_id": str(programme.pk),
        "plan_id": str(plan.pk),
        "kind": "HOME_CHECK",
        "visit_date": "2026-03-02",
    }
    for _time in range(2):
        assert post(desk, "/visits", told, key).status_code == 201
    items = desk.get(f"{BASE}/visits").json()["items"]
    assert [(item["id"], item["state"]) for item in items] == [(key, "DONE")]


def test_a_ready_plan_keeps_its_pages_after_financing(
    desk: Client, written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    advise_plan(
        acting_staff=adviser,
        plan=written,
        advised_date=DAY,
        statement="Good.",
        signed_by=SignedBy.SIGNATURE,
    )
    reviewed = approve_plan(
        acting_staff=reviewer, plan=written, reviewed_date=DAY, open_points="See the oven."
    )
    assert "See the oven." in desk.get(url("plan_detail", reviewed.pk)).content.decode()
