"""Record legal statuses and told vulnerabilities, dated and with their source; computed ones are
never typed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import LegalStatus, Person, PersonDocument, Vulnerability
from handup.people.rules import codes as c
from handup.people.services.store import change, check_span, insert, refuse_erased


class StatusStandsAlready(Refusal):
    """This is already recorded for the same time, from {from_date}."""


class DocumentNeeded(Refusal):
    """Name the document of the person that shows this."""


class DocumentOfAnother(Refusal):
    """This document belongs to another person."""


class StatusEnded(Refusal):
    """This has already ended, on {to_date}."""


def _refuse_overlap(rows: Any, from_date: date, to_date: date | None) -> None:
    for row in rows:
        begins_after = to_date is not None and row.from_date > to_date
        ended_before = row.to_date is not None and row.to_date < from_date
        if not begins_after and not ended_before:
            raise StatusStandsAlready(field="from_date", from_date=row.from_date.isoformat())


def record_status(
    *,
    acting_staff: StaffUser,
    person: Person,
    status: c.LegalStatusKind,
    from_date: date,
    to_date: date | None = None,
    source: c.StatusSource = c.StatusSource.TOLD,
    document: PersonDocument | None = None,
    id: UUID | None = None,
) -> LegalStatus:
    """Record a legal status from a day on; different statuses may overlap, the same one may not.

    Raises EndsBeforeStart, StatusStandsAlready, DocumentNeeded, DocumentOfAnother, PersonErased.
    """
    require(acting_staff, "people.record_status", person)
    known = already_stored(
        LegalStatus, id, acting_staff, person_id=person.pk, status=status.value, from_date=from_date
    )
    if known is not None:
        return known
    refuse_erased(person)
    check_span(from_date, to_date)
    if source is c.StatusSource.DOCUMENT and document is None:
        raise DocumentNeeded(field="document")
    if document is not None and document.person_id != person.pk:
        raise DocumentOfAnother(field="document")
    _refuse_overlap(person.legal_statuses.filter(status=status.value), from_date, to_date)
    row = LegalStatus(
        person=person,
        status=status.value,
        from_date=from_date,
        to_date=to_date,
        source=source.value,
        document=document,
        recorded_by=acting_staff,
    )
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_status", row, {"person": str(person.pk)})
    return row


def record_vulnerability(
    *,
    acting_staff: StaffUser,
    person: Person,
    kind: c.VulnerabilityKind,
    from_date: date,
    to_date: date | None = None,
    source: c.StatusSource = c.StatusSource.TOLD,
    id: UUID | None = None,
) -> Vulnerability:
    """Record what a person tells of her life. Raises EndsBeforeStart, StatusStandsAlready,
    PersonErased."""
    require(acting_staff, "people.record_vulnerability", person)
    known = already_stored(
        Vulnerability, id, acting_staff, person_id=person.pk, kind=kind.value, from_date=from_date
    )
    if known is not None:
        return known
    refuse_erased(person)
    check_span(from_date, to_date)
    _refuse_overlap(person.vulnerabilities.filter(kind=kind.value), from_date, to_date)
    row = Vulnerability(
        person=person,
        kind=kind.value,
        from_date=from_date,
        to_date=to_date,
        source=source.value,
        recorded_by=acting_staff,
    )
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_vulnerability", row, {"person": str(person.pk)})
    return row


def end_status(
    *, acting_staff: StaffUser, status: LegalStatus | Vulnerability, last_date: date
) -> LegalStatus | Vulnerability:
    """End a status or vulnerability on its last day. Raises StatusEnded, EndsBeforeStart,
    PersonErased."""
    require(acting_staff, "people.record_status", status.person)
    refuse_erased(status.person)
    if status.to_date is not None:
        raise StatusEnded(to_date=status.to_date.isoformat())
    check_span(status.from_date, last_date, field="last_date")
    with transaction.atomic():
        change(status, acting_staff, to_date=last_date)
        audit.record(acting_staff, "people.end_status", status)
    return status
