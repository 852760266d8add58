"""Answers decided on by another person than the interviewer: accepted, set aside, sent back."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.org import audit
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require, require_all
from handup.org.scope import hidden_from
from handup.surveys.models import Case, PaperEntry, Round, Submission
from handup.surveys.rules.codes import Outcome, RoundState, SubmissionState
from handup.surveys.services.cases import ask_again, end_cases
from handup.surveys.services.refusals import (
    ClosedForAskingAgain,
    NoteMissing,
    NotInThisState,
    OwnInterview,
    RoundLocked,
    SecondAccepted,
)

CHUNK = 500
UNDECIDED = frozenset({SubmissionState.RECEIVED, SubmissionState.HELD, SubmissionState.SENT_BACK})


def accept_submission(
    *, acting_staff: StaffUser, submission: Submission, note: str = ""
) -> Submission:
    """Accept one set of answers. Raises OwnInterview, SecondAccepted, NoteMissing, RoundLocked."""
    return accept_submissions(acting_staff=acting_staff, submissions=[submission], note=note)[0]


def accept_submissions(
    *, acting_staff: StaffUser, submissions: Sequence[Submission], note: str = ""
) -> list[Submission]:
    """Accept many sets of answers; a held one needs a note, one's own is never accepted.

    An edit of the accepted set takes its place: that one is set aside with the same note. One that
    was sent back, or came after a refusal, ends its case.
    """
    _require_rows(acting_staff, submissions)
    refused = set(
        Case.objects.filter(
            pk__in=[row.case_id for row in submissions], outcome=Outcome.REFUSED
        ).values_list("pk", flat=True)
    )
    ending = [
        row
        for row in submissions
        if row.state == SubmissionState.SENT_BACK or row.case_id in refused
    ]
    for row in submissions:
        _refuse_decided(row)
    with transaction.atomic():
        _hold(submissions)
        _hold_cases(submissions)
        replaced = _replaced(submissions, note)
        for row in submissions:
            _another(acting_staff, row, note)
        _decide(acting_staff, replaced, SubmissionState.SET_ASIDE, note)
        _decide(acting_staff, submissions, SubmissionState.ACCEPTED, note)
        end_cases(ending)
        audit.record_many(
            [
                *(
                    audit.line(
                        acting_staff, "surveys.set_aside_submission", row, {"state": row.state}
                    )
                    for row in replaced
                ),
                *(audit.line(acting_staff, "surveys.accept_submission", r) for r in submissions),
            ]
        )
    return list(submissions)


def _replaced(submissions: Sequence[Submission], note: str) -> list[Submission]:
    """The accepted sets that these edits take the place of. Raises SecondAccepted, NoteMissing."""
    accepted = {
        one.case_id: one
        for one in Submission.objects.filter(
            round__in={row.round_id for row in submissions}, state=SubmissionState.ACCEPTED
        ).select_related("round")
    }
    found: list[Submission] = []
    for row in submissions:
        held = accepted.get(row.case_id)
        if held is not None:
            if not _changes(row, held):
                raise SecondAccepted
            found.append(held)
        if (held is not None or row.state == SubmissionState.HELD) and not note.strip():
            raise NoteMissing(field="note")
        accepted[row.case_id] = row
    return found


def _hold_cases(rows: Sequence[Submission]) -> None:
    """Lock the cases of sets of answers, so that of two sets of one case that are accepted at once
    the second meets the first. Raises RoundLocked where the round was locked meanwhile.
    """
    keys = sorted({row.case_id for row in rows})
    for start in range(0, len(keys), CHUNK):
        held = Case._base_manager.filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
        list(held.select_for_update(of=("self",)).only("pk"))
    rounds = Round._base_manager.filter(pk__in={row.round_id for row in rows})
    if rounds.filter(state=RoundState.LOCKED).exists():
        raise RoundLocked


def _changes(row: Submission, held: Submission) -> bool:
    """Whether a set of answers is an edit, at whatever remove, of the accepted one."""
    if held.state != SubmissionState.ACCEPTED or row.root_id != held.root_id:
        return False
    here: Submission | None = row.supersedes
    while here is not None and here.pk != held.pk:
        here = here.supersedes
    return here is not None


def set_aside_submission(
    *, acting_staff: StaffUser, submission: Submission, note: str, send_back: bool = False
) -> Submission:
    """Set a set of answers aside, or send it back to the interviewer, with a note: then its case
    is open again, and she is to ask it once more. Raises ClosedForAskingAgain, as a case of a
    closed round would be lost by it.
    """
    require(acting_staff, "surveys.set_aside_submission", submission)
    _refuse_decided(submission)
    if send_back and submission.round.state != RoundState.OPEN:
        raise ClosedForAskingAgain(field="decision", round=submission.round.name)
    if not note.strip():
        raise NoteMissing(field="note")
    state = SubmissionState.SENT_BACK if send_back else SubmissionState.SET_ASIDE
    with transaction.atomic():
        _hold([submission])
        _decide(acting_staff, [submission], state, note)
        if send_back:
            ask_again(submission)
        audit.record(
            acting_staff, "surveys.set_aside_submission", submission, {"state": state.value}
        )
    return submission


def _require_rows(staff: StaffUser, rows: Sequence[Submission]) -> None:
    """Ask for each set of answers as far as its place, its interviewer or its person differ."""
    cases = Case.objects.in_bulk(list({row.case_id for row in rows}))
    places: dict[tuple[object, ...], Submission] = {}
    for row in rows:
        case = cases[row.case_id]
        place = (case.round_id, case.office_id, case.area_id, case.interviewer_id)
        places.setdefault(place, row)
    hidden = hidden_from(staff)
    if any(cases[row.case_id].person_id in hidden for row in rows):
        raise OutOfSight
    require_all(staff, "surveys.accept_submission", places.values())


def _refuse_decided(row: Submission) -> None:
    if row.round.state == RoundState.LOCKED:
        raise RoundLocked
    if row.state not in UNDECIDED:
        raise NotInThisState(state=row.get_state_display())


def _hold(rows: Sequence[Submission]) -> None:
    """Lock these until the decision stands. Raises NotInThisState when somebody decided at the
    same time.
    """
    for start in range(0, len(rows), CHUNK):
        keys = [row.pk for row in rows[start : start + CHUNK]]
        held = Submission.objects.filter(pk__in=keys).order_by("pk").defer("body", "faults")
        for row in held.select_for_update(of=("self",)):
            if row.state not in UNDECIDED:
                raise NotInThisState(state=row.get_state_display())


def _another(staff: StaffUser, row: Submission, note: str) -> None:
    try:
        require_other_person(
            staff,
            row.interviewer_id,
            *_correctors(row),
            *_typists(row),
            step="surveys.accept_submission",
            reason=note,
            obj=row,
        )
    except SamePerson:
        raise OwnInterview from None


def _correctors(row: Submission) -> list[UUID]:
    """Who corrected this state, or one below it that nobody accepted since."""
    if row.supersedes_id is None:
        return [row.corrected_by_id] if row.corrected_by_id else []
    states = Submission._base_manager.filter(case=row.case_id)
    rows = {one.pk: one for one in states.only("supersedes", "corrected_by", "state")}
    found: list[UUID] = []
    here = rows.pop(row.pk, None)
    while here is not None and here.state != SubmissionState.ACCEPTED:
        if here.corrected_by_id:
            found.append(here.corrected_by_id)
        here = rows.pop(here.supersedes_id, None) if here.supersedes_id else None
    return found


def _typists(row: Submission) -> list[UUID]:
    """Who typed these answers, or the first state of them, from paper."""
    papers = PaperEntry._base_manager.filter(submission__root_id=row.root_id)
    return list(papers.values_list("entered_by_id", flat=True))


def _decide(
    staff: StaffUser, rows: Sequence[Submission], state: SubmissionState, note: str
) -> None:
    now = timezone.now()
    ids = [row.pk for row in rows]
    for start in range(0, len(ids), CHUNK):
        Submission.objects.filter(pk__in=ids[start : start + CHUNK]).update(
            state=state, decided_by=staff, decided_at=now, note=note.strip()
        )
    for row in rows:
        row.state, row.decided_by, row.decided_at, row.note = state, staff, now, note.strip()
