"""What groups hold of a person, how it is blanked, and what keeps her (protection.md 4.7, 4.8)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from handup.groups.models import (
    BulkLine,
    Candidate,
    Deduction,
    Delegate,
    Delivery,
    DossierMember,
    GatheredRefund,
    Member,
    NextOfKin,
    PaperSheet,
    Payslip,
    PriceLine,
    PriceMessage,
    Producer,
    Representative,
)
from handup.groups.models.bulk import BulkState
from handup.groups.models.payslips import RunState
from handup.groups.services.outside import PRODUCER
from handup.groups.services.price_lines import end_all
from handup.kernel.errors import Refusal
from handup.ledger.queries import balance
from handup.org.services.files import destroy_file
from handup.org.web.money import format_day, format_money, format_number
from handup.people import merging, subject
from handup.people.rules.requests import Hold, HoldReason


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her memberships, with why she left where that is known, what she bought with a group, and
    where her line was sent."""
    rows = Member._base_manager.filter(person_id=person_id).select_related("group")
    return {
        _("Memberships in groups"): [
            {
                _("Group"): row.group.name,
                _("Member number"): str(row.member_no),
                _("Joined on"): format_day(row.joined_date),
                _("Left on"): format_day(row.left_date) if row.left_date else "",
                _("Why she left"): str(row.get_left_reason_display()),
                _("In her words"): row.left_reason_text,
            }
            for row in rows.order_by("joined_date", "id")
        ],
        _("Bought together with a group"): [
            {
                _("Group"): line.order.group.name,
                _("Goods"): line.order.item,
                _("Opened on"): format_day(line.order.opened_date),
                _("Ordered"): str(line.quantity),
                _("Received"): str(line.received_quantity),
                _("Paid in"): format_money(line.deposit_units, line.order.group.currency),
                _("Charged"): format_money(line.charge_units, line.order.group.currency),
            }
            for line in _bulk_lines(person_id).order_by("order__opened_date", "id")
        ],
        _("Sent with a dossier of a group"): [
            {
                _("Group"): line.dossier.group.name,
                _("To"): str(line.dossier.recipient),
                _("For"): str(line.dossier.get_purpose_display()),
                _("Sent on"): format_day(line.dossier.sent_date),
                _("Saved"): format_money(line.saved_units, line.dossier.group.currency),
                _("Owes"): format_money(line.owed_units, line.dossier.group.currency),
            }
            for line in DossierMember._base_manager.filter(member__person_id=person_id)
            .select_related("dossier__group", "dossier__recipient")
            .order_by("dossier__sent_date", "id")
        ],
        _("Next of kin she named to a group"): [
            {
                _("Group"): row.member.group.name,
                _("Name"): row.name,
                _("What she or he is to her"): str(row.get_relation_display()),
                _("Telephone"): row.phone,
                _("Named on"): format_day(row.named_date),
            }
            for row in NextOfKin._base_manager.filter(member__person_id=person_id)
            .select_related("member__group")
            .order_by("named_date", "id")
        ],
        **_delivered(person_id),
        **_chosen(person_id),
        **_told_of_prices(person_id),
    }


def _told_of_prices(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    """That she wanted prices on her telephone, and each that was sent there."""
    lines = PriceLine._base_manager.filter(member__person_id=person_id)
    sent = PriceMessage._base_manager.filter(line__in=lines, sent_at__isnull=False)
    asked: list[Mapping[str, str]] = [
        {
            _("Group"): row.member.group.name,
            _("Agreed on"): format_day(row.agreed_date),
            _("Language"): row.get_language_display(),
            _("Ended on"): format_day(localdate(row.ended_at)) if row.ended_at else "",
        }
        for row in lines.select_related("member__group").order_by("agreed_date", "id")
    ]
    told: list[Mapping[str, str]] = [
        {_("Price"): str(row.price), _("Sent on"): format_day(localdate(row.sent_at))}
        for row in sent.select_related("price__commodity", "price__market").order_by("sent_at")
    ]
    both = {_("Prices to her telephone"): asked, _("Prices that were sent to her"): told}
    return {title: rows for title, rows in both.items() if rows}


def _chosen(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    """Where she stood for a seat, with her votes, where she spoke for her group, and her firm."""
    stood = Candidate._base_manager.filter(member__person_id=person_id)
    spoke = Delegate._base_manager.filter(member__person_id=person_id)
    stands: list[Mapping[str, str]] = [
        {
            _("Group"): row.election.group.name,
            _("Called on"): format_day(row.election.called_date),
            _("Votes"): "" if row.votes_first is None else str(row.votes_first),
            _("Second round"): "" if row.votes_second is None else str(row.votes_second),
            _("Elected"): _("yes") if row.rank else _("no"),
        }
        for row in stood.select_related("election__group").order_by("election__called_date", "id")
    ]
    speaks: list[Mapping[str, str]] = [
        {
            _("Group"): row.group.name,
            _("Since"): format_day(row.from_date),
            _("Elected until"): format_day(row.until_date),
        }
        for row in spoke.select_related("group").order_by("from_date", "id")
    ]
    firms = Representative._base_manager.filter(member__person_id=person_id)
    named: list[Mapping[str, str]] = [
        {
            _("Group"): row.member.group.name,
            _("Firm"): row.firm,
            _("Who votes for it"): row.name,
            _("From"): format_day(row.from_date),
        }
        for row in firms.select_related("member__group").order_by("from_date", "id")
    ]
    told = {
        _("Stood for a seat in a group"): stands,
        _("Delegate of her group"): speaks,
        _("Firm she has in an association"): named,
    }
    return {title: rows for title, rows in told.items() if rows}


def _delivered(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    """What she brought to the collection points of groups, what was taken off and what she got."""
    return {
        **_brought(person_id),
        **_taken_off(person_id),
        **_payslips(person_id),
        **_gathered(person_id),
    }


def _gathered(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    rows = GatheredRefund._base_manager.filter(producer__person_id=person_id)
    rows = rows.filter(year__is_reversed=False).select_related("year__group")
    told: list[Mapping[str, str]] = [
        {
            _("Group"): row.year.group.name,
            _("Year"): str(row.year.year),
            _("Refund"): format_money(row.units, row.year.group.currency),
            _("State"): str(row.get_state_display()),
            _("Settled on"): format_day(row.settled_date) if row.settled_date else "",
        }
        for row in rows.order_by("year__year", "id")
    ]
    return {_("Refunds of a group that gather for her"): told} if told else {}


def _taken_off(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    rows = Deduction._base_manager.filter(producer__person_id=person_id, is_reversed=False)
    rows = rows.select_related("group").order_by("from_date", "id")
    told: list[Mapping[str, str]] = [
        {
            _("Group"): row.group.name,
            _("For"): str(row.get_kind_display()),
            _("Since"): format_day(row.from_date),
            _("Amount"): format_money(row.units, row.group.currency),
            _("Taken so far"): format_money(row.taken_units, row.group.currency),
        }
        for row in rows
    ]
    return {_("Taken off payslips of a group"): told} if told else {}


def _payslips(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    rows = Payslip._base_manager.filter(producer__person_id=person_id)
    rows = rows.exclude(run__state__in=(RunState.DROPPED, RunState.REVERSED))
    rows = rows.select_related("run__group").order_by("run__from_date", "id")
    told: list[Mapping[str, str]] = [
        {
            _("Group"): row.run.group.name,
            _("From"): format_day(row.run.from_date),
            _("Until"): format_day(row.run.to_date),
            _("Gross"): format_money(row.gross_units, row.run.group.currency),
            _("Taken off"): format_money(row.taken_units, row.run.group.currency),
            _("Taken home"): format_money(row.net_units, row.run.group.currency),
            _("Paid on"): format_day(row.paid_date) if row.paid_date else "",
        }
        for row in rows
    ]
    return {_("Payslips of a group"): told} if told else {}


def _brought(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    rows = Delivery._base_manager.filter(producer__person_id=person_id, is_reversed=False)
    rows = rows.select_related("group", "point").order_by("delivered_date", "id")
    if not rows:
        return {}
    return {
        _("Deliveries to groups"): [
            {
                _("Group"): row.group.name,
                _("Point"): row.point.name,
                _("On"): format_day(row.delivered_date),
                _("Litres"): format_number(Decimal(row.volume_ml) / 1000),
                _("Amount"): format_money(row.amount_units, row.group.currency),
                _("Rejected because"): str(row.get_reason_display()),
            }
            for row in rows
        ]
    }


def _bulk_lines(person_id: UUID) -> QuerySet[BulkLine]:
    rows = BulkLine._base_manager.filter(member__person_id=person_id)
    return rows.select_related("order__group")


def blank(person_id: UUID) -> None:
    """Blank what she said when she left, whom she named and her firm, and destroy the photos of
    paper that names her; her number, the code and the dates are the group's."""
    Member._base_manager.filter(person_id=person_id).update(left_reason_text="")
    named = NextOfKin._base_manager.filter(member__person_id=person_id)
    named.update(name="", phone="", relation="")
    firms = Representative._base_manager.filter(member__person_id=person_id)
    firms.update(firm="", name="")
    end_all(PriceLine._base_manager.filter(member__person_id=person_id))
    papers = PaperSheet._base_manager.filter(
        meeting__group__members__person_id=person_id,
        meeting__group__members__joined_date__lte=F("meeting__held_date"),
    )
    rows = list(papers.select_related("photo").distinct())
    PaperSheet._base_manager.filter(pk__in=[row.pk for row in rows]).update(photo=None, note="")
    for row in rows:
        if row.photo is not None:
            destroy_file(row.photo)


def holds(person_id: UUID, on: date) -> Iterable[Hold]:
    """Her place in a group: what she saved and owes there is settled before she is forgotten, and
    so is what lies there of hers, or is owed by her, for goods bought together, and what she
    delivered and was not paid for, or got and has not paid out of it."""
    if Member._base_manager.filter(person_id=person_id, left_date=None).exists() or any(
        _is_owed(row) for row in Producer._base_manager.filter(person_id=person_id)
    ):
        yield Hold(HoldReason.SAVINGS)
        return
    if _bulk_lines(person_id).exclude(deposit_units=F("charge_units")).exists():
        yield Hold(HoldReason.SAVINGS)
        return
    going = (BulkState.LOCKED, BulkState.ORDERED, BulkState.RECEIVED)
    if _bulk_lines(person_id).filter(order__state__in=going, quantity__gt=0).exists():
        yield Hold(HoldReason.SAVINGS)


def _is_owed(producer: Producer) -> bool:
    """What she delivered is not all paid, a refund gathers for her, or she owes for inputs."""
    book, subject = producer.group.book, (PRODUCER, producer.pk)
    roles = ("PRODUCERS", "INPUTS_DUE", "PAYABLE")  # the last: what gathers for her
    return any(balance(book, role, subject=subject) for role in roles)


def present() -> Iterable[UUID]:
    """Who has a place in a group now."""
    rows = Member._base_manager.filter(left_date=None).exclude(person=None)
    return rows.values_list("person_id", flat=True)


def booked(persons: Collection[UUID]) -> set[UUID]:
    """Those of these persons whose savings or loans stand in the book of a group."""
    rows = Member._base_manager.filter(person__in=persons)
    delivering = Producer._base_manager.filter(person__in=persons)
    found = [*rows.values_list("person_id", flat=True)]
    return {*found, *delivering.values_list("person_id", flat=True)}


class TwoPlacesInGroup(Refusal):
    """She holds two places in {group}. Its members say at a meeting which one she gives up; once
    that is recorded, make the records one."""


class TwoNumbersInGroup(Refusal):
    """She delivers to {group} under two numbers. Pay one out and give it up; then the records can
    be made one."""


def move(merge: merging.Merge) -> None:
    """Give her memberships to the record that stays.

    Two open places in one group have two shareholdings: only the group can make them one, by a fact
    of a meeting. Raises TwoPlacesInGroup, TwoNumbersInGroup.
    """
    present = Member._base_manager.filter(left_date=None)
    hers = present.filter(person=merge.survivor).values("group")
    twice = present.filter(person=merge.merged, group__in=hers).select_related("group").first()
    if twice is not None:
        raise TwoPlacesInGroup(group=twice.group.name)
    going_on = Producer._base_manager.filter(ended_date=None)
    numbers = going_on.filter(person=merge.survivor).values("group")
    double = going_on.filter(person=merge.merged, group__in=numbers)
    if (number := double.select_related("group").first()) is not None:
        raise TwoNumbersInGroup(group=number.group.name)
    merge.give(Member)
    merge.give(Producer)


def register() -> None:
    """Add all of it to the named lists of people, once."""
    if held not in subject.collect:
        subject.collect.append(held)
        subject.erase.append(blank)
        subject.holds.append(holds)
        subject.serving.append(present)
    if booked not in merging.in_books:
        merging.in_books.append(booked)
        merging.on_merge.append(move)
