"""Points cards: the sum of points, the likelihood of being poor, the rate of a group (people.md
4.4).

    score = min(cap, sum of points); targeted = score <= cut-off

The rate of a group is the weighted mean of likelihoods, never the likelihood of the mean score:
the table is not a straight line. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from handup.kernel.money import NegativeWeight, ratio
from handup.people.rules.card_parts import (
    AlteredCardKeepsName,
    CodeTwice,
    Parts,
    Status,
)
from handup.people.rules.lookup import LookupLine, tile_faults

HIGHEST_SCORE = 10_000
CUTOFF_RULE = "score <= max"


@dataclass(frozen=True, slots=True)
class PointsCard:
    """A checked card. `items`: item code to the points of each answer code."""

    code: str
    version: int
    items: Mapping[str, Mapping[str, int]]
    cap: int
    lookup: tuple[LookupLine, ...]
    cutoff: int | None

    @property
    def lines(self) -> tuple[str, ...]:
        """The poverty lines the table tells likelihoods of."""
        return tuple(self.lookup[0].likelihood)


@dataclass(frozen=True, slots=True)
class PointsResult:
    """What a household's answers came to, with the points of each item.

    `fields` names the missing or unlisted items; without a score `targeted` is None, as it is
    without a cut-off.
    """

    status: Status
    fields: tuple[str, ...] = ()
    sum: int | None = None
    score: int | None = None
    likelihood: Mapping[str, Decimal] = field(default_factory=dict)
    targeted: bool | None = None
    points: Mapping[str, int] = field(default_factory=dict)


def _items(parts: Parts, raw: object) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, entry in enumerate(parts.sequence(raw, "items")):
        place = f"items[{number}]"
        item = parts.mapping(entry, place)
        code = parts.text(item, "code", place)
        if code in found:
            parts.fault(CodeTwice(column="code", value=code), f"{place}.code", code)
        answers: dict[str, int] = {}
        for count, choice in enumerate(parts.sequence(item.get("answers"), f"{place}.answers")):
            inside = f"{place}.answers[{count}]"
            answer = parts.mapping(choice, inside)
            name = parts.text(answer, "code", inside)
            if name in answers:
                parts.fault(CodeTwice(column="code", value=name), f"{inside}.code", name)
            answers[name] = parts.whole(answer, "points", inside, lowest=0, highest=HIGHEST_SCORE)
        found.setdefault(code, answers)
    return found


def _lookup(parts: Parts, raw: object, cap: int) -> tuple[LookupLine, ...]:
    found = []
    before = len(parts.faults)
    for number, entry in enumerate(parts.sequence(raw, "lookup")):
        place = f"lookup[{number}]"
        line = parts.mapping(entry, place)
        first = parts.whole(line, "from", place, lowest=0)
        last = parts.whole(line, "to", place, lowest=first)
        told = parts.mapping(line.get("likelihood"), f"{place}.likelihood")
        likelihood = {name: parts.percent(told, name, f"{place}.likelihood") for name in told}
        found.append(LookupLine(first, last, likelihood, place))
    if len(parts.faults) == before:
        parts.faults += tile_faults(found, cap)
    return tuple(sorted(found, key=lambda line: line.first))


def points_card(raw: Mapping[str, object]) -> PointsCard:
    """Check a card written as data (the form of `lookup`: `from`, `to`, `likelihood` by line).

    Raises Faults naming each place that is missing or cannot be used: a card with a gap is not
    saved.
    """
    parts = Parts()
    code = parts.text(raw, "code", "")
    version = parts.whole(raw, "version", "", lowest=1)
    parts.choice(raw, "kind", ("POINTS",), "")
    parts.choice(raw, "level", ("HOUSEHOLD", "PERSON"), "")
    items = _items(parts, raw.get("items"))
    cap = parts.whole(raw, "cap", "", lowest=1, highest=HIGHEST_SCORE)
    lookup = _lookup(parts, raw.get("lookup"), cap)
    cutoff = None
    if raw.get("cutoff") is not None:
        told = parts.mapping(raw["cutoff"], "cutoff")
        parts.choice(told, "rule", (CUTOFF_RULE,), "cutoff")
        cutoff = parts.whole(told, "max", "cutoff", lowest=0, highest=cap)
    parts.refuse_any()
    return PointsCard(code, version, items, cap, lookup, cutoff)


def score_points(card: PointsCard, answers: Mapping[str, object]) -> PointsResult:
    """Score the answers of one household or person: item code to answer code, None for missing.

    An answer that is not listed, or to a question the card has not, is refused.
    """
    unlisted = [
        item for item, points in card.items.items() if not _is_listed(answers.get(item), points)
    ]
    unlisted += [item for item in answers if item not in card.items]
    if unlisted:
        return PointsResult(Status.REFUSED, tuple(unlisted))
    missing = tuple(item for item in card.items if answers.get(item) in (None, ""))
    if missing:
        return PointsResult(Status.INCOMPLETE, missing)
    points = {item: listed[str(answers[item])] for item, listed in card.items.items()}
    total = sum(points.values())
    score = min(card.cap, total)
    return PointsResult(
        Status.SCORED,
        sum=total,
        score=score,
        likelihood=likelihood_of(card, score),
        targeted=None if card.cutoff is None else score <= card.cutoff,
        points=points,
    )


def _is_listed(answer: object, points: Mapping[str, int]) -> bool:
    return answer is None or answer == "" or (isinstance(answer, str) and answer in points)


def likelihood_of(card: PointsCard, score: int) -> Mapping[str, Decimal]:
    """The likelihood in percent of being below each line, at a score from 0 to the cap."""
    return next(line.likelihood for line in card.lookup if line.first <= score <= line.last)


def group_rates(
    card: PointsCard, weighted: Iterable[tuple[PointsResult, Fraction | int]]
) -> dict[str, Fraction | None]:
    """The share in percent of a group below each line: the weighted mean of likelihoods.

    The weight is 1 for a rate of households and the household's size for one of persons, times a
    sampling weight where there is one. What has no score does not count; None when nothing does.
    Raises NegativeWeight.
    """
    total = Fraction(0)
    sums = dict.fromkeys(card.lines, Fraction(0))
    for result, weight in weighted:
        if weight < 0:
            raise NegativeWeight()
        if result.status is Status.SCORED:
            total += weight
            for line in sums:
                sums[line] += weight * Fraction(result.likelihood[line])
    return {line: ratio(part, total) for line, part in sums.items()}


def is_altered(card: PointsCard, published: PointsCard) -> bool:
    """Whether items, points, cap or table differ; the cut-off is the programme's own choice."""
    mine = (card.items, card.cap, [line.content for line in card.lookup])
    return mine != (published.items, published.cap, [line.content for line in published.lookup])


def require_own_name(card: PointsCard, published: Iterable[PointsCard]) -> None:
    """Refuse an altered card under the name of a published one. Raises AlteredCardKeepsName."""
    for other in published:
        if other.code == card.code and is_altered(card, other):
            raise AlteredCardKeepsName(field="code", code=card.code)
