"""Reads of surveys used in more than one place: answers by key for results, the flow of cases."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, QuerySet

from handup.org.scope import leave_out
from handup.surveys.models import Answer, Case, QuestionnaireVersion, Round
from handup.surveys.rules.codes import (
    Outcome,
    RoundKind,
    RoundState,
    SamplePlan,
    SubjectKind,
    SubmissionState,
    VersionState,
)
from handup.surveys.rules.flow import Flow, flow
from handup.surveys.weight_queries import weights_of


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """One accepted answer by its key: of whom, in which round, when, and for how many it stands.

    `stratum` and `cluster` are those of the draw, empty where the plan drew by none.
    """

    handup_key: str
    subject_kind: SubjectKind
    subject_id: UUID
    person_id: UUID | None
    programme_id: UUID
    phase_id: UUID | None
    round_id: UUID
    round_kind: RoundKind
    answered_date: date
    repeat_index: int
    value: str
    currency: str
    reference_month: date | None
    weight: Fraction
    stratum: str = ""
    cluster: str = ""


FIELDS = (
    "question__handup_key",
    "submission__case__subject_kind",
    "submission__case__subject_id",
    "submission__case__person_id",
    "submission__round__programme_id",
    "submission__round__phase_id",
    "submission__round_id",
    "submission__round__kind",
    "submission__answered_date",
    "repeat_index",
    "value",
    "currency",
    "reference_month",
    "submission__case__probability_denominator",
    "submission__case__probability_numerator",
    "submission__case__stratum",
    "submission__case__cluster",
    "submission__round__plan",
    "submission__case_id",
    "pk",
)


def answers_by_key(
    *,
    keys: Collection[str],
    programme_id: UUID | None = None,
    person_id: UUID | None = None,
    on: date | None = None,
    round_kinds: Collection[RoundKind] = (),
    locked_only: bool = False,
    weighted: bool = False,
    round_ids: Collection[UUID] = (),
) -> Iterator[AnswerFact]:
    """Yield the accepted answers to questions with these keys, in the order of rounds and cases.

    Values are as stored: DONT_KNOW and REFUSED come too, so that n can be told from asked.
    `weighted`: the weight makes up for those replaced and not reached, trimmed (surveys.md 4.3);
    else it is the chance of the draw alone.
    """
    rows = Answer.objects.filter(
        question__handup_key__in=list(keys), submission__state=SubmissionState.ACCEPTED
    ).order_by("submission__round__opens_date", "submission__case_id", "question__number")
    if programme_id is not None:
        rows = rows.filter(submission__round__programme_id=programme_id)
    if person_id is not None:
        rows = rows.filter(submission__case__person_id=person_id)
    if on is not None:
        rows = rows.filter(submission__answered_date__lte=on)
    if round_kinds:
        rows = rows.filter(submission__round__kind__in=[kind.value for kind in round_kinds])
    if round_ids:
        rows = rows.filter(submission__round__in=list(round_ids))
    if locked_only:
        rows = rows.filter(submission__round__state=RoundState.LOCKED)
    made_up = _Weights() if weighted else None
    sealed = Answer._meta.get_field("value")
    for row in rows.values_list(*FIELDS).iterator(chunk_size=2000):
        (key, kind, subject, person, programme, phase, round_id, round_kind, day, index, value,
         currency, month, eligible, drawn, stratum, cluster, plan, case_id, pk) = row  # fmt: skip
        yield AnswerFact(
            handup_key=key,
            subject_kind=SubjectKind(kind),
            subject_id=subject,
            person_id=person,
            programme_id=programme,
            phase_id=phase,
            round_id=round_id,
            round_kind=RoundKind(round_kind),
            answered_date=day,
            repeat_index=index,
            value=sealed.open_at(pk, value),
            currency=currency,
            reference_month=month,
            weight=made_up.of(round_id, case_id) if made_up else Fraction(eligible, drawn),
            stratum=stratum if plan == SamplePlan.STRATIFIED else "",
            cluster=cluster if plan == SamplePlan.CLUSTER else "",
        )


class _Weights:
    """The weights of rounds, each round worked out once."""

    def __init__(self) -> None:
        self.rounds: dict[UUID, Mapping[UUID, Fraction]] = {}

    def of(self, round_id: UUID, case_id: UUID) -> Fraction:
        """For how many a case with accepted answers stands."""
        if round_id not in self.rounds:
            self.rounds[round_id] = weights_of(Round.objects.get(pk=round_id)).by_case
        # A case found ineligible after its answers were accepted stands for itself alone.
        return self.rounds[round_id].get(case_id, Fraction(1))


def flow_of_cases(round: Round, *, without: Collection[UUID] = ()) -> Flow:
    """Count a round's cases by outcome, from eligible to interviewed; `without` leaves persons
    out whom the reader may not know of.
    """
    counts = outcome_counts(leave_out(Case.objects.filter(round=round), without))
    counted = flow(eligible_of(round, without=without) or 0, counts)
    taken = leave_out(Case.objects.filter(round=round, replaces__isnull=False), without)
    return replace(
        counted,
        withdrawn=withdrawn_cases(round, without=without).count(),
        replaced=taken.count(),
    )


def eligible_of(round: Round, *, without: Collection[UUID]) -> int | None:
    """How many were eligible when a round was drawn, without those drawn whom the reader may not
    know of: beside a list of who was drawn the number tells of nobody. None before the draw.
    """
    if round.eligible_count is None or not without:
        return round.eligible_count
    every = Case.objects.filter(round=round)
    return max(round.eligible_count - every.count() + leave_out(every, without).count(), 0)


def outcome_counts(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of these cases ended in each outcome, counted by the database."""
    return dict(cases.order_by().values_list("outcome").annotate(n=Count("pk")))


def withdrawn_cases(round: Round, *, without: Collection[UUID] = ()) -> QuerySet[Case]:
    """The cases of a round whose answers were withdrawn on request."""
    rows: QuerySet[Case] = leave_out(Case.objects.filter(round=round), without)
    return rows.filter(submissions__state=SubmissionState.WITHDRAWN).distinct()


def has_answers(case: Case) -> bool:
    """Whether there is a set of answers of a case that could be withdrawn on request."""
    gone = (SubmissionState.WITHDRAWN, SubmissionState.CONFLICT)
    kept = case.submissions.filter(consented=True).exclude(state__in=gone)
    return bool(kept.exists() or case.papers.filter(submission=None).exists())


def sensitive_names(version: QuestionnaireVersion) -> frozenset[str]:
    """The questions of a version whose answers few may see."""
    rows = version.questions.filter(sensitive=True)
    return frozenset(rows.values_list("name", flat=True))


def reopened_rounds(*, programme_id: UUID) -> QuerySet[Round]:
    """The rounds that were locked once and are open to changes again: figures leave them out, and
    what was shown from them before is out of date.
    """
    rows: QuerySet[Round] = Round.objects.filter(
        programme_id=programme_id, reopened_at__isnull=False
    )
    return rows.exclude(state=RoundState.LOCKED)


def reopened_after(*, programme_id: UUID, moment: datetime, until: date) -> datetime | None:
    """When a round that began by a day was opened to changes again after a moment: what was counted
    from it then is out of date since. Locking it again mends what is counted later, not that.
    """
    rows = Round.objects.filter(
        programme_id=programme_id, opens_date__lte=until, reopened_at__gt=moment
    )
    return rows.order_by("reopened_at").values_list("reopened_at", flat=True).first()


def paired_subjects(*, first: Round, later: Round) -> set[UUID]:
    """Return the subjects with accepted answers in both rounds."""

    def answered(round: Round) -> set[UUID]:
        return set(
            Case.objects.filter(
                round=round, submissions__state=SubmissionState.ACCEPTED
            ).values_list("subject_id", flat=True)
        )

    return answered(first) & answered(later)


def interviewed(round: Round) -> int:
    """Return how many were interviewed in a round."""
    return int(round.cases.filter(outcome=Outcome.INTERVIEWED).count())


def current_version(*, questionnaire_id: UUID) -> QuestionnaireVersion | None:
    """Return the newest published version of a questionnaire."""
    row: QuestionnaireVersion | None = (
        QuestionnaireVersion.objects.filter(
            questionnaire_id=questionnaire_id, state=VersionState.PUBLISHED
        )
        .order_by("-published_at", "-id")
        .first()
    )
    return row


def cases_of(*, person_id: UUID) -> QuerySet[Case]:
    """Return the rounds a person was drawn for, the newest first."""
    rows: QuerySet[Case] = Case.objects.filter(person_id=person_id).select_related("round")
    return rows.order_by("-round__opens_date", "-id")
