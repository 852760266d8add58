"""A needs meeting written down on an officer's own phone: carried where she may hold one, stored
once, and what is not hers waits."""

from typing import Any

import pytest

from handup.groups.models import NeedsMeeting
from handup.kernel.ids import new_id
from handup.org.models import Area, Office, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import member_of_staff

DAY = "2026-03-02"
NAMED = [{"what": "Well", "women": 14, "men": 3}, {"what": "Road", "women": 2, "men": 9}]


@pytest.fixture
def out(office: Office) -> StaffUser:
    """A field officer of an office."""
    staff = member_of_staff("out", Role.FIELD_OFFICER)
    staff.home_office = office
    staff.save(update_fields=["home_office"])
    return staff


@pytest.fixture
def village(db: None) -> Area:
    return Area.objects.create(code="V9", names={"en": "Hill"}, level=2)


def said(programme: Programme, area: Area, /, **more: Any) -> dict[str, Any]:
    body = {"programme": str(programme.pk), "area": str(area.pk), "women": 15, "men": 10}
    return told("record_needs", body | {"needs": NAMED, "place": "School"} | more, DAY)


def test_the_phone_carries_where_its_holder_may_hold_one(
    out: StaffUser, programme: Programme, village: Area
) -> None:
    carried = work_of(out)[0]["needs"]
    assert {"id": programme.pk, "name": programme.title} in carried["programmes"]
    assert village.pk in {row["id"] for row in carried["areas"]}
    assert work_of(member_of_staff("cash", Role.CASHIER))[0]["needs"] is None


def test_what_was_named_is_stored_once_with_its_votes(
    out: StaffUser, programme: Programme, village: Area
) -> None:
    device = own_phone(out).device
    fact = said(programme, village)
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    row = NeedsMeeting.objects.get()
    assert (str(row.pk), row.area, row.place) == (fact["id"], village, "School")
    assert (row.held_date.isoformat(), row.women, row.men) == (DAY, 15, 10)
    assert list(row.needs.values_list("what", "women", "men")) == [("Well", 14, 3), ("Road", 2, 9)]
    assert (row.recorded_by, row.decided_date) == (out, None)
    assert WorkFact.objects.get().told == "", "what is stored needs no second copy"


def test_what_does_not_fit_waits_or_is_not_read(
    out: StaffUser, programme: Programme, village: Area
) -> None:
    device = own_phone(out).device
    many = [{"what": f"Need {place}", "women": 1, "men": 1} for place in range(13)]
    facts = [
        said(programme, village, area=str(new_id())),
        said(programme, village, programme=str(new_id())),
        said(programme, village, needs=[{"what": "Well", "women": 16, "men": 0}]),
        said(programme, village, needs=[NAMED[0], NAMED[0]]),
        said(programme, village, needs=[]),
        said(programme, village, needs=many),
        said(programme, village, women=-1),
        said(programme, village, men="10"),
        said(programme, village, needs=[{"what": "", "women": 1, "men": 1}]),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == [*["WAITING"] * 4, *["REFUSED"] * 5]
    assert not NeedsMeeting.objects.exists()
    assert "more votes than people" in answers[2].reason
