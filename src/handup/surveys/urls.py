"""Addresses of `surveys`."""

from django.urls import URLPattern, URLResolver, path

from handup.surveys.views import (
    back_checks,
    exports,
    filling,
    lists,
    quality,
    questionnaires,
    records,
    unplaced,
    writes,
)

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.RoundList.as_view(), name="round_list"),
    path("questionnaires/", lists.QuestionnaireList.as_view(), name="questionnaire_list"),
    path("questionnaires/take", writes.TakeQuestionnaire.as_view(), name="questionnaire_take"),
    path(
        "questionnaires/<uuid:pk>/",
        records.QuestionnairePage.as_view(),
        name="questionnaire_detail",
    ),
    path(
        "questionnaires/upload",
        questionnaires.UploadQuestionnaire.as_view(),
        name="questionnaire_upload",
    ),
    path("versions/<uuid:pk>/", questionnaires.VersionPage.as_view(), name="version_detail"),
    path(
        "versions/<uuid:pk>/publish",
        questionnaires.PublishVersion.as_view(),
        name="version_publish",
    ),
    path("versions/<uuid:pk>/paper", questionnaires.VersionPaper.as_view(), name="version_paper"),
    path("versions/<uuid:pk>/file.<str:kind>", questionnaires.version_file, name="version_file"),
    path("rounds/new", writes.NewRound.as_view(), name="round_new"),
    path("rounds/<uuid:pk>/", records.RoundPage.as_view(), name="round_detail"),
    path("rounds/<uuid:pk>/draw", writes.DrawSample.as_view(), name="round_draw"),
    path("rounds/<uuid:pk>/open", writes.OpenRound.as_view(), name="round_open"),
    path("rounds/<uuid:pk>/close", writes.CloseRound.as_view(), name="round_close"),
    path("rounds/<uuid:pk>/lock", writes.LockRound.as_view(), name="round_lock"),
    path("rounds/<uuid:pk>/answers", exports.ExportAnswers.as_view(), name="round_answers"),
    path("rounds/<uuid:pk>/quality", quality.RoundQuality.as_view(), name="round_quality"),
    path("rounds/<uuid:pk>/look", quality.LookOver.as_view(), name="round_look"),
    path("rounds/<uuid:pk>/limits", quality.SetLimits.as_view(), name="round_limits"),
    path(
        "rounds/<uuid:pk>/back-checks",
        back_checks.DrawBackChecks.as_view(),
        name="round_back_checks",
    ),
    path("flags/", quality.FlagList.as_view(), name="flag_list"),
    path("flags/<uuid:pk>/settle", quality.SettleFlag.as_view(), name="flag_settle"),
    path(
        "round-flags/<uuid:pk>/settle",
        quality.SettleRoundFlag.as_view(),
        name="round_flag_settle",
    ),
    path("back-checks/", back_checks.BackCheckList.as_view(), name="back_check_list"),
    path("back-checks/<uuid:pk>/", back_checks.BackCheckPage.as_view(), name="back_check_detail"),
    path(
        "back-checks/<uuid:pk>/assign",
        back_checks.AssignBackCheck.as_view(),
        name="back_check_assign",
    ),
    path("back-checks/<uuid:pk>/ask", back_checks.AskAgain.as_view(), name="back_check_ask"),
    path("cases/", lists.CaseList.as_view(), name="case_list"),
    path("cases/<uuid:pk>/", records.CasePage.as_view(), name="case_detail"),
    path("cases/<uuid:pk>/contact", writes.NewContact.as_view(), name="contact_new"),
    path("cases/<uuid:pk>/outcome", writes.EndCase.as_view(), name="case_outcome"),
    path("cases/<uuid:pk>/fill", filling.FillForm.as_view(), name="case_fill"),
    path("answers/", lists.SubmissionList.as_view(), name="submission_list"),
    path("answers/held/", lists.HeldList.as_view(), name="held_list"),
    path("answers/decide", records.SubmissionQueue.as_view(), name="submission_queue"),
    path("answers/unplaced/", unplaced.UnplacedList.as_view(), name="unplaced_list"),
    path("answers/unplaced/<uuid:pk>/", unplaced.UnplacedPage.as_view(), name="unplaced_detail"),
    path(
        "answers/unplaced/<uuid:pk>/place",
        unplaced.PlaceAnswers.as_view(),
        name="unplaced_place",
    ),
    path("answers/<uuid:pk>/", records.SubmissionPage.as_view(), name="submission_detail"),
    path("answers/<uuid:pk>/decide", writes.DecideSubmission.as_view(), name="submission_decide"),
]
