"""Every write of plans."""

from handup.plans.services.batch import PaperPlan, take_over_plans, work_out_ahead
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
from handup.plans.services.visits import (
    MonthIn,
    correct_actual_month,
    miss_visit,
    record_actual_month,
    record_visit,
    schedule_visits,
    set_segments,
)

__all__ = [
    "CostLineIn",
    "CostingIn",
    "FinanceIn",
    "FinancedIn",
    "HouseholdLineIn",
    "InvestmentIn",
    "MonthIn",
    "PaperPlan",
    "ProductLineIn",
    "advise_plan",
    "approve_plan",
    "ask_finance",
    "confirm_prices",
    "correct_actual_month",
    "mark_financed",
    "mark_plans_financed",
    "miss_visit",
    "record_actual_month",
    "record_visit",
    "return_plan",
    "save_costing",
    "save_household_sheet",
    "schedule_visits",
    "set_segments",
    "start_plan",
    "submit_plan",
    "take_back_financed",
    "take_over_plans",
    "work_out_ahead",
]
