"""The library splink 5 over a whole register: pairs it takes for one person (people.md 8).

For registers of more than 300,000 persons, as people.md says. It learns its
weights from the register itself and only proposes: `engine.weigh_pairs` weighs each pair as every
other, and a person decides. Imported by who asks for it: the library is an extra (`splink`).
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import splink.comparison_level_library as level
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison, ExactMatch
from splink.internals.exceptions import EMTrainingException

from handup.kernel.errors import Refusal
from handup.people.rules.matching.decide import prior_of_batch
from handup.people.rules.matching.model import FIXED_1
from handup.people.rules.matching.records import Name, Record

SAMPLED = 200_000.0
SURE = 0.50
LEAST = 1_000
"""With fewer records there is too little to learn from."""
IN_MEMORY = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
}
"""Names never lie on a disk in the clear, and nothing is fetched."""
Pairs = set[tuple[str, str]]
MARK = "#"
"""Between the id of a person and the place of one of her names."""


class TooFewToLearnFrom(Refusal):
    """The library splink learns from the register itself and finds too little to learn from among
    {count} persons. Check them without it.
    """


def names(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(level.JaroWinklerLevel(column, least) for least in (0.92, 0.88, 0.70)),
            level.ElseLevel(),
        ],
    )


def births(column: str) -> CustomComparison:
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


def equal(column: str) -> Any:
    return ExactMatch(column).configure(term_frequency_adjustments=True)


def of_records(records: Sequence[Record]) -> Pairs:
    """The pairs splink finds among records of our own register, by their ids in their order; every
    name a person bears is looked at. Raises TooFewToLearnFrom.
    """
    if len(records) < LEAST:
        raise TooFewToLearnFrom(count=len(records))
    rows = [row for record in records for row in _rows(record)]
    parts = (
        *(names(column) for column in ("first", "last", "father")),
        births("born"),
        ExactMatch("sex"),
        ExactMatch("phone"),
        equal("settlement"),
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
    try:
        prior = prior_of_batch(FIXED_1.duplicate_share, len(rows))
        told = found(rows, parts, blocks, learn=(("born",), ("first", "last")), prior=prior)
    except EMTrainingException as little:
        raise TooFewToLearnFrom(count=len(records)) from little
    ids = ((_person(one), _person(other)) for one, other in told)
    return {(min(pair), max(pair)) for pair in ids if pair[0] != pair[1]}


def _person(row: str) -> str:
    return row.partition(MARK)[0]


def _rows(record: Record) -> Iterator[dict[str, Any]]:
    for place, name in enumerate(record.names or (None,)):
        yield _row(record, name, f"{record.id}{MARK}{place}")


def _row(record: Record, name: Name | None, row_id: str) -> dict[str, Any]:
    born = record.birth.day.isoformat() if record.birth else ""
    return {
        "unique_id": row_id,
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
    prior: float | None = None,
) -> Pairs:
    """Learn the weights, compare, and tell the pairs at p >= .50. Without the chance that two of
    all rows are one, it is estimated from those who share the first block.
    """
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(parts),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_matching_columns=False,
        probability_two_random_records_match=prior or 0.0001,
    )
    with duckdb.connect(config={**IN_MEMORY}) as database:
        table = [{name: value or None for name, value in row.items()} for row in rows]
        api = DuckDBAPI(connection=database)
        linker = Linker(api.register(table), settings, log_level=logging.CRITICAL)
        training = linker.training
        training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=1)
        if prior is None:
            first: list[Any] = [block_on(*columns) for columns in blocks[:1]]
            training.estimate_probability_two_random_records_match(first, recall=0.6)
        for columns in learn:
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        told = linker.inference.predict(threshold_match_probability=SURE)
        pairs = database.table(told.physical_name).project("unique_id_l, unique_id_r").fetchall()
    return {(str(one), str(other)) for one, other in pairs}
