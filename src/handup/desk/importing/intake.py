"""The intake workbook: persons, households, enterprises and enrolments through the services."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from handup.desk.importing import intake_money
from handup.desk.importing.intake_money import amount_of
from handup.desk.importing.joining import join_row
from handup.desk.importing.taking import NotFound, Offer, Taking
from handup.kernel.errors import Refusal
from handup.kernel.importing.reading import Line, Source
from handup.org.models import Area
from handup.people import services as people
from handup.people.models import ConsentNotice, Person
from handup.people.queries.merging import by_numbers, current_id
from handup.people.rules import codes as c
from handup.training import services as training
from handup.training.models import Cohort, Enrolment, Session

PartT = TypeVar("PartT")


class NoNotice(Refusal):
    """The programme has no notice that was read to people on {date}; publish it first."""


class StatusWithoutDay(Refusal):
    """Write since when the status holds."""


class NotEnrolled(Refusal):
    """{person} is not enrolled in {cohort}."""


def take_over(taking: Taking, source: Source) -> None:
    """Table by table, each able to name the records of those before it."""
    lines = source.lines
    taking_in = Intake(taking)
    taking_in.persons(lines.get("persons", []))
    taking_in.households(lines.get("households", []))
    taking_in.enterprises(lines.get("enterprises", []))
    taking_in.enrolments(lines.get("enrolments", []))
    taking_in.attendance(lines.get("attendance", []))
    intake_money.loans(taking, lines.get("loans", []), taking_in.find)
    intake_money.repayments(taking, lines.get("repayments", []))


def day(line: Line, name: str) -> date | None:
    """A day cell."""
    value = line.values.get(name)
    return value if isinstance(value, date) else None


def number(line: Line, name: str) -> int | None:
    """A whole number cell."""
    value = line.values.get(name)
    return value if isinstance(value, int) else None


def must(value: date | None) -> date:
    """A day that the reader has seen to be there."""
    assert value is not None
    return value


class Intake:
    """One run: what the tables refer to, read once."""

    def __init__(self, taking: Taking) -> None:
        self.taking = taking
        self.staff = taking.staff
        self.areas: Mapping[str, Area] = {area.code: area for area in Area.objects.all()}
        self.people: dict[str, Person] = {}
        self.notices = list(
            ConsentNotice.objects.filter(programme=taking.programme).order_by("-valid_from")
        )

    def find(self, keys: Iterable[str]) -> dict[str, Person]:
        """Persons by their number in the file or, registered before, in the register."""
        wanted = {key for key in keys if key} - set(self.people)
        rows = Person.objects.visible_to(self.staff)
        known = self.taking.known.get("persons", {})
        told = [known[key] for key in wanted if key in known]
        here = [row for row in told if row.batch_id == self.taking.batch.pk]
        before = [row for row in told if row.batch_id != self.taking.batch.pk]
        for found, whose in ((Person._base_manager.all(), here), (rows, before)):
            ids: dict[UUID, list[str]] = {}
            for row in whose:
                ids.setdefault(row.record, []).append(row.key)
            for part in _parts(list(ids)):
                for person in found.filter(pk__in=part):
                    self.people.update(dict.fromkeys(ids[person.pk], person))
        for numbers in _parts(sorted(wanted - set(self.people))):
            self.people |= by_numbers(rows, numbers)
        return self.people

    def area(self, line: Line) -> Area | None:
        """The area of a row, refused when its code is not known."""
        code = line.text("area")
        if code and code not in self.areas:
            self.taking.fault(line, NotFound(field="area", key=code))
        return self.areas.get(code)

    def person(self, line: Line, column: str) -> Person | None:
        """The person a cell names, refused when nobody is."""
        key = line.text(column)
        found = self.people.get(key)
        if found is None:
            self.taking.fault(line, NotFound(field=column, key=key))
        return found

    def persons(self, lines: Sequence[Line]) -> None:
        """Register persons, piece by piece: a list may be very long."""
        known: list[tuple[Line, str]] = []
        fresh = self.taking.fresh(lines, lambda line: line.text("person"))
        self.taking.pass_on(
            self._newcomers(fresh, known),
            lambda items: people.register_persons(acting_staff=self.staff, items=items),
        )
        self._join(known)

    def _newcomers(
        self, fresh: Iterable[tuple[Line, str]], known: list[tuple[Line, str]]
    ) -> Iterator[Offer[people.PersonIn]]:
        """Rows without a fault that are to be registered; those told to be somebody already there
        are noted in `known`.
        """
        for line, key in fresh:
            if key in self.taking.same:
                known.append((line, key))
            elif (item := self._faultless(line)) is not None:
                yield Offer(line, key, item)

    def _faultless(self, line: Line) -> people.PersonIn | None:
        """What a row tells of a person, None where a cell of it has a fault."""
        before = len(self.taking.faults)
        item = self._person_in(line)
        return None if len(self.taking.faults) > before else item

    def _join(self, known: Sequence[tuple[Line, str]]) -> None:
        """Rows told to be somebody already there: what they add is written to her record."""
        self.find(self.taking.same[key][0] for _line, key in known)
        rows = []
        for line, key in known:
            item = self._faultless(line)
            if item is None:
                continue
            first, record = self.taking.same[key]
            person = self.people.get(first) if first else None
            if record:
                here = Person._base_manager.filter(erased_date=None)
                person = here.filter(pk=current_id(UUID(record))).first()
            if person is None:
                self.taking.fault(line, NotFound(field="person", key=first or key))
                continue
            self.people[key] = person
            join_row(self.taking, line, person, item)
            rows.append((line, key, person.pk))
        self.taking.join(rows)

    def _person_in(self, line: Line) -> people.PersonIn:
        paper = line.text("document_number")
        kind = line.text("document_kind") or c.PaperKind.OTHER.value
        registered = must(day(line, "registered_date"))
        return people.PersonIn(
            names=(people.NameIn(line.text("first_name"), line.text("last_name")),),
            registered_date=registered,
            sex=c.Sex(line.text("sex") or c.Sex.NOT_ASKED.value),
            birth_date=day(line, "birth_date"),
            father_name=line.text("father_name"),
            phone=line.text("phone"),
            address=line.text("address"),
            area=self.area(line),
            programme=self.taking.programme,
            papers=(people.PaperIn(c.PaperKind(kind), paper),) if paper else (),
            statuses=self._statuses(line),
            consents=self._consents(line),
        )

    def _statuses(self, line: Line) -> tuple[people.StatusIn, ...]:
        status = line.text("status")
        if not status:
            return ()
        from_date = day(line, "status_from")
        if from_date is None:
            self.taking.fault(line, StatusWithoutDay(field="status_from"), "status")
            return ()
        return (people.StatusIn(c.LegalStatusKind(status), from_date),)

    def _consents(self, line: Line) -> tuple[people.ConsentIn, ...]:
        given = day(line, "consent_date")
        if given is None:
            return ()
        notice = next((n for n in self.notices if n.valid_from <= given), None)
        if notice is None:
            self.taking.fault(line, NoNotice(field="consent_date", date=given.isoformat()))
            return ()
        purpose, method = c.ConsentPurpose.SERVICE, c.ConsentMethod.SIGNATURE
        return (people.ConsentIn(purpose, notice, method, given),)

    def households(self, lines: Sequence[Line]) -> None:
        """Register households with the persons of the file, piece by piece."""
        fresh = self.taking.fresh(lines, lambda line: line.text("household"))
        for part in _parts(fresh):
            self.people.clear()
            self.find(key for line, _ in part for key in (line.text("head"), *_members(line)))
            offers = []
            for line, key in part:
                before = len(self.taking.faults)
                item = self._household_in(line)
                if item is not None and len(self.taking.faults) == before:
                    offers.append(Offer(line, key, item))
            self.taking.pass_on(
                offers,
                lambda items: people.register_households(acting_staff=self.staff, items=items),
            )

    def _household_in(self, line: Line) -> people.HouseholdIn | None:
        head = self.person(line, "head")
        members = []
        for key in _members(line):
            if key not in self.people:
                self.taking.fault(line, NotFound(field="members", key=key))
            else:
                members.append(people.MemberIn(self.people[key]))
        if head is None:
            return None
        registered = must(day(line, "registered_date"))
        currency = self.taking.programme.currency
        income = amount_of(self.taking, line, "monthly_income", currency)
        return people.HouseholdIn(
            members=(people.MemberIn(head, c.HouseholdRole.HEAD, c.Kinship.SELF), *members),
            registered_date=registered,
            area=self.area(line) or head.area,
            address=line.text("address"),
            office=head.office,
            programme=self.taking.programme,
            fact=people.HouseholdFactIn(
                fact_date=registered,
                adults=number(line, "adults"),
                children=number(line, "children"),
                monthly_income_units=income,
                currency=currency if income is not None else "",
            ),
        )

    def enterprises(self, lines: Sequence[Line]) -> None:
        """Register enterprises, each of one owner."""
        fresh = self.taking.fresh(lines, lambda line: line.text("enterprise"))
        self.find(line.text("owner") for line, _ in fresh)
        offers = []
        for line, key in fresh:
            owner = self.person(line, "owner")
            area = self.area(line)
            if owner is None or (line.text("area") and area is None):
                continue
            item = people.EnterpriseIn(
                trade=line.text("trade"),
                owners=(people.OwnerIn(owner),),
                registered_date=must(day(line, "registered_date")),
                name=line.text("name"),
                start_date=day(line, "start_date"),
                formality=c.Formality(line.text("formality") or c.Formality.NOT_KNOWN.value),
                workers_family=number(line, "workers_family") or 0,
                workers_paid=number(line, "workers_paid") or 0,
                workers_women=number(line, "workers_women") or 0,
                area=area or owner.area,
                office=owner.office,
                programme=self.taking.programme,
            )
            offers.append(Offer(line, key, item))
        self.taking.take(
            offers,
            lambda items: people.register_enterprises(acting_staff=self.staff, items=items),
        )

    def _cohorts(self, lines: Iterable[Line]) -> dict[str, Cohort]:
        codes = {line.text("cohort") for line in lines}
        rows = Cohort.objects.visible_to(self.staff).filter(
            programme=self.taking.programme, code__in=codes
        )
        return {cohort.code: cohort for cohort in rows}

    def _cohort(self, line: Line, cohorts: Mapping[str, Cohort]) -> Cohort | None:
        code = line.text("cohort")
        if code not in cohorts:
            self.taking.fault(line, NotFound(field="cohort", key=code))
        return cohorts.get(code)

    def enrolments(self, lines: Sequence[Line]) -> None:
        """Put persons on the rolls of their cohorts."""
        fresh = self.taking.fresh(
            lines, lambda line: f"{line.text('person')} {line.text('cohort')}"
        )
        self.find(line.text("person") for line, _ in fresh)
        cohorts = self._cohorts(line for line, _ in fresh)
        offers = []
        for line, key in fresh:
            person, cohort = self.person(line, "person"), self._cohort(line, cohorts)
            if person is None or cohort is None:
                continue
            item = training.EnrolmentIn(
                cohort=cohort,
                person=person,
                enrolled_date=must(day(line, "enrolled_date")),
                applied_date=day(line, "applied_date"),
                exempted=line.text("exempted"),
            )
            offers.append(Offer(line, key, item))
        self.taking.take(
            offers, lambda items: training.enrol_persons(acting_staff=self.staff, items=items)
        )

    def attendance(self, lines: Sequence[Line]) -> None:
        """Record who attended which session for how long."""
        fresh = self.taking.fresh(
            lines,
            lambda line: " ".join(line.text(name) for name in ("person", "cohort", "session")),
        )
        self.find(line.text("person") for line, _ in fresh)
        cohorts = self._cohorts(line for line, _ in fresh)
        sessions = {
            (row.cohort_id, row.number): row
            for row in Session.objects.filter(cohort__in=cohorts.values()).select_related("cohort")
        }
        roll = {
            (row.cohort_id, row.person_id): row
            for row in Enrolment.objects.filter(cohort__in=cohorts.values())
        }
        offers = []
        for line, key in fresh:
            person, cohort = self.person(line, "person"), self._cohort(line, cohorts)
            if person is None or cohort is None:
                continue
            session = sessions.get((cohort.pk, number(line, "session") or 0))
            enrolment = roll.get((cohort.pk, person.pk))
            if session is None:
                self.taking.fault(line, NotFound(field="session", key=line.text("session")))
            elif enrolment is None:
                who, where = line.text("person"), cohort.code
                self.taking.fault(line, NotEnrolled(field="person", person=who, cohort=where))
            else:
                minutes = number(line, "minutes") or 0
                item = training.AttendanceIn(session=session, enrolment=enrolment, minutes=minutes)
                offers.append(Offer(line, key, item))
        self.taking.take(
            offers, lambda items: training.record_attendances(acting_staff=self.staff, items=items)
        )


def _members(line: Line) -> list[str]:
    return [part.strip() for part in line.text("members").split(";") if part.strip()]


def _parts(items: Sequence[PartT]) -> Iterable[Sequence[PartT]]:
    for start in range(0, len(items), 500):
        yield items[start : start + 500]
