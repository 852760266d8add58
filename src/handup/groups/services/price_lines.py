"""Prices by short message: a member says yes on her own account, a price is sent to those who did,
each telephone once.

A message is stored with the act and sent within a minute, by day, tried at most `TRIES` times; a
gateway that is away is left alone until the next minute. Before each try it is asked again whether
her yes stands, whether she is still a member, whether her consent holds and whether anybody may
know of her: a message that waits already is dropped (protection.md R1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.groups.errors import InTheFuture, NotAMember
from handup.groups.models import Group, Member, PriceLine, PriceMessage, PriceMessageState
from handup.groups.models.told import Way
from handup.groups.price_words import price_text
from handup.groups.services.told import NoGroupChosen, tell_groups
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import PriceObservation
from handup.org import audit, jobs, outgoing, texting
from handup.org.devices import already_stored
from handup.org.encryption import KeyedHash
from handup.org.jobs import job
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.people.models import Person
from handup.people.queries import has_consent, require_consent
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ConsentMethod, ConsentPurpose

KEEP = "groups.keep_price_line"
SEND = "groups.tell_groups"
WAITS = tuple(timedelta(minutes=pause) for pause in (1, 5, 30, 120))  # until it is tried again
TRIES = len(WAITS) + 1
AT_ONCE = 500
ON_ITS_WAY = (PriceMessageState.WAITING, PriceMessageState.SENT)


class NoTelephone(Refusal):
    """There is no telephone number of hers yet. Write it on her record first."""


class PriceLineStands(Refusal):
    """She is told of prices already."""


class PriceLineEnded(Refusal):
    """She is told of prices no more; that was ended before."""


class NotToHer(Refusal):
    """No message is sent to this member."""


class NobodyAgreed(Refusal):
    """Nobody of these groups asked for prices on her telephone. Tell them at a meeting or on paper,
    or write down first who wants messages."""


def start_price_line(
    *,
    acting_staff: StaffUser,
    member: Member,
    language: str,
    agreed_date: date,
    agreed_how: ConsentMethod,
    id: UUID | None = None,
) -> PriceLine:
    """Write down that a member wants to be told of prices on her telephone.

    Raises NotAllowed, OutOfSight, NotAMember, InTheFuture, NotToHer, NoTelephone, ConsentMissing,
    PriceLineStands, SameIdOtherContent.
    """
    require(acting_staff, KEEP, member)
    content = {"member": member, "language": language, "agreed_date": agreed_date}
    if (stored := already_stored(PriceLine, id, acting_staff, **content)) is not None:
        return stored
    today = timezone.localdate()
    if agreed_date > today:
        raise InTheFuture(field="agreed_date", today=today)
    person = _who(member, agreed_date)
    require_consent(person, ConsentPurpose.SERVICE, on=today)
    try:
        with transaction.atomic():
            row = PriceLine.objects.create(
                id=id or new_id(),
                member=member,
                language=language,
                agreed_date=agreed_date,
                agreed_how=agreed_how.value,
                started_by=acting_staff,
            )
            audit.record(acting_staff, "groups.start_price_line", row, {"member": str(member.pk)})
    except IntegrityError as fault:
        raise PriceLineStands(field="member") from fault
    return row


def _who(member: Member, on: date) -> Person:
    """The person behind a member who can be told. Raises NotAMember, NotToHer, NoTelephone."""
    if member.person is None or member.left_date is not None or on < member.joined_date:
        raise NotAMember(field="member", member=member.member_no)
    if member.group.practice or member.person_id in hidden_from_all():
        raise NotToHer(field="member")
    if not member.person.phone:
        raise NoTelephone(field="member")
    return member.person


def end_price_line(*, acting_staff: StaffUser, line: PriceLine) -> PriceLine:
    """End it at once; what waits is not sent. Raises NotAllowed, OutOfSight, PriceLineEnded."""
    require(acting_staff, KEEP, line)
    with transaction.atomic():
        line = PriceLine.objects.select_for_update().get(pk=line.pk)
        if line.ended_at is not None:
            raise PriceLineEnded
        _end([line], acting_staff, by_herself=False)
    return line


def _end(lines: Iterable[PriceLine], staff: StaffUser | None, *, by_herself: bool) -> None:
    """End lines that stand and are locked; without a staff user whoever started each stands in the
    trail, for she ended it herself."""
    for line in lines:
        line.ended_at, line.by_herself = timezone.now(), by_herself
        line.ended_by = None if by_herself else staff
        line.save()
        line.messages.filter(state=PriceMessageState.WAITING).update(
            state=PriceMessageState.DROPPED, why="ENDED"
        )
        told = {"by_herself": by_herself}
        audit.record(staff or line.started_by, "groups.end_price_line", line, told)


def _standing_of(**of: object) -> QuerySet[PriceLine]:
    rows = PriceLine._base_manager.select_for_update(of=("self",)).filter(ended_at=None, **of)
    return rows.select_related("started_by").order_by("pk")


@transaction.atomic
def end_by_herself(phone_hash: KeyedHash) -> None:
    """Whoever wrote STOP from a number is told of prices no more."""
    _end(_standing_of(member__person__phone_hash=phone_hash), None, by_herself=True)


@transaction.atomic
def end_for_other_number(person: Person, staff: StaffUser) -> None:
    """End hers when her number is another one: who holds that telephone did not say yes."""
    _end(_standing_of(member__person=person), staff, by_herself=False)


def end_all(lines: QuerySet[PriceLine]) -> None:
    """End what stands of these without a word in the trail: she is forgotten, and that stands
    there."""
    waiting = PriceMessage._base_manager.filter(line__in=lines, state=PriceMessageState.WAITING)
    waiting.update(state=PriceMessageState.DROPPED, why="ENDED")
    lines.filter(ended_at=None).update(ended_at=timezone.now())


@dataclass(frozen=True, slots=True)
class PriceSent:
    """How many messages were written, and the groups they go to."""

    messages: int
    groups: Sequence[Group]


def send_price(
    *, acting_staff: StaffUser, groups: Sequence[Group], price: PriceObservation, today: date
) -> PriceSent:
    """Send a published price to those of these groups who said yes, each telephone once; a group
    nobody of which gets a message is not told. Pressed again it sends nothing more.

    Raises NotAllowed, OutOfSight, NoGroupChosen, NotPublished, PriceIsOld, NobodyAgreed.
    """
    require_all(acting_staff, SEND, groups)
    if not groups:
        raise NoGroupChosen(field="groups")
    with transaction.atomic():
        price = PriceObservation._base_manager.select_for_update().get(pk=price.pk)
        lines = list(live_lines(groups))
        if not lines:
            raise NobodyAgreed(field="groups")
        reached = {line.member.group_id for line in lines}
        told = [group for group in groups if group.pk in reached]
        tell_groups(
            acting_staff=acting_staff,
            groups=told,
            told_date=today,
            today=today,
            way=Way.SMS,
            price=price,
        )
        rows = [
            PriceMessage(
                line=line,
                price=price,
                sent_by=acting_staff,
                next_try_at=outgoing.by_day(timezone.now()),
            )
            for line in _not_yet(lines, price)
        ]
        PriceMessage.objects.bulk_create(rows)
        if rows:
            audit.record(acting_staff, "groups.send_price", price, {"messages": len(rows)})
    return PriceSent(len(rows), told)


def live_lines(groups: Iterable[Group]) -> QuerySet[PriceLine]:
    """The members of these groups who said yes and may be told, the first who said it first."""
    rows = PriceLine._base_manager.filter(
        ended_at=None, member__group__in=groups, member__left_date=None
    )
    rows = rows.exclude(member__person__in=hidden_from_all())
    return rows.select_related("member__person").order_by("agreed_date", "pk")


def _not_yet(lines: Sequence[PriceLine], price: PriceObservation) -> list[PriceLine]:
    """Of these the ones whose telephone was not told of a price: two in one house share one."""
    before = PriceMessage._base_manager.filter(price=price)
    had = set(before.filter(line__in=lines).values_list("line_id", flat=True))
    going = before.filter(state__in=ON_ITS_WAY)
    rung = set(going.values_list("line__member__person__phone_hash", flat=True))
    found = []
    for line in lines:
        number = line.member.person.phone_hash if line.member.person else ""
        if line.pk not in had and number not in rung:
            rung.add(number)
            found.append(line)
    return found


def look(now: datetime) -> None:
    """Have sent what waits and is due."""
    if _due(now).exists():
        send_waiting.enqueue()


jobs.every_minute.append(look)


def _due(now: datetime) -> QuerySet[PriceMessage]:
    rows: QuerySet[PriceMessage] = PriceMessage._base_manager.filter(
        state=PriceMessageState.WAITING, next_try_at__lte=now
    )
    return rows


@job
def send_waiting() -> None:
    """Send what waits and is due; what was not taken waits for its next try."""
    due = _due(timezone.now()).order_by("next_try_at", "id").values_list("pk", flat=True)
    for pk in list(due[:AT_ONCE]):
        if not send_message(pk, timezone.now()):
            return


def send_message(pk: UUID, now: datetime) -> bool:
    """Send one message, claimed first so that no other worker sends it too; False where the gateway
    could not be reached or asked to be left alone.
    """
    if not outgoing.claim(PriceMessage, pk, now):
        return True
    row = PriceMessage._base_manager.select_related(
        "line__member__person", "price__commodity", "price__market"
    ).get(pk=pk)
    person, today = row.line.member.person, timezone.localdate(now)
    row.why = _kept_back(row.line, person, today)
    text = "" if row.why else price_text(row.price, row.line.language, today)
    reached = True
    if person is None or not text:
        row.state, row.why = PriceMessageState.DROPPED, row.why or "NOTHING"
    else:
        phone = person.phone
        fault = outgoing.hand_over(
            row,
            lambda: texting.send(row.pk, phone, text),
            WAITS,
            PriceMessageState.FAILED,
            now,
        )
        reached = fault is None or fault.final
    outgoing.settle(row)
    return reached


def _kept_back(line: PriceLine, person: Person | None, today: date) -> str:
    """Why nothing may be sent to her now; empty when it may."""
    if line.ended_at is not None:
        return "ENDED"
    if person is None or line.member.left_date is not None:
        return "LEFT"
    if person.pk in hidden_from_all():
        return "APART"
    if not has_consent(person, ConsentPurpose.SERVICE, on=today):
        return "CONSENT"
    return "" if person.phone else "NO_TELEPHONE"
