"""Groups are registered with voted rules and a book; members keep their numbers."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from handup.groups.errors import (
    AlreadyAMember,
    ConstitutionOrder,
    MeetingHasConstitution,
    NotAMember,
    ResolutionNotFit,
)
from handup.groups.models import Constitution, Group, GroupFact, Meeting, Member, Resolution
from handup.groups.models.group import GroupKind, LeaveReason
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import FixedInCycle, NeverBackwards
from handup.groups.rules.facts import chain_hash, content_hash
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    adopt_constitution,
    cancel_meeting,
    elect_officer,
    end_membership,
    open_meeting,
    register_group,
)
from handup.groups.services.facts import content_of
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.org.models import Area, AuditLine, StaffUser
from handup.org.permissions import OutOfSight
from handup.projects.models import Programme


def test_a_group_starts_with_its_constitution_its_cycle_and_its_own_book(group: Group) -> None:
    settings = group.constitutions.get().settings
    assert (settings["share_value_units"], settings["meeting_interval_days"]) == (500, 7)
    assert group.cycles.get().number == 1
    assert (group.book.kind, group.book.owner_id, group.book.base_currency) == (
        "GROUP",
        group.pk,
        "XTS",
    )
    names = list(group.facts.values_list("name", flat=True))
    assert names == ["register_group", "adopt_constitution", "start_cycle"]
    assert AuditLine.objects.filter(action="groups.register_group", object_id=group.pk).exists()


def test_a_rule_that_needs_a_vote_is_asked_for_and_nothing_is_stored(
    programme: Programme, officer: StaffUser, area: Area
) -> None:
    books = Book.objects.count()
    with pytest.raises(Faults) as refused:
        register_group(
            acting_staff=officer,
            programme=programme,
            group=NewGroup(
                "No rules", GroupKind.SAVINGS, area, FORMED, "XTS", {"loan_multiple_x100": 5000}
            ),
        )
    assert {fault.place for fault in refused.value.faults} == {
        "share_value_units",
        "charge_rate_bps",
        "loan_multiple_x100",
    }
    assert not Group.objects.exists()
    assert Book.objects.count() == books


def test_the_same_device_id_registers_one_group(
    programme: Programme, officer: StaffUser, area: Area
) -> None:
    new = NewGroup(
        "Once",
        GroupKind.SHG,
        area,
        FORMED,
        "XTS",
        {"share_value_units": 100, "charge_rate_bps": 200},
        id=new_id(),
    )
    first = register_group(acting_staff=officer, programme=programme, group=new)
    again = register_group(acting_staff=officer, programme=programme, group=new)
    assert first.pk == again.pk == new.id
    assert Group.objects.count() == 1


def test_an_officer_of_another_programme_cannot_register_here(
    programme: Programme, outsider: StaffUser, area: Area
) -> None:
    with pytest.raises(OutOfSight):
        register_group(
            acting_staff=outsider,
            programme=programme,
            group=NewGroup("X", GroupKind.SHG, area, FORMED, "XTS", {}),
        )
    assert not Group.objects.exists()


def test_members_are_numbered_on_and_a_number_is_never_used_again(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    assert [member.member_no for member in members] == [1, 2, 3, 4]
    end_membership(
        acting_staff=officer, member=members[3], left_date=FORMED, reason=LeaveReason.MOVED
    )
    person = members[3].person
    assert person is not None
    (again,) = admit_members(
        acting_staff=officer, group=group, members=[NewMember(FORMED, person=person)]
    )
    assert again.member_no == 5
    with pytest.raises(NotAMember):
        end_membership(
            acting_staff=officer, member=members[3], left_date=FORMED, reason=LeaveReason.MOVED
        )


def test_a_person_is_a_member_once(group: Group, members: list[Member], officer: StaffUser) -> None:
    person = members[0].person
    newcomer = new_person(9, group.programme, officer)
    with pytest.raises(AlreadyAMember):
        admit_members(
            acting_staff=officer,
            group=group,
            members=[NewMember(FORMED, person=newcomer), NewMember(FORMED, person=person)],
        )
    assert group.members.count() == 4


def test_a_cooperative_can_be_a_member_of_a_secondary_one(
    programme: Programme, officer: StaffUser, area: Area, group: Group
) -> None:
    secondary = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            "Union",
            GroupKind.COOP_SECONDARY,
            area,
            FORMED,
            "XTS",
            {"share_value_units": 100, "charge_rate_bps": 0},
        ),
    )
    (member,) = admit_members(
        acting_staff=officer, group=secondary, members=[NewMember(FORMED, member_group=group)]
    )
    assert member.shown_name == "Morning star"
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(group=secondary, member_no=9, joined_date=FORMED)


def test_an_office_has_one_holder_and_passes_on(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    for member in members[:2]:
        elect_officer(
            acting_staff=officer, group=group, office="chair", member=member, from_date=FORMED
        )
    assert group.office_terms.get(to_date=None).member == members[1]
    end_membership(
        acting_staff=officer, member=members[2], left_date=FORMED, reason=LeaveReason.MOVED
    )
    with pytest.raises(NotAMember):
        elect_officer(
            acting_staff=officer,
            group=group,
            office="chair",
            member=members[2],
            from_date=FORMED,
        )


def vote(group: Group, meeting: Meeting | None = None, **told: Any) -> Resolution:
    """A vote of four members on the constitution, passed unless told otherwise."""
    content: dict[str, Any] = {"decision": "CONSTITUTION", "yes": 4, "is_passed": True}
    content |= {"present": 4, "members": 4}
    return Resolution.objects.create(group=group, meeting=meeting, **(content | told))


def adopt(officer: StaffUser, resolution: Resolution, **told: Any) -> Constitution:
    content: dict[str, Any] = {
        "version": 2,
        "settings": {"fine_late_units": 80},
        "effective_date": FORMED,
    }
    return adopt_constitution(
        acting_staff=officer,
        group=told.pop("group", resolution.group),
        resolution=resolution,
        **(content | told),
    )


def test_constitution_versions_follow_one_another(group: Group, officer: StaffUser) -> None:
    resolution = vote(group)
    with pytest.raises(ConstitutionOrder):
        adopt(officer, resolution, version=3)
    adopted = adopt(officer, resolution)
    assert adopted.settings["fine_late_units"] == 80
    assert adopted.settings["share_value_units"] == 500


def test_only_a_vote_that_passed_carries_a_constitution(
    group: Group, officer: StaffUser, programme: Programme, area: Area
) -> None:
    other = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            "Other",
            GroupKind.SAVINGS,
            area,
            FORMED,
            "XTS",
            {"share_value_units": 100, "charge_rate_bps": 200},
        ),
    )
    for unfit in (
        vote(group, yes=3, no=1, is_passed=False),
        vote(group, yes=3, no=1),
        vote(group, yes=0, present=0, members=0),
        vote(group, decision="LOAN"),
        vote(other),
    ):
        with pytest.raises(ResolutionNotFit):
            adopt(officer, unfit, group=group)
    assert group.constitutions.count() == 1
    used = vote(group)
    adopt(officer, used)
    with pytest.raises(ResolutionNotFit):
        adopt(officer, used, version=3)
    assert group.constitutions.count() == 2


def test_a_constitution_never_takes_effect_backwards(
    group: Group, officer: StaffUser, members: list[Member]
) -> None:
    held = date(2026, 1, 12)
    meeting = open_meeting(acting_staff=officer, group=group, held_date=held)
    resolution = vote(group, meeting)
    for day in (FORMED, held):
        with pytest.raises(NeverBackwards) as refused:
            adopt(officer, resolution, effective_date=day)
        assert refused.value.places == {"last": held}
    adopt(officer, resolution, effective_date=date(2026, 2, 1))
    with pytest.raises(MeetingHasConstitution):
        cancel_meeting(acting_staff=officer, meeting=meeting, reason="rain")
    with pytest.raises(NeverBackwards):
        adopt(officer, vote(group), version=3, effective_date=date(2026, 1, 31))
    assert constitution_on(group, held).version == 1
    assert constitution_on(group, date(2026, 2, 1)).version == 2


def test_the_price_of_a_share_stands_while_a_cycle_runs(group: Group, officer: StaffUser) -> None:
    resolution = vote(group)
    for name, value in (("share_value_units", 600), ("savings_mode", "FREE")):
        with pytest.raises(FixedInCycle) as refused:
            adopt(officer, resolution, settings={name: value})
        assert refused.value.field == name
    assert group.constitutions.count() == 1
    group.cycles.update(status="CLOSED")
    adopted = adopt(officer, resolution, settings={"share_value_units": 600})
    assert adopted.settings["share_value_units"] == 600


def test_facts_are_numbered_without_holes_and_chained(group: Group, members: list[Member]) -> None:
    previous = "0" * 64
    for seq, fact in enumerate(GroupFact.objects.filter(group=group, stream="OFFICE"), 1):
        assert fact.seq == seq
        assert fact.prev_hash == previous
        assert fact.content_hash == content_hash(content_of(fact))
        assert fact.chain_hash == chain_hash(previous, fact.content_hash)
        previous = fact.chain_hash
