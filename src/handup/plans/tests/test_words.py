"""A full plan with all its parts; the screening of every plan; steps; how deep a plan goes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.org.models import ExchangeRate, Setting, StaffUser
from handup.plans import refusals, verify
from handup.plans.depth import asks_much
from handup.plans.freezing import inputs_of
from handup.plans.models import ActionPoint, Plan, PlanAnswer, PlanVersion, Scenario, Screening
from handup.plans.persons import blank, held
from handup.plans.rules.inputs import BadPlan, OwnWhatIf, as_json, from_json
from handup.plans.rules.parts import (
    TOPICS,
    Answer,
    Harm,
    Part,
    PartState,
    Screened,
    Topic,
    is_excluded,
    parts_of,
    silent,
    state_of,
    stretched,
    unanswered,
    unmeasured,
)
from handup.plans.rules.states import Depth, SignedBy
from handup.plans.services import (
    ActionIn,
    AnswerIn,
    advise_plan,
    answer_part,
    ask_finance,
    change_plan,
    finish_action_point,
    save_action_points,
    save_scenarios,
    screen_plan,
    submit_plan,
)
from handup.plans.tests.conftest import DAY, FINANCE, NO_HARM
from handup.plans.tests.test_doors import post, signed_in, url

SMOKE = (Screened(Harm.WASTE, Answer.YES, "A chimney."), *NO_HARM[1:])


def test_a_full_plan_has_fifteen_parts_and_a_light_one_eight() -> None:
    assert len(parts_of(Depth.FULL)) == 15
    assert [part.value for part in parts_of(Depth.LIGHT)] == [
        *("HOUSEHOLD", "IDEA", "START", "SALES", "COSTS", "CASH", "FINANCE", "STATEMENT")
    ]


def test_a_part_is_done_when_every_question_of_it_is_answered() -> None:
    asked = set(TOPICS[Part.PEOPLE])
    assert state_of(Part.PEOPLE, set(), set()) is PartState.EMPTY
    assert state_of(Part.PEOPLE, {Topic.WORKERS}, set()) is PartState.OPEN
    assert state_of(Part.PEOPLE, {Topic.WORKERS}, {Topic.SKILLS}) is PartState.OPEN
    assert state_of(Part.PEOPLE, asked, set()) is PartState.DONE
    assert state_of(Part.CASH, set(), set(), is_there=True) is PartState.DONE
    told = set(Topic) - {Topic.TAX, Topic.SKILLS}
    assert silent(told, {Topic.TAX}) == (Part.PEOPLE,)


def test_a_yes_of_the_screening_needs_what_will_be_done() -> None:
    bare = (Screened(Harm.WASTE, Answer.YES, " "), *NO_HARM[1:])
    assert unmeasured(bare) == (Harm.WASTE,)
    assert unmeasured(SMOKE) == ()
    assert unanswered(NO_HARM[:3]) == (Harm.SAFETY, Harm.EXCLUDED)
    assert unanswered((Screened(Harm.LAND, Answer.UNKNOWN), *NO_HARM[3:]))[-1] is Harm.LAND
    assert is_excluded([Screened(Harm.EXCLUDED, Answer.YES)])
    assert not is_excluded(SMOKE)


@pytest.mark.parametrize(
    ("monthly", "months", "expected"),
    [
        ([], 12, []),
        ([1, 2, 3], 2, [1, 2]),
        ([1, 2, 3], 5, [1, 2, 3, 3, 3]),
        ([*range(12)], 14, [*range(12), 0, 1]),
    ],
)
def test_a_longer_plan_repeats_the_year_before(
    monthly: list[int], months: int, expected: list[int]
) -> None:
    assert stretched(monthly, months) == expected


def fill(plan: Plan, adviser: StaffUser, unknown: frozenset[Topic] = frozenset()) -> None:
    for part, topics in TOPICS.items():
        answers = [AnswerIn(t, "" if t in unknown else f"of {t}", t in unknown) for t in topics]
        answer_part(acting_staff=adviser, plan=plan, part=part, answers=answers)
    points = [ActionIn("Buy the oven", "Alice", date(2026, 4, 10))]
    save_action_points(acting_staff=adviser, plan=plan, points=points)


def full(plan: Plan, adviser: StaffUser) -> Plan:
    return change_plan(
        acting_staff=adviser,
        plan=plan,
        title=plan.title,
        idea="The street has no baker.",
        horizon_months=plan.horizon_months,
        depth=Depth.FULL,
    )


def test_a_full_plan_is_handed_in_with_all_its_parts_and_freezes_its_words(
    written: Plan, adviser: StaffUser
) -> None:
    plan = full(written, adviser)
    with pytest.raises(refusals.PartsMissing) as refused:
        submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    assert "the market; production and suppliers" in str(refused.value)
    assert not PlanVersion.objects.exists()
    fill(plan, adviser, frozenset({Topic.TAX}))
    version = submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    words = dict(version.inputs["words"])
    assert words["TOPIC.CUSTOMERS"] == "of CUSTOMERS"
    assert words["TOPIC.TAX"] == "?"
    assert words["SCREEN.WASTE"] == "NO"
    assert words["STEP.1"] == "Buy the oven | Alice | 2026-04-10"
    assert list(verify.changed_versions()) == []
    inputs = inputs_of(plan)
    assert from_json(as_json(inputs)) == inputs
    assert "words" not in as_json(replace(inputs, words=()))
    with pytest.raises(refusals.NotInThisState):
        answer_part(acting_staff=adviser, plan=plan, part=Part.LAW, answers=[])


def test_answers_replace_those_of_their_part_only(plan: Plan, adviser: StaffUser) -> None:
    fill(plan, adviser)
    told = [AnswerIn(Topic.TAX, " 2 % of sales "), AnswerIn(Topic.PRICE, "not of this part")]
    answer_part(acting_staff=adviser, plan=plan, part=Part.LAW, answers=told)
    held_now = dict(plan.answers.values_list("topic", "answer"))
    assert held_now["TAX"] == "2 % of sales"
    assert "LICENCE" not in held_now
    assert held_now["PRICE"] == "of PRICE"


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (None, refusals.ScreeningMissing),
        ((Screened(Harm.LAND, Answer.UNKNOWN), *NO_HARM[3:]), refusals.ScreeningOpen),
        ((*NO_HARM[:4], Screened(Harm.EXCLUDED, Answer.YES)), refusals.ExcludedActivity),
    ],
)
def test_no_adviser_signs_a_plan_whose_harm_is_open(
    written: Plan, adviser: StaffUser, answers: Any, refusal: type[Exception]
) -> None:
    Screening.objects.filter(plan=written).delete()
    if answers:
        screen_plan(acting_staff=adviser, plan=written, answers=answers, screened_date=DAY)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    with pytest.raises(refusal):
        advise_plan(
            acting_staff=adviser,
            plan=written,
            advised_date=DAY,
            statement="Good.",
            signed_by=SignedBy.MARK,
        )


def test_a_harm_without_a_measure_is_refused_at_its_field(plan: Plan, adviser: StaffUser) -> None:
    bare = (Screened(Harm.NATURE, Answer.YES),)
    with pytest.raises(refusals.MeasureMissing) as refused:
        screen_plan(acting_staff=adviser, plan=plan, answers=bare, screened_date=DAY)
    assert refused.value.field == "nature_measure"
    row = screen_plan(acting_staff=adviser, plan=plan, answers=SMOKE, screened_date=DAY)
    assert row.screened() == SMOKE


def test_a_step_is_done_once_and_stays_when_the_others_are_rewritten(
    plan: Plan, adviser: StaffUser
) -> None:
    points = [ActionIn("Buy the oven", "Alice", DAY), ActionIn("Paint", "Bob", DAY)]
    save_action_points(acting_staff=adviser, plan=plan, points=points)
    oven, _paint = plan.action_points.all()
    for _time in range(2):
        finish_action_point(acting_staff=adviser, point=oven, done_date=DAY)
    with pytest.raises(refusals.StepAlreadyDone):
        finish_action_point(acting_staff=adviser, point=oven, done_date=date(2026, 3, 9))
    save_action_points(acting_staff=adviser, plan=plan, points=[ActionIn("Sign", "Eve", DAY)])
    assert [(p.what, p.done_date) for p in plan.action_points.all()] == [
        ("Buy the oven", DAY),
        ("Sign", None),
    ]
    with pytest.raises(refusals.StepIncomplete):
        save_action_points(acting_staff=adviser, plan=plan, points=[ActionIn("x", " ", DAY)])


def test_much_money_from_outside_makes_a_plan_a_full_one(plan: Plan, adviser: StaffUser) -> None:
    ask_finance(acting_staff=adviser, plan=plan, finance=FINANCE)
    assert plan.depth == Depth.LIGHT, "without a rate nobody can say so"
    rate = {"from_currency": "XTS", "to_currency": "USD", "source": "bank"}
    ExchangeRate.objects.create(**rate, rate_date=DAY, numerator=5 * 10**8)  # 60 000 are 3 000
    assert not asks_much(plan, DAY), "the limit itself is not above it"
    plan.grant_units = 1
    assert asks_much(plan, DAY)
    assert not asks_much(plan, date(2028, 1, 1)), "a rate of years ago says nothing"
    plan.grant_units = 0
    Setting.objects.create(key="plans.full_above", value=2_999)
    assert asks_much(plan, DAY)
    change_plan(
        acting_staff=adviser,
        plan=plan,
        title="Bread",
        idea="",
        horizon_months=14,
        depth=Depth.LIGHT,
    )
    assert plan.depth == Depth.FULL
    with pytest.raises(BadPlan):
        change_plan(
            acting_staff=adviser,
            plan=plan,
            title="Bread",
            idea="",
            horizon_months=61,
            depth=Depth.FULL,
        )


def test_the_whole_plan_in_words_on_the_web(written: Plan, adviser: StaffUser) -> None:
    desk = signed_in(adviser)
    pk = written.pk
    about = {"title": "Bread", "idea": "No baker.", "horizon_months": "12", "depth": "FULL"}
    assert desk.post(url("change_plan", pk), about).status_code == 302
    page = desk.get(url("plan_detail", pk)).content.decode()
    assert url("answer_market", pk) in page
    for part in ("market", "production", "people", "law", "risks"):
        name = f"answer_{part}"
        opened = desk.get(url(name, pk))
        assert opened.status_code == 200
        data = {topic.lower(): "told" for topic in TOPICS[Part(part.upper())]}
        if part == "law":
            data |= {"tax": "", "tax_unknown": "on"}
        assert desk.post(url(name, pk), data).status_code == 302
    wrong = {"what_0": "Buy the oven", "who_0": "", "due_0": ""}
    assert desk.post(url("save_action_points", pk), wrong).status_code == 422
    right = {"what_0": "Buy the oven", "who_0": "Alice", "due_0": "2026-04-10"}
    assert desk.post(url("save_action_points", pk), right).status_code == 302
    _more_steps_than_the_page_first_has(desk, written, adviser)
    assert desk.post(url("save_action_points", pk), right).status_code == 302
    harm: dict[str, str] = {item.harm.lower(): "NO" for item in NO_HARM}
    harm |= {"screened_date": "2026-03-02", "safety": "YES"}
    answer = desk.post(url("screen_plan", pk), harm)
    assert answer.status_code == 422
    assert "Say what will be done about it." in answer.content.decode()
    harm["safety_measure"] = "Gloves."
    assert desk.post(url("screen_plan", pk), harm).status_code == 302
    page = desk.get(url("plan_detail", pk)).content.decode()
    assert "Not known yet: Which taxes and fees are due" in page
    assert "Gloves." in page
    assert desk.post(url("submit_plan", pk), {"on": "2026-03-02"}).status_code == 302
    point = ActionPoint.objects.get()
    done = url("finish_action_point", point.pk)
    assert done in desk.get(url("plan_detail", pk)).content.decode()
    assert desk.post(done, {"done_date": "2026-04-09"}).status_code == 302


def _more_steps_than_the_page_first_has(desk: Client, plan: Plan, adviser: StaffUser) -> None:
    """A device told eight steps and five what-ifs: saved again as they are, none is lost."""
    points = [ActionIn(f"Step {number}", "Alice", DAY) for number in range(8)]
    save_action_points(acting_staff=adviser, plan=plan, points=points)
    chances = [OwnWhatIf(f"Case {number}") for number in range(5)]
    save_scenarios(acting_staff=adviser, plan=plan, scenarios=chances)
    for name, rows in (
        ("save_action_points", plan.action_points),
        ("save_scenarios", plan.scenarios),
    ):
        form = desk.get(url(name, plan.pk)).context["form"]
        told = {field.html_name: field.value() for field in form if field.value() is not None}
        assert desk.post(url(name, plan.pk), told).status_code == 302
        assert rows.count() == (8 if name == "save_action_points" else 5)
    save_scenarios(acting_staff=adviser, plan=plan, scenarios=())


def test_a_plan_shorter_than_its_loan_is_offered_its_months(
    written: Plan, adviser: StaffUser
) -> None:
    written.horizon_months = 3
    written.save()
    desk = signed_in(adviser)
    page = desk.get(url("plan_detail", written.pk)).content.decode()
    assert "The loan runs longer than the plan. Lengthen the plan." in page
    assert desk.get(url("change_plan", written.pk)).context["form"].initial["horizon_months"] == 6


def test_a_device_tells_the_words_of_a_plan(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    desk, path = signed_in(adviser), f"/plans/{written.pk}"
    frame = {"title": "Bread", "idea": "No baker.", "horizon_months": 12, "depth": "FULL"}
    assert post(desk, f"{path}/frame", frame).json()["depth"] == "FULL"
    told = {
        "answers": [{"topic": "TAX", "answer": "2 %"}, {"topic": "LICENCE", "is_unknown": True}]
    }
    said = post(desk, f"{path}/parts/LAW", told).json()["answers"]
    assert {(item["topic"], item["answer"]) for item in said} == {("TAX", "2 %"), ("LICENCE", "")}
    harm = {"answers": [{"harm": "WASTE", "answer": "YES"}], "screened_date": "2026-03-02"}
    assert post(desk, f"{path}/screening", harm).json()["code"] == "MEASURE_MISSING"
    steps = {"points": [{"what": "Buy", "who": "Alice", "due_date": "2026-04-10"}]}
    (point,) = post(desk, f"{path}/action-points", steps).json()["action_points"]
    done = f"/action-points/{point['id']}/done"
    stranger: Client = signed_in(outsider)
    assert post(stranger, done, {"done_date": "2026-04-09"}).status_code == 404
    assert post(desk, done, {"done_date": "2026-04-09"}).json()["done_date"] == "2026-04-09"
    assert stranger.get(f"/api/v1/plans{path}/words").status_code == 404
    assert len(desk.get(f"/api/v1/plans{path}/words").json()["screening"]) == 5


def test_the_words_of_an_erased_person_go_and_her_own_file_holds_them(
    plan: Plan, adviser: StaffUser
) -> None:
    fill(plan, adviser)
    screen_plan(acting_staff=adviser, plan=plan, answers=SMOKE, screened_date=DAY)
    assert plan.person_id is not None
    told = str(held(plan.person_id))
    assert "of CUSTOMERS" in told
    assert "Does it make waste, smoke" in told
    assert "Buy the oven" in told
    blank(plan.person_id)
    for model in (PlanAnswer, Screening, Scenario, ActionPoint):
        assert not model._base_manager.exists()


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((), "not answered yet"),
        (tuple(Screened(harm, Answer.UNKNOWN) for harm in Harm), "Find out"),
    ],
)
def test_what_is_open_about_harm_is_told_before_and_when_a_plan_is_handed_in(
    written: Plan, adviser: StaffUser, answers: Any, told: str
) -> None:
    Screening.objects.filter(plan=written).delete()
    if answers:
        screen_plan(acting_staff=adviser, plan=written, answers=answers, screened_date=DAY)
    desk = signed_in(adviser)
    assert told in desk.get(url("plan_detail", written.pk)).content.decode()
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    assert told in desk.get(url("plan_detail", written.pk)).content.decode()


def test_a_plan_without_open_harm_says_nothing_of_it(written: Plan, adviser: StaffUser) -> None:
    page = signed_in(adviser).get(url("plan_detail", written.pk)).content.decode()
    assert "not answered yet" not in page
    assert "Find out" not in page
