"""A loan from the group's box to a member: limit, vote, pay-out (groups.md G3)."""

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from handup.groups.errors import (
    BorrowerNotThere,
    CycleClosing,
    NotAMember,
    NothingToLend,
    TermTooLong,
    TooManyLoans,
    VoteNotPassed,
)
from handup.groups.models import InternalLoan, Meeting, Member, Resolution
from handup.groups.models.group import CycleStatus
from handup.groups.queries import members_on, money_now
from handup.groups.rules.cash import FundOverdrawn
from handup.groups.rules.loans import Limit, member_limit
from handup.groups.rules.money import LOAN
from handup.groups.rules.savings import require_coins
from handup.groups.rules.votes import Count, is_passed, needed_votes, require_fair
from handup.groups.services.facts import FactIn, Held
from handup.groups.services.sheet import VOTING
from handup.kernel.chain import Json
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


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
    id: UUID | None = None,
) -> InternalLoan:
    """Pay out a voted loan; only members present or late vote, and the borrower, who is one of
    them, counts among those who abstain.

    Raises AboveLimit, FundOverdrawn, VoteNotPassed, NoQuorum, MoreVotesThanPresent,
    ConflictOfInterest, CycleClosing, TermTooLong, TooManyLoans, BorrowerNotThere,
    SameIdOtherContent; nothing moves then.
    """
    require(acting_staff, "groups.record_in_meeting", meeting.group)
    held = Held.of(meeting)
    known = already_stored(
        InternalLoan,
        id,
        group=held.meeting.group,
        member=member,
        principal_units=units,
        term_periods=term_periods,
        purpose=purpose,
    )
    if known is not None:
        return _same_vote(known, held.meeting, (yes, no, abstain))
    if units <= 0:
        raise NothingToLend(field="units")
    held.require_open()
    if held.meeting.cycle.status != CycleStatus.OPEN:
        raise CycleClosing
    require_coins(units, held.constitution.settings["cash_unit_units"], field="units")
    meeting, settings = held.meeting, held.constitution.settings
    _check_member(meeting, member, settings, term_periods)
    limit = _limit(member, settings, units)
    registered = members_on(meeting.group, meeting.held_date).count()
    count = Count(yes=yes, no=no, abstain=abstain, registered=registered)
    resolution = _resolve(held, count, purpose)
    loan = _loan(held, member, units, term_periods)
    loan.id, loan.purpose, loan.resolution = id or loan.id, purpose, resolution
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


def _limit(member: Member, settings: dict[str, int], units: int) -> Limit:
    """What this member may borrow now; more than that, or than the box holds, is refused."""
    group = member.group
    state = money_now(group)
    loans = group.internal_loans.filter(member=member, status="OPEN").values_list("pk", flat=True)
    owed = [units for loan in loans if (units := state.principal.get(str(loan), 0))]
    cap = settings["loans_open_max"]
    if cap and len(owed) >= cap:
        raise TooManyLoans(field="member", allowed=cap)
    limit = member_limit(
        savings=state.savings.get(str(member.pk), 0),
        multiple=Fraction(settings["loan_multiple_x100"], 100),
        principal_owed=sum(owed),
        fund_cash=state.cash[LOAN],
        requested=units,
    )
    if units > state.cash[LOAN]:
        raise FundOverdrawn(field="units", fund=LOAN, cash=state.cash[LOAN], asked=units)
    return limit


def _resolve(held: Held, count: Count, purpose: str) -> Resolution:
    """Store the vote that passed; one that did not, or that the roll does not bear, is refused."""
    meeting, settings = held.meeting, held.constitution.settings
    members = members_on(meeting.group, meeting.held_date)
    there = meeting.attendance.filter(mark__in=VOTING, member__in=members).count()
    require_fair(count, there=there, interested=1)
    majority = settings["loan_majority_bps"]
    if not is_passed(
        count, base=count.present, majority_bps=majority, quorum_bps=settings["quorum_bps"]
    ):
        needed = needed_votes(count.present, majority)
        raise VoteNotPassed(field="yes", yes=count.yes, needed=needed)
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
    return FactIn("pay_out_loan", told, loan.paid_out_date)


def _check_member(
    meeting: Meeting, member: Member, settings: dict[str, int], term_periods: int
) -> None:
    if not members_on(meeting.group, meeting.held_date).filter(pk=member.pk).exists():
        raise NotAMember(field="member", member=member)
    mark = meeting.attendance.filter(member=member).values_list("mark", flat=True).first()
    if mark not in VOTING:
        raise BorrowerNotThere(field="member", member=member)
    if not 1 <= term_periods <= settings["loan_term_periods_max"]:
        raise TermTooLong(field="term_periods", allowed=settings["loan_term_periods_max"])
