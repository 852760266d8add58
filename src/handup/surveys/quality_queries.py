"""Reads about the quality of a round's data: by interviewer, by rule, by question; who was reached,
and who was lost since the baseline.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Count

from handup.org.models import StaffUser
from handup.org.scope import leave_out
from handup.surveys.models import BackCheck, Case, Flag, Round, Submission
from handup.surveys.queries import paired_subjects
from handup.surveys.rules.codes import (
    FOUND_INELIGIBLE,
    Outcome,
    RoundKind,
    SubmissionState,
)
from handup.surveys.rules.flow import attrition
from handup.surveys.rules.limits import limits_of
from handup.surveys.rules.quality import Agreement, needs_review
from handup.surveys.services.back_checks import agreement_of
from handup.surveys.services.quality import COUNTS


@dataclass(frozen=True, slots=True)
class InterviewerLine:
    """What one interviewer did in a round, and what deserves a second look."""

    interviewer: StaffUser
    received: int
    held: int
    refused: int
    flagged: int
    minutes: float | None
    unanswered: int
    answers: int
    checks: int
    agreement: Agreement | None
    to_review: bool

    @property
    def unanswered_share(self) -> Fraction | None:
        """Answers "don't know" or "refused" of all, in percent."""
        return Fraction(100 * self.unanswered, self.answers) if self.answers else None


def interviewer_lines(round: Round, *, without: Collection[UUID] = ()) -> list[InterviewerLine]:
    """One line an interviewer, by name; minutes and answers without substance are of the last
    look.
    """
    rows = leave_out(Submission.objects.filter(round=round), without)
    counts: dict[UUID, dict[str, int]] = {}
    for who, state, consented in rows.values_list("interviewer_id", "state", "consented"):
        line = counts.setdefault(who, {"received": 0, "held": 0, "refused": 0})
        if not consented:
            line["refused"] += 1
        elif state in COUNTS:
            line["received"] += 1
            line["held"] += state == SubmissionState.HELD
    flagged = dict(
        rows.filter(flags__resolved_by=None, flags__isnull=False)
        .values_list("interviewer_id")
        .annotate(n=Count("pk", distinct=True))
    )
    checks: dict[UUID, list[BackCheck]] = {}
    done = leave_out(BackCheck.objects.filter(submission__round=round), without)
    for check in done.select_related("submission"):
        checks.setdefault(check.submission.interviewer_id, []).append(check)
    people = StaffUser.objects.in_bulk(list(counts))
    seen: Mapping[str, Mapping[str, float]] = round.quality.get("interviewers", {})
    limits = limits_of(round.limits)
    found = []
    for who, line in counts.items():
        told = seen.get(str(who), {})
        agreed = agreement_of(checks.get(who, []))
        found.append(
            InterviewerLine(
                interviewer=people[who],
                flagged=flagged.get(who, 0),
                minutes=told.get("minutes"),
                unanswered=int(told.get("unanswered", 0)),
                answers=int(told.get("answers", 0)),
                checks=sum(1 for one in checks.get(who, ()) if one.check_date is not None),
                agreement=agreed,
                to_review=agreed is not None and needs_review(agreed, limits),
                **line,
            )
        )
    return sorted(found, key=lambda one: (str(one.interviewer), str(one.interviewer.pk)))


def flags_by_rule(round: Round, *, without: Collection[UUID] = ()) -> list[tuple[str, int, int]]:
    """Each rule with how many flags wait and how many are settled."""
    rows = leave_out(Flag.objects.filter(submission__round=round), without)
    counts: dict[str, list[int]] = {}
    for rule, settled in rows.values_list("rule", "resolved_by"):
        counts.setdefault(rule, [0, 0])[settled is not None] += 1
    return sorted((rule, waits, done) for rule, (waits, done) in counts.items())


@dataclass(frozen=True, slots=True)
class Attrition:
    """Who of the baseline was not asked again: both counts stand beside the percentage."""

    baseline: Round
    interviewed: int
    ineligible_since: int
    paired: int

    @property
    def rate(self) -> str | None:
        """1 - paired / (baseline interviewed - found ineligible since), in percent."""
        return attrition(
            paired=self.paired,
            baseline=self.interviewed,
            ineligible_since=self.ineligible_since,
        )


def attrition_of(round: Round, *, without: Collection[UUID] = ()) -> Attrition | None:
    """How many of the baseline are not in this round; nothing for a baseline or without one."""
    if round.kind == RoundKind.BASELINE:
        return None
    first: Round | None = (
        Round.objects.filter(
            questionnaire=round.questionnaire_id,
            programme=round.programme_id,
            kind=RoundKind.BASELINE,
            opens_date__lte=round.opens_date,
        )
        .exclude(pk=round.pk)
        .order_by("-opens_date", "-pk")
        .first()
    )
    if first is None:
        return None
    asked = leave_out(Case.objects.filter(round=first, outcome=Outcome.INTERVIEWED), without)
    subjects = set(asked.values_list("subject_id", flat=True))
    gone = leave_out(
        Case.objects.filter(
            round=round, subject_id__in=subjects, outcome__in=tuple(FOUND_INELIGIBLE)
        ),
        without,
    ).count()
    paired = len(paired_subjects(first=first, later=round) & subjects)
    return Attrition(first, len(subjects), gone, paired)
