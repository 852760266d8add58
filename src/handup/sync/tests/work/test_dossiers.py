"""A group's vote to share its dossier, written down on an officer's own phone: kept once with what
goes by it; a vote that did not carry waits and nothing goes."""

from typing import Any

import pytest

from handup.groups.models import GroupDossier, Resolution
from handup.groups.services import NewMember, admit_members
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Organisation
from handup.sync import services
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.tests.work.test_scores import group, out
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import START, MakePerson, member_of_staff

__all__ = ["group", "out"]
DAY = START.isoformat()


@pytest.fixture
def bank(db: None) -> Organisation:
    return Organisation.objects.create(code="FIRST", name="First bank")


@pytest.fixture
def five(group: Any, out: StaffUser, person: MakePerson) -> Any:
    """The group has five members."""
    joined = group.formed_date
    rows = [NewMember(person=person(f"Member {no}"), joined_date=joined) for no in range(5)]
    admit_members(acting_staff=out, group=group, members=rows)
    return group


def voted(group: Any, to: Organisation, /, **more: Any) -> dict[str, Any]:
    body = {"group": str(group.pk), "to": str(to.pk), "purpose": "SHARE_BANK"}
    return told("share_dossier", body | {"yes": 4, "no": 1, "abstain": 0} | more, DAY)


def test_the_phone_carries_her_groups_whom_she_knows_and_nothing_of_a_dossier(
    out: StaffUser, five: Any, bank: Organisation
) -> None:
    carried = work_of(out)[0]["dossiers"]
    assert carried["groups"] == [{"id": five.pk, "name": "Morning star"}]
    assert bank.pk in {row["id"] for row in carried["recipients"]}
    assert carried["purposes"][0] == "SHARE_BANK"
    assert work_of(member_of_staff("cash", Role.CASHIER))[0]["dossiers"] is None


def test_a_vote_that_carried_is_kept_once_with_the_dossier(
    out: StaffUser, five: Any, bank: Organisation
) -> None:
    device = own_phone(out).device
    fact = voted(five, bank)
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    row = GroupDossier.objects.get()
    assert (str(row.pk), row.recipient, row.purpose) == (fact["id"], bank, "SHARE_BANK")
    assert (row.resolution.yes, row.resolution.no, row.resolution.is_passed) == (4, 1, True)
    assert row.figures["members"] == 5
    assert not row.lines.exists(), "nobody agreed to her own line"


def test_what_did_not_carry_or_is_not_hers_waits_and_nothing_goes(
    out: StaffUser, five: Any, bank: Organisation
) -> None:
    device = own_phone(out).device
    facts = [
        voted(five, bank, yes=2, no=3),
        voted(five, bank, group=str(new_id())),
        voted(five, bank, to=str(new_id())),
        voted(five, bank, yes=9),
        voted(five, bank, purpose="SERVICE"),
        voted(five, bank, yes=-1),
        voted(five, bank, yes="4"),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == [*["WAITING"] * 4, *["REFUSED"] * 3]
    assert not GroupDossier.objects.exists()
    assert not Resolution.objects.exists()
