"""Which role may do what in `training`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

OFFICE = roles(Role.TRAINING_OFFICER, Role.MANAGER, Role.INTEGRATION)
IN_THE_ROOM = OFFICE | roles(Role.TRAINER, Role.CLERK, Role.FIELD_OFFICER)
READERS = IN_THE_ROOM | roles(
    Role.ADVISOR,
    Role.APPRAISER,
    Role.LOAN_OFFICER,
    Role.COMMITTEE,
    Role.TARGETING_OFFICER,
    Role.DIRECTOR,
    Role.ME_OFFICER,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.DPO,
    Role.AUDITOR,
    Role.SUCCESSOR,
)

# Who keeps the books, the law or the registers needs no name of a participant (protection.md 4.1);
# an apprentice is named to those who pay her.
OF_APPRENTICES = READERS - {Role.DPO, Role.AUDITOR}
OF_PERSONS = OF_APPRENTICES - {Role.ACCOUNTANT, Role.FINANCE_MANAGER}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "training.view_curriculum": READERS | roles(Role.ME_READER, Role.FUNDER, Role.OUTREACH),
    "training.view_cohort": READERS | roles(Role.ME_READER),
    "training.view_enrolment": OF_PERSONS,
    "training.view_spoken_answer": IN_THE_ROOM,
    "training.view_targeting": OFFICE | roles(Role.TARGETING_OFFICER, Role.ME_OFFICER),
    "training.view_certificate": OF_PERSONS,
    "training.view_apprenticeship": OF_APPRENTICES,
    "training.view_apprentice_visit": IN_THE_ROOM | roles(Role.ADVISOR, Role.ME_OFFICER),
    "training.view_qualification": OFFICE
    | roles(
        Role.TRAINER, Role.ADVISOR, Role.APPRAISER, Role.DIRECTOR, Role.ME_OFFICER, Role.AUDITOR
    ),
    "training.view_placement": OF_PERSONS,
    "training.view_signing_key": roles(Role.ADMINISTRATOR, Role.DPO),
    "training.view_follow_up": IN_THE_ROOM | roles(Role.FOCAL_POINT),
    "training.view_dropout_case": OFFICE | roles(Role.FIELD_OFFICER, Role.FOCAL_POINT),
    "training.view_safety_case": roles(Role.FOCAL_POINT),
    "training.view_tracer": OFFICE | roles(Role.FIELD_OFFICER, Role.ADVISOR, Role.ME_OFFICER),
    "training.view_support_rule": IN_THE_ROOM
    | roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.AUDITOR),
    "training.view_support": IN_THE_ROOM
    | roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR),
    "training.view_cost": OFFICE
    | roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.ME_OFFICER, Role.AUDITOR),
    "training.subscribe_calendar": IN_THE_ROOM
    | roles(Role.ADVISOR, Role.DIRECTOR, Role.ME_OFFICER),
    "training.view_needs_assessment": READERS - {Role.SUCCESSOR},
    "training.record_needs_assessment": IN_THE_ROOM | roles(Role.ADVISOR, Role.ME_OFFICER),
    "training.draft_curriculum": OFFICE,
    "training.submit_curriculum": OFFICE,
    "training.approve_curriculum": OFFICE | roles(Role.DIRECTOR),
    "training.retire_curriculum": OFFICE | roles(Role.DIRECTOR),
    "training.offer_course": OFFICE,
    "training.link_course": OFFICE,
    "training.take_platform_results": IN_THE_ROOM,
    "training.open_cohort": OFFICE,
    "training.name_trainer": OFFICE,
    "training.schedule_session": OFFICE | roles(Role.TRAINER),
    "training.hold_session": IN_THE_ROOM,
    "training.cancel_session": OFFICE | roles(Role.TRAINER),
    "training.record_application": IN_THE_ROOM | roles(Role.OUTREACH),
    "training.decide_application": OFFICE | roles(Role.TARGETING_OFFICER),
    "training.invite_to_cohort": OFFICE,
    "training.tell_invited": IN_THE_ROOM,
    "training.enrol_in_cohort": IN_THE_ROOM,
    "training.end_enrolment": IN_THE_ROOM,
    "training.record_attendance": IN_THE_ROOM,
    "training.correct_attendance": OFFICE | roles(Role.TRAINER),
    "training.set_test": OFFICE | roles(Role.TRAINER),
    "training.record_test": IN_THE_ROOM,
    "training.close_cohort": OFFICE,
    "training.correct_cohort": roles(Role.MANAGER, Role.DIRECTOR),
    "training.issue_certificate": OFFICE,
    "training.revoke_certificate": OFFICE | roles(Role.DIRECTOR),
    "training.register_workshop": OFFICE | roles(Role.FIELD_OFFICER),
    "training.sign_apprenticeship": OFFICE | roles(Role.FIELD_OFFICER),
    "training.start_apprenticeship": OFFICE | roles(Role.FIELD_OFFICER),
    "training.graduate_apprentice": OFFICE,
    "training.set_trade_skill": OFFICE,
    "training.register_qualification": OFFICE,
    "training.record_proof": OFFICE | roles(Role.TRAINER, Role.ADVISOR, Role.APPRAISER),
    "training.record_observation": OFFICE | roles(Role.TRAINER, Role.ADVISOR, Role.APPRAISER),
    "training.grant_level": OFFICE | roles(Role.DIRECTOR),
    "training.record_skill": IN_THE_ROOM,
    "training.log_day": IN_THE_ROOM,
    "training.record_apprentice_visit": IN_THE_ROOM | roles(Role.ADVISOR),
    "training.answer_offer": IN_THE_ROOM | roles(Role.ADVISOR),
    "training.end_apprenticeship": OFFICE | roles(Role.FIELD_OFFICER),
    "training.record_placement": OFFICE | roles(Role.FIELD_OFFICER, Role.ADVISOR),
    "training.verify_placement": OFFICE | roles(Role.FIELD_OFFICER, Role.ME_OFFICER),
    "training.open_follow_ups": OFFICE | roles(Role.TRAINER),
    "training.follow_up": IN_THE_ROOM | roles(Role.FOCAL_POINT),
    "training.open_tracer_round": OFFICE | roles(Role.ME_OFFICER),
    "training.record_tracer": OFFICE | roles(Role.FIELD_OFFICER, Role.ADVISOR, Role.ME_OFFICER),
    "training.set_support_rule": OFFICE | roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "training.draw_up_support": IN_THE_ROOM,
    "training.approve_support": OFFICE | roles(Role.DIRECTOR),
    "training.pay_support": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "training.take_back_support": roles(Role.FINANCE_MANAGER, Role.MANAGER),
    "training.view_provider_claim": OFFICE
    | roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.ME_OFFICER, Role.AUDITOR),
    "training.set_provider_terms": OFFICE | roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "training.draw_up_claim": OFFICE | roles(Role.ME_OFFICER),
    "training.approve_claim": OFFICE | roles(Role.DIRECTOR),
    "training.pay_claim": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "training.take_back_claim": roles(Role.FINANCE_MANAGER, Role.MANAGER),
    "training.record_cost": OFFICE | roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
}
