"""Addresses of studies, logframes, typed values, public tables and reference sheets."""

from django.urls import URLPattern, path

from handup.results.views import (
    analyses,
    calculator,
    logframe_acts,
    logframes,
    public_tables,
    sheets,
    snapshot_files,
    typed,
)

PATTERNS: list[URLPattern] = [
    path("impact/", analyses.AnalysisList.as_view(), name="analysis_list"),
    path("<uuid:pk>/impact/new/", analyses.AnalysisNew.as_view(), name="analysis_new"),
    path("impact/<uuid:pk>/", analyses.AnalysisPage.as_view(), name="analysis_detail"),
    path("impact/<uuid:pk>/fix/", analyses.AnalysisFix.as_view(), name="analysis_fix"),
    path("impact/<uuid:pk>/drop/", analyses.AnalysisDrop.as_view(), name="analysis_drop"),
    path("impact/<uuid:pk>/finish/", analyses.AnalysisFinish.as_view(), name="analysis_finish"),
    path("logframes/", logframes.LogframeList.as_view(), name="logframe_list"),
    path("logframes/<uuid:pk>/", logframes.LogframePage.as_view(), name="logframe"),
    path("logframes/<uuid:pk>/logframe.pdf", logframes.LogframePdf.as_view(), name="logframe_pdf"),
    path("logframes/<uuid:pk>/rows/new/", logframe_acts.RowNew.as_view(), name="row_new"),
    path("logframe-rows/<uuid:pk>/", logframes.RowPage.as_view(), name="logframe_row"),
    path("logframe-rows/<uuid:pk>/change/", logframe_acts.RowChange.as_view(), name="row_change"),
    path("logframe-rows/<uuid:pk>/remove/", logframe_acts.RowRemove.as_view(), name="row_remove"),
    path("logframe-rows/<uuid:pk>/review/", logframe_acts.RowReview.as_view(), name="row_review"),
    path(
        "logframe-rows/<uuid:pk>/indicator/",
        logframe_acts.RowIndicatorNew.as_view(),
        name="row_indicator",
    ),
    path(
        "row-indicators/<uuid:pk>/", logframes.RowIndicatorPage.as_view(), name="row_indicator_page"
    ),
    path(
        "row-indicators/<uuid:pk>/remove/",
        logframe_acts.RowIndicatorRemove.as_view(),
        name="row_indicator_remove",
    ),
    path("row-indicators/<uuid:pk>/target/", logframe_acts.TargetNew.as_view(), name="target_new"),
    path("indicators/", sheets.SheetList.as_view(), name="sheet_list"),
    path("indicators/<str:code>/", sheets.SheetPage.as_view(), name="sheet"),
    path("indicators/<str:code>/sheet.pdf", sheets.SheetPdf.as_view(), name="sheet_pdf"),
    path(
        "snapshots/<uuid:pk>/figures.<str:kind>",
        snapshot_files.SnapshotFile.as_view(),
        name="snapshot_file",
    ),
    path("sample/", calculator.SampleCalculator.as_view(), name="sample"),
    path("tables/", public_tables.TableList.as_view(), name="table_list"),
    path("tables/<uuid:pk>/", public_tables.TablePage.as_view(), name="table_detail"),
    path("tables/<uuid:pk>/table.csv", public_tables.TableCsv.as_view(), name="table_csv"),
    path("snapshots/<uuid:pk>/table/", public_tables.TableNew.as_view(), name="table_new"),
    path("typed/", typed.TypedList.as_view(), name="typed_list"),
    path("<uuid:pk>/typed/new/", typed.TypedNew.as_view(), name="typed_new"),
    path("<uuid:pk>/typed/check/", typed.TypedCheck.as_view(), name="typed_check"),
    path("<uuid:pk>/typed/approve/", typed.TypedApprove.as_view(), name="typed_approve"),
    path("typed/<uuid:pk>/", typed.TypedPage.as_view(), name="typed_detail"),
    path("typed/<uuid:pk>/change/", typed.TypedChange.as_view(), name="typed_change"),
    path("typed/<uuid:pk>/evidence/", typed.TypedEvidence.as_view(), name="typed_evidence"),
    path("typed/<uuid:pk>/back/", typed.TypedBack.as_view(), name="typed_back"),
]
