"""Addresses of `desk`."""

from django.urls import URLPattern, URLResolver, path

from handup.desk import board, case_counts, pair_views, views
from handup.desk import import_views as imports

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("monday/", views.Monday.as_view(), name="monday"),
    path("search/", views.Search.as_view(), name="search"),
    path("journey/<uuid:pk>/", views.Journey.as_view(), name="journey"),
    path(
        "enterprise-journey/<uuid:pk>/",
        views.EnterpriseJourney.as_view(),
        name="enterprise_journey",
    ),
    path("protection/", board.Board.as_view(), name="protection"),
    path("protection/processing/", board.Processing.as_view(), name="processing"),
    path("protection/cases/", case_counts.CaseCounts.as_view(), name="case_counts"),
    path("protection/cases/new/", case_counts.TellCaseCounts.as_view(), name="case_counts_new"),
    path("imports/", imports.ImportList.as_view(), name="importbatch_list"),
    path("imports/new/", imports.HandOver.as_view(), name="importbatch_new"),
    path("imports/table/<slug:profile>/", imports.empty_tables, name="import_table"),
    path("imports/<uuid:pk>/", imports.ImportPage.as_view(), name="importbatch_detail"),
    path("imports/<uuid:pk>/commit/", imports.Commit.as_view(), name="importbatch_commit"),
    path("imports/<uuid:pk>/reject/", imports.Reject.as_view(), name="importbatch_reject"),
    path("imports/pairs/", pair_views.PairList.as_view(), name="importpair_list"),
    path("imports/pairs/<uuid:pk>/", pair_views.PairPage.as_view(), name="importpair_detail"),
    path("imports/<uuid:pk>/check/", imports.CheckAgain.as_view(), name="importbatch_check"),
    path("imports/<uuid:pk>/columns/", imports.MatchColumns.as_view(), name="importbatch_columns"),
]
