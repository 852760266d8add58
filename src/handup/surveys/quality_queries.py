"""Reads about the quality of a round's data: by interviewer, by rule, by question; who was reached,
who was lost since the baseline, and what weights make up for it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db.models import Count

from handup.org.models import StaffUser
from handup.org.scope import leave_out
from handup.people.models import LegalStatus
from handup.surveys.models import BackCheck, Case, Flag, Round, Submission
from handup.surveys.queries import paired_subjects
from handup.surveys.rules import weights
from handup.surveys.rules.codes import (
    FOUND_INELIGIBLE,
    Outcome,
    RoundKind,
    SubmissionState,
)
from handup.surveys.rules.flow import attrition
from handup.surveys.rules.limits import limits_of
from handup.surveys.rules.quality import Agreement, needs_review
from handup.surveys.rules.samples import pool
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


@dataclass(frozen=True, slots=True)
class _CaseLine:
    """What the weight of a case is made of."""

    pk: UUID
    stratum: str
    cluster: str
    probability_numerator: int
    probability_denominator: int
    person_id: UUID | None
    person__sex: str | None

    @property
    def weight(self) -> Fraction:
        """How many eligible it stands for."""
        return Fraction(self.probability_denominator, self.probability_numerator)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each case with accepted answers: design times non-response, trimmed; the share
    trimmed, and the size of an equally weighted sample that tells as much.
    """

    by_case: Mapping[UUID, Fraction]
    trimmed_share: Fraction
    effective: Fraction


def weights_of(round: Round, *, without: Collection[UUID] = ()) -> Weights:
    """Make up for those not reached: cells of stratum, sex and displacement (surveys.md 4.3)."""
    cases = [
        _CaseLine(*values)
        for values in leave_out(Case.objects.filter(round=round), without)
        .exclude(outcome__in=tuple(FOUND_INELIGIBLE))
        .order_by("pk")
        .values_list(*_CaseLine.__slots__)
        .iterator(chunk_size=2000)
    ]
    accepted = set(
        Submission.objects.filter(round=round, state=SubmissionState.ACCEPTED).values_list(
            "case_id", flat=True
        )
    )
    persons = [case.person_id for case in cases if case.person_id]
    statuses = statuses_on(persons, round.opens_date)
    same: dict[str, str] = {}
    code = {case.pk: same.setdefault(one := _code(case, statuses), one) for case in cases}
    weight = design_weights(round, cases)
    sums: dict[tuple[str, str], list[Fraction]] = {}
    counts: dict[tuple[str, str], int] = {}
    for case in cases:
        key = (case.stratum, code[case.pk])
        held = sums.setdefault(key, [Fraction(0), Fraction(0)])
        held[0] += weight[case.pk]
        held[1] += weight[case.pk] if case.pk in accepted else 0
        counts[key] = counts.get(key, 0) + 1
    found = weights.factors(
        [
            weights.Cell(s, c, counts[s, c], all_, answered)
            for (s, c), (all_, answered) in sums.items()
        ]
    )
    factor = {(one.stratum, c): one.factor or Fraction(1) for one in found for c in one.codes}
    answered = [case for case in cases if case.pk in accepted]
    products: dict[tuple[Fraction, Fraction], Fraction] = {}
    raw = []
    for case in answered:
        parts = (weight[case.pk], factor[case.stratum, code[case.pk]])
        raw.append(products.setdefault(parts, parts[0] * parts[1]))
    cut, share = weights.trimmed(raw, times=limits_of(round.limits).trim)
    by_case = {case.pk: weight for case, weight in zip(answered, cut, strict=True)}
    return Weights(by_case, share, weights.kish(cut) if cut else Fraction(0))


def design_weights(round: Round, cases: Iterable[_CaseLine]) -> dict[UUID, Fraction]:
    """How many eligible each case stands for; where some were replaced all of their draw stand for
    less.
    """
    counts: dict[str, list[int]] = {}
    parts = Case.objects.filter(round=round).order_by().values_list("stratum", "cluster")
    for stratum, cluster, all_, more in parts.annotate(a=Count("pk"), r=Count("replaces")):
        held = counts.setdefault(pool(round.plan, stratum, cluster), [0, 0])
        held[0] += all_ - more
        held[1] += more
    found: dict[UUID, Fraction] = {}
    same: dict[Fraction, Fraction] = {}  # one number for all of a weight: there are few of them
    for case in cases:
        drawn, more = counts[pool(round.plan, case.stratum, case.cluster)]
        one = weights.widened(case.weight, drawn=drawn, replacements=more)
        found[case.pk] = same.setdefault(one, one)
    return found


def statuses_on(persons: Sequence[UUID], day: date) -> dict[UUID, str]:
    """The legal status of each person on a day, the latest that began."""
    found: dict[UUID, str] = {}
    for start in range(0, len(persons), 500):
        rows = LegalStatus._base_manager.filter(
            person__in=persons[start : start + 500], from_date__lte=day
        ).order_by("from_date", "id")
        found |= {
            person: status
            for person, status, until in rows.values_list("person_id", "status", "to_date")
            if until is None or until >= day
        }
    return found


def _code(case: _CaseLine, statuses: Mapping[UUID, str]) -> str:
    if case.person_id is None:
        return ""
    return f"{case.person__sex}/{statuses.get(case.person_id, '')}"
