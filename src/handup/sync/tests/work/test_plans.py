"""Business plans written on an adviser's own phone: it carries hers alone; each is stored once,
beside another draft where somebody saved meanwhile, worked out again, and kept where the figures
differ."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.utils import timezone

from handup.kernel.credit.codes import FeeBase, FeeTaken, FeeWhen, RatePer
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.ids import new_id
from handup.org.models import Device, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import Enterprise, Person
from handup.plans.freezing import frozen_of, inputs_of
from handup.plans.models import Plan, PlanDifference, PlanVersion
from handup.plans.refusals import DifferenceOpen
from handup.plans.rules.evaluate import ENGINE_VERSION
from handup.plans.rules.states import PlanState, SignedBy
from handup.plans.rules.told import flat
from handup.plans.services import (
    advise_plan,
    approve_plan,
    ask_finance,
    return_plan,
    settle_difference,
    submit_plan,
)
from handup.plans.tests.conftest import (
    DAY,
    FINANCE,
    adviser,
    alice,
    bakery,
    outsider,
    plan,
    programme,
    reviewer,
    written,
)
from handup.projects.models import Programme
from handup.sync import persons, services
from handup.sync.models import WorkFact, WorkState
from handup.sync.plans_carried import month_bps, withheld
from handup.sync.services.work import WorkAnswer
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.work_queries import work_of

__all__ = ["adviser", "alice", "bakery", "outsider", "plan", "programme", "reviewer", "written"]

PARTS = (
    *("title", "idea", "currency", "start_month", "months", "sheet", "costing", "finance"),
    *("screening", "words", "steps", "scenarios"),
)


@pytest.fixture
def device(adviser: StaffUser) -> Device:
    """The adviser's own phone."""
    return own_phone(adviser).device


def carried(staff: StaffUser) -> dict[str, Any]:
    """What her phone carries of plans, as JSON."""
    pack, _named = work_of(staff)
    found: dict[str, Any] = json.loads(json.dumps(pack["planning"], cls=DjangoJSONEncoder))
    return found


def told(body: dict[str, Any], day: str = DAY.isoformat()) -> dict[str, Any]:
    at = f"{day}T10:15:00+04:00"
    fact = {"id": str(new_id()), "name": "write_plan", "recorded_at": at, "happened_date": day}
    return {**fact, "body": body}


def written_on(one: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plan of the pack as the phone tells it back."""
    parts = {name: one[name] for name in PARTS}
    origin = {
        "person": one["person_id"],
        "plan": one["plan_id"],
        "based_on": one["edition"],
        "enterprise": None,
        "repeats": None,
        "changed": [],
    }
    return {**origin, **parts, "hand_in": False, **changes}


def edition_of(plan: Plan) -> int:
    """How often it was saved up to now."""
    return Plan.objects.get(pk=plan.pk).edition


def figures(plan: Plan, **changed: str) -> dict[str, str]:
    """What a phone that works as the office does comes to."""
    return {**flat(frozen_of(inputs_of(plan)).results), **changed}


def send(staff: StaffUser, device: Device, *facts: dict[str, Any]) -> list[WorkAnswer]:
    return services.receive_work(list(facts), acting_staff=staff, device=device)


def test_a_phone_carries_its_holders_plans_and_nobody_elses(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, alice: Person, bakery: Enterprise
) -> None:
    planning = carried(adviser)
    (one,) = planning["plans"]
    assert (one["plan_id"], one["name"], one["edition"]) == (
        str(written.pk),
        "Alice Baker",
        edition_of(written),
    )
    assert (one["currency_digits"], one["finance"]["loan_units"]) == (2, 60_000_00)
    assert [line["units"] for line in one["sheet"]["lines"]][:2] == [750_00, 6_000_00]
    (owner,) = planning["owners"]
    assert (owner["person_id"], owner["programme_id"]) == (str(alice.pk), str(written.programme_id))
    assert [business["id"] for business in owner["enterprises"]] == [str(bakery.pk)]
    assert planning["programmes"][0]["currency"] == "XTS"
    assert alice.pk in work_of(adviser)[1]
    assert carried(reviewer)["plans"] == []
    assert work_of(staff_with("cashier", Role.CASHIER))[0]["planning"] is None
    Person.objects.filter(pk=alice.pk).update(erased_date=DAY)
    assert carried(adviser)["plans"] == []


def test_no_business_is_carried_that_she_does_not_see(
    written: Plan, adviser: StaffUser, alice: Person, bakery: Enterprise
) -> None:
    """A plan started for it would be refused."""
    other = Programme.objects.create(code="P2", title="Second programme", currency="XTS")
    Enterprise.objects.filter(pk=bakery.pk).update(programme=other)
    (owner,) = carried(adviser)["owners"]
    assert (owner["person_id"], owner["enterprises"]) == (str(alice.pk), [])


def test_a_plan_the_phone_cannot_work_out_is_counted_and_not_carried(
    written: Plan, adviser: StaffUser
) -> None:
    written.finance_ask.repayment = "PRINCIPAL_SHARES"
    written.finance_ask.save()
    planning = carried(adviser)
    assert (planning["plans"], planning["plans_left"]) == ([], 1)


def test_a_plan_is_written_back_once_and_handed_in_with_the_same_figures(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    had, same = edition_of(written), figures(written)
    fact = told(written_on(one, hand_in=True, engine=ENGINE_VERSION, worked=same))
    assert states(send(adviser, device, fact)) == ["DONE"]
    assert states(send(adviser, device, fact)) == ["DONE"]
    row = Plan.objects.get()
    assert (row.state, row.edition, str(row.edition_key)) == ("SUBMITTED", had + 1, fact["id"])
    version = PlanVersion.objects.get()
    assert flat(version.results) == same
    assert not PlanDifference.objects.exists()
    assert WorkFact.objects.get().told == ""
    assert carried(adviser)["plans"] == []


def test_one_smallest_unit_of_difference_is_kept_and_stops_the_advice(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    right = figures(written)["months.1.closing_cash"]
    wrong = figures(written, **{"months.1.closing_cash": str(int(right) + 1)})
    fact = told(written_on(one, hand_in=True, engine="plans-0", worked=wrong))
    assert states(send(adviser, device, fact)) == ["HANDED_ON"]
    row = PlanDifference.objects.get()
    assert (row.figures, row.engine_version) == (1, "plans-0")
    assert row.found == [["months.1.closing_cash", str(int(right) + 1), right]]
    assert str(PlanVersion.objects.get().results["months"][0]["closing_cash"]) == right
    plan = Plan.objects.get()
    advice: dict[str, Any] = {
        "advised_date": DAY,
        "statement": "I saw it",
        "signed_by": SignedBy.MARK,
    }
    with pytest.raises(DifferenceOpen):
        advise_plan(acting_staff=adviser, plan=plan, **advice)
    settle_difference(acting_staff=reviewer, difference=row, note="An old program")
    advise_plan(acting_staff=adviser, plan=plan, **advice)
    assert Plan.objects.get().state == PlanState.ADVISED


def test_a_new_plan_has_the_id_of_its_fact_and_goes_on_from_there(
    alice: Person, bakery: Enterprise, adviser: StaffUser, device: Device, written: Plan
) -> None:
    (one,) = carried(adviser)["plans"]
    new = {"plan": None, "based_on": None, "enterprise": str(bakery.pk), "title": "A second oven"}
    fact = told(written_on(one, **new))
    assert states(send(adviser, device, fact)) == ["DONE"]
    row = Plan.objects.get(pk=fact["id"])
    assert (row.state, row.title, row.enterprise, row.person) == (
        "DRAFT", "A second oven", bakery, alice,
    )  # fmt: skip
    assert row.household_sheet.lines.count() == written.household_sheet.lines.count()
    assert figures(row) == figures(written)
    assert Plan.objects.get(pk=written.pk).title == "Bread and cakes"
    answer = lost = told(written_on(one, **new, replaces=fact["id"], idea="Bread for the school"))
    assert states(send(adviser, device, answer, lost)) == ["DONE", "DONE"]
    row.refresh_from_db()
    assert (row.idea, row.edition, Plan.objects.count()) == ("Bread for the school", 2, 2)


def test_a_draft_saved_meanwhile_is_kept_beside_and_neither_is_handed_in(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    ask_finance(acting_staff=adviser, plan=written, finance=FINANCE)
    body = written_on(one, title="Bread", hand_in=True, engine="plans-1", worked=figures(written))
    (answer,) = send(adviser, device, told(body))
    assert answer.state == WorkState.HANDED_ON
    assert written.number in answer.reason
    beside = Plan.objects.get(beside=written)
    assert (beside.title, beside.state) == ("Bread", "DRAFT")
    assert Plan.objects.get(pk=written.pk).title == "Bread and cakes"
    assert not PlanVersion.objects.exists()


def test_what_is_missing_is_told_and_the_draft_stands(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    had = edition_of(written)
    fact = told(written_on(one, finance=None, hand_in=True, engine="x", worked={"gap": "0"}))
    (answer,) = send(adviser, device, fact)
    assert answer.state == WorkState.HANDED_ON
    assert "how much money it asks for" in answer.reason
    assert (Plan.objects.get().state, Plan.objects.get().edition) == ("DRAFT", had + 1)


def test_a_day_to_come_waits_with_all_that_was_told(
    written: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = carried(adviser)["plans"]
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    body = written_on(one, hand_in=True, engine="plans-1", worked=figures(written))
    had = edition_of(written)
    (answer,) = send(adviser, device, told(body, tomorrow))
    assert answer.state == WorkState.WAITING
    assert (edition_of(written), WorkFact.objects.get().told != "") == (had, True)


def test_a_plan_made_again_keeps_its_plan_before_and_names_what_changed(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, device: Device
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    advise_plan(
        acting_staff=adviser,
        plan=written,
        advised_date=DAY,
        statement="I saw it",
        signed_by=SignedBy.MARK,
    )
    approve_plan(acting_staff=reviewer, plan=written, reviewed_date=DAY)
    planning = carried(adviser)
    assert planning["plans"] == []
    (one,) = planning["earlier"]
    again = {"plan": None, "based_on": None, "repeats": one["plan_id"], "changed": ["FINANCE"]}
    asked = {**one["finance"], "loan_units": 30_000_00}
    fact = told(written_on(one, **again, finance=asked, start_month="2026-10-01"))
    assert states(send(adviser, device, fact)) == ["DONE"]
    row = Plan.objects.get(pk=fact["id"])
    assert (row.repeats, row.finance_ask.loan_units, row.investments.count()) == (
        written, 30_000_00, 2,
    )  # fmt: skip
    assert Plan.objects.get(pk=written.pk).state == PlanState.READY
    assert written.versions.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": 0},
        {"months": 61},
        {"title": ""},
        {"hand_in": True},
        {"worked": {"gap": "0"}},
        {"hand_in": True, "worked": {"gap": 0}, "engine": "x"},
        {"person": "nobody"},
        {"based_on": "3"},
        {"start_month": "April"},
        {"sheet": None},
        {"costing": {}},
        {"finance": {"loan_units": -1}},
        {"screening": {"WASTE": ["PERHAPS", ""]}},
        {"words": {"WEATHER": "fine"}},
        {"steps": [{"what": "Buy"}]},
        {"scenarios": "flood"},
        {"changed": ["EVERYTHING"]},
    ],
)
def test_a_plan_that_cannot_be_read_is_refused(
    written: Plan, adviser: StaffUser, device: Device, wrong: dict[str, Any]
) -> None:
    (one,) = carried(adviser)["plans"]
    (answer,) = send(adviser, device, told({**written_on(one), **wrong}))
    assert (answer.state, answer.reason) == ("REFUSED", "BAD_CONTENT")
    assert edition_of(written) == one["edition"]


def test_nobody_writes_a_plan_she_does_not_see_or_for_whom_she_does_not_work(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    (one,) = carried(adviser)["plans"]
    phone = own_phone(outsider).device
    answers = send(outsider, phone, told(written_on(one)), told(written_on(one, plan=None)))
    assert states(answers) == ["WAITING", "WAITING"]
    assert edition_of(written) == one["edition"]
    loans = staff_with("loans", Role.LOAN_OFFICER, scope=ScopeKind.ALL)
    (answer,) = send(loans, own_phone(loans).device, told(written_on(one)))
    assert answer.state == WorkState.WAITING
    assert edition_of(written) == one["edition"]


def test_what_waits_of_a_plan_goes_with_its_person(
    written: Plan, adviser: StaffUser, device: Device, alice: Person
) -> None:
    (one,) = carried(adviser)["plans"]
    fact = told(written_on(one, plan=str(new_id())))
    assert states(send(adviser, device, fact)) == ["WAITING"]
    assert any(fact["id"] in str(rows) for rows in persons.held(alice.pk).values())
    persons.erase(alice.pk)
    row = WorkFact.objects.get()
    assert (row.state, row.told) == (WorkState.LEFT_OUT, "")
    Person.objects.filter(pk=alice.pk).update(erased_date=DAY)
    (answer,) = send(adviser, device, told(written_on(one, title="Known still")))
    assert answer.state in {WorkState.LEFT_OUT, WorkState.WAITING}
    assert Plan.objects.get().title == "Bread and cakes"


def test_a_returned_plan_comes_back_with_its_comment(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, client: Client
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    return_plan(acting_staff=reviewer, plan=Plan.objects.get(), comment="Ask for the rent")
    headers = {"Authorization": f"Bearer {own_phone(adviser).token}"}
    pack = client.get("/api/v1/sync/work", headers=headers).json()
    (one,) = pack["planning"]["plans"]
    assert (one["state"], one["comment"]) == ("RETURNED", "Ask for the rent")
    assert one["costing"]["things"][0]["name"] == "oven"


def test_interest_is_rounded_up_and_what_is_kept_back_is_told() -> None:
    yearly = Terms(currency="XTS", rate_ppm=200_000, instalments=6)
    assert month_bps(yearly) == 167
    assert month_bps(Terms(currency="XTS", rate_ppm=20_000, rate_per=RatePer.MONTH)) == 200
    assert month_bps(Terms(currency="XTS", rate_ppm=1, rate_per=RatePer.DAY)) is None
    fees = (
        Fee("form", units=500, taken=FeeTaken.WITHHELD),
        Fee("fund", base=FeeBase.PRINCIPAL, ppm=10_000, taken=FeeTaken.WITHHELD),
        Fee("cash", units=900, taken=FeeTaken.CASH),
        Fee("late", units=100, when=FeeWhen.OVERDUE),
    )
    assert withheld(Terms(currency="XTS", rate_ppm=1, fees=fees)) == (500, 10_000)
