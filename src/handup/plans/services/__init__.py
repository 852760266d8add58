"""Every write of plans."""

from handup.plans.services.batch import PaperPlan, take_over_plans, work_out_ahead
from handup.plans.services.benchmarks import let_claim_stand, work_out_benchmarks
from handup.plans.services.beside import choose_draft
from handup.plans.services.differences import hold_against_phone, settle_difference
from handup.plans.services.financing import (
    FinancedIn,
    mark_financed,
    mark_plans_financed,
    take_back_financed,
)
from handup.plans.services.parts import (
    CostingIn,
    CostLineIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    ProductLineIn,
    ask_finance,
    save_costing,
    save_household_sheet,
)
from handup.plans.services.plans import (
    advise_plan,
    approve_plan,
    confirm_prices,
    return_plan,
    start_plan,
    submit_plan,
)
from handup.plans.services.references import record_reference
from handup.plans.services.repeat import RepeatIn, repeat_plan
from handup.plans.services.visit_calendar import draw_visits_again, plan_visits_after_loan
from handup.plans.services.visits import (
    MonthIn,
    correct_actual_month,
    miss_visit,
    record_actual_month,
    record_visit,
    schedule_visits,
    set_segments,
)
from handup.plans.services.whole import WholeIn, write_plan
from handup.plans.services.words import (
    ActionIn,
    AnswerIn,
    answer_part,
    change_plan,
    finish_action_point,
    save_action_points,
    save_scenarios,
    screen_plan,
)

__all__ = [
    "ActionIn",
    "AnswerIn",
    "CostLineIn",
    "CostingIn",
    "FinanceIn",
    "FinancedIn",
    "HouseholdLineIn",
    "InvestmentIn",
    "MonthIn",
    "PaperPlan",
    "ProductLineIn",
    "RepeatIn",
    "WholeIn",
    "advise_plan",
    "answer_part",
    "approve_plan",
    "ask_finance",
    "change_plan",
    "choose_draft",
    "confirm_prices",
    "correct_actual_month",
    "draw_visits_again",
    "finish_action_point",
    "hold_against_phone",
    "let_claim_stand",
    "mark_financed",
    "mark_plans_financed",
    "miss_visit",
    "plan_visits_after_loan",
    "record_actual_month",
    "record_reference",
    "record_visit",
    "repeat_plan",
    "return_plan",
    "save_action_points",
    "save_costing",
    "save_household_sheet",
    "save_scenarios",
    "schedule_visits",
    "screen_plan",
    "set_segments",
    "settle_difference",
    "start_plan",
    "submit_plan",
    "take_back_financed",
    "take_over_plans",
    "work_out_ahead",
    "work_out_benchmarks",
    "write_plan",
]
