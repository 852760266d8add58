"""The library splink 5 on the same records, as an oracle beside our engine (people.md section 8).

It is given the same fields, levels and blocks, without our keys and the crosswise rule, and learns
its weights itself; it is never told the truth.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import splink.comparison_level_library as level
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison, ExactMatch

from handup.people.rules.matching.records import Record
from handup.people.tests.febrl import Resident

SAMPLED = 200_000.0
SURE = 0.50
Pairs = set[tuple[str, str]]


def _name(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(level.JaroWinklerLevel(column, least) for least in (0.92, 0.88, 0.70)),
            level.ElseLevel(),
        ],
    )


def _born(column: str) -> CustomComparison:
    year = f"substr({column}_l, 1, 4)", f"substr({column}_r, 1, 4)"
    near = f"abs(cast({year[0]} as int) - cast({year[1]} as int)) <= 1"
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column),
            level.DamerauLevenshteinLevel(column, 1),
            level.CustomLevel(f"{year[0]} = {year[1]}", "same year"),
            level.CustomLevel(near, "a year away"),
            level.ElseLevel(),
        ],
    )


def _equal(column: str) -> Any:
    return ExactMatch(column).configure(term_frequency_adjustments=True)


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
    parts = (_name("first"), _name("last"), _born("born"), _equal("number"), _address("address"))
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


def of_records(records: Iterable[Record]) -> Pairs:
    """The pairs splink finds among records of our own register, by their ids."""
    rows = [_row(record) for record in records]
    parts = (
        *(_name(column) for column in ("first", "last", "father")),
        _born("born"),
        ExactMatch("sex"),
        ExactMatch("phone"),
        _equal("settlement"),
        ExactMatch("document"),
    )
    blocks = [
        ("document",),
        ("phone",),
        ("first_key", "born"),
        ("last_key", "born"),
        ("first_key", "last_key", "settlement"),
        ("first_key", "last_key", "year"),
        ("first_key", "last_key", "day"),
        ("first_key", "month", "settlement"),
        ("last_key", "month", "settlement"),
    ]
    return found(rows, parts, blocks, learn=(("born",), ("first", "last")))


def _row(record: Record) -> dict[str, Any]:
    name = record.names[0] if record.names else None
    born = record.birth.day.isoformat() if record.birth else ""
    return {
        "unique_id": record.id,
        "first": name.first if name else "",
        "last": name.last if name else "",
        "first_key": name.first_key if name else "",
        "last_key": name.last_key if name else "",
        "father": record.father,
        "born": born,
        "year": born[:4],
        "month": born[:7],
        "day": born[5:],
        "sex": record.sex.value if record.sex.value in "FM" else "",
        "phone": next(iter(sorted(record.phones)), ""),
        "settlement": record.settlement,
        "document": next((paper.number for paper in sorted(record.documents, key=str)), ""),
    }


def found(
    rows: Sequence[dict[str, Any]],
    parts: Sequence[Any],
    blocks: Sequence[tuple[str, ...]],
    *,
    learn: Sequence[tuple[str, ...]],
) -> Pairs:
    """Learn the weights, compare, and tell the pairs at p >= .50."""
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(parts),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_matching_columns=False,
    )
    with duckdb.connect() as database:
        table = [{name: value or None for name, value in row.items()} for row in rows]
        api = DuckDBAPI(connection=database)
        linker = Linker(api.register(table), settings, log_level=logging.CRITICAL)
        training = linker.training
        training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=1)
        training.estimate_probability_two_random_records_match(
            [block_on(*columns) for columns in blocks[:1]], recall=0.6
        )
        for columns in learn:
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        told = linker.inference.predict(threshold_match_probability=SURE)
        ids = "unique_id_l, unique_id_r"
        pairs = database.sql(f"SELECT {ids} FROM {told.physical_name}").fetchall()
    return {(str(one), str(other)) for one, other in pairs}
