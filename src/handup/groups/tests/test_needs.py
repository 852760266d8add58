"""A community says what it needs, women and men counted apart; it is decided, paid from a budget
line, and told back."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import NeedsMeeting
from handup.groups.services.needs import (
    DayBefore,
    DecidedAlready,
    MoreVotesThanPeople,
    NeedIn,
    NeedTwice,
    NeedUnnamed,
    NoNeeds,
    NotDecided,
    NotOfThisMeeting,
    ToldAlready,
    WordsMissing,
    decide_need,
    record_needs,
    tell_community,
)
from handup.groups.tests.conftest import FORMED, staff_with
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.projects.models import Programme

DAY = FORMED + timedelta(days=3)
NEEDS = (NeedIn("Water", 12, 3), NeedIn("A road", 2, 8))


@pytest.fixture
def manager(programme: Programme) -> StaffUser:
    """Who decides."""
    return staff_with("manager-needs", Role.MANAGER, programme=programme.pk)


@pytest.fixture
def told(programme: Programme, area: Area, officer: StaffUser) -> NeedsMeeting:
    return record(programme, area, officer)


def record(programme: Programme, area: Area, officer: StaffUser, **more: Any) -> NeedsMeeting:
    said: dict[str, Any] = {
        "held_date": FORMED,
        "women": 12,
        "men": 9,
        "needs": NEEDS,
    }
    return record_needs(acting_staff=officer, programme=programme, area=area, **{**said, **more})


def test_needs_are_counted_by_women_and_men_and_never_above_who_was_there(
    programme: Programme, area: Area, officer: StaffUser, outsider: StaffUser
) -> None:
    keep = partial(record, programme, area)
    for wrong, refusal in (
        ({"women": 0, "men": 0}, NoNeeds),
        ({"needs": [NeedIn(" ", 0, 0)]}, NoNeeds),
        ({"needs": [*NEEDS, NeedIn(" ", 1, 1)]}, NeedUnnamed),
        ({"needs": [NeedIn("Water", 13, 0)]}, MoreVotesThanPeople),
        ({"needs": [NeedIn("Water", 1, 0), NeedIn("water ", 1, 0)]}, NeedTwice),
    ):
        with pytest.raises(refusal):
            keep(officer, **wrong)
    with pytest.raises(MoreVotesThanPeople) as refused:
        keep(officer, needs=[NEEDS[0], NeedIn("", 0, 0), NeedIn("A road", 1, 10)])
    assert refused.value.field == "men_3"
    with pytest.raises(OutOfSight):
        keep(outsider)
    assert not NeedsMeeting.objects.exists()
    key = new_id()
    row = keep(officer, id=key)
    assert keep(officer, id=key) == row
    with pytest.raises(SameIdOtherContent):
        keep(officer, id=key, needs=[NeedIn("Water", 1, 3)])
    assert list(row.needs.values_list("number", "what", "women", "men")) == [
        (1, "Water", 12, 3),
        (2, "A road", 2, 8),
    ]


def test_it_is_decided_then_told_each_once_in_that_order(
    told: NeedsMeeting,
    programme: Programme,
    area: Area,
    officer: StaffUser,
    manager: StaffUser,
) -> None:
    water = told.needs.get(number=1)
    other = record(programme, area, officer, held_date=date(2026, 1, 6)).needs.get(number=1)
    decide = partial(
        decide_need, acting_staff=manager, meeting=told, need=water, decision="A well", on=DAY
    )
    tell = partial(
        tell_community, acting_staff=officer, meeting=told, words="The well is dug", on=DAY
    )
    with pytest.raises(NotDecided):
        tell()
    with pytest.raises(NotAllowed):
        decide(acting_staff=officer)
    with pytest.raises(NotOfThisMeeting):
        decide(need=other)
    with pytest.raises(WordsMissing):
        decide(decision=" ")
    with pytest.raises(DayBefore):
        decide(on=FORMED - timedelta(days=1))
    done = decide()
    assert decide() == done
    with pytest.raises(DecidedAlready):
        decide(decision="A road")
    with pytest.raises(DayBefore):
        tell(on=FORMED)
    assert tell() == tell()
    with pytest.raises(ToldAlready):
        tell(words="No")
    told.refresh_from_db()
    assert (told.chosen, told.told_words) == (water, "The well is dug")


def test_needs_on_their_pages_and_over_the_api(
    client: Client,
    told: NeedsMeeting,
    programme: Programme,
    area: Area,
    officer: StaffUser,
    manager: StaffUser,
    outsider: StaffUser,
) -> None:
    client.force_login(officer)
    page = reverse("groups:needs_detail", args=[told.pk])
    assert (
        page in client.post(reverse("groups:needs_list"), {"q": ""}, follow=True).content.decode()
    )
    assert client.post(reverse("groups:needs_list"), {"q": "x"}, follow=True).status_code == 200
    new = reverse("groups:needs_new", args=[programme.pk])
    sent = {
        "area": str(area.pk),
        "held_date": "2026-01-08",
        "women": "5",
        "men": "4",
        "what_1": "A school",
        "women_1": "6",
        "_read_back": "1",
    }
    assert client.post(new, sent).status_code == 422
    assert client.post(new, sent | {"women_1": "5"}).status_code == 302
    decide = reverse("groups:needs_decide", args=[told.pk])
    assert client.get(decide).status_code in {403, 404}
    client.force_login(manager)
    answer = {
        "need": str(told.needs.get(number=1).pk),
        "decision": "A well",
        "on": DAY.isoformat(),
        "_read_back": "1",
    }
    assert client.post(decide, answer).status_code == 302
    tell = reverse("groups:needs_tell", args=[told.pk])
    notice = {"words": "The well is dug", "on": DAY.isoformat(), "_read_back": "1"}
    assert client.post(tell, notice).status_code == 302
    shown = client.get(page).content.decode()
    assert shown.index("Water") < shown.index("A road")
    assert "The well is dug" in shown
    listed = client.get("/api/v1/groups/needs").json()["items"]
    assert {row["decision"] for row in listed} == {"A well", ""}
    client.force_login(outsider)
    assert client.get(page).status_code == 404
    assert client.get("/api/v1/groups/needs").json()["items"] == []
