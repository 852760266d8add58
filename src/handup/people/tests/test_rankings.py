"""Wealth rankings: laid by groups, laid again where far apart, shown beside a scorecard."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people import assessed, choices_made
from handup.people.models import (
    ConsentNotice,
    Household,
    Person,
    RankedPile,
    RankingMeeting,
    TargetingRow,
    WealthRanking,
)
from handup.people.queries import ranking as q
from handup.people.rules import codes as c
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    assess,
    open_compartment,
    register_household,
    register_person,
)
from handup.people.services import ranking as s
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.targeting import run_targeting
from handup.people.tests.conftest import DAY, agreed, person_in, signed_in
from handup.people.tests.test_assessments import publish
from handup.people.tests.test_runs import ANSWERS
from handup.projects.models import Programme

NAMES = ("Ani", "Karine", "Lilit", "Mane")


@pytest.fixture
def village(area: Area) -> Area:
    return Area.objects.create(code="V1", names={"en": "Upper village"}, level=3, parent=area)


@pytest.fixture
def homes(
    clerk: StaffUser, programme: Programme, village: Area, notice: ConsentNotice
) -> list[Household]:
    """Four households of one village, each with a head."""
    found = []
    for name in NAMES:
        told = person_in(programme, name, "Sargsyan", area=village, consents=(agreed(notice),))
        person = register_person(acting_staff=clerk, person=told).person
        sheet = HouseholdIn(
            members=(MemberIn(person, c.HouseholdRole.HEAD),),
            registered_date=DAY, programme=programme, area=village,
        )  # fmt: skip
        found.append(register_household(acting_staff=clerk, household=sheet).household)
    return found


@pytest.fixture
def ranking(targeting: StaffUser, programme: Programme, village: Area) -> WealthRanking:
    return s.start_ranking(
        acting_staff=targeting, programme=programme, area=village, title="Upper village",
        begun_date=DAY,
    )  # fmt: skip


def lay(
    staff: StaffUser, ranking: WealthRanking, homes: list[Household], group: str, *piles: int,
    of: int = 5, **more: Any,
) -> RankingMeeting:  # fmt: skip
    """A group lays the first households in these piles; 0 leaves one out."""
    laid = {home.pk: pile for home, pile in zip(homes, piles, strict=False) if pile}
    told: dict[str, Any] = {
        "group": group, "raters": 6, "piles": of, "held_date": DAY, "laid": laid,
    }  # fmt: skip
    return s.record_ranking_meeting(
        acting_staff=staff, ranking=ranking, told=s.MeetingIn(**(told | more))
    )


@pytest.fixture
def laid(clerk: StaffUser, ranking: WealthRanking, homes: list[Household]) -> WealthRanking:
    """Three groups: the first two agreed on, the third torn apart, the fourth laid by two alone."""
    lay(clerk, ranking, homes, "Women", 1, 5, 1, 2)
    lay(clerk, ranking, homes, "Men", 1, 4, 5, 3)
    lay(clerk, ranking, homes, "Young", 1, 4, 1, 0, of=4)
    return ranking


def read(staff: StaffUser, page: str) -> str:
    """A page without what is drawn anew each time."""
    text = signed_in(staff).get(page).content.decode()
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)


def found(staff: StaffUser, ranking: WealthRanking) -> dict[UUID, q.Standing]:
    return {one.household.pk: one for one in q.ranked_households(staff, ranking)}


def statuses(staff: StaffUser, ranking: WealthRanking, homes: list[Household]) -> list[str]:
    standings = found(staff, ranking)
    return [standings[home.pk].ranking.status.value for home in homes if home.pk in standings]


def test_three_groups_rank_and_what_lies_apart_is_told(
    targeting: StaffUser, laid: WealthRanking, homes: list[Household]
) -> None:
    assert statuses(targeting, laid, homes) == [
        "RANKED", "RANKED", "RERANK", "NEEDS_THIRD_RANKING",
    ]  # fmt: skip
    scores = [found(targeting, laid)[home.pk].ranking for home in homes]
    assert [str(one.score) for one in scores] == ["65/3", "280/3", "145/3", "50"]
    assert [str(one.spread) for one in scores] == ["5", "20", "80", "20"]
    agreement = q.agreement(found(targeting, laid).values())
    assert agreement is not None
    assert 0 < agreement < 1


def test_laid_again_the_new_piles_count_and_the_old_ones_stay_on_record(
    clerk: StaffUser, targeting: StaffUser, laid: WealthRanking, homes: list[Household]
) -> None:
    first = q.agreement(found(targeting, laid).values())
    s.rank_again(acting_staff=targeting, ranking=laid)
    laid.refresh_from_db()
    assert laid.round == 2
    assert [home.pk for home in q.offered(clerk, laid, s.RECORD)] == sorted(
        [homes[2].pk, homes[3].pk], key=lambda pk: Household.objects.get(pk=pk).code
    )
    with pytest.raises(Faults) as refused:
        lay(clerk, laid, homes, "Women", 2, 0, 4, 2)
    assert {fault.code: fault.place for fault in refused.value.faults} == {
        "RANKED_ALREADY": f"pile_{homes[0].pk}",
        "GROUP_LAID_IT": f"pile_{homes[3].pk}",
    }
    for group, pile in (("Women", 4), ("Old", 4), ("Shop keepers", 5)):
        lay(clerk, laid, [homes[2]], group, pile)
    lay(clerk, laid, [homes[3]], "Teachers", 2)
    assert statuses(targeting, laid, homes) == ["RANKED"] * 4
    again = found(targeting, laid)[homes[2].pk]
    assert (str(again.ranking.score), len(again.laid), len(again.standing)) == ("260/3", 6, 3)
    assert q.agreement(found(targeting, laid).values()) == first, "of the first round alone"


def test_the_next_round_asked_for_twice_begins_once(
    clerk: StaffUser, targeting: StaffUser, laid: WealthRanking, homes: list[Household]
) -> None:
    s.rank_again(acting_staff=targeting, ranking=laid)
    with pytest.raises(s.RoundJustBegun, match="2"):
        s.rank_again(acting_staff=targeting, ranking=laid)
    laid.refresh_from_db()
    assert laid.round == 2
    for group, pile in (("A", 1), ("B", 5), ("C", 1)):
        lay(clerk, laid, [homes[2]], group, pile)
    s.rank_again(acting_staff=targeting, ranking=laid)
    laid.refresh_from_db()
    assert laid.round == 3


def test_nothing_is_laid_again_where_all_agree(
    clerk: StaffUser, targeting: StaffUser, ranking: WealthRanking, homes: list[Household]
) -> None:
    lay(clerk, ranking, homes, "Women", 1, 2, 3, 4)
    with pytest.raises(s.NothingFarApart):
        s.rank_again(acting_staff=targeting, ranking=ranking)
    ranking.refresh_from_db()
    assert ranking.round == 1


def test_the_limit_is_the_one_chosen_when_it_began(
    clerk: StaffUser, targeting: StaffUser, programme: Programme, village: Area,
    homes: list[Household],
) -> None:  # fmt: skip
    Setting.objects.create(key=choices_made.RERANK, value=90)
    wide = s.start_ranking(
        acting_staff=targeting, programme=programme, area=village, title="Wide", begun_date=DAY
    )
    for group, pile in (("A", 1), ("B", 5), ("C", 1)):
        lay(clerk, wide, [homes[0]], group, pile)
    Setting.objects.filter(key=choices_made.RERANK).update(value=10)
    assert wide.rerank_above == 90
    assert statuses(targeting, wide, homes) == ["RANKED"]


def test_each_fault_of_a_meeting_is_named_and_nothing_is_kept(
    clerk: StaffUser, targeting: StaffUser, ranking: WealthRanking, homes: list[Household],
    programme: Programme, area: Area,
) -> None:  # fmt: skip
    tomorrow = timezone.localdate() + timedelta(1)
    cases: list[tuple[Mapping[str, Any], type[Refusal], str | None]] = [
        ({"group": "  "}, s.GroupWithoutName, "group"),
        ({"raters": 0}, s.RatersUnusable, "raters"),
        ({"raters": 10**9}, s.RatersUnusable, "raters"),
        ({"piles": 1}, s.PilesUnusable, "piles"),
        ({"piles": 21}, s.PilesUnusable, "piles"),
        ({"held_date": tomorrow}, DayToCome, "held_date"),
        ({"held_date": DAY - timedelta(1)}, StepBefore, "held_date"),
        ({"laid": {}}, s.NothingLaid, None),
        ({"laid": {new_id(): 1 for _each in range(301)}}, s.TooManyLaid, None),
        ({"laid": {new_id(): 1}}, OutOfSight, None),
    ]
    for more, kind, field in cases:
        told = {"group": "Women"} | dict(more)
        with pytest.raises(kind) as refused:
            lay(clerk, ranking, homes, told.pop("group"), 1, **told)
        if field:
            assert refused.value.field == field
    elsewhere = Household.objects.create(
        code="H-ELSE", programme=programme, area=area, registered_date=DAY, registered_by=clerk
    )
    with pytest.raises(Faults) as faults:
        lay(clerk, ranking, [*homes, elsewhere], "Women", 6, 1, 0, 2, 3)
    assert {fault.place: fault.code for fault in faults.value.faults} == {
        f"pile_{homes[0].pk}": "PILE_UNKNOWN",
        f"pile_{elsewhere.pk}": "NOT_OF_THIS_VILLAGE",
    }
    assert not RankingMeeting.objects.exists()
    lay(clerk, ranking, homes, "Women", 1)
    with pytest.raises(s.GroupTwice):
        lay(clerk, ranking, homes, " WOMEN ", 2)
    for told, kind in (
        ({"title": " "}, s.RankingWithoutTitle),
        ({"begun_date": tomorrow}, DayToCome),
    ):
        begin: dict[str, Any] = {
            "programme": programme, "area": area, "title": "x", "begun_date": DAY,
        }  # fmt: skip
        with pytest.raises(kind):
            s.start_ranking(acting_staff=targeting, **(begin | told))
    assert WealthRanking.objects.count() == 1


def test_the_same_meeting_sent_twice_changes_nothing(
    clerk: StaffUser, ranking: WealthRanking, homes: list[Household]
) -> None:
    key = new_id()
    first = lay(clerk, ranking, homes, "Women", 1, 2, id=key)
    assert lay(clerk, ranking, homes, "Women", 1, 2, id=key) == first
    with pytest.raises(SameIdOtherContent):
        lay(clerk, ranking, homes, "Women", 1, 2, 3, id=key)
    with pytest.raises(SameIdOtherContent):
        lay(clerk, ranking, homes, "Men", 1, 2, id=key)
    assert RankedPile.objects.count() == 2


def test_a_meeting_sent_again_with_another_pile_is_not_taken_for_the_same(
    clerk: StaffUser, ranking: WealthRanking, homes: list[Household]
) -> None:
    key = new_id()
    first = lay(clerk, ranking, homes, "Women", 1, 2, id=key)
    others: list[tuple[tuple[int, ...], dict[str, Any]]] = [
        ((1, 3), {}),
        ((1, 2), {"raters": 7}),
        ((1, 2), {"held_date": DAY + timedelta(1)}),
    ]
    for piles, more in others:
        with pytest.raises(SameIdOtherContent):
            lay(clerk, ranking, homes, "Women", *piles, id=key, **more)
    row = RankedPile.objects.get(household=homes[1])
    s.correct_pile(acting_staff=clerk, laid=row, pile=3, reason=c.PileMistake.MISWRITTEN)
    assert lay(clerk, ranking, homes, "Women", 1, 2, id=key) == first, "sent again after that"
    row.refresh_from_db()
    assert row.pile == 3


def test_a_pile_is_corrected_with_its_past_until_the_ranking_ends(
    clerk: StaffUser, targeting: StaffUser, laid: WealthRanking, homes: list[Household]
) -> None:
    row = RankedPile.objects.get(meeting__group="Men", household=homes[2])
    why = c.PileMistake.MISWRITTEN
    for pile, kind in ((0, s.PileUnknown), (6, s.PileUnknown), (5, s.SamePile)):
        with pytest.raises(kind) as refused:
            s.correct_pile(acting_staff=clerk, laid=row, pile=pile, reason=why)
        assert refused.value.field == "pile"
    s.correct_pile(acting_staff=clerk, laid=row, pile=1, reason=why)
    assert [past.pile for past in RankedPile.history.filter(id=row.pk).order_by("history_id")] == [
        5, 1,
    ]  # fmt: skip
    line = AuditLine.objects.get(action="people.correct_pile")
    assert (line.object_id, line.facts) == (str(row.pk), {"reason": "MISWRITTEN"})
    assert statuses(targeting, laid, homes)[2] == "RANKED"
    s.close_ranking(acting_staff=targeting, ranking=laid, on=DAY)
    for act in (
        lambda: s.correct_pile(acting_staff=clerk, laid=row, pile=2, reason=why),
        lambda: lay(clerk, laid, homes, "Late", 1),
        lambda: s.rank_again(acting_staff=targeting, ranking=laid),
        lambda: s.close_ranking(acting_staff=targeting, ranking=laid, on=DAY),
    ):
        with pytest.raises(s.RankingEnded):
            act()


def test_a_ranking_ends_on_a_day_after_its_last_meeting(
    clerk: StaffUser, targeting: StaffUser, ranking: WealthRanking, homes: list[Household]
) -> None:
    with pytest.raises(s.NothingLaid):
        s.close_ranking(acting_staff=targeting, ranking=ranking, on=DAY)
    lay(clerk, ranking, homes, "Women", 1, held_date=DAY + timedelta(2))
    with pytest.raises(StepBefore):
        s.close_ranking(acting_staff=targeting, ranking=ranking, on=DAY + timedelta(1))
    with pytest.raises(DayToCome):
        s.close_ranking(
            acting_staff=targeting, ranking=ranking, on=timezone.localdate() + timedelta(1)
        )
    row = s.close_ranking(acting_staff=targeting, ranking=ranking, on=DAY + timedelta(2))
    assert (row.state, row.closed_date) == ("CLOSED", DAY + timedelta(2))


def test_a_meeting_is_never_rewritten(laid: WealthRanking) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingMeeting.objects.update(piles=9)


def test_who_works_elsewhere_or_in_another_role_does_nothing(
    outsider: StaffUser, clerk: StaffUser, trainer: StaffUser, laid: WealthRanking,
    homes: list[Household], programme: Programme, village: Area,
) -> None:  # fmt: skip
    begin: dict[str, Any] = {
        "programme": programme, "area": village, "title": "x", "begun_date": DAY,
    }  # fmt: skip
    acts: list[tuple[StaffUser, Any, type[Refusal]]] = [
        (outsider, lambda who: s.start_ranking(acting_staff=who, **begin), OutOfSight),
        (outsider, lambda who: lay(who, laid, homes, "Others", 1), OutOfSight),
        (outsider, lambda who: s.close_ranking(acting_staff=who, ranking=laid, on=DAY), OutOfSight),
        (clerk, lambda who: s.close_ranking(acting_staff=who, ranking=laid, on=DAY), NotAllowed),
        (clerk, lambda who: s.rank_again(acting_staff=who, ranking=laid), NotAllowed),
        (trainer, lambda who: lay(who, laid, homes, "Others", 1), NotAllowed),
    ]
    for who, act, kind in acts:
        with pytest.raises(kind):
            act(who)
    assert q.ranked_households(outsider, laid) == []
    laid.refresh_from_db()
    assert (laid.state, laid.round, laid.meetings.count()) == ("OPEN", 1, 3)


def test_a_hidden_household_is_in_no_count_and_cannot_be_laid(
    clerk: StaffUser, targeting: StaffUser, focal_point: StaffUser, laid: WealthRanking,
    homes: list[Household],
) -> None:  # fmt: skip
    page = reverse("people:wealthranking_detail", args=[laid.pk])
    kept = homes[2]
    whose = Person._base_manager.get(memberships__household=kept)
    open_compartment(
        acting_staff=focal_point,
        person=whose,
        kind=c.CompartmentKind.PERSON,
        team=[focal_point],
        opened_date=DAY,
    )
    clerk, targeting = (StaffUser.objects.get(pk=one.pk) for one in (clerk, targeting))
    assert set(found(targeting, laid)) == {home.pk for home in homes if home != kept}
    with pytest.raises(s.NothingFarApart):
        s.rank_again(acting_staff=targeting, ranking=laid)
    with pytest.raises(OutOfSight):
        lay(clerk, laid, [kept], "Others", 1)
    told = read(targeting, page)
    api = signed_in(targeting).get(f"/api/v1/people/wealth-rankings/{laid.pk}").json()
    RankedPile.objects.filter(household=kept).delete()
    assert read(targeting, page) == told, "as if she were not there"
    assert kept.code not in told
    assert len(api["households"]) == 3
    assert api == signed_in(targeting).get(f"/api/v1/people/wealth-rankings/{laid.pk}").json()


@pytest.fixture
def scored(
    clerk: StaffUser, manager: StaffUser, laid: WealthRanking, homes: list[Household]
) -> WealthRanking:
    """The heads were asked by the scorecard too; the poorest by their neighbours is by it also."""
    card = publish(manager)
    for home, score in zip(homes, (10, 0, 4, 9), strict=True):
        roof, stove = ANSWERS[score]
        assess(
            acting_staff=clerk,
            person=Person._base_manager.get(memberships__household=home),
            scorecard=card,
            answers={"roof": roof, "cooking_stove": stove},
            assessed_date=DAY,
        )
    return laid


def test_it_stands_beside_the_scorecard_with_their_correlation(
    clerk: StaffUser, targeting: StaffUser, scored: WealthRanking, homes: list[Household]
) -> None:
    scores = q.last_scores(targeting, [home.pk for home in homes])
    assert {home: row.score for home, row in scores.items()} == {
        home.pk: score for home, score in zip(homes, (10, 0, 4, 9), strict=True)
    }
    two = q.beside(q.ranked_households(targeting, scored), scores)
    assert two is not None
    assert (two.households, two.correlation) == (2, None), "two are too few"
    s.rank_again(acting_staff=targeting, ranking=scored)
    scored.refresh_from_db()
    lay(clerk, scored, homes[2:], "D", 4, 3)
    for group in ("E", "F"):
        lay(clerk, scored, homes[2:], group, 4)
    all_four = q.beside(q.ranked_households(targeting, scored), scores)
    assert all_four is not None
    assert (all_four.households, str(all_four.correlation)) == (4, "1")


def test_a_row_of_a_run_shows_what_the_neighbours_said_then(
    clerk: StaffUser, targeting: StaffUser, scored: WealthRanking, homes: list[Household],
    programme: Programme,
) -> None:  # fmt: skip
    from handup.people.services import ApplicationIn, apply_to_programme

    whose = Person._base_manager.get(memberships__household=homes[1])
    apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(person=whose, programme=programme, applied_date=DAY),
    )

    def run(day: Any) -> str:
        row = run_targeting(
            acting_staff=targeting, programme=programme, title="Spring", run_date=day, cutoff=5,
            scorecard=q.last_scores(targeting, [homes[1].pk])[homes[1].pk].scorecard,
        )  # fmt: skip
        line = TargetingRow.objects.get(run=row, person=whose)
        answer = signed_in(targeting).get(reverse("people:targetingrow_detail", args=[line.pk]))
        return answer.content.decode()

    assert "93.3" not in run(DAY + timedelta(9)), "it has not ended"
    s.close_ranking(acting_staff=targeting, ranking=scored, on=DAY + timedelta(3))
    assert "93.3" in run(DAY + timedelta(9))
    assert "93.3" not in run(DAY + timedelta(2)), "it ended later"


def test_a_row_of_a_run_tells_no_rank_of_a_household_out_of_sight(
    targeting: StaffUser, laid: WealthRanking, homes: list[Household], programme: Programme,
    other_programme: Programme,
) -> None:  # fmt: skip
    """She is seen, her household is another programme's: the ranking leaves it out, and so does the
    row.
    """
    whose = Person._base_manager.get(memberships__household=homes[1])
    s.close_ranking(acting_staff=targeting, ranking=laid, on=DAY)

    def ranks() -> list[UUID]:
        return list(q.last_ranking(targeting, programme.pk, [whose.pk], on=DAY + timedelta(9)))

    assert ranks() == [whose.pk]
    Household.objects.filter(pk=homes[1].pk).update(programme=other_programme)
    assert whose in Person.objects.visible_to(targeting)
    assert homes[1].pk not in found(targeting, laid)
    assert ranks() == []


def test_her_file_tells_in_which_pile_her_household_lay_while_she_lived_there(
    laid: WealthRanking, homes: list[Household]
) -> None:
    whose = Person._base_manager.get(memberships__household=homes[1])
    told = assessed.told(whose.pk)["Ranked by neighbours"]
    assert [row["Pile, 1 the best off"] for row in told] == ["5 / 5", "4 / 5", "4 / 4"]
    whose.memberships.update(from_date=DAY + timedelta(1))
    assert "Ranked by neighbours" not in assessed.told(whose.pk)
