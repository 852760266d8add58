"""Register households on one sheet, and keep who joined, left and headed them when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require, require_over
from handup.org.scope import hidden_from
from handup.people.models import Household, HouseholdFact, Membership, Person, PovertyLine
from handup.people.queries import households_of
from handup.people.queries.merging import current_id
from handup.people.rules import codes as c
from handup.people.services.days import DayToCome, refuse_to_come
from handup.people.services.registration import (
    PersonIn,
    own_caseload_only,
    register_persons,
    registration_numbers,
)
from handup.people.services.store import (
    audit_all,
    change,
    insert,
    refuse_all,
    require_places,
)
from handup.projects.models import Programme


class SecondHead(Refusal):
    """A household has one head at a time. Choose one."""


class NobodyInHousehold(Refusal):
    """A household has at least one member."""


class SamePersonTwice(Refusal):
    """The same person stands in this household twice."""


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


class LineSetAlready(Refusal):
    """A poverty line of this programme is set for {from_date} already."""


class CurrencyMissing(Refusal):
    """Write the currency of the income."""


class BelowZero(Refusal):
    """An amount cannot be below zero."""


@dataclass(frozen=True, slots=True)
class MemberIn:
    """A member of a new household: a known person, or one registered with it on the same sheet."""

    person: Person | PersonIn
    role: c.HouseholdRole = c.HouseholdRole.MEMBER
    relation: c.Kinship = c.Kinship.NOT_KNOWN


@dataclass(frozen=True, slots=True)
class HouseholdFactIn:
    """What is told of a household on a day; income a month in whole smallest units."""

    fact_date: date
    adults: int | None = None
    children: int | None = None
    monthly_income_units: int | None = None
    currency: str = ""
    source: c.StatusSource = c.StatusSource.TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdIn:
    """One household sheet."""

    members: tuple[MemberIn, ...]
    registered_date: date
    area: Area | None = None
    address: str = ""
    office: Office | None = None
    programme: Programme | None = None
    case_officer: StaffUser | None = None
    fact: HouseholdFactIn | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class HouseholdRegistration:
    """The stored household, and members who belong to another one too: a warning, never a
    refusal."""

    household: Household
    members_elsewhere: tuple[Person, ...] = ()


def _check(item: HouseholdIn) -> Refusal | None:
    if not item.members:
        return NobodyInHousehold(field="members")
    if sum(member.role is c.HouseholdRole.HEAD for member in item.members) > 1:
        return SecondHead(field="members")
    known = [member.person.pk for member in item.members if isinstance(member.person, Person)]
    if len(set(known)) < len(known):
        return SamePersonTwice(field="members")
    if item.registered_date > timezone.localdate():
        return DayToCome(field="registered_date", date=item.registered_date)
    return _check_fact(item.fact) if item.fact else None


def _check_fact(fact: HouseholdFactIn) -> Refusal | None:
    if fact.fact_date > timezone.localdate():
        return DayToCome(field="fact_date", date=fact.fact_date)
    if fact.monthly_income_units is not None:
        if fact.monthly_income_units < 0:
            return BelowZero(field="monthly_income_units")
        if not fact.currency:
            return CurrencyMissing(field="currency")
    return None


def _household_row(item: HouseholdIn, code: str, staff: StaffUser) -> Household:
    officer = item.case_officer or (staff if own_caseload_only(staff) else None)
    return Household(
        id=item.id or new_id(),
        code=code,
        area=item.area,
        address=item.address,
        office=item.office or staff.home_office,
        programme=item.programme,
        case_officer=officer,
        registered_date=item.registered_date,
        registered_by=staff,
    )


def _register_new(items: Sequence[HouseholdIn], staff: StaffUser) -> list[HouseholdIn]:
    """Register the members who are not known yet, in one batch, and put them in their places."""
    news = [
        member.person
        for item in items
        for member in item.members
        if isinstance(member.person, PersonIn)
    ]
    if not news:
        return list(items)
    made = iter(register_persons(acting_staff=staff, items=news))
    return [
        replace(
            item,
            members=tuple(
                replace(member, person=next(made))
                if isinstance(member.person, PersonIn)
                else member
                for member in item.members
            ),
        )
        for item in items
    ]


def _memberships(item: HouseholdIn, household: Household) -> list[Membership]:
    rows = []
    for member in item.members:
        assert isinstance(member.person, Person)
        head = member.role is c.HouseholdRole.HEAD
        rows.append(
            Membership(
                household=household,
                person=member.person,
                role=member.role.value,
                relation=(c.Kinship.SELF if head else member.relation).value,
                from_date=item.registered_date,
            )
        )
    return rows


def fact_row(household: Household, fact: HouseholdFactIn, staff: StaffUser) -> HouseholdFact:
    """Build what was told of a household."""
    return HouseholdFact(
        household=household,
        fact_date=fact.fact_date,
        adults=fact.adults,
        children=fact.children,
        monthly_income_units=fact.monthly_income_units,
        currency=fact.currency,
        source=fact.source.value,
        told_to=staff,
    )


def _store(items: Sequence[HouseholdIn], staff: StaffUser, *, single: bool) -> list[Household]:
    refusals = [(row, fault) for row, item in enumerate(items) if (fault := _check(item))]
    refuse_all(refusals, single=single)
    codes = registration_numbers(len(items), Household, "H")
    homes = [_household_row(item, code, staff) for item, code in zip(items, codes, strict=True)]
    require_places(staff, "people.register_household", homes)
    with transaction.atomic():
        full = _register_new(items, staff)
        pairs = list(zip(full, homes, strict=True))
        insert(homes, staff)
        insert([row for item, home in pairs for row in _memberships(item, home)], staff)
        insert([fact_row(home, item.fact, staff) for item, home in pairs if item.fact], staff)
        facts: list[audit.Facts] = [{"members": len(item.members)} for item in full]
        audit_all(staff, "people.register_household", homes, facts)
    return homes


def register_households(
    *, acting_staff: StaffUser, items: Sequence[HouseholdIn]
) -> list[Household]:
    """Register many households with their members in one transaction. Raises Faults by row."""
    require(acting_staff, "people.register_household")
    return _store(items, acting_staff, single=False)


def register_household(*, acting_staff: StaffUser, household: HouseholdIn) -> HouseholdRegistration:
    """Register one household. A member who belongs to another one is kept in both and warned of.

    Raises NobodyInHousehold, SecondHead, SamePersonTwice, DayToCome, CurrencyMissing, BelowZero,
    SameIdOtherContent.
    """
    require(acting_staff, "people.register_household")
    told = {"registered_date": household.registered_date}
    if (known := already_stored(Household, household.id, acting_staff, **told)) is not None:
        require(acting_staff, "people.register_household", known)
        _refuse_others(household, known)
        return HouseholdRegistration(known)
    persons = [m.person for m in household.members if isinstance(m.person, Person)]
    for person in persons:
        require(acting_staff, "people.register_household", person)
    other = households_of([person.pk for person in persons], on=household.registered_date)
    stored = _store([household], acting_staff, single=True)[0]
    return HouseholdRegistration(stored, tuple(p for p in persons if p.pk in other))


def _refuse_others(told: HouseholdIn, known: Household) -> None:
    """Raise SameIdOtherContent when somebody on this sheet never belonged to the household it is
    said to be.
    """
    ever = set(Membership._base_manager.filter(household=known).values_list("person", flat=True))
    named = [one.person.pk for one in told.members if isinstance(one.person, Person)]
    if len(told.members) > len(ever) or not ever.issuperset(map(current_id, named)):
        raise SameIdOtherContent(field="members")


def record_household_fact(
    *, acting_staff: StaffUser, household: Household, fact: HouseholdFactIn, id: UUID | None = None
) -> HouseholdFact:
    """Record what a household tells of itself; earlier facts stay. Raises CurrencyMissing,
    BelowZero, DayToCome."""
    require(acting_staff, "people.record_household_fact", household)
    known = already_stored(
        HouseholdFact,
        id,
        acting_staff,
        household_id=household.pk,
        monthly_income_units=fact.monthly_income_units,
    )
    if known is not None:
        return known
    if fault := _check_fact(fact):
        raise fault
    row = fact_row(household, fact, acting_staff)
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_household_fact", household)
    return row


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
    """Add a person to a household from a day on. Raises DayToCome, and SamePersonTwice when she is
    a member then or later."""
    require(acting_staff, "people.register_household", household)
    require(acting_staff, "people.register_household", person)
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
    """Whether the head is among those who leave while others she may know of stay."""
    if not any(row.role == c.HouseholdRole.HEAD for row in leaving):
        return False
    stay = Membership._base_manager.filter(household=household, to_date=None)
    stay = stay.exclude(pk__in=[row.pk for row in leaving])
    seen = Person.objects.visible_to(staff).filter(pk__in=stay.values("person"))
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
    """
    if former.person_id in hidden_from(staff) and change_date <= former.from_date:
        change(former, staff, role=c.HouseholdRole.MEMBER.value, relation=relation.value)
        return []
    _close(former, change_date, staff)
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

    Raises DayToCome, NotAMember, AlreadyHead, ChangeBeforeStart.
    """
    require(acting_staff, "people.change_head", household)
    require(acting_staff, "people.change_head", new_head)
    refuse_to_come("change_date", change_date)
    with transaction.atomic():
        _hold(household)
        present = list(Membership._base_manager.filter(household=household, to_date=None))
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
    ChangeBeforeStart.
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
        new = _store([item], acting_staff, single=True)[0]
        audit.record(acting_staff, "people.split_household", household, {"new": str(new.pk)})
    return new


def set_poverty_line(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    from_date: date,
    per_head_units: int,
    currency: str,
    source: str,
) -> PovertyLine:
    """Set the income a head and month at or below which a programme calls income low, from a day
    on. Raises NotAllowed without a grant over this programme, BelowZero, LineSetAlready."""
    require_over(acting_staff, "people.set_poverty_line", programme=programme.pk)
    if per_head_units < 0:
        raise BelowZero(field="per_head_units")
    if PovertyLine._base_manager.filter(programme=programme, from_date=from_date).exists():
        raise LineSetAlready(field="from_date", from_date=from_date)
    row = PovertyLine(
        programme=programme,
        from_date=from_date,
        per_head_units=per_head_units,
        currency=currency,
        source=source,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.set_poverty_line", row)
    return row
