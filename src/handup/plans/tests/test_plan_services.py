"""A plan from its first page to its financing, and everything that is refused on the way."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Enterprise, Person
from handup.plans import refusals, verify
from handup.plans.freezing import inputs_of
from handup.plans.models import FinanceAsk, HouseholdLine, HouseholdSheet, Plan, PlanVersion
from handup.plans.queries import (
    figures_of,
    plan_facts,
    plans_by_state,
    plans_made,
    ready_by_person,
    ready_plans,
)
from handup.plans.rules.household import MonthConvention, Section
from handup.plans.rules.inputs import (
    CostKind,
    DrawingsFrom,
    HorizonTooShort,
    as_json,
    from_json,
)
from handup.plans.rules.states import PlanState, SignedBy
from handup.plans.services import (
    CostingIn,
    CostLineIn,
    FinancedIn,
    ProductLineIn,
    advise_plan,
    approve_plan,
    ask_finance,
    confirm_prices,
    mark_financed,
    mark_plans_financed,
    return_plan,
    save_costing,
    save_household_sheet,
    start_plan,
    submit_plan,
    take_back_financed,
)
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES
from handup.projects.models import Organisation, Programme

LATER = date(2026, 3, 20)


def submitted(plan: Plan, adviser: StaffUser) -> Plan:
    submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    return plan


def advised(plan: Plan, adviser: StaffUser) -> Plan:
    submitted(plan, adviser)
    return advise_plan(
        acting_staff=adviser,
        plan=plan,
        advised_date=DAY,
        statement="The oven doubles what she can bake.",
        signed_by=SignedBy.MARK,
    )


def ready(plan: Plan, adviser: StaffUser, reviewer: StaffUser) -> Plan:
    advised(plan, adviser)
    return approve_plan(acting_staff=reviewer, plan=plan, reviewed_date=LATER)


def test_a_light_plan_goes_from_the_household_sheet_to_ready(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, alice: Person, programme: Programme
) -> None:
    plan = ready(written, adviser, reviewer)
    plan.refresh_from_db()
    assert plan.state == PlanState.READY
    assert (plan.first_ready_date, plan.ready_date) == (LATER, LATER)
    assert ready_plans(alice, programme, LATER) == [plan]
    assert ready_plans(alice, programme, date(2026, 9, 20)) == [plan]
    assert ready_plans(alice, programme, date(2026, 9, 21)) == []
    assert plans_made(programme, LATER) == 1
    assert plans_by_state(programme) == {"READY": 1}
    actions = AuditLine.objects.filter(object_id=str(plan.pk)).values_list("action", flat=True)
    assert {
        "plans.start_plan",
        "plans.save_household_sheet",
        "plans.save_costing",
        "plans.ask_finance",
        "plans.screen_plan",
        "plans.submit_plan",
        "plans.advise_plan",
        "plans.approve_plan",
    } == set(actions)


def test_what_was_handed_in_is_frozen_with_its_fingerprint(
    written: Plan, adviser: StaffUser
) -> None:
    version = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    version.refresh_from_db()
    assert version.results["budget"]["net_cash"] == 37_433_57
    assert version.results["max_instalment"] == 13_101_74
    assert version.results["months_in_red"] == []
    assert from_json(version.inputs) == inputs_of(written)
    assert list(verify.changed_versions()) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        version.delete()


def test_facts_for_an_appraisal_come_from_the_frozen_version(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    assert plan_facts(written) is None
    plan = ready(written, adviser, reviewer)
    facts = plan_facts(plan)
    assert facts is not None
    assert facts.net_cash == 37_433_57
    assert facts.max_loan == 73_000_00
    assert facts.asked_units == 60_000_00
    assert facts.months_in_red == ()
    assert facts.ready_until == date(2026, 9, 20)
    assert facts.advised_by_id == adviser.pk
    assert facts.reviewed_by_id == reviewer.pk
    assert len(facts.what_ifs) == 7
    assert facts.indebtedness_percent == "48.00"


def test_the_plans_of_many_persons_are_read_at_once(
    written: Plan,
    adviser: StaffUser,
    reviewer: StaffUser,
    officer: StaffUser,
    alice: Person,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert ready_by_person([alice.pk]) == {}
    plan = ready(written, adviser, reviewer)
    with django_assert_num_queries(2):
        (found,) = ready_by_person([alice.pk, new_id()])[alice.pk]
    assert (found.plan_id, found.number, found.currency) == (plan.pk, plan.number, "XTS")
    assert not found.financed
    with django_assert_num_queries(1):
        figures = figures_of([found.version_id, new_id()])[found.version_id]
    assert (figures.loan_units, figures.max_loan_units) == (60_000_00, 73_000_00)
    assert figures.months_in_red == ()
    assert figures.advised_by_id == adviser.pk
    assert [month.number for month in figures.months] == [1, 2, 3, 4, 5, 6]
    assert found.holds(LATER)
    assert not found.holds(DAY)
    assert found.holds(date(2026, 9, 20))
    assert not found.holds(date(2026, 9, 21))
    mark_financed(acting_staff=officer, plans=[plan], on=date(2026, 4, 1))
    (found,) = ready_by_person([alice.pk])[alice.pk]
    assert found.holds(date(2026, 4, 1))
    assert not found.holds(date(2026, 4, 2))


def test_a_changed_plan_becomes_a_new_version_and_the_old_one_stays(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    first = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    return_plan(acting_staff=reviewer, plan=written, comment="Ask again about the rent.")
    assert written.state == PlanState.RETURNED
    ask_finance(acting_staff=adviser, plan=written, finance=replace(FINANCE, loan_units=50_000_00))
    assert written.state == PlanState.DRAFT
    second = submit_plan(acting_staff=adviser, plan=written, submitted_date=LATER)
    assert (second.number, second.supersedes_id) == (2, first.pk)
    assert second.sha256 != first.sha256
    first.refresh_from_db()
    assert first.inputs["finance"]["loan_units"] == 60_000_00


def test_the_adviser_cannot_review_her_own_advice(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    advised(written, adviser)
    with pytest.raises(SamePerson):
        approve_plan(acting_staff=adviser, plan=written, reviewed_date=LATER)
    written.refresh_from_db()
    assert written.state == PlanState.ADVISED
    assert written.reviewed_by is None


def test_open_points_hold_a_plan_until_they_are_settled(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    advised(written, adviser)
    approve_plan(
        acting_staff=reviewer, plan=written, reviewed_date=DAY, open_points="See the oven first."
    )
    assert written.state == PlanState.REVIEWED
    assert written.first_ready_date is None
    approve_plan(acting_staff=reviewer, plan=written, reviewed_date=LATER)
    assert written.state == PlanState.READY
    assert written.open_points == ""


def test_a_plan_needs_a_sheet_and_the_money_it_asks_for(plan: Plan, adviser: StaffUser) -> None:
    with pytest.raises(refusals.SheetMissing):
        submitted(plan, adviser)
    save_household_sheet(acting_staff=adviser, plan=plan, lines=LINES, told_date=DAY)
    with pytest.raises(refusals.FinanceMissing):
        submitted(plan, adviser)
    assert not PlanVersion.objects.exists()
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_nobody_lives_on_nothing(plan: Plan, adviser: StaffUser) -> None:
    earning = [line for line in LINES if line.section is not Section.HOUSEHOLD_EXPENSE]
    save_household_sheet(acting_staff=adviser, plan=plan, lines=earning, told_date=DAY)
    ask_finance(acting_staff=adviser, plan=plan, finance=FINANCE)
    with pytest.raises(refusals.SpendingMissing):
        advised(plan, adviser)
    plan.refresh_from_db()
    assert plan.state == PlanState.SUBMITTED


def test_a_product_sold_below_its_cost_stops_the_advice(written: Plan, adviser: StaffUser) -> None:
    product = ProductLineIn("cake", 100, (1_000,) * 6, material_units=90, labour_units=20)
    save_costing(acting_staff=adviser, plan=written, costing=replace(COSTING, products=(product,)))
    with pytest.raises(refusals.SoldBelowCost) as refused:
        advised(written, adviser)
    assert "cake" in str(refused.value)


def test_a_loan_longer_than_the_plan_is_refused_before_anything_is_frozen(
    written: Plan, adviser: StaffUser
) -> None:
    ask_finance(acting_staff=adviser, plan=written, finance=replace(FINANCE, instalments=7))
    with pytest.raises(HorizonTooShort) as refused:
        submitted(written, adviser)
    assert refused.value.field == "months"
    assert not PlanVersion.objects.exists()


def test_a_plan_handed_in_cannot_be_changed(written: Plan, adviser: StaffUser) -> None:
    submitted(written, adviser)
    with pytest.raises(refusals.NotInThisState):
        save_household_sheet(acting_staff=adviser, plan=written, lines=(), told_date=DAY)
    with pytest.raises(refusals.NotInThisState):
        save_costing(acting_staff=adviser, plan=written, costing=CostingIn())
    with pytest.raises(refusals.NotInThisState):
        ask_finance(acting_staff=adviser, plan=written, finance=FINANCE)
    with pytest.raises(refusals.NotInThisState):
        submitted(written, adviser)
    assert HouseholdLine.objects.count() == len(LINES)
    assert written.investments.count() == 2


def test_statement_and_comment_must_say_something(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    submitted(written, adviser)
    with pytest.raises(refusals.StatementMissing):
        advise_plan(
            acting_staff=adviser,
            plan=written,
            advised_date=DAY,
            statement="  ",
            signed_by=SignedBy.SIGNATURE,
        )
    with pytest.raises(refusals.CommentMissing):
        return_plan(acting_staff=reviewer, plan=written, comment=" ")
    written.refresh_from_db()
    assert written.state == PlanState.SUBMITTED


def test_saving_a_sheet_again_replaces_it(plan: Plan, adviser: StaffUser) -> None:
    save_household_sheet(acting_staff=adviser, plan=plan, lines=LINES, told_date=DAY)
    save_household_sheet(
        acting_staff=adviser,
        plan=plan,
        lines=LINES[:3],
        told_date=LATER,
        convention=MonthConvention.PRUDENT,
        miscellaneous_bps=500,
    )
    sheet = HouseholdSheet.objects.get(plan=plan)
    assert [line.name for line in sheet.lines.all()] == ["bread", "cakes", "flour"]
    assert (sheet.convention, sheet.told_date) == ("PRUDENT", LATER)


def test_amounts_below_zero_are_refused_and_nothing_is_saved(
    plan: Plan, adviser: StaffUser
) -> None:
    with pytest.raises(refusals.NegativeAmount):
        save_household_sheet(
            acting_staff=adviser, plan=plan, lines=(replace(LINES[0], units=-1),), told_date=DAY
        )
    with pytest.raises(refusals.NegativeAmount) as refused:
        save_costing(acting_staff=adviser, plan=plan, costing=CostingIn(own_cash_units=-1))
    assert refused.value.field == "own_cash_units"
    for wrong in (replace(FINANCE, loan_units=0), replace(FINANCE, fee_withheld_units=-1)):
        with pytest.raises(refusals.NegativeAmount):
            ask_finance(acting_staff=adviser, plan=plan, finance=wrong)
    assert not HouseholdSheet.objects.exists()
    assert not FinanceAsk.objects.exists()


def test_a_plan_of_a_cooperative_lives_on_monthly_lines(
    programme: Programme, adviser: StaffUser
) -> None:
    cooperative = Organisation.objects.create(code="COOP", name="Bakers' cooperative")
    plan = start_plan(
        acting_staff=adviser,
        programme=programme,
        organisation=cooperative,
        title="A bigger oven",
        currency="XTS",
        start_month=date(2026, 4, 17),
        started_date=DAY,
        horizon_months=6,
    )
    assert plan.start_month == date(2026, 4, 1)
    costs = (
        CostLineIn("rent", CostKind.FIXED, (1_000_00,) * 6),
        CostLineIn("wages", CostKind.DRAWINGS, (5_000_00,) * 6),
    )
    product = ProductLineIn("bread", 100, (200_000,) * 6, material_units=40)
    with pytest.raises(refusals.DrawingsTwice, match="wages"):
        save_costing(acting_staff=adviser, plan=plan, costing=CostingIn(costs=costs))
    assert not plan.costs.exists()
    save_costing(
        acting_staff=adviser,
        plan=plan,
        costing=CostingIn(drawings_from=DrawingsFrom.LINES, products=(product,), costs=costs),
    )
    ask_finance(acting_staff=adviser, plan=plan, finance=FINANCE)
    version = submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    assert version.results["budget"] is None
    assert version.results["months"][0]["sales"] == 200 * 100
    assert as_json(from_json(version.inputs)) == version.inputs


def test_a_plan_has_one_owner_and_her_own_enterprise(
    programme: Programme, adviser: StaffUser, alice: Person
) -> None:
    def start(**owner: object) -> Plan:
        return start_plan(
            acting_staff=adviser,
            programme=programme,
            title="x",
            currency="XTS",
            start_month=DAY,
            started_date=DAY,
            **owner,  # type: ignore[arg-type]
        )

    with pytest.raises(refusals.OwnerMissing):
        start()
    stranger = Enterprise.objects.create(
        code="E9", trade="taxi", registered_date=DAY, registered_by=adviser
    )
    with pytest.raises(refusals.NotHerEnterprise):
        start(person=alice, enterprise=stranger)
    assert not Plan.objects.exists()


def test_the_same_id_twice_starts_one_plan(
    programme: Programme, adviser: StaffUser, alice: Person
) -> None:
    device_id = new_id()

    def start(title: str) -> Plan:
        return start_plan(
            acting_staff=adviser,
            programme=programme,
            person=alice,
            title=title,
            currency="XTS",
            start_month=DAY,
            started_date=DAY,
            id=device_id,
        )

    assert start("Bread") == start("Bread")
    with pytest.raises(SameIdOtherContent):
        start("Cakes")
    assert Plan.objects.count() == 1


def test_who_may_do_what(
    written: Plan, appraiser: StaffUser, outsider: StaffUser, adviser: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        submitted(written, appraiser)
    with pytest.raises(OutOfSight):
        submitted(written, outsider)
    assert written in Plan.objects.visible_to(appraiser)
    assert written not in Plan.objects.visible_to(outsider)
    assert not PlanVersion.objects.exists()


def test_lending_says_that_a_plan_was_financed(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    with pytest.raises(refusals.NotInThisState):
        mark_financed(acting_staff=officer, plans=[written], on=LATER)
    plan = ready(written, adviser, reviewer)
    with pytest.raises(refusals.NoLongerFresh):
        mark_financed(acting_staff=officer, plans=[plan], on=date(2026, 10, 1))
    confirm_prices(acting_staff=adviser, plan=plan, confirmed_date=date(2026, 9, 30))
    mark_financed(acting_staff=officer, plans=[plan], on=date(2026, 10, 1))
    plan.refresh_from_db()
    assert plan.state == PlanState.FINANCED
    assert plan.first_ready_date == LATER
    with pytest.raises(refusals.NotInThisState):
        return_plan(acting_staff=reviewer, plan=plan, comment="too late")
    with pytest.raises(refusals.NotInThisState):
        confirm_prices(acting_staff=adviser, plan=plan, confirmed_date=LATER)


def test_a_bank_that_has_paid_out_finances_a_plan_whose_prices_are_old(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    plan = ready(written, adviser, reviewer)
    told = FinancedIn(plan, date(2026, 10, 1), happened=True)
    mark_plans_financed([told], acting_staff=officer)
    plan.refresh_from_db()
    assert (plan.state, plan.decided_date) == (PlanState.FINANCED, date(2026, 10, 1))


def test_a_payment_that_was_reversed_makes_the_plan_ready_again(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    plan = ready(written, adviser, reviewer)
    with pytest.raises(refusals.NotInThisState):
        take_back_financed(acting_staff=officer, plans=[plan])
    mark_financed(acting_staff=officer, plans=[plan], on=LATER)
    take_back_financed(acting_staff=officer, plans=[plan])
    plan.refresh_from_db()
    assert (plan.state, plan.decided_date, plan.ready_date) == (PlanState.READY, None, LATER)
    actions = AuditLine.objects.filter(action__endswith="financed").values_list("action", flat=True)
    assert sorted(actions) == ["plans.mark_financed", "plans.take_back_financed"]


def test_a_plan_that_was_not_financed_may_be_written_again(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    plan = ready(written, adviser, reviewer)
    mark_financed(acting_staff=officer, plans=[plan], on=LATER, financed=False)
    return_plan(acting_staff=reviewer, plan=plan, comment="Ask for less.")
    assert plan.state == PlanState.RETURNED
    assert (plan.advised_by, plan.reviewed_by, plan.ready_date) == (None, None, None)


def test_verify_finds_a_version_whose_results_are_not_those_of_its_inputs(
    written: Plan, adviser: StaffUser
) -> None:
    good = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    PlanVersion.objects.create(
        plan=written,
        number=2,
        engine_version=good.engine_version,
        inputs=good.inputs,
        results={**good.results, "max_loan": 1},
        sha256=good.sha256,
        frozen_by=adviser,
        frozen_date=DAY,
    )
    PlanVersion.objects.create(
        plan=written,
        number=3,
        engine_version=good.engine_version,
        inputs={**good.inputs, "buffer_units": 5},
        results=good.results,
        sha256=good.sha256,
        frozen_by=adviser,
        frozen_date=DAY,
    )
    found = list(verify.changed_versions())
    assert [difference.key.rpartition(" ")[2] for difference in found] == ["v2", "v3"]
    assert "max_loan" in found[0].computed
