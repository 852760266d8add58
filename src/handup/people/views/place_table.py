"""Where somebody is found by season, as a table of her page or of her household's."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.columns import Column, Kind
from handup.org.web.pages import RecordPage, Table
from handup.people.queries import places_told

COLUMNS = (
    Column("season", _("When")),
    Column("area", _("Settlement")),
    Column("place", _("Place")),
    Column("about_date", _("About the day"), Kind.DATE),
    Column("told_date", _("Told on"), Kind.DATE),
    Column(
        "person",
        _("Told by"),
        Kind.LINK,
        href=lambda row: reverse("people:person_detail", args=[row.person_id]),
    ),
    Column("told_to", _("Told to")),
)


def places_table(page: RecordPage, person_ids: Collection[UUID]) -> list[Table]:
    """What these persons and whom they live with told, the last told first; whoever told it is
    named, and noted in the read log. No table where nobody told of a place."""
    told = places_told(page.staff, person_ids, on=timezone.localdate())
    rows = {row.pk: row for found in told.values() for row in found}
    if not rows:
        return []
    reads.note(page.request, persons={row.person_id for row in rows.values()}, action="VIEW")
    newest = sorted(rows.values(), key=lambda row: (row.told_date, row.pk), reverse=True)
    return [Table(_("Where she is found"), COLUMNS, newest)]
