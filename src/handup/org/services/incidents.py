"""Incidents: opened by a person or by what finds them, assessed, told within the clock, closed."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, safety
from handup.org.devices import already_stored
from handup.org.exposure import Exposed, of_device
from handup.org.jobs import job
from handup.org.models import Device, Incident, StaffUser
from handup.org.permissions import require
from handup.org.rules.incidents import (
    BY_HAND,
    IncidentKind,
    IncidentState,
    Risk,
    may_become,
    notify_by,
)

HANDLE = "org.handle_incident"
DIGITS = "23456789BCDFGHJKMNPQRSTVWXZ"


class WordsMissing(Refusal):
    """Write it down in words."""


class NotByHand(Refusal):
    """This kind is opened by what finds it. Choose another one."""


class NoticedToCome(Refusal):
    """It cannot have been noticed at a time still to come."""


class IncidentNotThere(Refusal):
    """This incident is {state}; that cannot be done with it now."""


def report_incident(
    *,
    acting_staff: StaffUser,
    kind: IncidentKind,
    what: str,
    noticed_at: datetime,
    id: UUID | None = None,
) -> Incident:
    """Report what went wrong; whoever works here may. The clock begins when it was noticed.

    Raises NotByHand, WordsMissing, NoticedToCome, SameIdOtherContent.
    """
    require(acting_staff, "org.report_incident")
    what = what.strip()
    known = already_stored(
        Incident, id, acting_staff, kind=kind.value, what=what, opened_by=acting_staff
    )
    if known is not None:
        return known
    if kind not in BY_HAND:
        raise NotByHand(field="kind")
    if not what:
        raise WordsMissing(field="what")
    if noticed_at > timezone.now():
        raise NoticedToCome(field="noticed_at")
    with transaction.atomic():
        return _open(kind, acting_staff, what=what, noticed_at=noticed_at, id=id)


def open_for(
    kind: IncidentKind,
    *,
    about: str,
    acting_staff: StaffUser | None,
    device: Device | None = None,
    exposed: Exposed | None = None,
) -> Incident:
    """Open the incident something found, or return the one that is open about it already.

    Called inside the transaction of what found it; no permission is asked: it is not her act.
    """
    with transaction.atomic():
        held = Incident.objects.select_for_update().filter(kind=kind.value, about=about)
        row = held.exclude(state=IncidentState.CLOSED.value).first()
        if row is not None:
            return row
        return _open(kind, acting_staff, about=about, device=device, exposed=exposed)


def _open(
    kind: IncidentKind,
    staff: StaffUser | None,
    *,
    what: str = "",
    about: str = "",
    noticed_at: datetime | None = None,
    device: Device | None = None,
    exposed: Exposed | None = None,
    id: UUID | None = None,
) -> Incident:
    noticed = noticed_at or timezone.now()
    told = exposed or Exposed()
    row = Incident(
        id=id or new_id(),
        code="I" + "".join(secrets.choice(DIGITS) for _ in range(7)),
        kind=kind.value,
        noticed_at=noticed,
        notify_by=notify_by(noticed, safety.value("protection.incident_hours")),
        opened_by=staff,
        device=device,
        about=about,
        what=what,
        persons=sorted(told.persons),
        fields=sorted(told.fields),
    )
    row.save(force_insert=True)
    if staff is not None:
        facts: audit.Facts = {"kind": kind.value, "persons": len(row.persons)}
        audit.record(staff, "org.open_incident", row, facts)
    return row


def open_for_lost_device(staff: StaffUser, device: Device) -> Incident:
    """The incident of a lost device, with persons and fields of what it last held."""
    return open_for(
        IncidentKind.LOST_DEVICE,
        about=str(device.pk),
        acting_staff=staff,
        device=device,
        exposed=of_device(device),
    )


@job
def look_at_read_log() -> None:
    """The job of the night: a read log that is broken opens an incident."""
    find_broken_log()


def find_broken_log() -> Incident | None:
    """Open an incident when the chain of the read log is broken; None while it is whole."""
    from handup.org import reads

    first = next(iter(reads.check_chain()), None)
    if first is None:
        return None
    return open_for(IncidentKind.READ_LOG, about=str(first.key)[:80], acting_staff=None)


def assess_incident(
    *, acting_staff: StaffUser, incident: Incident, risk: Risk, assessment: str
) -> Incident:
    """Say what may follow for the persons. Raises WordsMissing, IncidentNotThere."""
    values = {"risk": risk.value, "assessment": _words(assessment, "assessment")}
    return _move(acting_staff, incident, IncidentState.ASSESSED, "assessed", values)


def record_notification(*, acting_staff: StaffUser, incident: Incident, told: str) -> Incident:
    """Record who was told: the authority, and the persons where the risk is high.

    Raises WordsMissing, IncidentNotThere.
    """
    values = {"told": _words(told, "told")}
    return _move(acting_staff, incident, IncidentState.NOTIFIED, "notified", values)


def close_incident(*, acting_staff: StaffUser, incident: Incident, lesson: str) -> Incident:
    """Close it, with what was done about it. Raises WordsMissing, IncidentNotThere."""
    values = {"lesson": _words(lesson, "lesson")}
    return _move(acting_staff, incident, IncidentState.CLOSED, "closed", values)


def _words(text: str, field: str) -> str:
    if not text.strip():
        raise WordsMissing(field=field)
    return text.strip()


def _move(
    staff: StaffUser, incident: Incident, wanted: IncidentState, step: str, values: dict[str, str]
) -> Incident:
    require(staff, HANDLE)
    with transaction.atomic():
        row: Incident = Incident.objects.select_for_update().get(pk=incident.pk)
        if not may_become(IncidentState(row.state), wanted, row.risk_told):
            raise IncidentNotThere(state=row.get_state_display())
        values |= {"state": wanted.value}
        for name, value in values.items():
            setattr(row, name, value)
        setattr(row, f"{step}_by", staff)
        setattr(row, f"{step}_at", timezone.now())
        row.save(update_fields=[*values, f"{step}_by", f"{step}_at"])
        facts: audit.Facts = {"state": wanted.value, "risk": row.risk}
        audit.record(staff, "org.move_incident", row, facts)
    return row
