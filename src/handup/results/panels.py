"""What each unit of a study said first and last, read from rounds of a survey (results.md 4.6)."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.scope import leave_out
from handup.org.web.money import currency_digits
from handup.results.models import Analysis
from handup.results.rules.states import Clusters, DesignKind, OutcomeKind
from handup.results.rules.study import Observed, Plan
from handup.surveys.models import Case, Round, Submission
from handup.surveys.queries import AnswerFact, answers_by_key
from handup.surveys.rules.codes import FOUND_INELIGIBLE

NOT_SAID = frozenset({"", "DONT_KNOW", "REFUSED"})


class SeveralCurrenciesAsked(Refusal):
    """Answers in {currencies} cannot be counted together."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One case of a round, without whom it is about."""

    stratum: str
    cluster: str
    area: UUID | None


def plan_of(analysis: Analysis) -> Plan:
    """The plan of an analysis as the rules read it."""
    prices = (1.0, 1.0)
    if analysis.price_first and analysis.price_last:
        prices = (float(Decimal(analysis.price_first)), float(Decimal(analysis.price_last)))
    return Plan(
        design=DesignKind(analysis.design),
        kind=OutcomeKind(analysis.kind),
        is_paired=analysis.first_round_id is not None,
        is_clustered=analysis.clusters != Clusters.UNIT,
        prices=prices,
        seed=analysis.seed,
        is_fixed_before=is_fixed_before(analysis),
        is_primary=analysis.is_primary,
    )


def is_fixed_before(analysis: Analysis) -> bool:
    """Whether it was fixed before anybody was interviewed in the last round: also on a phone that
    had no net until afterwards, or on paper.
    """
    at = analysis.fixed_at
    if at is None:
        return False
    early = Q(received_at__lt=at) | Q(start_at__lt=at) | Q(answered_date__lt=timezone.localdate(at))
    held = Submission._base_manager.filter(round=analysis.last_round_id)
    return not held.filter(early).exists()


def observed(analysis: Analysis, *, without: Collection[UUID] = ()) -> list[Observed]:
    """Every unit that was drawn and not found to be none, in the order of the draw.

    Whoever was drawn for the first round belongs to the study, whether or not she was drawn again.
    `without` leaves persons out. Raises SeveralCurrenciesAsked.
    """
    first = analysis.first_round
    begun = first or analysis.last_round
    cases = _cases(begun, without)
    gone = set() if first is None else _not_found_to_be_any(analysis.last_round, without)
    keys = [analysis.outcome_key, *([analysis.arm_key] if analysis.arm_key else [])]
    said: dict[tuple[UUID, str], dict[UUID, AnswerFact]] = {}
    rounds = [one.pk for one in (first, analysis.last_round) if one is not None]
    for fact in answers_by_key(keys=keys, round_ids=rounds):
        if fact.value not in NOT_SAID and fact.repeat_index == 0:
            said.setdefault((fact.round_id, fact.handup_key), {})[fact.subject_id] = fact
    read = _Reader(analysis)
    starts = said.get((first.pk, analysis.outcome_key), {}) if first else {}
    ends = said.get((analysis.last_round_id, analysis.outcome_key), {})
    arms = said.get((begun.pk, analysis.arm_key), {}) if analysis.arm_key else {}
    return [
        Observed(
            cluster=_cluster(analysis, subject, asked),
            treated=_arm(analysis, asked, arms.get(subject)),
            first=read.value(starts.get(subject)),
            last=read.value(ends.get(subject)),
        )
        for subject, asked in cases.items()
        if subject not in gone
    ]


def _cases(round: Round, without: Collection[UUID]) -> dict[UUID, Asked]:
    rows = leave_out(Case.objects.filter(round=round), without)
    rows = rows.exclude(outcome__in=[one.value for one in FOUND_INELIGIBLE]).order_by("id")
    return {
        subject: Asked(stratum, cluster, area)
        for subject, stratum, cluster, area in rows.values_list(
            "subject_id", "stratum", "cluster", "area_id"
        )
    }


def _not_found_to_be_any(round: Round, without: Collection[UUID]) -> set[UUID]:
    """Who died since, or was never one of them: not lost, but gone."""
    rows = leave_out(Case.objects.filter(round=round), without)
    gone = rows.filter(outcome__in=[one.value for one in FOUND_INELIGIBLE])
    return set(gone.values_list("subject_id", flat=True))


def _cluster(analysis: Analysis, subject: UUID, asked: Asked) -> str:
    if analysis.clusters == Clusters.CLUSTER:
        return asked.cluster or str(subject)
    if analysis.clusters == Clusters.AREA:
        return str(asked.area or subject)
    return str(subject)


def _arm(analysis: Analysis, asked: Asked, said: AnswerFact | None) -> bool | None:
    told = asked.stratum
    if analysis.arm_key:
        told = said.value if said else ""
    return told in analysis.arm_values if told else None


class _Reader:
    """Answers as numbers: amounts in main units of one currency, yes as 1, anything else as 0."""

    def __init__(self, analysis: Analysis) -> None:
        self.yes = frozenset(analysis.yes_values)
        self.is_share = analysis.kind == OutcomeKind.SHARE
        self.currencies: set[str] = set()

    def value(self, fact: AnswerFact | None) -> float | None:
        """The number; None where nothing was said, or what is no number."""
        if fact is None:
            return None
        if self.is_share:
            return 1.0 if set(fact.value.split()) & self.yes else 0.0
        try:
            number = Decimal(fact.value)
        except InvalidOperation:
            return None
        if not number.is_finite():
            return None
        if fact.currency:
            self.currencies.add(fact.currency)
            if len(self.currencies) > 1:
                told = ", ".join(sorted(self.currencies))
                raise SeveralCurrenciesAsked(currencies=told, field="outcome_key")
            number = number.scaleb(-currency_digits(fact.currency))
        return float(number)
