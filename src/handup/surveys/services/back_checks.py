"""Back-checks: interviews drawn to be asked again, by another interviewer, and what comes of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from, leave_out
from handup.people.services.days import refuse_to_come
from handup.surveys.models import Answer, BackCheck, Flag, Question, Round, Submission
from handup.surveys.rules.asking_again import compared, drawn, least_compared, questions_again
from handup.surveys.rules.codes import FlagRule, RoundState, SubmissionState
from handup.surveys.rules.limits import limits_of
from handup.surveys.rules.quality import Agreement, Limits, agreement, needs_review
from handup.surveys.rules.signs import NO_ANSWER, Q
from handup.surveys.services.edits import doubt
from handup.surveys.services.quality import COUNTS, asked, locked
from handup.surveys.services.refusals import (
    BackCheckTwice,
    RoundLocked,
    SameInterviewer,
    TooFewCompared,
)

REVIEW = "INTERVIEWER_DISAGREES"
CHUNK = 200


class NothingToAskAgain(Refusal):
    """Nothing more is to be asked again: every interviewer has as many as are drawn."""


class BeforeTheInterview(Refusal):
    """It was asked again before it was asked the first time."""


def draw_back_checks(*, acting_staff: StaffUser, round: Round) -> list[BackCheck]:
    """Draw, among interviews received, those asked again: a share of each interviewer's, at least
    five. A later draw adds to what was drawn. Whoever draws draws nobody she may not know of.
    Raises RoundLocked, NothingToAskAgain.
    """
    require(acting_staff, "surveys.draw_back_checks", round)
    if round.state == RoundState.LOCKED:
        raise RoundLocked
    seen = leave_out(Submission.objects.filter(round=round), hidden_from(acting_staff))
    rows = {
        str(row.pk): row
        for row in seen.filter(state__in=COUNTS, consented=True)
        .select_related("case", "round")
        .defer("body", "faults")
    }
    by: dict[str, list[str]] = {}
    for pk, row in rows.items():
        by.setdefault(str(row.interviewer_id), []).append(pk)
    held = {
        str(pk)
        for pk in BackCheck.objects.filter(submission__round=round).values_list(
            "submission_id", flat=True
        )
    }
    limits = limits_of(round.limits)
    chosen = drawn(by, round.seed, already=held, limits=limits)
    if not chosen:
        raise NothingToAskAgain
    due = timezone.localdate() + timedelta(days=limits.back_check_days)
    names = _names([rows[pk] for pk in chosen], limits)
    found = [
        BackCheck(submission=rows[pk], due_date=due, question_names=names[rows[pk].pk])
        for pk in chosen
    ]
    with transaction.atomic():
        BackCheck.objects.bulk_create(found, batch_size=200)
        audit.record(acting_staff, "surveys.draw_back_checks", round, {"drawn": len(found)})
    return found


def _names(rows: Sequence[Submission], limits: Limits) -> dict[UUID, list[str]]:
    """The questions asked again of each set of answers."""
    facts: dict[UUID, list[Q]] = {}
    versions = {row.version_id for row in rows}
    questions = Question.objects.filter(version__in=versions, sensitive=False)
    for one in questions.order_by("version", "number"):
        facts.setdefault(one.version_id, []).append(asked(one))
    answered: dict[UUID, set[str]] = {row.pk: set() for row in rows}
    for start in range(0, len(rows), CHUNK):
        piece = rows[start : start + CHUNK]
        for answer in Answer.objects.filter(submission__in=piece).select_related("question"):
            if answer.value not in NO_ANSWER:
                answered[answer.submission_id].add(answer.question.name)
    return {
        row.pk: questions_again(facts.get(row.version_id, []), answered[row.pk], limits)
        for row in rows
    }


def assign_back_check(
    *, acting_staff: StaffUser, check: BackCheck, checker: StaffUser
) -> BackCheck:
    """Give a back-check to another interviewer. Raises SameInterviewer, BackCheckTwice,
    OutOfSight when she may not know of the person.
    """
    require(acting_staff, "surveys.assign_back_check", check)
    _refuse_done(check)
    if checker.pk == check.submission.interviewer_id:
        raise SameInterviewer(field="checker")
    if check.submission.case.person_id in hidden_from(checker):
        raise OutOfSight
    with transaction.atomic():
        check.checked_by = checker
        check.save(update_fields=("checked_by",))
        audit.record(acting_staff, "surveys.assign_back_check", check, {"checker": str(checker.pk)})
    return check


def record_back_check(
    *, acting_staff: StaffUser, check: BackCheck, answers: Mapping[str, str], check_date: date
) -> BackCheck:
    """Record what was answered the second time; amounts in the smallest unit.

    When too many answers of the interviewer differ by now, all her interviews of the round go to
    review: those received are held, all are flagged. Raises SameInterviewer, BackCheckTwice,
    TooFewCompared, BeforeTheInterview, DayToCome.
    """
    require(acting_staff, "surveys.record_back_check", check)
    _refuse_done(check)
    row = check.submission
    if acting_staff.pk == row.interviewer_id:
        raise SameInterviewer
    refuse_to_come("check_date", check_date)
    if check_date < row.answered_date:
        raise BeforeTheInterview(field="check_date")
    names = set(check.question_names)
    first = _first_answers(row, names)
    amounts = {name for name, (_value, unit) in first.items() if unit}
    told = {name: value.strip() for name, value in answers.items() if name in names}
    count, differing = compared({n: value for n, (value, _u) in first.items()}, told, amounts)
    least = least_compared(names, limits_of(row.round.limits))
    if count < least:
        raise TooFewCompared(least=least, compared=count)
    with transaction.atomic():
        locked(row.round)
        if not BackCheck._base_manager.filter(pk=check.pk, check_date=None).exists():
            raise BackCheckTwice
        check.checked_by, check.check_date = acting_staff, check_date
        check.compared, check.equal = count, count - len(differing)
        check.differing = differing
        check.told = [[name, value] for name, value in told.items() if value]
        check.save()
        audit.record(
            acting_staff,
            "surveys.record_back_check",
            check,
            {"compared": count, "equal": count - len(differing)},
        )
        _review(row)
    return check


def _first_answers(row: Submission, names: set[str]) -> dict[str, tuple[str, str]]:
    rows = Answer.objects.filter(submission=row, question__name__in=names, repeat_index=0)
    return {one.question.name: (one.value, one.currency) for one in rows.select_related("question")}


def _refuse_done(check: BackCheck) -> None:
    if check.submission.round.state == RoundState.LOCKED:
        raise RoundLocked
    if check.check_date is not None:
        raise BackCheckTwice


def agreement_of(checks: Sequence[BackCheck]) -> Agreement | None:
    """How far back-checks agree taken together; nothing before the first is done."""
    done = [check for check in checks if check.check_date is not None and check.compared]
    if not done:
        return None
    return agreement(sum(check.equal for check in done), sum(check.compared for check in done))


def review_open_rounds() -> None:
    """Send to review also what an interviewer whose answers differ too much has sent since."""
    live = (RoundState.OPEN, RoundState.CLOSED)
    done = BackCheck.objects.filter(submission__round__state__in=live).exclude(check_date=None)
    one_each: dict[tuple[UUID, UUID], Submission] = {}
    for check in done.select_related("submission__round").defer("submission__body"):
        row = check.submission
        one_each.setdefault((row.round_id, row.interviewer_id), row)
    for row in one_each.values():
        with transaction.atomic():
            locked(row.round)
            _review(row)


def _review(row: Submission) -> None:
    """Send an interviewer's interviews of the round to review when too many answers differ."""
    checks = BackCheck.objects.filter(
        submission__round=row.round_id, submission__interviewer=row.interviewer_id
    )
    found = agreement_of(list(checks))
    if found is None or not needs_review(found, limits_of(row.round.limits)):
        return
    hers = Submission.objects.filter(
        round=row.round_id, interviewer=row.interviewer_id, state__in=COUNTS, consented=True
    ).order_by("pk")
    flagged: set[UUID] = set(
        Flag.objects.filter(submission__in=hers, rule=FlagRule.BACK_CHECK).values_list(
            "submission_id", flat=True
        )
    )
    detail = f"{found.equal} / {found.compared}"
    waiting = hers.defer("body").select_for_update(no_key=True)
    new = [one for one in waiting if one.pk not in flagged]
    for one in new:
        if one.state == SubmissionState.RECEIVED:
            doubt(one, REVIEW, detail)
            one.state = SubmissionState.HELD
            one.save(update_fields=("state", "faults", "fault_count"))
    Flag.objects.bulk_create(
        [Flag(submission=one, rule=FlagRule.BACK_CHECK, detail=detail) for one in new],
        batch_size=200,
    )
