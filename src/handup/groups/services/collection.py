"""Where produce is taken in and what it is paid: points, producers, dated rate charts
(groups_cooperatives.md K6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from handup.groups.errors import NotAMember
from handup.groups.models import (
    CollectionPoint,
    Deduction,
    Group,
    Member,
    Producer,
    RateChart,
)
from handup.groups.rules.rate_chart import checked
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import require_come
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Person

KEEP = "groups.keep_collection"


class PointThere(Refusal):
    """There is a point called {name} already."""


class PointMissing(Refusal):
    """Write what the point is called."""


class ProducerThere(Refusal):
    """She delivers already, under number {number}."""


class NumberEnded(Refusal):
    """This number was given up on {day}."""


class NumberInUse(Refusal):
    """She delivered under this number until {day}; it is given up on that day or later."""


class NumberNotSettled(Refusal):
    """Something is open under this number. Pay her what she delivered and take off what she owes
    first."""


class ChartsOverlap(Refusal):
    """A rate chart holds from {day} already; one day has one chart."""


class ChartInUse(Refusal):
    """Deliveries after {day} were paid by an earlier chart. A new one holds from a later day."""


@transaction.atomic
def open_point(
    *,
    acting_staff: StaffUser,
    group: Group,
    name: str,
    collector: StaffUser | None = None,
    on: date,
    id: UUID | None = None,
) -> CollectionPoint:
    """Open a place where produce is taken in. collector: whose point it is; None: whoever may
    collect. The same id with the same content returns it unchanged.

    Raises PointMissing, PointThere, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, KEEP, group)
    stream = stream_of(group)
    name = " ".join(name.split())
    told = {"group": group, "name": name, "collector": collector}
    if (known := already_stored(CollectionPoint, id, acting_staff, **told)) is not None:
        return known
    require_come(on, "on")
    if not name:
        raise PointMissing(field="name")
    if group.points.filter(name=name).exists():
        raise PointThere(field="name", name=name)
    pk = id or new_id()
    body: dict[str, Json] = {
        "point": str(pk),
        "name": name,
        "collector": str(collector.pk) if collector else None,
    }
    (fact,) = stream.append([FactIn("open_point", body, on)], acting_staff)
    row = CollectionPoint.objects.create(id=pk, fact=fact, **told)
    audit.record(acting_staff, KEEP, row)
    return row


@transaction.atomic
def register_producer(
    *,
    acting_staff: StaffUser,
    group: Group,
    member: Member | None = None,
    person: Person | None = None,
    from_date: date,
    id: UUID | None = None,
) -> Producer:
    """Give whoever delivers the next producer number: a member, or a person who is none and stays
    one (K3). A person who is a member is kept as the member she is.

    Raises NotAMember, ProducerThere, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, KEEP, group)
    stream = stream_of(group)
    if member is None and person is not None:
        member = group.members.filter(person=person, left_date=None).first()
    if (member is None and person is None) or (member is not None and member.group_id != group.pk):
        raise NotAMember(field="member", member=member or "")
    told: dict[str, Any] = {
        "group": group,
        "member": member,
        "person": person if member is None else member.person,
        "from_date": from_date,
    }
    if (known := already_stored(Producer, id, acting_staff, **told)) is not None:
        return known
    require_come(from_date, "from_date")
    same = Producer.objects.filter(group=group, ended_date=None)
    same = (
        same.filter(member=member) if told["person"] is None else same.filter(person=told["person"])
    )
    if (there := same.first()) is not None:
        raise ProducerThere(field="member", number=there.number)
    last = group.producers.aggregate(last=Max("number"))["last"] or 0
    pk = id or new_id()
    body: dict[str, Json] = {
        "producer": str(pk),
        "number": last + 1,
        "member": str(member.pk) if member else None,
        "person": str(person.pk) if person and member is None else None,
    }
    (fact,) = stream.append([FactIn("register_producer", body, from_date)], acting_staff)
    row = Producer.objects.create(id=pk, number=last + 1, fact=fact, **told)
    audit.record(acting_staff, KEEP, row)
    return row


@transaction.atomic
def give_up_number(*, acting_staff: StaffUser, producer: Producer, on: date) -> Producer:
    """End a producer number: nothing is delivered under it from that day on, and it is never used
    again. What was delivered is paid and what she owes taken off first. The same day again changes
    nothing.

    Raises NumberEnded, NumberInUse, NumberNotSettled, InTheFuture.
    """
    require(acting_staff, KEEP, producer.group)
    stream = stream_of(producer.group)
    stored = Producer.objects.get(pk=producer.pk)
    if stored.ended_date is not None:
        if stored.ended_date == on:
            return stored
        raise NumberEnded(field="on", day=stored.ended_date)
    require_come(on, "on")
    last = stored.deliveries.filter(is_reversed=False).aggregate(last=Max("delivered_date"))["last"]
    if (since := max(stored.from_date, last or stored.from_date)) > on:
        raise NumberInUse(field="on", day=since)
    _require_settled(stream.group, stored)
    body: dict[str, Json] = {"producer": str(stored.pk), "number": stored.number}
    stream.append([FactIn("give_up_number", body, on)], acting_staff)
    stored.ended_date = on
    stored.save(update_fields=("ended_date",))
    audit.record(acting_staff, KEEP, stored, {"ended": on.isoformat()})
    return stored


def _require_settled(group: Group, producer: Producer) -> None:
    """Nothing is open of her number: no delivery unpaid, no draft, nothing to take off. Raises
    NumberNotSettled."""
    subject = ("producer", producer.pk)
    roles = ("PRODUCERS", "INPUTS_DUE")
    owed = any(balance(group.book, role, subject=subject) for role in roles)
    rows = Deduction.objects.filter(producer=producer, is_reversed=False)
    if owed or rows.filter(taken_units__lt=F("units")).exists():
        raise NumberNotSettled(field="on")


@transaction.atomic
def publish_rate_chart(
    *,
    acting_staff: StaffUser,
    group: Group,
    from_date: date,
    terms: Mapping[str, Any],
    id: UUID | None = None,
) -> RateChart:
    """Publish what deliveries are paid from a day on; deliveries keep the chart of their day.

    terms: the whole numbers of `rules.rate_chart`. Raises ChartsOverlap, ChartInUse,
    SameIdOtherContent, and Faults naming every number that is missing or out of range.
    """
    require(acting_staff, KEEP, group)
    stream = stream_of(group)
    complete = checked(terms)
    told = {"group": group, "from_date": from_date, "terms": complete}
    if (known := already_stored(RateChart, id, acting_staff, **told)) is not None:
        return known
    if group.rate_charts.filter(from_date=from_date).exists():
        raise ChartsOverlap(field="from_date", day=from_date)
    later = group.deliveries.filter(delivered_date__gte=from_date, is_reversed=False)
    if later.exists():
        raise ChartInUse(field="from_date", day=from_date)
    pk = id or new_id()
    body: dict[str, Json] = {
        "chart": str(pk),
        "from_date": from_date.isoformat(),
        "terms": complete,
    }
    (fact,) = stream.append([FactIn("publish_rate_chart", body, from_date)], acting_staff)
    row = RateChart.objects.create(id=pk, pricing=complete["pricing"], fact=fact, **told)
    audit.record(acting_staff, KEEP, row, {"from": from_date.isoformat()})
    return row
