"""Every write of training; doors call these and nothing else."""

from handup.training.services import attendance
from handup.training.services.applications import (
    ApplicationIn,
    decide_application,
    invite_to_cohort,
    record_application,
    record_applications,
)
from handup.training.services.apprentices import (
    answer_offer,
    log_day,
    record_apprentice_visit,
    record_skills,
    set_trade_skill,
)
from handup.training.services.apprenticeships import (
    AgreementIn,
    end_apprenticeship,
    graduate_apprentices,
    register_workshop,
    sign_apprenticeship,
    sign_apprenticeships,
    start_apprenticeships,
)
from handup.training.services.attendance import (
    AttendanceIn,
    correct_attendance,
    record_attendance,
    record_attendances,
)
from handup.training.services.calendars import end_calendar_feed, open_calendar_feed
from handup.training.services.certificates import (
    CertificateIn,
    issue_certificate,
    issue_certificates,
    replace_certificate,
    revoke_certificate,
    strike_sealed,
)
from handup.training.services.closing import close_cohort, correct_cohort
from handup.training.services.cohorts import (
    cancel_session,
    hold_session,
    name_trainer,
    open_cohort,
    schedule_session,
)
from handup.training.services.curricula import (
    PlanIn,
    add_module,
    approve_curriculum,
    draft_curriculum,
    offer_course,
    retire_curriculum,
    submit_curriculum,
)
from handup.training.services.enrolments import (
    EnrolmentIn,
    agree_to_name,
    end_enrolment,
    enrol_in_cohort,
    enrol_persons,
)
from handup.training.services.followup import (
    close_dropout_case,
    end_follow_up,
    hand_over_follow_up,
    open_dropout_case,
    open_follow_ups,
    record_contact,
)
from handup.training.services.invitations import lapse_invitations, tell_invited
from handup.training.services.judging import GraduationIn
from handup.training.services.needs import TopicIn, record_needs_assessment
from handup.training.services.placements import (
    PlacementIn,
    record_cost,
    record_placement,
    record_placements,
    verify_placement,
    verify_placements,
)
from handup.training.services.platforms import (
    end_course_link,
    link_course,
    take_platform_results,
)
from handup.training.services.provider_pay import (
    approve_claim,
    draw_up_claim,
    pay_claim,
    refuse_claim,
    set_provider_terms,
    take_back_claim,
)
from handup.training.services.qualifications import (
    grant_level,
    record_observation,
    record_proof,
    register_qualification,
)
from handup.training.services.support import (
    SupportIn,
    approve_support,
    draw_up_support,
    end_support_rule,
    refuse_support,
    set_support_rule,
)
from handup.training.services.support_money import pay_support, take_back_support
from handup.training.services.tests_sat import (
    ResultIn,
    record_test,
    record_tests,
    set_practical_tasks,
    set_test,
)
from handup.training.services.tracers import (
    draw_back_checks,
    open_tracer_round,
    record_tracer,
)

__all__ = [
    "AgreementIn",
    "ApplicationIn",
    "AttendanceIn",
    "CertificateIn",
    "EnrolmentIn",
    "GraduationIn",
    "PlacementIn",
    "PlanIn",
    "ResultIn",
    "SupportIn",
    "TopicIn",
    "add_module",
    "agree_to_name",
    "answer_offer",
    "approve_claim",
    "approve_curriculum",
    "approve_support",
    "attendance",
    "cancel_session",
    "close_cohort",
    "close_dropout_case",
    "correct_attendance",
    "correct_cohort",
    "decide_application",
    "draft_curriculum",
    "draw_back_checks",
    "draw_up_claim",
    "draw_up_support",
    "end_apprenticeship",
    "end_calendar_feed",
    "end_course_link",
    "end_enrolment",
    "end_follow_up",
    "end_support_rule",
    "enrol_in_cohort",
    "enrol_persons",
    "graduate_apprentices",
    "grant_level",
    "hand_over_follow_up",
    "hold_session",
    "invite_to_cohort",
    "issue_certificate",
    "issue_certificates",
    "lapse_invitations",
    "link_course",
    "log_day",
    "name_trainer",
    "offer_course",
    "open_calendar_feed",
    "open_cohort",
    "open_dropout_case",
    "open_follow_ups",
    "open_tracer_round",
    "pay_claim",
    "pay_support",
    "record_application",
    "record_applications",
    "record_apprentice_visit",
    "record_attendance",
    "record_attendances",
    "record_contact",
    "record_cost",
    "record_needs_assessment",
    "record_observation",
    "record_placement",
    "record_placements",
    "record_proof",
    "record_skills",
    "record_test",
    "record_tests",
    "record_tracer",
    "refuse_claim",
    "refuse_support",
    "register_qualification",
    "register_workshop",
    "replace_certificate",
    "retire_curriculum",
    "revoke_certificate",
    "schedule_session",
    "set_practical_tasks",
    "set_provider_terms",
    "set_support_rule",
    "set_test",
    "set_trade_skill",
    "sign_apprenticeship",
    "sign_apprenticeships",
    "start_apprenticeships",
    "strike_sealed",
    "submit_curriculum",
    "take_back_claim",
    "take_back_support",
    "take_platform_results",
    "tell_invited",
    "verify_placement",
    "verify_placements",
]
