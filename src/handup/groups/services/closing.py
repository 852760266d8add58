"""Closing a meeting: the counted box against the book, then its money posts in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.errors import (
    AmountBelowZero,
    AmountTooLarge,
    DifferenceNeedsReason,
    FundCountedTwice,
    FundNotCounted,
    MeetingHasConstitution,
    MeetingHasMoney,
    NextMeetingBefore,
    NotMarked,
    StatementNeeded,
    UnknownFund,
)
from handup.groups.models import Constitution, GroupFact, InternalLoan, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus
from handup.groups.phones import tell_arrived
from handup.groups.queries import FUND_IDS, members_on, money_now
from handup.groups.rules.facts import closing_code
from handup.groups.rules.money import BOX, LOAN, OTHER, SHIFTS
from handup.groups.services.facts import FactIn, Held, told_before
from handup.groups.services.settling import KINDS, rows_of, settling_entry
from handup.groups.services.statements import unread
from handup.kernel.chain import LIMIT, Json, digest
from handup.ledger.services import EntryIn, Part, Source, fact_lines, post_entries
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from


@dataclass(frozen=True, slots=True)
class CashCount:
    """Cash counted in the box for one fund, in smallest units."""

    fund: str
    counted_units: int
    reason: str = ""


@transaction.atomic
def close_meeting(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    counts: tuple[CashCount, ...],
    next_date: date | None = None,
    id: UUID | None = None,
) -> Meeting:
    """Close a meeting whose box was counted; a difference needs a reason and posts at once.

    Every fund that holds money is counted once; one that is empty may be left out. `id`
    is the device's own; the same closing sent again changes nothing.
    Where the rules say so, the statement of what lies at the bank was read before. Raises
    MeetingNotOpen, NotMarked, StatementNeeded, FundNotCounted, FundCountedTwice, UnknownFund,
    DifferenceNeedsReason, SameIdOtherContent.
    """
    require(acting_staff, "groups.close_meeting", meeting.group)
    held = Held.of(meeting)
    meeting = held.meeting
    told = _told(counts, next_date)
    if told_before(held, id, "close_meeting", told) is not None:
        return meeting
    held.require_open()
    if next_date is not None and next_date <= meeting.held_date:
        raise NextMeetingBefore(field="next_date", held=meeting.held_date)
    if missing := _unmarked(acting_staff, meeting):
        raise NotMarked(count=missing)
    if unread(meeting):
        raise StatementNeeded
    state = money_now(meeting.group)
    _check_funds(counts, state.cash)
    facts = _count_facts(counts, state.cash, meeting.held_date)
    totals = dict(sorted(_counted(counts, state.cash).items()))
    body: dict[str, Json] = {"totals": totals, "told": told} if id else {"totals": totals}
    facts += _end_cycle(meeting)
    facts.append(FactIn("close_meeting", body, meeting.held_date, id))
    rows = held.stream.append(facts, acting_staff)
    meeting.status = MeetingStatus.CLOSED
    meeting.closed_at = timezone.now()
    meeting.closing_code = closing_code(rows[-1].chain_hash)
    meeting.next_date = next_date
    meeting.save(update_fields=("status", "closed_at", "closing_code", "next_date"))
    _post(meeting, acting_staff)
    _settle_loans(meeting)
    audit.record(acting_staff, "groups.close_meeting", meeting, {"code": meeting.closing_code})
    tell_arrived(meeting.group, acting_staff)
    return meeting


def _unmarked(staff: StaffUser, meeting: Meeting) -> int:
    """How many members are not on the roll yet, but those this staff user may not know of: her
    sheet does not name them, and a number would tell of them (protection.md R5)."""
    members = members_on(meeting.group, meeting.held_date).exclude(attendance__meeting=meeting)
    return members.exclude(person__in=hidden_from(staff)).count()


def _end_cycle(meeting: Meeting) -> list[FactIn]:
    """A cycle that was shared out in a meeting ends with it."""
    cycle, on = meeting.cycle, meeting.held_date
    if not meeting.facts.filter(name="settle_share_out", reversed_by=None).exists():
        return []
    cycle.status = CycleStatus.CLOSED
    cycle.save(update_fields=("status",))
    return [FactIn("end_cycle", {"number": cycle.number, "date": on.isoformat()}, on)]


def _told(counts: tuple[CashCount, ...], next_date: date | None) -> str:
    """What was sent, for comparing when the same closing comes again."""
    lines = [[count.fund, str(count.counted_units), count.reason] for count in counts]
    return digest([lines, next_date.isoformat() if next_date else None])


def _check_funds(counts: tuple[CashCount, ...], cash: Mapping[str, int]) -> None:
    """Each fund that holds money has exactly one count (groups_meeting.md C2)."""
    seen: set[str] = set()
    for count in counts:
        if count.fund not in FUND_IDS:
            raise UnknownFund(fund=count.fund)
        if count.fund in seen:
            raise FundCountedTwice(field=f"counted_{count.fund}", fund=count.fund)
        seen.add(count.fund)
    for fund, units in cash.items():
        if units and fund not in seen:
            raise FundNotCounted(field=f"counted_{fund}", fund=fund)


def _counted(counts: tuple[CashCount, ...], cash: Mapping[str, int]) -> dict[str, int]:
    return {**cash, **{count.fund: count.counted_units for count in counts}}


def _count_facts(
    counts: tuple[CashCount, ...], cash: Mapping[str, int], held_date: date
) -> list[FactIn]:
    facts = []
    for count in counts:
        if count.counted_units < 0:
            raise AmountBelowZero(field=f"counted_{count.fund}")
        if count.counted_units >= LIMIT:
            raise AmountTooLarge(field=f"counted_{count.fund}")
        expected = cash.get(count.fund, 0)
        facts.append(
            FactIn(
                "record_count",
                {"way": "OUT", "fund": count.fund, "total_units": count.counted_units},
                held_date,
            )
        )
        difference = count.counted_units - expected
        if not difference:
            continue
        if not count.reason.strip():
            raise DifferenceNeedsReason(
                field=f"reason_{count.fund}", counted=count.counted_units, expected=expected
            )
        facts.append(
            FactIn(
                "record_difference",
                {
                    "way": "OUT",
                    "fund": count.fund,
                    "difference": difference,
                    "reason": count.reason.strip(),
                },
                held_date,
            )
        )
    return facts


STATEMENT = "record_statement"
POSTED = {
    "record_saving": "SAVINGS_RECEIVED",
    "buy_shares": "SAVINGS_RECEIVED",
    "record_social": "CONTRIBUTION_RECEIVED",
    "pay_fine": "FINE_PAID",
    "pay_out_loan": "MEMBER_LOAN_PAID_OUT",
    "record_repayment": "MEMBER_LOAN_REPAID",
    "record_difference": "CASH_OVER",
    "record_statement": "CASH_OVER",
    "pay_grant": "COST_PAID",
    "record_expense": "COST_PAID",
    "record_income": "INCOME_RECEIVED",
    "record_group_debt": "OUTSIDE_DEBT_RECEIVED",
    "repay_group_debt": "OUTSIDE_DEBT_REPAID",
    "refund_overpaid": "OVERPAID_REFUNDED",
    "move_money": "BOX_TO_BANK",
    "move_between_funds": "FUND_MOVED",
    **KINDS,
}
"""Facts that post, and what kind of entry each makes; of some the fact itself says which."""


def _post(meeting: Meeting, staff: StaffUser) -> None:
    facts = meeting.facts.filter(name__in=POSTED, reversed_by=None).order_by("seq")
    entries = [entry_of(meeting, fact) for fact in facts]
    post_entries([entry for entry in entries if entry.lines], acting_staff=staff)


def entry_of(meeting: Meeting, fact: GroupFact, *, already_happened: bool = False) -> EntryIn:
    """The entry a money fact posts; `already_happened`: a phone's, which cannot be undone."""
    if fact.name in KINDS:
        return settling_entry(meeting, fact, already_happened=already_happened)
    if fact.name in SHIFTS:
        return _shift_entry(meeting, fact, already_happened=already_happened)
    event, parts = _parts(fact)
    usual = BOX[fact.name] if fact.name in BOX else OTHER.get(fact.name, (LOAN, 1))
    fund = fact.body.get("fund") or usual[0]
    return EntryIn(
        book=meeting.group.book,
        kind=event,
        source=Source("groups", fact.name, fact.pk),
        lines=fact_lines(
            event,
            parts,
            money_role=fact.body["place"] if fact.name == STATEMENT else "CASH",
            currency=meeting.group.currency,
            fund=FUND_IDS[fund],
        ),
        happened_date=fact.happened_date,
        branch=meeting.group.office_id,
        already_happened=already_happened,
        told_by_device=already_happened,
    )


def _shift_entry(meeting: Meeting, fact: GroupFact, *, already_happened: bool) -> EntryIn:
    """The entry of money that goes to another place, or from one fund to another."""
    body, part = fact.body, Part(fact.body["units"])
    ways: tuple[tuple[str, str], ...]
    if fact.name == "move_money":
        kind, ways = f"{body['from']}_TO_{body['to']}", (("AMOUNT", body["fund"]),)
    else:
        kind, ways = "FUND_MOVED", (("OUT", body["from"]), ("IN", body["to"]))
    lines = [
        line
        for name, fund in ways
        for line in fact_lines(
            kind,
            {name: part},
            money_role="CASH",
            currency=meeting.group.currency,
            fund=FUND_IDS[fund],
        )
    ]
    return EntryIn(
        book=meeting.group.book,
        kind=kind,
        source=Source("groups", fact.name, fact.pk),
        lines=lines,
        happened_date=fact.happened_date,
        branch=meeting.group.office_id,
        already_happened=already_happened,
        told_by_device=already_happened,
    )


def _parts(fact: GroupFact) -> tuple[str, dict[str, Part]]:
    body = fact.body
    if fact.name in {"record_difference", STATEMENT}:
        difference = body.get("difference", 0)
        event = "CASH_OVER" if difference > 0 else "CASH_SHORT"
        return event, {"AMOUNT": Part(abs(difference))} if difference else {}
    event = POSTED[fact.name]
    if fact.name == "repay_group_debt":
        return event, {"PRINCIPAL": Part(body["units"])}
    if fact.name == "refund_overpaid":
        owner = ("member", UUID(body["member"]))
        return event, {"AMOUNT": Part(body["units"], debit_subject=owner)}
    if fact.name in OTHER:
        return event, {"AMOUNT": Part(body["units"])}
    member = ("member", UUID(body["member"]))
    if fact.name == "pay_out_loan":
        return event, {
            "AMOUNT": Part(body["units"], debit_subject=("internal_loan", UUID(body["loan"])))
        }
    if fact.name == "record_repayment":
        loan = ("internal_loan", UUID(body["loan"]))
        paid = {
            "PRINCIPAL": Part(body["principal"], credit_subject=loan),
            "CHARGE": Part(body["charge"], credit_subject=loan),
        }
        if over := body.get("overpaid", 0):
            paid["OVERPAID"] = Part(over, credit_subject=member)
        return event, paid
    return event, {"AMOUNT": Part(body["units"], credit_subject=member)}


def _settle_loans(meeting: Meeting) -> None:
    """Mark loans repaid whose principal is zero and whose charge to the day is paid."""
    touched = {
        body["loan"]
        for body in meeting.facts.filter(name="record_repayment").values_list("body", flat=True)
    }
    settling = meeting.facts.filter(name__in=("pay_leaver", "settle_share_out"))
    for name, body in settling.values_list("name", "body"):
        touched |= {part["loan"] for row in rows_of(name, body) for part in row["loans"]}
    if not touched:
        return
    state = money_now(meeting.group)
    done = [loan for loan in touched if state.principal.get(loan, 0) == 0]
    InternalLoan.objects.filter(pk__in=done, status="OPEN").update(status="REPAID")


def _moves(fact: GroupFact) -> bool:
    """Whether money moved: a statement that says what the book says moves none."""
    return fact.name != STATEMENT or bool(fact.body.get("difference"))


@transaction.atomic
def cancel_meeting(*, acting_staff: StaffUser, meeting: Meeting, reason: str) -> Meeting:
    """Cancel a meeting in which no money moved; its fines are waived.

    Raises MeetingNotOpen, MeetingHasMoney, MeetingHasConstitution.
    """
    require(acting_staff, "groups.cancel_meeting", meeting.group)
    held = Held.of(meeting)
    held.require_open()
    meeting = held.meeting
    if any(_moves(fact) for fact in meeting.facts.filter(name__in=POSTED)):
        raise MeetingHasMoney
    if Constitution.objects.filter(resolution__meeting=meeting).exists():
        raise MeetingHasConstitution
    fines = meeting.fines.filter(waived=False)
    facts = [
        FactIn(
            "waive_fine",
            {"member": str(member), "fine": str(fine), "reason": "MEETING_CANCELLED"},
            meeting.held_date,
        )
        for fine, member in fines.values_list("pk", "member_id")
    ]
    facts.append(FactIn("cancel_meeting", {"reason": reason}, meeting.held_date))
    held.stream.append(facts, acting_staff)
    fines.update(waived=True)
    meeting.status = MeetingStatus.CANCELLED
    meeting.save(update_fields=("status",))
    audit.record(acting_staff, "groups.cancel_meeting", meeting, {})
    tell_arrived(meeting.group, acting_staff)
    return meeting
