"""The surplus of a cooperative's year: use recorded, divided by the vote of the assembly, posted,
paid to each member, taken back (groups_cooperatives.md K2 to K4)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from handup.groups.errors import NotAMember
from handup.groups.models import Group, Member, MemberUse, ShareMove, SurplusLine, SurplusYear
from handup.groups.models.dues import Place
from handup.groups.models.shares import ShareKind
from handup.groups.queries import FUND_IDS
from handup.groups.rules.dividend import Move
from handup.groups.rules.money import LOAN
from handup.groups.rules.year import Account, Gets, Year, divide_year
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import Moved, move_money, take_back
from handup.groups.services.shares import require_holds, statutes_on, unpaid_of
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Line
from handup.ledger.rules.words import CLOSING, AccountType
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


class YearNotOver(Refusal):
    """The year {year} is not over on the day of the assembly."""


class DividedAlready(Refusal):
    """The surplus of {year} is divided already."""


class PaidOutAlready(Refusal):
    """{count} members were paid out already. Take that back first."""


class NothingToPay(Refusal):
    """Nothing is to be paid out to her, or it was paid already."""


class UseBelowZero(Refusal):
    """What a member used is nothing or more."""


def net_surplus(group: Group, year: int) -> int:
    """Income less costs of a calendar year in the general fund, from the book; the closing of the
    year itself left out."""
    lines = Line.objects.filter(
        entry__book=group.book,
        entry__entry_date__gte=date(year, 1, 1),
        entry__entry_date__lte=date(year, 12, 31),
        account__type__in=(AccountType.INCOME, AccountType.EXPENSE),
        currency=group.currency,
        fund_id=FUND_IDS[LOAN],
    ).exclude(entry__kind=CLOSING)
    return -int(lines.aggregate(total=Sum("units"))["total"] or 0)


@transaction.atomic
def record_uses(
    *, acting_staff: StaffUser, group: Group, year: int, line: str, uses: Mapping[UUID, int]
) -> list[MemberUse]:
    """Write down how much each member, by id, used of a line of service in a year; written again,
    the newer number holds. Raises UseBelowZero, NotAMember, DividedAlready."""
    require(acting_staff, "groups.divide_surplus", group)
    stream = stream_of(group)
    if group.surplus_years.filter(year=year, is_reversed=False).exists():
        raise DividedAlready(field="year", year=year)
    members = {member.pk: member for member in group.members.filter(pk__in=uses)}
    for pk, quantity in uses.items():
        if pk not in members:
            raise NotAMember(field="uses", member=pk)
        if quantity < 0:
            raise UseBelowZero(field=f"use_{pk}")
    body: dict[str, Json] = {
        "year": year,
        "line": line,
        "uses": [{"member": str(pk), "quantity": uses[pk]} for pk in members],
    }
    (fact,) = stream.append([FactIn("record_uses", body, date(year, 12, 31))], acting_staff)
    rows = [
        MemberUse.objects.update_or_create(
            member=member,
            year=year,
            line=line,
            defaults={"group": group, "quantity": uses[pk], "fact": fact},
        )[0]
        for pk, member in members.items()
    ]
    audit.record(acting_staff, "groups.record_uses", group, {"year": year, "members": len(rows)})
    return rows


def rehearse(
    group: Group, year: int, *, non_members: int = 0, by_line: Mapping[str, int] | None = None
) -> tuple[list[Member], Year]:
    """Work out how the surplus of a year divides, without storing anything: members in the order
    of their numbers, and what each gets. Raises what `divide_year` raises, and NoStatutes."""
    last = date(year, 12, 31)
    settings = statutes_on(group, last).settings
    used = group.uses.filter(year=year).values("member")
    holding = group.share_moves.filter(is_reversed=False, moved_date__lte=last).values("member")
    members = list(
        group.members.filter(Q(pk__in=used) | Q(pk__in=holding))
        .select_related("person", "member_group")
        .order_by("member_no")
    )
    moves: dict[UUID, list[Move]] = {member.pk: [] for member in members}
    rows = group.share_moves.filter(is_reversed=False).exclude(units=0)
    for pk, day, units in rows.values_list("member", "moved_date", "units"):
        if pk in moves:
            moves[pk].append(Move(day, units))
    uses: dict[UUID, dict[str, int]] = {member.pk: {} for member in members}
    told = group.uses.filter(year=year).values_list("member", "line", "quantity")
    for pk, line, quantity in told:
        uses[pk][line] = quantity
    by_pk = {member.pk: member for member in members}
    unpaid = unpaid_of(group, by_pk, settings["share_price_units"])
    registered = group.registration_date or group.formed_date
    divided = divide_year(
        net_surplus(group, year),
        year=year,
        registered_year=registered.year,
        settings=settings,
        accounts=[Account(tuple(moves[pk]), unpaid.get(pk, 0), uses[pk]) for pk in by_pk],
        non_members=non_members,
        by_line=by_line,
    )
    return members, divided


@transaction.atomic
def divide_surplus(
    *,
    acting_staff: StaffUser,
    group: Group,
    year: int,
    votes: Votes,
    non_members: int = 0,
    by_line: Mapping[str, int] | None = None,
    id: UUID | None = None,
) -> SurplusYear:
    """Divide the surplus of a calendar year as the assembly voted, by the statutes in force at its
    end, and post it in one entry. The same id with the same content returns it unchanged.

    Raises YearNotOver, DividedAlready, NoQuorum, NotCarried, InTheFuture, SameIdOtherContent, and
    what `rehearse` raises.
    """
    require(acting_staff, "groups.divide_surplus", group)
    stream = stream_of(group)
    group = stream.group
    told = {"group": group, "year": year, "non_member_units": non_members}
    if (known := already_stored(SurplusYear, id, acting_staff, **told)) is not None:
        if not same_votes(known.resolution, votes):
            raise SameIdOtherContent(field="yes")
        if known.fact.body["by_line"] != dict(by_line or {}):
            raise SameIdOtherContent(field="by_line")
        return known
    if votes.on <= date(year, 12, 31):
        raise YearNotOver(field="year", year=year)
    if group.surplus_years.filter(year=year, is_reversed=False).exists():
        raise DividedAlready(field="year", year=year)
    members, divided = rehearse(group, year, non_members=non_members, by_line=by_line)
    resolution = carry(acting_staff, stream, decision="SURPLUS", votes=votes, subject=str(year))
    pairs = list(zip(members, divided.members, strict=True))
    fact = move_money(
        acting_staff,
        stream,
        name="allocate_surplus",
        body=_body(year, divided, pairs, str(resolution.pk)) | {"by_line": dict(by_line or {})},
        on=votes.on,
        moved=_moved(divided, pairs),
        uses_box=False,
    )
    row = SurplusYear.objects.create(
        id=id or new_id(),
        **told,
        net_units=divided.net,
        reserve_units=divided.reserve,
        education_units=divided.education,
        dividend_units=divided.dividend,
        refund_units=divided.refund,
        statutes=statutes_on(group, date(year, 12, 31)),
        resolution=resolution,
        fact=fact,
    )
    _keep(row, pairs, votes.on)
    audit.record(acting_staff, "groups.divide_surplus", row, {"net": divided.net})
    return row


def _body(
    year: int, divided: Year, pairs: list[tuple[Member, Gets]], resolution: str
) -> dict[str, Json]:
    lines: list[Json] = [
        {
            "member": str(member.pk),
            "refund": one.refund,
            "to_shares": one.to_shares,
            "cash": one.cash,
            "dividend": one.dividend,
            "tax": one.tax,
        }
        for member, one in pairs
    ]
    return {
        "year": year,
        "net": divided.net,
        "reserve": divided.reserve + divided.non_members,
        "education": divided.education,
        "resolution": resolution,
        "lines": lines,
    }


def _moved(divided: Year, pairs: list[tuple[Member, Gets]]) -> list[Moved]:
    """The parts of the entry; what comes to nothing is left out by the posting."""
    moved = [
        Moved("RESERVE", divided.reserve + divided.non_members),
        Moved("EDUCATION", divided.education),
        Moved("TAX", sum(one.tax for _member, one in pairs)),
    ]
    for member, one in pairs:
        due = one.cash + one.dividend - one.tax
        moved.append(Moved("DUE", due, credit=member.pk))
        moved.append(Moved("SHARES", one.to_shares, credit=member.pk))
        moved.append(Moved("KEPT", one.kept, credit=member.pk))
    return moved


def _keep(row: SurplusYear, pairs: list[tuple[Member, Gets]], on: date) -> None:
    SurplusLine.objects.bulk_create(
        SurplusLine(
            year=row,
            member=member,
            refund_units=one.refund,
            to_shares_units=one.to_shares,
            cash_units=one.cash,
            kept_units=one.kept,
            dividend_units=one.dividend,
            tax_units=one.tax,
        )
        for member, one in pairs
    )
    ShareMove.objects.bulk_create(
        ShareMove(
            group=row.group,
            member=member,
            kind=ShareKind.FROM_SURPLUS,
            moved_date=on,
            units=one.to_shares,
            fact=row.fact,
        )
        for member, one in pairs
        if one.to_shares
    )


@transaction.atomic
def pay_surplus(
    *, acting_staff: StaffUser, line: SurplusLine, on: date, place: Place = Place.BOX
) -> SurplusLine:
    """Pay out to a member what is hers of a divided surplus; paid before, on that day, nothing
    changes. Raises NothingToPay, InTheFuture, PhoneKeepsRecord, CashBelowZero."""
    group = line.year.group
    require(acting_staff, "groups.pay_surplus", group)
    stream = stream_of(group)
    stored = SurplusLine.objects.select_related("year", "member").get(pk=line.pk)
    if stored.paid_date == on:
        return stored
    if stored.paid_date or stored.year.is_reversed or not stored.due_units or on < _voted(stored):
        raise NothingToPay(field="on")
    body: dict[str, Json] = {
        "line": str(stored.pk),
        "member": str(stored.member_id),
        "units": stored.due_units,
        "place": place.value,
    }
    stored.paid_fact = move_money(
        acting_staff,
        stream,
        name="pay_surplus",
        body=body,
        on=on,
        moved=[Moved("AMOUNT", stored.due_units, debit=stored.member_id)],
        place=place,
    )
    stored.paid_date = on
    stored.save(update_fields=("paid_date", "paid_fact"))
    audit.record(acting_staff, "groups.pay_surplus", stored, {"units": stored.due_units})
    return stored


def _voted(line: SurplusLine) -> date:
    return line.year.fact.happened_date


@transaction.atomic
def take_back_payout(*, acting_staff: StaffUser, line: SurplusLine, on: date) -> SurplusLine:
    """Take a payment to a member back; it is owed to her again. Raises NothingToPay where nothing
    was paid, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, "groups.reverse_fact", line.year.group)
    stream = stream_of(line.year.group)
    stored = SurplusLine.objects.select_related("paid_fact").get(pk=line.pk)
    if stored.paid_fact is None:
        raise NothingToPay(field="on")
    take_back(acting_staff, stream, stored.paid_fact, on)
    stored.paid_fact, stored.paid_date = None, None
    stored.save(update_fields=("paid_date", "paid_fact"))
    audit.record(acting_staff, "groups.take_back_payout", stored, {"units": stored.due_units})
    return stored


@transaction.atomic
def take_back_surplus(*, acting_staff: StaffUser, year: SurplusYear, on: date) -> SurplusYear:
    """Take a divided surplus back while nobody was paid: its entry is reversed, and the assembly
    may divide the year anew. Raises PaidOutAlready, UsedSince, TakenBackAlready, InTheFuture."""
    require(acting_staff, "groups.reverse_fact", year.group)
    stream = stream_of(year.group)
    stored: Any = SurplusYear.objects.select_related("fact").get(pk=year.pk)
    if count := stored.lines.exclude(paid_date=None).count():
        raise PaidOutAlready(count=count)
    take_back(acting_staff, stream, stored.fact, on)
    moves = ShareMove.objects.filter(fact=stored.fact)
    moves.update(is_reversed=True)
    require_holds(stream.group, [move.member for move in moves.select_related("member")])
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_surplus", stored, {"year": stored.year})
    return SurplusYear.objects.get(pk=stored.pk)
