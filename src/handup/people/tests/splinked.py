"""The library splink 5 on the rows of FEBRL, as an oracle beside our engine (people.md section 8).

It is given the same fields, levels and blocks, without our keys and the crosswise rule, and learns
its weights itself; it is never told the truth.
"""

from collections.abc import Sequence

import splink.comparison_level_library as level
from splink.comparison_library import CustomComparison

from handup.people.queries.splinked import Pairs, births, equal, found, names
from handup.people.tests.febrl import Resident


def _postcode(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(level.DamerauLevenshteinLevel(column, most) for most in (1, 2)),
            level.ElseLevel(),
        ],
    )


def _address(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column),
            level.JaroWinklerLevel(column, 0.90),
            level.ElseLevel(),
        ],
    )


def of_residents(known: Sequence[Resident]) -> Pairs:
    """The pairs splink finds among the rows of one FEBRL register, by their places in it."""
    rows = [
        {
            "unique_id": str(place),
            "first": one.name.first,
            "last": one.name.last,
            "first_key": one.name.first_key,
            "last_key": one.name.last_key,
            "born": one.born,
            "month": one.born[:6],
            "day": one.born[4:],
            "number": one.number,
            "address": one.address,
            "suburb": one.suburb,
            "postcode": one.postcode,
        }
        for place, one in enumerate(known)
    ]
    parts = (names("first"), names("last"), births("born"), equal("number"), _address("address"))
    where = ("postcode", "suburb", "month", "day")
    blocks = [
        ("first_key", "last_key"),
        ("born",),
        *(("first_key", place) for place in where),
        *(("last_key", place) for place in where),
        ("number", "address"),
        ("number", "postcode"),
        ("address", "postcode"),
    ]
    return found(
        rows, (*parts, _postcode("postcode")), blocks, learn=(("born",), ("first", "last"))
    )
