"""A batch and a newcomer: what is found, what is refused, and that no order changes anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.people.rules.codes import Sex
from handup.people.rules.matching.decide import Guard, Verdict
from handup.people.rules.matching.engine import (
    Judge,
    NothingToCompareBy,
    Register,
    Report,
    SameIdTwice,
    compare_with,
    find_in_batch,
)
from handup.people.rules.matching.model import (
    FIXED_1,
    Model,
    ModelUnusable,
    Weights,
    model_from_json,
    model_to_json,
)
from handup.people.rules.matching.records import Birth, Record, name_of
from handup.people.rules.matching.scheme import Shares
from handup.people.tests.invented import Register as Invented
from handup.people.tests.matched import anahit, compared, record

BORN = date(1984, 3, 17)


def crowd(count: int = 50) -> list[Record]:
    """People who are nobody's double."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        record(
            f"crowd{n:03}",
            (f"Given{letters[n % 26]}{letters[n // 26]}", f"Last{letters[n % 17]}yan"),
            born=date(1950 + n % 50, 2 + n % 11, 3 + n % 20),
            settlement=f"place{n % 7}",
        )
        for n in range(count)
    ]


def pairs(report: Report) -> set[tuple[str, str]]:
    return {(found.first, found.second) for found in report.findings}


def test_one_person_in_two_scripts_is_found_and_explained() -> None:
    doubled = anahit("b", "Անահիտ", "Сарксян", phone="092", papers=None)
    report = find_in_batch([*crowd(), anahit("a"), doubled])
    (found,) = report.findings
    assert (found.first, found.second) == ("a", "b")
    assert found.verdict is Verdict.LIKELY
    assert sum(part.bits for part in found.parts) == pytest.approx(found.bits)
    assert report.skipped == ()


def test_swapped_names_are_found() -> None:
    report = find_in_batch([*crowd(), anahit("a"), anahit("b", "Sargsyan", "Anahit", papers=None)])
    assert pairs(report) == {("a", "b")}


def test_two_sisters_at_home_are_two_and_the_report_says_why() -> None:
    one = anahit("a", household="h", papers=None)
    sister = replace(one, id="b", names=(name_of("Lusine", "Sargsyan"),))
    report = find_in_batch([*crowd(), one, sister])
    assert report.findings == ()
    assert report.guarded == {Guard.HOUSEHOLD: 1}
    elsewhere = find_in_batch([*crowd(), one, replace(sister, household="")])
    assert [(f.verdict, f.guard) for f in elsewhere.findings] == [
        (Verdict.POSSIBLE, Guard.TWINS),
    ]


def test_only_pairs_with_a_fresh_record_are_compared_when_the_rest_is_known() -> None:
    known = [anahit("a"), anahit("b", phone="092")]
    fresh = anahit("c", phone="093")
    report = find_in_batch([*crowd(), *known, fresh], fresh={"c"})
    assert pairs(report) == {("a", "c"), ("b", "c")}
    assert find_in_batch([*crowd(), *known], fresh=()).compared == 0


def test_a_pair_told_different_stays_silent_in_a_batch_and_for_a_newcomer() -> None:
    one, other = anahit("a"), anahit("b", papers=None)
    told = {("a", "b")}
    report = find_in_batch([*crowd(), one, other], told_different=told)
    assert (report.findings, report.guarded) == ((), {Guard.TOLD_DIFFERENT: 1})
    assert Register([*crowd(), one]).find(other, told_different=told).findings == ()
    other = anahit("b")
    assert pairs(find_in_batch([*crowd(), one, other], told_different=told)) == told


def test_a_newcomer_is_found_in_the_register_and_not_as_herself() -> None:
    register = Register([*crowd(), anahit("a")])
    assert len(register) == 51
    assert pairs(register.find(anahit("b", papers=None))) == {("a", "b")}
    assert register.find(anahit("a")).findings == ()
    register.add(anahit("b", papers=None))
    assert pairs(register.find(anahit("c"))) == {("a", "c"), ("b", "c")}
    with pytest.raises(SameIdTwice):
        register.add(anahit("b"))


def test_a_name_nobody_in_the_register_has_weighs_as_the_table_says() -> None:
    register = Register(crowd())
    register.add(anahit("a", "Zabel", "Xyzyan"))
    (found,) = register.find(anahit("b", "Zabel", "Xyzyan")).findings
    assert found.parts[1].bits == 6.1


def test_a_newcomer_to_a_stored_register_needs_the_counts_of_her_own_values_alone() -> None:
    """What a database is asked: records that share a block, and how common her values are."""
    everybody, newcomer = [*crowd(), anahit("a")], anahit("b", papers=None)
    counts = {
        "first_name": {"anahit": 1},
        "last_name": {"sargsian": 1},
        "settlement": {"gyumri": 1},
    }
    known = {"first_name": 51, "last_name": 51, "settlement": 51}
    judge = Judge(FIXED_1, Shares(counts, known))
    others = [(everybody[-1], judge.row(everybody[-1]))]
    asked = compare_with(judge, newcomer, others, size=51)
    assert asked == Register(everybody).find(newcomer)
    assert asked.findings[0].parts[1].bits == pytest.approx(log2(0.82 * 51))
    assert Judge(FIXED_1, Shares({}, {})).scales == Judge(FIXED_1).scales


def test_a_block_too_large_is_reported_for_a_newcomer_too() -> None:
    many = [replace(item, phones=frozenset("1")) for item in crowd(5)]
    register = Register(many, limit=5)
    (large,) = register.find(anahit("b", phone="1")).skipped
    assert (large.key, large.size) == ("TEL|1", 6)
    report = find_in_batch(many, limit=4)
    assert [block.size for block in report.skipped] == [5]
    assert report.findings == ()


def test_a_check_that_could_find_nothing_refuses_to_run() -> None:
    bare = [record("a", ("Anahit", "")), record("b", ("Anahit", ""))]
    with pytest.raises(NothingToCompareBy, match="none of the 2 records"):
        find_in_batch(bare)
    with pytest.raises(SameIdTwice):
        find_in_batch([anahit("a"), anahit("a")])
    assert find_in_batch([]).findings == find_in_batch(bare[:1]).findings == ()
    assert find_in_batch([*bare, anahit("c")]).without_key == 2


@pytest.mark.parametrize(
    ("model", "place"),
    [
        (replace(FIXED_1, weights={}), "birth_date"),
        (replace(FIXED_1, weights={**FIXED_1.weights, "sex": Weights((1.0,))}), "sex"),
        (replace(FIXED_1, weights={**FIXED_1.weights, "phone": Weights((1e9, 0.0))}), "phone"),
        (replace(FIXED_1, weights={**FIXED_1.weights, "sex": Weights((1, 0), 1.0)}), "sex"),
        (replace(FIXED_1, weights={**FIXED_1.weights, "shoes": Weights((1, 0))}), "shoes"),
        (replace(FIXED_1, duplicate_share=0), "duplicate_share"),
        (replace(FIXED_1, least_share=1.0), "least_share"),
    ],
)
def test_a_model_with_a_gap_is_refused_with_its_place(model: Model, place: str) -> None:
    with pytest.raises(ModelUnusable, match=place):
        find_in_batch([anahit("a"), anahit("b")], model)


def test_a_model_comes_back_from_json_as_it_was() -> None:
    assert model_from_json(model_to_json(FIXED_1)) == FIXED_1
    with pytest.raises(ModelUnusable, match="duplicate_share"):
        model_from_json({"version": "x", "weights": {}})


NAMES = ["Anahit", "Անահիտ", "Anait", "Sargsyan", "Sarksyan", "Krikorian", "Grigoryan", ""]
DATES = [date(1984, 1, 1), BORN, date(1984, 3, 18), date(1985, 3, 17), date(1952, 9, 30)]
names = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=2)
people = st.builds(
    lambda written, **other: Record(
        id="", names=tuple(name_of(*name) for name in written), **other
    ),
    names,
    father=st.sampled_from(["", "petros", "petro", "aram"]),
    birth=st.none() | st.builds(Birth, st.sampled_from(DATES)),
    sex=st.sampled_from(list(Sex)),
    phones=st.frozensets(st.sampled_from(["1", "2"]), max_size=2),
    settlement=st.sampled_from(["", "gyumri", "goris"]),
    household=st.sampled_from(["", "h"]),
)


def numbered(found: Sequence[Record]) -> list[Record]:
    return [replace(item, id=f"p{number:02}") for number, item in enumerate(found)]


@given(st.lists(people, min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_an_upload_never_changes_a_match(drawn: list[Record], chance: Random) -> None:
    records = [*numbered(drawn), anahit("z")]
    shuffled = records[:]
    chance.shuffle(shuffled)
    assert find_in_batch(records) == find_in_batch(shuffled)


@given(people, people)
@settings(max_examples=100)
def test_a_pair_is_judged_alike_from_either_side(one: Record, other: Record) -> None:
    first, second = replace(one, id="a"), replace(other, id="b")
    assert compared(first, second) == compared(second, first)
    report = find_in_batch([first, second, anahit("z")])
    assert report == find_in_batch([anahit("z"), second, first])
    newcomer = Register([first, anahit("z")]).find(second)
    assert pairs(newcomer) <= {("a", "b"), ("b", "z")}


def test_a_register_of_invented_people_is_told_apart() -> None:
    """2,000 records with 100 doubles among families, spellings and slips."""
    invented = Invented(2_000, seed=7)
    told = pairs(report := find_in_batch(invented.records()))
    right = len(told & invented.true_pairs)
    assert right / len(told) >= 0.93
    assert right / len(invented.true_pairs) >= 0.95
    likely = {(f.first, f.second) for f in report.findings if f.verdict is Verdict.LIKELY}
    assert len(likely & invented.true_pairs) / len(likely) >= 0.98
