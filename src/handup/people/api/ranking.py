"""Wealth rankings over the programme interface: villages, meetings, what the piles come to."""

from datetime import date
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.kernel.money import round_to
from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area
from handup.org.permissions import require
from handup.people.api.schemas import Day, Line, found
from handup.people.models import RankedPile, RankingMeeting, WealthRanking
from handup.people.queries import ranking as q
from handup.people.rules.agreement import LEAST_PILES, MOST_PILES
from handup.people.rules.codes import PileMistake, RankingState
from handup.people.services import ranking as s
from handup.projects.models import Programme

router = Router()
Title = Annotated[Line, Field(min_length=1)]
Pile = Annotated[int, Field(ge=1, le=MOST_PILES)]
WantedState = Annotated[RankingState | None, Query(None)]


class RankingTold(Schema):
    """A village to rank."""

    programme_id: UUID
    area_id: UUID
    title: Title
    begun_date: Day


class RankingOut(Schema):
    """A ranking and where it stands."""

    id: UUID
    programme_id: UUID
    area_id: UUID
    title: str
    state: str
    round: int
    rerank_above: int
    begun_date: date
    closed_date: date | None


class RankingMeetingTold(Schema):
    """How a group laid the households: the pile of each by its id, 1 the best off."""

    group: Annotated[Text, Field(min_length=1, max_length=80)]
    raters: Annotated[int, Field(ge=1, le=s.MOST_RATERS)]
    piles: Annotated[int, Field(ge=LEAST_PILES, le=MOST_PILES)]
    held_date: Day
    laid: Annotated[dict[UUID, Pile], Field(min_length=1, max_length=q.MOST)]


class RankingMeetingOut(Schema):
    """A meeting."""

    id: UUID
    ranking_id: UUID
    round: int
    group: str
    raters: int
    piles: int
    held_date: date


class RankedPileOut(Schema):
    """A pile of a household; whether it counts, or others were laid after it."""

    id: UUID
    meeting_id: UUID
    pile: int
    counts: bool


class RankedHouseholdOut(Schema):
    """What the rankings of a household come to; score and spread in tenths of 0 to 100."""

    household_id: UUID
    code: str
    status: str
    score_tenths: int | None
    spread_tenths: int | None
    laid: list[RankedPileOut]


class RankingResultOut(Schema):
    """A ranking with its households; correlations in hundredths, null where not defined.

    agreement: of the groups of the first round, intra-class. beside: the scorecard the households
    were asked by, how many have both, and their rank correlation.
    """

    ranking: RankingOut
    agreement_hundredths: int | None
    beside_scorecard_id: UUID | None
    beside_households: int
    beside_hundredths: int | None
    households: list[RankedHouseholdOut]


class RankedPileTold(Schema):
    """A pile written anew, and why."""

    pile: Pile
    reason: PileMistake


class RankingEndTold(Schema):
    """The day a ranking ended."""

    on: Day


def _times(value: Fraction | None, parts: int) -> int | None:
    return None if value is None else round_to(value * parts)


@router.get("/wealth-rankings", response=PageOut[RankingOut])
def list_wealth_rankings(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Rankings of the villages the caller works in."""
    require(request.auth_staff, s.VIEW)
    rows = WealthRanking.objects.visible_to(request.auth_staff)
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.post("/wealth-rankings", response={201: RankingOut})
def start_wealth_ranking(
    request: StaffRequest, key: IdempotencyKey, told: RankingTold
) -> Status[WealthRanking]:
    """Begin the ranking of a village."""
    staff = request.auth_staff
    require(staff, s.START)
    row = s.start_ranking(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        area=found(Area, staff, told.area_id),
        title=told.title,
        begun_date=told.begun_date,
        id=key,
    )
    return Status(201, row)


@router.get("/wealth-rankings/{uuid:ranking_id}", response=RankingResultOut)
def read_wealth_ranking(request: StaffRequest, ranking_id: UUID) -> RankingResultOut:
    """What the piles come to, of the households the caller may see."""
    staff = request.auth_staff
    require(staff, s.VIEW)
    row = found(WealthRanking, staff, ranking_id)
    standings = q.ranked_households(staff, row)
    beside = q.beside(standings, q.last_scores(staff, [one.household.pk for one in standings]))
    heads = q.named_heads(staff, [one.household.pk for one in standings], on=timezone.localdate())
    reads.note(request, persons=[head.pk for head in heads.values()], action="LIST")
    correlation = None if beside is None else beside.correlation
    return RankingResultOut(
        ranking=RankingOut.from_orm(row),
        agreement_hundredths=_times(q.agreement(standings), 100),
        beside_scorecard_id=None if beside is None else beside.card.pk,
        beside_households=0 if beside is None else beside.households,
        beside_hundredths=None if correlation is None else _times(Fraction(correlation), 100),
        households=[_home(one) for one in standings],
    )


def _home(one: q.Standing) -> RankedHouseholdOut:
    return RankedHouseholdOut(
        household_id=one.household.pk,
        code=one.household.code,
        status=one.ranking.status.value,
        score_tenths=_times(one.ranking.score, 10),
        spread_tenths=_times(one.ranking.spread, 10),
        laid=[
            RankedPileOut(
                id=row.pk,
                meeting_id=row.meeting_id,
                pile=row.pile,
                counts=row.meeting_id in one.standing,
            )
            for row in one.laid
        ],
    )


@router.get("/wealth-rankings/{uuid:ranking_id}/meetings", response=PageOut[RankingMeetingOut])
def list_ranking_meetings(
    request: StaffRequest, ranking_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The meetings of a ranking."""
    staff = request.auth_staff
    require(staff, s.VIEW)
    rows = RankingMeeting.objects.visible_to(staff)
    items, following = page(
        rows.filter(ranking=found(WealthRanking, staff, ranking_id)), after, limit
    )
    return {"items": items, "next": following}


@router.post("/wealth-rankings/{uuid:ranking_id}/meetings", response={201: RankingMeetingOut})
def record_ranking_meeting(
    request: StaffRequest, ranking_id: UUID, key: IdempotencyKey, told: RankingMeetingTold
) -> Status[RankingMeeting]:
    """Record how a group laid the households."""
    staff = request.auth_staff
    require(staff, s.RECORD)
    row = s.record_ranking_meeting(
        acting_staff=staff,
        ranking=found(WealthRanking, staff, ranking_id),
        told=s.MeetingIn(id=key, **told.dict()),
    )
    return Status(201, row)


@router.post("/ranked-piles/{uuid:pile_id}", response={201: RankedPileOut})
def correct_pile(
    request: StaffRequest, pile_id: UUID, told: RankedPileTold
) -> Status[RankedPileOut]:
    """Correct a pile that was written down wrongly."""
    staff = request.auth_staff
    require(staff, s.RECORD)
    row = s.correct_pile(acting_staff=staff, laid=found(RankedPile, staff, pile_id), **told.dict())
    one = q.of_all(row.meeting.ranking, [row.household_id])[row.household_id]
    counts = row.meeting_id in one.standing
    out = RankedPileOut(id=row.pk, meeting_id=row.meeting_id, pile=row.pile, counts=counts)
    return Status(201, out)


@router.post("/wealth-rankings/{uuid:ranking_id}/again", response={201: RankingOut})
def rank_again(request: StaffRequest, ranking_id: UUID) -> Status[WealthRanking]:
    """Begin the next round."""
    staff = request.auth_staff
    require(staff, s.START)
    row = s.rank_again(acting_staff=staff, ranking=found(WealthRanking, staff, ranking_id))
    return Status(201, row)


@router.post("/wealth-rankings/{uuid:ranking_id}/end", response={201: RankingOut})
def close_wealth_ranking(
    request: StaffRequest, ranking_id: UUID, told: RankingEndTold
) -> Status[WealthRanking]:
    """End a ranking."""
    staff = request.auth_staff
    require(staff, s.CLOSE)
    row = s.close_ranking(
        acting_staff=staff, ranking=found(WealthRanking, staff, ranking_id), on=told.on
    )
    return Status(201, row)
