"""How many each set of answers stands for: the chance of the draw, made up for those not reached
(surveys.md 4.3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db.models import Count

from handup.org.scope import leave_out
from handup.people.models import LegalStatus
from handup.surveys.models import Case, Round, Submission
from handup.surveys.rules import weights
from handup.surveys.rules.codes import FOUND_INELIGIBLE, SamplePlan, SubmissionState
from handup.surveys.rules.limits import limits_of
from handup.surveys.rules.samples import pool


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
    """Make up for those not reached: cells of stratum, sex and displacement (surveys.md 4.3). Where
    the round was not drawn by strata there is one: whom nobody of her village answered for is made
    up by others.
    """
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
    layer = {c.pk: c.stratum if round.plan == SamplePlan.STRATIFIED else "" for c in cases}
    for case in cases:
        key = (layer[case.pk], code[case.pk])
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
        parts = (weight[case.pk], factor[layer[case.pk], code[case.pk]])
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
