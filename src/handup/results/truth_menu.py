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
    Entry(
        Section.RESULTS,
        _("Logframes"),
        "results:logframe_list",
        "results.view_snapshot",
        order=11,
    ),
    Entry(
        Section.RESULTS,
        _("Indicators"),
        "results:sheet_list",
        "results.view_figure",
        order=20,
    ),
    Entry(
        Section.RESULTS,
        _("How many must be asked?"),
        "results:sample",
        "results.view_figure",
        order=22,
    ),
    Entry(
        Section.RESULTS,
        _("Public tables"),
        "results:table_list",
        "results.view_figure",
        order=17,
    ),
    Entry(
        Section.RESULTS,
        _("Figures of our own"),
        "results:built_list",
        "results.build_indicator",
        order=21,
    ),
    Entry(
        Section.RESULTS,
        _("Typed values"),
        "results:typed_list",
        "results.view_snapshot",
        order=13,
    ),
)
