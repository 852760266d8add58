"""Where the pages of `results` stand in the menu."""

from django.utils.translation import gettext_lazy as _

from handup.org.web.navigation import Entry, Section
from handup.results.truth_menu import TRUTH

ENTRIES = (
    *TRUTH,
    Entry(
        Section.RESULTS,
        _("Concrete benefits"),
        "results:programme_list",
        "results.view_figure",
        order=10,
    ),
    Entry(
        Section.RESULTS,
        _("Snapshots"),
        "results:snapshot_list",
        "results.view_snapshot",
        order=12,
    ),
    Entry(
        Section.RESULTS,
        _("Donor reports"),
        "results:narrative_list",
        "results.view_snapshot",
        order=14,
    ),
    Entry(
        Section.RESULTS,
        _("Files for other systems"),
        "results:exchange_list",
        "results.view_exchange",
        order=16,
    ),
    Entry(
        Section.RESULTS,
        _("Activities of others"),
        "results:imported_list",
        "results.view_exchange",
        order=17,
    ),
    Entry(
        Section.RESULTS,
        _("Check an IATI file"),
        "results:iati_check",
        "results.check_iati",
        order=18,
    ),
)
