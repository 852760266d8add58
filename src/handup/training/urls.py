"""Addresses of `training`."""

from django.urls import URLPattern, URLResolver, path

from handup.training.views import (
    agreements,
    apprentices,
    calendars,
    choosing,
    costs,
    courses,
    figures,
    followup,
    invitations,
    lists,
    outcomes,
    papers,
    public,
    qualifications,
    records,
    refreshers,
    roster_files,
    sheets,
    support,
    tracers,
)

app_name = "training"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", figures.Board.as_view(), name="board"),
    path("funnel/", figures.FunnelPage.as_view(), name="funnel"),
    path("c/<str:address>", public.certificate_verify, name="certificate_verify"),
    path("certificate-keys.json", public.signing_keys, name="signing_keys"),
    path("calendar/", calendars.CalendarPage.as_view(), name="calendar"),
    path("calendar/end", calendars.EndCalendar.as_view(), name="calendar_end"),
    path("calendar/<str:secret>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("curricula/", lists.CurriculumList.as_view(), name="curriculum_list"),
    path("curricula/new", courses.NewCurriculum.as_view(), name="curriculum_new"),
    path("curricula/<uuid:pk>/", records.CurriculumPage.as_view(), name="curriculum_detail"),
    path("curricula/<uuid:pk>/module", courses.NewModule.as_view(), name="module_new"),
    path(
        "curricula/<uuid:pk>/submit", courses.SubmitCurriculum.as_view(), name="curriculum_submit"
    ),
    path(
        "curricula/<uuid:pk>/approve",
        courses.ApproveCurriculum.as_view(),
        name="curriculum_approve",
    ),
    path("courses/", lists.CourseList.as_view(), name="course_list"),
    path("courses/new", courses.NewCourse.as_view(), name="course_new"),
    path("cohorts/", lists.CohortList.as_view(), name="cohort_list"),
    path("cohorts/new", courses.NewCohort.as_view(), name="cohort_new"),
    path("cohorts/<uuid:pk>/", records.CohortPage.as_view(), name="cohort_detail"),
    path("cohorts/<uuid:pk>/apply", courses.ApplyForCohort.as_view(), name="cohort_apply"),
    path("cohorts/<uuid:pk>/invite", courses.InviteNext.as_view(), name="cohort_invite"),
    path("cohorts/<uuid:pk>/tell", invitations.TellInvited.as_view(), name="cohort_tell"),
    path("cohorts/<uuid:pk>/choose/", choosing.ChoosePeople.as_view(), name="cohort_choose"),
    path("cohorts/<uuid:pk>/enrol", courses.EnrolInCohort.as_view(), name="cohort_enrol"),
    path("cohorts/<uuid:pk>/trainer", courses.NewTrainer.as_view(), name="trainer_new"),
    path("cohorts/<uuid:pk>/session", courses.NewSession.as_view(), name="session_new"),
    path("cohorts/<uuid:pk>/test", courses.NewTest.as_view(), name="test_new"),
    path("cohorts/<uuid:pk>/close", courses.CloseCohort.as_view(), name="cohort_close"),
    path("cohorts/<uuid:pk>/correct", courses.CorrectCohort.as_view(), name="cohort_correct"),
    path(
        "cohorts/<uuid:pk>/certificates",
        outcomes.IssueCertificates.as_view(),
        name="certificates_issue",
    ),
    path("sessions/<uuid:pk>/", sheets.Roster.as_view(), name="roster"),
    path("sessions/<uuid:pk>/roster.pdf", roster_files.RosterPaper.as_view(), name="roster_paper"),
    path("sessions/<uuid:pk>/roster-file", roster_files.RosterTable.as_view(), name="roster_table"),
    path("sessions/<uuid:pk>/load", roster_files.LoadRoster.as_view(), name="roster_load"),
    path("sessions/<uuid:pk>/hold", courses.HoldSession.as_view(), name="session_hold"),
    path("sessions/<uuid:pk>/cancel", courses.CancelSession.as_view(), name="session_cancel"),
    path("tests/<uuid:pk>/", sheets.TestSheet.as_view(), name="test_sheet"),
    path("enrolments/", lists.EnrolmentList.as_view(), name="enrolment_list"),
    path("enrolments/<uuid:pk>/", records.EnrolmentPage.as_view(), name="enrolment_detail"),
    path("enrolments/<uuid:pk>/end", outcomes.EndEnrolment.as_view(), name="enrolment_end"),
    path(
        "enrolments/<uuid:pk>/certificate",
        outcomes.NewCertificate.as_view(),
        name="certificate_new",
    ),
    path(
        "enrolments/<uuid:pk>/apprenticeship", outcomes.NewAgreement.as_view(), name="agreement_new"
    ),
    path("enrolments/<uuid:pk>/placement", outcomes.NewPlacement.as_view(), name="placement_new"),
    path("certificates/", lists.CertificateList.as_view(), name="certificate_list"),
    path("certificates/<uuid:pk>/", papers.CertificatePage.as_view(), name="certificate_detail"),
    path("certificates/<uuid:pk>/pdf", figures.CertificatePaper.as_view(), name="certificate_pdf"),
    path(
        "certificates/<uuid:pk>/revoke",
        outcomes.RevokeCertificate.as_view(),
        name="certificate_revoke",
    ),
    path(
        "certificates/<uuid:pk>/replace",
        outcomes.ReplaceCertificate.as_view(),
        name="certificate_replace",
    ),
    path("workshops/", lists.WorkshopList.as_view(), name="workshop_list"),
    path("workshops/new", outcomes.NewWorkshop.as_view(), name="workshop_new"),
    path("apprenticeships/", lists.AgreementList.as_view(), name="agreement_list"),
    path("apprenticeships/<uuid:pk>/", agreements.AgreementPage.as_view(), name="agreement_detail"),
    path(
        "apprenticeships/<uuid:pk>/start", outcomes.StartAgreement.as_view(), name="agreement_start"
    ),
    path(
        "apprenticeships/<uuid:pk>/graduate",
        outcomes.GraduateAgreement.as_view(),
        name="agreement_graduate",
    ),
    path("apprenticeships/<uuid:pk>/end", outcomes.EndAgreement.as_view(), name="agreement_end"),
    path(
        "apprenticeships/<uuid:pk>/visit",
        apprentices.RecordVisit.as_view(),
        name="apprentice_visit",
    ),
    path(
        "apprenticeships/<uuid:pk>/skills",
        apprentices.RecordSkills.as_view(),
        name="apprentice_skills",
    ),
    path("apprenticeships/<uuid:pk>/log", apprentices.WriteLog.as_view(), name="apprentice_log"),
    path("apprentice-visits/", apprentices.VisitsDue.as_view(), name="visits_due"),
    path("qualifications/", qualifications.QualificationList.as_view(), name="qualification_list"),
    path(
        "qualification-figures/",
        qualifications.QualificationFigures.as_view(),
        name="qualification_figures",
    ),
    path("qualifications/new", qualifications.NewQualification.as_view(), name="qualification_new"),
    path(
        "qualifications/<uuid:pk>/",
        qualifications.QualificationPage.as_view(),
        name="qualification_detail",
    ),
    path(
        "qualifications/<uuid:pk>/evidence",
        qualifications.RecordProof.as_view(),
        name="qualification_proof",
    ),
    path(
        "qualifications/<uuid:pk>/observation",
        qualifications.RecordObservation.as_view(),
        name="qualification_observe",
    ),
    path(
        "qualifications/<uuid:pk>/step",
        qualifications.GrantLevel.as_view(),
        name="qualification_grant",
    ),
    path("trade-skills/", apprentices.TradeSkillList.as_view(), name="trade_skill_list"),
    path("trade-skills/new", apprentices.NewTradeSkill.as_view(), name="trade_skill_new"),
    path("graduate-offers/", apprentices.GraduateOfferList.as_view(), name="offer_list"),
    path(
        "graduate-offers/<uuid:pk>/answer", apprentices.AnswerOffer.as_view(), name="offer_answer"
    ),
    path("cohorts/<uuid:pk>/ask", followup.OpenFollowUps.as_view(), name="follow_ups_open"),
    path("follow-ups/", followup.FollowUpList.as_view(), name="follow_up_list"),
    path("follow-ups/<uuid:pk>/", followup.FollowUpPage.as_view(), name="follow_up_detail"),
    path(
        "follow-ups/<uuid:pk>/contact", followup.RecordContact.as_view(), name="follow_up_contact"
    ),
    path(
        "follow-ups/<uuid:pk>/hand-over",
        followup.HandOverFollowUp.as_view(),
        name="follow_up_hand_over",
    ),
    path("follow-ups/<uuid:pk>/end", followup.EndFollowUp.as_view(), name="follow_up_end"),
    path("follow-ups/<uuid:pk>/case", followup.OpenCase.as_view(), name="follow_up_case"),
    path("dropout-cases/", followup.CaseList.as_view(), name="case_list"),
    path("dropout-cases/<uuid:pk>/close", followup.CloseCase.as_view(), name="case_close"),
    path("sessions/<uuid:pk>/support", support.SessionSupport.as_view(), name="session_support"),
    path("sessions/<uuid:pk>/support/new", support.DrawUpSupport.as_view(), name="support_draw_up"),
    path(
        "sessions/<uuid:pk>/support/approve",
        support.ApproveSupport.as_view(),
        name="support_approve",
    ),
    path(
        "sessions/<uuid:pk>/support/refuse", support.RefuseSupport.as_view(), name="support_refuse"
    ),
    path("sessions/<uuid:pk>/support/pay", support.PaySupport.as_view(), name="support_pay"),
    path("support/", support.SupportList.as_view(), name="support_list"),
    path("support/<uuid:pk>/", support.SupportPage.as_view(), name="support_detail"),
    path("support/<uuid:pk>/back", support.TakeBackSupport.as_view(), name="support_take_back"),
    path("support-rules/", support.SupportRuleList.as_view(), name="support_rule_list"),
    path("support-rules/new", support.NewSupportRule.as_view(), name="support_rule_new"),
    path("support-rules/<uuid:pk>/", support.SupportRulePage.as_view(), name="support_rule_detail"),
    path("support-rules/<uuid:pk>/end", support.EndSupportRule.as_view(), name="support_rule_end"),
    path(
        "certificates/<uuid:pk>/badge", figures.CertificateBadge.as_view(), name="certificate_badge"
    ),
    path("tracers/", tracers.TracerRoundList.as_view(), name="tracer_round_list"),
    path("tracers/new", tracers.NewTracerRound.as_view(), name="tracer_round_new"),
    path("tracers/<uuid:pk>/", tracers.TracerRoundPage.as_view(), name="tracer_round_detail"),
    path("tracers/<uuid:pk>/again", tracers.DrawBackChecks.as_view(), name="tracer_back_checks"),
    path("tracer-answers/<uuid:pk>", tracers.RecordTracer.as_view(), name="tracer_answer"),
    path("refreshers/", refreshers.RefresherPage.as_view(), name="refreshers"),
    path("cohorts/<uuid:pk>/decide", courses.DecideApplications.as_view(), name="cohort_decide"),
    path("costs/", costs.CostPage.as_view(), name="costs"),
    path("costs/new", costs.NewCost.as_view(), name="cost_new"),
    path("placements/", lists.PlacementList.as_view(), name="placement_list"),
    path("placements/verify", figures.PlacementQueue.as_view(), name="placement_queue"),
    path(
        "placements/<uuid:pk>/verify", outcomes.VerifyPlacement.as_view(), name="placement_verify"
    ),
]
