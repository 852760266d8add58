"""Register households on one sheet with their members, and keep what they tell of themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require, require_over
from handup.people.models import Household, HouseholdFact, Membership, Person, PovertyLine
from handup.people.queries import households_of
from handup.people.queries.merging import current_id
from handup.people.rules import codes as c
from handup.people.services.days import refuse_to_come
from handup.people.services.registration import (
    PersonIn,
    own_caseload_only,
    person_faults,
    register_persons,
    registration_numbers,
)
from handup.people.services.store import (
    audit_all,
    insert,
    refuse_all,
    refuse_any,
    refuse_erased,
    refuse_left_by_all,
    refused_by,
    require_places,
)
from handup.projects.models import Programme


class SecondHead(Refusal):
    """A household has one head at a time. Choose one."""


class NobodyInHousehold(Refusal):
    """A household has at least one member."""


class SamePersonTwice(Refusal):
    """The same person stands in this household twice."""


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


def _faults_of(item: HouseholdIn) -> Iterator[Refusal]:
    if not item.members:
        yield NobodyInHousehold(field="members")
    if sum(member.role is c.HouseholdRole.HEAD for member in item.members) > 1:
        yield SecondHead(field="members")
    known = [member.person for member in item.members if isinstance(member.person, Person)]
    if len({person.pk for person in known}) < len(known):
        yield SamePersonTwice(field="members")
    yield from refused_by(refuse_erased, *known)
    yield from refused_by(refuse_to_come, "registered_date", item.registered_date)
    for number, member in enumerate(item.members):
        if isinstance(member.person, PersonIn):
            yield from _member_faults(item, number, member.person)
    if item.fact:
        yield from _fact_faults(item.fact)


def _member_faults(item: HouseholdIn, number: int, person: PersonIn) -> Iterator[Refusal]:
    """What is wrong with a member registered on the sheet; the day they share is told once."""
    for refusal in person_faults(person):
        if refusal.field != "registered_date" or person.registered_date != item.registered_date:
            refusal.field = f"members.{number}.{refusal.field}"
            yield refusal


def _fact_faults(fact: HouseholdFactIn) -> Iterator[Refusal]:
    yield from refused_by(refuse_to_come, "fact_date", fact.fact_date)
    if fact.monthly_income_units is not None:
        if fact.monthly_income_units < 0:
            yield BelowZero(field="monthly_income_units")
        if not fact.currency:
            yield CurrencyMissing(field="currency")


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


def store_households(
    items: Sequence[HouseholdIn], staff: StaffUser, *, single: bool
) -> list[Household]:
    """Check and store household sheets, with the members who are registered on them."""
    refusals = [(row, fault) for row, item in enumerate(items) for fault in _faults_of(item)]
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
    return store_households(items, acting_staff, single=False)


def register_household(*, acting_staff: StaffUser, household: HouseholdIn) -> HouseholdRegistration:
    """Register one household. A member who belongs to another one is kept in both and warned of.

    Raises NobodyInHousehold, SecondHead, SamePersonTwice, DayToCome, CurrencyMissing, BelowZero,
    SameIdOtherContent, PersonErased.
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
    stored = store_households([household], acting_staff, single=True)[0]
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
    BelowZero, DayToCome, PersonErased."""
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
    refuse_left_by_all(Membership._base_manager.filter(household=household))
    refuse_any(_fact_faults(fact))
    row = fact_row(household, fact, acting_staff)
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_household_fact", household)
    return row


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
