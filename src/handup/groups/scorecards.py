"""The scorecards the house ships, read from its tables: what is asked, for how many points, which
kinds of entry speak for it, and which grade a percentage is (groups.md G7).

The cards are data (`cards/*.csv`); a card with a hole or an overlap in its bands is refused before
anything is scored.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from handup.groups.rules.grading import Band, CardRounding, require_bands
from handup.kernel.errors import Refusal

FOLDER = Path(__file__).with_name("cards")


class NoSuchCard(Refusal):
    """There is no scorecard of this name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One criterion: its number on the card, its part, what it says, its points, and the names of
    the group's facts that speak for it."""

    no: int
    section: str
    text: str
    points: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard in one version; eligible_from and the ends of the bands are percentages."""

    code: str
    version: int
    title: str
    kinds: frozenset[str]
    every_months: int
    eligible_from: int
    rounding: CardRounding
    bands: tuple[Band, ...]
    criteria: tuple[Asked, ...]

    @property
    def sections(self) -> Mapping[str, Sequence[Asked]]:
        """The criteria by their part, in order."""
        found: dict[str, list[Asked]] = {}
        for asked in self.criteria:
            found.setdefault(asked.section, []).append(asked)
        return found

    @property
    def most(self) -> int:
        """All points of the card."""
        return sum(asked.points for asked in self.criteria)

    def as_stored(self) -> dict[str, Any]:
        """What an assessment keeps of its card, so that it reads for ever as it was made."""
        return {
            "title": self.title,
            "rounding": self.rounding.value,
            "eligible_from": self.eligible_from,
            "bands": [
                [
                    band.grade,
                    int(band.low),
                    int(band.high),
                    band.low_included,
                    band.high_included,
                ]
                for band in self.bands
            ],
        }


def bands_of(stored: Mapping[str, Any]) -> tuple[Band, ...]:
    """The bands of a stored card."""
    return tuple(
        Band(grade, Fraction(low), Fraction(high), low_in, high_in)
        for grade, low, high, low_in, high_in in stored["bands"]
    )


def _band(text: str) -> Band:
    """A band as the table writes it: grade, from, to, and which end belongs to it."""
    grade, low, high, ends = text.split()
    return Band(grade, Fraction(low), Fraction(high), ends[0] == "[", ends[1] == "]")


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def cards() -> Mapping[str, Card]:
    """Every card by its code. Raises BandsGap, BandsOverlap."""
    asked: dict[str, list[Asked]] = {}
    for row in _read("criteria.csv"):
        asked.setdefault(row["card"], []).append(
            Asked(
                no=int(row["no"]),
                section=row["section"],
                text=row["text"],
                points=int(row["points"]),
                evidence=tuple(row["evidence"].split()),
            )
        )
    found = {}
    for row in _read("cards.csv"):
        bands = tuple(map(_band, row["bands"].split("|")))
        require_bands(bands)
        found[row["code"]] = Card(
            code=row["code"],
            version=int(row["version"]),
            title=row["title"],
            kinds=frozenset(row["kinds"].split()),
            every_months=int(row["every_months"]),
            eligible_from=int(row["eligible_from"]),
            rounding=CardRounding(row["rounding"]),
            bands=bands,
            criteria=tuple(asked[row["code"]]),
        )
    return found


def card_of(code: str) -> Card:
    """The card of a code. Raises NoSuchCard."""
    found = cards().get(code)
    if found is None:
        raise NoSuchCard(field="card")
    return found


def cards_for(kind: str) -> list[Card]:
    """The cards that fit a kind of group."""
    return [card for card in cards().values() if kind in card.kinds]
