"""A figure as it was known on a past day: what a snapshot of that day froze of it, with its rows.

A page of a past day reads what is known now: what a loan owed is told with every correction since.
"""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Column, Kind
from handup.org.web.pages import Table
from handup.projects.models import Programme
from handup.results.models import FrozenFigure
from handup.results.rules.states import SnapshotState
from handup.results.telling import shown_counts, shown_figure


def known_then_tables(staff: StaffUser, programme: Programme, code: str, day: date) -> list[Table]:
    """What snapshots of a day froze of a figure, the first one first; nothing where there is none,
    or the reader opens no snapshots.
    """
    if not may(staff, "results.view_snapshot", programme):
        return []
    rows = FrozenFigure.objects.visible_to(staff).filter(
        code=code,
        snapshot__programme=programme,
        snapshot__day=day,
        snapshot__state=SnapshotState.FROZEN.value,
    )
    found = list(rows.select_related("snapshot").order_by("snapshot__number"))
    if not found:
        return []
    columns = (
        Column(
            "number",
            _("Snapshot"),
            Kind.LINK,
            value=lambda row: row.snapshot.number,
            href=lambda row: reverse("results:frozen_detail", args=[row.pk]),
        ),
        Column("value", _("Value"), value=shown_figure),
        Column("counts", _("Counted"), value=shown_counts),
        Column("computed", _("Known on"), Kind.DATE, value=lambda row: row.snapshot.computed_at),
    )
    return [Table(_("As it was known then"), columns, found)]
