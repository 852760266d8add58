"""Money of a group that lies at a bank or on a phone account, in a meeting of the office: it is
taken there or fetched, and the statement is read against the book (groups.md G4 C1, C2, C7)."""

from uuid import UUID

from django.db import transaction

from handup.groups.errors import AmountTooLarge
from handup.groups.models import Group, GroupFact, Meeting
from handup.groups.models.dues import Place
from handup.groups.models.facts import MeetingStatus
from handup.groups.queries import FUND_IDS, FUND_NAMES, constitution_on, money_now
from handup.groups.rules.constitution import completed
from handup.groups.services.facts import FactIn, Held
from handup.kernel.chain import LIMIT, Json
from handup.kernel.errors import Refusal
from handup.ledger.balances import balances_of_roles
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

PERMISSION = "groups.record_in_meeting"
MOVE, READ = "move_money", "record_statement"


class SamePlace(Refusal):
    """Choose two places that are not the same."""


class NotSoMuchThere(Refusal):
    """Only {held} lies there."""


class StatementDiffers(Refusal):
    """The statement says {stated}, the book {held}. Write down why they differ."""


class NoSuchStatement(Refusal):
    """Choose a fund of the group, and the bank or the phone account."""


def away_now(group: Group) -> dict[tuple[str, str], int]:
    """What lies outside the box by fund and place, in smallest units: by the books, and by what an
    open meeting recorded and has not posted."""
    away = {(fund, place): 0 for fund in FUND_IDS for place in (Place.BANK.value, "MOBILE")}
    for item in balances_of_roles(group.book, ("BANK", "MOBILE")):
        if item.fund in FUND_NAMES:
            away[FUND_NAMES[item.fund], item.role] += item.units
    told = group.facts.filter(
        name__in=(MOVE, READ), meeting__status=MeetingStatus.OPEN, reversed_by=None
    )
    for name, body in told.values_list("name", "body"):
        ways = (("from", -1), ("to", 1)) if name == MOVE else (("place", 1),)
        for end, sign in ways:
            if body[end] != Place.BOX:
                units = body["units"] if name == MOVE else body.get("difference", 0)
                away[body["fund"], body[end]] += sign * units
    return away


def unread(meeting: Meeting) -> list[tuple[str, str]]:
    """Fund and place of money that lay away before this meeting and whose statement the rules ask
    for and nobody has read in it."""
    settings = completed(constitution_on(meeting.group, meeting.held_date).settings)
    if not settings["count_by_statement"]:
        return []
    before = away_now(meeting.group)
    facts = list(meeting.facts.filter(name__in=(MOVE, READ), reversed_by=None))
    read = {(fact.body["fund"], fact.body["place"]) for fact in facts if fact.name == READ}
    for fact in facts:
        if fact.name == MOVE:
            for end, sign in (("from", 1), ("to", -1)):
                key = (fact.body["fund"], fact.body[end])
                if key in before:
                    before[key] += sign * fact.body["units"]
    return [key for key, units in before.items() if units and key not in read]


def _known(held: Held, id: UUID | None, name: str, told: dict[str, Json]) -> GroupFact | None:
    """The fact of this id where it says the same. Raises SameIdOtherContent."""
    known = GroupFact.objects.filter(pk=id).first() if id is not None else None
    if known is None:
        return None
    same = known.meeting_id == held.meeting.pk and known.name == name
    if not same or any(known.body.get(key) != value for key, value in told.items()):
        raise SameIdOtherContent(field="id")
    return known


@transaction.atomic
def move_money(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    fund: str,
    source: Place,
    to: Place,
    units: int,
    id: UUID | None = None,
) -> GroupFact:
    """Record that money of a fund was taken from one place to another, in an open meeting. The same
    id again returns it unchanged.

    Raises SamePlace, NoSuchStatement, NotSoMuchThere, MeetingNotOpen, PhoneKeepsRecord,
    SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, meeting.group)
    held = Held.of(meeting)
    body: dict[str, Json] = {"fund": fund, "from": source.value, "to": to.value, "units": units}
    if (known := _known(held, id, MOVE, body)) is not None:
        return known
    held.require_open()
    if source == to:
        raise SamePlace(field="to")
    if fund not in FUND_IDS:
        raise NoSuchStatement(field="fund")
    group = held.meeting.group
    box = money_now(group).cash.get(fund, 0)
    there = box if source == Place.BOX else away_now(group)[fund, source.value]
    if not 0 < units <= there:
        raise NotSoMuchThere(field="units", held=format_money(max(0, there), group.currency))
    (fact,) = held.stream.append([FactIn(MOVE, body, held.meeting.held_date, id)], acting_staff)
    audit.record(acting_staff, PERMISSION, held.meeting, {"moved": units})
    return fact


@transaction.atomic
def record_statement(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    fund: str,
    place: Place,
    units: int,
    reason: str = "",
    id: UUID | None = None,
) -> GroupFact:
    """Record what a statement says of a fund, in an open meeting; where the book says another sum,
    the reason is written down and the book follows when the meeting is closed. The same id again
    returns it unchanged.

    Raises NoSuchStatement, StatementDiffers, AmountTooLarge, MeetingNotOpen, PhoneKeepsRecord,
    SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, meeting.group)
    held = Held.of(meeting)
    body: dict[str, Json] = {"fund": fund, "place": place.value, "units": units}
    if (known := _known(held, id, READ, body)) is not None:
        return known
    held.require_open()
    group = held.meeting.group
    book = away_now(group).get((fund, place.value))
    if book is None:
        raise NoSuchStatement(field="place")
    if not 0 <= units < LIMIT:
        raise AmountTooLarge(field="units")
    difference = units - book
    if difference and not reason.strip():
        stated, kept = (format_money(sum, group.currency) for sum in (units, book))
        raise StatementDiffers(field="reason", stated=stated, held=kept)
    if difference:
        body |= {"difference": difference, "reason": reason.strip()}
    (fact,) = held.stream.append([FactIn(READ, body, held.meeting.held_date, id)], acting_staff)
    audit.record(acting_staff, PERMISSION, held.meeting, {"difference": difference})
    return fact
