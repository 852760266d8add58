"""One outcome of one study, from what was planned and observed to its estimates, who was lost, and
how much may be said of it (results.md 4.6, 4.7).

Pure. Amounts of the last round are brought to money of the first before anything is counted.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from handup.results.rules.claims import Design, level_of
from handup.results.rules.impact.attrition import (
    DIFFERENT,
    WARN_ABOVE,
    Lee,
    lee_bounds,
    standardised_difference,
)
from handup.results.rules.impact.changes import PairedChange, paired_change
from handup.results.rules.impact.common import LEAST_ANSWERS, Estimate, Range, by_t, vector
from handup.results.rules.impact.comparisons import (
    Caution,
    Compared,
    Unit,
    ancova,
    difference_at_end,
    difference_in_differences,
    difference_of_means,
)
from handup.results.rules.impact.shares import mcnemar
from handup.results.rules.states import DesignKind, Level, OutcomeKind
from handup.results.rules.statistics import wilson

SURE = 0.05
"""An outcome beside the primary one counts alone below this p, after Holm."""


class Method(StrEnum):
    """How an estimate was come by."""

    MEAN = "MEAN"
    SHARE = "SHARE"
    MEAN_CHANGE = "MEAN_CHANGE"
    RESAMPLED = "RESAMPLED"
    MEDIAN_CHANGE = "MEDIAN_CHANGE"
    RATIO = "RATIO"
    SHARE_RISEN = "SHARE_RISEN"
    SIGNED_RANKS = "SIGNED_RANKS"
    SHARE_CHANGE = "SHARE_CHANGE"
    MORE_THAN_OTHERS = "MORE_THAN_OTHERS"
    SAME_START = "SAME_START"
    AT_THE_END = "AT_THE_END"
    NO_CLUSTERS = "NO_CLUSTERS"
    LEE = "LEE"
    STILL_OPEN = "STILL_OPEN"


class Caveat(StrEnum):
    """What a reader must know before she uses an estimate."""

    FEW_CLUSTERS = "FEW_CLUSTERS"
    TOO_FEW_CLUSTERS = "TOO_FEW_CLUSTERS"
    MANY_LOST = "MANY_LOST"
    LOST_DIFFER = "LOST_DIFFER"
    GROUPS_DIFFER = "GROUPS_DIFFER"
    NOT_FIXED = "NOT_FIXED"
    GROUP_UNKNOWN = "GROUP_UNKNOWN"
    TOO_FEW = "TOO_FEW"
    NOT_WATCHED = "NOT_WATCHED"


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned: design and outcome, how many rounds, clusters, prices, and when fixed."""

    design: DesignKind
    kind: OutcomeKind
    is_paired: bool
    is_clustered: bool = False
    prices: tuple[float, float] = (1, 1)
    seed: int = 0
    is_fixed_before: bool = False
    is_primary: bool = True


@dataclass(frozen=True, slots=True)
class Observed:
    """One unit that was to be asked: its cluster, whether it took part (None: not known), and what
    it said first and last (None: not reached, or no answer).
    """

    cluster: Hashable
    treated: bool | None
    first: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Flow:
    """Those of one group: how many could be followed, how many were, and the others."""

    treated: bool | None
    eligible: int
    followed: int
    difference: float | None = None
    """How those lost differed at the beginning from those followed, in deviations."""

    @property
    def lost(self) -> int:
        """How many were not followed."""
        return self.eligible - self.followed


@dataclass(frozen=True, slots=True)
class Told:
    """One estimate: its method, for whom, value, interval, and what stands behind it."""

    method: Method
    value: float
    n: int
    range: Range | None = None
    error: float | None = None
    p: float | None = None
    treated: bool | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """Everything an outcome shows; `estimates[0]` is the one its level speaks of."""

    estimates: tuple[Told, ...]
    flows: tuple[Flow, ...]
    attrition: Fraction | None
    balance: float | None
    lee: Lee | None
    clusters: int
    caveats: tuple[Caveat, ...]
    left_out: int
    unknown: int

    @property
    def main(self) -> Told | None:
        """The estimate the level speaks of; None where too few answered."""
        return self.estimates[0] if self.estimates else None


def study(plan: Plan, observed: Sequence[Observed]) -> Study:
    """Work out one outcome over the units of a study."""
    factor = plan.prices[0] / plan.prices[1]
    real = [one if one.last is None else replace(one, last=one.last * factor) for one in observed]
    known = real
    if plan.design is not DesignKind.NONE:
        known = [one for one in real if one.treated is not None]
    eligible = [one for one in known if not plan.is_paired or one.first is not None]
    followed = [one for one in eligible if one.last is not None]
    estimates, cautions, clusters = _estimates(plan, followed)
    flows = _flows(plan, eligible)
    lost = Fraction(len(eligible) - len(followed), len(eligible)) if eligible else None
    lee = _lee(plan, eligible) if plan.design is not DesignKind.NONE else None
    if lee is not None:
        told = Told(Method.LEE, lee.untrimmed, len(followed), lee.range)
        estimates = (*estimates, told)
    balance = _balance(eligible) if plan.design is not DesignKind.NONE else None
    pairs = [one for one in followed if one.first is not None]
    return Study(
        estimates=estimates,
        flows=flows,
        attrition=lost,
        balance=balance,
        lee=lee,
        clusters=clusters,
        caveats=_caveats(plan, cautions, flows, lost, balance, len(real) - len(known), estimates),
        left_out=sum(one.first == 0 or one.last == 0 for one in pairs),
        unknown=len(real) - len(known),
    )


def level_of_study(plan: Plan, found: Study, *, adjusted_p: float | None) -> Level:
    """The most that may be said. `adjusted_p`: the outcome's p among all of the study, by Holm."""
    main = found.main
    if main is None or main.method in {Method.MEAN, Method.SHARE, Method.STILL_OPEN}:
        return Level.DESCRIPTIVE
    is_compared = main.method in {Method.MORE_THAN_OTHERS, Method.AT_THE_END}
    if is_compared and main.range is None:
        return Level.CHANGE if plan.is_paired else Level.DESCRIPTIVE
    return level_of(
        Design(
            is_paired=True,  # two rounds, or two groups that were drawn by lot
            is_compared=is_compared,
            is_randomised=plan.design is DesignKind.RANDOMISED,
            is_fixed_before=plan.is_fixed_before,
            counts_alone=plan.is_primary or (adjusted_p is not None and adjusted_p <= SURE),
            attrition=found.attrition,
            bounds=found.lee.range if found.lee else None,
            estimate=main.range,
        )
    )


Found = tuple[tuple[Told, ...], tuple[Caution, ...], int]


def _estimates(plan: Plan, followed: Sequence[Observed]) -> Found:
    if plan.design is DesignKind.NONE:
        found = _changes(plan, followed) if plan.is_paired else _once(plan, followed)
        return tuple(found), (), 0
    units = [
        Unit(
            one.cluster if plan.is_clustered else place,
            bool(one.treated),
            one.first or 0.0,
            one.last or 0.0,
        )
        for place, one in enumerate(followed)
    ]
    if plan.is_paired:
        return _beside_others(plan, units, followed)
    ends = [[unit.endline for unit in units if unit.treated is side] for side in (True, False)]
    plain = difference_of_means(*ends)
    if not plan.is_clustered:
        alone = () if plain is None else (_told(Method.AT_THE_END, plain),)
        return alone, (), len(units)
    robust = difference_at_end(units)
    if robust is None or plain is None:
        return (), (), 0
    rows = (_told(Method.AT_THE_END, robust.effect), _told(Method.NO_CLUSTERS, plain))
    return rows, robust.cautions, robust.clusters


def _once(plan: Plan, followed: Sequence[Observed]) -> list[Told]:
    ends = [one.last for one in followed if one.last is not None]
    if len(ends) < LEAST_ANSWERS:
        return []
    if plan.kind is OutcomeKind.SHARE:
        yes = sum(end == 1 for end in ends)
        found = wilson(yes, len(ends))
        range_ = Range(found.low, found.high) if found else None
        return [Told(Method.SHARE, yes / len(ends), len(ends), range_)]
    values, n = vector(ends), len(ends)
    error = float(values.std(ddof=1)) / n**0.5
    return [_told(Method.MEAN, by_t(float(values.mean()), error, n=n, freedom=n - 1))]


def _changes(plan: Plan, followed: Sequence[Observed], treated: bool | None = None) -> list[Told]:
    firsts = [one.first or 0.0 for one in followed]
    lasts = [one.last or 0.0 for one in followed]
    if plan.kind is OutcomeKind.SHARE:
        return _share_change(firsts, lasts, treated)
    found = paired_change(firsts, lasts, seed=plan.seed)
    return [] if found is None else list(_amount_change(found, treated))


def _share_change(
    firsts: Sequence[float], lasts: Sequence[float], treated: bool | None
) -> list[Told]:
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for first, last in zip(firsts, lasts, strict=True):
        counts[first == 1, last == 1] += 1
    found = mcnemar(
        yes_yes=counts[True, True],
        yes_no=counts[True, False],
        no_yes=counts[False, True],
        no_no=counts[False, False],
    )
    if found is None:
        return []
    return [
        Told(Method.SHARE_CHANGE, found.change, found.n, found.range, p=found.p, treated=treated)
    ]


def _amount_change(found: PairedChange, treated: bool | None) -> list[Told]:
    n = found.n
    rows = [replace(_told(Method.MEAN_CHANGE, found.mean), treated=treated)]
    if treated is not None:
        return rows
    if found.resampled is not None:
        rows.append(Told(Method.RESAMPLED, found.mean.value, n, found.resampled))
    rows.append(Told(Method.MEDIAN_CHANGE, found.median.value, n, found.median.range))
    if found.ratio is not None:
        rows.append(Told(Method.RATIO, found.ratio.value, found.ratio.n, found.ratio.range))
    rows.append(Told(Method.SHARE_RISEN, found.rose / n, n, found.rose_range))
    if found.ranks is not None:
        ranks = found.ranks
        rows.append(Told(Method.SIGNED_RANKS, ranks.above, ranks.n, p=ranks.p))
    return rows


def _beside_others(plan: Plan, units: Sequence[Unit], followed: Sequence[Observed]) -> Found:
    """S7 and, where groups were drawn by lot, S8; each group's own change beside them."""
    own = [
        told
        for side in (True, False)
        for told in _changes(plan, [one for one in followed if one.treated is side], side)[:1]
    ]
    compared = difference_in_differences(units)
    if compared is None:
        return (), (), 0
    rows = [_told(Method.MORE_THAN_OTHERS, compared.effect), *own]
    if plan.is_clustered:
        rows.append(_unclustered(compared))
    if plan.design is DesignKind.RANDOMISED:
        same = ancova(units)
        rows += [_told(Method.SAME_START, same.effect)] if same else []
    return tuple(rows), compared.cautions, compared.clusters


def _unclustered(found: Compared) -> Told:
    n = found.effect.n
    plain = by_t(found.effect.value, found.error_unclustered, n=n, freedom=n - 2)
    return _told(Method.NO_CLUSTERS, plain)


def _told(method: Method, found: Estimate) -> Told:
    error = found.error if found.range is not None else None
    return Told(method, found.value, found.n, found.range, error, found.p)


def _flows(plan: Plan, eligible: Sequence[Observed]) -> tuple[Flow, ...]:
    sides: tuple[bool | None, ...] = (True, False)
    if plan.design is DesignKind.NONE:
        sides = (None,)
    return tuple(
        _flow(side, [one for one in eligible if side is None or one.treated is side])
        for side in sides
    )


def _flow(side: bool | None, units: Sequence[Observed]) -> Flow:
    stayed = [one.first for one in units if one.last is not None and one.first is not None]
    left = [one.first for one in units if one.last is None and one.first is not None]
    followed = sum(one.last is not None for one in units)
    return Flow(side, len(units), followed, standardised_difference(stayed, left))


def _lee(plan: Plan, eligible: Sequence[Observed]) -> Lee | None:
    def outcome(one: Observed) -> float:
        assert one.last is not None
        return one.last - (one.first or 0.0) if plan.is_paired else one.last

    took = [one for one in eligible if one.treated is True]
    others = [one for one in eligible if one.treated is False]
    if not took or not others:
        return None
    return lee_bounds(
        treated=[outcome(one) for one in took if one.last is not None],
        treated_eligible=len(took),
        comparison=[outcome(one) for one in others if one.last is not None],
        comparison_eligible=len(others),
    )


def _balance(eligible: Sequence[Observed]) -> float | None:
    """How far apart the two groups began, in deviations."""
    sides = [
        [one.first for one in eligible if one.treated is side and one.first is not None]
        for side in (True, False)
    ]
    return standardised_difference(*sides)


def _caveats(
    plan: Plan,
    cautions: Sequence[Caution],
    flows: Sequence[Flow],
    lost: Fraction | None,
    balance: float | None,
    unknown: int,
    estimates: Sequence[Told],
) -> tuple[Caveat, ...]:
    differ = any(flow.difference is not None and abs(flow.difference) > DIFFERENT for flow in flows)
    found = {
        **{Caveat(caution.value): True for caution in cautions},
        Caveat.TOO_FEW: not estimates,
        Caveat.MANY_LOST: lost is not None and lost > WARN_ABOVE,
        Caveat.LOST_DIFFER: differ,
        Caveat.GROUPS_DIFFER: balance is not None and abs(balance) > DIFFERENT,
        Caveat.GROUP_UNKNOWN: unknown > 0,
        Caveat.NOT_FIXED: not plan.is_fixed_before,
    }
    return tuple(warning for warning, holds in found.items() if holds)
