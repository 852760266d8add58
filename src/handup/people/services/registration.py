"""Register a person once: her names, documents, statuses and consents in one act, one by one or
in bulk."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.luhn import random_number
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, House, Office, StaffUser
from handup.org.permissions import require
from handup.org.rules.access import ScopeKind
from handup.people.models import (
    Enquiry,
    LegalStatus,
    Person,
    PersonDocument,
    PersonName,
    Vulnerability,
)
from handup.people.queries import PossibleDuplicate
from handup.people.queries.matching import aliases, record_of
from handup.people.rules import codes as c
from handup.people.rules.categories import OLDEST, is_above_oldest
from handup.people.rules.matching.records import Record
from handup.people.rules.names import script_of, search_form, shown, sort_key, written
from handup.people.services.consents import ConsentIn, build_consents, consent_faults
from handup.people.services.days import refuse_to_come
from handup.people.services.duplicates import possible_duplicates_of
from handup.people.services.match_keys import store_keys
from handup.people.services.store import (
    audit_all,
    change,
    check_span,
    insert,
    known_rows,
    phone_faults,
    refuse_all,
    refused_by,
    require_places,
)
from handup.projects.models import Programme

NUMBER_LENGTH = 10


class NameMissing(Refusal):
    """Write at least one name. One word is enough."""


class BirthDateInFuture(Refusal):
    """The birth date lies after the day of registration, {on}."""


class TooOld(Refusal):
    """This birth date makes the person older than {years} years. Check the year."""


class BirthDateMissing(Refusal):
    """Write the birth date, or say that it is not known."""


class ValidToBeforeIssue(Refusal):
    """The document ends before it was issued. Check both dates."""


class DocumentNumberMissing(Refusal):
    """Write the number of the document."""


@dataclass(frozen=True, slots=True)
class NameIn:
    """One name as it was written; the first of a person is the one shown."""

    first_name: str
    last_name: str = ""
    kind: c.NameKind = c.NameKind.REGISTERED


@dataclass(frozen=True, slots=True)
class PaperIn:
    """A document somebody saw."""

    kind: c.PaperKind
    number: str
    issuer: str = ""
    issue_date: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class StatusIn:
    """A legal status with its first day."""

    status: c.LegalStatusKind
    from_date: date
    to_date: date | None = None
    source: c.StatusSource = c.StatusSource.TOLD


@dataclass(frozen=True, slots=True)
class VulnerabilityIn:
    """Something told, with the day from which it holds."""

    kind: c.VulnerabilityKind
    from_date: date
    to_date: date | None = None
    source: c.StatusSource = c.StatusSource.TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonIn:
    """Everything one registration tells. Gaps are allowed: one word as name, no birth date, no
    document.

    `programme`, `office`, `area`, `case_officer` say where the person belongs; `id` is made by
    the device.
    """

    names: tuple[NameIn, ...]
    registered_date: date
    sex: c.Sex = c.Sex.NOT_ASKED
    birth_date: date | None = None
    birth_precision: c.BirthPrecision = c.BirthPrecision.DAY
    father_name: str = ""
    phone: str = ""
    address: str = ""
    languages: tuple[str, ...] = ()
    area: Area | None = None
    office: Office | None = None
    programme: Programme | None = None
    case_officer: StaffUser | None = None
    papers: tuple[PaperIn, ...] = ()
    statuses: tuple[StatusIn, ...] = ()
    vulnerabilities: tuple[VulnerabilityIn, ...] = ()
    consents: tuple[ConsentIn, ...] = ()
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """The stored person, and the persons she may already be known as; these never stop the
    clerk."""

    person: Person
    possible_duplicates: tuple[PossibleDuplicate, ...] = ()


@dataclass(slots=True)
class Rows:
    """Rows of a batch, table by table, before they are stored."""

    persons: list[Person] = field(default_factory=list)
    names: list[PersonName] = field(default_factory=list)
    papers: list[PersonDocument] = field(default_factory=list)
    statuses: list[LegalStatus] = field(default_factory=list)
    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    consents: list[tuple[Person, ConsentIn]] = field(default_factory=list)


def facts_refused(
    *, on: date, birth_date: date | None, precision: c.BirthPrecision, phone: str
) -> Iterator[Refusal]:
    """Whatever is wrong with the day, the birth date and the telephone of a registration, whether
    or not the rest of it is known yet: a form tells it together with what is missing.
    """
    yield from refused_by(refuse_to_come, "registered_date", on)
    if birth_date is not None:
        if birth_date > on:
            yield BirthDateInFuture(field="birth_date", on=on.isoformat())
        elif is_above_oldest(birth_date, precision, on):
            yield TooOld(field="birth_date", years=OLDEST)
    yield from phone_faults(phone)


def person_faults(item: PersonIn) -> Iterator[Refusal]:
    """Whatever is wrong with a registration, all at once."""
    if not item.names or not written(item.names[0].first_name):
        yield NameMissing(field="first_name")
    yield from facts_refused(
        on=item.registered_date,
        birth_date=item.birth_date,
        precision=item.birth_precision,
        phone=item.phone,
    )
    for paper in item.papers:
        yield from paper_faults(paper)
    spans: list[StatusIn | VulnerabilityIn] = [*item.statuses, *item.vulnerabilities]
    for span in spans:
        yield from refused_by(check_span, span.from_date, span.to_date)
    for consent in item.consents:
        yield from consent_faults(consent)


def paper_faults(paper: PaperIn) -> Iterator[Refusal]:
    """Whatever is wrong with a document as it is told."""
    if not any(character.isalnum() for character in paper.number):
        yield DocumentNumberMissing(field="number")
    if paper.issue_date and paper.valid_to and paper.valid_to < paper.issue_date:
        yield ValidToBeforeIssue(field="valid_to")


def registration_numbers(count: int, model: type[House] = Person, letter: str = "") -> list[str]:
    """Draw that many random numbers with a check digit that no row of the table has yet, each
    behind the letter its table writes before it.
    """
    column = "registration_no" if model is Person else "code"
    drawn: set[str] = set()
    while len(drawn) < count:
        fresh = {f"{letter}{random_number(NUMBER_LENGTH)}" for _ in range(count - len(drawn))}
        fresh -= drawn
        taken: set[str] = set()
        listed = sorted(fresh)
        for start in range(0, len(listed), 500):
            piece = listed[start : start + 500]
            rows = model._base_manager.filter(**{f"{column}__in": piece})
            taken.update(rows.values_list(column, flat=True))
        drawn |= fresh - taken
    return list(drawn)


def own_caseload_only(staff: StaffUser) -> bool:
    """Tell whether a staff member sees nothing but her own caseload, so that new records must
    join it."""
    return bool(staff.access) and all(g.scope is ScopeKind.CASELOAD for g in staff.access)


def _person_row(item: PersonIn, number: str, staff: StaffUser) -> Person:
    main = item.names[0]
    known = item.birth_date is not None
    officer = item.case_officer or (staff if own_caseload_only(staff) else None)
    return Person(
        id=item.id or new_id(),
        registration_no=number,
        display_name=shown(written(main.first_name), written(main.last_name)),
        sort_key=sort_key(main.first_name, main.last_name),
        father_name=written(item.father_name),
        sex=item.sex.value,
        birth_date=item.birth_date,
        birth_precision=(item.birth_precision if known else c.BirthPrecision.UNKNOWN).value,
        languages=list(item.languages),
        phone=item.phone,
        address=item.address,
        area=item.area,
        office=item.office or staff.home_office,
        programme=item.programme,
        case_officer=officer,
        registered_date=item.registered_date,
        registered_by=staff,
    )


def name_row(person: Person, name: NameIn) -> PersonName:
    """Build a name with its script and its normal forms."""
    first, last = written(name.first_name), written(name.last_name)
    return PersonName(
        person=person,
        kind=name.kind.value,
        script=script_of(first + last).value,
        first_name=first,
        last_name=last,
        normal_first=search_form(first)[:120],
        normal_last=search_form(last)[:120],
    )


def paper_row(person: Person, paper: PaperIn, seen_date: date, staff: StaffUser) -> PersonDocument:
    """Build a seen document."""
    return PersonDocument(
        person=person,
        kind=paper.kind.value,
        number=paper.number.strip(),
        issuer=paper.issuer,
        issue_date=paper.issue_date,
        valid_to=paper.valid_to,
        seen_by=staff,
        seen_date=seen_date,
    )


def _build(items: Sequence[PersonIn], staff: StaffUser) -> Rows:
    rows = Rows()
    numbers = registration_numbers(len(items))
    for item, number in zip(items, numbers, strict=True):
        person = _person_row(item, number, staff)
        rows.persons.append(person)
        rows.names += [name_row(person, name) for name in item.names]
        rows.papers += [
            paper_row(person, paper, item.registered_date, staff) for paper in item.papers
        ]
        rows.statuses += [
            LegalStatus(
                person=person,
                status=told.status.value,
                from_date=told.from_date,
                to_date=told.to_date,
                source=told.source.value,
                recorded_by=staff,
            )
            for told in item.statuses
        ]
        rows.vulnerabilities += [
            Vulnerability(
                person=person,
                kind=told.kind.value,
                from_date=told.from_date,
                to_date=told.to_date,
                source=told.source.value,
                recorded_by=staff,
            )
            for told in item.vulnerabilities
        ]
        rows.consents += [(person, consent) for consent in item.consents]
    return rows


def _records(rows: Rows) -> Iterator[Record]:
    """What is compared of those just stored, with the hashes their rows got."""
    names: dict[UUID, list[PersonName]] = defaultdict(list)
    papers: dict[UUID, list[PersonDocument]] = defaultdict(list)
    for name in rows.names:
        names[name.person_id].append(name)
    for paper in rows.papers:
        papers[paper.person_id].append(paper)
    spelled = aliases()
    for person in rows.persons:
        yield record_of(person, names[person.pk], papers[person.pk], spelled)


def _store(items: Sequence[PersonIn], staff: StaffUser, *, single: bool) -> list[Person]:
    refusals = [(row, refusal) for row, item in enumerate(items) for refusal in person_faults(item)]
    refuse_all(refusals, single=single)
    rows = _build(items, staff)
    consents = build_consents(rows.consents, staff)
    require_places(staff, "people.register_person", rows.persons)
    with transaction.atomic():
        insert(rows.persons, staff)
        insert(rows.names, staff)
        insert(rows.papers, staff)
        store_keys(_records(rows))
        insert(rows.statuses, staff)
        insert(rows.vulnerabilities, staff)
        insert(consents, staff)
        facts: list[audit.Facts] = [
            {
                "names": len(item.names),
                "documents": len(item.papers),
                "statuses": len(item.statuses),
                "vulnerabilities": len(item.vulnerabilities),
                "consents": len(item.consents),
            }
            for item in items
        ]
        audit_all(staff, "people.register_person", rows.persons, facts)
        audit_all(staff, "people.give_consent", consents)
    return rows.persons


def register_persons(*, acting_staff: StaffUser, items: Sequence[PersonIn]) -> list[Person]:
    """Register many persons in one transaction; nothing is stored when any row has a fault.

    Raises Faults with the row and field of each. A row whose id is stored already is returned
    unchanged, to whoever may register there.
    """
    require(acting_staff, "people.register_person")
    ids = [item.id for item in items if item.id is not None]
    known = known_rows(Person, ids, acting_staff, "people.register_person")
    fresh = [item for item in items if item.id not in known]
    made = iter(_store(fresh, acting_staff, single=False)) if fresh else iter(())
    return [known[item.id] if item.id in known else next(made) for item in items]


def register_person(
    *, acting_staff: StaffUser, person: PersonIn, enquiry: Enquiry | None = None
) -> Registration:
    """Register one person, closing the enquiry she came with; hints at persons she may already be.

    Raises NameMissing, DayToCome, BirthDateInFuture, TooOld, BadPhone, ValidToBeforeIssue,
    EndsBeforeStart, and what `give_consent` raises. A document number used before raises nothing.
    """
    require(acting_staff, "people.register_person")
    if enquiry is not None:
        require(acting_staff, "people.register_person", enquiry)
    first = person.names[0] if person.names else NameIn("")
    content = {
        "display_name": shown(written(first.first_name), written(first.last_name)),
        "birth_date": person.birth_date,
        "sex": person.sex.value,
    }
    if (known := already_stored(Person, person.id, acting_staff, **content)) is not None:
        require(acting_staff, "people.register_person", known)
        return Registration(known)
    with transaction.atomic():
        stored = _store([person], acting_staff, single=True)[0]
        if enquiry is not None:
            change(
                enquiry,
                acting_staff,
                person=stored,
                state=c.EnquiryState.REGISTERED.value,
                closed_date=person.registered_date,
            )
            audit.record(acting_staff, "people.close_enquiry", enquiry, {"as": "REGISTERED"})
        hints = possible_duplicates_of(acting_staff, stored)
    return Registration(stored, hints)
