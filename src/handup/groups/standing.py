"""Who of a group stands where: dues owed and overdue, and who has a vote on a day
(groups_cooperatives.md K5, K9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from handup.groups.models import (
    BallotCount,
    DuesInvoice,
    DuesTariff,
    Group,
    Member,
    Representative,
    Resolution,
)
from handup.groups.models.facts import VOID
from handup.groups.models.group import ORDINARY, GroupKind
from handup.groups.queries import members_on
from handup.groups.rules.dues import Standing, base_day, standing_on, years_settled
from handup.groups.rules.votes import Delegates
from handup.org.models import StaffUser
from handup.org.scope import hidden_from


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """A member with what she owes of her dues on a day; `standing` is None where no tariff of her
    category holds."""

    member: Member
    standing: Standing | None
    owed_units: int
    needed_to_vote: bool
    is_represented: bool = True
    """False of a firm that named nobody to vote for it."""

    @property
    def pk(self) -> UUID:
        """The member's id, so that a table can lead to her."""
        return self.member.pk

    @property
    def may_vote(self) -> bool:
        """Nobody in arrears votes, where the association voted so, nor a firm without anybody who
        votes for it."""
        return self.is_represented and self.dues_in_order

    @property
    def dues_in_order(self) -> bool:
        """Whether her dues let her vote and stand."""
        return self.standing is None or not self.needed_to_vote or self.standing.may_vote


def tariffs_of(group: Group) -> dict[str, list[DuesTariff]]:
    """The tariffs of a group by category, the oldest first."""
    found: dict[str, list[DuesTariff]] = defaultdict(list)
    for row in group.dues_tariffs.order_by("from_date"):
        found[row.category].append(row)
    return found


def tariff_on(tariffs: Sequence[DuesTariff], on: date) -> DuesTariff | None:
    """The one in force on a day."""
    holding = [row for row in tariffs if row.from_date <= on]
    return holding[-1] if holding else None


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The tariffs of a group by category, and since when each member pays as what."""

    rows: Mapping[str, Sequence[DuesTariff]]
    changes: Mapping[str, Sequence[tuple[date, str]]]

    @classmethod
    def of(cls, group: Group) -> "Tariffs":
        """Read both; the category a member pays from a day on is told by its fact."""
        changes: dict[str, list[tuple[date, str]]] = defaultdict(list)
        facts = group.facts.filter(name="set_dues_category").order_by("seq")
        for body, happened in facts.values_list("body", "happened_date"):
            since = date.fromisoformat(body["from"]) if "from" in body else happened
            changes[body["member"]].append((since, body["category"]))
        return cls(tariffs_of(group), changes)

    def on(self, member: Member, day: date) -> DuesTariff | None:
        """The tariff in force on a day for the category she pays in on it."""
        category = ORDINARY
        for since, named in self.changes.get(str(member.pk), ()):
            category = named if since <= day else category
        return tariff_on(self.rows.get(category, []), day)

    def base(self, member: Member, on: date, written: Collection[date]) -> date:
        """The 1st from which her years are counted."""
        tariff = self.on(member, on)
        first = min((row for rows in self.rows.values() for row in rows), key=_from)
        return base_day(member.joined_date, (tariff or first).day_limit, written)


def _from(row: DuesTariff) -> date:
    return row.from_date


def standings(
    group: Group, on: date, members: Iterable[Member] | None = None
) -> list[MemberStanding]:
    """Where each member of a group stands with her dues on a day, in the order of their numbers;
    of `members` only when they are given."""
    tariffs = Tariffs.of(group)
    invoices: dict[UUID, list[DuesInvoice]] = defaultdict(list)
    for row in group.dues.order_by("due_date"):
        invoices[row.member_id].append(row)
    rows = list(members_on(group, on) if members is None else members)
    silent = firms_without_vote(group, on)
    if not tariffs.rows:
        found = [MemberStanding(one, None, 0, needed_to_vote=False) for one in rows]
    else:
        found = [_standing(one, tariffs, invoices[one.pk], on) for one in rows]
    return [replace(one, is_represented=one.pk not in silent) for one in found]


def firms_without_vote(group: Group, on: date) -> set[UUID]:
    """The members of an association that are firms and have nobody who votes for them on a day."""
    if group.kind != GroupKind.ASSOCIATION:
        return set()
    named = Representative.objects.filter(member__group=group, from_date__lte=on)
    votes = named.filter(Q(to_date=None) | Q(to_date__gt=on)).values("member")
    return set(named.exclude(member__in=votes).values_list("member", flat=True))


def _standing(
    member: Member, tariffs: Tariffs, invoices: Sequence[DuesInvoice], on: date
) -> MemberStanding:
    owed = sum(row.left_units for row in invoices)
    tariff = tariffs.on(member, on)
    if tariff is None:
        return MemberStanding(member, None, owed, needed_to_vote=False)
    unpaid = {row.due_date for row in invoices if row.left_units}
    settled = {row.due_date for row in invoices} - unpaid
    base = tariffs.base(member, on, settled | unpaid)

    def owed_then(due: date) -> bool:
        then = tariffs.on(member, due)
        return then is not None and then.units > 0

    standing = standing_on(
        on,
        joined=base,
        day_limit=1,
        years_paid=years_settled(base, on, settled=settled, unpaid=unpaid, owed=owed_then),
        drop_after_days=tariff.drop_after_days,
    )
    return MemberStanding(member, standing, owed, needed_to_vote=tariff.needed_to_vote)


def voters_on(group: Group, on: date) -> list[Member]:
    """The members who have a vote on a day: without those in arrears, where dues are needed, and
    without firms for which nobody votes."""
    if not group.dues_tariffs.exists():
        silent = firms_without_vote(group, on)
        return [one for one in members_on(group, on) if one.pk not in silent]
    return [row.member for row in standings(group, on) if row.may_vote]


UPPER = (GroupKind.COOP_SECONDARY, GroupKind.FEDERATION)
"""Tiers whose members are groups."""


def delegates_rule(group: Group, on: date) -> Delegates:
    """How many delegates a member group sends, by the statutes of a day; one each where there are
    none (groups_cooperatives.md K5)."""
    found = group.statutes.filter(from_date__lte=on).order_by("-version").first()
    settings = found.settings if found else {}
    if not settings.get("delegate_size"):
        return Delegates()
    return Delegates(settings["delegate_size"], settings["delegate_min"], settings["delegate_max"])


def sizes_on(groups: Collection[UUID], on: date) -> dict[UUID, int]:
    """How many members groups have on a day."""
    rows = Member.objects.filter(group__in=groups, joined_date__lte=on)
    rows = rows.filter(Q(left_date=None) | Q(left_date__gt=on)).order_by()
    return dict(rows.values_list("group").annotate(count=Count("pk")))


def votes_of_members(group: Group, on: date) -> dict[UUID, int]:
    """The votes of each member with a vote on a day, by her id: one, or in an upper tier as many as
    the delegates a member group sends."""
    voters = voters_on(group, on)
    rule = delegates_rule(group, on) if group.kind in UPPER else Delegates()
    if rule.size is None:
        return dict.fromkeys((one.pk for one in voters), 1)
    sizes = sizes_on([one.member_group_id for one in voters if one.member_group_id], on)
    return {
        one.pk: rule.votes_of(sizes.get(one.member_group_id, 0)) if one.member_group_id else 1
        for one in voters
    }


def votes_on(group: Group, on: date) -> int:
    """How many votes there are on a day: one a member, in an upper tier one a delegate."""
    return sum(votes_of_members(group, on).values())


def unseen_votes(staff: StaffUser, group: Group, on: date) -> dict[UUID, int]:
    """The votes on a day of the members a reader may not know of, by member."""
    hidden = hidden_from(staff)
    rows = group.members.filter(person__in=hidden) if hidden else group.members.none()
    pks = list(rows.values_list("pk", flat=True))
    if not pks:
        return {}
    votes = votes_of_members(group, on)
    return {pk: votes[pk] for pk in pks if pk in votes}


def seen_votes(staff: StaffUser, group: Group, kept: int, on: date) -> int:
    """A number of votes on a day as a reader is told it: without those of members she may not know
    of, whose votes the group's own count holds (docs/decisions/0020)."""
    return kept - sum(unseen_votes(staff, group, on).values())


def seen_members(staff: StaffUser, row: Resolution) -> int:
    """How many votes there were when a decision was counted, as a reader is told it: never fewer
    than were given."""
    on = row.decided_date or (row.meeting.held_date if row.meeting else localdate(row.recorded_at))
    return max(row.present, seen_votes(staff, row.group, row.members, on))


def seen_count(staff: StaffUser, row: BallotCount) -> int:
    """The same of a round of ballots."""
    return max(row.ballots, seen_votes(staff, row.election.group, row.registered, row.counted_date))


def last_vote(group: Group) -> date | None:
    """The day of the last vote of a group that is counted: in its meetings that are kept, outside
    them, or for an office."""
    held = group.resolutions.exclude(meeting__status__in=VOID)
    votes = held.annotate(on=Coalesce("decided_date", "meeting__held_date"))
    ballots = BallotCount.objects.filter(election__group=group)
    days = (
        votes.aggregate(last=Max("on"))["last"],
        ballots.aggregate(last=Max("counted_date"))["last"],
    )
    return max((day for day in days if day is not None), default=None)


def may_stand(member: Member, on: date) -> bool:
    """Tell whether a member may be elected on a day: her dues are in order, where they are
    needed."""
    if not member.group.dues_tariffs.exists():
        return True
    (row,) = standings(member.group, on, [member])
    return row.dues_in_order
