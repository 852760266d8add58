"""The fifteen parts of a business plan, what the full one asks in words, and the screening of what
a business does to people and to nature (rulings 29)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.plans.rules.states import Depth


class Part(StrEnum):
    """The parts of a plan, in their order; the light one leaves out six."""

    HOUSEHOLD = "HOUSEHOLD"
    IDEA = "IDEA"
    MARKET = "MARKET"
    PRODUCTION = "PRODUCTION"
    PEOPLE = "PEOPLE"
    LAW = "LAW"
    START = "START"
    SALES = "SALES"
    COSTS = "COSTS"
    CASH = "CASH"
    PROFIT = "PROFIT"
    FINANCE = "FINANCE"
    RISKS = "RISKS"
    ACTIONS = "ACTIONS"
    STATEMENT = "STATEMENT"


ONLY_FULL = frozenset(
    {Part.MARKET, Part.PRODUCTION, Part.PEOPLE, Part.LAW, Part.PROFIT, Part.RISKS, Part.ACTIONS}
)


class Topic(StrEnum):
    """What a full plan asks in words."""

    CUSTOMERS = "CUSTOMERS"
    COMPETITORS = "COMPETITORS"
    PRICE = "PRICE"
    PLACE = "PLACE"
    PROMOTION = "PROMOTION"
    PROCESS = "PROCESS"
    EQUIPMENT = "EQUIPMENT"
    SUPPLIERS = "SUPPLIERS"
    WORKERS = "WORKERS"
    SKILLS = "SKILLS"
    LEGAL_FORM = "LEGAL_FORM"
    LICENCE = "LICENCE"
    TAX = "TAX"
    DANGERS = "DANGERS"
    WAY_OUT = "WAY_OUT"


TOPICS: Mapping[Part, tuple[Topic, ...]] = {
    Part.MARKET: (
        Topic.CUSTOMERS,
        Topic.COMPETITORS,
        Topic.PRICE,
        Topic.PLACE,
        Topic.PROMOTION,
    ),
    Part.PRODUCTION: (Topic.PROCESS, Topic.EQUIPMENT, Topic.SUPPLIERS),
    Part.PEOPLE: (Topic.WORKERS, Topic.SKILLS),
    Part.LAW: (Topic.LEGAL_FORM, Topic.LICENCE, Topic.TAX),
    Part.RISKS: (Topic.DANGERS, Topic.WAY_OUT),
}


class Harm(StrEnum):
    """The five questions of the screening; the last one closes the door."""

    WASTE = "WASTE"
    NATURE = "NATURE"
    LAND = "LAND"
    SAFETY = "SAFETY"
    EXCLUDED = "EXCLUDED"


class Answer(StrEnum):
    """What a question of the screening was answered with."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class PartState(StrEnum):
    """How far a part is."""

    EMPTY = "EMPTY"
    OPEN = "OPEN"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Screened:
    """One question of the screening: what was answered, and what will be done about a yes."""

    harm: Harm
    answer: Answer
    measure: str = ""


def unmeasured(screening: Iterable[Screened]) -> tuple[Harm, ...]:
    """Harms that were owned up to without saying what will be done about them."""
    return tuple(
        item.harm
        for item in screening
        if item.answer is Answer.YES and item.harm is not Harm.EXCLUDED and not item.measure.strip()
    )


def unanswered(screening: Iterable[Screened]) -> tuple[Harm, ...]:
    """Questions of the screening nobody has answered, or nobody knows the answer to yet."""
    known = {item.harm for item in screening if item.answer is not Answer.UNKNOWN}
    return tuple(harm for harm in Harm if harm not in known)


def is_excluded(screening: Iterable[Screened]) -> bool:
    """Whether the business is one that is never financed."""
    return any(item.harm is Harm.EXCLUDED and item.answer is Answer.YES for item in screening)


def parts_of(depth: Depth) -> tuple[Part, ...]:
    """The parts a plan of this depth has, in their order."""
    return tuple(part for part in Part if depth is Depth.FULL or part not in ONLY_FULL)


def state_of(
    part: Part, told: Collection[Topic], unknown: Collection[Topic], *, is_there: bool = False
) -> PartState:
    """How far a part is: a part of words by its topics, any other by whether it is there."""
    topics = TOPICS.get(part)
    if topics is None:
        return PartState.DONE if is_there else PartState.EMPTY
    if all(topic in told for topic in topics):
        return PartState.DONE
    return PartState.OPEN if any(t in told or t in unknown for t in topics) else PartState.EMPTY


def silent(told: Collection[Topic], unknown: Collection[Topic]) -> tuple[Part, ...]:
    """Parts of words with a topic that has neither an answer nor "I don't know"."""
    return tuple(
        part
        for part, topics in TOPICS.items()
        if any(topic not in told and topic not in unknown for topic in topics)
    )


def stretched(monthly: Sequence[int], months: int) -> list[int]:
    """One figure a month for so many months: a new one repeats the month a year before, or the
    last one of a plan shorter than a year. Nothing stays nothing.
    """
    found = list(monthly[:months])
    while found and len(found) < months:
        found.append(found[-12] if len(found) >= 12 else found[-1])
    return found
