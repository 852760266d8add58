"""Which role may do what in `plans`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

ADVISERS = roles(Role.ADVISOR, Role.FIELD_OFFICER, Role.INTEGRATION)
REVIEWERS = roles(Role.ADVISOR, Role.MANAGER)
VISITORS = ADVISERS | {Role.LOAN_OFFICER, Role.TRAINING_OFFICER, Role.ME_OFFICER}
READERS = VISITORS | {
    Role.APPRAISER,
    Role.COMMITTEE,
    Role.MANAGER,
    Role.DIRECTOR,
    Role.SUCCESSOR,
}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "plans.view_plan": READERS,
    "plans.view_visit": READERS,
    "plans.view_segment": frozenset(Role),
    "plans.view_benchmark": READERS - {Role.SUCCESSOR},
    "plans.work_out_benchmarks": roles(Role.ADVISOR, Role.MANAGER, Role.ME_OFFICER),
    "plans.let_claim_stand": REVIEWERS,
    "plans.settle_difference": REVIEWERS,
    "plans.start_plan": ADVISERS,
    "plans.save_household_sheet": ADVISERS,
    "plans.save_costing": ADVISERS,
    "plans.ask_finance": ADVISERS,
    "plans.change_plan": ADVISERS,
    "plans.answer_part": ADVISERS,
    "plans.screen_plan": ADVISERS,
    "plans.save_scenarios": ADVISERS,
    "plans.save_action_points": ADVISERS,
    "plans.finish_action_point": VISITORS,
    "plans.submit_plan": ADVISERS,
    "plans.return_plan": REVIEWERS,
    "plans.record_reference": VISITORS | {Role.APPRAISER},
    "plans.advise_plan": roles(Role.ADVISOR),
    "plans.approve_plan": REVIEWERS,
    "plans.take_over_plans": roles(Role.MANAGER, Role.CLERK, Role.INTEGRATION),
    "plans.schedule_visits": VISITORS | {Role.MANAGER},
    "plans.record_visit": VISITORS,
    "plans.draw_visits_again": roles(Role.MANAGER, Role.ME_OFFICER),
    "plans.miss_visit": VISITORS | {Role.MANAGER},
    "plans.record_actual_month": VISITORS,
    "plans.set_segments": roles(Role.MANAGER, Role.ME_OFFICER),
}
