"""Which two records are compared at all: ten kinds of block, none of more than 200 records."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from handup.people.rules.matching.blocks import (
    BlockKind,
    TooLarge,
    block_keys,
    meetings,
    sizes_of,
    too_large,
)
from handup.people.tests.matched import AGE, MONTH, UNKNOWN, YEAR, anahit, record


def kinds(keys: tuple[str, ...]) -> Counter[str]:
    return Counter(key.split("|")[0] for key in keys)


def test_a_full_record_is_found_under_each_of_the_ten_kinds() -> None:
    keys = block_keys(anahit())
    assert kinds(keys) == Counter({kind.value: 1 for kind in BlockKind})
    assert set(keys) == {
        "DOC|AN1",
        "TEL|091",
        "FD|ant|19840317",
        "LD|srksn|19840317",
        "NS|ant|srksn|gyumri",
        "NY|ant|srksn|1984",
        "NM|ant|srksn|0317",
        "SD|ant|srksn|19840317",
        "FMS|ant|198403|gyumri",
        "LMS|srksn|198403|gyumri",
    }


@pytest.mark.parametrize(
    ("told", "left_out"),
    [
        ({"papers": None}, {"DOC"}),
        ({"phone": None}, {"TEL"}),
        ({"settlement": ""}, {"NS", "FMS", "LMS"}),
        ({"first": ""}, {"FD", "NS", "NY", "NM", "SD", "FMS"}),
        ({"last": ""}, {"LD", "NS", "NY", "NM", "SD", "LMS"}),
        ({"born": None}, {"FD", "LD", "NY", "NM", "SD", "FMS", "LMS"}),
        ({"born": (date(1984, 1, 1), UNKNOWN)}, {"FD", "LD", "NY", "NM", "SD", "FMS", "LMS"}),
        ({"born": (date(1984, 1, 1), YEAR)}, {"FD", "LD", "NM", "SD", "FMS", "LMS"}),
        ({"born": (date(1984, 1, 1), AGE)}, {"FD", "LD", "NM", "SD", "FMS", "LMS"}),
        ({"born": date(1984, 1, 1)}, {"FD", "LD", "NM", "SD", "FMS", "LMS"}),
        ({"born": (date(1984, 1, 1), MONTH)}, {"FD", "LD", "NM", "SD"}),
    ],
)
def test_what_is_not_known_finds_nothing(told: dict[str, Any], left_out: set[str]) -> None:
    assert set(BlockKind) - set(kinds(block_keys(anahit(**told)))) == left_out


def test_a_record_of_gaps_has_no_key_and_is_no_fault() -> None:
    assert block_keys(record("a", ("Anahit", ""))) == ()
    assert block_keys(record("a")) == ()


def test_every_name_gives_its_keys_and_swapped_names_meet() -> None:
    two = record("a", ("Anahit", "Sargsyan"), ("Անահիտ", "Petrosyan"), born=date(1984, 3, 17))
    assert kinds(block_keys(two))["LD"] == 2
    assert kinds(block_keys(two))["FD"] == 1
    swapped = record("b", ("Sargsyan", "Anahit"), born=date(1984, 3, 17))
    assert {key[:2] for key in set(block_keys(two)) & set(block_keys(swapped))} == {"SD"}


def test_a_pair_meets_once_however_many_blocks_it_shares() -> None:
    keys = [("a", "b"), ("b",), ("a", "b"), ("c",)]
    found = {(place, other) for place, met in meetings(keys, sizes_of(keys)) for other in met}
    assert found == {(1, 0), (2, 0), (2, 1)}


def test_a_block_of_200_is_looked_through_and_one_of_201_skipped_and_reported() -> None:
    for size, pairs, told in ((200, 19_900, ()), (201, 0, (TooLarge("TEL|1", 201),))):
        keys = [("TEL|1",)] * size
        sizes = sizes_of(keys)
        assert sum(len(met) for _, met in meetings(keys, sizes)) == pairs
        assert too_large(sizes) == told


def test_the_largest_skipped_block_is_told_first() -> None:
    sizes = Counter({"a": 300, "b": 900, "c": 900, "d": 2})
    assert [block.key for block in too_large(sizes)] == ["b", "c", "a"]
