"""Proxy means tests: what a household is likely to spend, from what can be seen (people.md 4.4).

    score = constant + sum of coefficient * x; predicted = score, or e^score for a log model;
    targeted = predicted <= the line of the household's area

x is a fact of the household or an aggregate over its members (those the filter keeps), not above
the term's `max`, and taken as it is, as ln x, as ln(1 + x), or as 1 where it equals a code and 0
elsewhere. All in decimals of 28 digits. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from handup.kernel.money import round_to
from handup.kernel.sheet_faults import NotANumber, NotWhole, TooLow, ValueMissing
from handup.people.rules.card_parts import Parts, Status, decimal_of

DIGITS = 28
EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
LARGEST_LN = 40  # e^40 is beyond every amount a household spends
LOG_MODEL = "LN_"
AREA = "area"
MEMBERS = "members"


class Use(StrEnum):
    """How x enters the sum."""

    VALUE = "VALUE"
    LN = "LN"
    LN1P = "LN1P"
    EQUALS = "EQUALS"


class Aggregate(StrEnum):
    """What is made of the members the filter keeps."""

    COUNT = "COUNT"
    SUM = "SUM"
    MEAN = "MEAN"
    MAX = "MAX"
    SHARE = "SHARE"


COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_TERM = frozenset(
    {"fact", "level", "use", "coefficient", "max", "equals", "where", "aggregate", "empty"}
)
_OF_MEMBERS = ("where", "aggregate", "empty")
_WHERE = frozenset({"fact", "op", "value"})
Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members count: a fact compared with a value."""

    fact: str
    op: str
    value: object


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the sum. `aggregate` is None for a fact of the household."""

    fact: str
    use: Use
    coefficient: Decimal
    cap: Decimal | None = None
    equals: object = None
    aggregate: Aggregate | None = None
    where: Filter | None = None
    empty: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PmtCard:
    """A checked test. `lines`: smallest units of `currency` by area code; `log`: the score is the
    logarithm of what is predicted.
    """

    code: str
    version: int
    predicts: str
    constant: Decimal
    terms: tuple[Term, ...]
    currency: str
    lines: Mapping[str, Decimal]

    @property
    def log(self) -> bool:
        """Whether the model predicts a logarithm."""
        return self.predicts.startswith(LOG_MODEL)


@dataclass(frozen=True, slots=True)
class PmtResult:
    """What is predicted for a household, with each term's contribution.

    `fields` names the facts that are missing or cannot be used. `predicted_units` is shown half up;
    the line is compared with `predicted`.
    """

    status: Status
    fields: tuple[str, ...] = ()
    score: Decimal | None = None
    predicted: Decimal | None = None
    predicted_units: int | None = None
    targeted: bool | None = None
    contributions: tuple[Decimal, ...] = field(default=())


def _where(parts: Parts, raw: object, place: str) -> Filter:
    told = parts.mapping(raw, place)
    parts.only(told, _WHERE, place)
    fact = parts.text(told, "fact", place)
    op = parts.choice(told, "op", COMPARISONS, place)
    value = told.get("value")
    if value is None or value == "":
        parts.fault(ValueMissing(column="value"), f"{place}.value")
    elif op not in ("==", "!=") and decimal_of(value) is None:
        parts.fault(NotANumber(column="value", value=value), f"{place}.value", value)
    return Filter(fact, op, value)


def _optional(parts: Parts, term: Mapping[str, object], name: str, place: str) -> Decimal | None:
    return None if term.get(name) is None else parts.decimal(term, name, place)


def _term(parts: Parts, raw: object, place: str) -> Term | None:
    term = parts.mapping(raw, place)
    known = _TERM
    level = parts.choice(term, "level", ("HOUSEHOLD", "MEMBER"), place)
    if level == "HOUSEHOLD":
        known -= frozenset(_OF_MEMBERS)
    use = parts.choice(term, "use", tuple(Use), place)
    if use != Use.EQUALS:
        known -= {"equals"}
    elif term.get("equals") in (None, ""):
        parts.fault(ValueMissing(column="equals"), f"{place}.equals")
    parts.only(term, known, place)
    fact = parts.text(term, "fact", place)
    coefficient = parts.decimal(term, "coefficient", place)
    cap = _optional(parts, term, "max", place)
    aggregate, where = None, None
    if level == "MEMBER":
        aggregate = parts.choice(term, "aggregate", tuple(Aggregate), place)
        if term.get("where") is not None or aggregate == Aggregate.SHARE:
            where = _where(parts, term.get("where"), f"{place}.where")
        if aggregate in (Aggregate.MEAN, Aggregate.MAX) and term.get("empty") is None:
            parts.fault(ValueMissing(column="empty"), f"{place}.empty")
    empty = _optional(parts, term, "empty", place)
    if parts.faults:
        return None
    kind = Aggregate(aggregate) if aggregate else None
    return Term(fact, Use(use), coefficient, cap, term.get("equals"), kind, where, empty)


def pmt_card(raw: Mapping[str, object]) -> PmtCard:
    """Check a test written as data.

    Raises Faults naming each place that is missing or cannot be used: a card with a gap is not
    saved.
    """
    parts = Parts()
    code = parts.text(raw, "code", "")
    version = parts.whole(raw, "version", "", lowest=1)
    parts.choice(raw, "kind", ("PMT",), "")
    predicts = parts.text(raw, "predicts", "")
    constant = parts.decimal(raw, "constant", "")
    entries = parts.sequence(raw.get("terms"), "terms")
    terms = [_term(parts, entry, f"terms[{number}]") for number, entry in enumerate(entries)]
    currency = parts.text(raw, "currency", "")
    place = "line_units_by_area"
    told = parts.mapping(raw.get(place), place)
    lines = {area: parts.decimal(told, area, place) for area in told}
    for area, line in lines.items():
        if line < 0:
            parts.fault(TooLow(column=area, value=line, lowest=0), f"{place}.{area}", line)
        elif line != int(line):
            parts.fault(NotWhole(column=area, value=line), f"{place}.{area}", line)
    parts.refuse_any()
    whole = tuple(term for term in terms if term is not None)
    return PmtCard(code, version, predicts, constant, whole, currency, lines)


class _Missing(Exception):
    """A fact that is needed is not known."""

    def __init__(self, fact: str) -> None:
        self.fact = fact


class _Unusable(_Missing):
    """A fact cannot be used as the card does."""


def _known(facts: Facts, fact: str) -> object:
    value = facts.get(fact)
    if value is None or value == "":
        raise _Missing(fact)
    return value


def _number(facts: Facts, fact: str) -> Decimal:
    """The number a fact tells; yes is 1 and no 0."""
    value = _known(facts, fact)
    number = Decimal(int(value)) if isinstance(value, bool) else decimal_of(value)
    if number is None:
        raise _Unusable(fact)
    return number


def _same(have: object, want: object) -> bool:
    """Whether two values are the same code, number, or yes or no."""
    if isinstance(have, bool) or isinstance(want, bool):
        return have is want
    if isinstance(have, str) and isinstance(want, str):
        return have == want
    number = decimal_of(have)
    return number is not None and number == decimal_of(want)


def _is_kept(member: Facts, where: Filter | None) -> bool:
    if where is None:
        return True
    if where.op in ("==", "!="):
        return _same(_known(member, where.fact), where.value) is (where.op == "==")
    have, want = _number(member, where.fact), decimal_of(where.value)
    assert want is not None
    if where.op in ("<", "<="):
        return have < want or (where.op == "<=" and have == want)
    return have > want or (where.op == ">=" and have == want)


def _aggregated(term: Term, members: Sequence[Facts] | None) -> Decimal:
    if members is None:
        raise _Missing(MEMBERS)
    kept = [member for member in members if _is_kept(member, term.where)]
    if term.aggregate is Aggregate.SHARE:
        if members:
            return EXACT.divide(Decimal(len(kept)), Decimal(len(members)))
        if term.empty is None:
            raise _Missing(MEMBERS)
        return term.empty
    if not kept:
        return term.empty or Decimal(0)
    if term.aggregate is Aggregate.COUNT:
        return Decimal(len(kept))
    values = [_number(member, term.fact) for member in kept]
    if term.aggregate is Aggregate.MAX:
        return max(values)
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    if term.aggregate is Aggregate.MEAN:
        return EXACT.divide(total, Decimal(len(values)))
    return total


def _x(term: Term, household: Facts, members: Sequence[Facts] | None) -> Decimal:
    """The quantity of a term, as it enters the sum."""
    if term.use is Use.EQUALS and term.aggregate is None:
        return Decimal(int(_same(_known(household, term.fact), term.equals)))
    x = _number(household, term.fact) if term.aggregate is None else _aggregated(term, members)
    if term.cap is not None:
        x = min(x, term.cap)
    if term.use is Use.EQUALS:
        return Decimal(int(x == decimal_of(term.equals)))
    if term.use is Use.VALUE:
        return x
    inside = x if term.use is Use.LN else EXACT.add(x, Decimal(1))
    if inside <= 0:
        raise _Unusable(term.fact)
    return EXACT.ln(inside)


def score_pmt(card: PmtCard, household: Facts, members: Sequence[Facts] | None) -> PmtResult:
    """Predict for one household from its facts and those of its members (None: not known).

    A missing fact leaves it incomplete; one that cannot be used (a word for a number, ln of
    nothing, an area without a line) is refused. Both name the facts, in the order of the card.
    """
    missing: list[str] = []
    unusable: list[str] = []
    contributions: list[Decimal] = []
    for term in card.terms:
        try:
            x = _x(term, household, members)
            contributions.append(EXACT.multiply(term.coefficient, x))
        except _Unusable as fault:
            unusable.append(fault.fact)
        except _Missing as fault:
            missing.append(fault.fact)
    area = household.get(AREA)
    if area is None or area == "":
        missing.append(AREA)
    elif not isinstance(area, str) or area not in card.lines:
        unusable.append(AREA)
    if unusable:
        return PmtResult(Status.REFUSED, tuple(dict.fromkeys(unusable)))
    if missing:
        return PmtResult(Status.INCOMPLETE, tuple(dict.fromkeys(missing)))
    return _predicted(card, contributions, card.lines[str(area)])


def _predicted(card: PmtCard, contributions: Sequence[Decimal], line: Decimal) -> PmtResult:
    score = card.constant
    for contribution in contributions:
        score = EXACT.add(score, contribution)
    if card.log and score > LARGEST_LN:
        largest = max(range(len(contributions)), key=lambda place: contributions[place])
        return PmtResult(Status.REFUSED, (card.terms[largest].fact,))
    predicted = EXACT.exp(score) if card.log else score
    return PmtResult(
        Status.SCORED,
        score=score,
        predicted=predicted,
        predicted_units=round_to(Fraction(predicted)),
        targeted=predicted <= line,
        contributions=tuple(contributions),
    )
