"""A loan from the group's box to a member: limit, vote, pay-out (groups.md G3)."""

from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from handup.groups.errors import (
    FundOverdrawn,
    MeetingNotOpen,
    NotAMember,
    NothingToLend,
    NotPresent,
    TermTooLong,
    TooManyLoans,
    VoteNotPassed,
)
from handup.groups.models import InternalLoan, Meeting, Member, Resolution
from handup.groups.models.facts import MeetingStatus
from handup.groups.queries import members_on, money_now
from handup.groups.rules.loans import member_limit
from handup.groups.rules.money import LOAN
from handup.groups.rules.votes import Count, is_passed, needed_votes
from handup.groups.services.facts import MEETING, FactIn, Stream
from handup.groups.services.meetings import THERE
from handup.groups.services.register import constitution_on
from handup.kernel.ids import new_id
from handup.org import audit
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
    """Pay out a voted loan; the borrower herself counts among those who abstain.

    Raises AboveLimit, FundOverdrawn, VoteNotPassed, NoQuorum, TermTooLong, TooManyLoans,
    NotPresent; nothing moves then.
    """
    group = meeting.group
    require(acting_staff, "groups.record_in_meeting", group)
    if id and (known := InternalLoan.objects.filter(pk=id, group=group).first()):
        return known
    constitution = constitution_on(group, meeting.held_date)
    settings = constitution.settings
    if units <= 0:
        raise NothingToLend(field="units")
    _check_member(meeting, member, settings, term_periods)
    stream = Stream.locked(group, name=MEETING, meeting=meeting, version=constitution.version)
    state = money_now(group)
    loans = group.internal_loans.filter(member=member, status="OPEN").values_list("pk", flat=True)
    limit = member_limit(
        savings=state.savings.get(str(member.pk), 0),
        multiple=Fraction(settings["loan_multiple_x100"], 100),
        principal_owed=sum(state.principal.get(str(loan), 0) for loan in loans),
        fund_cash=state.cash[LOAN],
        requested=units,
    )
    if units > state.cash[LOAN]:
        raise FundOverdrawn(field="units", fund=LOAN, cash=state.cash[LOAN], asked=units)
    registered = members_on(group, meeting.held_date).count()
    count = Count(yes=yes, no=no, abstain=abstain, registered=registered)
    majority = settings["loan_majority_bps"]
    if not is_passed(
        count, base=count.present, majority_bps=majority, quorum_bps=settings["quorum_bps"]
    ):
        raise VoteNotPassed(field="yes", yes=yes, needed=needed_votes(count.present, majority))
    resolution = Resolution.objects.create(
        group=group,
        meeting=meeting,
        constitution=constitution,
        decision="LOAN",
        subject=purpose,
        yes=yes,
        no=no,
        abstain=abstain,
        present=count.present,
        members=registered,
        is_passed=True,
    )
    loan_id = id or new_id()
    due = meeting.held_date + timedelta(days=term_periods * settings["charge_period_days"])
    vote, paid_out = stream.append(
        [
            FactIn(
                "record_vote",
                {"resolution": str(resolution.pk), "yes": yes, "no": no, "abstain": abstain},
                meeting.held_date,
            ),
            FactIn(
                "pay_out_loan",
                {
                    "loan": str(loan_id),
                    "member": str(member.pk),
                    "units": units,
                    "periods": term_periods,
                    "due_date": due.isoformat(),
                    "resolution": str(resolution.pk),
                    "limit": limit.limit,
                    "bound_by": limit.bound_by.value,
                },
                meeting.held_date,
            ),
        ],
        acting_staff,
    )
    loan = InternalLoan.objects.create(
        id=loan_id,
        group=group,
        member=member,
        principal_units=units,
        rate_bps=settings["charge_rate_bps"],
        basis=settings["charge_basis"],
        term_periods=term_periods,
        period_days=settings["charge_period_days"],
        counting=settings["charge_counting"],
        paid_out_date=meeting.held_date,
        due_date=due,
        purpose=purpose,
        resolution=resolution,
        fact=paid_out,
    )
    audit.record(acting_staff, "groups.pay_out_loan", loan, {"units": units, "vote": str(vote.pk)})
    return loan


def _check_member(
    meeting: Meeting, member: Member, settings: dict[str, int], term_periods: int
) -> None:
    if meeting.status != MeetingStatus.OPEN:
        raise MeetingNotOpen
    if member.group_id != meeting.group_id:
        raise NotAMember(field="member", member=member)
    mark = meeting.attendance.filter(member=member).values_list("mark", flat=True).first()
    if mark not in THERE:
        raise NotPresent(field="member", member=member)
    if not 1 <= term_periods <= settings["loan_term_periods_max"]:
        raise TermTooLong(field="term_periods", allowed=settings["loan_term_periods_max"])
    cap = settings["loans_open_max"]
    if cap and member.internal_loans.filter(status="OPEN").count() >= cap:
        raise TooManyLoans(field="member", allowed=cap)
