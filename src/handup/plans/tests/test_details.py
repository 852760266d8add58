"""What stands behind the figures of a plan: costing, break-even with reasons, fit, own what-ifs."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from handup.org.models import StaffUser
from handup.plans import refusals, verify
from handup.plans.freezing import frozen_of
from handup.plans.models import Plan, PlanVersion
from handup.plans.queries import plan_facts
from handup.plans.rules import measures
from handup.plans.rules.details import details
from handup.plans.rules.inputs import BadPlan, OwnWhatIf, ProductIn, as_json, from_json
from handup.plans.services import save_scenarios, submit_plan
from handup.plans.shown import reason
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_doors import post, signed_in, url
from handup.plans.tests.test_plan_rules import TAILORING

DROUGHT = OwnWhatIf("a dry year", sales_bps=7_500, months_late=1, lost_month=6)


def test_the_fit_lists_each_grace_with_its_lowest_cash_and_interest() -> None:
    finance = TAILORING.finance
    assert finance is not None
    asked = replace(finance, loan_units=300_000_00, most_grace=3)
    found = details(replace(TAILORING, finance=asked)).fit
    graces = {line.grace: line for line in found if line.loan_units == 300_000_00}
    assert [graces[grace].fits for grace in range(4)] == [False, False, True, True]
    assert graces[2].lowest_cash == 9_939_50
    assert graces[3].lowest_cash == 34_617_05
    interests = [graces[grace].interest for grace in range(4)]
    assert interests == sorted(interests), "grace costs interest"
    (smallest,) = [line for line in found if line.loan_units != 300_000_00]
    assert (smallest.loan_units, smallest.fits) == (342_000_00, True)


def test_mark_up_and_margin_are_two_numbers_and_a_product_may_never_break_even() -> None:
    lines = (
        ProductIn("coat", 900, 300, 100, (1_000,) * TAILORING.months),
        ProductIn("gift", 100, 100, 50, (1_000,) * TAILORING.months),
        ProductIn("advice", 500, 0, 0, (1_000,) * TAILORING.months),
    )
    found = details(replace(TAILORING, products=lines))
    coat, gift, advice = found.products
    assert (coat.contribution, coat.contribution_percent) == (500, Fraction(500, 9))
    assert (coat.markup_percent, coat.margin_percent) == (Fraction(200), Fraction(600, 9))
    fixed = found.break_even.fixed_costs
    assert coat.break_even_pieces == -(-fixed // 500)
    assert (gift.contribution, gift.break_even_pieces) == (-50, None)
    assert advice.markup_percent is None
    assert advice.margin_percent == 100


def test_what_is_not_defined_says_why() -> None:
    idle = replace(TAILORING, products=(ProductIn("coat", 900, 0, 0, (0,) * 12),))
    found = details(idle).break_even
    assert (found.fixed, found.why) == (None, "NO_SALES")
    results = frozen_of(idle).results
    assert reason("break_even_sales", results) == "not defined: nothing is sold"
    at_a_loss = replace(TAILORING, products=(ProductIn("coat", 900, 950, 0, (1_000,) * 12),))
    assert details(at_a_loss).break_even.why == "NO_CONTRIBUTION"
    assert "never breaks even" in reason("break_even_sales", frozen_of(at_a_loss).results)
    free = frozen_of(replace(TAILORING, finance=None)).results
    assert "no instalment" in reason("plan_dscr", free)
    assert reason("profit", free) == ""
    assert {reason(name, dict.fromkeys(free)) for name in ("irr_percent", "payback_months")} == {
        "not defined: the money does not turn from out to in exactly once",
        "not defined: it is not paid back within the plan",
    }


def test_a_what_if_of_her_own_stands_beside_the_usual_ones() -> None:
    inputs = replace(TAILORING, scenarios=(DROUGHT, replace(DROUGHT, name="as ever", lost_month=0)))
    lines = {line["code"]: line for line in frozen_of(inputs).results["what_ifs"]}
    assert lines["OWN_1"]["name"] == "a dry year"
    assert lines["OWN_1"]["closing_cash"] < lines["OWN_2"]["closing_cash"]
    same = replace(TAILORING, scenarios=(OwnWhatIf("nothing"), OwnWhatIf("less", sales_bps=9_000)))
    results = frozen_of(same).results
    by_code = {line["code"]: line for line in results["what_ifs"]}
    assert by_code["OWN_1"]["closing_cash"] == results["months"][-1]["closing_cash"]
    usual = {**by_code["QUANTITY_MINUS_10"], "code": "OWN_2", "name": "less"}
    assert by_code["OWN_2"] == usual
    assert from_json(as_json(inputs)) == inputs
    assert "scenarios" not in as_json(TAILORING)
    changed = {item.code: item.closing for item in details(same).changed}
    assert changed["OWN_1"] == details(same).closing


@pytest.mark.parametrize("item", [{"lost_month": 13}, {"months_late": 13}, {"sales_bps": -1}])
def test_a_what_if_that_cannot_be_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(BadPlan):
        replace(TAILORING, scenarios=(replace(DROUGHT, **item),))


def test_own_what_ifs_are_frozen_told_to_the_appraisal_and_shown(
    written: Plan, adviser: StaffUser
) -> None:
    with pytest.raises(refusals.NameMissing):
        save_scenarios(acting_staff=adviser, plan=written, scenarios=[OwnWhatIf(" ")])
    desk = signed_in(adviser)
    told: dict[str, Any] = {"name_0": "a dry year", "sales_0": "75", "price_0": "", "late_0": "1"}
    assert desk.post(url("save_scenarios", written.pk), told | {"lost_0": "9"}).status_code == 422
    assert desk.post(url("save_scenarios", written.pk), told | {"lost_0": "6"}).status_code == 302
    form = desk.get(url("save_scenarios", written.pk)).context["form"]
    assert (form.initial["sales_0"], form.initial["price_0"]) == (75, 100)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    version = PlanVersion.objects.get()
    facts = plan_facts(written, version)
    assert facts is not None
    assert facts.what_ifs[-1]["name"] == "a dry year"
    assert list(verify.changed_versions()) == []
    page = desk.get(url("plan_detail", written.pk)).content.decode()
    for words in ("a dry year", "as planned", "Which loan fits", "Earns a month, percent"):
        assert words in page
    assert page.count('class="chart sheet"') == 2


def test_a_device_tells_own_what_ifs(written: Plan, adviser: StaffUser) -> None:
    told = {"scenarios": [{"name": "a dry year", "sales_bps": 7_500}]}
    answer = post(signed_in(adviser), f"/plans/{written.pk}/what-ifs", told)
    assert answer.json()["scenarios"][0]["sales_bps"] == 7_500


def test_a_business_that_loses_nearly_everything_still_has_its_rate() -> None:
    flows = [-17508, -51099, -121458, -51778, -195563, -117121, *[-90_000] * 5, -111622, 2248]
    result = measures.worth(flows, Fraction(0))
    assert result.irr_percent is not None
    assert -100 < result.irr_percent < -95
    assert measures.worth([-1, 10**12], Fraction(0)).irr_percent == 10**14 - 100
