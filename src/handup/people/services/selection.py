"""Propose whom a committee takes from a run, and decide it: by somebody else, with a quorum."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.rules.duties import Duty
from handup.org.scope import without_opened
from handup.people.models import (
    Participation,
    Selection,
    SelectionLine,
    TargetingRow,
    TargetingRun,
)
from handup.people.rules.codes import ParticipationState, Reason
from handup.people.rules.selection import (
    LEAVING,
    STAYING,
    Line,
    Outcome,
    SelectionState,
    state_after,
    taken_too_many,
    unexplained,
    usual,
    without_quorum,
)
from handup.people.services.participation import Batch, MoveBeforeLast
from handup.people.services.store import audit_all, change, insert

DECIDE = "people.decide_selection"
DUTIES = (Duty(DECIDE),)
ON_THE_LIST = (ParticipationState.ELIGIBLE.value, ParticipationState.WAITING.value)
MOST_MEMBERS = 50


class NobodyEligible(Refusal):
    """Nobody this run takes is eligible or waiting. Decide the applications first."""


class SelectionWithoutTitle(Refusal):
    """Give the selection a title."""


class NoPlaces(Refusal):
    """Write how many places there are, and a quorum of at least one."""


class NoQuorum(Refusal):
    """{present} members are present; the quorum is {quorum}."""


class MemberTwice(Refusal):
    """Write each member present once, at most 50."""


class HeldAhead(Refusal):
    """{date} has not come yet."""


class SelectionDecided(Refusal):
    """This selection is decided. An appeal reopens an application."""


class PassedOverWithoutReason(Refusal):
    """Give the reason why these are passed over: {places}."""


class ReasonDoesNotFit(Refusal):
    """A reason belongs to somebody who is passed over, and must be one of the list."""


class TooManyTaken(Refusal):
    """There are {places} places and more are taken."""


class ConflictLeavesNoQuorum(Refusal):
    """With those who may not vote, the quorum is missed for these: {places}."""


class NoLongerOnList(Refusal):
    """Somebody on the list is no longer eligible or waiting: {places}. Propose anew."""


class UnknownMember(Refusal):
    """There is no member with this number."""


def propose_selection(
    *,
    acting_staff: StaffUser,
    run: TargetingRun,
    title: str,
    held_date: date,
    places: int,
    quorum: int,
    members: Sequence[str],
    id: UUID | None = None,
) -> Selection:
    """Propose a selection: everyone the run takes who is eligible or waiting, in the run's order,
    the first `places` of them taken. `members` are the names of those present.

    Raises SelectionWithoutTitle, NoPlaces, MemberTwice, NoQuorum, HeldAhead, NobodyEligible.
    """
    require(acting_staff, "people.propose_selection", run)
    present = [name.strip() for name in members if name.strip()]
    known = already_stored(
        Selection,
        id,
        acting_staff,
        run_id=run.pk,
        title=title.strip(),
        held_date=held_date,
        places=places,
        quorum=quorum,
        members=present,
    )
    if known is not None:
        return known
    _check_sitting(title, held_date, places, quorum, present)
    rows = TargetingRow.objects.visible_to(without_opened(acting_staff)).filter(
        run=run, targeted=True, participation__state__in=ON_THE_LIST
    )
    listed = list(rows.order_by("rank"))
    if not listed:
        raise NobodyEligible
    selection = Selection(
        id=id or new_id(),
        run=run,
        title=title.strip(),
        held_date=held_date,
        places=places,
        quorum=quorum,
        members=present,
        proposed_by=acting_staff,
    )
    lines = [
        SelectionLine(selection=selection, row=row, place=number, outcome=outcome.value)
        for number, (row, outcome) in enumerate(
            zip(listed, usual(len(listed), places), strict=True), 1
        )
    ]
    with transaction.atomic():
        insert([selection], acting_staff)
        insert(lines, acting_staff)
        facts: audit.Facts = {"persons": len(lines), "places": places}
        audit.record(acting_staff, "people.propose_selection", selection, facts)
    return selection


def _check_sitting(
    title: str, held_date: date, places: int, quorum: int, present: Sequence[str]
) -> None:
    if not title.strip():
        raise SelectionWithoutTitle(field="title")
    if not 0 < places <= 30_000 or not 0 < quorum <= MOST_MEMBERS:
        raise NoPlaces(field="places")
    if len(present) > MOST_MEMBERS or len({name.casefold() for name in present}) < len(present):
        raise MemberTwice(field="members")
    if len(present) < quorum:
        raise NoQuorum(field="members", present=len(present), quorum=quorum)
    if held_date > timezone.localdate():
        raise HeldAhead(field="held_date", date=held_date)


def set_line(
    *,
    acting_staff: StaffUser,
    line: SelectionLine,
    outcome: Outcome,
    reason: str = "",
    conflicts: Collection[int] = (),
) -> SelectionLine:
    """Say what is proposed of one person: taken, next, or passed over with a coded reason, and
    which members (numbers from 1) may not vote on her for a conflict of interest. Who says so has
    had a hand in the proposal.

    Raises SelectionDecided, ReasonDoesNotFit, UnknownMember.
    """
    require(acting_staff, "people.propose_selection", line)
    fits = reason in LEAVING | STAYING if outcome is Outcome.PASSED_OVER else not reason
    numbers = sorted(set(conflicts))
    with transaction.atomic():
        held = _held(line.selection_id)
        if not fits:
            raise ReasonDoesNotFit(field="reason")
        if any(not 0 < number <= len(held.members) for number in numbers):
            raise UnknownMember(field="conflicts")
        line.refresh_from_db(fields=["changed_by"])
        change(
            line,
            acting_staff,
            outcome=outcome.value,
            reason=reason,
            conflicts=numbers,
            changed_by=sorted({*line.changed_by, str(acting_staff.pk)}),
        )
        facts: audit.Facts = {"outcome": outcome.value, "reason": reason}
        audit.record(acting_staff, "people.set_line", line, facts)
    return line


def _held(selection: UUID) -> Selection:
    """A selection nobody else changes or decides meanwhile. Raises SelectionDecided."""
    held: Selection = Selection._base_manager.select_for_update().get(pk=selection)
    if held.state == SelectionState.DECIDED:
        raise SelectionDecided
    return held


def rule_lines(rows: Sequence[SelectionLine]) -> list[Line]:
    """The lines of a selection as the rules read them."""
    return [Line(Outcome(row.outcome), row.reason, frozenset(row.conflicts)) for row in rows]


def lines_of(selection: Selection, staff: StaffUser) -> list[SelectionLine]:
    """The lines she may know of, in order and numbered for her from 1. Somebody hidden since the
    proposal is not among them, takes no place and stays where she is until her team moves her.
    """
    seen: QuerySet[SelectionLine, SelectionLine] = SelectionLine.objects.visible_to(
        without_opened(staff)
    )
    held = seen.filter(selection=selection).order_by("place")
    found = list(
        held.select_related("row__person", "row__run__test", "row__participation", "selection")
    )
    for number, line in enumerate(found, 1):
        line.place = number
    return found


def decide_selection(
    *, acting_staff: StaffUser, selection: Selection, decided_date: date, reason: str = ""
) -> Selection:
    """Decide a proposed selection: who is taken takes part from that day, who is next waits, who is
    passed over waits or leaves by her reason. Somebody else than who proposed it or changed a line
    decides; `reason` where one person is all there is.

    Raises SelectionDecided, SamePerson, PassedOverWithoutReason, TooManyTaken,
    ConflictLeavesNoQuorum, NoLongerOnList, HeldAhead, MoveBeforeLast.
    """
    require(acting_staff, DECIDE, selection)
    with transaction.atomic():
        held = _held(selection.pk)
        rows = _rows(held)
        changed = {UUID(hand) for row in rows for hand in row.changed_by}
        require_other_person(
            acting_staff, held.proposed_by_id, *changed, step=DECIDE, reason=reason, obj=held
        )
        place = {line.pk: line.place for line in lines_of(held, acting_staff)}
        rows = [row for row in rows if row.pk in place]
        for row in rows:
            row.place = place[row.pk]
        _check_decision(held, rows, decided_date)
        _move(rows, decided_date, acting_staff)
        change(
            held,
            acting_staff,
            state=SelectionState.DECIDED.value,
            decided_by=acting_staff,
            decided_date=decided_date,
        )
        taken = sum(row.outcome == Outcome.TAKEN for row in rows)
        audit.record(acting_staff, DECIDE, held, {"persons": len(rows), "taken": taken})
    return held


def _rows(held: Selection) -> list[SelectionLine]:
    """The lines in order, with participations that nobody moves meanwhile."""
    rows = list(held.lines.select_related("row").order_by("place"))
    parts = Participation._base_manager.select_for_update(of=("self",)).order_by("pk")
    inside = {
        part.pk: part for part in parts.filter(pk__in=held.lines.values("row__participation"))
    }
    for row in rows:
        row.row.participation = inside[row.row.participation_id]
    return rows


def _check_decision(held: Selection, rows: Sequence[SelectionLine], on: date) -> None:
    if on > timezone.localdate():
        raise HeldAhead(field="decided_date", date=on)
    if on < held.held_date:
        raise MoveBeforeLast(field="decided_date", last_date=held.held_date.isoformat())
    lines = rule_lines(rows)
    if bare := unexplained(lines, held.places):
        raise PassedOverWithoutReason(places=_listed(bare))
    if taken_too_many(lines, held.places):
        raise TooManyTaken(places=held.places)
    present = range(1, len(held.members) + 1)
    if few := without_quorum(lines, present, held.quorum):
        raise ConflictLeavesNoQuorum(places=_listed(few))
    gone = [row.place for row in rows if row.row.participation.state not in ON_THE_LIST]
    if gone:
        raise NoLongerOnList(places=_listed(gone))


def _listed(places: Sequence[int]) -> str:
    return ", ".join(map(str, places[:20]))


def _move(rows: Sequence[SelectionLine], on: date, staff: StaffUser) -> None:
    batch = Batch()
    for row in rows:
        part: Participation = row.row.participation
        last = part.events.order_by("-event_date", "-id").first()
        if last is not None and on < last.event_date:
            raise MoveBeforeLast(field="decided_date", last_date=last.event_date.isoformat())
        line = Line(Outcome(row.outcome), row.reason)
        state, reason = state_after(line)
        if state.value == part.state and reason is Reason.NO_PLACE:
            continue
        batch.rows.append(part)
        batch.move(part, state, reason.value, on, staff)
    for part in batch.rows:
        change(
            part,
            staff,
            state=part.state,
            reason=part.reason,
            started_date=part.started_date,
            ended_date=part.ended_date,
        )
    insert(batch.events, staff)
    facts: list[audit.Facts] = [{"to": part.state} for part in batch.rows]
    audit_all(staff, "people.move_participation", batch.rows, facts)
