"""Wealth rankings: begun for a village, laid by its groups at their meetings, laid again where they
lie far apart, ended; nothing of an ended one is changed (people.md 4.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.people import choices_made as cm
from handup.people.models import Household, RankedPile, RankingMeeting, WealthRanking
from handup.people.queries import ranking as q
from handup.people.queries.households import chunks
from handup.people.rules.agreement import LEAST_PILES, MOST_PILES
from handup.people.rules.codes import PileMistake, RankingState
from handup.people.rules.ranking import RankingStatus
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.store import change, insert
from handup.projects.models import Programme

VIEW = "people.view_ranking"
START = "people.start_ranking"
RECORD = "people.record_ranking"
CLOSE = "people.close_ranking"
MOST_RATERS = 500


class RankingWithoutTitle(Refusal):
    """Give the ranking a title."""


class RankingEnded(Refusal):
    """This ranking has ended. Nothing of it is changed."""


class GroupWithoutName(Refusal):
    """Write which group it is."""


class GroupTwice(Refusal):
    """This group has laid the households in this round already. Correct its piles instead."""


class RatersUnusable(Refusal):
    """At least one person sat there, and at most {most}."""


class PilesUnusable(Refusal):
    """A group makes at least {least} piles and at most {most}."""


class NothingLaid(Refusal):
    """No household is laid in a pile."""


class TooManyLaid(Refusal):
    """At most {most} households are laid at one meeting. Rank smaller parts of the village."""


class PileUnknown(Refusal):
    """There are {piles} piles: 1 is the best off, {piles} the poorest."""


class NotOfThisVillage(Refusal):
    """{household} does not live in {area}."""


class RankedAlready(Refusal):
    """{household} is ranked already."""


class GroupLaidIt(Refusal):
    """This group has laid {household} already, and that still counts. Another group lays it."""


class NothingFarApart(Refusal):
    """No household has rankings that lie too far apart."""


class RoundJustBegun(Refusal):
    """Round {round} has begun already, and no group has laid the households in it yet."""


class SamePile(Refusal):
    """That is the pile that is written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingIn:
    """How one group laid the households: `laid` tells the pile of each, 1 the best off."""

    group: str
    raters: int
    piles: int
    held_date: date
    laid: Mapping[UUID, int]
    id: UUID | None = None


def start_ranking(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    area: Area,
    title: str,
    begun_date: date,
    id: UUID | None = None,
) -> WealthRanking:
    """Begin the ranking of a village. Raises RankingWithoutTitle, DayToCome, OutOfSight."""
    require(acting_staff, START)
    if not title.strip():
        raise RankingWithoutTitle(field="title")
    if begun_date > timezone.localdate():
        raise DayToCome(field="begun_date", date=begun_date)
    row = WealthRanking(
        id=id or new_id(),
        programme=programme,
        area=area,
        office=acting_staff.home_office,
        title=title.strip(),
        rerank_above=cm.number(cm.RERANK),
        begun_date=begun_date,
        started_by=acting_staff,
    )
    require(acting_staff, START, row)
    told = {"programme": programme, "area": area, "title": row.title, "begun_date": begun_date}
    known = already_stored(WealthRanking, id, acting_staff, **told)
    if known is not None:
        return known
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, START, row)
    return row


def _open(ranking: WealthRanking) -> WealthRanking:
    """The ranking held until the transaction ends. Raises RankingEnded."""
    rows = WealthRanking._base_manager.select_for_update(of=("self",))
    row: WealthRanking = rows.select_related("area").get(pk=ranking.pk)
    if row.state != RankingState.OPEN.value:
        raise RankingEnded
    return row


def _refuse_unusable(told: MeetingIn, ranking: WealthRanking) -> None:
    if ranking.state != RankingState.OPEN.value:
        raise RankingEnded
    if not told.group.strip():
        raise GroupWithoutName(field="group")
    if not 1 <= told.raters <= MOST_RATERS:
        raise RatersUnusable(field="raters", most=MOST_RATERS)
    if not LEAST_PILES <= told.piles <= MOST_PILES:
        raise PilesUnusable(field="piles", least=LEAST_PILES, most=MOST_PILES)
    if told.held_date > timezone.localdate():
        raise DayToCome(field="held_date", date=told.held_date)
    if told.held_date < ranking.begun_date:
        raise StepBefore(field="held_date", date=told.held_date, last=ranking.begun_date)
    if not told.laid:
        raise NothingLaid
    if len(told.laid) > q.MOST:
        raise TooManyLaid(most=q.MOST)


def record_ranking_meeting(
    *, acting_staff: StaffUser, ranking: WealthRanking, told: MeetingIn
) -> RankingMeeting:
    """Write down how one group laid the households of its village, in the round of now.

    From the second round on the households that are ranked are not laid any more, and no group lays
    one twice as long as its earlier pile counts. Raises RankingEnded, GroupWithoutName, GroupTwice,
    RatersUnusable, PilesUnusable, DayToCome, StepBefore, NothingLaid, TooManyLaid, OutOfSight, and
    Faults with the id of each household whose pile cannot be taken.
    """
    require(acting_staff, RECORD, ranking)
    group = told.group.strip()
    known = _known(acting_staff, ranking, told)
    if known is not None:
        return known
    _refuse_unusable(told, ranking)
    homes = _homes(acting_staff, told.laid)
    with transaction.atomic():
        row = _open(ranking)
        known = _known(acting_staff, ranking, told)
        if known is not None:  # the same came in beside this one
            return known
        names = row.meetings.filter(round=row.round).values_list("group", flat=True)
        if group.casefold() in {name.casefold() for name in names}:
            raise GroupTwice(field="group")
        _refuse_laid(row, group, told, homes)
        meeting = RankingMeeting(
            id=told.id or new_id(),
            ranking=row,
            round=row.round,
            group=group,
            raters=told.raters,
            piles=told.piles,
            held_date=told.held_date,
            recorded_by=acting_staff,
        )
        insert([meeting], acting_staff)
        laid = [
            RankedPile(id=new_id(), meeting=meeting, household=home, pile=told.laid[home.pk])
            for home in homes
        ]
        insert(laid, acting_staff)
        audit.record(acting_staff, RECORD, meeting)
    return meeting


def _known(staff: StaffUser, ranking: WealthRanking, told: MeetingIn) -> RankingMeeting | None:
    """The meeting that was told before with this id; a pile corrected since counts as it was first
    written down. Raises SameIdOtherContent.
    """
    row = already_stored(
        RankingMeeting,
        told.id,
        staff,
        ranking=ranking,
        group=told.group.strip(),
        raters=told.raters,
        piles=told.piles,
        held_date=told.held_date,
    )
    if row is None:
        return None
    first: dict[UUID, int] = {}
    past = RankedPile.history.filter(meeting_id=row.pk).order_by("history_id")
    for household, pile in past.values_list("household_id", "pile"):
        first.setdefault(household, pile)
    if first != dict(told.laid):
        raise SameIdOtherContent(field="laid")
    return row


def _homes(staff: StaffUser, laid: Mapping[UUID, int]) -> list[Household]:
    """The households, as far as she may write of them. Raises OutOfSight."""
    rows = Household.objects.reached_with(staff, RECORD).select_related("area").order_by("code")
    homes = [home for piece in chunks(laid) for home in rows.filter(pk__in=piece)]
    if len(homes) != len(laid):
        raise OutOfSight
    return homes


def _refuse_laid(
    ranking: WealthRanking, group: str, told: MeetingIn, homes: list[Household]
) -> None:
    found = q.of_all(ranking, [home.pk for home in homes])
    refused = []
    for home in homes:
        standing, pile = found.get(home.pk), told.laid[home.pk]
        refusal: Refusal | None = None
        if home.area is None or not home.area.path.startswith(ranking.area.path):
            refusal = NotOfThisVillage(household=home, area=ranking.area)
        elif not 1 <= pile <= told.piles:
            refusal = PileUnknown(piles=told.piles)
        elif standing is not None and ranking.round > 1:
            refusal = _laid_before(standing, group)
        if refusal is not None:
            refused.append(Fault(refusal.code, refusal.said(), f"pile_{home.pk}"))
    if refused:
        raise Faults(refused)


def _laid_before(standing: q.Standing, group: str) -> Refusal | None:
    if standing.ranking.status is RankingStatus.RANKED:
        return RankedAlready(household=standing.household)
    if standing.ranking.status is RankingStatus.RERANK:
        return None
    still = {
        row.meeting.group.casefold() for row in standing.laid if row.meeting_id in standing.standing
    }
    return GroupLaidIt(household=standing.household) if group.casefold() in still else None


def correct_pile(
    *, acting_staff: StaffUser, laid: RankedPile, pile: int, reason: PileMistake
) -> RankedPile:
    """Correct a pile that was written down wrongly; the history keeps what it was.

    Raises RankingEnded, PileUnknown, SamePile.
    """
    require(acting_staff, RECORD, laid)
    with transaction.atomic():
        _open(laid.meeting.ranking)
        row: RankedPile = RankedPile._base_manager.select_for_update(of=("self",)).get(pk=laid.pk)
        if not 1 <= pile <= laid.meeting.piles:
            raise PileUnknown(field="pile", piles=laid.meeting.piles)
        if pile == row.pile:
            raise SamePile(field="pile")
        change(row, acting_staff, pile=pile)
        audit.record(acting_staff, "people.correct_pile", row, {"reason": reason.value})
    return row


def rank_again(*, acting_staff: StaffUser, ranking: WealthRanking) -> WealthRanking:
    """Begin the next round: groups lay again what lies too far apart, and what too few have laid.

    Raises RankingEnded, RoundJustBegun (asked twice, it begins once), NothingFarApart.
    """
    require(acting_staff, START, ranking)
    with transaction.atomic():
        row = _open(ranking)
        if row.round > 1 and not row.meetings.filter(round=row.round).exists():
            raise RoundJustBegun(round=row.round)
        seen = q.ranked_households(acting_staff, row)
        if all(one.ranking.status is not RankingStatus.RERANK for one in seen):
            raise NothingFarApart
        change(row, acting_staff, round=row.round + 1)
        audit.record(acting_staff, "people.rank_again", row, {"round": row.round})
    return row


def close_ranking(*, acting_staff: StaffUser, ranking: WealthRanking, on: date) -> WealthRanking:
    """End a ranking: from now on it stands beside the scorecards. What is laid by too few groups or
    lies too far apart has no rank. Raises RankingEnded, DayToCome, StepBefore, NothingLaid.
    """
    require(acting_staff, CLOSE, ranking)
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    with transaction.atomic():
        row = _open(ranking)
        if not row.meetings.exists():
            raise NothingLaid
        if on < (last := q.last_day(row)):
            raise StepBefore(field="on", date=on, last=last)
        change(row, acting_staff, state=RankingState.CLOSED.value, closed_date=on)
        audit.record(acting_staff, CLOSE, row)
    return row
