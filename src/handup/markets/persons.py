"""What markets add to the page of a person, and to what is done with her records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.kernel.errors import Refusal
from handup.markets.models import (
    JobCheck,
    JobMatch,
    JobPlacement,
    OpportunityStart,
    TechnologyAdoption,
)
from handup.org.models import StaffUser
from handup.org.web.columns import Column
from handup.org.web.money import format_day
from handup.org.web.pages import Table
from handup.people import merging, sections, subject


def tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """What she took up from a market study, jobs and technology, as far as the reader may see."""
    found = []
    starts = OpportunityStart.objects.visible_to(staff).filter(person_id=person_id)
    if starts:
        found.append(
            Table(
                _("Market opportunities taken up"),
                (
                    Column("opportunity", _("Opportunity"), href=_opportunity_href),
                    Column("started_date", _("Started on"), "date"),
                ),
                starts.select_related("opportunity"),
            )
        )
    matches = JobMatch.objects.visible_to(staff).filter(person_id=person_id)
    if matches:
        found.append(
            Table(
                _("Jobs"),
                (
                    Column("vacancy", _("Work"), "link", url_name="markets:match_detail"),
                    Column("matched_date", _("Proposed on"), "date"),
                    Column("state", _("State"), "state"),
                ),
                matches.select_related("vacancy"),
            )
        )
    taken = TechnologyAdoption.objects.visible_to(staff).filter(person_id=person_id)
    if taken:
        found.append(
            Table(
                _("Technology taken up"),
                (
                    Column("trial", _("Technology"), href=_trial_href),
                    Column("adopted_date", _("Taken up on"), "date"),
                ),
                taken.select_related("trial"),
            )
        )
    return found


def _trial_href(row: TechnologyAdoption) -> str:
    return reverse("markets:trial_detail", args=[row.trial_id])


def _opportunity_href(row: OpportunityStart) -> str:
    return reverse("markets:opportunity_detail", args=[row.opportunity_id])


class ProposedTwice(Refusal):
    """Both records are proposed for the same work, or took up the same technology. Settle that
    first; then make the records one."""


def move(merge: merging.Merge) -> None:
    """Give what markets hold of a person registered twice to the record that stays. Raises
    ProposedTwice.
    """
    ids = (merge.survivor, merge.merged)
    work = JobMatch._base_manager.filter(person__in=ids).values_list("vacancy", flat=True)
    tried = TechnologyAdoption._base_manager.filter(person__in=ids).values_list("trial", flat=True)
    if any(len(rows) != len(set(rows)) for rows in (list(work), list(tried))):
        raise ProposedTwice
    for given in (OpportunityStart, JobMatch, JobPlacement, TechnologyAdoption):
        merge.give(given)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What markets hold of a person."""
    starts = OpportunityStart._base_manager.filter(person_id=person_id)
    matches = JobMatch._base_manager.filter(person_id=person_id)
    jobs = JobPlacement._base_manager.filter(person_id=person_id)
    looks = JobCheck._base_manager.filter(placement__person_id=person_id)
    taken = TechnologyAdoption._base_manager.filter(person_id=person_id)
    return {
        _("Market opportunities taken up"): [
            {
                _("Opportunity"): str(row.opportunity),
                _("Started on"): format_day(row.started_date),
                _("Remark"): row.remark,
            }
            for row in starts.select_related("opportunity")
        ],
        _("Work proposed"): [
            {
                _("Work"): str(row.vacancy),
                _("Proposed on"): format_day(row.matched_date),
                _("State"): str(row.get_state_display()),
                _("Why not"): row.reason,
            }
            for row in matches.select_related("vacancy")
        ],
        _("Jobs"): [
            {
                _("Work"): str(row.match.vacancy),
                _("Began on"): format_day(row.started_date),
                _("Ended on"): format_day(row.ended_date) if row.ended_date else "",
                _("Why it ended"): row.end_reason,
            }
            for row in jobs.select_related("match__vacancy")
        ],
        _("Looks at her jobs"): [
            {
                _("Looked at on"): format_day(row.checked_date),
                _("Still there"): _("yes") if row.still_there else _("no"),
                _("Remark"): row.remark,
            }
            for row in looks
        ],
        _("Technology taken up"): [
            {
                _("Technology"): str(row.trial.technology),
                _("Taken up on"): format_day(row.adopted_date),
                _("In her words"): row.in_her_words,
            }
            for row in taken.select_related("trial")
        ],
    }


def blank(person_id: UUID) -> None:
    """Blank what markets hold of a person in words; that there was a job, and its dates, stay."""
    OpportunityStart._base_manager.filter(person_id=person_id).update(remark="")
    JobMatch._base_manager.filter(person_id=person_id).update(reason="")
    JobPlacement._base_manager.filter(person_id=person_id).update(end_reason="")
    JobCheck._base_manager.filter(placement__person_id=person_id).update(remark="")
    TechnologyAdoption._base_manager.filter(person_id=person_id).update(in_her_words="")


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
