"""Where studies, logframes, typed values and public tables stand in the menu."""

from django.utils.translation import gettext_lazy as _

from handup.org.web.navigation import Entry, Section

TRUTH = (
    Entry(
        Section.RESULTS,
        _("Impact"),
        "results:analysis_list",
        "results.view_snapshot",
        order=16,
    ),
)
