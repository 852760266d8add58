"""Weights from the records themselves: expectation and maximisation over patterns of levels. Pure.

How pairs fit by chance (u) is counted on random pairs; how true pairs fit (m) and how many there
are are estimated from the candidates, with the prior over ALL pairs: over candidates alone the
precision falls to .71-.96. Nothing adopts the result: it is a proposal for a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log2
from random import Random

from handup.people.rules.matching.blocks import LIMIT, BlockKind, block_keys, meetings, sizes_of
from handup.people.rules.matching.engine import NothingToCompareBy
from handup.people.rules.matching.fits import MISSING
from handup.people.rules.matching.model import FIXED_1, Model, Weights
from handup.people.rules.matching.records import Record
from handup.people.rules.matching.scheme import person_scheme

RANDOM_PAIRS = 200_000
ROUNDS, SETTLED = 100, 1e-4
LARGEST = 50.0  # of log-odds
TOP, BOTTOM, BETWEEN = 0.9, 0.02, 0.08
TOP_OF_TWO = 0.9
MOST_TRUE = 0.5

Pattern = tuple[int, ...]
Chances = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How true pairs (m) and chance pairs (u) fit, a field and level; the share of true pairs."""

    m: Chances
    u: Chances
    true_share: float
    rounds: int
    settled: bool

    def bits(self, field: int) -> tuple[float, ...]:
        """Return what each level of a field weighs."""
        pairs = zip(self.m[field], self.u[field], strict=True)
        return tuple(log2(m / u) for m, u in pairs)


def random_places(size: int, count: int, seed: int) -> Iterable[tuple[int, int]]:
    """Yield `count` pairs of two different places below `size` (at least 2), by the seed."""
    chance = Random(seed)  # noqa: S311 (a sample that can be drawn again)
    draw = chance.random
    for _ in range(count):
        one, other = int(draw() * size), int(draw() * (size - 1))
        yield one, other + (other >= one)


def by_chance(patterns: Counter[Pattern], levels: Sequence[int]) -> Chances:
    """Return u from the patterns of random pairs, one more a level."""
    counts = [[1.0] * number for number in levels]
    for pattern, times in patterns.items():
        for field, level in enumerate(pattern):
            if level != MISSING:
                counts[field][level] += times
    return tuple(tuple(item / sum(field) for item in field) for field in counts)


def first_guess(levels: Sequence[int]) -> Chances:
    """Return the m that the estimate starts from."""
    return tuple(
        (TOP_OF_TWO, 1 - TOP_OF_TWO)
        if number == len((TOP_OF_TWO, BOTTOM))
        else (TOP, *[BETWEEN / (number - 2)] * (number - 2), BOTTOM)
        for number in levels
    )


def estimate(
    candidates: Counter[Pattern], u: Chances, all_pairs: int, levels: Sequence[int]
) -> Estimate:
    """Estimate m and the share of true pairs among all pairs from the patterns of candidates."""
    m, patterns = first_guess(levels), list(candidates.items())
    true_share = min(candidates.total() / 2 / all_pairs, MOST_TRUE)
    for number in range(1, ROUNDS + 1):
        counts, found = _expected(patterns, m, u, true_share)
        better = tuple(tuple(item / sum(field) for item in field) for field in counts)
        share = min(max(found / all_pairs, 1 / all_pairs / 2), MOST_TRUE)
        changes = [
            abs(new - old)
            for field, before in zip(better, m, strict=True)
            for new, old in zip(field, before, strict=True)
        ]
        change = max(*changes, abs(share - true_share))
        m, true_share = better, share
        if change < SETTLED:
            return Estimate(m, u, true_share, number, settled=True)
    return Estimate(m, u, true_share, ROUNDS, settled=False)


def _expected(
    patterns: Sequence[tuple[Pattern, int]], m: Chances, u: Chances, true_share: float
) -> tuple[list[list[float]], float]:
    """One step: how many true pairs each level has (half a pair more), and how many there are."""
    odds = [
        [log(true) - log(chance) for true, chance in zip(of_m, of_u, strict=True)] + [0.0]
        for of_m, of_u in zip(m, u, strict=True)
    ]
    start = log(true_share) - log(1 - true_share)
    counts = [[0.5] * len(field) for field in m]
    found = 0.0
    for pattern, times in patterns:
        total = start
        for field, level in zip(odds, pattern, strict=True):
            total += field[level]
        expected = times / (1 + exp(-max(min(total, LARGEST), -LARGEST)))
        found += expected
        for count, level in zip(counts, pattern, strict=True):
            if level != MISSING:
                count[level] += expected
    return counts, found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model that a person may adopt, and what it was estimated from."""

    model: Model
    estimate: Estimate
    records: int
    candidates: int


def propose(
    records: Iterable[Record], *, version: str, seed: int = 1, like: Model = FIXED_1,
    limit: int = LIMIT, random_pairs: int = RANDOM_PAIRS,
) -> Proposal:  # fmt: skip
    """Propose a new version of the weights from at least two records.

    The same records and seed give the same proposal, in whatever order they come. A field that is
    weighed by share stays so; a cap of `like` stays a cap. Relatives are far more than true pairs
    and would be taken for them: members of one household are left out, and so is who shares nothing
    but a telephone. Raises NothingToCompareBy.
    """
    known = sorted(records, key=lambda record: record.id)
    scheme, keys = person_scheme(), [_telling_keys(record) for record in known]
    if len(known) < 2 or not any(keys):
        raise NothingToCompareBy(count=len(known))
    rows = [scheme.row(record) for record in known]
    pattern = scheme.pattern
    drawn = random_places(len(rows), random_pairs, seed)
    u = by_chance(Counter(pattern(rows[a], rows[b]) for a, b in drawn), scheme.levels)
    met = Counter(
        pattern(rows[place], rows[other])
        for place, others in meetings(keys, sizes_of(keys), limit)
        for other in others
        if not (known[place].household and known[place].household == known[other].household)
    )
    if not met:
        raise NothingToCompareBy(count=len(known))
    all_pairs = len(rows) * (len(rows) - 1) // 2
    found = estimate(met, u, all_pairs, scheme.levels)
    weights = {
        code: _weights(found, field, like.weights[code]) for field, code in enumerate(scheme.codes)
    }
    share = min(found.true_share * (len(rows) - 1) / 2, MOST_TRUE)
    model = replace(like, version=version, weights=weights, duplicate_share=share)
    return Proposal(model, found, len(known), met.total())


def _telling_keys(record: Record) -> list[str]:
    return [key for key in block_keys(record) if not key.startswith(BlockKind.PHONE + "|")]


def _weights(found: Estimate, field: int, like: Weights) -> Weights:
    *better, worst = found.bits(field)
    bits = (*better, min(worst, 0.0))  # what differs never speaks for a pair, however seldom seen
    if like.most is not None:
        bits = tuple(min(item, like.most) for item in bits)
    top = found.m[field][0] if like.top_m is not None else None
    return Weights(tuple(round(item, 3) for item in bits), top, like.most)
