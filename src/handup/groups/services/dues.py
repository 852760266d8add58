"""Dues of an association: the voted tariff, invoices by year, payments with a receipt, waivers, and
taking a payment back (groups_cooperatives.md K9)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from handup.groups.models import DuesInvoice, DuesPayment, DuesTariff, Group, Member
from handup.groups.models.dues import Place, WaiverReason
from handup.groups.rules.dues import Owing, due_dates_until, oldest_first
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import Moved, move_money, require_come, take_back
from handup.groups.standing import Tariffs
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

AHEAD = timedelta(days=366)
"""How far ahead dues are written down."""


LAST_DAY, MOST_DAYS = 31, 730
"""The ranges of the day of the month and of the days until dropping (groups_cooperatives.md K1)."""


class NoTariff(Refusal):
    """The assembly has not voted what members of this category owe."""


class TariffBackwards(Refusal):
    """The tariff of this category of {last} is in force; a new one holds from a later day."""


class TariffBeforeVote(Refusal):
    """A tariff holds from the day of its vote, {voted}, or later."""


class TariffOutOfRange(Refusal):
    """Dues are nothing or more, the day of the month is 1 to {last_day}, and a member may be
    dropped after 1 to {most_days} days."""


class TooFarAhead(Refusal):
    """Dues are written down up to {last} at most, a year ahead."""


class MoreThanOwed(Refusal):
    """{owed} is owed; more cannot be taken."""


class NothingLeft(Refusal):
    """Nothing is left to pay of these dues."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What members of a category owe a year, in smallest units, and what being late means."""

    category: str
    from_date: date
    units: int
    day_limit: int = 15
    drop_after_days: int = 90
    needed_to_vote: bool = True


@transaction.atomic
def vote_dues(
    *, acting_staff: StaffUser, group: Group, tariff: Tariff, votes: Votes, id: UUID | None = None
) -> DuesTariff:
    """Keep a tariff the assembly voted. The same id with the same content returns it unchanged.

    Raises TariffOutOfRange, TariffBackwards, TariffBeforeVote, NoQuorum, NotCarried, InTheFuture,
    SameIdOtherContent.
    """
    require(acting_staff, "groups.vote_dues", group)
    stream = stream_of(group)
    told: dict[str, Any] = {name: getattr(tariff, name) for name in Tariff.__slots__}
    if (known := already_stored(DuesTariff, id, acting_staff, group=group, **told)) is not None:
        if not same_votes(known.resolution, votes):
            raise SameIdOtherContent(field="yes")
        return known
    _check_tariff(group, tariff)
    if tariff.from_date < votes.on:
        raise TariffBeforeVote(field="from_date", voted=votes.on)
    subject = f"{tariff.category} {tariff.units}"
    resolution = carry(acting_staff, stream, decision="DUES", votes=votes, subject=subject)
    body: dict[str, Json] = {
        **told,
        "from_date": tariff.from_date.isoformat(),
        "resolution": str(resolution.pk),
    }
    (fact,) = stream.append([FactIn("vote_dues", body, votes.on)], acting_staff)
    row = DuesTariff.objects.create(
        id=id or new_id(), group=group, resolution=resolution, fact=fact, **told
    )
    audit.record(acting_staff, "groups.vote_dues", row, {"units": tariff.units})
    return row


def _check_tariff(group: Group, tariff: Tariff) -> None:
    fits = (
        0 <= tariff.units <= 10**12
        and 1 <= tariff.day_limit <= LAST_DAY
        and 1 <= tariff.drop_after_days <= MOST_DAYS
    )
    if not fits:
        raise TariffOutOfRange(field="units", last_day=LAST_DAY, most_days=MOST_DAYS)
    last = group.dues_tariffs.filter(category=tariff.category).aggregate(last=Max("from_date"))
    if last["last"] is not None and tariff.from_date <= last["last"]:
        raise TariffBackwards(field="from_date", last=last["last"])


@transaction.atomic
def set_dues_category(
    *, acting_staff: StaffUser, member: Member, category: str, from_date: date | None = None
) -> Member:
    """Let a member pay the dues of another category for what falls due from a day on (None: today);
    what was written down stays. Raises NoTariff."""
    require(acting_staff, "groups.invoice_dues", member.group)
    stream = stream_of(member.group)
    if not member.group.dues_tariffs.filter(category=category).exists():
        raise NoTariff(field="category")
    stored = Member.objects.get(pk=member.pk)
    if stored.dues_category == category:
        return stored
    stored.dues_category = category
    stored.save(update_fields=("dues_category",))
    today = timezone.localdate()
    body: dict[str, Json] = {
        "member": str(stored.pk),
        "category": category,
        "from": (from_date or today).isoformat(),
    }
    stream.append([FactIn("set_dues_category", body, today)], acting_staff)
    audit.record(acting_staff, "groups.set_dues_category", stored, {"category": category})
    return stored


@transaction.atomic
def invoice_dues(*, acting_staff: StaffUser, group: Group, until: date) -> list[DuesInvoice]:
    """Write down what every member owes for each year that falls due up to a day, at the tariff of
    its due date; what was written down before stays as it is. Returns the new rows.

    Raises NoTariff, TooFarAhead.
    """
    require(acting_staff, "groups.invoice_dues", group)
    stream = stream_of(group)
    tariffs = Tariffs.of(group)
    if not tariffs.rows:
        raise NoTariff
    if until > (last := timezone.localdate() + AHEAD):
        raise TooFarAhead(field="until", last=last)
    known: dict[UUID, set[date]] = defaultdict(set)
    for pk, due in group.dues.values_list("member_id", "due_date"):
        known[pk].add(due)
    wanted = []
    for member in group.members.order_by("member_no"):
        for due in _due_dates(member, tariffs, known[member.pk], until):
            tariff = tariffs.on(member, due)
            if tariff is not None and tariff.units and due not in known[member.pk]:
                wanted.append((member, tariff, due))
    facts = stream.append(
        [
            FactIn(
                "invoice_dues",
                {"member": str(member.pk), "due_date": due.isoformat(), "units": tariff.units},
                due,
            )
            for member, tariff, due in wanted
        ],
        acting_staff,
    )
    rows = [
        DuesInvoice(
            group=group, member=member, tariff=tariff, due_date=due, units=tariff.units, fact=fact
        )
        for (member, tariff, due), fact in zip(wanted, facts, strict=True)
    ]
    DuesInvoice.objects.bulk_create(rows)
    audit.record_many(audit.line(acting_staff, "groups.invoice_dues", row) for row in rows)
    return rows


def _due_dates(
    member: Member, tariffs: Tariffs, written: Collection[date], until: date
) -> list[date]:
    """Her due dates; none after she left."""
    last = until if member.left_date is None else min(until, member.left_date)
    return due_dates_until(tariffs.base(member, last, written), last)


@transaction.atomic
def take_dues(
    *,
    acting_staff: StaffUser,
    member: Member,
    units: int,
    paid_date: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> DuesPayment:
    """Take money for a member's dues: the oldest year first, into the book at once, with the next
    receipt number. The same id with the same content returns the payment unchanged.

    Raises MoreThanOwed, InTheFuture, PhoneKeepsRecord, SameIdOtherContent.
    """
    require(acting_staff, "groups.take_dues", member.group)
    stream = stream_of(member.group)
    group = stream.group
    told = {"member": member, "units": units, "paid_date": paid_date, "place": place.value}
    if (known := already_stored(DuesPayment, id, acting_staff, **told)) is not None:
        return known
    open_rows = [row for row in member.dues.order_by("due_date") if row.left_units]
    owed = sum(row.left_units for row in open_rows)
    if not 0 < units <= owed:
        raise MoreThanOwed(field="units", owed=format_money(owed, group.currency))
    parts = oldest_first([Owing(str(row.pk), row.left_units) for row in open_rows], units)
    fact = move_money(
        acting_staff,
        stream,
        name="pay_dues",
        body={
            "member": str(member.pk),
            "units": units,
            "place": place.value,
            "parts": [{"dues": key, "units": part} for key, part in parts],
        },
        on=paid_date,
        moved=[Moved("AMOUNT", units, credit=member.pk)],
        place=place,
    )
    for key, part in parts:
        DuesInvoice.objects.filter(pk=key).update(paid_units=F("paid_units") + part)
    last = group.dues_payments.aggregate(last=Max("number"))["last"] or 0
    row = DuesPayment.objects.create(
        id=id or new_id(), group=group, number=last + 1, fact=fact, **told
    )
    audit.record(acting_staff, "groups.take_dues", row, {"units": units})
    return row


@transaction.atomic
def take_back_dues(*, acting_staff: StaffUser, payment: DuesPayment, on: date) -> DuesPayment:
    """Take a payment of dues back: its entry is reversed and what it paid is owed again.

    Raises TakenBackAlready, InTheFuture, PhoneKeepsRecord.
    """
    require(acting_staff, "groups.reverse_fact", payment.group)
    stream = stream_of(payment.group)
    stored = DuesPayment.objects.select_related("fact").get(pk=payment.pk)
    take_back(acting_staff, stream, stored.fact, on)
    for part in stored.fact.body["parts"]:
        rows = DuesInvoice.objects.filter(pk=part["dues"])
        rows.update(paid_units=F("paid_units") - part["units"])
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_dues", stored, {"units": stored.units})
    return stored


@transaction.atomic
def waive_dues(
    *, acting_staff: StaffUser, dues: DuesInvoice, reason: WaiverReason, on: date
) -> DuesInvoice:
    """Let a member off what is left of one year's dues; nothing moves in the book, as dues are
    income when they are paid. Waived before for the same reason: nothing changes.

    Raises NothingLeft, InTheFuture.
    """
    require(acting_staff, "groups.waive_dues", dues.group)
    stream = stream_of(dues.group)
    stored = DuesInvoice.objects.get(pk=dues.pk)
    if stored.waived_units and stored.waiver_reason == reason and not stored.left_units:
        return stored
    require_come(on, "on")
    if not stored.left_units:
        raise NothingLeft
    units = stored.left_units
    body: dict[str, Json] = {"dues": str(stored.pk), "units": units, "reason": reason.value}
    stream.append([FactIn("waive_dues", body, on)], acting_staff)
    stored.waived_units += units
    stored.waiver_reason = reason
    stored.save(update_fields=("waived_units", "waiver_reason"))
    audit.record(acting_staff, "groups.waive_dues", stored, {"units": units})
    return stored
