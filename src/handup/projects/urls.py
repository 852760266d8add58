"""Addresses of `projects`."""

from django.urls import URLPattern, URLResolver, path

from handup.projects.views import (
    acts,
    budget_page,
    budgets,
    finding,
    handover,
    handover_acts,
    institutions,
    knowledge,
    library,
    memoranda,
    missions,
    programmes,
)

app_name = "projects"
PROGRAMME = "programmes/<uuid:pk>"
LESSON = "lessons/<uuid:pk>"
HANDOVER = "handovers/<uuid:pk>"
ITEM = "readiness/<uuid:pk>"
MEMORANDUM = "memoranda/<uuid:pk>"
MISSION = "mission-actions/<uuid:pk>"
KIND = "document-types/<uuid:pk>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("programmes/", programmes.ProgrammeList.as_view(), name="programme_list"),
    path("programmes/new/", acts.ProgrammeNew.as_view(), name="programme_new"),
    path(f"{PROGRAMME}/", programmes.ProgrammePage.as_view(), name="programme_detail"),
    path(f"{PROGRAMME}/phases/new/", acts.PhaseNew.as_view(), name="phase_new"),
    path(f"{PROGRAMME}/partners/new/", acts.PartnerNew.as_view(), name="partner_new"),
    path(f"{PROGRAMME}/areas/new/", institutions.AreaNew.as_view(), name="area_new"),
    path(f"{PROGRAMME}/financing/new/", institutions.FundingNew.as_view(), name="funding_new"),
    path(f"{PROGRAMME}/figures/new/", acts.StatedFigureNew.as_view(), name="stated_figure_new"),
    path(f"{PROGRAMME}/documents/new/", acts.DocumentNew.as_view(), name="document_new"),
    path(f"{PROGRAMME}/lessons/new/", acts.LessonNew.as_view(), name="lesson_new"),
    path("phases/<uuid:pk>/", programmes.PhasePage.as_view(), name="phase_detail"),
    path("phases/<uuid:pk>/status/", acts.PhaseStatusChange.as_view(), name="phase_status"),
    path("phases/<uuid:pk>/budgets/new/", budgets.BudgetNew.as_view(), name="budget_new"),
    path("budgets/<uuid:pk>/", budget_page.BudgetPage.as_view(), name="budget_detail"),
    path("budgets/<uuid:pk>/approve/", acts.BudgetApprove.as_view(), name="budget_approve"),
    path("figures/", knowledge.StatedFigureList.as_view(), name="stated_figure_list"),
    path("organisations/", knowledge.OrganisationList.as_view(), name="organisation_list"),
    path("organisations/new/", institutions.OrganisationNew.as_view(), name="organisation_new"),
    path(f"{PROGRAMME}/related/new/", library.RelationNew.as_view(), name="relation_new"),
    path("document-types/", library.DocumentTypeList.as_view(), name="document_type_list"),
    path(
        "document-types/standard/",
        library.StandardTypes.as_view(),
        name="document_type_standard",
    ),
    path("document-types/new/", library.DocumentTypeNew.as_view(), name="document_type_new"),
    path(f"{KIND}/", library.DocumentTypePage.as_view(), name="document_type_detail"),
    path(f"{KIND}/change/", library.DocumentTypeChange.as_view(), name="document_type_change"),
    path("library/", finding.LibrarySearch.as_view(), name="search"),
    path("documents/", finding.DocumentList.as_view(), name="document_list"),
    path("documents/<uuid:pk>/", finding.DocumentPage.as_view(), name="document_detail"),
    path("documents/<uuid:pk>/final/", library.DocumentPublish.as_view(), name="document_publish"),
    path("documents/<uuid:pk>/file/", knowledge.DocumentFile.as_view(), name="document_file"),
    path("lessons/", knowledge.LessonList.as_view(), name="lesson_list"),
    path(f"{LESSON}/", knowledge.LessonPage.as_view(), name="lesson_detail"),
    path(f"{LESSON}/decide/", acts.LessonDecide.as_view(), name="lesson_decide"),
    path(f"{LESSON}/apply/", acts.LessonApply.as_view(), name="lesson_apply"),
    path("memoranda/", memoranda.MemorandumList.as_view(), name="memorandum_list"),
    path(f"{PROGRAMME}/memoranda/new/", memoranda.MemorandumNew.as_view(), name="memorandum_new"),
    path(f"{MEMORANDUM}/", memoranda.MemorandumPage.as_view(), name="memorandum_detail"),
    path("mission-actions/", missions.MissionActionList.as_view(), name="mission_action_list"),
    path(
        f"{PROGRAMME}/mission-actions/new/",
        missions.MissionActionNew.as_view(),
        name="mission_action_new",
    ),
    path(f"{MISSION}/", missions.MissionActionPage.as_view(), name="mission_action_detail"),
    path(
        f"{MISSION}/hand-over/",
        missions.MissionActionHandOver.as_view(),
        name="mission_action_hand_over",
    ),
    path(f"{MISSION}/end/", missions.MissionActionEnd.as_view(), name="mission_action_end"),
    path(f"{MEMORANDUM}/end/", memoranda.MemorandumEnd.as_view(), name="memorandum_end"),
    path(f"{MEMORANDUM}/owed/new/", memoranda.ObligationNew.as_view(), name="obligation_new"),
    path("obligations/<uuid:pk>/done/", memoranda.ObligationMeet.as_view(), name="obligation_meet"),
    path("handovers/", handover.HandoverList.as_view(), name="handover_list"),
    path(f"{PROGRAMME}/handover/new/", handover_acts.HandoverNew.as_view(), name="handover_new"),
    path(f"{HANDOVER}/", handover.HandoverPage.as_view(), name="handover_detail"),
    path(f"{HANDOVER}/options/", handover_acts.OptionWrite.as_view(), name="handover_option"),
    path(f"{HANDOVER}/papers/", handover_acts.PapersRecord.as_view(), name="handover_papers"),
    path(
        f"{HANDOVER}/items/new/",
        handover_acts.ReadinessItemNew.as_view(),
        name="readiness_item_new",
    ),
    path(f"{HANDOVER}/gate/", handover_acts.GatePass.as_view(), name="handover_gate"),
    path(f"{HANDOVER}/back/", handover_acts.SendBack.as_view(), name="handover_back"),
    path(f"{HANDOVER}/stop/", handover_acts.Stop.as_view(), name="handover_stop"),
    path(f"{HANDOVER}/go-on/", handover_acts.GoOn.as_view(), name="handover_go_on"),
    path(f"{ITEM}/", handover.ReadinessPage.as_view(), name="readiness_item"),
    path(f"{ITEM}/assess/", handover_acts.ReadinessAssess.as_view(), name="readiness_assess"),
]
