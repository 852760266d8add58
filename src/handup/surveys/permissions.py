"""Which role may do what in `surveys`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

OFFICE = roles(Role.ME_OFFICER, Role.MANAGER, Role.INTEGRATION)
ASK = OFFICE | roles(
    Role.FIELD_OFFICER, Role.ADVISOR, Role.TRAINING_OFFICER, Role.CLERK, Role.OUTREACH
)
READERS = ASK | roles(Role.ME_READER, Role.DIRECTOR, Role.DPO, Role.AUDITOR, Role.SUCCESSOR)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "surveys.view_questionnaire": READERS | roles(Role.FUNDER, Role.LOAN_OFFICER),
    "surveys.view_round": READERS,
    "surveys.view_case": ASK,
    "surveys.view_submission": OFFICE,
    "surveys.view_sensitive": roles(Role.ME_OFFICER),
    "surveys.draft_questionnaire": OFFICE,
    "surveys.publish_version": OFFICE | roles(Role.DIRECTOR),
    "surveys.plan_round": OFFICE,
    "surveys.draw_sample": OFFICE,
    "surveys.open_round": OFFICE,
    "surveys.close_round": OFFICE,
    "surveys.lock_round": OFFICE,
    "surveys.reopen_round": OFFICE,
    "surveys.assign_case": OFFICE,
    "surveys.replace_case": OFFICE,
    "surveys.record_contact": ASK,
    "surveys.record_outcome": ASK,
    "surveys.record_submission": ASK,
    "surveys.enter_paper": ASK,
    "surveys.accept_submission": OFFICE,
    "surveys.set_aside_submission": OFFICE,
    "surveys.correct_submission": OFFICE,
    "surveys.withdraw_answers": OFFICE,
    "surveys.place_answers": OFFICE,
    "surveys.export_answers": OFFICE,
    "surveys.set_limits": OFFICE,
    "surveys.set_numbers": OFFICE,
    "surveys.look_over_round": OFFICE,
    "surveys.settle_flag": OFFICE,
    "surveys.view_back_check": ASK,
    "surveys.draw_back_checks": OFFICE,
    "surveys.assign_back_check": OFFICE,
    "surveys.record_back_check": ASK,
}
