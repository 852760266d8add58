"""What markets add to the page of a person, and to what is done with her records."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.kernel.named_lists import add_once
from handup.markets.models import (
    JobCheck,
    JobMatch,
    JobPlacement,
    OpportunityStart,
    TechnologyAdoption,
)
from handup.markets.models.labels import MatchState
from handup.org.models import StaffUser
from handup.org.web.columns import Column
from handup.org.web.money import format_day
from handup.org.web.pages import Table
from handup.people import merging, sections, subject
from handup.people.rules.merging import MergeLook


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


def move(merge: merging.Merge) -> None:
    """Give what markets hold of a person registered twice to the record that stays.

    Where both were proposed for one work, or took up one technology, one stays and a person looks
    at it; a job that began is the one that stays.
    """
    aside = list(_settle_matches(merge))
    tried = TechnologyAdoption._base_manager.filter(person=merge.survivor).values("trial")
    twice = TechnologyAdoption._base_manager.filter(person=merge.merged, trial__in=tried)
    taken = list(twice.values_list("pk", flat=True))
    if taken:
        merge.look(MergeLook.SAME_TECHNOLOGY.value)
    merge.give(OpportunityStart)
    merge.give(JobMatch, rows=JobMatch._base_manager.exclude(pk__in=aside))
    merge.give(JobPlacement, rows=JobPlacement._base_manager.exclude(match__in=aside))
    merge.give(TechnologyAdoption, rows=TechnologyAdoption._base_manager.exclude(pk__in=taken))


def _settle_matches(merge: merging.Merge) -> Iterator[UUID]:
    """Yield the proposals for work the record that stays is proposed for too: they stay with the
    record that goes, and their job goes to the proposal that stays.
    """
    hers = {row.vacancy_id: row for row in JobMatch._base_manager.filter(person=merge.survivor)}
    for other in JobMatch._base_manager.filter(person=merge.merged, vacancy__in=list(hers)):
        first = hers[other.vacancy_id]
        placed = other.state == MatchState.PLACED
        if placed and first.state == MatchState.PLACED:
            merge.look(MergeLook.SAME_VACANCY.value)
            yield other.pk
            continue
        if placed:
            began = JobPlacement._base_manager.filter(match=other)
            merge.change(began, match_id=first.pk)
            merge.change([first], state=MatchState.PLACED.value, reason="")
        if other.state != MatchState.DECLINED:
            said = _("registered twice")
            merge.change([other], state=MatchState.DECLINED.value, reason=said)
        merge.look(MergeLook.SAME_VACANCY.value)
        yield other.pk


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
    add_once(sections.record_sections, tables)
    add_once(merging.on_merge, move)
    add_once(subject.collect, held)
    add_once(subject.erase, blank)
