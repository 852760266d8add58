"""A member names whom the group pays when she dies (groups.md G6)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.groups.errors import NotAMember
from handup.groups.models import Group, Member, NextOfKin
from handup.groups.models.kin import KinRelation
from handup.groups.services.outside import require_come
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

NAME = "groups.name_next_of_kin"
MOST_SIGNS = 120


class KinMissing(Refusal):
    """Write down the name of the next of kin."""


class NamedLater(Refusal):
    """She named somebody on {named} already; what she said before holds no more."""


@transaction.atomic
def name_next_of_kin(
    *,
    acting_staff: StaffUser,
    member: Member,
    name: str,
    relation: KinRelation,
    on: date,
    phone: str = "",
    id: UUID | None = None,
) -> NextOfKin:
    """Keep whom a member names; whom she named before ends that day. The same id with the same
    content returns it unchanged.

    Raises KinMissing, NotAMember, NamedLater, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, NAME, member.group)
    Group.objects.select_for_update().get(pk=member.group_id)
    told = {
        "name": " ".join(name.split())[:MOST_SIGNS],
        "relation": KinRelation(relation).value,
        "phone": " ".join(phone.split())[:40],
        "named_date": on,
    }
    if (known := already_stored(NextOfKin, id, acting_staff, member=member, **told)) is not None:
        return known
    stored = Member.objects.get(pk=member.pk)
    if stored.left_date is not None or stored.person_id is None:
        raise NotAMember(field="name", member=stored.member_no)
    if not told["name"]:
        raise KinMissing(field="name")
    require_come(on, "on")
    if on < stored.joined_date:
        raise NotAMember(field="on", member=stored.member_no)
    held = stored.kin.filter(ended_date=None).first()
    if held is not None:
        if on < held.named_date:
            raise NamedLater(field="on", named=held.named_date)
        held.ended_date = on
        held.save(update_fields=("ended_date",))
    row = NextOfKin.objects.create(id=id or new_id(), member=stored, **told)
    audit.record(acting_staff, NAME, row, {})
    return row
