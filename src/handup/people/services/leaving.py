"""A leaving that was written down by mistake is taken back, with a reason: the membership goes on
as if it had never ended (people.md PE4)."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Membership
from handup.people.rules import codes as c
from handup.people.services.households import SamePersonTwice, SecondHead
from handup.people.services.store import change, refuse_erased

WRITE = "people.register_household"


class StillThere(Refusal):
    """This person has not left the household."""


class LivesElsewhere(Refusal):
    """This person lives in another household since then. Let her leave that one first."""


def take_back_leaving(
    *, acting_staff: StaffUser, membership: Membership, reason: c.LeavingMistake
) -> Membership:
    """Let a membership go on that was ended by mistake.

    Raises StillThere, SamePersonTwice when she came again to the household afterwards,
    LivesElsewhere, SecondHead, PersonErased.
    """
    require(acting_staff, WRITE, membership.household)
    require(acting_staff, WRITE, membership.person)
    refuse_erased(membership.person)
    with transaction.atomic():
        row = Membership._base_manager.select_for_update(of=("self",)).get(pk=membership.pk)
        if row.to_date is None:
            raise StillThere(field="person")
        later = Membership._base_manager.filter(person=row.person_id, from_date__gt=row.to_date)
        if later.filter(household=row.household_id).exists():
            raise SamePersonTwice(field="person")
        if later.filter(to_date=None).exists():
            raise LivesElsewhere(field="person")
        heads = Membership._base_manager.filter(
            household=row.household_id, role=c.HouseholdRole.HEAD.value, to_date=None
        )
        if row.role == c.HouseholdRole.HEAD and heads.exists():
            raise SecondHead(field="person")
        facts: audit.Facts = {
            "person": str(row.person_id),
            "had_left": row.to_date.isoformat(),
            "reason": reason.value,
        }
        change(row, acting_staff, to_date=None)
        audit.record(acting_staff, "people.take_back_leaving", row.household, facts)
    return row
