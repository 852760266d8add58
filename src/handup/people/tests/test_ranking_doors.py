"""Wealth rankings on their pages and over the interface."""

from typing import Any

import pytest
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.models import Area, StaffUser
from handup.people.models import Household, RankedPile, RankingMeeting, WealthRanking
from handup.people.models import labels as lb
from handup.people.queries import ranking as q
from handup.people.rules.ranking import RankingStatus
from handup.people.services import ranking as s
from handup.people.tests import test_rankings as told_of
from handup.people.tests.conftest import signed_in
from handup.people.tests.test_rankings import NAMES, lay
from handup.projects.models import Programme

village, homes, ranking = told_of.village, told_of.homes, told_of.ranking


def test_a_village_is_begun_once_and_a_wrong_pile_is_told_beside_it(
    clerk: StaffUser, targeting: StaffUser, programme: Programme, village: Area,
    homes: list[Household],
) -> None:  # fmt: skip
    office, desk = signed_in(targeting), signed_in(clerk)
    key = str(new_id())
    new = {
        "title": "Upper village", "programme": str(programme.pk), "area": str(village.pk),
        "begun_date": "2026-03-02", "_new_id": key,
    }  # fmt: skip
    for _again in range(2):
        assert office.post(reverse("people:wealthranking_new"), new).status_code == 302
    row = WealthRanking.objects.get()
    listed = reverse("people:wealthranking_list")
    for told in ({}, {"q": "x"}, {"q": "Upper"}, {"state": "OPEN"}, {"begun_from": "2026-01-01"}):
        assert desk.post(listed, told, follow=True).status_code == 200
    page = reverse("people:ranking_meeting_new", args=[row.pk])
    form = desk.get(page).content.decode()
    assert all(name in form for name in NAMES)
    told = {"group": "Women", "raters": "6", "piles": "5", "held_date": "2026-03-02"}
    piles = {f"pile_{home.pk}": "" for home in homes}
    wrong = desk.post(page, told | piles | {f"pile_{homes[0].pk}": "7", f"pile_{homes[1].pk}": "x"})
    assert wrong.status_code == 422
    assert b"Women" in wrong.content, "what was typed is not lost"
    beyond = desk.post(page, told | piles | {f"pile_{homes[0].pk}": "6"})
    assert b"There are 5 piles" in beyond.content
    assert not RankingMeeting.objects.exists()


def test_it_goes_from_the_village_to_the_end_on_pages(
    clerk: StaffUser, targeting: StaffUser, ranking: WealthRanking, homes: list[Household]
) -> None:
    office, desk, row = signed_in(targeting), signed_in(clerk), ranking
    page = reverse("people:ranking_meeting_new", args=[row.pk])
    told = {"group": "Women", "raters": "6", "piles": "5", "held_date": "2026-03-02"}
    piles = {f"pile_{home.pk}": "" for home in homes}
    for group, numbers in (("Women", (1, 5, 1)), ("Men", (1, 4, 5)), ("Young", (1, 5, 1))):
        laid = {f"pile_{home.pk}": str(n) for home, n in zip(homes, numbers, strict=False)}
        done = desk.post(page, told | piles | laid | {"group": group})
        assert done.status_code == 302
    detail = reverse("people:wealthranking_detail", args=[row.pk])
    shown = office.get(detail).content.decode()
    for text in ("93.3", "to be laid again", reverse("people:ranking_again", args=[row.pk])):
        assert text in shown
    meeting = row.meetings.get(group="Men")
    pile = RankedPile.objects.get(meeting=meeting, household=homes[2])
    correct = reverse("people:ranked_pile", args=[pile.pk])
    assert (
        correct
        in desk.get(reverse("people:rankingmeeting_detail", args=[meeting.pk])).content.decode()
    )
    assert b"5 piles" in desk.get(correct).content
    assert desk.post(correct, {"pile": "9", "reason": "MISWRITTEN"}).status_code == 422
    assert office.post(reverse("people:ranking_again", args=[row.pk])).status_code == 302
    opened = desk.post(page, told | piles | {"group": "Late", f"pile_{homes[0].pk}": "2"})
    assert b"is ranked already" in opened.content, "told beside what was typed, not lost"
    form = desk.get(page).content.decode()
    assert [name in form for name in NAMES] == [False, False, True, True]
    assert desk.post(correct, {"pile": "1", "reason": "MISWRITTEN"}).status_code == 302
    assert "(Men" not in office.get(detail).content.decode()
    home = desk.get(reverse("people:household_detail", args=[homes[1].pk])).content.decode()
    assert "5 / 5" in home
    assert (
        office.post(
            reverse("people:ranking_close", args=[row.pk]), {"on": "2026-03-01"}
        ).status_code
        == 422
    )
    assert (
        office.post(
            reverse("people:ranking_close", args=[row.pk]), {"on": "2026-03-05"}
        ).status_code
        == 302
    )
    late = desk.post(page, told | piles | {"group": "Late", f"pile_{homes[0].pk}": "1"})
    assert b"has ended" in late.content


def test_the_interface_starts_lays_reads_and_ends(
    clerk: StaffUser, targeting: StaffUser, outsider: StaffUser, programme: Programme,
    village: Area, homes: list[Household],
) -> None:  # fmt: skip
    def call(staff: StaffUser, path: str, told: dict[str, Any] | None = None) -> Any:
        client, address = signed_in(staff), f"/api/v1/people/{path}"
        if told is None:
            return client.get(address)
        headers = {"Idempotency-Key": str(new_id())}
        return client.post(address, told, content_type="application/json", headers=headers)

    begun = call(targeting, "wealth-rankings", {
        "programme_id": str(programme.pk), "area_id": str(village.pk), "title": "Upper",
        "begun_date": "2026-03-02",
    })  # fmt: skip
    assert begun.status_code == 201
    own = f"wealth-rankings/{begun.json()['id']}"
    told: dict[str, Any] = {"raters": 6, "piles": 5, "held_date": "2026-03-02"}
    for group, pile in (("A", 1), ("B", 5), ("C", 1)):
        laid = {str(homes[0].pk): pile, str(homes[1].pk): 4}
        added = call(clerk, f"{own}/meetings", told | {"group": group, "laid": laid})
        assert added.status_code == 201
    beyond = call(clerk, f"{own}/meetings", told | {"group": "D", "piles": 3, "laid": laid})
    assert (beyond.status_code, len(beyond.json()["faults"])) == (422, 1)
    strange = call(clerk, f"{own}/meetings", told | {"group": "D", "laid": {str(new_id()): 1}})
    assert strange.status_code == 404
    result = call(targeting, own).json()
    by_home = {one["household_id"]: one for one in result["households"]}
    assert by_home[str(homes[1].pk)]["score_tenths"] == 800
    assert by_home[str(homes[0].pk)]["status"] == "RERANK"
    assert result["agreement_hundredths"] is not None
    pile = next(one for one in by_home[str(homes[0].pk)]["laid"] if one["pile"] == 5)
    fixed = call(clerk, f"ranked-piles/{pile['id']}", {"pile": 1, "reason": "GROUP_SAYS"})
    assert (fixed.status_code, fixed.json()["counts"]) == (201, True)
    again = call(targeting, f"{own}/again", {})
    assert (again.status_code, again.json()["code"]) == (422, "NOTHING_FAR_APART")
    assert len(call(clerk, f"{own}/meetings").json()["items"]) == 3
    ended = call(targeting, f"{own}/end", {"on": "2026-03-05"})
    assert (ended.status_code, ended.json()["state"]) == (201, "CLOSED")
    assert len(call(clerk, "wealth-rankings?state=CLOSED").json()["items"]) == 1
    assert call(outsider, own).status_code == 404
    assert call(outsider, "wealth-rankings").json()["items"] == []


def test_too_many_households_are_ranked_by_parts(
    clerk: StaffUser,
    ranking: WealthRanking,
    homes: list[Household],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(q, "MOST", 3)
    assert len(q.offered(clerk, ranking, s.RECORD)) == 4
    page = signed_in(clerk).get(reverse("people:ranking_meeting_new", args=[ranking.pk]))
    assert b"More than 3 households" in page.content
    with pytest.raises(s.TooManyLaid):
        lay(clerk, ranking, homes, "Women", 1, 1, 1, 1)


def test_the_status_words_cover_every_status() -> None:
    assert set(lb.RANKING_STATUS) == set(RankingStatus)
