"""Refunds of those who deliver and are no members: they gather by name until she may join, or until
she gives them up (groups_cooperatives.md K3)."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum

from handup.groups.models import (
    Delivery,
    GatheredRefund,
    GatheredState,
    Group,
    GroupFact,
    Member,
    Producer,
    ShareMove,
    SurplusYear,
)
from handup.groups.models.shares import ShareKind
from handup.groups.rules.checks import Reason, join_by_refunds
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import Stream
from handup.groups.services.members import NewMember, admit_members
from handup.groups.services.outside import MEMBER, PRODUCER, Moved, move_money, take_back
from handup.groups.services.shares import share_account, statutes_on, subscribe_shares
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.money import split
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_day, format_money

Gathers = list[tuple[Producer, int]]
"""Those who are no members in the order of their numbers, and what gathers for each."""


class NothingGathered(Refusal):
    """Nothing gathers for her here."""


class GivenUpOtherwise(Refusal):
    """That day it was given up to another fund. Take that back first."""


class BelowMinimumShare(Refusal):
    """{held} gathered for her; the shares a member must have cost {least}."""

    code = "BELOW_MINIMUM_SHARE"


class TooLateToJoin(Refusal):
    """Her first refund is of {first}; by the statutes she could join with it until {until}. It goes
    to the reserve or to education."""

    code = "TOO_LATE"


class MemberAlready(Refusal):
    """She is a member now. What gathered goes to her shares."""


class GatheredUsed(Refusal):
    """What gathered of this year for somebody was used since. Take that back first."""


class GivenTo(StrEnum):
    """Where a refund goes that she does not want."""

    RESERVE = "RESERVE"
    EDUCATION = "EDUCATION"


def gathering(group: Group, year: int, units: int) -> Gathers:
    """What gathers of the part from others for each who delivered in a year while she was no
    member, by the volume that was taken from her; nothing where the statutes let nobody join by
    refunds, or nobody delivered: then all of it is the reserve's. The parts sum to `units`."""
    allowed = statutes_on(group, date(year, 12, 31)).settings["non_member_refund_years"]
    if not units or not allowed:
        return []
    there = Member.objects.filter(
        Q(left_date=None) | Q(left_date__gt=OuterRef("delivered_date")),
        group=group,
        person=OuterRef("producer__person"),
        joined_date__lte=OuterRef("delivered_date"),
    )
    rows = Delivery.objects.filter(
        ~Exists(there),
        group=group,
        is_reversed=False,
        reason="",
        delivered_date__year=year,
        producer__person__isnull=False,  # whoever joined since was none when she delivered
    )
    used = rows.order_by("producer__number").values_list("producer")
    volumes = dict(used.annotate(total=Sum("volume_ml")))
    if not volumes:
        return []
    producers = {one.pk: one for one in group.producers.filter(pk__in=volumes)}
    parts = split(units, list(volumes.values())).parts
    pairs = zip(volumes, parts, strict=True)
    return [(producers[pk], part) for pk, part in pairs if part]


def keep_gathered(year: SurplusYear, gathers: Gathers) -> None:
    """Keep what gathers of a year that is posted, inside its transaction."""
    GatheredRefund.objects.bulk_create(
        GatheredRefund(year=year, producer=producer, units=units) for producer, units in gathers
    )


def require_untouched(year: SurplusYear) -> None:
    """Refuse to take a year back of which somebody's refund was used. Raises GatheredUsed."""
    if year.gathered.exclude(state=GatheredState.HELD).exists():
        raise GatheredUsed


def held_of(producer: Producer) -> list[GatheredRefund]:
    """What gathers for somebody, the oldest first."""
    rows = producer.gathered.filter(state=GatheredState.HELD, year__is_reversed=False)
    return list(rows.select_related("year__resolution").order_by("year__year"))


def _voted(row: GatheredRefund) -> date:
    """The day of the assembly that gave it; nothing gathers before."""
    day = row.year.resolution.decided_date
    assert day is not None
    return day


@transaction.atomic
def join_with_refunds(*, acting_staff: StaffUser, producer: Producer, on: date) -> Member:
    """Let somebody join the cooperative: what gathered for her pays her shares, as many as it comes
    to and at least those the statutes ask. Told again for that day, nothing changes. Who became a
    member meanwhile gets it for her shares all the same.

    Raises NothingGathered, BelowMinimumShare, TooLateToJoin, InTheFuture, and what admitting and
    subscribing raise.
    """
    require(acting_staff, "groups.keep_shares", producer.group)
    stream_of(producer.group)
    producer = Producer.objects.select_related("group", "person", "member").get(pk=producer.pk)
    rows = [row for row in held_of(producer) if _voted(row) <= on]
    if not rows:
        done = producer.gathered.filter(state=GatheredState.SHARES, settled_date=on)
        if producer.member is not None and done.exists():
            return producer.member
        raise NothingGathered
    member = _member_of(producer)
    if member is None:
        _require_may_join(producer, rows, on)
        new = NewMember(person=producer.person, joined_date=on)
        (member,) = admit_members(acting_staff=acting_staff, group=producer.group, members=[new])
    total = sum(row.units for row in rows)
    _subscribe(acting_staff, member, total, on)
    body: dict[str, Json] = {
        "producer": str(producer.pk),
        "member": str(member.pk),
        "units": total,
    }
    moved = Moved("AMOUNT", total, producer.pk, member.pk, (PRODUCER, MEMBER))
    stream = stream_of(producer.group)  # admitting and subscribing wrote behind it
    fact = _move(acting_staff, stream, "join_by_refunds", body, on, moved)
    ShareMove.objects.create(
        group=producer.group,
        member=member,
        kind=ShareKind.FROM_SURPLUS,
        moved_date=on,
        units=total,
        fact=fact,
    )
    if producer.member is None:
        producer.member = member
        producer.save(update_fields=("member",))
    _settle(rows, GatheredState.SHARES, on, fact)
    audit.record(acting_staff, "groups.join_by_refunds", producer, {"units": total})
    return member


def _member_of(producer: Producer) -> Member | None:
    """Her place in the group, when she has one by now."""
    if producer.person_id is None:
        return producer.member
    rows = producer.group.members.filter(person=producer.person_id, left_date=None)
    return rows.select_related("group", "person").first()


def _require_may_join(producer: Producer, rows: Sequence[GatheredRefund], on: date) -> None:
    """Ask the statutes (K3). Raises BelowMinimumShare, TooLateToJoin."""
    settings = statutes_on(producer.group, on).settings
    least = settings["share_price_units"] * settings["shares_subscribed_min"]
    first = min(_voted(row) for row in rows)
    reasons = join_by_refunds(
        refunds_held=[row.units for row in rows],
        minimum_share=least,
        years_since_first=_years_begun(first, on),
        years_allowed=settings["non_member_refund_years"],
    )
    money = producer.group.currency
    if Reason.TOO_LATE in reasons:
        until = _in_years(first, settings["non_member_refund_years"])
        raise TooLateToJoin(field="on", first=format_day(first), until=format_day(until))
    if Reason.BELOW_MINIMUM_SHARE in reasons:
        held = format_money(sum(row.units for row in rows), money)
        raise BelowMinimumShare(field="on", held=held, least=format_money(least, money))


def _in_years(day: date, years: int) -> date:
    """The same day some years on; of 29 February the last of that month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _years_begun(first: date, on: date) -> int:
    """Years from a day to another, one that has begun counted: on the day itself none has."""
    years = max(0, on.year - first.year)
    return years + 1 if on > _in_years(first, years) else years


def _subscribe(staff: StaffUser, member: Member, units: int, on: date) -> None:
    """Let her subscribe as many shares as her money needs, and at least what the statutes ask."""
    settings = statutes_on(member.group, on).settings
    held, paid = share_account(member)
    wanted = -(-(paid + units) // settings["share_price_units"])
    more = max(wanted, settings["shares_subscribed_min"]) - held
    if more > 0:
        subscribe_shares(acting_staff=staff, member=member, shares=more, on=on)


def _move(
    staff: StaffUser, stream: Stream, name: str, body: dict[str, Json], on: date, moved: Moved
) -> GroupFact:
    return move_money(staff, stream, name=name, body=body, on=on, moved=[moved], uses_box=False)


def _settle(
    rows: Sequence[GatheredRefund], state: GatheredState, on: date, fact: GroupFact
) -> None:
    GatheredRefund.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, settled_date=on, settled_fact=fact
    )


@transaction.atomic
def give_up_refunds(
    *, acting_staff: StaffUser, producer: Producer, on: date, to: GivenTo = GivenTo.RESERVE
) -> Producer:
    """Put what gathered for somebody into the reserve or to education, as she does not join. Told
    again for that day, nothing changes. Raises NothingGathered, GivenUpOtherwise, MemberAlready,
    InTheFuture."""
    require(acting_staff, "groups.divide_surplus", producer.group)
    stream = stream_of(producer.group)
    producer = Producer.objects.select_related("group", "member").get(pk=producer.pk)
    rows = [row for row in held_of(producer) if _voted(row) <= on]
    if not rows:
        return _same_given_up(producer, on, to)
    if _member_of(producer) is not None:
        raise MemberAlready
    total = sum(row.units for row in rows)
    body: dict[str, Json] = {"producer": str(producer.pk), "units": total, "to": to.value}
    moved = Moved("AMOUNT", total, debit=producer.pk, kinds=(PRODUCER, MEMBER))
    fact = _move(acting_staff, stream, "give_up_refunds", body, on, moved)
    _settle(rows, GatheredState.GIVEN_UP, on, fact)
    audit.record(acting_staff, "groups.give_up_refunds", producer, {"units": total})
    return producer


def _same_given_up(producer: Producer, on: date, to: GivenTo) -> Producer:
    """What was given up on a day to the same. Raises NothingGathered, GivenUpOtherwise."""
    gone = producer.gathered.filter(state=GatheredState.GIVEN_UP, settled_date=on)
    given = {
        fact.body["to"]
        for fact in (row.settled_fact for row in gone.select_related("settled_fact"))
        if fact is not None
    }
    if not given:
        raise NothingGathered
    if to.value not in given:
        raise GivenUpOtherwise(field="to")
    return producer


@transaction.atomic
def take_back_given_up(
    *, acting_staff: StaffUser, refund: GatheredRefund, on: date
) -> GatheredRefund:
    """Take back that a refund was given up: it gathers again in her name, with whatever was given
    up together with it. One that gathers again already stays as it is. Raises NothingGathered where
    it was not given up, TakenBackBefore, InTheFuture."""
    group = refund.year.group
    require(acting_staff, "groups.reverse_fact", group)
    stream = stream_of(group)
    rows = GatheredRefund.objects.select_related("settled_fact", "producer")
    stored = rows.get(pk=refund.pk)
    if stored.state == GatheredState.HELD:
        return stored
    given_up = stored.settled_fact
    if stored.state != GatheredState.GIVEN_UP or given_up is None:
        raise NothingGathered
    take_back(acting_staff, stream, given_up, on)
    GatheredRefund.objects.filter(settled_fact=given_up).update(
        state=GatheredState.HELD, settled_date=None, settled_fact=None
    )
    audit.record(acting_staff, "groups.take_back_given_up", stored.producer, {})
    return rows.get(pk=refund.pk)


def gathered_by(group: Group) -> dict[UUID, int]:
    """What gathers for each who is no member, by her producer's id, as the rows say."""
    rows = GatheredRefund.objects.filter(
        year__group=group, year__is_reversed=False, state=GatheredState.HELD
    )
    sums = rows.order_by().values_list("producer").annotate(total=Sum("units"))
    return {pk: int(total) for pk, total in sums}
