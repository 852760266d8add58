"""A firm in an association names who votes for it (groups_cooperatives.md K9)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.errors import NotAMember
from handup.groups.models import Member, Representative
from handup.groups.models.group import GroupKind
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import require_come
from handup.groups.standing import last_vote
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

NAME = "groups.name_representative"
MOST_SIGNS = 120


class NotAnAssociation(Refusal):
    """Only an association has firms as members. Everybody else votes for herself."""


class FirmMissing(Refusal):
    """Write down the name of the firm."""


class RepresentativeMissing(Refusal):
    """Write down who votes for the firm."""


class RepresentedLater(Refusal):
    """Since {since} somebody else votes for the firm. Write that day or a later one."""


class VotedSince(Refusal):
    """The association voted on {last}; who had a vote then stays as it was. Write a later day."""


class NobodyVotesForIt(Refusal):
    """Nobody votes for this firm now."""


@transaction.atomic
def name_representative(
    *,
    acting_staff: StaffUser,
    member: Member,
    firm: str,
    name: str,
    from_date: date,
    id: UUID | None = None,
) -> Representative:
    """Keep who votes for a firm from a day on; who did so before ends that day. The same id with
    the same content returns it unchanged. The fact, which nobody can blank, names the member alone.

    Raises NotAnAssociation, FirmMissing, RepresentativeMissing, NotAMember, RepresentedLater,
    VotedSince where the firm had no vote in between, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, NAME, member.group)
    stream = stream_of(member.group)
    told = {"firm": _line(firm), "name": _line(name), "from_date": from_date}
    known = already_stored(Representative, id, acting_staff, member=member, **told)
    if known is not None:
        return known
    if stream.group.kind != GroupKind.ASSOCIATION:
        raise NotAnAssociation
    if not told["firm"]:
        raise FirmMissing(field="firm")
    if not told["name"]:
        raise RepresentativeMissing(field="name")
    require_come(from_date, "from_date")
    stored = Member.objects.get(pk=member.pk)
    if stored.left_date is not None or from_date < stored.joined_date:
        raise NotAMember(field="from_date", member=stored.member_no)
    last = stored.representatives.order_by("-from_date", "-recorded_at").first()
    if last is not None and from_date < (since := last.to_date or last.from_date):
        raise RepresentedLater(field="from_date", since=since)
    if last is not None and last.to_date is not None:
        _refuse_voted(stored, from_date, "from_date")
    body: dict[str, Json] = {"member": str(stored.pk)}
    (fact,) = stream.append([FactIn("name_representative", body, from_date)], acting_staff)
    stored.representatives.filter(to_date=None).update(to_date=from_date)
    row = Representative.objects.create(id=id or new_id(), member=stored, fact=fact, **told)
    audit.record(acting_staff, NAME, row, {})
    return row


@transaction.atomic
def end_representative(
    *, acting_staff: StaffUser, member: Member, on: date, ends: Representative | None = None
) -> Representative:
    """End that somebody votes for a firm: it has no vote until it names another. The same day again
    changes nothing. ends: who is meant; nobody who was named since is ended in her place. Raises
    NobodyVotesForIt, RepresentedLater, VotedSince, InTheFuture."""
    require(acting_staff, NAME, member.group)
    stream = stream_of(member.group)
    last = member.representatives.order_by("-from_date", "-recorded_at").first()
    if last is None or (last.to_date is not None and last.to_date != on):
        raise NobodyVotesForIt(field="on")
    if ends is not None and ends.pk != last.pk:
        raise RepresentedLater(field="on", since=last.from_date)
    if last.to_date == on:
        return last
    require_come(on, "on")
    if on < last.from_date:
        raise RepresentedLater(field="on", since=last.from_date)
    _refuse_voted(member, on, "on")
    stream.append([FactIn("end_representative", {"member": str(member.pk)}, on)], acting_staff)
    last.to_date = on
    last.save(update_fields=("to_date",))
    audit.record(acting_staff, "groups.end_representative", last, {})
    return last


def _refuse_voted(member: Member, on: date, field: str) -> None:
    """Refuse a day from which a vote that is counted already would have another register."""
    last = last_vote(member.group)
    if last is not None and on <= last and on < timezone.localdate():
        raise VotedSince(field=field, last=last)


def _line(text: str) -> str:
    return " ".join(text.split())[:MOST_SIGNS]
