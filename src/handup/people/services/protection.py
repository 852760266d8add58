"""Restricted compartments: opened by a focal point for a team, worked on by the team alone, closed.

A compartment PERSON hides the whole person from everyone else. What is written here is audited on
lines that the general trail leaves out (`org.audit.own_pages`): only the page of the case shows
them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, may, require
from handup.org.scanning import require_clean
from handup.org.scope import hidden_changed
from handup.org.services.files import LARGEST, FileTooLarge, destroy_file, store_file
from handup.people.merging import Merge
from handup.people.models import (
    CaseAction,
    CaseDocument,
    CaseMove,
    CaseNote,
    CaseTeamMember,
    Compartment,
    Person,
)
from handup.people.queries.cases import kind_hash, open_of_hers, tells_face_to_face
from handup.people.rules.codes import CompartmentKind
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.store import change, insert, refuse_erased

WORK = "people.work_case"
OPEN = "people.open_compartment"


class CompartmentOpen(Refusal):
    """Such a compartment, of whose team you are, is open for this person already."""


class CompartmentClosed(Refusal):
    """This compartment is closed already."""


class WordsMissing(Refusal):
    """Write it down."""


class AlreadyDone(Refusal):
    """This is done already."""


class NotForThisCase(Refusal):
    """{name} has no role that reaches a case: it would stay closed to her."""


class OnThisTeam(Refusal):
    """{name} is on the team already."""


class TeamEmpty(Refusal):
    """Somebody else has to know of it before she leaves the team."""


class NotAskedFor(Refusal):
    """She has not asked what is held of her, or it is not known yet that it is she who asks."""


def open_compartment(
    *,
    acting_staff: StaffUser,
    person: Person,
    kind: CompartmentKind,
    team: Sequence[StaffUser],
    opened_date: date,
    reason: str = "",
    id: UUID | None = None,
) -> Compartment:
    """Open a compartment for its team; the focal point who opens it belongs to the team.

    One she does not know of is not told to her by a refusal: hers is opened beside it. Raises
    CompartmentOpen (one of hers), PersonErased, DayToCome, NotForThisCase.
    """
    require(acting_staff, OPEN, person)
    told: dict[str, Any] = {"person": person, "kind": kind.value, "opened_date": opened_date}
    known = already_stored(Compartment, id, acting_staff, **told, reason=reason.strip())
    if known is not None:
        return known
    refuse_erased(person)
    _not_to_come("opened_date", opened_date)
    if open_of_hers(acting_staff, person.pk, kind).exists():
        raise CompartmentOpen(field="kind")
    row = Compartment(
        id=id or new_id(),
        person=person,
        kind=kind.value,
        reason=reason.strip(),
        opened_by=acting_staff,
        opened_date=opened_date,
    )
    members = {staff.pk: staff for staff in (acting_staff, *team)}
    with transaction.atomic():
        insert([row], acting_staff)
        insert(
            [
                CaseTeamMember(compartment=row, staff=staff, joined_date=opened_date)
                for staff in members.values()
            ],
            acting_staff,
        )
        hidden_changed()
        for staff in members.values():
            _reaches(staff, row, "team")
        audit.record(acting_staff, OPEN, row)
    transaction.on_commit(hidden_changed)
    return row


def close_compartment(
    *, acting_staff: StaffUser, compartment: Compartment, closed_date: date, outcome: str = ""
) -> Compartment:
    """Close a compartment; a hidden person is visible again from then on, its team goes on reading
    it. Raises CompartmentClosed, DayToCome, StepBefore.
    """
    require(acting_staff, "people.close_compartment", compartment)
    _not_to_come("closed_date", closed_date)
    with transaction.atomic():
        row = _locked(compartment)
        if closed_date < row.opened_date:
            raise StepBefore(field="closed_date", date=closed_date, last=row.opened_date)
        change(row, acting_staff, closed_date=closed_date, outcome=outcome.strip())
        audit.record(acting_staff, "people.close_compartment", row)
    hidden_changed()
    compartment.refresh_from_db()
    return compartment


def _locked(compartment: Compartment) -> Compartment:
    """The compartment, held while it is written to. Raises CompartmentClosed."""
    row = Compartment._base_manager.select_for_update(of=("self",)).get(pk=compartment.pk)
    if row.closed_date is not None:
        raise CompartmentClosed
    return row


def _not_to_come(field: str, day: date) -> None:
    if day > timezone.localdate():
        raise DayToCome(field=field, date=day)


def _reaches(staff: StaffUser, row: Compartment, field: str) -> None:
    if not may(staff, "people.view_compartment", row):
        raise NotForThisCase(field=field, name=str(staff))


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise WordsMissing(field=field)
    return text.strip()


def add_case_note(
    *,
    acting_staff: StaffUser,
    compartment: Compartment,
    text: str,
    day: date,
    id: UUID | None = None,
) -> CaseNote:
    """Write a note into a case. Raises WordsMissing, DayToCome, CompartmentClosed."""
    require(acting_staff, WORK, compartment)
    words = _said(text, "text")
    told: dict[str, Any] = {"compartment": compartment, "text": words, "day": day.isoformat()}
    known = already_stored(CaseNote, id, acting_staff, **told)
    if known is not None:
        return known
    _not_to_come("day", day)
    row = CaseNote(
        id=id or new_id(),
        compartment=compartment,
        day=day.isoformat(),
        text=words,
        written_by=acting_staff,
    )
    with transaction.atomic():
        _locked(compartment)
        insert([row], acting_staff)
        audit.record(acting_staff, "people.add_case_note", row)
    return row


def add_case_action(
    *,
    acting_staff: StaffUser,
    compartment: Compartment,
    what: str,
    due: date,
    responsible: StaffUser | None = None,
    id: UUID | None = None,
) -> CaseAction:
    """Say what is to be done in a case, by whom of its team (herself unless said) and by when.

    Raises WordsMissing, NotForThisCase, CompartmentClosed.
    """
    require(acting_staff, WORK, compartment)
    words, who = _said(what, "what"), responsible or acting_staff
    told: dict[str, Any] = {
        "compartment": compartment,
        "what": words,
        "due": due.isoformat(),
        "responsible": who,
    }
    known = already_stored(CaseAction, id, acting_staff, **told)
    if known is not None:
        return known
    _reaches(who, compartment, "responsible")
    row = CaseAction(
        id=id or new_id(),
        compartment=compartment,
        what=words,
        due=due.isoformat(),
        responsible=who,
        written_by=acting_staff,
    )
    with transaction.atomic():
        _locked(compartment)
        insert([row], acting_staff)
        audit.record(acting_staff, "people.add_case_action", row)
    return row


def finish_case_action(
    *, acting_staff: StaffUser, action: CaseAction, done_date: date
) -> CaseAction:
    """Say that it is done. Raises AlreadyDone, DayToCome, CompartmentClosed."""
    require(acting_staff, WORK, action)
    _not_to_come("done_date", done_date)
    with transaction.atomic():
        _locked(action.compartment)
        row = CaseAction._base_manager.select_for_update(of=("self",)).get(pk=action.pk)
        if row.done:
            raise AlreadyDone(field="done_date")
        change(row, acting_staff, done=done_date.isoformat())
        audit.record(acting_staff, "people.finish_case_action", row)
    action.refresh_from_db()
    return action


def add_case_document(
    *,
    acting_staff: StaffUser,
    compartment: Compartment,
    name: str,
    content: bytes,
    id: UUID | None = None,
) -> CaseDocument:
    """Keep a paper in a case, sealed under the key of the compartments; the file bears no name.

    Raises WordsMissing, CompartmentClosed, FileEmpty, FileTooLarge, UnknownFileKind.
    """
    require(acting_staff, WORK, compartment)
    words = _said(name, "name")
    known = already_stored(
        CaseDocument, id, acting_staff, compartment_id=compartment.pk, name=words
    )
    if known is not None:
        return known
    if len(content) > LARGEST:
        raise FileTooLarge(field="file", megabytes=LARGEST // 1024 // 1024)
    require_clean(content)
    row = CaseDocument(
        id=id or new_id(), compartment=compartment, name=words, added_by=acting_staff
    )
    with transaction.atomic():
        _locked(compartment)
        insert([row], acting_staff)
        file = store_file(
            acting_staff=acting_staff, owner=row, name="paper", content=content, klass=DataClass.R
        )
        change(row, acting_staff, file=file)
        audit.record(acting_staff, "people.add_case_document", row)
    return row


def join_case_team(
    *, acting_staff: StaffUser, compartment: Compartment, staff: StaffUser, joined_date: date
) -> CaseTeamMember:
    """Let somebody know of a case. Raises OnThisTeam, NotForThisCase, DayToCome,
    CompartmentClosed.
    """
    require(acting_staff, OPEN, compartment)
    _not_to_come("joined_date", joined_date)
    with transaction.atomic():
        row = _locked(compartment)
        if row.team.filter(staff=staff, left_date=None).exists():
            raise OnThisTeam(field="staff", name=str(staff))
        member = CaseTeamMember(compartment=row, staff=staff, joined_date=joined_date)
        insert([member], acting_staff)
        hidden_changed()
        _reaches(staff, row, "staff")
        audit.record(acting_staff, "people.join_case_team", member)
    hidden_changed()
    return member


def leave_case_team(
    *, acting_staff: StaffUser, member: CaseTeamMember, left_date: date
) -> CaseTeamMember:
    """Let somebody know of a case no longer, as long as somebody else who may does.

    Raises TeamEmpty, DayToCome, StepBefore, OutOfSight (she has left it).
    """
    require(acting_staff, OPEN, member.compartment)
    _not_to_come("left_date", left_date)
    if left_date < member.joined_date:
        raise StepBefore(field="left_date", date=left_date, last=member.joined_date)
    with transaction.atomic():
        row = Compartment._base_manager.select_for_update(of=("self",)).get(
            pk=member.compartment_id
        )
        held = {one.pk: one for one in row.team.filter(left_date=None).select_related("staff")}
        if member.pk not in held:
            raise OutOfSight
        others = [one.staff for pk, one in held.items() if pk != member.pk]
        if not any(who.is_active and may(who, OPEN, row) for who in others):
            raise TeamEmpty(field="left_date")
        change(held[member.pk], acting_staff, left_date=left_date)
        audit.record(acting_staff, "people.leave_case_team", member)
    hidden_changed()
    member.refresh_from_db()
    return member


def tell_face_to_face(
    *, acting_staff: StaffUser, compartment: Compartment, day: date, id: UUID | None = None
) -> CaseNote:
    """Write down, in the case, that a focal point told her what lies in it, face to face.

    Raises NotAskedFor, DayToCome, CompartmentClosed.
    """
    require(acting_staff, OPEN, compartment)
    if not tells_face_to_face(compartment):
        raise NotAskedFor
    return add_case_note(
        acting_staff=acting_staff,
        compartment=compartment,
        text="Told her face to face what lies in this compartment.",
        day=day,
        id=id,
    )


def empty(person_id: UUID) -> None:
    """Take away what lies in her compartments; who is hidden stays hidden (protection.md 4.8)."""
    rows = Compartment._base_manager.filter(person_id=person_id)
    for document in CaseDocument._base_manager.filter(compartment__in=rows).select_related("file"):
        file = document.file
        document.delete()
        if file is not None:
            destroy_file(file)
    for table in (CaseNote, CaseAction, CaseMove):
        table._base_manager.filter(compartment__in=rows).delete()
    others = rows.exclude(kind_hash=kind_hash(CompartmentKind.PERSON))
    CaseTeamMember._base_manager.filter(compartment__in=others).delete()
    others.delete()
    rows.update(reason="", outcome="")


def move_cases(merge: Merge) -> None:
    """Two records are one person: her compartments go with her. Which ones lies in `CaseMove`,
    among the restricted tables: the record of the merge, which others read, is told of none.
    """
    rows = list(Compartment._base_manager.filter(person_id=merge.merged))
    CaseMove._base_manager.bulk_create(
        CaseMove(compartment=row, from_person_id=merge.merged, to_person_id=merge.survivor)
        for row in rows
    )
    ids = [row.pk for row in rows]
    Compartment._base_manager.filter(pk__in=ids).update(person_id=merge.survivor)
    hidden_changed()


def move_cases_back(survivor: UUID, merged: UUID) -> None:
    """The two are two again: what came from the merged record goes back to it."""
    moves = CaseMove._base_manager.filter(from_person_id=merged, to_person_id=survivor)
    ids = list(moves.values_list("compartment_id", flat=True))
    Compartment._base_manager.filter(pk__in=ids, person_id=survivor).update(person_id=merged)
    moves.delete()
    hidden_changed()
