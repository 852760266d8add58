"""Money of a group that moves outside its meetings: one fact of the office's stream, one entry, and
its taking back.

Such money lies in the group's general fund, that of buying together in a fund of its own. The box
of a group whose record a phone keeps is the phone's: there, money moves at the bank or on the phone
account only.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from handup.groups.errors import InTheFuture
from handup.groups.models import Group, GroupFact
from handup.groups.models.dues import Place
from handup.groups.phones import require_office
from handup.groups.queries import FUND_IDS
from handup.groups.rules.money import LOAN
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.settling import summed
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.ledger.balances import balances_of_roles
from handup.ledger.queries import entry_of_fact
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import EntryIn, Source, fact_lines, post_entries, reverse_entry
from handup.org.models import StaffUser

KINDS: Mapping[str, str] = {
    "pay_dues": "DUES_PAID",
    "become_cooperative": "SHARES_FROM_SAVINGS",
    "pay_shares": "SHARES_SOLD",
    "redeem_shares": "SHARES_REDEEMED",
    "allocate_surplus": "SURPLUS_DIVIDED",
    "pay_surplus": "DUE_PAID",
    "join_by_refunds": "REFUNDS_TO_SHARES",
    "give_up_refunds": "REFUNDS_GIVEN_UP",
    "pay_deposit": "DEPOSIT_TAKEN",
    "return_deposit": "DEPOSIT_RETURNED",
    "settle_bulk": "GOODS_SETTLED",
    "pay_supplier": "SUPPLIER_PAID",
    "record_group_debt": "OUTSIDE_DEBT_RECEIVED",
    "repay_group_debt": "OUTSIDE_DEBT_REPAID",
    "record_delivery": "PRODUCE_TAKEN",
    "charge_inputs": "INPUTS_CHARGED",
    "run_payslips": "PAYSLIPS_APPROVED",
    "pay_payslip": "PAYSLIP_PAID",
    "process_batch": "BATCH_MADE",
    "lose_stock": "STOCK_LOST",
    "sell_produce": "PRODUCE_SOLD",
    "take_sale_payment": "BUYER_PAID",
}
"""Facts outside meetings that post, and the kind of their entry."""
REVERSE = "reverse_fact"
MEMBER, PRODUCER, LOAN_OF = "member", "producer", "internal_loan"
"""Whom a line of a group's book belongs to."""
MONEY_ROLES = {Place.BOX: "CASH", Place.BANK: "BANK", Place.MOBILE: "MOBILE"}


class TakenBackBefore(Refusal):
    """It happened on {happened}; it cannot be taken back before that day."""


class TakenBackAlready(Refusal):
    """This was taken back before."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One part of what moved, with whom it belongs to on either side: a member, or what `kinds`
    names; `fund`: another than that of the whole."""

    part: str
    units: int
    debit: UUID | None = None
    credit: UUID | None = None
    kinds: tuple[str, str] = (MEMBER, MEMBER)
    fund: UUID | None = None


class FundOverdrawn(Refusal):
    """So much of this money does not lie at this place."""


def require_funds(
    group: Group, place: Place, funds: Collection[UUID], field: str = "place"
) -> None:
    """Refuse what left one of these funds of a group below nothing at a place: the money of one
    purpose is never spent on another (groups.md C2). Raises FundOverdrawn."""
    held = balances_of_roles(group.book, (MONEY_ROLES[place],), currency=group.currency)
    sums: dict[UUID, int] = defaultdict(int)
    for item in held:
        sums[item.fund] += item.units
    if any(sums[fund] < 0 for fund in funds):
        raise FundOverdrawn(field=field)


def require_come(on: date, field: str) -> None:
    """Raises InTheFuture for a day after today."""
    if on > (today := timezone.localdate()):
        raise InTheFuture(field=field, today=today)


def move_money(
    staff: StaffUser,
    stream: Stream,
    *,
    name: str,
    body: Mapping[str, Json],
    on: date,
    moved: Sequence[Moved],
    place: Place = Place.BOX,
    uses_box: bool = True,
    fund: UUID = FUND_IDS[LOAN],
    id: UUID | None = None,
) -> GroupFact:
    """Append a fact of `KINDS` to the office's stream and post its entry; the caller holds the lock
    and has asked the permission.

    uses_box: whether cash or savings move at all; then a phone that keeps the record is in the
    way at the box. Raises PhoneKeepsRecord, InTheFuture, FundOverdrawn and what post_entries
    raises.
    """
    group = stream.group
    require_come(on, "on")
    if uses_box and place is Place.BOX:
        require_office(group.pk)
    (fact,) = stream.append([FactIn(name, body, on, id)], staff)
    if moves_nothing(body) and not any(one.units for one in moved):
        return fact
    lines = [
        line
        for one in moved
        for line in fact_lines(
            KINDS[name],
            {one.part: _part(one)},
            money_role=MONEY_ROLES[place],
            currency=group.currency,
            fund=one.fund or fund,
        )
    ]
    post_entries(
        [
            EntryIn(
                book=group.book,
                kind=KINDS[name],
                source=Source("groups", name, fact.pk),
                lines=summed(lines),
                happened_date=on,
                branch=group.office_id,
            )
        ],
        acting_staff=staff,
    )
    if uses_box:
        require_funds(group, place, {fund, *(one.fund or fund for one in moved)})
    return fact


def _part(one: Moved) -> Part:
    debit, credit = (
        None if pk is None else (kind, pk)
        for kind, pk in zip(one.kinds, (one.debit, one.credit), strict=True)
    )
    return Part(one.units, debit, credit)


def take_back(staff: StaffUser, stream: Stream, fact: GroupFact, on: date) -> GroupFact:
    """Reverse a fact: a fact that says so, and the mirrored entry where it has one. Raises
    TakenBackAlready, TakenBackBefore, InTheFuture, PhoneKeepsRecord, FundOverdrawn."""
    require_come(on, "on")
    if on < fact.happened_date:
        raise TakenBackBefore(field="on", happened=fact.happened_date)
    if GroupFact.objects.filter(reverses=fact).exists():
        raise TakenBackAlready
    if fact.body.get("place") == Place.BOX:
        require_office(stream.group.pk)
    (row,) = stream.build([FactIn(REVERSE, {"reverses": str(fact.pk)}, on)], staff)
    row.reverses = fact
    GroupFact.objects.bulk_create([row])
    entry = entry_of_fact("groups", fact.name, fact.pk)
    if entry is None:
        assert fact.name not in KINDS or moves_nothing(fact.body)
        return row
    reverse_entry(
        acting_staff=staff,
        entry=entry,
        happened_date=on,
        source=Source("groups", REVERSE, row.pk),
    )
    if "place" in fact.body:
        funds = set(entry.lines.values_list("fund_id", flat=True))
        require_funds(stream.group, Place(fact.body["place"]), funds, "on")
    return row


def moves_nothing(body: Mapping[str, Json]) -> bool:
    """Whether a fact of `KINDS` has no entry: a rejected can, a payslip of nothing."""
    return body.get("units") == 0
