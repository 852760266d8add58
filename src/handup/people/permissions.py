"""Which role may do what in `people` (protection.md 4.1)."""

from handup.org.permissions import roles
from handup.org.rules.access import Role
from handup.people.rules.referrals import PRIORITY_SETTERS

DESK = roles(Role.CLERK, Role.FIELD_OFFICER, Role.TARGETING_OFFICER, Role.INTEGRATION)
REACHING_OUT = DESK | {Role.OUTREACH, Role.MANAGER}
PERSON_READERS = DESK | {
    Role.OUTREACH,
    Role.ADJUDICATOR,
    Role.FOCAL_POINT,
    Role.COMPLAINTS_OFFICER,
    Role.TRAINING_OFFICER,
    Role.TRAINER,
    Role.ADVISOR,
    Role.APPRAISER,
    Role.COMMITTEE,
    Role.LOAN_OFFICER,
    Role.GROUP_SUPERVISOR,
    Role.ME_OFFICER,
    Role.MANAGER,
    Role.DIRECTOR,
    Role.SUCCESSOR,
}
REVEALERS = roles(Role.CLERK, Role.FIELD_OFFICER, Role.ADVISOR, Role.LOAN_OFFICER, Role.FOCAL_POINT)

ADJUDICATORS = roles(Role.ADJUDICATOR, Role.FOCAL_POINT)
MERGE_READERS = ADJUDICATORS | {Role.MANAGER, Role.LOAN_OFFICER}
HANDLERS = roles(Role.COMPLAINTS_OFFICER, Role.FOCAL_POINT)

ASKED = DESK | {
    Role.ADVISOR,
    Role.LOAN_OFFICER,
    Role.TRAINING_OFFICER,
    Role.COMPLAINTS_OFFICER,
    Role.FOCAL_POINT,
    Role.MANAGER,
}
"""Who is asked by a person about her own data, and answers her."""
SENDERS = roles(
    Role.MANAGER, Role.ME_OFFICER, Role.FIELD_OFFICER, Role.LOAN_OFFICER, Role.FOCAL_POINT
)
"""Who may give data to a recipient, each as far as rules.sharing says."""
GLASS_BREAKERS = ASKED - {Role.INTEGRATION} | {Role.TARGETING_OFFICER, Role.DIRECTOR}
"""Who may open somebody outside her sight in an emergency."""
TARGETING = roles(Role.TARGETING_OFFICER, Role.MANAGER, Role.ME_OFFICER, Role.COMMITTEE)
"""Who sees whom a run takes, and how well it reaches the poor."""
RANKERS = DESK | {Role.MANAGER}
"""Who writes down how neighbours lay the households of their village."""
ASKING = DESK | {Role.ADVISOR, Role.FOCAL_POINT}
"""Who asks the published questionnaires; nobody else reads what was answered."""
REFERRERS = DESK - {Role.INTEGRATION} | {
    Role.ADVISOR,
    Role.LOAN_OFFICER,
    Role.TRAINING_OFFICER,
    Role.FOCAL_POINT,
    Role.MANAGER,
}

PLACERS = DESK | {
    Role.ADVISOR,
    Role.LOAN_OFFICER,
    Role.TRAINING_OFFICER,
    Role.GROUP_SUPERVISOR,
    Role.ME_OFFICER,
}
"""Who is told where somebody is found: the desk, and whoever visits her there."""

IMPACT_WRITERS = roles(Role.MANAGER, Role.FOCAL_POINT, Role.DIRECTOR)
"""Who writes what a processing may do to persons; the data protection officer advises on it."""

CASE_TEAMS = PERSON_READERS - {Role.INTEGRATION, Role.ME_OFFICER, Role.SUCCESSOR}
"""Whom a focal point may let know of a case; each knows of those alone on whose team she is."""

PERMISSIONS: dict[str, frozenset[Role]] = {
    "people.view_campaign": REACHING_OUT | {Role.ME_OFFICER, Role.DIRECTOR, Role.ACCOUNTANT},
    "people.view_enquiry": REACHING_OUT,
    "people.view_person": PERSON_READERS,
    "people.view_enterprise": PERSON_READERS,
    "people.view_participation": PERSON_READERS,
    "people.view_notice": frozenset(Role),
    "people.view_rule": frozenset(Role),
    "people.view_scorecard": frozenset(Role),
    "people.view_instrument": frozenset(Role),
    "people.view_instrument_answers": ASKING,
    "people.ask_instrument": ASKING,
    "people.publish_instrument": roles(Role.MANAGER),
    "people.choose": roles(Role.MANAGER, Role.ADMINISTRATOR),
    "people.view_assessment": PERSON_READERS,
    "people.view_compartment": CASE_TEAMS,
    "people.work_case": CASE_TEAMS,
    "people.reveal_secret": REVEALERS,
    "people.start_campaign": roles(Role.OUTREACH, Role.MANAGER, Role.TARGETING_OFFICER),
    "people.record_outreach_event": roles(Role.OUTREACH, Role.MANAGER, Role.FIELD_OFFICER),
    "people.record_enquiry": REACHING_OUT,
    "people.close_enquiry": REACHING_OUT,
    "people.register_person": DESK | {Role.GROUP_SUPERVISOR, Role.TRAINING_OFFICER},
    "people.correct_person": DESK | {Role.ADJUDICATOR},
    "people.record_document": DESK,
    "people.register_household": DESK,
    "people.record_household_fact": DESK | {Role.ADVISOR, Role.LOAN_OFFICER},
    "people.record_place": PLACERS,
    "people.change_head": DESK,
    "people.register_enterprise": DESK | {Role.ADVISOR, Role.LOAN_OFFICER},
    "people.give_consent": DESK | {Role.GROUP_SUPERVISOR, Role.TRAINING_OFFICER, Role.ADVISOR},
    "people.refuse_consent": PERSON_READERS - {Role.ME_OFFICER, Role.SUCCESSOR},
    "people.withdraw_consent": PERSON_READERS - {Role.ME_OFFICER, Role.SUCCESSOR},
    "people.record_status": DESK,
    "people.record_vulnerability": DESK,
    "people.publish_notice": roles(Role.MANAGER, Role.DPO),
    "people.publish_rule": roles(Role.MANAGER),
    "people.publish_card": roles(Role.MANAGER),
    "people.assess": DESK,
    "people.view_targeting": TARGETING,
    "people.run_targeting": roles(Role.TARGETING_OFFICER),
    "people.propose_selection": roles(Role.TARGETING_OFFICER),
    "people.decide_selection": roles(Role.COMMITTEE, Role.MANAGER),
    "people.record_sample_visit": roles(Role.TARGETING_OFFICER, Role.ME_OFFICER),
    "people.view_ranking": RANKERS | {Role.ME_OFFICER, Role.COMMITTEE},
    "people.start_ranking": roles(Role.TARGETING_OFFICER, Role.MANAGER),
    "people.record_ranking": RANKERS,
    "people.close_ranking": roles(Role.TARGETING_OFFICER, Role.MANAGER),
    "people.set_poverty_line": roles(Role.MANAGER, Role.ME_OFFICER),
    "people.apply_to_programme": DESK | {Role.GROUP_SUPERVISOR, Role.TRAINING_OFFICER},
    "people.decide_eligibility": roles(Role.TARGETING_OFFICER),
    "people.move_participation": roles(
        Role.TARGETING_OFFICER, Role.FIELD_OFFICER, Role.TRAINING_OFFICER, Role.MANAGER
    ),
    "people.assign_case_officer": roles(Role.MANAGER, Role.TARGETING_OFFICER),
    "people.view_grievance": HANDLERS | {Role.DIRECTOR},
    "people.record_grievance": PERSON_READERS - {Role.ME_OFFICER, Role.SUCCESSOR, Role.DIRECTOR},
    "people.handle_grievance": HANDLERS | {Role.DIRECTOR},
    "people.join_grievance_team": roles(Role.FOCAL_POINT),
    "people.view_match": ADJUDICATORS,
    "people.decide_match": ADJUDICATORS,
    "people.view_merge": MERGE_READERS,
    "people.merge_persons": ADJUDICATORS,
    "people.unmerge_persons": ADJUDICATORS,
    "people.look_at_merge": roles(Role.MANAGER, Role.LOAN_OFFICER),
    "people.check_register": ADJUDICATORS | {Role.MANAGER},
    "people.view_match_model": ADJUDICATORS | {Role.MANAGER},
    "people.adopt_model": ADJUDICATORS | {Role.MANAGER},
    "people.view_alias": frozenset(Role),
    "people.add_alias": roles(Role.ADJUDICATOR, Role.MANAGER),
    "people.take_alias_away": roles(Role.ADJUDICATOR, Role.MANAGER),
    "people.view_subject_request": ASKED | {Role.DPO, Role.AUDITOR, Role.DIRECTOR, Role.ACCOUNTANT},
    "people.record_subject_request": ASKED | {Role.DPO, Role.DIRECTOR},
    "people.identify_asker": ASKED,
    "people.answer_subject_request": ASKED - {Role.INTEGRATION},
    "people.read_subject_file": REVEALERS | {Role.COMPLAINTS_OFFICER},
    "people.approve_erasure": roles(Role.DPO, Role.DIRECTOR, Role.FOCAL_POINT),
    "people.view_hold": roles(Role.DPO, Role.ACCOUNTANT),
    "people.erase_person": roles(Role.DPO),
    "people.view_sharing": SENDERS | {Role.DPO, Role.AUDITOR, Role.DIRECTOR},
    "people.draft_agreement": roles(Role.MANAGER, Role.DPO, Role.DIRECTOR),
    "people.sign_agreement": roles(Role.DIRECTOR, Role.DPO),
    "people.send_disclosure": SENDERS,
    "people.view_impact": IMPACT_WRITERS | {Role.DPO, Role.AUDITOR},
    "people.draft_impact": IMPACT_WRITERS,
    "people.advise_impact": roles(Role.DPO),
    "people.decide_impact": roles(Role.DIRECTOR),
    "people.view_referral": REFERRERS | {Role.DIRECTOR},
    "people.send_referral": REFERRERS,
    "people.override_referral": roles(Role.FOCAL_POINT),
    "people.set_referral_priority": PRIORITY_SETTERS,
    "people.break_glass": GLASS_BREAKERS,
    "people.view_break_glass": roles(Role.DPO, Role.FOCAL_POINT, Role.DIRECTOR, Role.AUDITOR),
    "people.review_break_glass": roles(Role.DPO, Role.FOCAL_POINT, Role.DIRECTOR),
    "people.open_compartment": roles(Role.FOCAL_POINT),
    "people.close_compartment": roles(Role.FOCAL_POINT),
}
