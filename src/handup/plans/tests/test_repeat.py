"""A plan made again asks only what changed; a cooperative's plan is started on a page."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Ownership, Person
from handup.plans import refusals
from handup.plans.freezing import inputs_of
from handup.plans.models import ActualMonth, FinanceAsk, HouseholdSheet, Plan
from handup.plans.rules.states import Kept, PlanState
from handup.plans.services import MonthIn, RepeatIn, record_actual_month, repeat_plan, submit_plan
from handup.plans.tests.conftest import DAY
from handup.projects.models import Organisation, Programme

AGAIN = date(2026, 10, 1)


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_nothing_that_stayed_the_same_is_asked_again(written: Plan, adviser: StaffUser) -> None:
    first = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    told = RepeatIn(start_month=AGAIN, started_date=AGAIN, loan_units=30_000_00, id=new_id())
    plan = repeat_plan(acting_staff=adviser, plan=written, told=told)
    assert (plan.repeats, plan.state, plan.start_month) == (written, PlanState.DRAFT, AGAIN)
    assert (plan.person, plan.enterprise) == (written.person, written.enterprise)
    before, now = inputs_of(written), inputs_of(plan)
    assert now.finance is not None
    assert now.finance.loan_units == 30_000_00
    assert (now.sheet, now.investments, now.words) == (
        before.sheet,
        before.investments,
        before.words,
    )
    second = submit_plan(acting_staff=adviser, plan=plan, submitted_date=AGAIN)
    assert second.sha256 != first.sha256
    written.refresh_from_db()
    assert written.state == PlanState.SUBMITTED
    assert written.household_sheet.lines.count() == plan.household_sheet.lines.count()
    assert repeat_plan(acting_staff=adviser, plan=written, told=told) == plan
    other = RepeatIn(start_month=AGAIN, started_date=DAY, id=told.id)
    with pytest.raises(SameIdOtherContent):
        repeat_plan(acting_staff=adviser, plan=written, told=other)
    assert Plan.objects.count() == 2


def test_what_changed_is_asked_again_filled_with_what_it_was(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    client = signed_in(adviser)
    page = reverse("plans:repeat_plan", args=[written.pk])
    assert page in _after_handing_in(client, written, adviser)
    given = {
        "start_month": "2026-10-01",
        "started_date": "2026-10-01",
        "changed": ["HOUSEHOLD", "SCREENING", "COSTING", "FINANCE"],
    }
    answer: Any = client.post(page, given)
    plan = Plan.objects.get(repeats=written)
    assert answer.url == reverse("plans:plan_detail", args=[plan.pk])
    assert not HouseholdSheet.objects.filter(plan=plan).exists()
    with pytest.raises(refusals.SheetMissing):
        submit_plan(acting_staff=adviser, plan=plan, submitted_date=AGAIN)
    sheet = client.get(reverse("plans:save_household_sheet", args=[plan.pk])).content.decode()
    assert 'value="750.00"' in sheet
    ask = client.get(reverse("plans:ask_finance", args=[plan.pk])).content.decode()
    assert 'value="60000.00"' in ask
    costing = client.get(reverse("plans:save_costing", args=[plan.pk])).content.decode()
    assert 'value="oven"' in costing
    with pytest.raises(refusals.InTheFuture):
        repeat_plan(
            acting_staff=adviser,
            plan=written,
            told=RepeatIn(start_month=AGAIN, started_date=date(2099, 1, 1)),
        )
    with pytest.raises(refusals.NegativeAmount):
        repeat_plan(
            acting_staff=adviser,
            plan=written,
            told=RepeatIn(start_month=AGAIN, started_date=AGAIN, loan_units=0),
        )
    with pytest.raises(OutOfSight):
        repeat_plan(
            acting_staff=outsider,
            plan=written,
            told=RepeatIn(start_month=AGAIN, started_date=AGAIN, changed=[Kept.WORDS]),
        )
    assert Plan.objects.count() == 2


def _after_handing_in(client: Client, plan: Plan, adviser: StaffUser) -> str:
    submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    return client.get(reverse("plans:plan_detail", args=[plan.pk])).content.decode()


def test_a_plan_is_made_again_through_the_api(written: Plan, adviser: StaffUser) -> None:
    answer = signed_in(adviser).post(
        f"/api/v1/plans/plans/{written.pk}/again",
        {"start_month": "2026-10-01", "started_date": "2026-10-01", "changed": ["FINANCE"]},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201, answer.content
    plan = Plan.objects.get(pk=answer.json()["id"])
    assert not hasattr(plan, "finance_ask")
    assert plan.investments.count() == 2


def test_the_month_before_is_copied_and_changed(written: Plan, adviser: StaffUser) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    client = signed_in(adviser)
    page = reverse("plans:record_actual_month", args=[written.pk])
    assert "?copy=last" not in client.get(page).content.decode()
    told = MonthIn(sales_units=90_000_00, cash_units=0, workers=2)
    record_actual_month(acting_staff=adviser, plan=written, month=date(2026, 4, 1), told=told)
    assert "?copy=last" in client.get(page).content.decode()
    initial = client.get(page, {"copy": "last"}).context["form"].initial
    assert (initial["month"], initial["sales_units"]) == (date(2026, 5, 1), "90000.00")
    assert (initial["workers"], initial["rent_units"]) == (2, "")
    assert initial["cash_units"] == "0.00", "nothing is not unknown"
    given = {"month": "2026-05-01", "sales_units": "95000", "cash_units": "0", "workers": "2"}
    assert client.post(page, given).status_code == 302
    assert ActualMonth.objects.get(month=date(2026, 5, 1)).sales_units == 95_000_00


def test_the_plan_of_a_cooperative_is_started_on_a_page(
    adviser: StaffUser, manager: StaffUser, programme: Programme
) -> None:
    body = Organisation.objects.create(code="COOP", name="First cooperative")
    client = signed_in(adviser)
    page = reverse("plans:organisation_plan_new")
    assert page in client.post(reverse("plans:plan_list"), {"q": "x"}, follow=True).content.decode()
    today = timezone.localdate().isoformat()
    given = {
        "organisation": str(body.pk),
        "programme": str(programme.pk),
        "title": "Milk and cheese",
        "start_month": "2026-10-01",
        "horizon_months": "24",
        "started_date": today,
    }
    answer: Any = client.post(page, given)
    assert answer.status_code == 302, answer.content.decode()
    plan = Plan.objects.get()
    assert (plan.organisation, plan.person, plan.horizon_months) == (body, None, 24)
    assert "First cooperative" in client.get(answer.url).content.decode()
    wrong = client.post(page, {**given, "organisation": str(new_id())})
    assert wrong.status_code in {200, 422}
    assert Plan.objects.count() == 1


def test_no_amount_is_lost_where_the_loan_is_asked_anew(written: Plan, adviser: StaffUser) -> None:
    told = RepeatIn(
        start_month=AGAIN, started_date=AGAIN, changed=[Kept.FINANCE], loan_units=30_000_00
    )
    with pytest.raises(refusals.LoanAskedAnew):
        repeat_plan(acting_staff=adviser, plan=written, told=told)
    page = reverse("plans:repeat_plan", args=[written.pk])
    given = {
        "start_month": "2026-10-01",
        "started_date": "2026-10-01",
        "changed": ["FINANCE"],
        "loan_units": "30000",
    }
    answer = signed_in(adviser).post(page, given)
    assert answer.status_code == 422
    assert "leave the amount empty here" in answer.content.decode()
    FinanceAsk.objects.filter(plan=written).delete()
    kept = RepeatIn(start_month=AGAIN, started_date=AGAIN, loan_units=30_000_00)
    with pytest.raises(refusals.LoanAskedAnew):
        repeat_plan(acting_staff=adviser, plan=written, told=kept)
    assert Plan.objects.count() == 1


def test_no_plan_is_made_again_for_who_was_erased(written: Plan, adviser: StaffUser) -> None:
    Person.objects.filter(plans=written).update(erased_date=AGAIN)
    plan = Plan.objects.get(pk=written.pk)
    told = RepeatIn(start_month=AGAIN, started_date=AGAIN)
    with pytest.raises(refusals.OwnerErased):
        repeat_plan(acting_staff=adviser, plan=plan, told=told)
    assert Plan.objects.count() == 1


def test_a_year_with_a_slip_is_refused_before_it_breaks_the_paper(
    written: Plan, adviser: StaffUser
) -> None:
    client = signed_in(adviser)
    page = reverse("plans:repeat_plan", args=[written.pk])
    given = {"start_month": "9999-12-01", "started_date": "2026-10-01"}
    answer = client.post(page, given)
    assert answer.status_code == 422
    assert "Look at the year." in answer.content.decode()
    told = {
        "programme_id": str(written.programme_id),
        "person_id": str(written.person_id),
        "title": "Bread",
        "currency": "XTS",
        **given,
    }
    sent = client.post(
        "/api/v1/plans/plans",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert 400 <= sent.status_code < 500
    assert Plan.objects.count() == 1


def test_a_plan_is_not_made_again_for_an_enterprise_she_sold(
    written: Plan, adviser: StaffUser
) -> None:
    Ownership.objects.filter(enterprise=written.enterprise).update(to_date=DAY)
    with pytest.raises(refusals.NotHerEnterprise):
        repeat_plan(
            acting_staff=adviser,
            plan=written,
            told=RepeatIn(start_month=AGAIN, started_date=AGAIN),
        )
    assert Plan.objects.count() == 1
