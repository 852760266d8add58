"""What a group's phone recorded becomes its meetings, its facts and its money.

Facts of an open meeting are kept; when its closing is there, its marks, fines, loans and votes are
written and its money posts, all in the transaction of the caller. A fact is stored exactly as it
was hashed, and beside that in the words of the house.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.groups.models import (
    Constitution,
    Cycle,
    Fine,
    GroupFact,
    InternalLoan,
    Meeting,
    MeetingAttendance,
    Resolution,
)
from handup.groups.models.facts import VOID, MeetingStatus
from handup.groups.models.group import CycleStatus, GroupStatus
from handup.groups.rules.book import RecordedBook
from handup.groups.rules.facts import closing_code
from handup.groups.rules.money import LOAN
from handup.groups.rules.voted import has_passed
from handup.groups.services.closing import POSTED, entry_of
from handup.groups.services.elections_told import ballots_in_house, hold_elections
from handup.groups.services.facts import MEETING
from handup.groups.services.life import wake
from handup.groups.services.offices import hold_offices
from handup.groups.services.recorder import PhoneFact, Recorder
from handup.groups.services.settling import end_memberships, in_house, rows_of
from handup.kernel.chain import Json
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.services import EntryIn, ReversalIn, Source, post_entries, reverse_entries
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.models import StaffUser

WORDS = {
    "fine_id": "fine",
    "loan_id": "loan",
    "resolution_id": "resolution",
    "fact_id": "fact",
    "election_id": "election",
}


@dataclass(frozen=True, slots=True)
class Closed:
    """A meeting that ended, and the book of its group at that moment."""

    recorder: Recorder
    meeting: Meeting
    book: RecordedBook


@dataclass(slots=True)
class Written:
    """What one call writes, gathered so that each table takes one statement."""

    meetings: list[Meeting] = field(default_factory=list)
    facts: list[GroupFact] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    cancelled: list[Meeting] = field(default_factory=list)
    ended: list[Cycle] = field(default_factory=list)
    started: list[Cycle] = field(default_factory=list)


def record_facts(*, acting_staff: StaffUser, recorders: Iterable[Recorder]) -> None:
    """Write what recorders accepted; the batch form, one statement a table.

    The right to record was decided by the seat of the device; `acting_staff` answers for it.
    Called inside the transaction in which `recorders_of` locked the groups.
    """
    written = Written()
    for recorder in recorders:
        _gather(recorder, written)
    _end_meetings(written)
    _turn_cycles(written)
    _insert(written.meetings)
    _insert(written.facts)
    if rested := [m.group_id for m in written.meetings if m.group.status == GroupStatus.DORMANT]:
        wake(rested)
    if written.closed:
        _close(written, acting_staff)
    audit.record_many(
        audit.line(
            acting_staff,
            "groups.record_from_phone",
            item.meeting,
            {"code": item.meeting.closing_code},
        )
        for item in written.closed
    )


def _end_meetings(written: Written) -> None:
    """Meetings opened by an earlier call end before those of this one begin: a group has one open
    meeting, and one a day."""
    fresh = {meeting.pk for meeting in written.meetings}
    for meeting in (*(item.meeting for item in written.closed), *written.cancelled):
        if meeting.pk not in fresh:
            meeting.save(update_fields=("status", "closed_at", "closing_code", "next_date"))


def _turn_cycles(written: Written) -> None:
    """Cycles end, in their order, before the next begin: a group has one open cycle."""
    fresh = {cycle.pk for cycle in written.started}
    for cycle in written.ended:
        if cycle.pk not in fresh:
            cycle.save(update_fields=("status",))
    _insert(written.started)


def _turn_cycle(recorder: Recorder, book: RecordedBook, written: Written) -> None:
    """End and begin the cycle as the closed meeting left it; later meetings belong to the new
    one."""
    now, cycle = book.cycle, recorder.cycle
    if now is None or cycle is None:
        return
    is_over = now.number > cycle.number or not now.is_open
    if is_over and cycle.status != CycleStatus.CLOSED:
        cycle.status = CycleStatus.CLOSED
        written.ended.append(cycle)
    if now.number > cycle.number:
        recorder.cycle = Cycle(
            id=new_id(),
            group=recorder.group,
            number=now.number,
            start_date=now.start,
            planned_end_date=now.planned_end,
            status=CycleStatus.OPEN,
        )
        written.started.append(recorder.cycle)


def _insert(rows: Sequence[Any]) -> None:
    if rows:
        insert_rows(rows)


def _gather(recorder: Recorder, written: Written) -> None:
    """Turn the accepted facts of one group into rows, the meetings they open and close too."""
    received = timezone.now()
    meeting = recorder.open_meeting
    for fact in recorder.accepted:
        if fact.name == "open_meeting":
            meeting = _opened(recorder, fact, written)
            written.meetings.append(meeting)
        stream = recorder.end_of(fact.stream)
        stream.seq += 1
        stream.tip = fact.chain_hash
        reverses = fact.body["fact_id"] if fact.name == "reverse_fact" else None
        written.facts.append(
            GroupFact(
                id=UUID(fact.id),
                group=recorder.group,
                meeting=meeting if fact.meeting_id else None,
                stream=fact.stream,
                seq=stream.seq,
                name=fact.name,
                happened_date=fact.happened_date,
                received_at=received,
                device_id=UUID(fact.device_id),
                currency=recorder.group.currency,
                constitution_version=fact.content["constitution_version"],
                body=in_house_words(recorder, fact),
                told=dict(fact.content),
                content_hash=fact.content_hash,
                prev_hash=fact.prev_hash,
                chain_hash=fact.chain_hash,
                reverses_id=UUID(reverses) if reverses else None,
            )
        )
        if meeting is not None and fact.name == "close_meeting":
            _mark_closed(meeting, fact)
            written.closed.append(Closed(recorder, meeting, recorder.at_close[fact.id]))
            _turn_cycle(recorder, recorder.at_close[fact.id], written)
            meeting = None
        elif meeting is not None and fact.name == "cancel_meeting":
            meeting.status = MeetingStatus.CANCELLED
            written.cancelled.append(meeting)
            meeting = None
    recorder.open_meeting = meeting
    recorder.accepted = []


def _opened(recorder: Recorder, fact: PhoneFact, written: Written) -> Meeting:
    recorder.last_number += 1
    held = fact.happened_date
    of_day = 1
    if fact.stream != MEETING:
        fresh = [row for row in written.meetings if row.group_id == recorder.group.pk]
        of_day += sum(row.held_date == held and row.status not in VOID for row in fresh)
        of_day += recorder.group.meetings.filter(held_date=held).exclude(status__in=VOID).count()
    return Meeting(
        id=UUID(fact.meeting_id),
        group=recorder.group,
        cycle=recorder.cycle,
        number=recorder.last_number,
        kind=fact.body.get("kind", "ORDINARY"),
        held_date=fact.happened_date,
        place=str(fact.body.get("place", ""))[:120],
        status=MeetingStatus.OPEN,
        of_day=of_day,
    )


def _mark_closed(meeting: Meeting, fact: PhoneFact) -> None:
    meeting.status = MeetingStatus.CLOSED
    meeting.closed_at = timezone.now()
    meeting.closing_code = closing_code(fact.chain_hash)
    following = fact.body.get("next_date")
    meeting.next_date = date.fromisoformat(following) if following else None


def in_house_words(recorder: Recorder, fact: PhoneFact) -> dict[str, Json]:
    """The body of a fact as the rest of the house reads it: members and loans by their ids, figures
    as the server worked them out."""
    body: dict[str, Any] = {WORDS.get(name, name): told for name, told in fact.body.items()}
    if (number := body.pop("member_no", None)) is not None:
        body["member"] = str(recorder.ids[number])
    settings = recorder.book.settings(fact.content["constitution_version"])
    body |= in_house(fact.name, fact.body, recorder.ids, settings)
    body |= ballots_in_house(fact.name, fact.body, recorder.ids)
    if fact.name == "charge_fine":
        body["owed"] = body.pop("units")
    elif fact.name == "open_meeting":
        body["number"] = recorder.last_number
    elif fact.name == "pay_fine":
        body |= {} if settings["fine_fund"] == LOAN else {"fund": settings["fine_fund"]}
    elif fact.name == "close_meeting":
        body["totals"] = dict(sorted(recorder.at_close[fact.id].figures.cash.items()))
    elif fact.name in {"pay_out_loan", "record_repayment"}:
        fund = recorder.book.loans[fact.body["loan_id"]].fund
        if fund != LOAN:
            body["fund"] = fund
    elif fact.name == "reverse_fact":
        body |= _mirror(recorder, fact)
    return body


def _mirror(recorder: Recorder, fact: PhoneFact) -> dict[str, Json]:
    """What a reversal takes back; `posted`: it stands in the books of an earlier meeting."""
    id = fact.body["fact_id"]
    for other in recorder.accepted:
        if other.id == id:
            mirror = in_house_words(recorder, other)
            is_earlier = other.meeting_id != fact.meeting_id
            return {"of": other.name, "mirror": mirror, "posted": is_earlier}
    row = GroupFact.objects.get(pk=id)
    return {"of": row.name, "mirror": row.body, "posted": str(row.meeting_id) != fact.meeting_id}


def _close(written: Written, staff: StaffUser) -> None:
    """Write what closed meetings did: marks, fines, votes, loans, and post their money."""
    by_meeting: dict[UUID, list[GroupFact]] = defaultdict(list)
    ids = [item.meeting.pk for item in written.closed]
    fresh = {meeting.pk for meeting in written.meetings}
    for row in written.facts:
        if row.meeting_id is not None and row.meeting_id in fresh:
            by_meeting[row.meeting_id].append(row)
    older = [pk for pk in ids if pk not in fresh]
    if older:
        for row in GroupFact.objects.filter(meeting__in=older).order_by("seq"):
            if row.meeting_id is not None:
                by_meeting[row.meeting_id].append(row)
    _project(written.closed, by_meeting)
    _post(written.closed, by_meeting, staff)


def _project(closed: Sequence[Closed], by_meeting: Mapping[UUID, Sequence[GroupFact]]) -> None:
    marks: list[MeetingAttendance] = []
    fines: list[Fine] = []
    votes = _votes_named(closed, by_meeting)
    held: list[Resolution] = []
    loans: list[InternalLoan] = []
    for item in closed:
        facts = by_meeting[item.meeting.pk]
        marks += _marks(item.meeting, facts)
        fines += _fines(item, facts)
        for vote in _votes(item, facts):
            held.append(vote)
            votes[item.recorder.group.pk, vote.pk] = vote
        loans += _loans(item, facts, votes)
    for rows in (marks, fines, held, loans):
        _insert(rows)
    for item in closed:
        _settle(item, by_meeting[item.meeting.pk])
        hold_offices(item.recorder.group, by_meeting[item.meeting.pk])
        hold_elections(item.recorder.group, by_meeting[item.meeting.pk])
        end_memberships(item.recorder.group, by_meeting[item.meeting.pk], item.book)


def _votes_named(
    closed: Sequence[Closed], by_meeting: Mapping[UUID, Sequence[GroupFact]]
) -> dict[tuple[UUID, UUID], Resolution]:
    """The votes of earlier meetings that loans name, by the group that held them."""
    ids = {
        UUID(fact.body["resolution"])
        for item in closed
        for fact in by_meeting[item.meeting.pk]
        if fact.name == "pay_out_loan" and "resolution" in fact.body
    }
    if not ids:
        return {}
    rows = Resolution._base_manager.filter(pk__in=ids)
    return {(row.group_id, row.pk): row for row in rows}


def _marks(meeting: Meeting, facts: Iterable[GroupFact]) -> list[MeetingAttendance]:
    """The last mark of each member."""
    last = {fact.body["member"]: fact for fact in facts if fact.name == "record_attendance"}
    return [
        MeetingAttendance(
            meeting=meeting, member_id=UUID(member), mark=fact.body["mark"], fact=fact
        )
        for member, fact in last.items()
    ]


def _fines(closed: Closed, facts: Iterable[GroupFact]) -> Iterator[Fine]:
    for fact in facts:
        if fact.name == "charge_fine":
            state = closed.book.fines[fact.body["fine"]]
            yield Fine(
                id=UUID(fact.body["fine"]),
                group=closed.recorder.group,
                member_id=UUID(fact.body["member"]),
                meeting=closed.meeting,
                kind=fact.body["kind"],
                units=fact.body["owed"],
                paid_units=state.paid,
                waived=state.waived,
                fact=fact,
            )


def _votes(closed: Closed, facts: Iterable[GroupFact]) -> Iterator[Resolution]:
    for fact in facts:
        if fact.name != "record_vote":
            continue
        body = fact.body
        settings = closed.book.settings(fact.constitution_version)
        _decision, count = closed.book.voted[body["resolution"]]
        yield Resolution(
            id=UUID(body["resolution"]),
            group=closed.recorder.group,
            meeting=closed.meeting,
            constitution=_version(closed.recorder, fact.constitution_version),
            decision=body["decision"],
            subject=str(body.get("subject", ""))[:200],
            yes=body["yes"],
            no=body["no"],
            abstain=body["abstain"],
            present=body["present"],
            members=count.registered,
            is_secret=body.get("secret", False),
            is_passed=has_passed(settings, body["decision"], count),
        )


def _version(recorder: Recorder, version: int) -> Constitution | None:
    return Constitution.objects.filter(group=recorder.group, version=version).first()


def _loans(
    closed: Closed, facts: Sequence[GroupFact], votes: Mapping[tuple[UUID, UUID], Resolution]
) -> Iterator[InternalLoan]:
    asked = {fact.body["loan"]: fact.body for fact in facts if fact.name == "request_loan"}
    for fact in facts:
        body = fact.body
        is_carried_in = fact.name == "record_opening_balances" and body["of"] == "LOAN"
        if fact.name != "pay_out_loan" and not is_carried_in:
            continue
        day = body["paid_out_date"] if is_carried_in else closed.meeting.held_date.isoformat()
        terms = closed.book.loans[body["loan"]].terms
        assert terms is not None
        vote = UUID(body["resolution"]) if "resolution" in body else None
        yield InternalLoan(
            id=UUID(body["loan"]),
            group=closed.recorder.group,
            member_id=UUID(body["member"]),
            fund=body.get("fund", LOAN),
            principal_units=terms.principal,
            rate_bps=int(terms.rate * 10_000),
            basis=terms.basis,
            term_periods=terms.term_periods,
            period_days=terms.period_days,
            counting=terms.counting,
            paid_out_date=date.fromisoformat(day),
            due_date=date.fromisoformat(body["due_date"]),
            purpose=str(asked.get(body["loan"], {}).get("purpose", ""))[:120],
            resolution=votes.get((closed.recorder.group.pk, vote)) if vote else None,
            fact=fact,
            status="OPEN" if closed.book.figures.principal.get(body["loan"]) else "REPAID",
        )


def _settle(closed: Closed, facts: Iterable[GroupFact]) -> None:
    """Loans and fines that these facts touched stand as the book says at this closing; what a call
    brings is inserted before, and meetings come in their order."""
    for fact in facts:
        body = fact.body if fact.name != "reverse_fact" else fact.body["mirror"]
        rows = [body, *(part for row in rows_of(fact.name, body) for part in _parts(row))]
        for loan in filter(None, (row.get("loan") for row in rows)):
            status = "OPEN" if closed.book.figures.principal.get(loan) else "REPAID"
            InternalLoan.objects.filter(pk=loan).exclude(status=status).update(status=status)
        fines = [row["fine"] for row in rows if "fine" in row and fact.name != "charge_fine"]
        for fine in fines:
            state = closed.book.fines[fine]
            Fine.objects.filter(pk=fine).update(paid_units=state.paid, waived=state.waived)


def _parts(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The loans and fines a line settles."""
    return [*row["loans"], *row["fines"]]


def _post(
    closed: Sequence[Closed], by_meeting: Mapping[UUID, Sequence[GroupFact]], staff: StaffUser
) -> None:
    """Post the money of closed meetings, then what they take back of earlier entries."""
    entries: list[EntryIn] = []
    back: list[tuple[Meeting, GroupFact]] = []
    for item in closed:
        for fact in by_meeting[item.meeting.pk]:
            if fact.name in POSTED:
                entry = entry_of(item.meeting, fact, already_happened=True)
                if entry.lines:  # a leaver who saved and owes nothing moves nothing
                    entries.append(entry)
            elif fact.name == "reverse_fact":
                back.append((item.meeting, fact))
    post_entries(entries, acting_staff=staff)
    if not back:
        return
    originals = {
        entry.source_id: entry
        for entry in Entry.objects.filter(
            source_domain="groups",
            source_id__in=[fact.reverses_id for _meeting, fact in back],
            reverses=None,
        ).select_related("book")
    }
    reverse_entries(
        [
            ReversalIn(
                originals[fact.reverses_id],
                Source("groups", fact.name, fact.pk),
                meeting.held_date,
                already_happened=True,
                told_by_device=True,
            )
            for meeting, fact in back
            if fact.reverses_id is not None
        ],
        acting_staff=staff,
    )
