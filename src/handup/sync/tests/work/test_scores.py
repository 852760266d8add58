"""A scorecard filled on an officer's own phone: carried with her groups, graded once at the office,
and what does not fit waits."""

from typing import Any

import pytest

from handup.groups.models import GroupAssessment
from handup.groups.models.group import GroupKind
from handup.groups.models.scoring import Given
from handup.groups.scorecards import card_of
from handup.groups.services import NewGroup, register_group
from handup.kernel.ids import new_id
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import START, member_of_staff

DAY, CARD = "2026-03-02", "TEN_POINTS"


@pytest.fixture
def out(db: None) -> StaffUser:
    """A field officer."""
    return member_of_staff("out", Role.FIELD_OFFICER)


@pytest.fixture
def group(out: StaffUser, programme: Programme) -> Any:
    """A savings group of hers."""
    area = Area.objects.create(code="V8", names={"en": "Hill"}, level=2)
    return register_group(
        acting_staff=out,
        programme=programme,
        group=NewGroup(
            name="Morning star",
            kind=GroupKind.SAVINGS,
            area=area,
            formed_date=START.replace(month=1),
            currency="AMD",
            officer=out,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )


def filled(group: Any, /, **more: Any) -> dict[str, Any]:
    marks: list[dict[str, Any]] = [{"no": no, "given": "SCORED", "points": 9} for no in range(1, 9)]
    marks += [{"no": 9, "given": "NOT_APPLICABLE"}, {"no": 10, "given": "UNANSWERED"}]
    body = {"group": str(group.pk), "card": CARD, "version": 1, "people": 12, "marks": marks}
    return told("assess_group", body | more, DAY)


def test_the_phone_carries_the_groups_of_its_holder_with_the_cards_that_fit(
    out: StaffUser, group: Any
) -> None:
    carried = work_of(out)[0]["scoring"]
    assert carried["groups"] == [{"id": group.pk, "name": "Morning star", "kind": "SAVINGS"}]
    assert {card["code"] for card in carried["cards"]} == {"TEN_POINTS", "FIELD_CARD"}
    (ten,) = [card for card in carried["cards"] if card["code"] == CARD]
    assert [row["points"] for row in ten["criteria"]] == [10] * 10
    assert work_of(member_of_staff("cash", Role.CASHIER))[0]["scoring"] is None


def test_a_filled_card_is_graded_once(out: StaffUser, group: Any) -> None:
    device = own_phone(out).device
    fact = filled(group)
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    row = GroupAssessment.objects.get()
    assert (str(row.pk), row.card_code, row.people_count) == (fact["id"], CARD, 12)
    # 72 of 90: what does not apply leaves the whole, what is not answered counts as nothing.
    assert (row.points, row.most_points, row.grade) == (72, 90, "B")
    assert row.assessed_date.isoformat() == DAY
    assert row.marks.filter(given=Given.SCORED).count() == 8


def test_what_does_not_fit_waits_or_is_not_read(out: StaffUser, group: Any) -> None:
    device = own_phone(out).device
    one = {"no": 1, "given": "SCORED", "points": 9}
    facts = [
        filled(group, group=str(new_id())),
        filled(group, version=card_of(CARD).version + 1),
        filled(group, card="NO_CARD"),
        filled(group, card="LADDER"),
        filled(group, marks=[one | {"points": 11}]),
        filled(group, marks=[one | {"no": 11}]),
        filled(group, people=0),
        filled(group, marks=[one, one]),
        filled(group, marks=[one | {"given": "MOON"}]),
        filled(group, marks=[{"no": 1, "given": "UNANSWERED", "points": 3}]),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == [*["WAITING"] * 6, *["REFUSED"] * 4]
    assert not GroupAssessment.objects.exists()
