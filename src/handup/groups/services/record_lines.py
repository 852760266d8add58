"""Two records of one meeting, line by line: what key holders keep of either
(groups_meeting.md 5, upload rule 4).

The first record stays the chain of its phone. A line of it that is not kept is reversed, a line
taken from the second is written anew, both by the office under the meeting they belong to. The box
stays as the first record counted it: where the lines kept come to something else, a signed
difference says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from handup.groups.errors import CycleIsOver, DifferenceNeedsReason, LineNotFit, MeetingGoesOn
from handup.groups.models import GroupFact, InternalLoan, Meeting, MeetingAttendance
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus
from handup.groups.queries import constitution_on, money_now
from handup.groups.rules.book import RecordedBook, Sitting, Told
from handup.groups.rules.recorded import take
from handup.groups.services.closing import POSTED, entry_of
from handup.groups.services.facts import MEETING, OFFICE, FactIn, Stream
from handup.groups.services.recorded import in_house_words
from handup.groups.services.recorder import PhoneFact, Recorder, recorders_of, told_of
from handup.groups.services.records import REVERSAL, take_back_traces
from handup.kernel.chain import Json
from handup.ledger.models import Entry
from handup.ledger.services import ReversalIn, Source, post_entries, reverse_entries
from handup.org.models import StaffUser

ATTENDANCE = "record_attendance"
CHOOSABLE = frozenset(
    {
        ATTENDANCE,
        "buy_shares",
        "record_saving",
        "record_social",
        "pay_fine",
        "record_repayment",
        "record_income",
        "record_expense",
    }
)
"""Lines that may be kept of either record. A loan, a vote or an election made in one of them is
more than a line: it is recorded anew at the next meeting."""
GOES_ON = frozenset({"OPEN", "REPAID"})


def require_choosable(meeting: Meeting) -> None:
    """Refuse to change lines of a meeting while its group has one open, or when its cycle was
    shared out. Raises MeetingGoesOn, CycleIsOver."""
    going = meeting.group.meetings.filter(status=MeetingStatus.OPEN).first()
    if going is not None:
        raise MeetingGoesOn(number=going.number)
    if meeting.cycle.status == CycleStatus.CLOSED:
        raise CycleIsOver


def exchange_lines(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    dropped: Sequence[GroupFact],
    taken: Sequence[PhoneFact],
    reason: str,
) -> list[GroupFact]:
    """Reverse lines of a closed meeting and write down others of a second record of it; returns
    what the office wrote. Called inside the transaction of the choice, which holds the lock of the
    group and knows that the lines are `CHOOSABLE` and stand in these records.

    Raises MeetingGoesOn, CycleIsOver, LineNotFit, DifferenceNeedsReason; nothing is changed then.
    """
    require_choosable(meeting)
    before = money_now(meeting.group).cash
    stream = Stream.locked(meeting.group, name=OFFICE, meeting=meeting)
    stream.constitution_version = constitution_on(meeting.group, meeting.held_date).version
    written = _reverse(stream, meeting, dropped, reason, acting_staff)
    take_back_traces(meeting.group, dropped)
    recorder = recorders_of([meeting.group_id], carrier=acting_staff)[meeting.group_id]
    _judge(recorder, meeting, dropped, taken, before)
    facts = stream.append(
        [
            FactIn(
                fact.name,
                {**in_house_words(recorder, fact), "second": fact.id},
                meeting.held_date,
            )
            for fact in taken
        ],
        acting_staff,
    )
    facts += _differences(stream, meeting, facts, before, reason, acting_staff)
    take_back_traces(meeting.group, [*dropped, *facts])
    _mark_again(meeting, facts)
    return [*written, *facts]


def _reverse(
    stream: Stream,
    meeting: Meeting,
    dropped: Sequence[GroupFact],
    reason: str,
    staff: StaffUser,
) -> list[GroupFact]:
    """Write what is not kept down as reversed, and reverse its entries."""
    bodies: list[dict[str, Json]] = [
        {
            "fact": str(fact.pk),
            "of": fact.name,
            "mirror": fact.body,
            "posted": True,
            "reason": reason,
        }
        for fact in dropped
    ]
    rows = stream.build([FactIn(REVERSAL, body, meeting.held_date) for body in bodies], staff)
    reversals = {}
    for row, fact in zip(rows, dropped, strict=True):
        row.reverses = fact
        reversals[fact.pk] = row
    GroupFact.objects.bulk_create(rows)
    entries = Entry.objects.filter(
        book=meeting.group.book,
        source_domain="groups",
        source_id__in=list(reversals),
        reverses=None,
    )
    items = [
        ReversalIn(
            entry,
            Source("groups", REVERSAL, reversals[entry.source_id].pk),
            meeting.held_date,
            already_happened=True,
            told_by_device=True,
        )
        for entry in entries.filter(reversal=None).select_related("book").order_by("seq")
    ]
    if items:
        reverse_entries(items, acting_staff=staff)
    return rows


def _judge(
    recorder: Recorder,
    meeting: Meeting,
    dropped: Sequence[GroupFact],
    taken: Sequence[PhoneFact],
    cash: Mapping[str, int],
) -> None:
    """Read the lines taken into the book as it stands without those dropped. Raises LineNotFit."""
    book = recorder.book
    book.figures.cash = dict(cash)  # a signed difference keeps the boxes as they were counted
    book.sitting = _sitting(meeting, recorder)
    told = [_of_meeting(fact, meeting) for fact in taken]
    after, faults, _flags = take(book, told, beside=True)
    codes = [fault.code for fault in faults] or _broken(recorder, after, dropped, told)
    if codes:
        raise LineNotFit(faults=", ".join(dict.fromkeys(codes)))
    recorder.book = after


def _sitting(meeting: Meeting, recorder: Recorder) -> Sitting:
    """The meeting as if it were open: who came, and what each bought in it that stands."""
    sitting = Sitting(str(meeting.pk), meeting.held_date, meeting.kind)
    sitting.marks = dict(meeting.attendance.values_list("member__member_no", "mark"))
    numbers = {str(pk): number for number, pk in recorder.ids.items()}
    bought = meeting.facts.filter(name="buy_shares", reversed_by=None)
    for body in bought.values_list("body", flat=True):
        number = numbers[body["member"]]
        sitting.shares[number] = sitting.shares.get(number, 0) + body["shares"]
    return sitting


def _of_meeting(fact: PhoneFact, meeting: Meeting) -> Told:
    """A line of the second record, said of this meeting."""
    return replace(told_of(fact.content), meeting_id=str(meeting.pk))


def _broken(
    recorder: Recorder, after: RecordedBook, dropped: Sequence[GroupFact], taken: Sequence[Told]
) -> list[str]:
    """What no line may bring about: savings or a loan below nothing, money of somebody who has
    left, a loan that was written off."""
    figures = after.figures
    by_member = (figures.savings, figures.overpaid)
    units = [units for table in by_member for units in table.values()]
    units += [*figures.principal.values(), *figures.charge_paid.values()]
    codes = ["DOES_NOT_BALANCE"] if min(units, default=0) < 0 else []
    numbers = {str(pk): number for number, pk in recorder.ids.items()}
    money = [fact for fact in dropped if fact.name in POSTED]
    touched = {numbers[fact.body["member"]] for fact in money if "member" in fact.body}
    moved = [fact for fact in taken if fact.name in POSTED]
    touched |= {fact.body["member_no"] for fact in moved if "member_no" in fact.body}
    if any(after.members[number].left is not None for number in touched):
        codes.append("NOT_A_MEMBER")
    loans = {fact.body["loan"] for fact in dropped if fact.name == "record_repayment"}
    loans |= {fact.body["loan_id"] for fact in taken if fact.name == "record_repayment"}
    if InternalLoan.objects.filter(pk__in=loans).exclude(status__in=GOES_ON).exists():
        codes.append("LOAN_IS_OVER")
    return codes


def _differences(
    stream: Stream,
    meeting: Meeting,
    taken: Sequence[GroupFact],
    before: Mapping[str, int],
    reason: str,
    staff: StaffUser,
) -> list[GroupFact]:
    """Post the lines taken, and sign by how much the boxes then differ from what was counted.
    Raises DifferenceNeedsReason."""
    _post(meeting, taken, staff)
    now = money_now(meeting.group).cash
    moved = {fund: before.get(fund, 0) - now.get(fund, 0) for fund in sorted({*before, *now})}
    facts = []
    for fund, difference in moved.items():
        if not difference:
            continue
        if not reason.strip():
            raise DifferenceNeedsReason(
                field="reason", counted=before.get(fund, 0), expected=now.get(fund, 0)
            )
        body: dict[str, Json] = {
            "way": "OUT",
            "fund": fund,
            "difference": difference,
            "reason": reason.strip(),
        }
        facts.append(FactIn("record_difference", body, meeting.held_date))
    rows = stream.append(facts, staff)
    _post(meeting, rows, staff)
    return rows


def _post(meeting: Meeting, facts: Sequence[GroupFact], staff: StaffUser) -> None:
    entries = [
        entry_of(meeting, fact, already_happened=True) for fact in facts if fact.name in POSTED
    ]
    if entries:
        post_entries(entries, acting_staff=staff)


def _mark_again(meeting: Meeting, facts: Sequence[GroupFact]) -> None:
    """Who came stands as the lines taken say."""
    for fact in facts:
        if fact.name == ATTENDANCE:
            MeetingAttendance.objects.filter(
                meeting=meeting, member=UUID(fact.body["member"])
            ).update(mark=fact.body["mark"], fact=fact)


def lines_that_stand(meeting: Meeting, after_seq: int) -> dict[UUID, GroupFact]:
    """The choosable lines of a meeting behind a place of its group's stream that nothing reversed,
    by their ids."""
    rows = meeting.facts.filter(stream=MEETING, seq__gt=after_seq, name__in=CHOOSABLE)
    return {fact.pk: fact for fact in rows.filter(reversed_by=None).order_by("seq")}
