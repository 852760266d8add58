"""A group's vote on its rules, written down on an officer's own phone: adopted once as its next
version; a vote that did not carry, or rules changed since, wait and change nothing."""

from typing import Any

import pytest

from handup.groups.models import Constitution, Resolution
from handup.groups.queries import constitution_on
from handup.groups.services import NewMember, admit_members, change_rules
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.sync import services
from handup.sync.rules_voted import CHANGED
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.tests.work.test_scores import group, out
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import START, MakePerson, member_of_staff

__all__ = ["group", "out"]
DAY, AFTER = START.isoformat(), "2026-03-03"


@pytest.fixture
def five(group: Any, out: StaffUser, person: MakePerson) -> Any:
    """The group has five members."""
    joined = group.formed_date
    rows = [NewMember(person=person(f"Member {no}"), joined_date=joined) for no in range(5)]
    admit_members(acting_staff=out, group=group, members=rows)
    return group


def voted(group: Any, /, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"group": str(group.pk), "version": 2, "effective_date": AFTER}
    body |= {"settings": {"fine_late_units": 100, "charge_rate_bps": 250}}
    return told("adopt_constitution", body | {"yes": 5, "no": 0, "abstain": 0} | more, DAY)


def test_the_phone_carries_the_rules_that_groups_change_most(out: StaffUser, five: Any) -> None:
    (one,) = work_of(out)[0]["rules"]
    assert (one["group_id"], one["version"], one["currency_digits"]) == (five.pk, 1, 2)
    assert one["settings"].keys() == set(CHANGED)
    assert (one["settings"]["share_value_units"], one["settings"]["charge_rate_bps"]) == (500, 1000)
    assert work_of(member_of_staff("cash", Role.CASHIER))[0]["rules"] == []


def test_rules_are_adopted_once_by_their_vote_and_keep_what_was_not_changed(
    out: StaffUser, five: Any
) -> None:
    device = own_phone(out).device
    fact = voted(five)
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    held = constitution_on(five)
    assert (held.version, str(held.effective_date)) == (2, AFTER)
    changed = {name: held.settings[name] for name in ("fine_late_units", "charge_rate_bps")}
    assert changed == {"fine_late_units": 100, "charge_rate_bps": 250}
    assert held.settings["share_value_units"] == 500
    assert (str(held.resolution_id), Resolution.objects.get().yes) == (fact["id"], 5)
    assert work_of(out)[0]["rules"][0]["version"] == 2


def test_what_did_not_carry_or_was_changed_since_waits_and_changes_nothing(
    out: StaffUser, five: Any
) -> None:
    device = own_phone(out).device
    settings = {"fine_late_units": 50}
    change_rules(
        acting_staff=out,
        group=five,
        version=2,
        settings=settings,
        effective_date=START,
        yes=5,
        no=0,
        abstain=0,
    )
    facts = [
        voted(five),
        voted(five, version=3, yes=3, no=2),
        voted(five, version=3, group=str(new_id())),
        voted(five, version=3, settings={"charge_rate_bps": 10_001}),
        voted(five, version=3, settings={"quorum_bps": 1}),
        voted(five, version=3, settings={}),
        voted(five, version=3, settings={"shares_max": "9"}),
        voted(five, version=3, effective_date="soon"),
        voted(five, version=3, yes=-1),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == [*["WAITING"] * 4, *["REFUSED"] * 5]
    assert "faults were found" not in answers[3].reason, "their number mends nothing"
    assert "charge_rate_bps" in answers[3].reason
    assert Constitution.objects.filter(group=five).count() == 2
    assert Resolution.objects.count() == 1
    assert constitution_on(five).settings["fine_late_units"] == 50
