"""Feedback and complaints: recorded by whoever hears them, handled by the complaints officer; the
sensitive ones by the focal points and their team.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.calendar import Calendar
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.encryption import lookup_hash
from handup.org.models import Area, Grant, Office, Setting, StaffUser
from handup.org.permissions import OutOfSight, may, require
from handup.org.rules.access import Role
from handup.org.rules.duties import Duty
from handup.people.models import Grievance, GrievanceStep, GrievanceTeamMember, Person
from handup.people.rules import grievances as g
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.outreach import ReasonMissing
from handup.people.services.registration import registration_numbers
from handup.people.services.store import change, insert, refuse_erased
from handup.projects.models import Programme

SETTING = "grievances"
DUTIES = (Duty("people.decide_appeal"), Duty("people.handle_grievance"))


class NothingSaid(Refusal):
    """Write what she says, in her words."""


class NotThisStep(Refusal):
    """This is {state}; it cannot become {wanted} now."""


class NobodyToTell(Refusal):
    """There is no focal point and no director who may know of this. Tell the management at once, by
    word of mouth."""


class NotSensitive(Refusal):
    """Only what is sensitive has a team."""


class CannotOpen(Refusal):
    """{name} has no role that reaches this: it would stay closed to her."""


class NobodyLeft(Refusal):
    """Somebody else has to know of it before she leaves the team."""


class OnTheTeam(Refusal):
    """{name} is on the team already, or is the one complained of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrievanceIn:
    """What somebody says. Without a person and contact it is anonymous; `sensitivity` keeps it to
    the focal point and a team, `complained_of` from that staff member. `tracking`: the code that a
    device without a network gave her already.
    """

    kind: g.GrievanceKind
    text: str
    received_date: date
    sensitivity: g.Sensitivity | None = None
    programme: Programme | None = None
    office: Office | None = None
    area: Area | None = None
    person: Person | None = None
    contact: str = ""
    language: str = ""
    complained_of: StaffUser | None = None
    tracking: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A grievance, and the code with which whoever brought it asks where it stands."""

    grievance: Grievance
    tracking: str


def tracking_code() -> str:
    """Twelve signs nobody guesses."""
    return "".join(secrets.choice(g.CODE_SIGNS) for _ in range(g.CODE_LENGTH))


def record_grievance(*, acting_staff: StaffUser, grievance: GrievanceIn) -> Recorded:
    """Record what somebody says; it is due for an acknowledgement and an answer in working days.

    Raises NothingSaid, DayToCome, NobodyToTell, PersonErased.
    """
    require(acting_staff, "people.record_grievance")
    told = grievance
    known = already_stored(
        Grievance,
        told.id,
        acting_staff,
        kind=told.kind.value,
        received_date=told.received_date,
        taken_by=acting_staff,  # nobody learns the code of what somebody else heard
    )
    if known is not None:
        return Recorded(known, str(known.tracking))
    if not told.text.strip():
        raise NothingSaid(field="text")
    refuse_erased(told.person)
    if told.received_date > timezone.localdate():
        raise DayToCome(field="received_date", date=told.received_date)
    row = _row(told, acting_staff)
    if row.programme_id is not None:  # whoever hears it records it, also of no programme
        require(acting_staff, "people.record_grievance", row)
    team = _team_of(row) if row.sensitivity else []
    with transaction.atomic():
        insert([row], acting_staff)
        insert(
            [
                GrievanceTeamMember(grievance=row, staff=staff, joined_date=told.received_date)
                for staff in team
            ],
            acting_staff,
        )
        audit.record(acting_staff, "people.record_grievance", row)
    return Recorded(row, str(row.tracking))


def _code_of(told: GrievanceIn) -> str:
    """The code a device gave, or a new one; a code that leads to something else already goes on
    leading there alone.
    """
    if not told.tracking or state_by_code(told.tracking) is not None:
        return tracking_code()
    return told.tracking


def _row(told: GrievanceIn, staff: StaffUser) -> Grievance:
    (code,) = registration_numbers(1, Grievance, "K")
    person = told.person
    office = told.office or (person.office if person else None) or staff.home_office
    sensitive = told.sensitivity is not None
    days = _deadlines(told.received_date, office.pk if office else None)
    if sensitive:  # the focal point looks at it within a day
        days = g.Deadlines(told.received_date + timedelta(days=1), days.resolve)
    return Grievance(
        id=told.id or new_id(),
        code=code,
        kind=told.kind.value,
        sensitivity=told.sensitivity.value if told.sensitivity else "",
        programme_id=_programme(told, staff),
        office=office,
        area=told.area,
        person=person,
        anonymous=person is None and not told.contact.strip(),
        contact=told.contact.strip(),
        language=told.language.strip(),
        text="" if sensitive else told.text.strip(),
        restricted_text=told.text.strip() if sensitive else "",
        complained_of=told.complained_of,
        tracking=_code_of(told),
        received_date=told.received_date,
        acknowledge_date=days.acknowledge,
        resolve_date=days.resolve,
        taken_by=staff,
    )


def _programme(told: GrievanceIn, staff: StaffUser) -> UUID | None:
    """The one that is named, hers, or the only one of whoever records it."""
    if told.programme is not None:
        return told.programme.pk
    if told.person is not None:
        return told.person.programme_id
    own = {grant.programme_id for grant in staff.access}
    return next(iter(own)) if len(own) == 1 else None


def _deadlines(received: date, office: UUID | None) -> g.Deadlines:
    told: Any = Setting.objects.filter(key=SETTING).values_list("value", flat=True).first()
    kept: Mapping[str, int] = told if isinstance(told, dict) else {}
    closed = Calendar.of({office}, first=received).closed(office)
    return g.deadlines(
        received,
        closed,
        kept.get("acknowledge_days", g.ACKNOWLEDGE_DAYS),
        kept.get("resolve_days", g.RESOLVE_DAYS),
    )


def _team_of(row: Grievance) -> list[StaffUser]:
    """The focal points who reach it, else the directors; never the one complained of. Raises
    NobodyToTell.
    """
    today = timezone.localdate()
    for role in (Role.FOCAL_POINT, Role.DIRECTOR):
        live = Grant.objects.filter(
            role=role.value, starts__lte=today, ends__gte=today, ended_at=None
        )
        found = StaffUser.objects.filter(is_active=True, pk__in=live.values("staff"))
        team = [
            staff
            for staff in found.order_by("pk")
            if staff.pk != row.complained_of_id and may(staff, "people.handle_grievance", row)
        ]
        if team:
            return team
    raise NobodyToTell(field="sensitivity")


def move_grievance(
    *,
    acting_staff: StaffUser,
    grievance: Grievance,
    to_state: g.GrievanceState,
    step_date: date,
    note: str = "",
    reason: str = "",
    id: UUID | None = None,
) -> GrievanceStep:
    """Take the next step: acknowledge, look into, resolve, not uphold, appeal, close, take back.

    An appeal is decided by somebody else than who decided before. Raises NotThisStep, ReasonMissing
    (what was answered, or why), StepBefore, DayToCome, SamePerson.
    """
    require(acting_staff, "people.handle_grievance", grievance)
    known = already_stored(
        GrievanceStep,
        id,
        acting_staff,
        grievance_id=grievance.pk,
        to_state=to_state.value,
        step_date=step_date,
    )
    if known is not None:
        return known
    with transaction.atomic():
        row = Grievance._base_manager.select_for_update(of=("self",)).get(pk=grievance.pk)
        state = g.GrievanceState(row.state)
        _hold_to_way(row, state, to_state, step_date)
        if to_state in g.WITH_ANSWER and not note.strip():
            raise ReasonMissing(field="note")
        if state is g.GrievanceState.APPEALED and to_state in g.DECIDED:
            before = row.steps.filter(to_state__in=g.DECIDED).values_list("taken_by", flat=True)
            require_other_person(
                acting_staff, *before, step="people.decide_appeal", reason=reason, obj=row
            )
        sensitive = bool(row.sensitivity)
        step = GrievanceStep(
            id=id or new_id(),
            grievance=row,
            from_state=state.value,
            to_state=to_state.value,
            step_date=step_date,
            note="" if sensitive else note.strip(),
            restricted_note=note.strip() if sensitive else "",
            taken_by=acting_staff,
        )
        insert([step], acting_staff)
        values: dict[str, object] = {"state": to_state.value}
        if to_state in g.DECIDED:
            values |= {"decided_date": step_date, "decided_by": acting_staff}
        change(row, acting_staff, **values)
        audit.record(acting_staff, "people.handle_grievance", row, {"to": to_state.value})
    grievance.refresh_from_db()
    return step


def _hold_to_way(
    row: Grievance, state: g.GrievanceState, wanted: g.GrievanceState, on: date
) -> None:
    if wanted not in g.MOVES[state]:
        labels = dict(Grievance._meta.get_field("state").flatchoices)
        raise NotThisStep(field="to_state", state=labels[state.value], wanted=labels[wanted.value])
    if on > timezone.localdate():
        raise DayToCome(field="step_date", date=on)
    last = row.steps.order_by("-step_date").values_list("step_date", flat=True).first()
    last = last or row.received_date
    if on < last:
        raise StepBefore(field="step_date", date=on, last=last)


def join_grievance_team(
    *, acting_staff: StaffUser, grievance: Grievance, staff: StaffUser, joined_date: date
) -> GrievanceTeamMember:
    """Let somebody know of a sensitive grievance. Raises NotSensitive, OnTheTeam, DayToCome,
    CannotOpen.
    """
    require(acting_staff, "people.join_grievance_team", grievance)
    if not grievance.sensitivity:
        raise NotSensitive
    on_it = grievance.team.filter(staff=staff, left_date=None).exists()
    if on_it or staff.pk == grievance.complained_of_id:
        raise OnTheTeam(field="staff", name=str(staff))
    if joined_date > timezone.localdate():
        raise DayToCome(field="joined_date", date=joined_date)
    row = GrievanceTeamMember(grievance=grievance, staff=staff, joined_date=joined_date)
    with transaction.atomic():
        insert([row], acting_staff)
        if not may(staff, "people.view_grievance", grievance):
            raise CannotOpen(field="staff", name=str(staff))
        audit.record(acting_staff, "people.join_grievance_team", grievance)
    return row


def leave_grievance_team(
    *, acting_staff: StaffUser, member: GrievanceTeamMember, left_date: date
) -> GrievanceTeamMember:
    """Let somebody know of it no longer, as long as somebody else does.

    Raises NobodyLeft, DayToCome, StepBefore, OutOfSight (she has left it).
    """
    require(acting_staff, "people.join_grievance_team", member.grievance)
    if left_date > timezone.localdate():
        raise DayToCome(field="left_date", date=left_date)
    if left_date < member.joined_date:
        raise StepBefore(field="left_date", date=left_date, last=member.joined_date)
    with transaction.atomic():
        locked = Grievance._base_manager.select_for_update(of=("self",)).get(pk=member.grievance_id)
        team = locked.team.filter(left_date=None).select_related("staff")
        held = {row.pk: row for row in team}
        if member.pk not in held:
            raise OutOfSight
        if not any(
            row.staff.is_active and may(row.staff, "people.view_grievance", locked)
            for pk, row in held.items()
            if pk != member.pk
        ):
            raise NobodyLeft(field="left_date")
        change(held[member.pk], acting_staff, left_date=left_date)
        audit.record(acting_staff, "people.leave_grievance_team", locked)
    member.refresh_from_db()
    return member


def blank(person_id: UUID) -> None:
    """Blank what she said and what was answered; kind, days and states stay."""
    steps = GrievanceStep._base_manager.filter(grievance__person_id=person_id)
    steps.update(note="", restricted_note="")
    rows = Grievance._base_manager.filter(person_id=person_id)
    rows.update(contact="", text="", restricted_text="", tracking="", tracking_hash="")


def told(grievance: Grievance) -> None:
    """Remember when the first of the team opened a sensitive grievance."""
    if grievance.sensitivity and grievance.told_focal_point_at is None:
        rows = Grievance._base_manager.filter(pk=grievance.pk, told_focal_point_at=None)
        rows.update(told_focal_point_at=timezone.now())


def state_by_code(code: str) -> Grievance | None:
    """The grievance of a tracking code, for whoever holds the code."""
    plain = "".join(code.upper().split()).replace("-", "")
    if len(plain) != g.CODE_LENGTH or set(plain) - set(g.CODE_SIGNS):
        return None
    hashed = lookup_hash(Grievance, "tracking_hash", plain)
    return Grievance._base_manager.filter(tracking_hash=hashed).first()
