"""Persons and households registered on an officer's own phone, and visits made: each becomes the
call of the service that the web makes too. What a phone registers has the id of its fact.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from handup.org.models import StaffUser
from handup.people.forms.fields import areas_for, programmes_for
from handup.people.models import ConsentNotice, Person
from handup.people.queries.merging import current_id
from handup.people.rules import codes as c
from handup.people.rules.categories import OLDEST, birth_from_age
from handup.people.services import (
    ConsentIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    NameIn,
    PersonIn,
    register_household,
    register_person,
)
from handup.plans.models import Visit
from handup.plans.rules.states import VisitKind
from handup.plans.services import miss_visit, record_visit
from handup.sync.errors import NotThatPerson, NotThatPlace, NotThatVisit, WithoutProgramme
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id, is_number
from handup.sync.services.work_told import WorkTold, is_word

NAME_MOST, WORDS_MOST, MEMBERS_MOST = 120, 2000, 30
SHORT = {"last_name": NAME_MOST, "phone": 40, "address": 200, "language": 10}
TOPICS = ("place", "situation", "explanation", "action", "next_step")


def _is_id_or_none(value: object) -> bool:
    return value is None or is_device_id(value)


def _is_among(value: object, codes: type[StrEnum]) -> bool:
    return isinstance(value, str) and value in list(codes)


def _is_birth(body: Mapping[str, Any]) -> bool:
    """A day, or only the year, or only an age; nothing of it when it is not known."""
    told = [name for name in ("birth_date", "birth_year", "age") if name in body]
    if not told:
        return True
    (name, *more) = told
    if more:
        return False
    if name == "birth_date":
        return is_day(body[name])
    return is_number(body[name], most=OLDEST if name == "age" else 2100) and (
        name == "age" or body[name] >= 1900
    )


def is_person(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells of a person as `register` reads it."""
    purposes = body.get("purposes")
    agreed = isinstance(purposes, list) and all(
        _is_among(one, c.ConsentPurpose) for one in purposes
    )
    return (
        agreed
        and (not purposes or is_device_id(body.get("notice")))
        and (not purposes or _is_among(body.get("method"), c.ConsentMethod))
        and is_word(body.get("first_name"), most=NAME_MOST)
        and all(is_word(body.get(name, ""), most=most, least=0) for name, most in SHORT.items())
        and _is_among(body.get("sex", c.Sex.NOT_ASKED.value), c.Sex)
        and _is_birth(body)
        and _is_id_or_none(body.get("programme"))
        and _is_id_or_none(body.get("area"))
    )


def _birth(body: Mapping[str, Any], on: date) -> tuple[date | None, c.BirthPrecision]:
    if "birth_date" in body:
        return date.fromisoformat(body["birth_date"]), c.BirthPrecision.DAY
    if "birth_year" in body:
        return date(body["birth_year"], 1, 1), c.BirthPrecision.YEAR
    if "age" in body:
        return birth_from_age(body["age"], on), c.BirthPrecision.AGE
    return None, c.BirthPrecision.UNKNOWN


def _place(rows: Any, key: str | None) -> Any:
    """The row of these that a fact names; None of no key. Raises NotThatPlace."""
    if key is None:
        return None
    if (row := rows.filter(pk=key).first()) is None:
        raise NotThatPlace
    return row


def _consents(body: Mapping[str, Any], on: date, staff: StaffUser) -> tuple[ConsentIn, ...]:
    if not body["purposes"]:
        return ()
    notice = _place(ConsentNotice.objects.visible_to(staff), body["notice"])
    method = c.ConsentMethod(body["method"])
    return tuple(
        ConsentIn(c.ConsentPurpose(purpose), notice, method, on)
        for purpose in dict.fromkeys(body["purposes"])
    )


def register(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A person, with what she agreed to before anything of her was written down. Whoever may be
    somebody known already is decided by a second person."""
    body, on = told.body, told.happened_date
    birth, precision = _birth(body, on)
    language = body.get("language", "")
    done = register_person(
        acting_staff=staff,
        person=PersonIn(
            id=told.id,
            names=(NameIn(body["first_name"], body.get("last_name", "")),),
            registered_date=on,
            sex=c.Sex(body.get("sex", c.Sex.NOT_ASKED.value)),
            birth_date=birth,
            birth_precision=precision,
            phone=body.get("phone", ""),
            address=body.get("address", ""),
            languages=(language,) if language else (),
            programme=_place(programmes_for(staff), body.get("programme")),
            area=_place(areas_for(staff), body.get("area")),
            consents=_consents(body, on, staff),
        ),
    )
    row.office_id = done.person.office_id
    return WorkState.HANDED_ON if done.possible_duplicates else WorkState.DONE


def is_household(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells of a household as `register_home` reads it."""
    members = body.get("members")
    if not isinstance(members, list) or not 0 < len(members) <= MEMBERS_MOST:
        return False
    if not all(isinstance(one, Mapping) and is_device_id(one.get("person")) for one in members):
        return False
    return (
        all(_is_among(one.get("relation", "NOT_KNOWN"), c.Kinship) for one in members)
        and _is_id_or_none(body.get("head"))
        and all(is_number(body.get(name, 0), most=99) for name in ("adults", "children"))
    )


def _known(staff: StaffUser, key: str) -> Person:
    """The person a fact names, or whom she joined since. Raises NotThatPerson."""
    found = Person.objects.visible_to(staff).filter(pk=current_id(UUID(key))).first()
    if found is None:
        raise NotThatPerson
    return found


def register_home(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A household of persons known before, most of them registered on the same phone; it waits
    until all of them are."""
    body, on = told.body, told.happened_date
    head = body.get("head")
    members = tuple(
        MemberIn(
            _known(staff, one["person"]),
            c.HouseholdRole.HEAD if one["person"] == head else c.HouseholdRole.MEMBER,
            c.Kinship(one.get("relation", "NOT_KNOWN")),
        )
        for one in body["members"]
    )
    leads = next((one for one in members if one.role is c.HouseholdRole.HEAD), members[0])
    assert isinstance(leads.person, Person)
    counted = {name: body[name] for name in ("adults", "children") if name in body}
    done = register_household(
        acting_staff=staff,
        household=HouseholdIn(
            id=told.id,
            members=members,
            registered_date=on,
            area=leads.person.area,
            office=leads.person.office,
            programme=leads.person.programme,
            case_officer=leads.person.case_officer,
            fact=HouseholdFactIn(on, **counted) if counted else None,
        ),
    )
    row.office_id = done.household.office_id
    return WorkState.DONE


def is_visit(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells of a visit that was made."""
    return (
        is_device_id(body.get("person"))
        and _is_id_or_none(body.get("visit"))
        and _is_among(body.get("kind"), VisitKind)
        and is_word(body.get("place", ""), most=120, least=0)
        and all(is_word(body.get(name, ""), most=WORDS_MOST, least=0) for name in TOPICS)
    )


def is_missed(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells why a planned visit was not made."""
    return (
        is_device_id(body.get("person"))
        and is_device_id(body.get("visit"))
        and is_word(body.get("reason"), most=200)
    )


def _planned(staff: StaffUser, key: str, person: Person) -> Visit:
    rows = Visit.objects.visible_to(staff).select_related("programme", "person")
    if (found := rows.filter(pk=key, person=person).first()) is None:
        raise NotThatVisit
    return found


def visit(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A visit that was made, planned or not."""
    body = told.body
    person = _known(staff, body["person"])
    planned = _planned(staff, body["visit"], person) if body.get("visit") else None
    programme = planned.programme if planned else person.programme
    if programme is None:
        raise WithoutProgramme
    row.office_id = person.office_id
    record_visit(
        acting_staff=staff,
        person=person,
        programme=programme,
        kind=VisitKind(body["kind"]),
        visit_date=told.happened_date,
        planned=planned,
        id=told.id,
        **{name: body.get(name, "") for name in TOPICS},
    )
    return WorkState.DONE


def miss(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A planned visit that was not made, and why."""
    person = _known(staff, told.body["person"])
    row.office_id = person.office_id
    planned = _planned(staff, told.body["visit"], person)
    miss_visit(acting_staff=staff, visit=planned, reason=told.body["reason"])
    return WorkState.DONE
