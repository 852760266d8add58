"""What of an activity Handup keeps as records of its own, and in which words.

Organisations, a programme with its phase, agreements, documents and figures as stated; the rest
stays in the raw copy and is listed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lxml import etree

from handup.results.rules.iati.activity import (
    Activity,
    Amount,
    Body,
    Coded,
    Measured,
    Transaction,
    first_words,
)
from handup.results.rules.iati.numbers import number_told
from handup.results.rules.iati.taking import not_taken

COMMITMENTS = frozenset({"2", "11"})
OUR_OWN = "99"
LOAN = "421"
STATUS: Mapping[str, str] = {
    "1": "PIPELINE",
    "2": "ACTIVE",
    "3": "FINALISATION",
    "4": "CLOSED",
    "5": "CLOSED",
    "6": "SUSPENDED",
}
"""The status of a phase by that of an activity. A cancelled one (5) is closed; that it was
cancelled stays in the raw copy.
"""
WORDS = "5"
"""The measure of an indicator that is told in words."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A value an activity states, as it stands there, with what it is of."""

    subject: str
    kind: str
    printed: str
    number: Decimal | None
    unit: str
    on: date | None
    comment: str
    dimensions: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]


def stated_values(told: Activity) -> Iterator[Stated]:
    """Every baseline, target and actual that says anything."""
    for result in told.results:
        for indicator in result.indicators:
            for baseline in indicator.baselines:
                on = day_told(baseline.day) or _end_of_year(baseline.year)
                yield from _stated(indicator, "baseline", baseline, on)
            for span in indicator.periods:
                for target in span.targets:
                    yield from _stated(indicator, "target", target, day_told(span.end))
                for actual in span.actuals:
                    yield from _stated(indicator, "actual", actual, day_told(span.end))


def _stated(one: Measured, kind: str, amount: Amount, on: date | None) -> Iterator[Stated]:
    comment = first_words(amount.comment)
    printed = amount.value.strip() or comment
    if printed:
        yield Stated(
            subject=first_words(one.title),
            kind=kind,
            printed=printed,
            number=None if one.measure == WORDS else number_told(amount.value),
            unit="%" if one.measure == "2" else "",
            on=on,
            comment=comment,
            dimensions=amount.dimensions,
            codes=tuple(ref.code for ref in one.references if ref.vocabulary == OUR_OWN),
        )


def _end_of_year(year: str) -> date | None:
    return date(int(year), 12, 31) if year.isdecimal() and 0 < int(year) < 10_000 else None


def day_told(text: str) -> date | None:
    """The day of an ISO date, its zone dropped; None for what is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def is_year_only(told: Activity, kinds: frozenset[str]) -> bool:
    """Whether an activity says of a date that only its year is known."""
    return any(one.type in kinds and "year" in first_words(one.note).lower() for one in told.dates)


def commitments(told: Activity) -> tuple[Transaction, ...]:
    """The transactions that promise an amount of money: they become agreements."""
    return tuple(
        one
        for one in told.transactions
        if one.type in COMMITMENTS and (number_told(one.value.amount) or 0) > 0
    )


def own_words(codes: tuple[Coded, ...]) -> str:
    """The words of a code of the reporting organisation's own vocabulary."""
    found = (first_words(one.name) for one in codes if one.vocabulary == OUR_OWN)
    return next((told for told in found if told), "")


def described(told: Activity, kind: str) -> str:
    """The description of a type; one without a type is of type 1."""
    found = (first_words(one.text) for one in told.descriptions if (one.type or "1") == kind)
    return "\n".join(text for text in found if text)


def bodies_of(told: Activity) -> Iterator[Body]:
    """Every organisation an activity names that becomes one here."""
    yield told.reporting
    yield from told.bodies
    for one in commitments(told):
        if one.provider is not None:
            yield one.provider


def rest_of(element: etree._Element, told: Activity) -> dict[str, int]:
    """What of an activity stays in the raw copy alone: paths, and how often each stands there."""
    kept = replace(
        told,
        hierarchy="",
        humanitarian="",
        descriptions=tuple(one for one in told.descriptions if (one.type or "1") in {"1", "2"}),
        scope="",
        countries=(),
        regions=(),
        places=(),
        sectors=tuple(one for one in told.sectors if one.vocabulary == OUR_OWN)[:1],
        tags=tuple(one for one in told.tags if one.vocabulary == OUR_OWN)[:1],
        markers=(),
        collaboration="",
        flow="",
        aid_types=(),
        tied="",
        budgets=(),
        planned=(),
        transactions=commitments(told),
        related=(),
    )
    return not_taken(element, kept)
