"""The surplus of a cooperative's year: use recorded, drawn up, voted by the assembly, posted, taken
back (groups_cooperatives.md K2 to K4)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from handup.groups.errors import NotAMember
from handup.groups.models import (
    DraftState,
    Group,
    Member,
    MemberUse,
    ShareMove,
    SurplusDraft,
    SurplusLine,
    SurplusYear,
)
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.shares import ShareKind
from handup.groups.queries import FUND_IDS
from handup.groups.rules.dividend import Move
from handup.groups.rules.money import LOAN
from handup.groups.rules.year import Account, Gets, Year, divide_year
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.gathered import Gathers, gathering, keep_gathered, require_untouched
from handup.groups.services.outside import PRODUCER, Moved, move_money, take_back
from handup.groups.services.shares import require_holds, statutes_on, unpaid_of
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Line
from handup.ledger.rules.words import CLOSING, AccountType
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored, none_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


class YearNotOver(Refusal):
    """The year {year} is not over on the day of the assembly."""


class DividedAlready(Refusal):
    """The surplus of {year} is divided already."""


class YearStillOpen(Refusal):
    """Meeting {number} of that year is still open. Close it before the surplus is drawn up."""


class DrawnUpAlready(Refusal):
    """The surplus of {year} is drawn up already. Drop that draft before you draw it up anew."""


class NotSoFar(Refusal):
    """A draft is voted by the assembly first, then posted, once. This one does not stand there."""


class DraftIsOld(Refusal):
    """The books of {year} say something else by now than the draft. Drop it, draw it up anew, and
    let the assembly vote on that."""


class PaidOutAlready(Refusal):
    """{count} members were paid out already. Take that back first."""


class UseBelowZero(Refusal):
    """What a member used is nothing or more."""


Pairs = list[tuple[Member, Gets]]
"""Members in the order of their numbers, and what each gets."""


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
def draw_up_surplus(
    *,
    acting_staff: StaffUser,
    group: Group,
    year: int,
    non_members: int = 0,
    by_line: Mapping[str, int] | None = None,
    id: UUID | None = None,
) -> SurplusDraft:
    """Draw up how the surplus of a calendar year divides, by the statutes in force at its end, for
    the assembly to vote on. Nothing is posted. The same id with the same content returns it.

    Raises YearNotOver, YearStillOpen, DividedAlready, DrawnUpAlready, SameIdOtherContent, and what
    `rehearse` raises.
    """
    require(acting_staff, "groups.divide_surplus", group)
    group = stream_of(group).group
    told = {
        "group": group,
        "year": year,
        "non_member_units": non_members,
        "by_line": dict(by_line or {}),
    }
    if (known := already_stored(SurplusDraft, id, acting_staff, **told)) is not None:
        return known
    if timezone.localdate() <= date(year, 12, 31):
        raise YearNotOver(field="year", year=year)
    going = group.meetings.filter(status=MeetingStatus.OPEN, held_date__year__lte=year).first()
    if going is not None:
        raise YearStillOpen(field="year", number=going.number)
    if group.surplus_years.filter(year=year, is_reversed=False).exists():
        raise DividedAlready(field="year", year=year)
    if group.surplus_drafts.filter(year=year, state__in=LIVE).exists():
        raise DrawnUpAlready(field="year", year=year)
    members, divided = rehearse(group, year, non_members=non_members, by_line=by_line)
    gathers = gathering(group, year, divided.non_members)
    row = SurplusDraft.objects.create(
        id=id or new_id(),
        **told,
        **_parts(divided),
        lines=_lines(zip(members, divided.members, strict=True)),
        gathered=_gathered(gathers),
        drawn_by=acting_staff,
    )
    audit.record(acting_staff, "groups.draw_up_surplus", row, {"net": divided.net})
    return row


LIVE = (DraftState.DRAFT, DraftState.VOTED)


def _parts(divided: Year) -> dict[str, int]:
    return {
        "net_units": divided.net,
        "reserve_units": divided.reserve,
        "education_units": divided.education,
        "dividend_units": divided.dividend,
        "refund_units": divided.refund,
    }


def is_as_drawn(draft: SurplusDraft) -> bool:
    """Whether the books, the shares and the uses of the year still give what the draft says."""
    return _worked_out(draft) is not None


def _gathered(gathers: Gathers) -> list[Json]:
    return [{"producer": str(producer.pk), "units": units} for producer, units in gathers]


def _worked_out(draft: SurplusDraft) -> tuple[Pairs, Gathers, Year] | None:
    """What the draft says, worked out once more; None when it comes to something else by now."""
    try:
        members, divided = rehearse(
            draft.group, draft.year, non_members=draft.non_member_units, by_line=draft.by_line
        )
    except Refusal:
        return None
    pairs = list(zip(members, divided.members, strict=True))
    gathers = gathering(draft.group, draft.year, divided.non_members)
    same = all(getattr(draft, name) == units for name, units in _parts(divided).items())
    same = same and (_lines(pairs), _gathered(gathers)) == (draft.lines, draft.gathered)
    return (pairs, gathers, divided) if same else None


def _held(
    draft: SurplusDraft, state: DraftState
) -> tuple[Stream, SurplusDraft, tuple[Pairs, Gathers, Year]]:
    """A draft under the lock of its group, which stands so far and still says what the books say.
    Raises NotSoFar, DraftIsOld."""
    stream = stream_of(draft.group)
    stored = SurplusDraft.objects.select_related("group__book", "resolution").get(pk=draft.pk)
    if stored.state != state:
        raise NotSoFar
    found = _worked_out(stored)
    if found is None:
        raise DraftIsOld(year=stored.year)
    return stream, stored, found


@transaction.atomic
def vote_surplus(*, acting_staff: StaffUser, draft: SurplusDraft, votes: Votes) -> SurplusDraft:
    """Write down that the assembly voted for a draft as it is; told again, nothing changes. What
    was not carried leaves the draft as it was. Raises NotSoFar, DraftIsOld, YearNotOver, NoQuorum,
    NotCarried, InTheFuture."""
    require(acting_staff, "groups.divide_surplus", draft.group)
    stream_of(draft.group)  # the same told at once waits here
    known = SurplusDraft.objects.select_related("resolution").get(pk=draft.pk)
    is_voted = known.state in {DraftState.VOTED, DraftState.POSTED}
    if is_voted and known.resolution is not None and same_votes(known.resolution, votes):
        return known
    stream, stored, _found = _held(draft, DraftState.DRAFT)
    if votes.on <= date(stored.year, 12, 31):
        raise YearNotOver(field="decided_date", year=stored.year)
    subject = str(stored.year)
    stored.resolution = carry(
        acting_staff, stream, decision="SURPLUS", votes=votes, subject=subject
    )
    stored.state = DraftState.VOTED
    stored.save(update_fields=("state", "resolution"))
    audit.record(acting_staff, "groups.vote_surplus", stored, {"yes": votes.yes})
    return stored


@transaction.atomic
def drop_surplus_draft(*, acting_staff: StaffUser, draft: SurplusDraft) -> SurplusDraft:
    """Drop a draft that is not posted: the surplus may be drawn up anew. Raises NotSoFar."""
    require(acting_staff, "groups.divide_surplus", draft.group)
    stream_of(draft.group)
    stored = SurplusDraft.objects.get(pk=draft.pk)
    if stored.state == DraftState.DROPPED:
        return stored
    if stored.state not in LIVE:
        raise NotSoFar
    stored.state = DraftState.DROPPED
    stored.save(update_fields=("state",))
    audit.record(acting_staff, "groups.drop_surplus_draft", stored, {"year": stored.year})
    return stored


@transaction.atomic
def post_surplus(
    *, acting_staff: StaffUser, draft: SurplusDraft, id: UUID | None = None
) -> SurplusYear:
    """Post a voted surplus in one entry on the day of the assembly; posted before, the year it
    became is returned. Raises NotSoFar, DraftIsOld, DividedAlready, and SameIdOtherContent for the
    id of another year."""
    require(acting_staff, "groups.divide_surplus", draft.group)
    stream_of(draft.group)  # the same told at once waits here
    if (known := SurplusYear.objects.filter(draft=draft).first()) is not None:
        return known
    if id is not None and not none_stored(SurplusYear, (id,)):
        raise SameIdOtherContent(field="id")
    stream, stored, (pairs, gathers, divided) = _held(draft, DraftState.VOTED)
    group, year, resolution = stream.group, stored.year, stored.resolution
    assert resolution is not None
    assert resolution.decided_date is not None
    if group.surplus_years.filter(year=year, is_reversed=False).exists():
        raise DividedAlready(field="year", year=year)
    on = resolution.decided_date
    fact = move_money(
        acting_staff,
        stream,
        name="allocate_surplus",
        body=_body(stored, divided, pairs) | {"gathered": _gathered(gathers)},
        on=on,
        moved=_moved(divided, pairs, gathers),
        uses_box=False,
    )
    row = SurplusYear.objects.create(
        id=id or new_id(),
        group=group,
        year=year,
        non_member_units=stored.non_member_units,
        **_parts(divided),
        statutes=statutes_on(group, date(year, 12, 31)),
        resolution=resolution,
        fact=fact,
    )
    _keep(row, pairs, on)
    keep_gathered(row, gathers)
    stored.state, stored.year_posted = DraftState.POSTED, row
    stored.save(update_fields=("state", "year_posted"))
    audit.record(acting_staff, "groups.divide_surplus", row, {"net": divided.net})
    return row


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
    """Draw up the surplus of a calendar year, write down the vote on it and post it, in one go. The
    same id with the same content returns the year unchanged.

    Raises SameIdOtherContent, and what `draw_up_surplus`, `vote_surplus` and `post_surplus` raise;
    nothing is kept then.
    """
    require(acting_staff, "groups.divide_surplus", group)
    stream_of(group)
    told = {"group": group, "year": year, "non_member_units": non_members}
    if (known := already_stored(SurplusYear, id, acting_staff, **told)) is not None:
        if not same_votes(known.resolution, votes):
            raise SameIdOtherContent(field="yes")
        if known.fact.body["by_line"] != dict(by_line or {}):
            raise SameIdOtherContent(field="by_line")
        return known
    draft = draw_up_surplus(
        acting_staff=acting_staff, group=group, year=year, non_members=non_members, by_line=by_line
    )
    vote_surplus(acting_staff=acting_staff, draft=draft, votes=votes)
    return post_surplus(acting_staff=acting_staff, draft=draft, id=id)


def _body(draft: SurplusDraft, divided: Year, pairs: Pairs) -> dict[str, Json]:
    return {
        "year": draft.year,
        "net": divided.net,
        "reserve": divided.reserve + divided.non_members - sum_of(draft.gathered),
        "education": divided.education,
        "resolution": str(draft.resolution_id),
        "by_line": draft.by_line,
        "lines": _lines(pairs),
    }


def sum_of(gathered: Iterable[Mapping[str, int]]) -> int:
    """What gathers of a year for those who are no members, all together."""
    return sum(one["units"] for one in gathered)


def _lines(pairs: Iterable[tuple[Member, Gets]]) -> list[Json]:
    """What each member gets, as it is kept."""
    return [
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


def _moved(divided: Year, pairs: Pairs, gathers: Gathers) -> list[Moved]:
    """The parts of the entry; what comes to nothing is left out by the posting."""
    to_others = sum(units for _producer, units in gathers)
    moved = [
        Moved("RESERVE", divided.reserve + divided.non_members - to_others),
        Moved("EDUCATION", divided.education),
        Moved("TAX", sum(one.tax for _member, one in pairs)),
    ]
    for member, one in pairs:
        due = one.cash + one.dividend - one.tax
        moved.append(Moved("DUE", due, credit=member.pk))
        moved.append(Moved("SHARES", one.to_shares, credit=member.pk))
        moved.append(Moved("KEPT", one.kept, credit=member.pk))
    kinds = (PRODUCER, PRODUCER)
    moved += [Moved("GATHERED", units, credit=one.pk, kinds=kinds) for one, units in gathers]
    return moved


def _keep(row: SurplusYear, pairs: Pairs, on: date) -> None:
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
def take_back_surplus(*, acting_staff: StaffUser, year: SurplusYear, on: date) -> SurplusYear:
    """Take a divided surplus back while nobody was paid: its entry is reversed, and the assembly
    may divide the year anew. Raises PaidOutAlready, GatheredUsed, UsedSince, TakenBackAlready,
    InTheFuture."""
    require(acting_staff, "groups.reverse_fact", year.group)
    stream = stream_of(year.group)
    stored: Any = SurplusYear.objects.select_related("fact").get(pk=year.pk)
    if count := stored.lines.exclude(paid_date=None).count():
        raise PaidOutAlready(count=count)
    require_untouched(stored)
    take_back(acting_staff, stream, stored.fact, on)
    moves = ShareMove.objects.filter(fact=stored.fact)
    moves.update(is_reversed=True)
    require_holds(stream.group, [move.member for move in moves.select_related("member")])
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_surplus", stored, {"year": stored.year})
    return SurplusYear.objects.get(pk=stored.pk)
