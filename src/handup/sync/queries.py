"""Reads of the inbox: who has a seat, what a phone may carry with it, what became of packets."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.groups.models import Election, Group, GroupFact, Member
from handup.groups.queries import constitution_on, open_meeting_of
from handup.groups.rules.book import RecordedBook
from handup.groups.rules.constitution import completed
from handup.groups.rules.elections import stem_of
from handup.groups.rules.facts import FIRST_PREVIOUS, closing_code
from handup.groups.services.delegates import allowed_of
from handup.groups.services.elections import GOING
from handup.groups.services.elections_told import now_of
from handup.groups.services.facts import MEETING
from handup.groups.services.recorder import book_now
from handup.org.models import Device, DeviceState, StaffUser
from handup.org.web.money import currency_digits
from handup.sync.errors import PhoneNotOfGroup
from handup.sync.models import AreaChoice, DeviceKey, GroupPhone, Packet, PacketState, Seat
from handup.sync.rules.words import Flag

IN_USE = (DeviceState.ENROLLED, DeviceState.ACTIVE)


def has_seat(group_id: UUID) -> bool:
    """Tell whether a phone holds the seat of a group's stream of meetings."""
    return bool(Seat.objects.filter(group=group_id, device__isnull=False).exists())


def is_work_phone(device: Device) -> bool:
    """Tell whether a device carries its holder's own work: it never was a phone of a group."""
    return not GroupPhone.objects.filter(device=device).exists()


def area_chosen(device: Device) -> AreaChoice | None:
    """What the office chose last for a device to take along."""
    return AreaChoice.objects.filter(device=device).select_related("area").first()


def phones_of(device: Device) -> list[GroupPhone]:
    """The groups a phone is enrolled for, while it is in use."""
    if device.state not in IN_USE:
        return []
    rows = GroupPhone.objects.filter(device=device, ended_at=None)
    return list(rows.select_related("group__book", "group__seat"))


def pack_of(device: Device, reader: StaffUser) -> list[dict[str, Any]]:
    """What a phone carries down for each of its groups: rules, members, balances and the end of the
    stream, so that it can go on where the server stands.

    `reader` is the holder as a device sees things: whom a case team hides is not in it, and neither
    is a balance of hers, nor what it could be worked out from (`_figures`).
    """
    return [_pack(phone.group, device, reader) for phone in phones_of(device)]


def _pack(group: Group, device: Device, reader: StaffUser) -> dict[str, Any]:
    last = (
        GroupFact.objects.filter(group=group, stream=MEETING)
        .order_by("-seq")
        .values_list("seq", "chain_hash")
        .first()
    )
    seq, head = last or (0, FIRST_PREVIOUS)
    closed = (
        GroupFact.objects.filter(group=group, stream=MEETING, name="close_meeting")
        .order_by("-seq")
        .values_list("chain_hash", flat=True)
        .first()
    )
    seat = getattr(group, "seat", None)
    constitution = constitution_on(group, timezone.localdate())
    settings = completed(constitution.settings)
    meeting = open_meeting_of(group)
    members = Member.objects.visible_to(reader).filter(group=group)
    shown = list(members.select_related("person", "member_group").order_by("member_no"))
    book = book_now(group, reader=reader)
    numbers = group.meetings.order_by("-number").values_list("number", flat=True)
    return {
        "group_id": group.pk,
        "name": group.name,
        "currency": group.currency,
        "currency_digits": currency_digits(group.currency),
        "kind": group.kind,
        "has_seat": seat is not None and seat.device_id == device.pk,
        "head_seq": seq,
        "head_hash": head,
        "head_code": closing_code(head),
        "closed_hash": closed or head,
        "phones": _phones(group),
        "open_meeting_id": meeting.pk if meeting else None,
        "next_number": (numbers.first() or 0) + 1,
        "last_held_date": book.last_held,
        "cycle": _cycle(book),
        "may_share_out": settings["profit_by"] != "BY_MONTH_ENDS"
        and {member.member_no for member in shown} >= book.members.keys(),
        "last_share_out": book.last_share_out,
        "constitution_version": constitution.version,
        "settings": settings,
        "cash": book.figures.cash,
        "places": [
            {"fund": fund, "place": place, "units": units}
            for (fund, place), units in sorted(book.figures.away.items())
        ],
        "keys": [
            {"slot": slot, "member_no": number}
            for slot, number in sorted(book.keys.items())
            if number in {member.member_no for member in shown}
        ],
        "figures": _figures(book, {member.member_no for member in shown}),
        "members": _members(shown, book),
        "offices": _offices(book, shown),
        "elections": _elections(group, reader, shown, book),
        "delegates": _delegates(group),
        **_owed({member.member_no for member in shown}, book),
    }


def _phones(group: Group) -> list[dict[str, Any]]:
    """Every phone that was ever enrolled for the group, with what proves its signature: another
    goes on from a lost phone's record only where that one signed it."""
    devices = GroupPhone.objects.filter(group=group).values("device")
    keys = DeviceKey.objects.filter(device__in=devices).order_by("device")
    return [{"device_id": key.device_id, "public_key": key.public_key} for key in keys]


def _members(shown: Iterable[Member], book: RecordedBook) -> list[dict[str, Any]]:
    figures, shares = book.figures, book.shares()
    votes = book.votes(timezone.localdate())
    return [
        {
            "member_no": member.member_no,
            "name": member.shown_name,
            "joined_date": member.joined_date,
            "left_date": member.left_date,
            "savings": figures.savings.get(member.member_no, 0),
            "overpaid": figures.overpaid.get(member.member_no, 0),
            "shares": shares.get(member.member_no, 0),
            "due": figures.due.get(member.member_no, 0),
            "claim": figures.claims.get(member.member_no, 0),
            "votes": votes.get(member.member_no, 1),
        }
        for member in shown
    ]


def _elections(
    group: Group, reader: StaffUser, shown: Iterable[Member], book: RecordedBook
) -> list[dict[str, Any]]:
    """The elections that are going, as far as the open meeting brought them, to be counted with no
    network; one in which somebody stands whom the pack does not hold is not in it."""
    numbers = dict(group.members.values_list("pk", "member_no"))
    rows = Election.objects.visible_to(reader).filter(group=group, state__in=GOING)
    now = {str(row.pk): now_of(row, numbers) for row in rows.order_by("called_date", "id")}
    known = {member.member_no for member in shown}
    return [
        {"election_id": id, **asdict(one)}
        for id, one in (now | book.elections).items()
        if one.standing and known.issuperset(one.candidates)
    ]


def _delegates(group: Group) -> int:
    """How many delegates the group sends to the tier it is a member of, by its size."""
    sender = Member.objects.filter(member_group=group, left_date=None).select_related("group")
    first = sender.order_by("joined_date", "pk").first()
    return 0 if first is None else allowed_of(first, timezone.localdate())


def _figures(book: RecordedBook, shown: set[int]) -> dict[str, int]:
    """What the group as a whole has and keeps beside its boxes, savings and loans, so that C4 holds
    of what is in the pack.

    Where a member is not in it, the identity would give her balance away: all that the group kept
    is one number then, under `retained`, in which hers are. The pages of the group show no more.
    """
    figures = book.figures
    overpaid = _of_shown(figures.overpaid, shown)
    away = sum(figures.away.values())
    told = {
        "social": figures.social,
        "income": figures.income,
        "expense": figures.expense,
        "differences": figures.differences,
        "outside_debt": figures.outside_debt,
        "overpaid_total": overpaid,
        "away": away,
        "retained": figures.retained,
    }
    if shown >= book.members.keys():
        return told
    has = sum(figures.cash.values()) + away + _lent(book, shown)
    tables = (figures.savings, figures.due, figures.claims)
    owes = sum(_of_shown(table, shown) for table in tables) + overpaid + figures.outside_debt
    folded = dict.fromkeys(("social", "income", "expense", "differences"), 0)
    return told | folded | {"retained": has - owes}


def _of_shown(table: Mapping[int, int], shown: set[int]) -> int:
    return sum(units for no, units in table.items() if no in shown)


def _cycle(book: RecordedBook) -> dict[str, Any] | None:
    """The cycle that runs, or the last that ended."""
    cycle = book.cycle
    if cycle is None:
        return None
    return {
        "number": cycle.number,
        "start_date": cycle.start,
        "planned_end_date": cycle.planned_end,
        "is_open": cycle.is_open,
    }


def _lent(book: RecordedBook, shown: set[int]) -> int:
    """The principal of the loans a pack holds."""
    loans = book.loans.items()
    return sum(book.figures.principal.get(id, 0) for id, loan in loans if loan.member_no in shown)


def _offices(book: RecordedBook, shown: Iterable[Member]) -> list[dict[str, Any]]:
    """Who holds an office, and how many terms in a row with this one."""
    known = {member.member_no for member in shown}
    return [
        {"office": office, "member_no": no, "terms": book.terms.get((stem_of(office), no), 0)}
        for office, no in sorted(book.offices.items())
        if no in known
    ]


def _owed(shown: set[int], book: RecordedBook) -> dict[str, Any]:
    """Loans paid out and not yet repaid, with their frozen terms, and fines of the members
    shown."""
    return {
        "loans": [
            {
                "loan_id": id,
                "member_no": loan.member_no,
                "fund": loan.fund,
                "units": loan.terms.principal,
                "rate_bps": int(loan.terms.rate * 10_000),
                "basis": loan.terms.basis,
                "periods": loan.terms.term_periods,
                "period_days": loan.terms.period_days,
                "counting": loan.terms.counting,
                "principal": book.figures.principal.get(id, 0),
                "charge_paid": book.figures.charge_paid.get(id, 0),
                "paid_out_date": loan.paid_out,
                "due_date": loan.due,
            }
            for id, loan in book.loans.items()
            if loan.terms and loan.member_no in shown and book.figures.principal.get(id, 0)
        ],
        "fines": [
            {"fine_id": id, "member_no": fine.member_no, "owed": fine.units - fine.paid}
            for id, fine in book.fines.items()
            if not fine.waived and fine.paid < fine.units and fine.member_no in shown
        ],
    }


def stream_of(
    device: Device, group_id: UUID, reader: StaffUser, *, after_seq: int, most: int = 500
) -> list[dict[str, Any]]:
    """The stored facts of a group's meetings behind a number, as their devices hashed them, for a
    phone of that group that goes on or is restored. Raises PhoneNotOfGroup.

    Where the reader may not see every member, a fact leaves whole only when it is of members he
    sees and nothing else: of the others, of what is written in free words and of sums of the whole
    evening, its place and its hashes alone, so that the chain can still be proved.
    """
    if group_id not in {phone.group_id for phone in phones_of(device)}:
        raise PhoneNotOfGroup
    members = Member.objects.filter(group=group_id)
    known = set(members.values_list("member_no", flat=True))
    shown = set(members.visible_to(reader).values_list("member_no", flat=True))
    rows = GroupFact.objects.filter(group=group_id, stream=MEETING, seq__gt=after_seq)
    named = rows.order_by("seq").values(
        "seq", "name", "prev_hash", "content_hash", "chain_hash", "told"
    )
    facts = [dict(row) for row in named[:most]]
    if shown >= known:
        return facts
    return [fact if _is_of(fact, shown) else fact | {"name": "", "told": None} for fact in facts]


OF_MEMBERS = frozenset(
    {
        "open_meeting",
        "record_attendance",
        "record_social",
        "charge_fine",
        "waive_fine",
        "pay_fine",
        "record_repayment",
        "buy_shares",
        "record_saving",
        "request_loan",
        "pay_out_loan",
        "refund_overpaid",
        "pay_share_out",
        "pay_claim",
        "elect_officer",
        "set_key",
        "replace_key",
        "hand_over_recorder",
        "give_consent",
    }
)
"""Facts that say nothing of a whole evening: whoever they name, they are of her alone."""
FREE_WORDS = frozenset({"reason", "purpose", "working"})


def _is_of(fact: Mapping[str, Any], shown: set[int]) -> bool:
    """Tell whether a stored fact of a phone is of these members alone, and without free words."""
    told = fact["told"]
    if told is None or fact["name"] not in OF_MEMBERS or FREE_WORDS & told["body"].keys():
        return False
    body = told["body"]
    named = {told["recorded_by"], *(key.get("member_no") for key in body.get("keys", ()))}
    named |= {body[name] for name in ("member_no", "by") if name in body}
    return named - {None} <= shown


def persons_in(
    device: Device, reader: StaffUser, group_id: UUID | None = None
) -> list[UUID | None]:
    """Whom a phone's pack names, or what it reads of one of its groups, for the read log."""
    groups = [phone.group_id for phone in phones_of(device)]
    members = Member.objects.visible_to(reader).filter(group__in=groups, person__isnull=False)
    if group_id is not None:
        members = members.filter(group=group_id)
    return list(members.values_list("person_id", flat=True))


RANKS = (
    PacketState.DONE,
    PacketState.NOT_KEPT,
    PacketState.SET_ASIDE,
    PacketState.WAITING,
    PacketState.REFUSED,
)
UNPROVED = frozenset({Flag.SERVER_FAULT.value, Flag.UNKNOWN_DEVICE.value})


def receipts_of(device: Device, ids: Iterable[UUID]) -> list[Packet]:
    """What became of packets of one device, newest first, with their lines; of several that came
    under one id the one that went furthest. What this device did not sign is none of its packets:
    a carrier's altered copy hides no receipt."""
    rows = Packet.objects.filter(device_id=device.pk, packet_id__in=list(ids))
    rows = rows.exclude(lines__flags=[Flag.BAD_SIGNATURE.value])
    best: dict[UUID, Packet] = {}
    for row in rows.prefetch_related("lines"):
        other = best.get(row.packet_id)
        if other is None or _rank(row) < _rank(other):
            best[row.packet_id] = row
    return list(best.values())


def _rank(row: Packet) -> tuple[bool, int]:
    """How far a packet went; last stands what was kept before anybody asked who signed it."""
    is_unproved = any(UNPROVED & set(line.flags) for line in row.lines.all())
    return is_unproved, RANKS.index(PacketState(row.state))
