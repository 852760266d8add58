"""Who joins, leaves and heads a household, and since when; a part of it that moves out together."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.people.models import Household, Membership, Person
from handup.people.rules import codes as c
from handup.people.services.days import refuse_to_come
from handup.people.services.households import (
    HouseholdIn,
    MemberIn,
    SamePersonTwice,
    store_households,
)
from handup.people.services.store import change, insert, refuse_erased


class AlreadyHead(Refusal):
    """This person heads the household already."""


class NotAMember(Refusal):
    """Only a member of the household on that day can head it."""


class ChangeBeforeStart(Refusal):
    """The change lies before {from_date}, when the present state began, or on that day."""


class HeadLeaves(Refusal):
    """This person heads the household. Record first who heads it then."""


class HasLeft(Refusal):
    """This person has left the household already."""


def _hold(household: Household) -> None:
    """Who comes, goes and heads is written one after the other."""
    list(Household._base_manager.select_for_update(of=("self",)).filter(pk=household.pk))


def join_household(
    *,
    acting_staff: StaffUser,
    household: Household,
    person: Person,
    from_date: date,
    relation: c.Kinship = c.Kinship.NOT_KNOWN,
) -> Membership:
    """Add a person to a household from a day on. Raises DayToCome, PersonErased, and
    SamePersonTwice when she is a member then or later."""
    require(acting_staff, "people.register_household", household)
    require(acting_staff, "people.register_household", person)
    refuse_erased(person)
    refuse_to_come("from_date", from_date)
    row = Membership(
        household=household, person=person, relation=relation.value, from_date=from_date
    )
    with transaction.atomic():
        _hold(household)
        rows = Membership._base_manager.filter(household=household, person=person)
        if rows.filter(Q(to_date=None) | Q(to_date__gte=from_date)).exists():
            raise SamePersonTwice(field="person")
        insert([row], acting_staff)
        audit.record(acting_staff, "people.join_household", household, {"person": str(person.pk)})
    return row


def leave_household(
    *, acting_staff: StaffUser, membership: Membership, last_date: date
) -> Membership:
    """End a membership on its last day. Raises HasLeft, DayToCome, HeadLeaves while others live
    there, ChangeBeforeStart."""
    require(acting_staff, "people.register_household", membership.household)
    require(acting_staff, "people.register_household", membership.person)
    refuse_to_come("last_date", last_date)
    with transaction.atomic():
        _hold(membership.household)
        membership.refresh_from_db(fields=["role", "from_date", "to_date"])
        if membership.to_date is not None:
            raise HasLeft(field="person")
        if _left_without_head(acting_staff, membership.household_id, [membership]):
            raise HeadLeaves(field="person")
        if last_date < membership.from_date:
            raise ChangeBeforeStart(field="last_date", from_date=membership.from_date.isoformat())
        change(membership, acting_staff, to_date=last_date)
        audit.record(
            acting_staff,
            "people.leave_household",
            membership.household,
            {"person": str(membership.person_id)},
        )
    return membership


def _left_without_head(staff: StaffUser, household: UUID, leaving: Sequence[Membership]) -> bool:
    """Whether the head is among those who leave while others she may know of stay: none of them
    erased, for nobody erased can head it then.
    """
    if not any(row.role == c.HouseholdRole.HEAD for row in leaving):
        return False
    stay = Membership._base_manager.filter(household=household, to_date=None)
    stay = stay.exclude(pk__in=[row.pk for row in leaving])
    seen = Person.objects.visible_to(staff).filter(pk__in=stay.values("person"), erased_date=None)
    return seen.exists()


def _close(membership: Membership, change_date: date, staff: StaffUser) -> None:
    if change_date <= membership.from_date:
        raise ChangeBeforeStart(field="change_date", from_date=membership.from_date.isoformat())
    change(membership, staff, to_date=change_date - timedelta(days=1))


def _no_longer_head(
    former: Membership, change_date: date, staff: StaffUser, relation: c.Kinship
) -> list[Membership]:
    """Let a head be a member from that day on; one this staff user may not know of from her first
    day, if she came to it since: a refusal would tell of her. What she was stays in her history.
    Whoever was erased is no member any more from that day.
    """
    if former.person_id in hidden_from(staff) and change_date <= former.from_date:
        change(former, staff, role=c.HouseholdRole.MEMBER.value, relation=relation.value)
        return []
    _close(former, change_date, staff)
    if former.person.erased_date is not None:
        return []
    stay = Membership(household_id=former.household_id, person_id=former.person_id)
    stay.relation, stay.from_date = relation.value, change_date
    return [stay]


def change_head(
    *,
    acting_staff: StaffUser,
    household: Household,
    new_head: Person,
    change_date: date,
    former_head_relation: c.Kinship = c.Kinship.NOT_KNOWN,
) -> Membership:
    """Let another member head the household from a day on; who headed it before stays on record.

    Raises DayToCome, NotAMember, AlreadyHead, ChangeBeforeStart, PersonErased.
    """
    require(acting_staff, "people.change_head", household)
    require(acting_staff, "people.change_head", new_head)
    refuse_erased(new_head)
    refuse_to_come("change_date", change_date)
    with transaction.atomic():
        _hold(household)
        there = Membership._base_manager.filter(household=household, to_date=None)
        present = list(there.select_related("person"))
        joined = next((row for row in present if row.person_id == new_head.pk), None)
        if joined is None:
            raise NotAMember(field="new_head")
        if joined.role == c.HouseholdRole.HEAD:
            raise AlreadyHead(field="new_head")
        former = next((row for row in present if row.role == c.HouseholdRole.HEAD), None)
        rows: list[Membership] = []
        if former is not None:
            rows = _no_longer_head(former, change_date, acting_staff, former_head_relation)
        _close(joined, change_date, acting_staff)
        head = Membership(
            household=household,
            person=new_head,
            role=c.HouseholdRole.HEAD.value,
            relation=c.Kinship.SELF.value,
            from_date=change_date,
        )
        insert([*rows, head], acting_staff)
        audit.record(acting_staff, "people.change_head", household, {"new_head": str(new_head.pk)})
    return head


def split_household(
    *, acting_staff: StaffUser, household: Household, members: Sequence[MemberIn], split_date: date
) -> Household:
    """Found a new household with some members of one, from a day on; both keep their past.

    Raises DayToCome, NotAMember, HeadLeaves while others stay, NobodyInHousehold, SecondHead,
    ChangeBeforeStart, PersonErased.
    """
    require(acting_staff, "people.register_household", household)
    refuse_to_come("split_date", split_date)
    leaving: list[Membership] = []
    with transaction.atomic():
        _hold(household)
        rows = Membership._base_manager.filter(household=household, to_date=None)
        present = {row.person_id: row for row in rows}
        for member in members:
            if isinstance(member.person, Person):
                require(acting_staff, "people.register_household", member.person)
                refuse_erased(member.person)
            row = present.get(member.person.pk) if isinstance(member.person, Person) else None
            if row is None:
                raise NotAMember(field="members")
            leaving.append(row)
        if _left_without_head(acting_staff, household.pk, leaving):
            raise HeadLeaves(field="members")
        for row in leaving:
            _close(row, split_date, acting_staff)
        item = HouseholdIn(
            members=tuple(members),
            registered_date=split_date,
            area=household.area,
            office=household.office,
            programme=household.programme,
            case_officer=household.case_officer,
        )
        new = store_households([item], acting_staff, single=True)[0]
        audit.record(acting_staff, "people.split_household", household, {"new": str(new.pk)})
    return new
