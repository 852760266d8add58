"""Signs that answers deserve a second look, kept as flags: seen when they arrive, and every night
(or when asked) over all answers of a round. A flag never changes an answer (surveys.md 4.7).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q as Where
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import leave_out
from handup.org.web.money import as_decimal
from handup.people.queries.persons import hidden_from_all
from handup.surveys.models import Answer, Flag, Question, Round, RoundFlag, Submission
from handup.surveys.registers import impossible_of
from handup.surveys.rules import limits as bounds
from handup.surveys.rules import signs
from handup.surveys.rules.codes import (
    AMOUNT_KEYS,
    FlagRule,
    QuestionType,
    RoundKind,
    RoundState,
    SubmissionState,
)
from handup.surveys.rules.quality import Limits, correlation
from handup.surveys.rules.signs import NO_ANSWER, Earlier, Interview, Q, Sign, Told
from handup.surveys.services.refusals import NoteMissing, RoundLocked

# Answers that may yet count: what was set aside, sent back or refused is not looked over.
COUNTS = (SubmissionState.RECEIVED, SubmissionState.HELD, SubmissionState.ACCEPTED)
# What is seen only beside others may cease to be seen when others arrive.
BESIDE = (
    FlagRule.OUTLIER,
    FlagRule.SAME_PLACE,
    FlagRule.SAME_PHONE,
    FlagRule.TRAVEL,
    FlagRule.DURATION,
)
DURATIONS_MOST = 500


class LimitOutOfBounds(Refusal):
    """The limit {name} lies between {low} and {high}."""


class UnknownLimit(Refusal):
    """There is no limit {name}."""


class SettledAlready(Refusal):
    """This is settled already."""


def asked(question: Question) -> Q:
    """A question as the signs need it."""
    return Q(
        question.name,
        QuestionType(question.type),
        question.handup_key,
        question.core,
        tuple(question.choice_labels),
        bool(question.repeat_path),
    )


def _typed(value: str, currency: str) -> str:
    """An amount in whole and parts of its currency; anything else as it is."""
    if not currency:
        return value
    try:
        return str(as_decimal(int(value), currency))
    except ValueError:
        return value


def interview_of(
    row: Submission, answers: Iterable[Answer], names: Mapping[UUID, str]
) -> Interview:
    """A set of answers as the signs need it."""
    told = tuple(
        Told(
            names[one.question_id], _typed(one.value, one.currency), one.repeat_index, one.currency
        )
        for one in answers
        if one.question_id in names
    )
    return _interview(row, told)


def _interview(row: Submission, told: tuple[Told, ...]) -> Interview:
    return Interview(
        id=str(row.pk),
        interviewer=str(row.interviewer_id),
        subject=str(row.case.subject_id),
        version=str(row.version_id),
        received=row.received_at,
        start=row.start_at,
        end=row.end_at,
        answered=row.answered_date,
        told=told,
    )


def flags_at_receipt(
    row: Submission, answers: Sequence[Answer], questions: Iterable[Question], *, alone: bool = True
) -> list[Flag]:
    """What one set of answers shows when it arrives. `alone`: it came by itself, so that it is
    also compared with the rounds before and with how long others took.
    """
    if not row.consented or row.state == SubmissionState.CONFLICT:
        return []
    known = {one.pk: one for one in questions}
    interview = interview_of(row, answers, {pk: one.name for pk, one in known.items()})
    facts = [asked(one) for one in known.values()]
    found = signs.at_receipt(
        interview,
        facts,
        earlier=_earlier(row) if alone else signs.NOTHING,
        durations=_durations(row) if alone and interview.minutes is not None else (),
        limits=bounds.limits_of(row.round.limits),
    )
    keyed = {
        known[one.question_id].handup_key: one.value
        for one in answers
        if known[one.question_id].handup_key and one.repeat_index == 0
    }
    case = row.case
    wrong = impossible_of(case.subject_kind, case.subject_id, row.answered_date, keyed)
    if wrong and not any(sign.rule is FlagRule.IMPOSSIBLE for sign in found):
        found.append(Sign(interview.id, FlagRule.IMPOSSIBLE, ", ".join(wrong)[:200]))
    return [Flag(submission=row, rule=sign.rule, detail=sign.detail) for sign in found]


def _durations(row: Submission) -> list[float]:
    """How many minutes others took over the same version in this round, the latest first."""
    rows = Submission.objects.filter(round=row.round_id, version=row.version_id, state__in=COUNTS)
    times = rows.exclude(Where(start_at=None) | Where(end_at=None)).order_by("-received_at")
    return [
        (end - start).total_seconds() / 60
        for start, end in times.values_list("start_at", "end_at")[:DURATIONS_MOST]
        if start is not None and end is not None and end >= start
    ]


def _earlier(row: Submission) -> Earlier:
    """What the subject told in this questionnaire before, accepted, in this programme."""
    before = Submission.objects.filter(
        case__subject_id=row.case.subject_id,
        round__questionnaire=row.round.questionnaire_id,
        round__programme=row.round.programme_id,
        state=SubmissionState.ACCEPTED,
    ).exclude(round=row.round_id)
    kinds = list(
        before.order_by("-answered_date", "-pk").values_list("pk", "round__kind", "answered_date")
    )
    if not kinds:
        return signs.NOTHING
    first = [day for _pk, kind, day in kinds if kind == RoundKind.BASELINE]
    later = row.round.kind != RoundKind.BASELINE
    rows = Answer.objects.filter(
        Where(question__type=QuestionType.AMOUNT) | Where(question__handup_key__in=AMOUNT_KEYS),
        submission=kinds[0][0],
    ).select_related("question")
    amounts: dict[tuple[str, str], float] = {}
    for one in rows:
        text = _typed(one.value, one.currency)
        if text.replace(".", "", 1).isdigit():
            amounts[one.question.name, one.currency] = float(text)
    return Earlier(min(first) if first and later else None, amounts)


def set_limits(*, acting_staff: StaffUser, round: Round, limits: Mapping[str, Any]) -> Round:
    """Set the thresholds of a round that differ from the usual; what is not named is as usual. The
    next night looks over the round by them.

    Raises UnknownLimit, LimitOutOfBounds, RoundLocked.
    """
    require(acting_staff, "surveys.set_limits", round)
    if round.state == RoundState.LOCKED:
        raise RoundLocked
    try:
        kept = bounds.checked(limits)
    except bounds.NotALimit as error:
        if error.name not in bounds.MAY_BE:
            raise UnknownLimit(field="limits", name=error.name) from error
        raise LimitOutOfBounds(
            field=error.name, name=error.name, low=error.low, high=error.high
        ) from error
    with transaction.atomic():
        changed = kept != round.limits
        round.limits = kept
        if changed:
            round.looked_at = None
        round.save(update_fields=("limits", "looked_at"))
        audit.record(
            acting_staff,
            "surveys.set_limits",
            round,
            {"limits": " ".join(f"{name}={value:g}" for name, value in sorted(kept.items()))},
        )
    return round


def look_over_round(*, acting_staff: StaffUser, round: Round) -> Round:
    """Look over all answers of a round again. Raises RoundLocked."""
    require(acting_staff, "surveys.look_over_round", round)
    if round.state == RoundState.LOCKED:
        raise RoundLocked
    with transaction.atomic():
        found = look_over(round)
        audit.record(acting_staff, "surveys.look_over_round", round, {"flags": found})
    return round


def look_over(round: Round) -> int:
    """Flag what shows only beside the other answers of a round; tell how many flags are new.

    What ceased to show and nobody settled is taken back; what somebody settled stays settled.
    """
    limits = bounds.limits_of(round.limits)
    versions = set(round.submissions.values_list("version_id", flat=True))
    questions: dict[str, list[Q]] = {str(pk): [] for pk in versions}
    names: dict[UUID, str] = {}
    for one in Question.objects.filter(version__in=versions).order_by("version", "number"):
        questions[str(one.version_id)].append(asked(one))
        names[one.pk] = one.name
    interviews = _interviews(round, names)
    found = signs.beside_others(interviews, questions, limits)
    shown = _told_to_all(round, interviews)
    over = signs.of_interviewers(shown, questions, limits)
    with transaction.atomic():
        locked(round)
        new = _keep(round, found) + _keep_over(round, over)
        round.looked_at = timezone.now()
        round.quality = _summary(shown, questions)
        round.save(update_fields=("looked_at", "quality"))
    return new


def locked(round: Round) -> None:
    """Let nobody else keep or settle flags of a round until the transaction ends; answers go on
    coming in.
    """
    Round._base_manager.select_for_update(no_key=True).get(pk=round.pk)


def _told_to_all(round: Round, interviews: Sequence[Interview]) -> Sequence[Interview]:
    """Interviews but those of hidden persons: what is told of a whole round is one for all who read
    it, and nobody is to see from it that somebody is hidden.
    """
    hidden = hidden_from_all()
    if not hidden:
        return interviews
    rows = leave_out(Submission.objects.filter(round=round), hidden)
    known = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return [one for one in interviews if one.id in known]


def _interviews(round: Round, names: Mapping[UUID, str]) -> list[Interview]:
    rows = {
        row.pk: row
        for row in Submission.objects.filter(round=round, state__in=COUNTS, consented=True)
        .select_related("case")
        .defer("body", "faults")
    }
    sealed = Answer._meta.get_field("value")
    told: dict[UUID, list[Told]] = {pk: [] for pk in rows}
    fields = Answer.objects.filter(
        submission__in=list(rows) if len(rows) <= 500 else rows_of(round)
    )
    for pk, row, question, index, unit, value in (
        fields.order_by("pk")
        .values_list("pk", "submission_id", "question_id", "repeat_index", "currency", "value")
        .iterator(chunk_size=2000)
    ):
        if row in told and question in names:
            text = _typed(sealed.open_at(pk, value), unit)
            told[row].append(Told(names[question], text, index, unit))
    return [_interview(row, tuple(told[pk])) for pk, row in rows.items()]


def rows_of(round: Round) -> Any:
    """The ids of all sets of answers of a round, as a query."""
    return Submission.objects.filter(round=round).values("pk")


def _keep(round: Round, found: Sequence[Sign]) -> int:
    held = {
        (str(flag.submission_id), flag.rule): flag
        for flag in Flag.objects.filter(submission__round=round, rule__in=BESIDE)
    }
    wanted = {(sign.id, sign.rule.value): sign for sign in found}
    new = [sign for key, sign in wanted.items() if key not in held]
    gone = [
        flag.pk for key, flag in held.items() if key not in wanted and flag.resolved_by_id is None
    ]
    Flag._base_manager.filter(pk__in=gone, resolved_by=None).delete()
    Flag.objects.bulk_create(
        [Flag(submission_id=UUID(s.id), rule=s.rule, detail=s.detail) for s in new], batch_size=200
    )
    return len(new)


def _keep_over(round: Round, found: Sequence[signs.RoundSign]) -> int:
    held = {
        (str(flag.interviewer_id or ""), flag.rule, flag.question_name): flag
        for flag in RoundFlag.objects.filter(round=round)
    }
    wanted = {(sign.interviewer, sign.rule.value, sign.question): sign for sign in found}
    new = [sign for key, sign in wanted.items() if key not in held]
    gone = [
        flag.pk for key, flag in held.items() if key not in wanted and flag.resolved_by_id is None
    ]
    RoundFlag._base_manager.filter(pk__in=gone, resolved_by=None).delete()
    RoundFlag.objects.bulk_create(
        RoundFlag(
            round=round,
            rule=sign.rule,
            interviewer_id=UUID(sign.interviewer) if sign.interviewer else None,
            question_name=sign.question,
            detail=sign.detail,
        )
        for sign in new
    )
    return len(new)


def _summary(
    interviews: Sequence[Interview], questions: Mapping[str, Sequence[Q]]
) -> dict[str, Any]:
    """What the pages show of a look without opening every answer: by interviewer the median of
    minutes and the share of "don't know"; by scale question the effect of who asks.
    """
    by: dict[str, list[Interview]] = {}
    for one in interviews:
        by.setdefault(one.interviewer, []).append(one)
    people = {}
    for who, given in by.items():
        minutes = [one.minutes for one in given if one.minutes is not None]
        values = [told.value for one in given for told in one.told]
        people[who] = {
            "minutes": round(median(minutes), 1) if minutes else None,
            "answers": len(values),
            "unanswered": sum(1 for value in values if value in NO_ANSWER),
        }
    effects = {}
    for name, answers in signs.scale_answers(interviews, questions).items():
        effect = correlation(answers)
        if effect is not None:
            counted = {"n": sum(map(len, answers.values())), "interviewers": len(answers)}
            effects[name] = {"rho": round(effect.rho, 4), **counted}
    return {"interviewers": people, "effects": effects}


def look_over_open_rounds() -> int:
    """Look over every round that is not locked and has answers or decisions since the last look;
    tell how many flags are new.
    """
    new = 0
    for round in Round.objects.filter(state__in=(RoundState.OPEN, RoundState.CLOSED)).order_by(
        "pk"
    ):
        since = round.looked_at
        rows = Submission.objects.filter(round=round)
        if since is not None:
            rows = rows.filter(Where(received_at__gt=since) | Where(decided_at__gt=since))
        if rows.exists():
            new += look_over(round)
    return new


def settle_flag(*, acting_staff: StaffUser, flag: Flag | RoundFlag, note: str) -> Flag | RoundFlag:
    """Say what became of a flag. Nobody settles what shows on her own interviews; where one person
    is all there is, the note is her reason. Raises SamePerson, NoteMissing, SettledAlready,
    RoundLocked.
    """
    require(acting_staff, "surveys.settle_flag", flag)
    told = flag if isinstance(flag, RoundFlag) else flag.submission
    round = told.round
    if round.state == RoundState.LOCKED:
        raise RoundLocked
    if flag.resolved_by_id is not None:
        raise SettledAlready
    if not note.strip():
        raise NoteMissing(field="note")
    with transaction.atomic():
        locked(round)
        if not type(flag)._base_manager.filter(pk=flag.pk, resolved_by=None).exists():
            raise SettledAlready
        require_other_person(
            acting_staff, told.interviewer_id, step="surveys.settle_flag", reason=note, obj=flag
        )
        flag.resolved_by, flag.resolved_at = acting_staff, timezone.now()
        flag.note = note.strip()
        flag.save(update_fields=("resolved_by", "resolved_at", "note"))
        audit.record(acting_staff, "surveys.settle_flag", flag, {"rule": flag.rule})
    return flag


def changed_limits(round: Round) -> dict[str, float]:
    """Every threshold of a round that may be set otherwise, as it is."""
    found: Limits = bounds.limits_of(round.limits)
    values = asdict(found)
    return {name: values[name] for name in bounds.MAY_BE}
