"""What the neighbours' rankings of a village come to, of the households the reader may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Max, QuerySet

from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.people.models import (
    Assessment,
    Household,
    Membership,
    Person,
    RankedPile,
    Scorecard,
    WealthRanking,
)
from handup.people.queries.households import chunks, heads_on, households_of
from handup.people.rules.agreement import counted, height, intraclass, rank_correlation
from handup.people.rules.codes import RankingState
from handup.people.rules.points import points_card
from handup.people.rules.ranking import Ranking, RankingStatus, points_priority, rank

MOST = 300
"""How many households are laid at one meeting: more fit on no table."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a household stands. `laid` holds every pile of it in order, `standing` the meetings
    whose piles count.
    """

    household: Household
    ranking: Ranking
    laid: tuple[RankedPile, ...]
    standing: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Beside:
    """How a ranking agrees with a scorecard: how many households have both, and the rank
    correlation of ranking and priority.
    """

    card: Scorecard
    households: int
    correlation: Decimal | None


def ranked_households(
    staff: StaffUser, ranking: WealthRanking, households: Iterable[UUID] | None = None
) -> list[Standing]:
    """Every household of a ranking the reader may see (or those named), by its number, with what
    its rankings come to; households nobody laid, and whom she opened in an emergency, are not in
    it.
    """
    rows = RankedPile.objects.visible_to(without_opened(staff)).filter(meeting__ranking=ranking)
    return _standings(rows, ranking, households)


def of_all(ranking: WealthRanking, households: Iterable[UUID]) -> dict[UUID, Standing]:
    """The same whoever asks, for a service that has asked what she may see."""
    rows = RankedPile._base_manager.filter(meeting__ranking=ranking)
    return {one.household.pk: one for one in _standings(rows, ranking, households)}


def _standings(
    rows: QuerySet[RankedPile, RankedPile],
    ranking: WealthRanking,
    households: Iterable[UUID] | None,
) -> list[Standing]:
    pieces = (
        [rows]
        if households is None
        else [rows.filter(household__in=piece) for piece in chunks(households)]
    )
    laid: dict[UUID, list[RankedPile]] = {}
    for piece in pieces:
        order = ("household__code", "meeting__round", "meeting__held_date", "meeting_id")
        for row in piece.select_related("meeting", "household__area").order_by(*order):
            laid.setdefault(row.household_id, []).append(row)
    return [_standing(found, ranking.rerank_above) for found in laid.values()]


def _standing(laid: list[RankedPile], rerank_above: int) -> Standing:
    rounds: dict[int, dict[str, int]] = {}
    piles: dict[str, int] = {}
    for row in laid:
        key = str(row.meeting_id)
        rounds.setdefault(row.meeting.round, {})[key] = row.pile
        piles[key] = row.meeting.piles
    told = [rounds[number] for number in sorted(rounds)]
    standing = counted(told, piles, rerank_above=rerank_above)
    found = rank(standing, piles, rerank_above=rerank_above)
    return Standing(laid[0].household, found, tuple(laid), frozenset(map(UUID, standing)))


def agreement(standings: Iterable[Standing]) -> Fraction | None:
    """How far the groups of the first round agreed, before anything was laid again."""
    return intraclass(
        [
            [height(row.pile, row.meeting.piles) for row in one.laid if row.meeting.round == 1]
            for one in standings
        ]
    )


def offered(
    staff: StaffUser, ranking: WealthRanking, code: str, named: Collection[UUID] = ()
) -> list[Household]:
    """The households of the village a permission of hers reaches, that may be laid now; one more
    than MOST tells that there are too many. From the second round on not those that are ranked,
    but those `named`, which were offered when a form was opened.
    """
    rows = Household.objects.reached_with(staff, code).select_related("area").order_by("code")
    homes = list(rows.filter(area__path__startswith=ranking.area.path))
    if ranking.round > 1:
        found = of_all(ranking, [home.pk for home in homes])
        homes = [home for home in homes if home.pk in named or not _is_ranked(found.get(home.pk))]
    return homes[: MOST + 1]


def _is_ranked(found: Standing | None) -> bool:
    return found is not None and found.ranking.status is RankingStatus.RANKED


def named_heads(staff: StaffUser, households: Iterable[UUID], *, on: date) -> dict[UUID, Person]:
    """The head of each household, where the reader may see her."""
    heads = heads_on(households, on=on)
    seen: dict[UUID, Person] = {}
    for piece in chunks(heads.values()):
        seen.update(Person.objects.visible_to(staff).in_bulk(list(piece)))
    return {home: seen[head] for home, head in heads.items() if head in seen}


def last_scores(staff: StaffUser, households: Iterable[UUID]) -> dict[UUID, Assessment]:
    """The last full score of any member of each household the reader may see, by the scorecard
    most of them were asked by.
    """
    homes: dict[UUID, UUID] = {}
    for piece in chunks(households):
        present = Membership._base_manager.filter(household__in=piece, to_date=None)
        homes.update(present.values_list("person_id", "household_id"))
    last: dict[UUID, dict[UUID, Assessment]] = {}
    for piece in chunks(homes):
        rows = Assessment.objects.visible_to(staff).filter(person__in=piece, score__isnull=False)
        for row in rows.select_related("scorecard").order_by("assessed_date", "id"):
            last.setdefault(row.scorecard_id, {})[homes[row.person_id]] = row
    return max(last.values(), key=lambda found: (len(found), str(min(found))), default={})


def beside(standings: Iterable[Standing], scores: Mapping[UUID, Assessment]) -> Beside | None:
    """How the ranking agrees with the scorecard; None without a score."""
    first = next(iter(scores.values()), None)
    if first is None:
        return None
    cap = points_card(first.scorecard.content).cap
    pairs: list[tuple[Fraction, Fraction]] = []
    for one in standings:
        row = scores.get(one.household.pk)
        priority = None if row is None else points_priority(row.score, cap)
        if one.ranking.status is RankingStatus.RANKED and priority is not None:
            assert one.ranking.score is not None
            pairs.append((one.ranking.score, priority))
    return Beside(first.scorecard, len(pairs), rank_correlation(pairs))


def last_ranking(
    staff: StaffUser, programme: UUID, persons: Iterable[UUID], *, on: date
) -> dict[UUID, Fraction]:
    """What the last ended ranking of a programme by a day came to, for each person's household that
    is ranked, as far as the reader may see it there: 0 to 100, the highest poorest. Always shown
    beside a score, never instead of one.
    """
    homes = households_of(persons, on=on)
    ended = WealthRanking._base_manager.filter(
        programme=programme, state=RankingState.CLOSED.value, closed_date__lte=on
    )
    found: dict[UUID, Fraction] = {}
    for ranking in ended.order_by("closed_date", "id"):
        for one in ranked_households(staff, ranking, set(homes.values())):
            if _is_ranked(one) and one.ranking.score is not None:
                found[one.household.pk] = one.ranking.score
    return {person: found[home] for person, home in homes.items() if home in found}


def last_day(ranking: WealthRanking) -> date:
    """The last day something of a ranking happened on."""
    held = ranking.meetings.aggregate(last=Max("held_date"))["last"]
    found: date = max(ranking.begun_date, held or ranking.begun_date)
    return found
