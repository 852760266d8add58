"""Whom a late loan calls: the guarantors, then the members of the joint group, and for how much
(lending.md 4.3).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, Sum

from handup.kernel.errors import Refusal
from handup.lending.errors import NotRunning
from handup.lending.models import Guarantor, JointMember, Loan, SecurityCall
from handup.lending.rules.codes import LoanState
from handup.lending.rules.security import (
    CALL_DAYS,
    Called,
    CallOrder,
    Party,
    call_guarantors,
    call_members,
    cap_units,
)
from handup.lending.services.security import behind_loan
from handup.lending.services.store import refuse_moved, state_as_of
from handup.org.models import StaffUser


class NotLateEnough(Refusal):
    """{code} is {days} days late; others are called after {needed}."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What would be called for a late loan: of whom how much, and for what nobody is called."""

    shortfall_units: int
    guarantors: tuple[tuple[Guarantor, int], ...]
    members: tuple[tuple[JointMember, int], ...]
    uncalled_units: int


@dataclass(frozen=True, slots=True)
class _Answering:
    """Who answers for a loan, in order; what each was called for so far, for this loan; whom the
    caller sees.
    """

    rows: dict[UUID, Guarantor | JointMember]
    parties: list[Party[UUID]]
    called: dict[UUID, int]
    seen: frozenset[UUID]

    @property
    def all_seen(self) -> bool:
        """Whether nobody is hidden from the caller."""
        return len(self.seen) == len(self.rows)

    def whole(self) -> tuple[int, list[Party[UUID]]]:
        """All they were called for, and each with her cap as if she had not been."""
        parties = [
            replace(
                party,
                left_units=None
                if party.left_units is None
                else party.left_units + self.called.get(party.key, 0),
            )
            for party in self.parties
        ]
        return sum(self.called.values()), parties


def demand(loan: Loan, on: date, acting_staff: StaffUser) -> Demand:
    """Work out whom she may call for what is overdue and not yet called: the guarantors first, then
    the other members of the joint group. The part of whom she may not see moves to nobody else: it
    stays uncalled, left to who may. Raises LoanMoved, NotRunning, NotLateEnough.
    """
    refuse_moved(loan)
    if loan.state != LoanState.ACTIVE:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    state = state_as_of(loan, on)
    member = member_of(loan)
    needed = member.joint_group.call_days if member is not None else CALL_DAYS
    late = state.arrears_days(on)
    if late <= needed:
        raise NotLateEnough(code=loan.code, days=late, needed=needed)
    open_calls = sum(open_units(row) for row in live_calls(Q(loan=loan)))
    shortfall = max(sum(state.overdue(on)) - open_calls, 0)
    guarantors = _guarantors(loan, acting_staff)
    members = _members(loan, member, on, acting_staff)
    parts, left = _shared(shortfall, guarantors, members), shortfall
    first: list[tuple[Guarantor, int]] = []
    rest: list[tuple[JointMember, int]] = []
    for row, units in parts:
        units = min(units, left)
        left -= units
        if isinstance(row, Guarantor):
            first.append((row, units))
        else:
            rest.append((row, units))
    return Demand(shortfall, tuple(first), tuple(rest), left)


def _shared(
    shortfall: int, guarantors: _Answering, members: _Answering
) -> list[tuple[Guarantor | JointMember, int]]:
    """Share a shortfall among all who answer, and return the parts of those the caller sees.

    Where somebody is hidden, what was called before is shared again with it: else each further call
    would bring those seen a piece of the hidden one's part.
    """
    asked, sides = shortfall, (guarantors.parties, members.parties)
    whole = not (guarantors.all_seen and members.all_seen)
    if whole:
        (of_first, first), (of_rest, rest) = guarantors.whole(), members.whole()
        asked, sides = shortfall + of_first + of_rest, (first, rest)
    called = call_guarantors(asked, sides[0], _order(guarantors.rows.values()))
    others: Called[UUID] = call_members(called.uncalled_units, sides[1])
    found = []
    for side, parts in ((guarantors, called.parts), (members, others.parts)):
        for key, part in parts:
            units = part - side.called.get(key, 0) if whole else part
            if key in side.seen and units > 0:
                found.append((side.rows[key], units))
    return found


def _order(guarantors: Iterable[Guarantor | JointMember]) -> CallOrder:
    first = next(iter(guarantors), None)
    return CallOrder(first.order) if isinstance(first, Guarantor) else CallOrder.IN_ORDER


def member_of(loan: Loan) -> JointMember | None:
    """Its place in a joint group, where it stands in one."""
    rows = JointMember.objects.filter(application__agreement__loan=loan)
    return rows.select_related("joint_group").first()


def _guarantors(loan: Loan, staff: StaffUser) -> _Answering:
    """All who guarantee the loan, each with what is left of her cap."""
    behind = Guarantor.objects.filter(behind_loan(loan), released_date=None)
    rows = behind.select_related("person", "organisation").order_by("place", "id")
    found = {row.pk: row for row in rows}
    called, of_loan = _called_so_far(Q(guarantor__in=found), "guarantor", loan.pk)
    parties = [
        Party(
            row.pk,
            cap_units(row.cap_units, row.share_bps, loan.approved_units) - called.get(row.pk, 0),
        )
        for row in found.values()
    ]
    seen = Guarantor.objects.visible_to(staff).filter(pk__in=found).order_by()
    return _Answering({**found}, parties, of_loan, frozenset(seen.values_list("pk", flat=True)))


def _members(called_for: Loan, own: JointMember | None, on: date, staff: StaffUser) -> _Answering:
    """The other members, each with what she owes on that day and what is left of her cap."""
    if own is None:
        return _Answering({}, [], {}, frozenset())
    members = JointMember.objects.filter(joint_group=own.joint_group_id).exclude(pk=own.pk)
    rows = members.select_related(
        "application__agreement__loan", "application__person", "application__enterprise"
    )
    loans: dict[UUID, Loan] = {}
    found: dict[UUID, JointMember] = {}
    for row in rows.order_by("recorded_at", "id"):
        agreement = getattr(row.application, "agreement", None)
        loan: Loan | None = getattr(agreement, "loan", None)
        if loan is not None and loan.state == LoanState.ACTIVE:
            found[row.pk], loans[row.pk] = row, loan
    called, of_loan = _called_so_far(Q(member__in=found), "member", called_for.pk)
    parties = [
        Party(
            pk,
            None if row.cap_units is None else row.cap_units - called.get(pk, 0),
            state_as_of(loans[pk], on).principal,
        )
        for pk, row in found.items()
    ]
    seen = JointMember.objects.visible_to(staff).filter(pk__in=found).order_by()
    return _Answering({**found}, parties, of_loan, frozenset(seen.values_list("pk", flat=True)))


def _called_so_far(rows: Q, column: str, loan: UUID) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """What each was called for, and what of it for one loan."""
    calls = SecurityCall.objects.filter(rows, withdrawn_date=None).order_by()
    found = list(
        calls.values_list(column).annotate(n=Sum("units"), m=Sum("units", filter=Q(loan=loan)))
    )
    return {pk: n for pk, n, _m in found}, {pk: m for pk, _n, m in found if m}


def live_calls(rows: Q) -> Iterable[SecurityCall]:
    """Calls that stand, with their payments."""
    calls = SecurityCall.objects.filter(rows, withdrawn_date=None)
    return calls.prefetch_related("payments__event__reversed_by")


def paid_units(call: SecurityCall) -> int:
    """What was paid on a call, less what was taken back."""
    return sum(
        payment.event.units
        for payment in call.payments.all()
        if getattr(payment.event, "reversed_by", None) is None
    )


def open_units(call: SecurityCall) -> int:
    """What of a call is still to be paid."""
    return 0 if call.withdrawn_date else max(call.units - paid_units(call), 0)
