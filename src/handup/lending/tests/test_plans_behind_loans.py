"""The plan behind a loan: which version it rests on, how the loan fits it, when it is financed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending import errors, services, verify
from handup.lending.models import Application, Appraisal, Loan, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState, Outcome, Source
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    make_person,
    make_product,
    signed,
    staff,
    still_open,
)
from handup.lending.tests.plans import (
    MADE,
    handed_in,
    made_ready,
    ready_plan,
    version_of,
)
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.org.models import AuditLine
from handup.org.rules.access import Role
from handup.plans.models import Plan
from handup.plans.refusals import NoLongerFresh, NotInThisState
from handup.plans.rules.states import PlanState
from handup.plans.services import return_plan, submit_plan

# --- which plan a loan rests on -------------------------------------------------------------------


def planned(world: World, **rules: Any) -> Any:
    """A product that asks for a plan."""
    asks = {"certificate_required": False, "plan_required": True, **rules}
    return make_product(world.cast, world.direct, "PLANNED", eligibility=asks)


def test_without_a_plan_such_a_loan_is_not_applied_for(world: World) -> None:
    product = planned(world)
    with pytest.raises(errors.StopRule, match="plan"):
        applied(world, product_version=product)
    assert not Application.objects.exists()
    plan = ready_plan(world)
    row = applied(world, product_version=product)
    assert row.plan_version == version_of(plan)


def test_the_advisor_is_who_advised_the_plan(world: World) -> None:
    plan = ready_plan(world, adviser=world.cast.advisor)
    row = applied(world, advisor=world.cast.officer)
    row.refresh_from_db()
    assert (row.plan_version, row.advisor) == (version_of(plan), world.cast.advisor)


def test_the_newest_ready_plan_of_the_day_is_taken(world: World) -> None:
    asked = START - timedelta(days=10)
    ready_plan(world, on=MADE)
    newest = ready_plan(world, on=asked)
    ready_plan(world, on=asked + timedelta(days=1))
    handed_in(world)
    assert applied(world).plan_version == version_of(newest)


def test_a_plan_stands_behind_one_open_application_only(world: World) -> None:
    plan = ready_plan(world)
    first = applied(world)
    second = applied(world)
    assert (first.plan_version, second.plan_version) == (version_of(plan), None)
    with pytest.raises(errors.PlanTaken, match=first.code) as refused:
        applied(world, plan_version=version_of(plan))
    assert refused.value.field == "plan_version"
    assert Application.objects.count() == 2


def test_a_plan_is_free_again_when_its_application_was_declined(world: World) -> None:
    plan = ready_plan(world)
    row = applied(world)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START,
        recommendation=Outcome.DECLINE,
    )
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.DECLINE,
        decided_date=START,
    )
    assert applied(world, plan_version=version_of(plan)).plan_version == version_of(plan)


def test_a_named_plan_must_be_hers_ready_current_and_in_the_loans_currency(world: World) -> None:
    stranger = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    draft = handed_in(world)
    expired = ready_plan(world, made=START - timedelta(days=300), on=START - timedelta(days=300))
    drams = ready_plan(world, currency="AMD")
    changed = ready_plan(world)
    old = version_of(changed)
    return_plan(acting_staff=world.cast.manager, plan=changed, comment="Ask about the rent.")
    submit_plan(acting_staff=world.cast.advisor, plan=changed, submitted_date=MADE)
    made_ready(world, changed)
    cases: list[tuple[type[Refusal], Any]] = [
        (errors.PlanOfAnother, version_of(ready_plan(world, person=stranger))),
        (errors.PlanNotReady, version_of(draft)),
        (errors.PlanNotReady, version_of(expired)),
        (errors.PlanOfOtherCurrency, version_of(drams)),
        (errors.PlanReplaced, old),
    ]
    for refusal, version in cases:
        with pytest.raises(refusal) as refused:
            applied(world, plan_version=version)
        assert refused.value.field == "plan_version"
    assert not Application.objects.exists()


def test_many_applications_find_their_plans_in_a_fixed_number_of_statements(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant {n:04}")
        for n in range(2, 12)
    ]
    plans = [ready_plan(world, person=person) for person in people]
    items = [
        services.ApplicationIn(
            programme=world.programme,
            product_version=world.product,
            units=1_200_00,
            instalments=12,
            purpose="Sewing machine",
            submitted_date=START,
            person=person,
        )
        for person in people
    ]
    with django_assert_max_num_queries(32):
        rows = services.apply_for_loans(items, acting_staff=world.cast.advisor)
    assert [row.plan_version_id for row in rows] == [version_of(plan).pk for plan in plans]


# --- frozen with the appraisal --------------------------------------------------------------------


def appraised(world: World, row: Application) -> Appraisal:
    return services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )


def test_the_appraisal_keeps_what_the_named_version_says(world: World) -> None:
    plan = ready_plan(world)
    row = applied(world)
    return_plan(acting_staff=world.cast.manager, plan=plan, comment="Write it anew.")
    facts = appraised(world, row).facts
    results = version_of(plan).results
    assert facts["has_plan"] is True
    assert facts["plan"]["sha256"] == version_of(plan).sha256
    assert facts["plan"]["max_instalment_units"] == results["max_instalment"]
    assert facts["months_in_the_red"] == results["months_in_red"]
    verdicts = {item["compared"]: item["verdict"] for item in facts["plan_checks"]}
    fits = {"AMOUNT": "FITS", "INSTALMENT": "FITS", "CASH": "FITS"}
    assert verdicts == {**fits, "HORIZON": "LOOK"}, "she asks a month after the plan begins"


def test_a_plan_tells_its_red_months_and_its_cover(world: World) -> None:
    ready_plan(world, earned_a_day=6_00)
    facts = appraised(world, applied(world)).facts
    assert facts["months_in_the_red"]
    stops = {item["stop"] for item in Appraisal.objects.get().stops}
    assert {"MONTHS_IN_THE_RED", "DSCR_BELOW_ONE", "PLAN_DSCR_TOO_LOW"} <= stops


def test_who_owns_nothing_against_her_debts_is_stopped(world: World) -> None:
    ready_plan(world, capital_units=0)
    row = applied(world)
    appraised(world, row)
    assert [item["stop"] for item in Appraisal.objects.get().stops] == ["TOO_INDEBTED"]
    with pytest.raises(errors.StopRule):
        services.decide_application(
            acting_staff=world.cast.committee,
            application=row,
            outcome=Outcome.APPROVE,
            decided_date=START,
        )
    assert not row.decisions.exists()


def test_a_larger_loan_than_the_plans_is_seen_to_run_the_cash_dry(world: World) -> None:
    ready_plan(world, earned_a_day=9_00)
    facts = appraised(world, applied(world, units=4_000_00)).facts
    checks = {item["compared"]: item for item in facts["plan_checks"]}
    assert checks["AMOUNT"]["verdict"] == "AGAINST"
    assert checks["INSTALMENT"]["verdict"] == "AGAINST"
    assert checks["CASH"]["verdict"] == "AGAINST"


# --- when the money is paid out -------------------------------------------------------------------


def state(plan: Plan) -> tuple[str, date | None]:
    plan.refresh_from_db()
    return plan.state, plan.decided_date


def test_paying_out_finances_the_plan_and_reversing_frees_it(world: World) -> None:
    plan = ready_plan(world)
    loan = signed(world)
    assert state(plan) == (PlanState.READY, None)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert state(plan) == (PlanState.FINANCED, START)
    assert AuditLine.objects.filter(action="plans.mark_financed").count() == 1
    event = LoanEvent.objects.get(loan=loan, kind=EventKind.DISBURSED)
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=event, reason="Wrong person", value_date=START
    )
    assert state(plan) == (PlanState.READY, None)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert state(plan) == (PlanState.FINANCED, START)


def test_verify_finds_a_plan_that_stands_otherwise_than_its_loan(world: World) -> None:
    paid, other = ready_plan(world), ready_plan(world)
    loan = signed(world, plan_version=version_of(paid))
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert list(verify.plans_financed()) == []
    Plan.objects.filter(pk=paid.pk).update(state=PlanState.READY)
    Plan.objects.filter(pk=other.pk).update(state=PlanState.FINANCED)
    found = {item.key: (item.stored, item.computed) for item in verify.plans_financed()}
    assert found == {
        f"plan {paid.pk}": ("READY", "FINANCED"),
        f"plan {other.pk}": ("FINANCED", "no loan paid out"),
    }


def test_a_cancelled_loan_leaves_its_plan_ready_for_another(world: World) -> None:
    plan = ready_plan(world)
    loan = signed(world)
    assert applied(world).plan_version is None
    services.cancel_loan(
        acting_staff=world.cast.manager, loan=loan, value_date=START, reason="Moved away"
    )
    assert state(plan) == (PlanState.READY, None)
    assert applied(world).plan_version == version_of(plan)


def test_money_is_not_paid_out_on_a_plan_that_was_returned_or_is_too_old(world: World) -> None:
    plan = ready_plan(world)
    loan = signed(world)
    too_late = START + timedelta(days=200)
    with pytest.raises(NoLongerFresh):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=too_late)
    return_plan(acting_staff=world.cast.manager, plan=plan, comment="The shop burnt down.")
    with pytest.raises(NotInThisState):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_units) == (LoanState.AGREED, 0)
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()


def test_what_a_bank_has_paid_out_is_recorded_whatever_became_of_the_plan(world: World) -> None:
    product = make_product(world.cast, world.mirror, "REFERRED")
    plan = ready_plan(world)
    first = signed(world, product_version=product)
    return_plan(acting_staff=world.cast.manager, plan=plan, comment="The shop burnt down.")
    item = services.DisbursementIn(first.pk, START, source=Source.BANK_FILE)
    services.disburse_loans([item], acting_staff=world.cast.clerk, by_statement=True)
    assert state(plan)[0] == PlanState.RETURNED
    first.refresh_from_db()
    assert first.state == LoanState.ACTIVE
    other = ready_plan(world)
    second = signed(world, product_version=product)
    item = services.DisbursementIn(second.pk, START + timedelta(days=200), source=Source.BANK_FILE)
    services.disburse_loans([item], acting_staff=world.cast.clerk, by_statement=True)
    assert state(other) == (PlanState.FINANCED, START + timedelta(days=200))


# --- the doors ------------------------------------------------------------------------------------


def test_the_page_shows_the_plan_its_review_and_how_the_loan_fits(
    client: Client, world: World
) -> None:
    plan = ready_plan(world)
    row = still_open(applied(world, units=4_000_00))
    for _ in ("worked out", "frozen"):
        page = at(client, world.cast.appraiser, "application_detail", row.pk).content.decode()
        assert reverse("plans:plan_detail", args=[plan.pk]) in page
        assert f"{plan.number}, version 1" in page
        assert "Reviewer" in page
        assert "The plan counts on USD\xa01,200.00 only; USD\xa04,000.00 is asked." in page.replace(
            "&nbsp;", "\xa0"
        )
        if not row.appraisals.exists():
            appraised(world, row)
    back = at_plan(client, world, plan)
    assert row.code in back


def at_plan(client: Client, world: World, plan: Plan) -> str:
    client.force_login(world.cast.manager)
    text: str = client.get(reverse("plans:plan_detail", args=[plan.pk])).content.decode()
    return text


def test_who_may_not_see_plans_gets_no_way_to_it(client: Client, world: World) -> None:
    plan = ready_plan(world)
    row = applied(world)
    money = staff("money", Role.FINANCE_MANAGER)
    page = at(client, money, "application_detail", row.pk).content.decode()
    assert plan.number in page
    assert reverse("plans:plan_detail", args=[plan.pk]) not in page


def test_a_ready_plan_leads_to_the_form_with_its_figures(client: Client, world: World) -> None:
    plan = ready_plan(world, on=timezone.localdate())
    plan.finance_ask.product_code = world.product.product.code
    plan.finance_ask.save()
    page = at_plan(client, world, plan)
    assert f"plan={plan.number}" in page
    form = at(
        client,
        world.cast.advisor,
        "application_new",
        plan=plan.number,
        borrower=world.person.registration_no,
    ).content.decode()
    for told in (plan.number, "1200.00", "Machine", world.person.registration_no):
        assert f'value="{told}"' in form
    assert f'<option value="{world.product.pk}" selected>' in form


def sent(client: Client, world: World, **changes: object) -> Any:
    fields: dict[str, object] = {
        "borrower": world.person.registration_no,
        "product_version": str(world.product.pk),
        "amount": "1200",
        "instalments": "12",
        "purpose": "Machine",
        "submitted_date": timezone.localdate().isoformat(),
        **changes,
    }
    return do(client, world.cast.advisor, "application_new", **fields)


def test_the_form_takes_the_plan_by_its_number(client: Client, world: World) -> None:
    plan = ready_plan(world, on=timezone.localdate())
    assert sent(client, world, plan_version=plan.number).status_code == 302
    assert Application.objects.get().plan_version == version_of(plan)


def test_a_wrong_plan_is_refused_beside_its_field(client: Client, world: World) -> None:
    stranger = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = ready_plan(world, person=stranger, on=timezone.localdate())
    for number, words in (
        ("999", "No plan with this number is in your care."),
        (other.number, f"The plan {other.number} is not of who asks for the loan."),
    ):
        answer = sent(client, world, plan_version=number)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Application.objects.exists()


def test_the_api_names_the_plan_and_says_how_the_loan_fits(client: Client, world: World) -> None:
    plan = ready_plan(world, on=timezone.localdate())
    told: dict[str, Any] = {
        "programme_id": str(world.programme.pk),
        "product_version_id": str(world.product.pk),
        "person_id": str(world.person.pk),
        "plan_version_id": str(version_of(plan).pk),
        "units": 1_200_00,
        "instalments": 12,
        "purpose": "Machine",
        "submitted_date": timezone.localdate().isoformat(),
    }
    made = post(client, world.cast.advisor, "/applications", **told)
    assert made.status_code == 201, made.content
    assert made.json()["plan_version_id"] == str(version_of(plan).pk)
    shown = get(client, world.cast.advisor, f"/applications/{made.json()['id']}").json()
    assert shown["plan"]["plan_number"] == plan.number
    assert {check["compared"] for check in shown["plan_checks"]} >= {"AMOUNT", "CASH"}
    again = post(client, world.cast.advisor, "/applications", **told)
    assert again.status_code == 422
    assert again.json()["code"] == "PLAN_TAKEN"
    told["plan_version_id"] = str(new_id())
    assert post(client, world.cast.advisor, "/applications", **told).status_code == 404
    assert Application.objects.count() == 1


def test_an_application_without_a_plan_shows_none(client: Client, world: World) -> None:
    row = approved(world)
    assert (
        "The plan it rests on"
        not in at(client, world.cast.manager, "application_detail", row.pk).content.decode()
    )
    shown = get(client, world.cast.manager, f"/applications/{row.pk}").json()
    assert (shown["plan"], shown["plan_checks"], shown["plan_version_id"]) == (None, [], None)
    assert Loan.objects.count() == 0
