"""Answers: received once and checked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.chain import canonical
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.people.services.days import refuse_to_come
from handup.surveys.models import (
    Answer,
    Case,
    Flag,
    Question,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.answers import Given, recheck
from handup.surveys.rules.codes import (
    Channel,
    FlagRule,
    Outcome,
    RoundState,
    SubmissionState,
    VersionState,
)
from handup.surveys.rules.identity import Arrival, arrival
from handup.surveys.services.cases import (
    answered_cases,
    end_cases,
    is_withdrawn,
    kept_conflict,
    locked_outcomes,
)
from handup.surveys.services.edits import AFTER_REFUSAL, doubt
from handup.surveys.services.quality import flags_at_receipt
from handup.surveys.services.refusals import (
    AnswersDiffer,
    RoundNotOpen,
    VersionNotPublished,
    VersionOfOtherQuestionnaire,
)

LATE_DAYS = 14
EARLY_MINUTES = 10
CHUNK = 500


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

    The same id with the same bytes changes nothing, whatever became of the round. With other bytes
    the second body is kept as a CONFLICT for the supervisor and AnswersDiffer is raised. Raises
    RoundNotOpen, VersionOfOtherQuestionnaire, VersionNotPublished, DayToCome.
    """
    (row,) = record_submissions(acting_staff=acting_staff, items=[submission])
    if row.state == SubmissionState.CONFLICT:
        raise AnswersDiffer(field="instance_id")
    return row


def record_submissions(
    *, acting_staff: StaffUser, items: Sequence[SubmissionIn]
) -> list[Submission]:
    """Receive many sets of answers; a conflict is returned as a row in state CONFLICT."""
    _require(acting_staff, items)
    with transaction.atomic():
        return _take(acting_staff, items)


def _take(acting_staff: StaffUser, items: Sequence[SubmissionIn]) -> list[Submission]:
    """Judge and store what is new, the cases locked: the same at once waits for the first."""
    ids = [item.case.pk for item in items]
    outcomes = locked_outcomes(ids)
    stored = _stored([item.instance_id for item in items])
    taken, withdrawn = answered_cases(ids), is_withdrawn(ids)
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
        _refuse_misplaced(item)
        fresh.append(row)
        if item.case.pk in withdrawn:
            row.body = ""
        if row.state == SubmissionState.CONFLICT:
            continue
        stored[row.instance_id] = row
        if item.case.pk in withdrawn:
            row.state = SubmissionState.WITHDRAWN
            continue
        _judge(row, item, questions[item.version.pk])
        refused = outcomes[item.case.pk] == Outcome.REFUSED and row.consented
        if refused:
            doubt(row, AFTER_REFUSAL, "")
            row.state = SubmissionState.HELD
        second = item.case.pk in taken
        flags += flags_of(row, item.version, second=second)
        if not second and not refused:
            ending.append(row)
            taken.add(item.case.pk)
        told = _answers(row, item, questions[item.version.pk])
        flags += flags_at_receipt(
            row, told, questions[item.version.pk].values(), alone=len(items) == 1
        )
        answers += told
    Submission.objects.bulk_create(fresh, batch_size=100)
    Answer.objects.bulk_create(answers, batch_size=500)
    Flag.objects.bulk_create(flags, batch_size=200)
    end_cases(ending)
    audit.record_many(
        audit.line(acting_staff, "surveys.record_submission", row, {"state": row.state})
        for row in fresh
    )
    return rows


def _refuse_misplaced(item: SubmissionIn) -> None:
    round: Round = item.case.round
    if round.state != RoundState.OPEN:
        raise RoundNotOpen(round=round.name)
    refuse_version(item.version, round)
    refuse_to_come("answered_date", item.answered_date)


def refuse_version(version: QuestionnaireVersion, round: Round) -> None:
    """Raise VersionOfOtherQuestionnaire, or VersionNotPublished for a draft nobody may ask yet."""
    if version.questionnaire_id != round.questionnaire_id:
        raise VersionOfOtherQuestionnaire(field="version")
    if version.state not in {VersionState.PUBLISHED, VersionState.RETIRED}:
        raise VersionNotPublished(field="version")


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
    if kind is Arrival.CONFLICT and (held := kept_conflict(item.instance_id, digest)) is not None:
        return held, False
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


def content_of(submission: Submission) -> Mapping[str, Any]:
    """Return what was sent, as it was sent."""
    content: Mapping[str, Any] = json.loads(submission.body)
    return content
