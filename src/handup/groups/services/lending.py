"""A loan from the group's box to a member: limit, vote, pay-out (groups.md G3)."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.groups.errors import (
    BorrowerNotThere,
    CycleClosing,
    NotAMember,
    NothingToLend,
    TermTooLong,
    TooManyLoans,
    UnknownFund,
    VoteNotPassed,
)
from handup.groups.models import (
    Group,
    GroupFact,
    InternalLoan,
    Meeting,
    Member,
    Resolution,
)
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus
from handup.groups.queries import FUND_IDS, members_on, money_now
from handup.groups.rules.constitution import completed
from handup.groups.rules.loans import AboveLimit, Limit, member_limit, require_lendable
from handup.groups.rules.money import LOAN
from handup.groups.rules.savings import require_coins
from handup.groups.rules.voted import needed_for
from handup.groups.rules.votes import Count, require_fair
from handup.groups.services.facts import FactIn, Held
from handup.groups.services.passing import require_passed
from handup.groups.services.sheet import VOTING
from handup.groups.standing import unseen_votes, votes_of_members
from handup.kernel.chain import Json
from handup.ledger.balances import balances_of_roles
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


class LoanAboveLimit(AboveLimit):
    """At most {most} may be borrowed now."""


PROMISED = ("CLAIMS", "MEMBERS_DUE")
"""What the loan fund holds for members already: it is paid before anything is lent."""


@transaction.atomic
def pay_out_loan(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    member: Member,
    units: int,
    term_periods: int,
    yes: int,
    no: int = 0,
    abstain: int = 1,
    purpose: str = "",
    fund: str = LOAN,
    id: UUID | None = None,
) -> InternalLoan:
    """Pay out a voted loan; only members with a vote who are present or late count, and the
    borrower, where she is one of them, among those who abstain (in an upper tier the delegates
    vote). fund: whose box lends; the social fund only where the constitution says so.

    Raises LoanAboveLimit, FundNotLendable, VoteNotPassed, NoQuorum, TooFewVotes,
    MoreVotesThanPresent, ConflictOfInterest, CycleClosing, TermTooLong, TooManyLoans,
    BorrowerNotThere, UnknownFund, SameIdOtherContent; nothing moves then.
    """
    require(acting_staff, "groups.record_in_meeting", meeting.group)
    held = Held.of(meeting)
    known = already_stored(
        InternalLoan,
        id,
        acting_staff,
        member=member,
        principal_units=units,
        term_periods=term_periods,
        purpose=purpose,
        fund=fund,
    )
    if known is not None:
        return _same_vote(known, held.meeting, (yes, no, abstain))
    if units <= 0:
        raise NothingToLend(field="units")
    held.require_open()
    if held.meeting.cycle.status != CycleStatus.OPEN:
        raise CycleClosing
    meeting, settings = held.meeting, completed(held.constitution.settings)
    require_coins(units, settings["cash_unit_units"], field="units")
    if fund not in FUND_IDS:
        raise UnknownFund(field="fund", fund=fund)
    require_lendable(fund != LOAN, settings["social_lendable"])
    _check_member(meeting, member, settings, term_periods)
    limit = _limit(member, settings, units, fund)
    votes = votes_of_members(meeting.group, meeting.held_date)
    count = Count(yes=yes, no=no, abstain=abstain, registered=sum(votes.values()))
    resolution = _resolve(acting_staff, held, count, purpose, votes, member)
    loan = _loan(held, member, units, term_periods)
    loan.id, loan.purpose, loan.resolution = id or loan.id, purpose, resolution
    loan.fund = fund
    vote, loan.fact = held.stream.append(
        [_vote(resolution, meeting.held_date), _paid_out(loan, limit)], acting_staff
    )
    loan.save(force_insert=True)
    audit.record(acting_staff, "groups.pay_out_loan", loan, {"units": units, "vote": str(vote.pk)})
    return loan


def _loan(held: Held, member: Member, units: int, term_periods: int) -> InternalLoan:
    """The loan as it will be stored, with the terms the constitution gives it today."""
    settings, paid_out = held.constitution.settings, held.meeting.held_date
    return InternalLoan(
        group=held.meeting.group,
        member=member,
        principal_units=units,
        rate_bps=settings["charge_rate_bps"],
        basis=settings["charge_basis"],
        term_periods=term_periods,
        period_days=settings["charge_period_days"],
        counting=settings["charge_counting"],
        paid_out_date=paid_out,
        due_date=paid_out + timedelta(days=term_periods * settings["charge_period_days"]),
    )


def _same_vote(known: InternalLoan, meeting: Meeting, votes: tuple[int, int, int]) -> InternalLoan:
    """A loan already stored under this id, if it came from the same vote of the same meeting."""
    vote = known.resolution
    if vote is None or vote.meeting_id != meeting.pk or (vote.yes, vote.no, vote.abstain) != votes:
        raise SameIdOtherContent(field="id")
    return known


def _limit(member: Member, settings: Mapping[str, Any], units: int, fund: str) -> Limit:
    """What this member may borrow now: more than that, or than the box of the fund holds beside
    what is promised to members, is refused (G3, G6)."""
    group = member.group
    state = money_now(group)
    held = balances_of_roles(group.book, (*PROMISED, "OUTSIDE_DEBT"))
    posted = -sum(item.units for item in held if item.role in PROMISED)
    promised = posted + _promised_here(group) if fund == LOAN else 0
    debt = -sum(item.units for item in held if item.role == "OUTSIDE_DEBT")
    multiple = settings[f"loan_multiple{'_outside' if debt > 0 else ''}_x100"]
    cash = max(0, state.cash[fund] - promised)
    loans = group.internal_loans.filter(member=member, status="OPEN").values_list("pk", flat=True)
    owed = [units for loan in loans if (units := state.principal.get(str(loan), 0))]
    cap = settings["loans_open_max"]
    if cap and len(owed) >= cap:
        raise TooManyLoans(field="member", allowed=cap)
    limit = member_limit(
        savings=state.savings.get(str(member.pk), 0),
        multiple=Fraction(multiple, 100),
        principal_owed=sum(owed),
        fund_cash=cash,
    )
    if units > limit.limit:
        raise LoanAboveLimit(
            field="units",
            limit=limit.limit,
            most=format_money(limit.limit, group.currency),
            bound_by=limit.bound_by.value,
        )
    return limit


def _promised_here(group: Group) -> int:
    """What the open meeting, which has not posted yet, left open to who left, less what it paid on
    claims."""
    rows = GroupFact.objects.filter(
        group=group,
        name__in=("pay_leaver", "pay_claim"),
        meeting__status=MeetingStatus.OPEN,
        reversed_by=None,
    )
    return sum(
        int(body["claim"]) if name == "pay_leaver" else -int(body["units"])
        for name, body in rows.values_list("name", "body")
    )


def _resolve(
    staff: StaffUser,
    held: Held,
    count: Count,
    purpose: str,
    votes: Mapping[UUID, int],
    borrower: Member,
) -> Resolution:
    """Store the vote that passed; one that did not, or that the roll does not bear, is refused.
    `votes` of each member who has one (groups_cooperatives.md K5, K9); the borrower's abstain."""
    meeting, settings = held.meeting, held.constitution.settings
    unseen = unseen_votes(staff, meeting.group, meeting.held_date)
    here = set(meeting.attendance.filter(mark__in=VOTING).values_list("member_id", flat=True))
    there = sum(votes.get(pk, 0) for pk in here)
    told = there - sum(unseen[pk] for pk in here & set(unseen))
    require_fair(count, there=there, interested=votes.get(borrower.pk, 0), told=told)
    require_passed(
        count,
        seen=count.registered - sum(unseen.values()),
        needed=needed_for(settings, "LOAN"),
        quorum_bps=settings["quorum_bps"],
        refusal=lambda most: VoteNotPassed(field="yes", yes=count.yes, needed=most),
    )
    return Resolution.objects.create(
        group=meeting.group,
        meeting=meeting,
        constitution=held.constitution,
        decision="LOAN",
        subject=purpose,
        yes=count.yes,
        no=count.no,
        abstain=count.abstain,
        present=there,
        members=count.registered,
        is_passed=True,
    )


def _vote(resolution: Resolution, held_date: date) -> FactIn:
    counted: dict[str, Json] = {
        "resolution": str(resolution.pk),
        "yes": resolution.yes,
        "no": resolution.no,
        "abstain": resolution.abstain,
        "present": resolution.present,
        "members": resolution.members,
    }
    return FactIn("record_vote", counted, held_date)


def _paid_out(loan: InternalLoan, limit: Limit) -> FactIn:
    told: dict[str, Json] = {
        "loan": str(loan.pk),
        "member": str(loan.member_id),
        "units": loan.principal_units,
        "periods": loan.term_periods,
        "due_date": loan.due_date.isoformat(),
        "resolution": str(loan.resolution_id),
        "limit": limit.limit,
        "bound_by": limit.bound_by.value,
    }
    if loan.fund != LOAN:
        told["fund"] = loan.fund
    return FactIn("pay_out_loan", told, loan.paid_out_date)


def _check_member(
    meeting: Meeting, member: Member, settings: Mapping[str, Any], term_periods: int
) -> None:
    if not members_on(meeting.group, meeting.held_date).filter(pk=member.pk).exists():
        raise NotAMember(field="member", member=member)
    mark = meeting.attendance.filter(member=member).values_list("mark", flat=True).first()
    if mark not in VOTING:
        raise BorrowerNotThere(field="member", member=member)
    if not 1 <= term_periods <= settings["loan_term_periods_max"]:
        raise TermTooLong(field="term_periods", allowed=settings["loan_term_periods_max"])
