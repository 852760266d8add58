"""Settled in a meeting of the office: who left or died is paid, a cycle is shared out, what stayed
open is paid when a debtor pays (groups.md G5, G6). The phone's facts say the same; see `settling`.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from handup.groups.errors import NotAMember
from handup.groups.models import Fine, Group, GroupFact, Meeting, Member, NextOfKin
from handup.groups.models.facts import MeetingKind
from handup.groups.models.group import CycleStatus, LeaveReason
from handup.groups.queries import money_now
from handup.groups.rules.book import RecordedBook
from handup.groups.rules.constitution import completed
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.rules.settling import AT_CYCLE_END, Debts, claims_paid, divide, leaving
from handup.groups.services.facts import FactIn, Held
from handup.groups.services.recorder import book_now
from handup.groups.services.settling import fines_to
from handup.groups.services.statements import away_now
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require

PERMISSION = "groups.settle_members"
KEYS_AT_DEATH = 2


class NotLeft(Refusal):
    """She is still a member. Record first that she left."""


class PaidAlready(Refusal):
    """Member {member} has nothing coming and owes nothing that savings could settle."""


class PaidAtCycleEnd(Refusal):
    """By the rules of the group she gets her part when the cycle is shared out."""


class NoNextOfKin(Refusal):
    """She named no next of kin. Nobody can be paid for her."""


class TwoKeysNeeded(Refusal):
    """Two key holders confirm what is paid for a member who died."""


class KeysNeeded(Refusal):
    """{needed} key holders confirm this."""


class NoShareOut(Refusal):
    """This is no share-out meeting. Open one for it."""


class GoesOn(Refusal):
    """By its rules this group shares nothing out."""


class BringMoneyFirst(Refusal):
    """Money of the loan fund lies at the bank or on the phone account. Bring it to the box
    first."""


class NothingOpen(Refusal):
    """Nothing is open to pay, or the box has nothing for it."""


class MoreThanOpen(Refusal):
    """So much is not open, or does not lie in the box."""


def key_holders(group: Group, on: date) -> list[Member]:
    """Who holds a key of the box and is a member on a day, as the phone or the office keeps it."""
    keys = group.keys.filter(to_date=None).values("member")
    offices = group.office_terms.filter(to_date=None, office__startswith="KEY_HOLDER")
    holders = group.members.filter(Q(pk__in=keys) | Q(pk__in=offices.values("member")))
    holders = holders.filter(Q(left_date=None) | Q(left_date__gt=on))
    return list(holders.select_related("person", "member_group").order_by("member_no"))


def _confirmed(meeting: Meeting, keys: Collection[Member]) -> list[Json]:
    """Those of these members who hold a key on the day of a meeting, as a fact names them."""
    told = {member.pk for member in keys}
    holders = key_holders(meeting.group, meeting.held_date)
    return [str(row.pk) for row in holders if row.pk in told]


def office_book(meeting: Meeting, staff: StaffUser) -> tuple[RecordedBook, dict[int, UUID]]:
    """The group's book with what its open meeting recorded at the office, and the id of each member
    by her number."""
    group = meeting.group
    ids = dict(group.members.values_list("member_no", "pk"))
    numbers = {str(pk): number for number, pk in ids.items()}
    book, state = book_now(group, reader=staff), money_now(group)
    figures = book.figures
    figures.cash |= state.cash
    figures.away = away_now(group)
    figures.savings = {numbers[key]: units for key, units in state.savings.items()}
    figures.principal, figures.charge_paid = dict(state.principal), dict(state.charge_paid)
    for name, body in meeting.facts.filter(reversed_by=None).values_list("name", "body"):
        _overlay(book, name, body, numbers)
    return book, ids


def _overlay(
    book: RecordedBook, name: str, body: Mapping[str, Any], numbers: Mapping[str, int]
) -> None:
    """What a fact of the open meeting did to shares and to what members have coming."""
    due, claims = book.figures.due, book.figures.claims
    for row in body["lines"] if name == "settle_share_out" else [body]:
        no = numbers.get(str(row.get("member", "")), 0)
        if name == "buy_shares":
            book.add_shares(no, row["shares"])
        elif name in {"pay_share_out", "pay_claim"}:
            table = due if name == "pay_share_out" else claims
            table[no] = table.get(no, 0) - row["units"]
        elif name == "pay_leaver":
            claims[no] = claims.get(no, 0) + row["claim"]
            book.drop_shares(no)
        elif name == "settle_share_out":
            due[no] = due.get(no, 0) + row["now"]
            claims[no] = claims.get(no, 0) + row["net"] - row["now"]
            book.drop_shares(no)


def _settled(debts: Debts) -> dict[str, Json]:
    """The loans and fines that are settled, in the words of the house."""
    loans: list[Json] = [
        {"loan": part.loan_id, "charge": part.charge, "principal": part.principal}
        for part in debts.loans
    ]
    fines: list[Json] = [{"fine": fine, "units": units} for fine, units in debts.fines]
    return {"loans": loans, "fines": fines}


def _note_fines(debts: Debts) -> None:
    for fine, units in debts.fines:
        Fine.objects.filter(pk=fine).update(paid_units=F("paid_units") + units)


def _known(held: Held, id: UUID | None, name: str, told: Mapping[str, Json]) -> GroupFact | None:
    """The fact of this id where it says the same. Raises SameIdOtherContent."""
    known = GroupFact.objects.filter(pk=id).first() if id else None
    if known is None:
        return None
    same = known.meeting_id == held.meeting.pk and known.name == name
    if not same or any(known.body.get(key) != value for key, value in told.items()):
        raise SameIdOtherContent(field="id")
    return known


@transaction.atomic
def pay_leaver(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    member: Member,
    keys: Collection[Member] = (),
    id: UUID | None = None,
) -> GroupFact:
    """Pay somebody who left, in an open meeting: her savings, with her gain where the rules give
    it, less what she owes, as far as the box has cash; the rest is her claim. As many key holders
    confirm as the constitution asks for, as on a phone. For who died her next of kin is paid, and
    two key holders confirm. The same id again returns it unchanged.

    Raises NotAMember, NotLeft, PaidAlready, PaidAtCycleEnd, NoNextOfKin, TwoKeysNeeded, KeysNeeded,
    MeetingNotOpen, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, meeting.group)
    held = Held.of(meeting)
    told: dict[str, Json] = {"member": str(member.pk)}
    if (known := _known(held, id, "pay_leaver", told)) is not None:
        return known
    held.require_open()
    stored = held.meeting.group.members.filter(pk=member.pk).first()
    on = held.meeting.held_date
    if stored is None:
        raise NotAMember(field="member", member=member.member_no)
    if stored.left_date is None or stored.left_date > on:
        raise NotLeft(field="member")
    settings = completed(held.constitution.settings)
    died = stored.left_reason == LeaveReason.DIED
    if settings["leave_pay"] == AT_CYCLE_END and not died:
        raise PaidAtCycleEnd(field="member")
    confirmed = _confirmed(held.meeting, keys)
    if died:
        told["next_of_kin"] = str(_kin_of(stored).pk)
        if len(confirmed) < KEYS_AT_DEATH:
            raise TwoKeysNeeded(field="keys")
    elif len(confirmed) < settings["keys_needed"]:
        raise KeysNeeded(field="keys", needed=settings["keys_needed"])
    book, _ids = office_book(held.meeting, acting_staff)
    pay, gain, debts = leaving(book, settings, stored.member_no, on)
    saved = book.figures.savings.get(stored.member_no, 0)
    if not saved and not gain:
        raise PaidAlready(field="member", member=stored.member_no)
    due = max(0, pay.entitlement)
    settled = debts.settled(due)
    net = due - settled.total
    paid = min(net, pay.paid_now)
    body: dict[str, Json] = told | {"saved": saved, "gain": due - saved, "keys": confirmed}
    body |= {"net": net, "paid": paid, "claim": net - paid, **_settled(settled)}
    body |= fines_to(settings)
    (fact,) = held.stream.append([FactIn("pay_leaver", body, on, id)], acting_staff)
    _note_fines(settled)
    audit.record(acting_staff, PERMISSION, held.meeting, {"paid": paid, "died": died})
    return fact


def _kin_of(member: Member) -> NextOfKin:
    """Whom she named. Raises NoNextOfKin."""
    kin = member.kin.order_by("-named_date", "-recorded_at").first()
    if kin is None:
        raise NoNextOfKin(field="member")
    return kin


@transaction.atomic
def share_out_cycle(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    keys: Collection[Member] = (),
    id: UUID | None = None,
) -> GroupFact:
    """Share out the loan fund in a share-out meeting of the office and pay everybody what the box
    holds for her; the cycle ends when the meeting is closed. The same id again returns it
    unchanged.

    Raises NoShareOut, GoesOn, BringMoneyFirst, KeysNeeded, OutsideDebtFirst, NoShares,
    MeetingNotOpen, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, meeting.group)
    held = Held.of(meeting)
    if (known := _known(held, id, "settle_share_out", {})) is not None:
        return known
    held.require_open()
    settings, cycle = completed(held.constitution.settings), held.meeting.cycle
    if held.meeting.kind != MeetingKind.SHARE_OUT or cycle.status != CycleStatus.OPEN:
        raise NoShareOut
    if settings["cycle_kind"] != "SHARE_OUT":
        raise GoesOn
    confirmed = _confirmed(held.meeting, keys)
    if len(confirmed) < settings["keys_needed"]:
        raise KeysNeeded(field="keys", needed=settings["keys_needed"])
    book, ids = office_book(held.meeting, acting_staff)
    if any(units for (fund, _place), units in book.figures.away.items() if fund == LOAN):
        raise BringMoneyFirst
    body, facts = _shared(book, settings, held, ids)
    rows = held.stream.append(
        [
            FactIn("settle_share_out", body | {"keys": confirmed}, held.meeting.held_date, id),
            *facts,
        ],
        acting_staff,
    )
    cycle.status = CycleStatus.CLOSING
    cycle.save(update_fields=("status",))
    audit.record(acting_staff, PERMISSION, held.meeting, {"shared": rows[0].body["distributable"]})
    return rows[0]


def _shared(
    book: RecordedBook, settings: Mapping[str, Any], held: Held, ids: Mapping[int, UUID]
) -> tuple[dict[str, Json], list[FactIn]]:
    """The share-out in the words of the house, and what is paid of it. Raises OutsideDebtFirst,
    NoShares."""
    on = held.meeting.held_date
    found = divide(book, settings, on)
    lines: list[Json] = []
    paid: list[FactIn] = []
    for no, (row, debts) in found.members.items():
        settled = debts.settled(row.gross + row.social)
        member = str(ids[no])
        lines.append(
            {
                "member": member,
                "saved": row.gross - row.gain,
                "gross": row.gross,
                "social": row.social,
                **_settled(settled),
                "net": max(0, row.net),
                "now": row.paid_now,
            }
        )
        _note_fines(settled)
        if row.paid_now:
            paid.append(FactIn("pay_share_out", {"member": member, "units": row.paid_now}, on))
    social = sum(row.social for row, _debts in found.members.values())
    fined = sum(row.to_social for row, _debts in found.members.values())
    cash = book.figures.cash.get(LOAN, 0) + social - fined
    left = found.whole.leftover
    to_social = min(left, cash) if settings["leftover_to"] == SOCIAL else 0
    body: dict[str, Json] = {
        "distributable": found.whole.distributable,
        "leftover": left,
        "to_social": to_social,
        "lines": lines,
    }
    return body | fines_to(settings), paid


def claims_open(meeting: Meeting, staff: StaffUser) -> dict[int, int]:
    """What each member has still coming, by her number."""
    book, _ids = office_book(meeting, staff)
    return {no: units for no, units in sorted(book.figures.claims.items()) if units > 0}


@transaction.atomic
def pay_claims(
    *, acting_staff: StaffUser, meeting: Meeting, units: int, id: UUID | None = None
) -> list[GroupFact]:
    """Pay so much of the box on what members have still coming, each in the proportion of what is
    open to her, in coins; what no coin divides stays in the box (G5). The same id again returns
    what was paid.

    Raises NothingOpen, MoreThanOpen, MeetingNotOpen, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, meeting.group)
    held = Held.of(meeting)
    told: dict[str, Json] = {"of": units}
    if (known := _known(held, id, "pay_claim", told)) is not None:
        return list(held.meeting.facts.filter(name="pay_claim", body__first=known.body["first"]))
    held.require_open()
    book, ids = office_book(held.meeting, acting_staff)
    coin = completed(held.constitution.settings)["cash_unit_units"]
    claims = {no: left for no, left in sorted(book.figures.claims.items()) if left > 0}
    most = min(sum(claims.values()), book.figures.cash.get(LOAN, 0))
    if most <= 0:
        raise NothingOpen(field="units")
    if not 0 < units <= most:
        raise MoreThanOpen(field="units")
    parts = claims_paid(claims, units, coin)
    named = [(no, part) for no, part in parts.items() if part]
    if not named:
        raise NothingOpen(field="units")
    on, first = held.meeting.held_date, str(id or "")
    facts = [
        FactIn(
            "pay_claim",
            {"member": str(ids[no]), "units": part, "of": units, "first": first},
            on,
            id if place == 0 else None,
        )
        for place, (no, part) in enumerate(named)
    ]
    rows = held.stream.append(facts, acting_staff)
    audit.record(acting_staff, PERMISSION, held.meeting, {"claims_paid": sum(parts.values())})
    return rows


def left_unpaid(meeting: Meeting) -> list[Member]:
    """Who left by the day of a meeting and still has savings in the group."""
    savings = money_now(meeting.group).savings
    rows = meeting.group.members.filter(left_date__lte=meeting.held_date)
    ordered = rows.select_related("person", "member_group").order_by("member_no")
    return [row for row in ordered if savings.get(str(row.pk), 0)]
