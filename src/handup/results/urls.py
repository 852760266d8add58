"""Addresses of `results`."""

from datetime import date

from django.urls import URLPattern, URLResolver, path, register_converter

from handup.results import choosing, truth_urls
from handup.results.views import (
    crossing,
    exchange,
    exchange_files,
    figures,
    frozen,
    imported,
    narratives,
    rows,
    snapshots,
)


class DayConverter:
    """A day in an address, 2005-06-30; anything else is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read it; a day that does not exist is not found."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Write it."""
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")

app_name = "results"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", figures.ProgrammeFigures.as_view(), name="programme_list"),
    path("<uuid:pk>/", figures.Benefits.as_view(), name="benefits"),
    path("snapshots/", snapshots.SnapshotList.as_view(), name="snapshot_list"),
    path("<uuid:pk>/snapshots/new/", snapshots.SnapshotNew.as_view(), name="snapshot_new"),
    path("snapshots/<uuid:pk>/", snapshots.SnapshotPage.as_view(), name="snapshot_detail"),
    path("snapshots/<uuid:pk>/anew/", snapshots.SnapshotAnew.as_view(), name="snapshot_anew"),
    path("snapshots/<uuid:pk>/again/", snapshots.SnapshotAgain.as_view(), name="snapshot_again"),
    path("snapshots/<uuid:pk>/check/", snapshots.FiguresCheck.as_view(), name="figures_check"),
    path(
        "snapshots/<uuid:pk>/approve/", snapshots.FiguresApprove.as_view(), name="figures_approve"
    ),
    path("snapshots/<uuid:pk>/freeze/", snapshots.SnapshotFreeze.as_view(), name="snapshot_freeze"),
    path("frozen/<uuid:pk>/", frozen.FrozenPage.as_view(), name="frozen_detail"),
    path("frozen/<uuid:pk>/note/", frozen.FigureNote.as_view(), name="frozen_note"),
    path("frozen/<uuid:pk>/back/", frozen.FigureBack.as_view(), name="frozen_back"),
    path("frozen/<uuid:pk>/rows/", frozen.FrozenRows.as_view(), name="frozen_rows"),
    path("reports/", narratives.NarrativeList.as_view(), name="narrative_list"),
    path("snapshots/<uuid:pk>/report/", narratives.NarrativeNew.as_view(), name="narrative_new"),
    path("reports/<uuid:pk>/", narratives.NarrativePage.as_view(), name="narrative_detail"),
    path("reports/<uuid:pk>/text/", narratives.NarrativeEdit.as_view(), name="narrative_edit"),
    path("reports/<uuid:pk>/read/", narratives.NarrativeRead.as_view(), name="narrative_read"),
    path("reports/<uuid:pk>/check/", narratives.NarrativeCheck.as_view(), name="narrative_check"),
    path(
        "reports/<uuid:pk>/approve/",
        narratives.NarrativeApprove.as_view(),
        name="narrative_approve",
    ),
    path("reports/<uuid:pk>/back/", narratives.NarrativeBack.as_view(), name="narrative_back"),
    path("reports/<uuid:pk>/send/", narratives.NarrativeSend.as_view(), name="narrative_send"),
    path("reports/<uuid:pk>/report.pdf", narratives.NarrativePdf.as_view(), name="narrative_pdf"),
    path("exchange/check/", exchange.IatiCheck.as_view(), name="iati_check"),
    path("exchange/", exchange_files.ExchangeList.as_view(), name="exchange_list"),
    path("exchange/<uuid:pk>/", exchange_files.ExchangePage.as_view(), name="exchange_detail"),
    path(
        "exchange/<uuid:pk>/check/", exchange_files.ExchangeCheck.as_view(), name="exchange_check"
    ),
    path(
        "exchange/<uuid:pk>/publish/",
        exchange_files.ExchangePublish.as_view(),
        name="exchange_publish",
    ),
    path(
        "exchange/<uuid:pk>/file/",
        exchange_files.ExchangeDownload.as_view(),
        name="exchange_file",
    ),
    path(
        "snapshots/<uuid:pk>/exchange/", exchange_files.ExchangeNew.as_view(), name="exchange_new"
    ),
    path(
        "<uuid:pk>/exchange-settings/",
        exchange_files.ProfileEdit.as_view(),
        name="exchange_profile",
    ),
    path("exchange/others/", imported.ImportedList.as_view(), name="imported_list"),
    path("exchange/others/new/", imported.IatiImport.as_view(), name="iati_import"),
    path("exchange/others/<uuid:pk>/", imported.ImportedPage.as_view(), name="imported_detail"),
    path(
        "exchange/others/<uuid:pk>/activity.xml",
        imported.ImportedRaw.as_view(),
        name="imported_raw",
    ),
    path(
        "reports/<uuid:pk>/report.docx",
        narratives.NarrativeWord.as_view(),
        name="narrative_word",
    ),
    path("<uuid:pk>/figures/", choosing.ChooseFigures.as_view(), name="choose"),
    path(
        "<uuid:pk>/<day:as_of>/report.<str:kind>", figures.ReportFile.as_view(), name="report_file"
    ),
    path("<uuid:pk>/<str:code>/<day:as_of>/", figures.FigurePage.as_view(), name="figure"),
    path(
        "<uuid:pk>/<str:code>/<day:as_of>/crossed/",
        crossing.CrossedPage.as_view(),
        name="figure_crossed",
    ),
    path("<uuid:pk>/<str:code>/<day:as_of>/rows/", rows.FigureRows.as_view(), name="rows"),
]
urlpatterns += truth_urls.PATTERNS
