"""Members of a group: who joins, who leaves, who holds an office."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from handup.groups.errors import (
    AlreadyAMember,
    DuesInArrears,
    InTheFuture,
    JoinedAgainBefore,
    JoinedBefore,
    JoinsTooLate,
    LeftBefore,
    NobodyNamed,
    NoSuchOffice,
    NotAMember,
    NumberTaken,
    OwnMember,
    TermBefore,
    TermLimit,
    TwoOffices,
)
from handup.groups.models import Cycle, Group, Member, OfficeTerm
from handup.groups.models.facts import VOID
from handup.groups.models.group import CycleStatus, LeaveReason, MemberStatus
from handup.groups.phones import tell_arrived
from handup.groups.queries import constitution_on, money_now, terms_of
from handup.groups.rules.checks import stand_for_board
from handup.groups.rules.constitution import completed
from handup.groups.rules.elections import BESIDE, NO_TERMS, in_a_row
from handup.groups.rules.money import owed_on
from handup.groups.rules.voted import names_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.standing import may_stand
from handup.kernel.chain import Json
from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.services.store import PersonErased


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person or a group of a lower tier joining; the number follows on when none is given."""

    joined_date: date
    person: Person | None = None
    member_group: Group | None = None
    member_no: int | None = None
    id: UUID | None = field(default=None)


@transaction.atomic
def admit_members(
    *, acting_staff: StaffUser, group: Group, members: Iterable[NewMember]
) -> list[Member]:
    """Admit persons or member groups; numbers are never used again.

    A device's id that is already admitted with the same content returns that member unchanged.
    Raises AlreadyAMember, NobodyNamed, OwnMember, JoinedBefore, JoinedAgainBefore, JoinsTooLate,
    InTheFuture, NumberTaken, PersonErased, SameIdOtherContent.
    """
    require(acting_staff, "groups.admit_member", group)
    stream = Stream.locked(group)
    stream.constitution_version = constitution_on(group).version
    roll = _Roll(group)
    rows, facts, found = [], [], []
    for new in members:
        if (known := _known_member(acting_staff, group, new)) is not None:
            found.append(known)
            continue
        row = Member(
            id=new.id or new_id(),
            group=group,
            member_no=roll.number_for(new),
            person=new.person,
            member_group=new.member_group,
            joined_date=new.joined_date,
        )
        rows.append(row)
        found.append(row)
        told: dict[str, Json] = {"member": str(row.pk), "member_no": row.member_no}
        facts.append(FactIn("admit_member", told, new.joined_date))
    Member.objects.bulk_create(rows)
    stream.append(facts, acting_staff)
    audit.record_many(audit.line(acting_staff, "groups.admit_member", row) for row in rows)
    if rows:
        tell_arrived(group, acting_staff)
    return found


def weeks_into(cycle: Cycle | None, on: date) -> int | None:
    """The week of a cycle a day lies in, from 1; None before it or without one."""
    if cycle is None or on < cycle.start_date:
        return None
    return (on - cycle.start_date).days // 7 + 1


class _Roll:
    """Who is and was a member, while new ones are admitted under the group's lock."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.today = timezone.localdate()
        self.last_left: dict[tuple[UUID | None, UUID | None], date | None] = {}
        self.numbers: set[int] = set()
        rows = group.members.order_by(F("left_date").asc(nulls_last=True)).values_list(
            "member_no", "person_id", "member_group_id", "left_date"
        )
        for number, person, member_group, left in rows:
            self.numbers.add(number)
            self.last_left[person, member_group] = left
        self.highest = max(self.numbers, default=0)
        self.cycle = group.cycles.exclude(status=CycleStatus.CLOSED).first()
        settings = completed(constitution_on(group).settings)
        until, ends = settings["join_until_week"], settings["cycle_weeks"]
        shares_out = settings["cycle_kind"] == "SHARE_OUT"
        self.closed_weeks = range(until + 1, (ends if shares_out else until) + 1)

    def number_for(self, new: NewMember) -> int:
        """Check one newcomer, note her and return her number."""
        person = new.person.pk if new.person else None
        member_group = new.member_group.pk if new.member_group else None
        if (person is None) == (member_group is None):
            raise NobodyNamed(field="person")
        if new.person is not None and new.person.erased_date is not None:
            raise PersonErased(field="person")
        if member_group == self.group.pk:
            raise OwnMember(field="member_group")
        self._check_dates(new, (person, member_group))
        number = self.highest + 1 if new.member_no is None else new.member_no
        if number < 1 or number in self.numbers:
            raise NumberTaken(field="member_no", number=number)
        self.numbers.add(number)
        self.highest = max(self.highest, number)
        self.last_left[person, member_group] = None
        return number

    def _check_dates(self, new: NewMember, key: tuple[UUID | None, UUID | None]) -> None:
        if key in self.last_left:
            left = self.last_left[key]
            if left is None:
                raise AlreadyAMember(field="person")
            if new.joined_date < left:
                raise JoinedAgainBefore(field="joined_date", left=left)
        if new.joined_date < self.group.formed_date:
            raise JoinedBefore(field="joined_date", formed=self.group.formed_date)
        if new.joined_date > self.today:
            raise InTheFuture(field="joined_date", today=self.today)
        if weeks_into(self.cycle, new.joined_date) in self.closed_weeks:
            raise JoinsTooLate(field="joined_date", weeks=self.closed_weeks.start - 1)


def _known_member(staff: StaffUser, group: Group, new: NewMember) -> Member | None:
    """The member admitted under this id. Raises SameIdOtherContent."""
    content: dict[str, Any] = {
        "group": group,
        "person": new.person,
        "member_group": new.member_group,
        "joined_date": new.joined_date,
    }
    if new.member_no is not None:
        content["member_no"] = new.member_no
    return already_stored(Member, new.id, staff, **content)


@transaction.atomic
def end_membership(
    *,
    acting_staff: StaffUser,
    member: Member,
    left_date: date,
    reason: LeaveReason,
    reason_text: str = "",
) -> Member:
    """End a membership and her offices; her number is not used again, and who owes more than she
    saved is shown so.

    The fact, which nobody can blank later, and the audit line hold the code alone; what she says
    is sealed beside the member. Raises NotAMember when it has already ended, LeftBefore,
    InTheFuture.
    """
    require(acting_staff, "groups.end_membership", member.group)
    stream = Stream.locked(member.group)
    stored = Member.objects.select_related("group__book").get(pk=member.pk)
    if stored.left_date is not None:
        raise NotAMember(member=stored.member_no)
    _check_leaving(stored, left_date)
    stream.constitution_version = constitution_on(stored.group).version
    code = LeaveReason(reason).value
    body: dict[str, Json] = {"member": str(stored.pk), "reason": code}
    stream.append([FactIn("end_membership", body, left_date)], acting_staff)
    stored.left_date = left_date
    stored.left_reason, stored.left_reason_text = code, reason_text.strip()
    stored.status = _status_after(stored, left_date, died=reason == LeaveReason.DIED)
    stored.save(update_fields=("left_date", "left_reason", "left_reason_text", "status"))
    end_callings(stored, left_date)
    audit.record(acting_staff, "groups.end_membership", stored, {"reason": code})
    return stored


def end_callings(member: Member, on: date) -> None:
    """The offices of whoever leaves end, and that she speaks for her group in the tier above; of a
    firm nobody votes for it any more."""
    member.representatives.filter(to_date=None).update(to_date=on)
    member.office_terms.filter(to_date=None).update(to_date=on)
    member.delegations.filter(to_date=None).update(to_date=on)
    member.delegates.filter(to_date=None).update(to_date=on)


def _check_leaving(member: Member, left_date: date) -> None:
    """She left after she joined, after every meeting that marks her, every office she took up and
    whoever was named to vote for her firm, and not after today."""
    took_up = member.office_terms.aggregate(last=Max("from_date"))["last"]
    named = member.representatives.aggregate(last=Max("from_date"))["last"]
    marked = member.attendance.exclude(meeting__status__in=VOID)
    last = marked.aggregate(last=Max("meeting__held_date"))["last"]
    if left_date < (after := max(filter(None, (last, took_up, named, member.joined_date)))):
        raise LeftBefore(field="left_date", last=after)
    if left_date > (today := timezone.localdate()):
        raise InTheFuture(field="left_date", today=today)


def _status_after(member: Member, on: date, *, died: bool) -> MemberStatus:
    """LEFT_OWING when her debts are above her savings (groups.md G6)."""
    if died:
        return MemberStatus.DIED
    state = money_now(member.group)
    fines = member.fines.filter(waived=False).aggregate(left=Sum(F("units") - F("paid_units")))
    owed = int(fines["left"] or 0)
    for loan in member.internal_loans.filter(status="OPEN"):
        key = str(loan.pk)
        owed += owed_on(
            terms_of(loan),
            days=(on - loan.paid_out_date).days,
            principal_left=state.principal.get(key, 0),
            charge_paid=state.charge_paid.get(key, 0),
        ).total
    saved = state.savings.get(str(member.pk), 0)
    return MemberStatus.LEFT_OWING if owed > saved else MemberStatus.LEFT


def terms_in_a_row(member: Member, office: str, on: date) -> int:
    """How many terms a member held an office without a break up to a day; the seats of a board are
    one office."""
    terms = member.office_terms.filter(from_date__lte=on).order_by("-from_date")
    return in_a_row(terms.values_list("office", "from_date", "to_date"), office, on)


def due_of(group: Group, office: str, since: date) -> date | None:
    """Until when somebody is elected who takes an office on a day; keys and counting have no
    term."""
    if office.startswith(NO_TERMS):
        return None
    settings = completed(constitution_on(group, since).settings)
    return add_months(since, int(settings["office_term_months"]))


def _require_office(group: Group, office: str, member: Member, on: date) -> None:
    """The office is one the group has, and she holds no other of that kind unless its rules let
    her; keys and counting go beside any. Raises NoSuchOffice, TwoOffices, TermLimit."""
    if office.startswith(NO_TERMS):
        return
    settings = completed(constitution_on(group, on).settings)
    named = names_of(settings["offices"])
    if named and office not in named:
        raise NoSuchOffice(field="office")
    held = group.office_terms.filter(member=member, to_date=None).exclude(office=office)
    held_names = held.values_list("office", flat=True)
    if not settings["two_offices_allowed"] and any(
        not name.startswith(BESIDE) for name in held_names
    ):
        raise TwoOffices(field="member", member=member.member_no)
    served, most = terms_in_a_row(member, office, on), int(settings["office_terms_max"])
    if stand_for_board(terms_served=served, terms_most=most, dues_in_arrears=False):
        raise TermLimit(field="member", member=member.member_no, terms=served)


@transaction.atomic
def elect_officer(
    *, acting_staff: StaffUser, group: Group, office: str, member: Member, from_date: date
) -> OfficeTerm:
    """Let a member take an office; the holder before her ends that day.

    Nobody holds an office more terms in a row than the group voted; keys and counting are no
    offices of that kind. Raises NotAMember, TermBefore, NoSuchOffice, TwoOffices, TermLimit,
    DuesInArrears.
    """
    require(acting_staff, "groups.elect_officer", group)
    stream = Stream.locked(group)
    stored = group.members.filter(pk=member.pk, left_date=None).first()
    if stored is None:
        raise NotAMember(field="member", member=member.member_no)
    if not may_stand(stored, from_date):
        raise DuesInArrears(field="member", member=stored.member_no)
    holder = group.office_terms.filter(office=office, to_date=None).first()
    since = max(filter(None, (stored.joined_date, holder.from_date if holder else None)))
    if from_date < since:
        raise TermBefore(field="from_date", since=since)
    _require_office(group, office, stored, from_date)
    if holder is not None:
        holder.to_date = from_date
        holder.save(update_fields=("to_date",))
    term = OfficeTerm.objects.create(
        group=group,
        office=office,
        member=stored,
        from_date=from_date,
        due_date=due_of(group, office, from_date),
    )
    stream.constitution_version = constitution_on(group).version
    body: dict[str, Json] = {"office": office, "member": str(stored.pk)}
    stream.append([FactIn("elect_officer", body, from_date)], acting_staff)
    audit.record(acting_staff, "groups.elect_officer", group, {"office": office})
    return term
