"""Cases nobody can open any more: when the account or the role of the last focal point who knew of
one ends, another takes it over, by a reason that stays in the case. Otherwise a hidden person would
be hidden from everybody, without a way back (protection.md 4.2).
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, reads
from handup.org.declared import declared, grants_for
from handup.org.models import Door, Grant, ReadAction, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import grant_q, hidden_changed
from handup.people.models import CaseTeamMember, Compartment, Person
from handup.people.services.protection import OPEN, add_case_note
from handup.people.services.store import insert

TAKE_OVER = "people.take_over_case"
LEAST_WORDS = 20


class TakingOverUnsaid(Refusal):
    """Say in at least {least} signs why you take this case over."""


def _kept(without: Collection[UUID] = ()) -> Exists:
    """Whether a case has somebody on its team who may open it today, other than by these grants."""
    today = timezone.localdate()
    grants = Grant._base_manager.filter(
        staff_id=OuterRef("staff_id"),
        role__in=[role.value for role in declared()[OPEN]],
        organisation_id=None,
        starts__lte=today,
        ends__gte=today,
        ended_at=None,
    ).exclude(pk__in=list(without))
    members = CaseTeamMember._base_manager.filter(
        Exists(grants), compartment_id=OuterRef("pk"), left_date=None, staff__is_active=True
    )
    return Exists(members)


def only_keepers(ending: Collection[UUID]) -> set[UUID]:
    """Whose grants among these keep an open case that nobody else could open, for
    `access.still_needed`.
    """
    staff = Grant._base_manager.filter(pk__in=list(ending)).values("staff_id")
    alone = Compartment._base_manager.filter(_kept(), ~_kept(ending), closed_date=None)
    members = CaseTeamMember._base_manager.filter(
        compartment__in=alone.order_by().values("pk"), left_date=None, staff_id__in=staff
    )
    return set(members.values_list("staff_id", flat=True))


def unkept_cases(staff: StaffUser) -> QuerySet[Compartment, Compartment]:
    """Open cases of which nobody's team may open them, of persons whom her role as a focal point
    reaches; the longest open first. A token is told of none.
    """
    reached = Q(pk__in=[])
    for grant in () if staff.by_token else grants_for(staff, OPEN):
        part = grant_q(Person.SCOPE, grant, staff, reading=False)
        if part is not None:
            reached |= part or Q(pk__isnull=False)
    persons = Person._base_manager.filter(reached).order_by().values("pk")
    rows = Compartment._base_manager.filter(~_kept(), closed_date=None, person__in=persons)
    return rows.order_by("opened_date", "id")


def take_over_case(
    *,
    acting_staff: StaffUser,
    compartment: Compartment,
    reason: str,
    door: Door = Door.WEB,
) -> Compartment:
    """Put a focal point onto the team of a case nobody can open any more. Why (at least 20 signs)
    is the first note she leaves in it; the read log and the trail of the case say who.

    Raises NotAllowed, OutOfSight (somebody keeps it, or it is beyond her), TakingOverUnsaid.
    """
    require(acting_staff, OPEN)
    words = " ".join(reason.split())
    with transaction.atomic():
        row = Compartment._base_manager.select_for_update(of=("self",)).get(pk=compartment.pk)
        if not unkept_cases(acting_staff).filter(pk=row.pk).exists():
            raise OutOfSight
        if len(words) < LEAST_WORDS:
            raise TakingOverUnsaid(field="reason", least=LEAST_WORDS)
        today = timezone.localdate()
        if not row.team.filter(staff=acting_staff, left_date=None).exists():
            insert(
                [CaseTeamMember(compartment=row, staff=acting_staff, joined_date=today)],
                acting_staff,
            )
        hidden_changed()
        add_case_note(acting_staff=acting_staff, compartment=row, text=words, day=today)
        reads.write_entry(
            staff=acting_staff,
            door=door.value,
            action=ReadAction.VIEW.value,
            persons=[row.person_id],
            highest="R",
            purpose=TAKE_OVER,
        )
        audit.record(acting_staff, TAKE_OVER, row)
    transaction.on_commit(hidden_changed)
    return row
