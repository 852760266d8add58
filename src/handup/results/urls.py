"""Addresses of `results`."""

from datetime import date

from django.urls import URLPattern, URLResolver, path, register_converter

from handup.results import choosing, views


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
    path("", views.ProgrammeFigures.as_view(), name="programme_list"),
    path("<uuid:pk>/", views.Benefits.as_view(), name="benefits"),
    path("<uuid:pk>/figures/", choosing.ChooseFigures.as_view(), name="choose"),
    path("<uuid:pk>/<day:as_of>/report.<str:kind>", views.ReportFile.as_view(), name="report_file"),
    path("<uuid:pk>/<str:code>/<day:as_of>/", views.FigurePage.as_view(), name="figure"),
    path("<uuid:pk>/<str:code>/<day:as_of>/rows/", views.FigureRows.as_view(), name="rows"),
]
