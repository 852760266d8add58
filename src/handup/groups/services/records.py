"""What becomes of a group's book when its key holders choose between two records of one meeting, or
go on over facts that never came (groups_meeting.md 5, upload rules 3 and 4).

Nothing is deleted: a record that is not kept stays readable, its entries are reversed on the day of
the choice, and what was its loans, fines and marks counts no longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from handup.groups.errors import CannotBeTakenBack, NotAgreed, PartsInsideMeeting
from handup.groups.models import Fine, Group, GroupFact, InternalLoan, Meeting
from handup.groups.models.facts import VOID, MeetingStatus
from handup.groups.queries import FUND_IDS, constitution_on, money_now
from handup.groups.services.closing import POSTED
from handup.groups.services.facts import MEETING, OFFICE, FactIn, Stream
from handup.kernel.chain import Json
from handup.ledger.models import Entry
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import (
    EntryIn,
    ReversalIn,
    Source,
    fact_lines,
    post_entries,
    reverse_entries,
)
from handup.org.models import StaffUser

NOT_KEPT_SOURCE = "not_kept"
GAP_SOURCE = "accept_gap"
FINAL = frozenset({"settle_share_out", "pay_leaver", "record_opening_balances"})
"""Facts whose traces cannot be taken back: a closed cycle is never worked out again (G5)."""
UNDONE = frozenset(
    {
        *(POSTED.keys() - FINAL),
        "open_meeting",
        "pass_step",
        "return_to_step",
        "resume_meeting",
        "record_recital",
        "record_count",
        "record_attendance",
        "record_minute",
        "set_action",
        "close_action",
        "charge_fine",
        "waive_fine",
        "announce_fund",
        "request_loan",
        "record_vote",
        "record_tally",
        "close_meeting",
        "cancel_meeting",
        "hand_over_recorder",
        "restore_group",
    }
)
"""Facts a record that is not kept may hold: their traces in the house can be taken back. A
reversal too, of what goes with it; one of what stays stands in the books for good (M6)."""
REVERSAL = "reverse_fact"


def beside(tip: str) -> str:
    """The name of the stream in which facts are kept beside a group's main one, by the hash that a
    choice names."""
    return f"{MEETING}:{tip[:32]}"


def require_keys(group: Group, confirmed_by: Sequence[Mapping[str, int]]) -> None:
    """Refuse a choice that too few key holders of the group confirmed. Raises NotAgreed."""
    members = set(group.members.filter(left_date=None).values_list("member_no", flat=True))
    given = {key["slot"] for key in confirmed_by if key["member_no"] in members}
    persons = {key["member_no"] for key in confirmed_by} & members
    needed = constitution_on(group).settings["keys_needed"]
    if min(len(given), len(persons)) < needed:
        raise NotAgreed(field="confirmed_by", needed=needed, given=min(len(given), len(persons)))


def write_choice(
    *, acting_staff: StaffUser, group: Group, name: str, body: Mapping[str, Json]
) -> GroupFact:
    """Write the office's fact of a choice, chained in the OFFICE stream."""
    stream = Stream.locked(group, name=OFFICE)
    stream.constitution_version = constitution_on(group).version
    (fact,) = stream.append([FactIn(name, body, timezone.localdate())], acting_staff)
    return fact


def take_back_record(*, acting_staff: StaffUser, group: Group, after_seq: int) -> list[Meeting]:
    """Take everything back that stands behind a place of the group's stream of meetings; returns
    the meetings that are kept no longer. Called inside the transaction of the choice.

    Raises PartsInsideMeeting, CannotBeTakenBack; nothing is changed then.
    """
    stream = GroupFact.objects.filter(group=group, stream=MEETING)
    facts = list(stream.filter(seq__gt=after_seq).order_by("seq"))
    named = Meeting.objects.filter(pk__in={fact.meeting_id for fact in facts if fact.meeting_id})
    gone = {meeting.pk for meeting in named if meeting.status in VOID}
    rows = [meeting for meeting in named if meeting.pk not in gone]
    facts = [fact for fact in facts if fact.meeting_id not in gone]
    meetings = {meeting.pk for meeting in rows}
    cut = stream.filter(seq__lte=after_seq, meeting__in=meetings).select_related("meeting").first()
    if cut is not None and cut.meeting is not None:
        raise PartsInsideMeeting(number=cut.meeting.number)
    if stays := sorted({fact.name for fact in facts if not _goes(fact, facts)}):
        raise CannotBeTakenBack(names=", ".join(stays))
    _reverse_all(group, [fact.pk for fact in facts if fact.name in POSTED], acting_staff)
    written = {meeting.pk for meeting in rows if meeting.status == MeetingStatus.CLOSED}
    for meeting in rows:
        meeting.status = MeetingStatus.NOT_KEPT
        meeting.save(update_fields=("status",))
    take_back_traces(group, [f for f in facts if f.told is None or f.meeting_id in written])
    return rows


def _goes(fact: GroupFact, facts: Iterable[GroupFact]) -> bool:
    """Tell whether a fact can be taken back with these."""
    if fact.name == REVERSAL:
        return fact.reverses_id in {other.pk for other in facts}
    return fact.name in UNDONE


def _reverse_all(group: Group, facts: Iterable[UUID], staff: StaffUser) -> None:
    """Reverse the entries of facts, on the day of the choice."""
    entries = Entry.objects.filter(
        book=group.book, source_domain="groups", source_id__in=list(facts), reverses=None
    )
    items = [
        ReversalIn(
            entry,
            Source("groups", NOT_KEPT_SOURCE, entry.source_id),
            timezone.localdate(),
            already_happened=True,
        )
        for entry in entries.filter(reversal=None).select_related("book").order_by("seq")
    ]
    if items:
        reverse_entries(items, acting_staff=staff)


def take_back_traces(group: Group, facts: Sequence[GroupFact]) -> None:
    """Loans and fines made there count no longer; those of before stand as they stood. Of a meeting
    still open on a phone nothing was written yet: its facts are not among these."""
    loans = {fact.body["loan"] for fact in facts if fact.name == "pay_out_loan"}
    InternalLoan.objects.filter(pk__in=loans).update(status="NOT_KEPT")
    repaid = {fact.body["loan"] for fact in facts if fact.name == "record_repayment"} - loans
    principal = money_now(group).principal
    for loan in repaid:
        status = "OPEN" if principal.get(loan, 0) else "REPAID"
        InternalLoan.objects.filter(pk=loan).update(status=status)
    named = {fact.body["fine"] for fact in facts if fact.name in {"charge_fine", *OF_FINES}}
    for fine in Fine.objects.filter(group=group, pk__in=named).select_related("meeting"):
        told = _told_of(fine)
        fine.paid_units = sum(body["units"] for name, body in told if name == "pay_fine")
        is_void = fine.meeting.status in VOID
        fine.waived = is_void or any(name == "waive_fine" for name, _body in told)
        fine.save(update_fields=("paid_units", "waived"))


OF_FINES = ("pay_fine", "waive_fine")


def _told_of(fine: Fine) -> list[tuple[str, Mapping[str, int]]]:
    """What was paid of a fine and who let it go, as meetings that stand have written it: name and
    body of each fact that none of them reversed."""
    facts = GroupFact.objects.filter(
        Q(told=None) | Q(meeting__status=MeetingStatus.CLOSED),
        group=fine.group_id,
        name__in=OF_FINES,
        body__fine=str(fine.pk),
    ).exclude(meeting__status__in=VOID)
    rows = facts.exclude(reversed_by__meeting__status=MeetingStatus.CLOSED)
    return list(rows.values_list("name", "body"))


def post_gap(
    *, acting_staff: StaffUser, group: Group, fact: GroupFact, amounts: Mapping[str, int]
) -> None:
    """Post the missing amounts of a gap, one named line a fund: what the box holds above the book
    (or below it) until the missing meeting turns up."""
    entries = [
        EntryIn(
            book=group.book,
            kind=kind,
            source=Source("groups", GAP_SOURCE, fact.pk, fund),
            lines=fact_lines(
                kind,
                {"AMOUNT": Part(abs(units))},
                money_role="CASH",
                currency=group.currency,
                fund=FUND_IDS[fund],
            ),
            happened_date=fact.happened_date,
            branch=group.office_id,
            already_happened=True,
        )
        for fund, units in sorted(amounts.items())
        if units
        for kind in ("CASH_OVER" if units > 0 else "CASH_SHORT",)
    ]
    if entries:
        post_entries(entries, acting_staff=acting_staff)


def close_gap(*, acting_staff: StaffUser, group: Group, fact: GroupFact) -> None:
    """Reverse the named lines of a gap, as the meeting that was missing has come."""
    rows = Entry.objects.filter(
        book=group.book,
        source_domain="groups",
        source_kind=GAP_SOURCE,
        source_id=fact.pk,
        reverses=None,
        reversal=None,
    ).select_related("book")
    items = [
        ReversalIn(
            entry,
            Source("groups", f"{GAP_SOURCE}_closed", fact.pk, entry.source_purpose),
            timezone.localdate(),
            already_happened=True,
        )
        for entry in rows.order_by("seq")
    ]
    if items:
        reverse_entries(items, acting_staff=acting_staff)
