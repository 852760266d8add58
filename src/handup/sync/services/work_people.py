"""Persons and households registered on an officer's own phone, and visits made: each becomes the
call of the service that the web makes too. What a phone registers has the id of its fact.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.models import StaffUser
from handup.org.scope import without_opened
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
from handup.plans.rules.states import VisitKind, VisitState
from handup.plans.services import miss_visit, record_visit
from handup.sync.errors import (
    NotThatPerson,
    NotThatPlace,
    NotThatVisit,
    TakenMeanwhile,
    WithoutProgramme,
)
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id, is_number
from handup.sync.services import work_pictures as pictures
from handup.sync.services.work_told import WorkTold, is_word

REGISTERS = "register_person"
TOLD_AGAIN = (REGISTERS, "write_plan")
"""What may be told once more in the place of a fact that was not taken."""
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
        and _is_id_or_none(body.get("replaces"))
        and ("consent_date" not in body or is_day(body["consent_date"]))
    )


def put_aside(row: WorkFact) -> None:
    """Leave out what a registration or a plan was told once more for, where that still waits: the
    office did not take it, and whoever recorded it mended it. What it told goes."""
    if row.name not in TOLD_AGAIN or row.replaces is None:
        return
    WorkFact.objects.filter(
        pk=row.replaces, staff=row.staff, name=row.name, state=WorkState.WAITING
    ).update(
        state=WorkState.LEFT_OUT,
        told="",
        reason=str(_("Told once more by whoever recorded it.")),
        settled_at=timezone.now(),
    )


def _birth(body: Mapping[str, Any], on: date) -> tuple[date | None, c.BirthPrecision]:
    if "birth_date" in body:
        return date.fromisoformat(body["birth_date"]), c.BirthPrecision.DAY
    if "birth_year" in body:
        return date(body["birth_year"], 1, 1), c.BirthPrecision.YEAR
    if "age" in body:
        return birth_from_age(body["age"], on), c.BirthPrecision.AGE
    return None, c.BirthPrecision.UNKNOWN


def place_named(rows: Any, key: str | None) -> Any:
    """The row of these that a fact names; None of no key. Raises NotThatPlace."""
    if key is None:
        return None
    if (row := rows.filter(pk=key).first()) is None:
        raise NotThatPlace
    return row


def _consents(body: Mapping[str, Any], on: date, staff: StaffUser) -> tuple[ConsentIn, ...]:
    if not body["purposes"]:
        return ()
    notice = place_named(ConsentNotice.objects.visible_to(staff), body["notice"])
    method = c.ConsentMethod(body["method"])
    agreed = min(on, date.fromisoformat(body.get("consent_date", on.isoformat())))
    return tuple(
        ConsentIn(c.ConsentPurpose(purpose), notice, method, agreed)
        for purpose in dict.fromkeys(body["purposes"])
    )


def register(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A person, with what she agreed to before anything of her was written down. Whoever may be
    somebody known already is decided by a second person. Raises TakenMeanwhile where it mends what
    was taken since."""
    body, on = told.body, told.happened_date
    if row.replaces is not None:
        mended = WorkFact.objects.filter(pk=row.replaces, staff=staff)
        if mended.filter(state__in=(WorkState.DONE, WorkState.HANDED_ON)).exists():
            raise TakenMeanwhile
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
            programme=place_named(programmes_for(staff), body.get("programme")),
            area=place_named(areas_for(staff), body.get("area")),
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


def known(staff: StaffUser, key: str) -> Person:
    """The person a fact names, or whom she joined since, or whose registration was mended since.
    Whom one opened in an emergency, to be read, is not meant. Raises NotThatPerson."""
    sought, seen = UUID(key), set[UUID]()
    persons = Person.objects.visible_to(without_opened(staff))
    while sought not in seen:
        found = persons.filter(pk=current_id(sought)).first()
        if found is not None:
            return found
        seen.add(sought)
        mended = WorkFact.objects.filter(replaces=sought, staff=staff, name=REGISTERS)
        sought = (
            mended.order_by("-recorded_at", "-id").values_list("pk", flat=True).first() or sought
        )
    raise NotThatPerson


def register_home(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A household of persons known before, most of them registered on the same phone; it waits
    until all of them are."""
    body, on = told.body, told.happened_date
    head = body.get("head")
    persons = [known(staff, one["person"]) for one in body["members"]]
    if any(person.erased_date is not None for person in persons):
        raise NotThatPerson
    members = tuple(
        MemberIn(
            person,
            c.HouseholdRole.HEAD if one["person"] == head else c.HouseholdRole.MEMBER,
            c.Kinship(one.get("relation", "NOT_KNOWN")),
        )
        for person, one in zip(persons, body["members"], strict=True)
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
        and pictures.are_told(body.get("pictures", []))
    )


def is_missed(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells why a planned visit was not made."""
    return (
        is_device_id(body.get("person"))
        and is_device_id(body.get("visit"))
        and is_word(body.get("reason"), most=200)
    )


def _planned(staff: StaffUser, key: str, person: Person) -> Visit:
    """The planned visit a fact names, held until the transaction ends: two phones may tell of one.
    Raises NotThatVisit."""
    rows = Visit.objects.visible_to(staff).filter(pk=key, person=person)
    found = Visit.objects.select_for_update(of=("self",)).select_related("programme", "plan")
    if (held := found.filter(pk__in=rows.values("pk")).first()) is None:
        raise NotThatVisit
    return held


def visit(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A visit that was made, planned or not. Where the planned one was closed in the meantime, as
    missed or by another visit, this one was made all the same: it is recorded beside it, and a
    second person looks. What is told of whoever was erased since goes at once."""
    body = told.body
    person = known(staff, body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    planned = _planned(staff, body["visit"], person) if body.get("visit") else None
    programme = planned.programme if planned else person.programme
    if programme is None:
        raise WithoutProgramme
    row.office_id = person.office_id
    beside = planned is not None and planned.state != VisitState.PLANNED
    made = record_visit(
        acting_staff=staff,
        person=person,
        programme=programme,
        kind=VisitKind(body["kind"]),
        visit_date=told.happened_date,
        planned=None if beside else planned,
        plan=planned.plan if planned else None,
        id=told.id,
        **{name: body.get(name, "") for name in TOPICS},
    )
    pictures.expect(row, made, body.get("pictures", []), person)
    return WorkState.HANDED_ON if beside else WorkState.DONE


def miss(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A planned visit that was not made, and why; nothing of whoever was erased since."""
    person = known(staff, told.body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    row.office_id = person.office_id
    planned = _planned(staff, told.body["visit"], person)
    miss_visit(
        acting_staff=staff,
        visit=planned,
        reason=told.body["reason"],
        told_date=told.happened_date,
    )
    return WorkState.DONE
