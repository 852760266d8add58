"""A plan written as a whole, as a phone hands it over: all its parts in one saving."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.depth import deepen
from handup.plans.models import (
    ActionPoint,
    CostLine,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Investment,
    Plan,
    PlanAnswer,
    ProductLine,
    Scenario,
    Screening,
)
from handup.plans.refusals import NameMissing, StepIncomplete
from handup.plans.rules.household import MonthConvention
from handup.plans.rules.inputs import BadPlan, OwnWhatIf, check_scenario
from handup.plans.rules.parts import Screened, Topic
from handup.plans.services.beside import to_change
from handup.plans.services.parts import (
    MONEY,
    CostingIn,
    FinanceIn,
    HouseholdLineIn,
    check_amounts,
    cost_rows,
    fill_ask,
    fill_money,
    investment_rows,
    line_rows,
    product_rows,
)
from handup.plans.services.words import ActionIn, as_stored, check_measures

NEEDED = (
    "plans.change_plan",
    "plans.save_household_sheet",
    "plans.save_costing",
    "plans.ask_finance",
    "plans.screen_plan",
    "plans.answer_part",
    "plans.save_scenarios",
    "plans.save_action_points",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeIn:
    """Everything a plan says. Without lines there is no household sheet, without `finance` no loan
    is asked for. `answers`: a topic with its text, empty where nobody knows it yet. `steps` stand
    in place of those not yet done.
    """

    title: str
    idea: str
    horizon_months: int
    told_date: date
    lines: Sequence[HouseholdLineIn]
    costing: CostingIn
    finance: FinanceIn | None
    screening: Sequence[Screened]
    convention: MonthConvention = MonthConvention.DAYS_28
    miscellaneous_bps: int = 1_000
    note: str = ""
    answers: Mapping[Topic, str]
    steps: Sequence[ActionIn]
    scenarios: Sequence[OwnWhatIf]


def write_plan(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    whole: WholeIn,
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Write all parts of a plan in place of those before; `based_on` and `key` as in
    `beside.to_change`. Returns the plan it stands in: the draft beside where somebody else saved
    meanwhile.

    Raises NotInThisState once the plan is handed in, BadPlan, NegativeAmount, DrawingsTwice,
    SharesOfLoan, MeasureMissing, NameMissing, StepIncomplete and what the currency of the loan
    asks for.
    """
    for code in NEEDED:
        require(acting_staff, code, plan)
    _check(whole)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key)
        if not is_new:
            return plan
        plan.title, plan.idea = whole.title.strip(), whole.idea.strip()
        plan.horizon_months = whole.horizon_months
        fill_money(plan, whole.costing)
        plan.save(
            update_fields=[
                *("title", "idea", "horizon_months", "season_bps", "drawings_from"),
                *MONEY,
            ]
        )
        _write_sheet(plan, whole)
        _write_costing(plan, whole.costing)
        _write_loan(plan, whole.finance)
        _write_words(plan, whole)
        deepen(plan, timezone.localdate())
        audit.record(acting_staff, "plans.write_plan", plan, {"lines": len(whole.lines)})
    return plan


def _check(whole: WholeIn) -> None:
    if not 1 <= whole.horizon_months <= 60:
        raise BadPlan(field="horizon_months", reason="a plan has 1 to 60 months")
    check_amounts(whole.lines, whole.costing, whole.finance)
    check_measures(whole.screening)
    for item in whole.scenarios:
        if not item.name.strip():
            raise NameMissing(field="name")
        check_scenario(item, whole.horizon_months)
    if any(not step.what.strip() or not step.who.strip() for step in whole.steps):
        raise StepIncomplete(field="what")


def _write_sheet(plan: Plan, whole: WholeIn) -> None:
    if not whole.lines:
        HouseholdSheet.objects.filter(plan=plan).delete()
        return
    sheet, _new = HouseholdSheet.objects.update_or_create(
        plan=plan,
        defaults={
            "convention": whole.convention.value,
            "miscellaneous_bps": whole.miscellaneous_bps,
            "told_date": whole.told_date,
            "note": whole.note.strip(),
        },
    )
    sheet.lines.all().delete()
    HouseholdLine.objects.bulk_create(line_rows(sheet, whole.lines))


def _write_costing(plan: Plan, costing: CostingIn) -> None:
    for rows in (plan.investments, plan.products, plan.costs):
        rows.all().delete()
    Investment.objects.bulk_create(investment_rows(plan, costing))
    ProductLine.objects.bulk_create(product_rows(plan, costing))
    CostLine.objects.bulk_create(cost_rows(plan, costing))


def _write_loan(plan: Plan, finance: FinanceIn | None) -> None:
    row: FinanceAsk | None = FinanceAsk.objects.filter(plan=plan).first()
    if finance is None:
        FinanceAsk.objects.filter(plan=plan).delete()
        return
    ask = row or FinanceAsk(id=new_id(), plan=plan)
    fill_ask(ask, plan, finance)
    ask.save()


def _write_words(plan: Plan, whole: WholeIn) -> None:
    """The screening, what is said in words, what may happen, and the steps."""
    if whole.screening:
        Screening.objects.update_or_create(
            plan=plan,
            defaults={
                "answers": as_stored(whole.screening),
                "screened_date": whole.told_date,
            },
        )
    else:
        Screening.objects.filter(plan=plan).delete()
    plan.answers.all().delete()
    PlanAnswer.objects.bulk_create(
        PlanAnswer(plan=plan, topic=topic.value, answer=text.strip(), is_unknown=not text.strip())
        for topic, text in whole.answers.items()
    )
    plan.scenarios.all().delete()
    Scenario.objects.bulk_create(
        Scenario(plan=plan, position=place, **asdict(item))
        for place, item in enumerate(whole.scenarios)
    )
    plan.action_points.filter(done_date=None).delete()
    first = plan.action_points.count()
    ActionPoint.objects.bulk_create(
        ActionPoint(
            plan=plan,
            position=place,
            what=step.what.strip(),
            who=step.who.strip(),
            due_date=step.due_date,
        )
        for place, step in enumerate(whole.steps, first)
    )
