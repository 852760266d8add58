"""What markets add to the page of a person, and to what is done with her records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.markets.models import OpportunityStart
from handup.org.models import StaffUser
from handup.org.web.columns import Column
from handup.org.web.money import format_day
from handup.org.web.pages import Table
from handup.people import merging, sections, subject


def tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """What she took up from a market study, as far as the reader may see it."""
    starts = OpportunityStart.objects.visible_to(staff).filter(person_id=person_id)
    if not starts:
        return []
    return [
        Table(
            _("Market opportunities taken up"),
            (
                Column("opportunity", _("Opportunity"), href=_opportunity_href),
                Column("started_date", _("Started on"), "date"),
            ),
            starts.select_related("opportunity"),
        )
    ]


def _opportunity_href(row: OpportunityStart) -> str:
    return reverse("markets:opportunity_detail", args=[row.opportunity_id])


def move(merge: merging.Merge) -> None:
    """Give what a person registered twice took up to the record that stays."""
    merge.give(OpportunityStart)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What markets hold of a person."""
    starts = OpportunityStart._base_manager.filter(person_id=person_id)
    return {
        _("Market opportunities taken up"): [
            {
                _("Opportunity"): str(row.opportunity),
                _("Started on"): format_day(row.started_date),
                _("Remark"): row.remark,
            }
            for row in starts.select_related("opportunity")
        ]
    }


def blank(person_id: UUID) -> None:
    """Blank what markets hold of a person in words."""
    OpportunityStart._base_manager.filter(person_id=person_id).update(remark="")


def register() -> None:
    """Add all of it to the named lists of people, once."""
    for named, entry in (
        (sections.record_sections, tables),
        (merging.on_merge, move),
        (subject.collect, held),
        (subject.erase, blank),
    ):
        entries: list[object] = named  # type: ignore[assignment]  # each list has its own shape
        if entry not in entries:
            entries.append(entry)
