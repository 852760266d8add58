"""Grants asked for by one person and given by another; deputies for who is away.

A deputy is a grant of at most 60 days that names whom she stands in for; it ends by itself
(protection.md 5; rulings 17).
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, installation
from handup.org.devices import already_stored
from handup.org.models import Area, Grant, GrantRequest, Office, RequestState, StaffUser
from handup.org.permissions import may, require
from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.org.services.access import PLACE, check_told, give_grant

ASK = "org.ask_grant"
LONGEST_DEPUTY = timedelta(days=60)


class GrantWhyMissing(Refusal):
    """Say why it is needed."""


class OwnRequest(Refusal):
    """Another person has to give what you ask for."""


class RequestAnswered(Refusal):
    """This request was answered already."""


class DeputyTooLong(Refusal):
    """A deputy stands in for at most {days} days."""


class DeputyOfHerself(Refusal):
    """Nobody stands in for herself."""


class NoGrantThen(Refusal):
    """{name} does not hold this role in all of these days."""


class CaseloadStays(Refusal):
    """A caseload belongs to its case officer. Give the persons another case officer instead."""


def requests_seen_by(staff: StaffUser) -> QuerySet[GrantRequest, GrantRequest]:
    """Everybody's for who gives or looks after data; her own for who asks."""
    rows = GrantRequest.objects.visible_to(staff)
    of_hers = may(staff, ASK) and not may(staff, "org.view_staff")
    return rows.filter(asked_by=staff) if of_hers else rows


def ask_for_grant(
    *,
    acting_staff: StaffUser,
    staff: StaffUser,
    role: Role,
    scope: ScopeKind,
    starts: date,
    ends: date,
    why: str,
    office: Office | None = None,
    area: Area | None = None,
    programme_id: UUID | None = None,
    organisation_id: UUID | None = None,
    id: UUID | None = None,
) -> GrantRequest:
    """Ask that a role be given to a colleague; nothing is given yet.

    Raises GrantWhyMissing and what `give_grant` says of days and places.
    """
    require(acting_staff, ASK)
    row = GrantRequest(
        staff=staff,
        role=role.value,
        scope=scope.value,
        office=office,
        area=area,
        programme_id=programme_id,
        organisation_id=organisation_id,
        starts=starts,
        ends=ends,
        why=why.strip(),
        asked_by=acting_staff,
    )
    return _ask(row, id)


def ask_for_deputy(
    *,
    acting_staff: StaffUser,
    grant: Grant,
    staff: StaffUser,
    starts: date,
    ends: date,
    why: str,
    id: UUID | None = None,
) -> GrantRequest:
    """Ask that somebody stand in for whoever holds a grant, from one day to another.

    Raises DeputyOfHerself, DeputyTooLong, NoGrantThen, CaseloadStays, GrantWhyMissing.
    """
    require(acting_staff, ASK)
    if staff.pk == grant.staff_id:
        raise DeputyOfHerself(field="staff")
    if ends - starts > LONGEST_DEPUTY:
        raise DeputyTooLong(field="ends", days=LONGEST_DEPUTY.days)
    if grant.scope == ScopeKind.CASELOAD.value:
        raise CaseloadStays(field="grant")
    if not _held(grant, starts, ends):
        raise NoGrantThen(field="grant", name=str(grant.staff))
    row = GrantRequest(
        staff=staff,
        role=grant.role,
        scope=grant.scope,
        office=grant.office,
        area=grant.area,
        programme_id=grant.programme_id,
        organisation_id=grant.organisation_id,
        starts=starts,
        ends=ends,
        acting_for=grant.staff,
        why=why.strip(),
        asked_by=acting_staff,
    )
    return _ask(row, id)


def _held(grant: Grant, starts: date, ends: date) -> bool:
    own = grant.ended_at is None and grant.acting_for_id is None
    return own and grant.starts <= starts and ends <= grant.ends


def _ask(row: GrantRequest, id: UUID | None) -> GrantRequest:
    names = ("staff", *PLACE, "starts", "ends", "why", "asked_by", "acting_for")
    told = {name: getattr(row, name) for name in names}
    if (stored := already_stored(GrantRequest, id, row.asked_by, **told)) is not None:
        return stored
    if not row.why:
        raise GrantWhyMissing(field="why")
    check_told(
        Role(row.role),
        ScopeKind(row.scope),
        starts=row.starts,
        ends=row.ends,
        office=row.office,
        area=row.area,
        programme_id=row.programme_id,
        organisation_id=row.organisation_id,
    )
    if id is not None:
        row.id = id
    with transaction.atomic():
        row.save(force_insert=True)
        facts: audit.Facts = {"role": row.role, "scope": row.scope, "staff": str(row.staff_id)}
        audit.record(row.asked_by, ASK, row, facts)
    return row


def give_asked_grant(
    *, acting_staff: StaffUser, request: GrantRequest, reason: str = ""
) -> GrantRequest:
    """Give what was asked for. In SOLO the one who asked may, with her reason.

    Raises RequestAnswered, OwnRequest, NoGrantThen (of a deputy), and what `give_grant` raises.
    """
    require(acting_staff, "org.give_grant")
    with transaction.atomic():
        row = _locked(request)
        if row.asked_by_id == acting_staff.pk and installation.profile() is not Profile.SOLO:
            raise OwnRequest
        if row.acting_for is not None:
            _still_held(row)
        row.grant = give_grant(
            acting_staff=acting_staff,
            staff=row.staff,
            role=Role(row.role),
            scope=ScopeKind(row.scope),
            starts=row.starts,
            ends=row.ends,
            office=row.office,
            area=row.area,
            programme_id=row.programme_id,
            organisation_id=row.organisation_id,
            reason=reason,
        )
        if row.acting_for is not None:
            row.grant.acting_for = row.acting_for
            row.grant.save(update_fields=["acting_for"])
        return _answered(row, acting_staff, RequestState.GIVEN, "")


def _still_held(row: GrantRequest) -> None:
    same = {name: getattr(row, name) for name in PLACE}
    held = Grant.objects.filter(staff=row.acting_for, ended_at=None, acting_for=None, **same)
    if not any(_held(grant, row.starts, row.ends) for grant in held):
        raise NoGrantThen(name=str(row.acting_for))


def refuse_asked_grant(
    *, acting_staff: StaffUser, request: GrantRequest, answer: str
) -> GrantRequest:
    """Refuse what was asked for, and say why. Raises RequestAnswered, GrantWhyMissing."""
    require(acting_staff, "org.give_grant")
    if not answer.strip():
        raise GrantWhyMissing(field="answer")
    with transaction.atomic():
        return _answered(_locked(request), acting_staff, RequestState.REFUSED, answer.strip())


def _locked(request: GrantRequest) -> GrantRequest:
    row = GrantRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.state != RequestState.ASKED:
        raise RequestAnswered
    return row


def _answered(
    row: GrantRequest, staff: StaffUser, state: RequestState, answer: str
) -> GrantRequest:
    row.state, row.answer = state, answer
    row.answered_by, row.answered_at = staff, timezone.now()
    row.save(update_fields=["state", "answer", "answered_by", "answered_at", "grant"])
    audit.record(staff, "org.answer_grant_request", row, {"state": state.value})
    return row
