"""Addresses of studies, logframes, typed values, public tables and built indicators."""

from django.urls import URLPattern, path

from handup.results.views import analyses

PATTERNS: list[URLPattern] = [
    path("impact/", analyses.AnalysisList.as_view(), name="analysis_list"),
    path("<uuid:pk>/impact/new/", analyses.AnalysisNew.as_view(), name="analysis_new"),
    path("impact/<uuid:pk>/", analyses.AnalysisPage.as_view(), name="analysis_detail"),
    path("impact/<uuid:pk>/fix/", analyses.AnalysisFix.as_view(), name="analysis_fix"),
    path("impact/<uuid:pk>/drop/", analyses.AnalysisDrop.as_view(), name="analysis_drop"),
    path("impact/<uuid:pk>/finish/", analyses.AnalysisFinish.as_view(), name="analysis_finish"),
]
