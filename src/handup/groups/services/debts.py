"""What a group borrows outside its meetings: from the tier above, whose own book tells the other
side, or from anybody else (groups.md G3, groups_cooperatives.md K5)."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.groups.models import Group, GroupFact, Resolution
from handup.groups.models.dues import Place
from handup.groups.models.facts import MeetingStatus
from handup.groups.queries import constitution_on, last_share_out
from handup.groups.rules.constitution import completed
from handup.groups.rules.loans import outside_room
from handup.groups.rules.tiers import Match, Side, Way
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.outside import Moved, TakenBackAlready, move_money, take_back
from handup.groups.tiers import tier_loans
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.ledger.queries import balance
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

PERMISSION = "groups.keep_debts"
MOST = 10**12


class LenderMissing(Refusal):
    """Write who lends, and how much, from 1 on."""


class NotItsMirror(Refusal):
    """The tier above wrote no such payment to this group, or it is matched already."""


class MoreThanBorrowed(Refusal):
    """{owed} is still owed to this lender; more principal cannot be paid back."""


class AboveOutsideCap(Refusal):
    """The group may borrow {room} more outside: no more than its last share-out together."""


class RepaidSince(Refusal):
    """Some of it was paid back since. Take that back first."""


class NotADebt(Refusal):
    """Only money borrowed or paid back outside a meeting is taken back here."""


def mirrors_open(group: Group, way: Way) -> list[Side]:
    """What the tier above wrote of this group that this group has not written yet."""
    return [
        pair.lender
        for pair in tier_loans(group)
        if pair.match is Match.ONE_SIDED
        and pair.lender is not None
        and pair.lender.borrower == str(group.pk)
        and pair.lender.way is way
    ]


def _require_mirror(group: Group, mirror_of: UUID | None, way: Way) -> None:
    open_ids = {side.id for side in mirrors_open(group, way)} if mirror_of else set()
    if mirror_of is not None and str(mirror_of) not in open_ids:
        raise NotItsMirror(field="mirror_of")


def _require_room(group: Group, units: int, on: date) -> None:
    """The rules of the group let it borrow so much outside (G3). Raises FirstCycle,
    AboveOutsideCap."""
    cycle = group.cycles.first()
    room = outside_room(
        completed(constitution_on(group, on).settings),
        cycle=cycle.number if cycle else 1,
        last_share_out=last_share_out(group),
        owed=-balance(group.book, "OUTSIDE_DEBT"),
    )
    if room is not None and units > room:
        raise AboveOutsideCap(field="units", room=format_money(room, group.currency))


def owed_to_lender(group: Group, lender: str) -> int:
    """What a group still owes a lender of this name at most, in smallest units: what this lender
    lent less what was paid back, and what of the group's debt no lender is named of. What was paid
    back under a name that lent less may have been of any of the others. A name is the same in any
    case of letters."""
    left: dict[str, int] = defaultdict(int)
    wanted = _same_name(lender)
    names = ("record_group_debt", "repay_group_debt")
    posted = Q(meeting=None) | Q(meeting__status=MeetingStatus.CLOSED)
    facts = group.facts.filter(posted, name__in=names, reversed_by=None)
    for name, body in facts.values_list("name", "body"):
        who = _same_name(body.get("lender"))
        borrowed = name == "record_group_debt"
        left[who] += body["units"] if borrowed else body.get("interest", 0) - body["units"]
    all_owed = -balance(group.book, "OUTSIDE_DEBT")
    others = sum(units for who, units in left.items() if who != wanted and (who != "" or units < 0))
    return max(0, all_owed - max(0, others))


def _same_name(lender: object) -> str:
    return " ".join(str(lender or "").split()).casefold()


def _known(
    group: Group, id: UUID | None, name: str, on: date, told: dict[str, Json]
) -> GroupFact | None:
    """The fact of this id where it says the same. Raises SameIdOtherContent."""
    known = GroupFact.objects.filter(pk=id).first() if id else None
    if known is None:
        return None
    same = (known.group_id, known.name, known.happened_date) == (group.pk, name, on)
    if not same or any(known.body.get(key) != value for key, value in told.items()):
        raise SameIdOtherContent(field="units")
    return known


@transaction.atomic
def record_group_debt(
    *,
    acting_staff: StaffUser,
    group: Group,
    lender: str,
    units: int,
    on: date,
    votes: Votes,
    place: Place = Place.BOX,
    mirror_of: UUID | None = None,
    id: UUID | None = None,
) -> GroupFact:
    """Write down what the group borrowed by its vote. mirror_of: the fact in which the tier above
    wrote the same payment. The same id with the same content returns it unchanged.

    Raises LenderMissing, NotItsMirror, FirstCycle, AboveOutsideCap, NoQuorum, NotCarried,
    InTheFuture, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, group)
    stream = stream_of(group)
    lender = " ".join(lender.split())[:80]
    told: dict[str, Json] = {"lender": lender, "units": units, "place": place.value}
    told |= {"mirror_of": str(mirror_of)} if mirror_of else {}
    name = "record_group_debt"
    if (known := _known(group, id, name, on, told)) is not None:
        if not same_votes(Resolution.objects.get(pk=known.body["resolution"]), votes):
            raise SameIdOtherContent(field="yes")
        return known
    if not lender or not 0 < units <= MOST:
        raise LenderMissing(field="lender" if not lender else "units")
    _require_mirror(stream.group, mirror_of, Way.LENT)
    _require_room(stream.group, units, on)
    resolution = carry(acting_staff, stream, decision="GROUP_DEBT", votes=votes, subject=lender)
    fact = move_money(
        acting_staff,
        stream,
        name=name,
        body=told | {"resolution": str(resolution.pk)},
        on=on,
        moved=[Moved("AMOUNT", units)],
        place=place,
        id=id,
    )
    audit.record(acting_staff, PERMISSION, group, {"borrowed": units})
    return fact


@transaction.atomic
def repay_group_debt(
    *,
    acting_staff: StaffUser,
    group: Group,
    lender: str,
    principal: int,
    interest: int,
    on: date,
    place: Place = Place.BOX,
    mirror_of: UUID | None = None,
    id: UUID | None = None,
) -> GroupFact:
    """Write down what the group paid back: principal within what it owes, and interest. The same id
    with the same content returns it unchanged.

    Raises LenderMissing, MoreThanBorrowed, NotItsMirror, InTheFuture, PhoneKeepsRecord,
    CashBelowZero, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, group)
    stream = stream_of(group)
    lender = " ".join(lender.split())[:80]
    told: dict[str, Json] = {
        "lender": lender,
        "units": principal + interest,
        "interest": interest,
        "place": place.value,
    }
    told |= {"mirror_of": str(mirror_of)} if mirror_of else {}
    name = "repay_group_debt"
    if (known := _known(group, id, name, on, told)) is not None:
        return known
    if not lender or principal < 0 or interest < 0 or not 0 < principal + interest <= MOST:
        raise LenderMissing(field="lender" if not lender else "principal")
    owed = owed_to_lender(stream.group, lender)
    if principal > owed:
        raise MoreThanBorrowed(field="principal", owed=format_money(owed, group.currency))
    _require_mirror(stream.group, mirror_of, Way.REPAID)
    moved = [Moved("PRINCIPAL", principal), Moved("INTEREST", interest)]
    fact = move_money(
        acting_staff,
        stream,
        name=name,
        body=told,
        on=on,
        moved=[one for one in moved if one.units],
        place=place,
        id=id,
    )
    audit.record(acting_staff, PERMISSION, group, {"paid_back": principal + interest})
    return fact


def _require_standing(fact: GroupFact) -> None:
    """What was borrowed and not all owed any more was not taken back before. Raises
    TakenBackAlready, RepaidSince."""
    if GroupFact.objects.filter(reverses=fact).exists():
        raise TakenBackAlready
    raise RepaidSince(field="on")


@transaction.atomic
def take_back_debt(*, acting_staff: StaffUser, fact: GroupFact, on: date) -> GroupFact:
    """Take back what was borrowed or paid back outside a meeting and written down wrongly. Raises
    NotADebt, RepaidSince, TakenBackAlready, TakenBackBefore, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, "groups.reverse_fact", fact.group)
    stream = stream_of(fact.group)
    if fact.name not in ("record_group_debt", "repay_group_debt") or fact.meeting_id is not None:
        raise NotADebt
    borrowed = fact.body["units"] if fact.name == "record_group_debt" else 0
    lender = str(fact.body.get("lender", ""))
    if borrowed and borrowed > owed_to_lender(stream.group, lender):
        _require_standing(fact)
    row = take_back(acting_staff, stream, fact, on)
    audit.record(acting_staff, "groups.take_back_debt", fact.group, {"units": fact.body["units"]})
    return row
