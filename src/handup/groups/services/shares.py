"""The share account of a member: subscribing, paying in, paying back (groups_cooperatives K10)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from handup.groups.models import Group, GroupFact, Member, ShareMove, Statutes
from handup.groups.models.dues import Place
from handup.groups.models.shares import ShareKind
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import Moved, move_money, require_come, take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


class NoStatutes(Refusal):
    """This group has no statutes; only a cooperative has share accounts."""


class PaidAboveSubscribed(Refusal):
    """{left} is left to pay for the shares she subscribed; more cannot be paid in."""


class RedeemedAboveHeld(Refusal):
    """She holds {shares} paid shares; more cannot be paid back."""


class FewerThanStatutes(Refusal):
    """The statutes ask for at least {least} shares."""


class UsedSince(Refusal):
    """What it moved was used since: the account of {member} would not hold. Take back first what
    came after it."""


class NotASale(Refusal):
    """Only a payment for shares, or one paid back, is taken back here."""


def statutes_on(group: Group, on: date | None = None) -> Statutes:
    """The statutes in force on a day (None: the latest). Raises NoStatutes."""
    rows = group.statutes.order_by("-version")
    found = (rows if on is None else rows.filter(from_date__lte=on)).first()
    if found is None:
        raise NoStatutes
    return found


def share_account(member: Member, on: date | None = None) -> tuple[int, int]:
    """Shares subscribed, and units paid in for them, at the end of a day (None: by now)."""
    rows = member.share_moves.filter(is_reversed=False)
    if on is not None:
        rows = rows.filter(moved_date__lte=on)
    sums = rows.aggregate(shares=Sum("shares"), units=Sum("units"))
    return int(sums["shares"] or 0), int(sums["units"] or 0)


def share_accounts(group: Group, on: date | None = None) -> dict[UUID, tuple[int, int]]:
    """The share account of every member who has one at the end of a day (None: by now), by her id,
    in one question."""
    moves = group.share_moves.filter(is_reversed=False)
    if on is not None:
        moves = moves.filter(moved_date__lte=on)
    rows = moves.order_by().values_list("member")
    sums = rows.annotate(shares=Sum("shares"), units=Sum("units"))
    return {member: (int(shares), int(units)) for member, shares, units in sums}


def paid_back(group: Group, on: date) -> dict[UUID, int]:
    """What was paid back for shares to each member by the end of a day, by her id."""
    moves = group.share_moves.filter(is_reversed=False, kind=ShareKind.REDEEMED, moved_date__lte=on)
    rows = moves.order_by().values_list("member").annotate(units=Sum("units"))
    return {member: -int(units) for member, units in rows}


def unpaid_of(group: Group, members: Mapping[UUID, Member], price: int) -> dict[UUID, int]:
    """What each member has not yet paid of the shares she subscribed."""
    held = share_accounts(group)
    return {pk: max(0, held[pk][0] * price - held[pk][1]) for pk in members if pk in held}


@transaction.atomic
def subscribe_shares(
    *, acting_staff: StaffUser, member: Member, shares: int, on: date, id: UUID | None = None
) -> ShareMove:
    """Let a member subscribe shares; together they are at least what the statutes ask.

    Raises NoStatutes, FewerThanStatutes, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, "groups.keep_shares", member.group)
    stream = stream_of(member.group)
    told = {"member": member, "shares": shares, "moved_date": on}
    if (known := already_stored(ShareMove, id, acting_staff, **told)) is not None:
        return known
    least = statutes_on(stream.group, on).settings["shares_subscribed_min"]
    require_come(on, "on")
    held, _paid = share_account(member)
    if shares < 1 or held + shares < least:
        raise FewerThanStatutes(field="shares", least=max(1, least))
    body: dict[str, Json] = {"member": str(member.pk), "shares": shares}
    (fact,) = stream.append([FactIn("subscribe_shares", body, on)], acting_staff)
    return _moved(acting_staff, stream, fact, ShareKind.SUBSCRIBED, told, id)


@transaction.atomic
def pay_shares(
    *,
    acting_staff: StaffUser,
    member: Member,
    units: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> ShareMove:
    """Take money for shares a member subscribed, never beyond their price.

    Raises NoStatutes, PaidAboveSubscribed, InTheFuture, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, "groups.keep_shares", member.group)
    stream = stream_of(member.group)
    told = {"member": member, "units": units, "moved_date": on, "place": place.value}
    if (known := already_stored(ShareMove, id, acting_staff, **told)) is not None:
        return known
    price = statutes_on(stream.group, on).settings["share_price_units"]
    left = min(
        shares * price - paid for shares, paid in (share_account(member), share_account(member, on))
    )
    if not 0 < units <= left:
        told_left = format_money(max(0, left), stream.group.currency)
        raise PaidAboveSubscribed(field="units", left=told_left)
    body: dict[str, Json] = {"member": str(member.pk), "units": units, "place": place.value}
    moved = [Moved("AMOUNT", units, credit=member.pk)]
    fact = move_money(
        acting_staff, stream, name="pay_shares", body=body, on=on, moved=moved, place=place
    )
    return _moved(acting_staff, stream, fact, ShareKind.PAID, told, id)


@transaction.atomic
def redeem_shares(
    *,
    acting_staff: StaffUser,
    member: Member,
    shares: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> ShareMove:
    """Pay whole shares back to a member at their price; she holds that many fewer.

    Raises NoStatutes, RedeemedAboveHeld, InTheFuture, PhoneKeepsRecord, CashBelowZero,
    SameIdOtherContent.
    """
    require(acting_staff, "groups.keep_shares", member.group)
    stream = stream_of(member.group)
    told = {"member": member, "shares": -shares, "moved_date": on, "place": place.value}
    if (known := already_stored(ShareMove, id, acting_staff, **told)) is not None:
        return known
    price = statutes_on(stream.group, on).settings["share_price_units"]
    paid = min(share_account(member)[1], share_account(member, on)[1])
    if not 0 < shares <= paid // price:
        raise RedeemedAboveHeld(field="shares", shares=paid // price)
    units = shares * price
    body: dict[str, Json] = {
        "member": str(member.pk),
        "shares": shares,
        "units": units,
        "place": place.value,
    }
    moved = [Moved("AMOUNT", units, debit=member.pk)]
    fact = move_money(
        acting_staff, stream, name="redeem_shares", body=body, on=on, moved=moved, place=place
    )
    return _moved(acting_staff, stream, fact, ShareKind.REDEEMED, {**told, "units": -units}, id)


@transaction.atomic
def take_back_shares(*, acting_staff: StaffUser, move: ShareMove, on: date) -> ShareMove:
    """Take back a payment for shares or one paid back; its entry is reversed.

    Raises NotASale, UsedSince, TakenBackAlready, TakenBackBefore, InTheFuture, PhoneKeepsRecord.
    """
    require(acting_staff, "groups.reverse_fact", move.group)
    stream = stream_of(move.group)
    stored = ShareMove.objects.select_related("fact", "member").get(pk=move.pk)
    if stored.kind not in (ShareKind.PAID, ShareKind.REDEEMED):
        raise NotASale
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    require_holds(stream.group, [stored.member])
    audit.record(acting_staff, "groups.take_back_shares", stored, {"units": stored.units})
    return stored


def require_holds(group: Group, members: Iterable[Member]) -> None:
    """After something was taken back: nobody's paid shares are below nothing, nor above what she
    subscribed. Raises UsedSince."""
    price = statutes_on(group).settings["share_price_units"]
    for member in members:
        shares, paid = share_account(member)
        if not 0 <= paid <= shares * price:
            raise UsedSince(member=member.member_no)


def _moved(
    staff: StaffUser,
    stream: Stream,
    fact: GroupFact,
    kind: ShareKind,
    told: Mapping[str, Any],
    id: UUID | None,
) -> ShareMove:
    row = ShareMove.objects.create(
        id=id or new_id(), group=stream.group, kind=kind, fact=fact, **told
    )
    audit.record(staff, "groups.keep_shares", row, {"kind": kind.value})
    return row
