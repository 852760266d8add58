"""When a household leaves a pathway for the ultra-poor: criteria as data, judged one by one
(rulings C20).

Each criterion names a fact, how it is compared, with what, and how old what was seen may be. What
is not known is never met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from handup.kernel.dates import add_months, month_end
from handup.kernel.errors import Refusal

MOST_CRITERIA = 12
LONGEST_WINDOW = 60
LARGEST = Decimal(10) ** 15


class CriterionWordless(Refusal):
    """Criterion {number}: write what it asks for, in a few words."""


class CriterionFactUnknown(Refusal):
    """Criterion {number}: nobody knows this fact or this comparison."""


class CriterionThresholdUnfit(Refusal):
    """Criterion {number}: write the threshold as a number."""


class CriterionTooFine(Refusal):
    """Criterion {number}: the amount is finer than the currency."""


class CriterionWindowUnfit(Refusal):
    """Criterion {number}: the window is 0 to 60 months."""


class CriterionKeyless(Refusal):
    """Criterion {number}: write the key of the question that is read."""


class CriterionTwice(Refusal):
    """Criterion {number} has the code of another one."""


class CriteriaNone(Refusal):
    """A pathway needs at least one criterion, and at most twelve."""


class NeededOutOfRange(Refusal):
    """Of {count} criteria at least one and at most all can be needed, not {needed}."""


class Fact(StrEnum):
    """What a criterion looks at; all but BY_HAND are read from what the house already has."""

    ASSETS = "ASSETS"  # value of what was handed over to her and is still there
    RECEIVED = "RECEIVED"  # value of all she was given, in money and in kind
    SAVINGS = "SAVINGS"  # lowest of her savings, today and at each month's end of the window
    PLAN = "PLAN"  # business plans that were approved
    ANSWER = "ANSWER"  # her last answer to a question, by its key
    BY_HAND = "BY_HAND"  # what somebody saw or asked at a visit


class Operator(StrEnum):
    """How what was found is compared with the threshold."""

    AT_LEAST = "AT_LEAST"
    ABOVE = "ABOVE"
    AT_MOST = "AT_MOST"
    BELOW = "BELOW"


class Judgement(StrEnum):
    """What a criterion comes to."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"


class Why(StrEnum):
    """Why nothing is known."""

    NOT_RECORDED = "NOT_RECORDED"
    TOO_OLD = "TOO_OLD"
    NOT_CHECKED = "NOT_CHECKED"
    NOWHERE = "NOWHERE"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    NO_NUMBER = "NO_NUMBER"
    NO_ANSWER = "NO_ANSWER"


MONEY_FACTS = frozenset({Fact.ASSETS, Fact.RECEIVED, Fact.SAVINGS})


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: `threshold` is in smallest units where `is_money`; `window_months` is how old
    what was seen may be (0: only the day itself); `required` ones must all be met.
    """

    code: str
    label: str
    fact: Fact
    operator: Operator
    threshold: Decimal
    window_months: int = 12
    is_required: bool = False
    is_money: bool = False
    key: str = ""

    def earliest(self, on: date) -> date:
        """The first day on which what was seen still counts."""
        return on if self.window_months == 0 else add_months(on, -self.window_months)

    def as_data(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "code": self.code,
            "label": self.label,
            "fact": self.fact.value,
            "operator": self.operator.value,
            "threshold": plain(self.threshold),
            "window_months": self.window_months,
            "is_required": self.is_required,
            "is_money": self.is_money,
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one fact: its value and the day it was seen, or why nothing is; by whom it
    was seen when it was read by hand.
    """

    value: Decimal | None = None
    seen: date | None = None
    why: Why = Why.NOT_RECORDED
    by: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion with what was found and what it comes to."""

    criterion: Criterion
    judgement: Judgement
    reading: Reading

    def as_data(self) -> dict[str, Any]:
        """As it is kept with a decision."""
        read = self.reading
        return {
            "code": self.criterion.code,
            "label": self.criterion.label,
            "judgement": self.judgement.value,
            "value": "" if read.value is None else plain(read.value),
            "seen": read.seen.isoformat() if read.seen else "",
            "why": read.why.value if read.value is None else "",
            "by": read.by,
            "by_name": read.by_name,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a participant stands on a day."""

    judged: tuple[Judged, ...]
    needed: int

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(item.judgement is Judgement.MET for item in self.judged)

    @property
    def unmet_required(self) -> tuple[Judged, ...]:
        """Those that must be met and are not."""
        return tuple(
            item
            for item in self.judged
            if item.criterion.is_required and item.judgement is not Judgement.MET
        )

    @property
    def is_ready(self) -> bool:
        """Whether enough of them, and all that must be, are met."""
        return self.met >= self.needed and not self.unmet_required


def plain(value: Decimal) -> str:
    """A number as text, without an exponent and without zeros behind it."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(text: str) -> Decimal | None:
    """The number a text says; None when it says none, or one beyond any measure."""
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > LARGEST or found != round(found, 6):
        return None
    return found


def read_criteria(data: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Read stored or typed criteria; each gets the code it has or its number.

    Raises CriteriaNone, CriterionWordless, CriterionFactUnknown, CriterionThresholdUnfit,
    CriterionTooFine, CriterionWindowUnfit, CriterionKeyless, CriterionTwice.
    """
    if not 1 <= len(data) <= MOST_CRITERIA:
        raise CriteriaNone(field="criteria")
    found = tuple(_criterion(place, item) for place, item in enumerate(data, start=1))
    codes: set[str] = set()
    for place, item in enumerate(found, start=1):
        if item.code in codes:
            raise CriterionTwice(field="criteria", number=place)
        codes.add(item.code)
    return found


def _criterion(place: int, item: Mapping[str, Any]) -> Criterion:
    told: dict[str, Any] = {"field": "criteria", "number": place}
    label = str(item.get("label", "")).strip()
    if not label:
        raise CriterionWordless(**told)
    try:
        fact = Fact(item.get("fact", ""))
        operator = Operator(item.get("operator", Operator.AT_LEAST.value))
    except ValueError:
        raise CriterionFactUnknown(**told) from None
    threshold = number(str(item.get("threshold", "")))
    if threshold is None:
        raise CriterionThresholdUnfit(**told)
    is_money = fact in MONEY_FACTS or (fact is not Fact.PLAN and bool(item.get("is_money")))
    if is_money and threshold != threshold.to_integral_value():
        raise CriterionTooFine(**told)
    window = item.get("window_months", 12)
    if not isinstance(window, int) or isinstance(window, bool) or not 0 <= window <= LONGEST_WINDOW:
        raise CriterionWindowUnfit(**told)
    key = str(item.get("key", "")).strip() if fact is Fact.ANSWER else ""
    if fact is Fact.ANSWER and not key:
        raise CriterionKeyless(**told)
    return Criterion(
        code=str(item.get("code") or place),
        label=label,
        fact=fact,
        operator=operator,
        threshold=threshold,
        window_months=window,
        is_required=bool(item.get("is_required", False)),
        is_money=is_money,
        key=key,
    )


def check_needed(criteria: Sequence[Criterion], needed: int) -> None:
    """Refuse a number of criteria nobody could meet. Raises NeededOutOfRange."""
    if not 1 <= needed <= len(criteria):
        raise NeededOutOfRange(field="needed", count=len(criteria), needed=needed)


def judge(
    criteria: Sequence[Criterion],
    needed: int,
    *,
    house: Mapping[str, Reading],
    by_hand: Mapping[str, Reading],
    on: date,
) -> Standing:
    """Judge every criterion on a day: what the house knows goes before what was read by hand, and
    what was seen before the window counts as not known.
    """
    return Standing(tuple(_judged(item, house, by_hand, on) for item in criteria), needed)


def _judged(
    item: Criterion, house: Mapping[str, Reading], by_hand: Mapping[str, Reading], on: date
) -> Judged:
    own = _fresh(item, house.get(item.code), on)
    hand = _fresh(item, by_hand.get(item.code), on)
    found = own if own.value is not None else hand
    if found.value is None:
        told = item.fact is Fact.BY_HAND or hand.why is Why.TOO_OLD
        return Judged(item, Judgement.UNKNOWN, hand if told else own)
    is_met = compare(item.operator, found.value, item.threshold)
    return Judged(item, Judgement.MET if is_met else Judgement.NOT_MET, found)


def _fresh(item: Criterion, found: Reading | None, on: date) -> Reading:
    if found is None:
        return Reading()
    if found.value is None or found.seen is None:
        return found
    if found.seen > on:
        return Reading()
    if found.seen < item.earliest(on):
        return Reading(None, found.seen, Why.TOO_OLD, found.by, found.by_name)
    return found


def compare(operator: Operator, value: Decimal, threshold: Decimal) -> bool:
    """Whether a value is on the right side of a threshold."""
    if operator is Operator.AT_LEAST:
        return value >= threshold
    if operator is Operator.ABOVE:
        return value > threshold
    if operator is Operator.AT_MOST:
        return value <= threshold
    return value < threshold


def days_held(item: Criterion, on: date) -> tuple[date, ...]:
    """The days on which savings must have been there: the day, and each month's end before it
    within the window, the newest first.
    """
    found, first = [on], item.earliest(on)
    last = month_end(add_months(on.replace(day=1), -1))
    while last >= first:
        if last < on:
            found.append(last)
        last = month_end(add_months(last.replace(day=1), -1))
    return tuple(found)
