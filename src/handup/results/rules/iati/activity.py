"""An IATI activity as plain values: what Handup writes of it and what it takes from one.

Every code and amount is the text of the file; a text in several languages is a row of (language,
words), the language empty where it is that of the activity.
"""

from dataclasses import dataclass

Text = tuple[tuple[str, str], ...]
NO_TEXT: Text = ()


def words(text: str, language: str = "") -> Text:
    """A text in one language; nothing for an empty one."""
    return ((language, text),) if text.strip() else NO_TEXT


def first_words(text: Text) -> str:
    """The first of a text's languages that says anything."""
    return next((told.strip() for _language, told in text if told.strip()), "")


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation that reports, takes part, gives or receives; role: how it takes part."""

    name: Text = NO_TEXT
    ref: str = ""
    type: str = ""
    role: str = ""
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of a vocabulary: sector, tag, marker, country, region, aid type."""

    code: str
    vocabulary: str = ""
    percentage: str = ""
    name: Text = NO_TEXT
    uri: str = ""
    significance: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A description of a type."""

    text: Text
    type: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date: type 1 planned start, 2 start, 3 planned end, 4 end; note: what is said of it."""

    type: str
    day: str
    note: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class OtherId:
    """An identifier of another kind: A1 the own number, A3 an earlier identifier."""

    ref: str
    type: str


@dataclass(frozen=True, slots=True)
class Place:
    """An area: its name and how it is meant."""

    name: Text
    reach: str = ""
    exactness: str = ""
    location_class: str = ""
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in main units, its currency where it is not the activity's, and its day."""

    amount: str
    day: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Budgeted:
    """A budget, or a planned disbursement, of a span of days."""

    start: str
    end: str
    value: Money
    type: str = ""
    status: str = ""
    provider: Body | None = None
    receiver: Body | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money promised, given, spent or paid back."""

    type: str
    day: str
    value: Money
    description: Text = NO_TEXT
    ref: str = ""
    provider: Body | None = None
    receiver: Body | None = None
    sectors: tuple[Coded, ...] = ()
    countries: tuple[Coded, ...] = ()
    flow: str = ""
    finance: str = ""
    aid_types: tuple[Coded, ...] = ()
    tied: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A public document."""

    url: str
    format: str
    title: Text
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    day: str = ""
    description: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """The terms of a loan of a funder."""

    rate_1: str = ""
    rate_2: str = ""
    repayment_type: str = ""
    repayment_plan: str = ""
    commitment: str = ""
    first_repayment: str = ""
    final_repayment: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A baseline, target or actual: its value as it stands, dimensions and what is said of it."""

    value: str
    comment: Text = NO_TEXT
    dimensions: tuple[tuple[str, str], ...] = ()
    year: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A period of an indicator with its targets and actuals."""

    start: str
    end: str
    targets: tuple[Amount, ...] = ()
    actuals: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An indicator's code in a catalogue."""

    vocabulary: str
    code: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator: measure 1 unit, 2 percentage, 3 nominal, 4 ordinal, 5 in words."""

    measure: str
    title: Text
    description: Text = NO_TEXT
    ascending: str = ""
    aggregation: str = ""
    references: tuple[Reference, ...] = ()
    baselines: tuple[Amount, ...] = ()
    periods: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result (1 output, 2 outcome, 3 impact, 9 other) with its indicators."""

    type: str
    title: Text
    description: Text = NO_TEXT
    aggregation: str = ""
    references: tuple[Reference, ...] = ()
    indicators: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A programme or phase as IATI tells it."""

    identifier: str
    reporting: Body
    updated: str = ""
    language: str = ""
    currency: str = ""
    hierarchy: str = ""
    humanitarian: str = ""
    title: Text = NO_TEXT
    descriptions: tuple[Described, ...] = ()
    bodies: tuple[Body, ...] = ()
    other_ids: tuple[OtherId, ...] = ()
    status: str = ""
    dates: tuple[Dated, ...] = ()
    scope: str = ""
    countries: tuple[Coded, ...] = ()
    regions: tuple[Coded, ...] = ()
    places: tuple[Place, ...] = ()
    sectors: tuple[Coded, ...] = ()
    tags: tuple[Coded, ...] = ()
    markers: tuple[Coded, ...] = ()
    collaboration: str = ""
    flow: str = ""
    finance: str = ""
    aid_types: tuple[Coded, ...] = ()
    tied: str = ""
    budgets: tuple[Budgeted, ...] = ()
    planned: tuple[Budgeted, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    links: tuple[Link, ...] = ()
    related: tuple[OtherId, ...] = ()
    results: tuple[Outcome, ...] = ()
    loan_terms: LoanTerms | None = None
