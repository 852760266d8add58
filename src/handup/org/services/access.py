"""Grants: given by another person, for at most twelve months, reviewed each quarter (protection.md
4.1).
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, duties, installation, reach, safety
from handup.org.devices import already_stored
from handup.org.jobs import job
from handup.org.models import Area, DeviceState, Grant, Office, StaffUser, Trip
from handup.org.permissions import require
from handup.org.rules.access import OF_AN_ORGANISATION, Role, ScopeKind, incompatible_pair
from handup.org.rules.duties import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.db.models import QuerySet

LONGEST = timedelta(days=366)

# A domain in which something may be known to its keepers alone adds a callable: ids of grants that
# would end -> ids of the staff among their holders without whom nobody could open it any more.
still_needed: "list[Callable[[Collection[UUID]], set[UUID]]]" = []


class GrantTooLong(Refusal):
    """A grant lasts at most twelve months. End it on {latest} or before."""


class GrantEndsBeforeItStarts(Refusal):
    """The grant ends before it starts."""


class IncompatibleRoles(Refusal):
    """{role} and {held} may not sit in one person."""


class ScopeNeedsPlace(Refusal):
    """Say which {what} this grant is for."""


class NotKeptHere(Refusal):
    """No programme and no organisation with this number is kept here."""


class OrganisationNeeded(Refusal):
    """Say for which organisation she works: she sees only what is that organisation's."""


class GrantAlreadyEnded(Refusal):
    """This grant has already ended."""


class StillNeeded(Refusal):
    """Nobody else could open what she keeps. Ask her to let another one know of it first; where it
    cannot wait, close her account.
    """


PLACE = ("role", "scope", "office_id", "area_id", "programme_id", "organisation_id")
"""What makes two grants the same role with the same reach."""


class AccountIsClosed(Refusal):
    """This account is closed. No role is given to it."""


class OwnGrant(Refusal):
    """Nobody gives or reviews a grant of her own. Another person has to do it."""


def give_grant(
    *,
    acting_staff: StaffUser,
    staff: StaffUser,
    role: Role,
    scope: ScopeKind,
    starts: date,
    ends: date,
    office: Office | None = None,
    area: Area | None = None,
    programme_id: UUID | None = None,
    organisation_id: UUID | None = None,
    reason: str = "",
    id: UUID | None = None,
) -> Grant:
    """Give a role with its reach. In SOLO one person may hold what must elsewhere be apart: reason
    asked, reported.
    """
    require(acting_staff, "org.give_grant")
    content = {
        "staff": staff,
        "role": role.value,
        "scope": scope.value,
        "office": office,
        "area": area,
        "programme_id": programme_id,
        "organisation_id": organisation_id,
        "starts": starts,
        "ends": ends,
    }
    if (stored := already_stored(Grant, id, acting_staff, **content)) is not None:
        return stored
    check_told(
        role,
        scope,
        starts=starts,
        ends=ends,
        office=office,
        area=area,
        programme_id=programme_id,
        organisation_id=organisation_id,
    )
    with transaction.atomic():
        grant = Grant(given_by=acting_staff, **content)
        if id is not None:
            grant.id = id
        _check_persons(acting_staff, staff, role, reason, grant)
        grant.save(force_insert=True)
        facts = {"role": role.value, "scope": scope.value, "staff": str(staff.pk)}
        audit.record(acting_staff, "org.give_grant", grant, facts)
    return grant


def check_told(
    role: Role,
    scope: ScopeKind,
    *,
    starts: date,
    ends: date,
    office: Office | None,
    area: Area | None,
    programme_id: UUID | None,
    organisation_id: UUID | None,
) -> None:
    """What `give_grant` refuses of days and places, before anybody is asked to give it."""
    _check_dates(starts, ends)
    _check_place(scope, office=office, area=area, programme_id=programme_id)
    _check_kept(role, programme_id=programme_id, organisation_id=organisation_id)


def _check_dates(starts: date, ends: date) -> None:
    if ends < starts:
        raise GrantEndsBeforeItStarts(field="ends")
    if ends > starts + LONGEST:
        raise GrantTooLong(field="ends", latest=(starts + LONGEST).isoformat())


def _check_place(
    scope: ScopeKind, *, office: Office | None, area: Area | None, programme_id: UUID | None
) -> None:
    needed = {
        ScopeKind.OFFICE: ("office", office),
        ScopeKind.AREA: ("area", area),
        ScopeKind.PROJECT: ("programme", programme_id),
    }
    if scope in needed and needed[scope][1] is None:
        raise ScopeNeedsPlace(field=needed[scope][0], what=needed[scope][0])


def _check_kept(role: Role, *, programme_id: UUID | None, organisation_id: UUID | None) -> None:
    if organisation_id is None and role in OF_AN_ORGANISATION:
        raise OrganisationNeeded(field="organisation")
    for kind, given in (("programme", programme_id), ("organisation", organisation_id)):
        if given is not None and reach.is_kept(kind) and given not in reach.names(kind):
            raise NotKeptHere(field=kind)


def _check_persons(
    acting_staff: StaffUser, staff: StaffUser, role: Role, reason: str, grant: Grant
) -> None:
    if not staff.is_active:
        raise AccountIsClosed(field="staff")
    profile = installation.profile()
    clash = incompatible_pair(held_roles(staff, on=grant.starts), role)
    if profile is not Profile.SOLO:
        if staff == acting_staff:
            raise OwnGrant(field="staff")
        if clash is not None:
            raise IncompatibleRoles(field="role", role=role.value, held=clash.value)
    elif staff == acting_staff or clash is not None:
        if not reason.strip():
            raise duties.ReasonNeeded(field="reason")
        duties.log_exception(
            acting_staff,
            step="org.give_grant",
            profile=profile,
            hands={staff.pk},
            amount=None,
            reason=reason,
            obj=grant,
        )


def held_roles(staff: StaffUser, *, on: date) -> "Collection[Role]":
    """Return the roles of the grants she holds on a day or will hold after it."""
    rows = Grant.objects.filter(staff=staff, ends__gte=on, ended_at=None)
    return {Role(role) for role in rows.values_list("role", flat=True)}


def _needed(ending: "Collection[UUID]") -> set[UUID]:
    return {staff for ask in still_needed for staff in ask(ending)}


def end_grant(*, acting_staff: StaffUser, grant: Grant) -> Grant:
    """End a grant at once. Raises GrantAlreadyEnded, StillNeeded."""
    require(acting_staff, "org.end_grant")
    with transaction.atomic():
        locked = Grant.objects.select_for_update().get(pk=grant.pk)
        if locked.ended_at is not None:
            raise GrantAlreadyEnded
        ending = [locked, *_deputies([locked])]
        if _needed([row.pk for row in ending]):
            raise StillNeeded
        locked.ended_at = now = timezone.now()
        Grant.objects.filter(pk__in=[row.pk for row in ending]).update(ended_at=now)
        audit.record_many(audit.line(acting_staff, "org.end_grant", row) for row in ending)
    return locked


def _deputies(ending: "Collection[Grant]") -> list[Grant]:
    """Who stands in by these grants: nobody does for a role that is no longer held there."""
    gone = {row.pk for row in ending}
    found: list[Grant] = []
    for row in ending:
        same = {name: getattr(row, name) for name in PLACE}
        live = Grant.objects.filter(ended_at=None, ends__gte=timezone.localdate(), **same)
        own = live.filter(staff=row.staff_id, acting_for=None).exclude(pk__in=gone)
        if not own.exists():
            found += live.filter(acting_for=row.staff_id).select_for_update()
    return found


def review_grant(*, acting_staff: StaffUser, grant: Grant) -> Grant:
    """Confirm that a grant is still needed, for another quarter."""
    require(acting_staff, "org.review_grant")
    if grant.staff_id == acting_staff.pk and installation.profile() is not Profile.SOLO:
        raise OwnGrant
    with transaction.atomic():
        locked = Grant.objects.select_for_update().get(pk=grant.pk)
        if locked.ended_at is not None:
            raise GrantAlreadyEnded
        locked.reviewed_at, locked.reviewed_by = timezone.now(), acting_staff
        locked.save(update_fields=["reviewed_at", "reviewed_by"])
        audit.record(acting_staff, "org.review_grant", locked)
    return locked


def to_review(rows: "QuerySet[Grant, Grant]", on: date) -> "QuerySet[Grant, Grant]":
    """Grants in force that nobody has given or reviewed within a quarter."""
    edge = on - timedelta(days=safety.value("protection.review_grant_days"))
    live = rows.filter(ended_at=None, ends__gte=on)
    return live.filter(_older_than(edge))


def _older_than(edge: date) -> Q:
    given = Q(reviewed_at=None, recorded_at__date__lt=edge)
    return given | Q(reviewed_at__date__lt=edge)


def on_a_trip(on: date) -> "QuerySet[Trip, Trip]":
    """The trips under way on a day, by devices still in use."""
    states = (DeviceState.ENROLLED, DeviceState.ACTIVE)
    rows = Trip.objects.filter(starts__lte=on, ends__gte=on, called_off_at=None)
    return rows.filter(device__state__in=states)


@job
def look_at_grants() -> None:
    """The job of the night."""
    lapse(timezone.localdate())


def _without_lock_out(rows: list[Grant], on: date) -> list[Grant]:
    """Those whose end locks nobody out: somebody else could have reviewed each, what its holder
    keeps could be opened by another, and one administrator stays.
    """
    live = Grant.objects.filter(starts__lte=on, ends__gte=on, ended_at=None, staff__is_active=True)
    reviewers = set(live.filter(role=Role.DPO).values_list("staff_id", flat=True))
    kept = [row for row in rows if reviewers - {row.staff_id}]
    needed = _needed([row.pk for row in kept])
    kept = [row for row in kept if row.staff_id not in needed]
    ending = [row.pk for row in kept]
    if live.filter(role=Role.ADMINISTRATOR).exclude(pk__in=ending).exists():
        return kept
    return [row for row in kept if row.role != Role.ADMINISTRATOR]


def lapse_unreviewed_grants(*, acting_staff: StaffUser, on: date) -> int:
    """End grants nobody has reviewed for a quarter and its grace; return how many.

    Nobody's grant ends while her device is on a declared trip (rulings 17).

    SOLO has nobody else to review them and a demonstration nobody at all: there they last to their
    end, as they do where nobody else holds the role that reviews.
    """
    require(acting_staff, "org.review_grant")
    return lapse(on, acting_staff)


def lapse(on: date, acting_staff: StaffUser | None = None) -> int:
    """What `lapse_unreviewed_grants` does, by the house itself at night: then the grant's own
    column says that it lapsed.
    """
    house = installation.read()
    if house.profile is Profile.SOLO or house.demonstration:
        return 0
    days = ("protection.review_grant_days", "protection.grace_days")
    edge = on - timedelta(days=sum(safety.value(key) for key in days))
    due = Grant.objects.filter(_older_than(edge), ended_at=None, ends__gte=on)
    due = due.exclude(staff__in=on_a_trip(on).values("device__staff"))
    with transaction.atomic():
        rows = _without_lock_out(list(due.select_for_update()), on)
        away = set(on_a_trip(on).values_list("device__staff", flat=True))
        deputies = [row for row in _deputies(rows) if row.staff_id not in away]
        rows = _without_lock_out([*rows, *deputies], on)
        now = timezone.now()
        Grant.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now, lapsed=True)
        if acting_staff is not None:
            audit.record_many(audit.line(acting_staff, "org.lapse_grant", row) for row in rows)
    return len(rows)
