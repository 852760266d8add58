"""Answers: received once, checked again, accepted by another person than the interviewer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.chain import canonical
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require, require_all
from handup.org.scope import hidden_from
from handup.surveys.models import (
    Answer,
    Case,
    Flag,
    PaperEntry,
    Question,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.answers import Given, recheck
from handup.surveys.rules.codes import (
    Channel,
    FlagRule,
    RoundState,
    SubmissionState,
    VersionState,
)
from handup.surveys.rules.identity import Arrival, arrival
from handup.surveys.services.cases import answered_cases, ask_again, end_cases, is_withdrawn
from handup.surveys.services.quality import flags_at_receipt
from handup.surveys.services.refusals import (
    AnswersDiffer,
    ClosedForAskingAgain,
    NoteMissing,
    NotInThisState,
    OwnInterview,
    RoundLocked,
    RoundNotOpen,
    SecondAccepted,
    VersionOfOtherQuestionnaire,
)

LATE_DAYS = 14
EARLY_MINUTES = 10
CHUNK = 500
UNDECIDED = frozenset({SubmissionState.RECEIVED, SubmissionState.HELD, SubmissionState.SENT_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerIn:
    """One answer; an amount is in the smallest unit of its currency."""

    name: str
    value: str
    index: int = 0
    currency: str = ""
    reference_month: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionIn:
    """One set of answers as a person, a page or a device sends it; `asked_by`: who asked, where
    another person hands it in.
    """

    case: Case
    version: QuestionnaireVersion
    answers: Sequence[AnswerIn]
    answered_date: date
    consented: bool = True
    channel: Channel = Channel.WEB
    start_at: datetime | None = None
    end_at: datetime | None = None
    device: str = ""
    asked_by: StaffUser | None = None
    instance_id: str = field(default_factory=lambda: str(new_id()))

    def body(self) -> bytes:
        """The bytes that identify the content; without consent the answers are left out."""
        answers = self.answers if self.consented else ()
        content: dict[str, Any] = {
            "case": str(self.case.pk),
            "version": str(self.version.pk),
            "date": self.answered_date.isoformat(),
            "consented": self.consented,
            "answers": [_content(answer) for answer in answers],
        }
        return canonical(content)


def _content(answer: AnswerIn) -> dict[str, Any]:
    month = answer.reference_month
    return {
        "name": answer.name,
        "value": answer.value,
        "index": answer.index,
        "currency": answer.currency,
        "month": month.isoformat() if month else "",
    }


def record_submission(*, acting_staff: StaffUser, submission: SubmissionIn) -> Submission:
    """Receive one set of answers.

    The same id with the same bytes changes nothing. With other bytes the second body is kept as a
    CONFLICT for the supervisor and AnswersDiffer is raised. Raises RoundNotOpen,
    VersionOfOtherQuestionnaire.
    """
    (row,) = record_submissions(acting_staff=acting_staff, items=[submission])
    if row.state == SubmissionState.CONFLICT:
        raise AnswersDiffer(field="instance_id")
    return row


def record_submissions(
    *, acting_staff: StaffUser, items: Sequence[SubmissionIn]
) -> list[Submission]:
    """Receive many sets of answers; a conflict is returned as a row in state CONFLICT."""
    for item in items:
        _refuse_misplaced(item)
    _require(acting_staff, items)
    stored = _stored([item.instance_id for item in items])
    taken = answered_cases([item.case.pk for item in items])
    withdrawn = is_withdrawn([item.case.pk for item in items])
    questions = _questions({item.version for item in items})
    rows: list[Submission] = []
    fresh: list[Submission] = []
    answers: list[Answer] = []
    flags: list[Flag] = []
    ending: list[Submission] = []
    for item in items:
        row, new = _receive(acting_staff, item, stored.get(item.instance_id))
        rows.append(row)
        if not new:
            continue
        fresh.append(row)
        if row.state == SubmissionState.CONFLICT:
            continue
        stored[row.instance_id] = row
        if item.case.pk in withdrawn:
            row.state, row.body, row.faults = SubmissionState.WITHDRAWN, "", []
            continue
        _judge(row, item, questions[item.version.pk])
        second = item.case.pk in taken
        flags += flags_of(row, item.version, second=second)
        if not second:
            ending.append(row)
            taken.add(item.case.pk)
        told = _answers(row, item, questions[item.version.pk])
        flags += flags_at_receipt(
            row, told, questions[item.version.pk].values(), alone=len(items) == 1
        )
        answers += told
    with transaction.atomic():
        Submission.objects.bulk_create(fresh, batch_size=100)
        Answer.objects.bulk_create(answers, batch_size=500)
        Flag.objects.bulk_create(flags, batch_size=200)
        end_cases(ending)
        audit.record_many(
            audit.line(acting_staff, "surveys.record_submission", row, {"state": row.state})
            for row in fresh
        )
    return rows


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
    was sent back ends its case again.
    """
    _require_rows(acting_staff, submissions)
    accepted = {
        one.case_id: one
        for one in Submission.objects.filter(
            round__in={row.round_id for row in submissions}, state=SubmissionState.ACCEPTED
        ).select_related("round")
    }
    replaced: list[Submission] = []
    for row in submissions:
        _refuse_decided(row)
        held = accepted.get(row.case_id)
        if held is not None:
            if not _changes(row, held):
                raise SecondAccepted
            replaced.append(held)
        if (held is not None or row.state == SubmissionState.HELD) and not note.strip():
            raise NoteMissing(field="note")
        accepted[row.case_id] = row
    sent_back = [row for row in submissions if row.state == SubmissionState.SENT_BACK]
    with transaction.atomic():
        for row in submissions:
            _another(acting_staff, row, note)
        _decide(acting_staff, replaced, SubmissionState.SET_ASIDE, note)
        _decide(acting_staff, submissions, SubmissionState.ACCEPTED, note)
        end_cases(sent_back)
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
        _decide(acting_staff, [submission], state, note)
        if send_back:
            ask_again(submission)
        audit.record(
            acting_staff, "surveys.set_aside_submission", submission, {"state": state.value}
        )
    return submission


def _refuse_misplaced(item: SubmissionIn) -> None:
    round: Round = item.case.round
    if round.state != RoundState.OPEN:
        raise RoundNotOpen(round=round.name)
    if item.version.questionnaire_id != round.questionnaire_id:
        raise VersionOfOtherQuestionnaire(field="version")


def _require(staff: StaffUser, items: Sequence[SubmissionIn]) -> None:
    """Ask for each case; a batch asks once per place, interviewer and round."""
    places = {
        (
            c.round_id,
            c.office_id,
            c.area_id,
            c.interviewer_id,
            c.person_id if len(items) == 1 else 0,
        ): c
        for c in (item.case for item in items)
    }
    if hidden_from(staff).intersection(item.case.person_id for item in items):
        raise OutOfSight
    for case in places.values():
        require(staff, "surveys.record_submission", case)


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


def _stored(ids: Sequence[str]) -> dict[str, Submission]:
    found: dict[str, Submission] = {}
    for start in range(0, len(ids), CHUNK):
        for row in Submission.objects.filter(instance_id__in=ids[start : start + CHUNK]).exclude(
            state=SubmissionState.CONFLICT
        ):
            found[row.instance_id] = row
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """A row not yet stored, with the answers read for it and what was seen at once."""

    row: Submission
    answers: list[Answer]
    flags: list[Flag]


def judged_plain(staff: StaffUser, item: SubmissionIn) -> Judged:
    """Read and judge a set of answers to a questionnaire without a compiled form."""
    questions = _questions({item.version})[item.version.pk]
    row, _new = _receive(staff, item, None)
    _judge(row, item, questions)
    told = _answers(row, item, questions)
    return Judged(row, told, flags_at_receipt(row, told, questions.values()))


def _questions(versions: set[QuestionnaireVersion]) -> dict[UUID, dict[str, Question]]:
    found: dict[UUID, dict[str, Question]] = {version.pk: {} for version in versions}
    for question in Question.objects.filter(version__in=versions):
        found[question.version_id][question.name] = question
    return found


def _receive(
    staff: StaffUser, item: SubmissionIn, stored: Submission | None
) -> tuple[Submission, bool]:
    body = item.body()
    digest = sha256(body).hexdigest()
    kind = arrival(stored.sha256 if stored else None, digest)
    if stored is not None and kind is Arrival.SAME:
        return stored, False
    row = Submission(
        instance_id=item.instance_id,
        root_id=item.instance_id,
        version=item.version,
        round=item.case.round,
        case=item.case,
        start_at=item.start_at,
        end_at=item.end_at,
        answered_date=item.answered_date,
        device=item.device,
        channel=item.channel,
        sha256=digest,
        body=body.decode(),
        state=SubmissionState.CONFLICT if kind is Arrival.CONFLICT else SubmissionState.RECEIVED,
        consented=item.consented,
        interviewer=item.asked_by or staff,
    )
    return row, True


def _judge(row: Submission, item: SubmissionIn, questions: Mapping[str, Question]) -> None:
    """Hold what does not pass the check again; of a refusal only the refusal is kept."""
    if not item.consented:
        row.state = SubmissionState.SET_ASIDE
        return
    asked = [question.asked() for question in questions.values()]
    given = [Given(answer.name, answer.value, answer.index) for answer in item.answers]
    faults = recheck(asked, given)
    row.faults = [
        {"path": f.path, "kind": f.kind.value, "value": f.value, "expected": f.expected}
        for f in faults
    ]
    row.fault_count = len(faults)
    if faults:
        row.state = SubmissionState.HELD


def flags_of(row: Submission, version: QuestionnaireVersion, *, second: bool) -> list[Flag]:
    """What is seen at once when answers arrive; a second set in a round is set aside."""
    found = []
    if second:
        row.state = SubmissionState.SET_ASIDE
        found.append(Flag(submission=row, rule=FlagRule.SECOND_IN_ROUND))
    if version.state == VersionState.RETIRED:
        found.append(Flag(submission=row, rule=FlagRule.OLD_VERSION))
    start, end = row.start_at, row.end_at
    early = start is not None and start > row.received_at + timedelta(minutes=EARLY_MINUTES)
    if (start is not None and end is not None and end < start) or early:
        found.append(Flag(submission=row, rule=FlagRule.CLOCK))
    if end is not None and row.received_at > end + timedelta(days=LATE_DAYS):
        found.append(Flag(submission=row, rule=FlagRule.LATE))
    return found


def _answers(
    row: Submission, item: SubmissionIn, questions: Mapping[str, Question]
) -> list[Answer]:
    if not item.consented:
        return []
    return [
        Answer(
            submission=row,
            question=questions[answer.name],
            repeat_index=answer.index,
            value=answer.value,
            currency=answer.currency,
            reference_month=answer.reference_month,
        )
        for answer in item.answers
        if answer.value != "" and answer.name in questions
    ]


def _refuse_decided(row: Submission) -> None:
    if row.round.state == RoundState.LOCKED:
        raise RoundLocked
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


def content_of(submission: Submission) -> Mapping[str, Any]:
    """Return what was sent, as it was sent."""
    content: Mapping[str, Any] = json.loads(submission.body)
    return content
