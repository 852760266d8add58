"""The pathway out of extreme poverty, beside credit (rulings C20): opened with criteria, changed by
a new version, joined by a person, checked at visits, left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import FutureDate
from handup.lending.models import Pathway, PathwayCheck, PathwayEnrolment, PathwayVersion
from handup.lending.rules import pathways as rules
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.lending.services.rows import next_codes
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.queries import require_consent
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Programme


class PathwayNameTaken(Refusal):
    """This programme has a pathway called {name} already."""


class PathwayNameMissing(Refusal):
    """A pathway needs a name."""


class PathwayClosed(Refusal):
    """The pathway {name} takes nobody in any more."""


class VersionBefore(Refusal):
    """{date} is before the criteria in force, which count from {from_date}."""


class NoCriteriaYet(Refusal):
    """On {date} this pathway had no criteria yet."""


class AlreadyOnPathway(Refusal):
    """This person is on a pathway of this programme already: {code}."""


class PathwayEnded(Refusal):
    """{code} is not on the way any more."""


class BeforeEnrolment(Refusal):
    """{date} is before the person came in on {enrolled}."""


class NothingFound(Refusal):
    """Write at least one thing that was seen, or a note."""


class CriterionUnknown(Refusal):
    """There is no criterion {code} on this pathway."""


class ValueUnfit(Refusal):
    """Write what was found of {label} as a number."""


def open_pathway(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    name: str,
    criteria: Sequence[Mapping[str, Any]],
    needed: int,
    from_date: date,
    id: UUID | None = None,
) -> Pathway:
    """Open a pathway in a programme with its first criteria, of which `needed` must be met.

    Raises NotAllowed, OutOfSight, PathwayNameMissing, PathwayNameTaken, CriteriaNone,
    a refusal of a criterion, NeededOutOfRange.
    """
    wanted = name.strip()
    require(acting_staff, "lending.set_pathway", Pathway(programme=programme, name=wanted))
    if (
        stored := already_stored(Pathway, id, acting_staff, programme=programme, name=wanted)
    ) is not None:
        return stored
    if not wanted:
        raise PathwayNameMissing(field="name")
    found = rules.read_criteria(criteria)
    rules.check_needed(found, needed)
    with transaction.atomic():
        if Pathway.objects.filter(programme=programme, name=wanted).exists():
            raise PathwayNameTaken(field="name", name=wanted)
        row = Pathway(id=id or new_id(), programme=programme, name=wanted)
        row.save(force_insert=True)
        _add_version(row, 1, found, needed, from_date, acting_staff)
        audit.record(acting_staff, "lending.open_pathway", row, {"criteria": len(found)})
    return row


def change_pathway(
    *,
    acting_staff: StaffUser,
    pathway: Pathway,
    criteria: Sequence[Mapping[str, Any]],
    needed: int,
    from_date: date,
    closed_date: date | None = None,
) -> PathwayVersion:
    """Give a pathway other criteria for those who come in from a day on; nobody who is on the way
    is judged by them. `closed_date`: it takes nobody in from that day.

    Raises NotAllowed, OutOfSight, CriteriaNone, a refusal of a criterion, NeededOutOfRange,
    VersionBefore.
    """
    require(acting_staff, "lending.set_pathway", pathway)
    found = rules.read_criteria(criteria)
    rules.check_needed(found, needed)
    with transaction.atomic():
        row = Pathway.objects.select_for_update().get(pk=pathway.pk)
        last = row.versions.order_by("-number").first()
        assert last is not None
        if from_date < last.from_date:
            raise VersionBefore(field="from_date", date=from_date, from_date=last.from_date)
        made = _add_version(row, last.number + 1, found, needed, from_date, acting_staff)
        if row.closed_date != closed_date:
            row.closed_date = closed_date
            row.save(update_fields=("closed_date",))
        audit.record(acting_staff, "lending.change_pathway", row, {"version": made.number})
    return made


def _add_version(
    pathway: Pathway,
    number: int,
    criteria: Sequence[rules.Criterion],
    needed: int,
    from_date: date,
    staff: StaffUser,
) -> PathwayVersion:
    made = PathwayVersion(
        id=new_id(),
        pathway=pathway,
        number=number,
        criteria=[item.as_data() for item in criteria],
        needed=needed,
        from_date=from_date,
        made_by=staff,
    )
    made.save(force_insert=True)
    return made


def enrol_in_pathway(
    *,
    acting_staff: StaffUser,
    pathway: Pathway,
    person: Person,
    enrolled_date: date,
    officer: StaffUser | None = None,
    id: UUID | None = None,
) -> PathwayEnrolment:
    """Take a person in, by the criteria in force that day; she must agree to be served.

    Raises NotAllowed, OutOfSight, PathwayClosed, NoCriteriaYet, FutureDate, ConsentMissing,
    AlreadyOnPathway.
    """
    content = {
        "person": person,
        "programme": pathway.programme,
        "enrolled_date": enrolled_date,
    }
    if (stored := already_stored(PathwayEnrolment, id, acting_staff, **content)) is not None:
        require(acting_staff, "lending.enrol_in_pathway", stored)
        return stored
    row = PathwayEnrolment(
        id=id or new_id(),
        programme=pathway.programme,
        person=person,
        office=person.office,
        officer=officer or acting_staff,
        enrolled_date=enrolled_date,
        enrolled_by=acting_staff,
    )
    require(acting_staff, "lending.enrol_in_pathway", row)
    if enrolled_date > timezone.localdate():
        raise FutureDate(field="enrolled_date", date=enrolled_date)
    require_consent(person, ConsentPurpose.SERVICE, on=enrolled_date)
    with transaction.atomic():
        # whichever pathway of the programme it is, two enrolments of one person wait for each other
        Person._base_manager.select_for_update().get(pk=person.pk)
        held = Pathway.objects.select_for_update().get(pk=pathway.pk)
        if held.closed_date is not None and enrolled_date >= held.closed_date:
            raise PathwayClosed(field="enrolled_date", name=held.name)
        version = held.versions.filter(from_date__lte=enrolled_date).order_by("-number").first()
        if version is None:
            raise NoCriteriaYet(field="enrolled_date", date=enrolled_date)
        running = PathwayEnrolment._base_manager.filter(
            person=person, programme=pathway.programme, state=EnrolmentState.RUNNING.value
        ).first()
        if running is not None:
            raise AlreadyOnPathway(field="person", code=running.code)
        row.version = version
        row.code = next_codes("PATHWAY", 1)[0]
        row.save(force_insert=True)
        audit.record(acting_staff, "lending.enrol_in_pathway", row, {"version": version.number})
    return row


def locked_enrolment(enrolment: PathwayEnrolment, on: date, field: str) -> PathwayEnrolment:
    """Lock a running enrolment for a step of a day. Raises PathwayEnded, BeforeEnrolment,
    FutureDate.
    """
    rows = PathwayEnrolment._base_manager.select_for_update(of=("self",))
    row = rows.select_related("version", "programme").get(pk=enrolment.pk)
    if row.state != EnrolmentState.RUNNING:
        raise PathwayEnded(code=row.code)
    if on < row.enrolled_date:
        raise BeforeEnrolment(field=field, date=on, enrolled=row.enrolled_date)
    if on > timezone.localdate():
        raise FutureDate(field=field, date=on)
    return row


def record_pathway_check(
    *,
    acting_staff: StaffUser,
    enrolment: PathwayEnrolment,
    check_date: date,
    findings: Mapping[str, str],
    note: str = "",
    id: UUID | None = None,
) -> PathwayCheck:
    """Write down what was seen at a visit, by the codes of the criteria: numbers as text, amounts
    in smallest units. What the house knows by itself goes before it.

    Raises NotAllowed, OutOfSight, PathwayEnded, BeforeEnrolment, FutureDate, CriterionUnknown,
    ValueUnfit, NothingFound.
    """
    require(acting_staff, "lending.check_pathway", enrolment)
    content = {"enrolment": enrolment, "check_date": check_date, "note": note.strip()}
    if (stored := already_stored(PathwayCheck, id, acting_staff, **content)) is not None:
        if stored.findings != _found(enrolment, findings):
            raise SameIdOtherContent(field="findings")
        return stored
    with transaction.atomic():
        held = locked_enrolment(enrolment, check_date, "check_date")
        found = _found(held, findings)
        if not found and not note.strip():
            raise NothingFound()
        row = PathwayCheck(
            id=id or new_id(),
            enrolment=held,
            check_date=check_date,
            checked_by=acting_staff,
            findings=found,
            note=note.strip(),
        )
        row.save(force_insert=True)
        audit.record(acting_staff, "lending.record_pathway_check", row, {"seen": len(found)})
    return row


def _found(enrolment: PathwayEnrolment, findings: Mapping[str, str]) -> dict[str, str]:
    known = {item.code: item for item in rules.read_criteria(enrolment.version.criteria)}
    found = {}
    for code, text in findings.items():
        item = known.get(code)
        if item is None:
            raise CriterionUnknown(field="findings", code=code)
        if not text.strip():
            continue
        value = rules.number(text)
        if value is None or (item.is_money and value != value.to_integral_value()):
            raise ValueUnfit(field=f"found_{code}", label=item.label)
        found[code] = rules.plain(value)
    return found


def leave_pathway(
    *, acting_staff: StaffUser, enrolment: PathwayEnrolment, left_date: date, reason: str
) -> PathwayEnrolment:
    """Say that a participant left before she graduated, and why; what waits for a decision falls.

    Raises NotAllowed, OutOfSight, ReasonNeeded, PathwayEnded, BeforeEnrolment, FutureDate.
    """
    require(acting_staff, "lending.check_pathway", enrolment)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = locked_enrolment(enrolment, left_date, "left_date")
        row.graduations.filter(state=ProposalState.PROPOSED.value).update(
            state=ProposalState.DECLINED.value,
            decided_date=left_date,
            decided_by=acting_staff,
            decision_reason=reason.strip(),
        )
        end_enrolment(row, EnrolmentState.LEFT, left_date, acting_staff, reason.strip())
        audit.record(acting_staff, "lending.leave_pathway", row)
    return row


def end_enrolment(
    row: PathwayEnrolment, state: EnrolmentState, on: date, staff: StaffUser, reason: str
) -> None:
    """End an enrolment that is locked."""
    row.state, row.ended_date = state.value, on
    row.ended_by, row.end_reason = staff, reason
    row.save(update_fields=("state", "ended_date", "ended_by", "end_reason"))
