"""Reads of groups used in more than one place: money now, members, meetings, coverage."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from handup.groups.models import (
    Constitution,
    Cycle,
    Delivery,
    Fine,
    Group,
    GroupFact,
    InternalLoan,
    Meeting,
    Member,
)
from handup.groups.models.facts import VOID, MeetingKind, MeetingStatus
from handup.groups.rules.loans import ChargeBasis, Counting, InternalTerms
from handup.groups.rules.money import LOAN, SOCIAL, MoneyState, add_facts, rate_of
from handup.ledger.balances import balances_of_roles
from handup.ledger.models import Line
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.org.models import Area, StaffUser
from handup.org.prepared import prepared, prepared_records

SOCIAL_FUND_ID = UUID("00000000-0000-7000-8000-00000000050c")
BULK_FUND_ID = UUID("00000000-0000-7000-8000-00000000050d")
"""The money of members for what a group buys together; no meeting counts it."""
FUND_IDS = {LOAN: UNRESTRICTED_ID, SOCIAL: SOCIAL_FUND_ID}
FUND_NAMES = {fund_id: fund for fund, fund_id in FUND_IDS.items()}
BY_SUBJECT = {"SAVINGS": "member", "LOANS": "internal_loan", "INTEREST_INCOME": "internal_loan"}


def money_now(group: Group, on: date | None = None) -> MoneyState:
    """Return what the books say, and on top of it what the open meeting recorded but has not yet
    posted."""
    held = balances_of_roles(group.book, ("CASH", *BY_SUBJECT), on=on)
    cash = dict.fromkeys(FUND_IDS, 0)
    by_subject: dict[str, dict[str, int]] = {role: defaultdict(int) for role in BY_SUBJECT}
    for item in held:
        if item.role == "CASH":
            if item.fund in FUND_NAMES:
                cash[FUND_NAMES[item.fund]] += item.units
        elif item.subject_kind == BY_SUBJECT[item.role]:
            by_subject[item.role][str(item.subject)] += item.units
    charged = by_subject["INTEREST_INCOME"]
    if by_subject["LOANS"]:
        for loan, units in charges_before(group).items():
            charged[loan] -= units
    state = MoneyState(
        cash=cash,
        savings=_negated(by_subject["SAVINGS"]),
        principal={loan: units for loan, units in by_subject["LOANS"].items() if units},
        charge_paid=_negated(charged),
    )
    return add_facts(state, _unposted(group.pk, on))


@prepared
def _unposted(group_id: UUID, on: date | None) -> QuerySet[Any, Any]:
    """What the open meeting recorded until a day."""
    facts = GroupFact.objects.filter(
        group_id=group_id, meeting__status=MeetingStatus.OPEN, reversed_by=None
    )
    if on is not None:
        facts = facts.filter(happened_date__lte=on)
    return facts.order_by("seq").values_list("name", "body")


def charges_before(group: Group) -> dict[str, int]:
    """What was paid of charges before the group began here, by the loans it carried in; it is in no
    book, as the group keeps it among the rest of earlier times."""
    rows = group.internal_loans.filter(fact__name="record_opening_balances")
    told = rows.values_list("pk", "fact__body")
    return {str(pk): body["charge_paid"] for pk, body in told if body.get("charge_paid")}


def _negated(sums: Mapping[str, int]) -> dict[str, int]:
    """What a debt or an income holds, as its owner reads it; zeros are left out."""
    return {subject: -units for subject, units in sums.items() if units}


def alike(staff: StaffUser, name: str, kind: str, area: Area) -> list[Group]:
    """Groups of this name, kind and area that a staff member may see: perhaps the same again. Case
    and spaces do not count."""
    told = " ".join(name.split()).casefold()
    rows = Group.objects.visible_to(staff).filter(kind=kind, area=area, practice=False)
    return [row for row in rows if " ".join(row.name.split()).casefold() == told]


def constitution_on(group: Group, on: date | None = None) -> Constitution:
    """Return the version in force on a day (None: the latest)."""
    versions = group.constitutions.order_by("-version")
    if on is not None:
        versions = versions.filter(effective_date__lte=on)
    found = versions.first()
    return found or group.constitutions.get(version=1)


def saved_in_cycle(meeting: Meeting) -> dict[str, int]:
    """What each member has saved in the meetings of this meeting's cycle; keys are ids as text."""
    facts = GroupFact.objects.filter(
        group_id=meeting.group_id,
        name="record_saving",
        meeting__cycle_id=meeting.cycle_id,
        reversed_by=None,
    ).exclude(meeting__status__in=VOID)
    rows = facts.annotate(
        member=KeyTextTransform("member", "body"),
        units=Cast(KeyTextTransform("units", "body"), BigIntegerField()),
    )
    return dict(rows.values_list("member").annotate(total=Sum("units")).order_by())


def shares_in(cycle: Cycle, numbers: Mapping[UUID, int]) -> dict[int, int]:
    """Shares bought in closed meetings since the cycle before ended, by member number: none of
    those already paid out, to leavers or all. A meeting belongs to the cycle it was opened in, so
    what follows the end of the cycle before is looked for there too."""
    named = ("buy_shares", "record_opening_balances", "pay_leaver", "settle_share_out", "end_cycle")
    rows = GroupFact.objects.filter(
        group_id=cycle.group_id,
        name__in=named,
        meeting__cycle__number__in=(cycle.number - 1, cycle.number),
        meeting__status=MeetingStatus.CLOSED,
    ).exclude(reversed_by__meeting__status=MeetingStatus.CLOSED)
    shares: dict[int, int] = {}
    is_of_it = False
    ordered = rows.order_by("meeting__number", "stream", "seq")
    for name, body, number in ordered.values_list("name", "body", "meeting__cycle__number"):
        is_of_it = is_of_it or number == cycle.number or name == "end_cycle"
        if not is_of_it:
            continue
        if name in {"settle_share_out", "end_cycle"}:
            shares.clear()
        elif "member" in body:
            member = numbers[UUID(body["member"])]
            bought = body.get("shares", 0)
            shares[member] = 0 if name == "pay_leaver" else shares.get(member, 0) + bought
    return shares


def last_share_out(group: Group) -> int | None:
    """What the last share-out came to, all members together, in smallest units; None before the
    first."""
    found = last_shared_out(group.pk)
    return sum(line["gross"] for line in found[0][0]["lines"]) if found else None


@prepared
def last_shared_out(group_id: UUID) -> QuerySet[Any, Any]:
    """What the last share-out that stands said."""
    told = GroupFact.objects.filter(
        group_id=group_id,
        name="settle_share_out",
        meeting__status=MeetingStatus.CLOSED,
        reversed_by=None,
    )
    return told.order_by("-meeting__number", "-seq").values_list("body")[:1]


def saved_moves(group: Group, numbers: Mapping[UUID, int]) -> list[tuple[int, date, int]]:
    """What the savings of each member rose or fell by, on which day: from the book, and what the
    open meeting recorded and has not posted; in smallest units, by member number."""
    lines = Line.objects.filter(
        entry__book=group.book,
        account__in=group.book.roles.filter(role="SAVINGS").values("account"),
        subject_kind="member",
    )
    rows = lines.values_list("subject_id", "entry__happened_date", "units")
    told = [
        (numbers[pk], day, -units) for pk, day, units in rows if pk is not None and pk in numbers
    ]
    open_facts = GroupFact.objects.filter(
        group=group,
        name__in=("record_saving", "buy_shares"),
        meeting__status=MeetingStatus.OPEN,
        reversed_by=None,
    )
    for day, body in open_facts.values_list("happened_date", "body"):
        told.append((numbers[UUID(body["member"])], day, body["units"]))
    return told


def saving_days(meeting: Meeting) -> list[date]:
    """The days of its cycle on which members save: its ordinary meetings up to this one."""
    meetings = Meeting.objects.filter(
        Q(kind=MeetingKind.ORDINARY) | Q(pk=meeting.pk),
        group_id=meeting.group_id,
        cycle_id=meeting.cycle_id,
        held_date__lte=meeting.held_date,
    )
    days = meetings.exclude(status__in=VOID).order_by("held_date")
    return list(days.values_list("held_date", flat=True))


def terms_of(loan: InternalLoan) -> InternalTerms:
    """Return the frozen terms of an internal loan as the rules see them."""
    return InternalTerms(
        principal=loan.principal_units,
        rate=rate_of(loan.rate_bps),
        basis=ChargeBasis(loan.basis),
        term_periods=loan.term_periods,
        period_days=loan.period_days,
        counting=Counting(loan.counting),
    )


def members_on(group: Group, on: date) -> QuerySet[Member]:
    """Members of a group on a day, in the order of their numbers."""
    return (
        group.members.filter(joined_date__lte=on)
        .filter(Q(left_date=None) | Q(left_date__gt=on))
        .select_related("person", "member_group")
        .order_by("member_no")
    )


def members_seen(staff: StaffUser, group: Group, on: date) -> QuerySet[Member]:
    """Those members of a group on a day whom a staff member may see."""
    return members_on(group, on).filter(pk__in=Member.objects.visible_to(staff).values("pk"))


def days_not_whole(staff: StaffUser, group: Group) -> set[tuple[UUID, date]]:
    """The points and days at which somebody delivered whom a staff member does not see: what was
    declared there, less what she sees, would be that delivery."""
    rows = Delivery.objects.filter(group=group, is_reversed=False)
    hidden = rows.exclude(
        pk__in=Delivery.objects.visible_to(staff).filter(group=group).values("pk")
    )
    return set(hidden.order_by().values_list("point", "delivered_date"))


def payers_on(group: Group, on: date) -> QuerySet[Member]:
    """Members of a group on a day, and those who left and still owe a loan or a fine."""
    members = Q(left_date=None) | Q(left_date__gt=on)
    owing = Exists(InternalLoan.objects.filter(member=OuterRef("pk"), status="OPEN")) | Exists(
        Fine.objects.filter(member=OuterRef("pk"), waived=False, paid_units__lt=F("units"))
    )
    return (
        group.members.filter(joined_date__lte=on)
        .filter(members | Q(owing))
        .select_related("person", "member_group")
        .order_by("member_no")
    )


def payers_seen(staff: StaffUser, group: Group, on: date) -> QuerySet[Member]:
    """Those who may pay in a meeting of that day and whom a staff member may see."""
    return payers_on(group, on).filter(pk__in=Member.objects.visible_to(staff).values("pk"))


def open_meeting_of(group: Group) -> Meeting | None:
    """The meeting still open, if any."""
    meeting = next(iter(_open_meetings(group.pk)), None)
    if meeting is not None:
        meeting.group = group
    return meeting


@prepared_records
def _open_meetings(group_id: UUID) -> QuerySet[Meeting, Meeting]:
    return Meeting.objects.filter(group_id=group_id, status=MeetingStatus.OPEN)[:1]


def groups_active_on(programme_ids: Iterable[UUID], on: date) -> QuerySet[Group]:
    """Groups formed by that day and not closed; practice groups never count."""
    return Group.objects.filter(
        programme_id__in=list(programme_ids), formed_date__lte=on, practice=False
    ).exclude(status="CLOSED")


def memberships_of(person_id: UUID) -> QuerySet[Member]:
    """A person's memberships, the newest first."""
    return (
        Member.objects.filter(person_id=person_id).select_related("group").order_by("-joined_date")
    )


def member_counts(groups: QuerySet[Group], on: date) -> dict[UUID, int]:
    """Members a group on a day."""
    rows = (
        Member.objects.filter(group__in=groups, joined_date__lte=on)
        .filter(Q(left_date=None) | Q(left_date__gt=on))
        .values("group_id")
        .annotate(n=Count("id"))
    )
    return {row["group_id"]: row["n"] for row in rows}
