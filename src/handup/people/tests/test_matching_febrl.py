"""Found again in the four FEBRL registers, without being told the truth (people.md section 8)."""

import pytest

from handup.people.tests import febrl, splinked

FILES = {
    "febrl1": (("1", 0),),
    "febrl2": (("2", 0),),
    "febrl3": (("3", 0),),
    "febrl4": (("4a", 0), ("4b", 1)),
}


@pytest.mark.parametrize(
    ("name", "size", "links", "floor"),
    [
        ("febrl1", 1_000, 500, 0.997),
        ("febrl2", 5_000, 1_934, 0.993),
        ("febrl3", 5_000, 6_538, 0.990),
        ("febrl4", 10_000, 5_000, 0.997),
    ],
)
def test_febrl_is_matched_as_well_as_the_reference(
    name: str, size: int, links: int, floor: float
) -> None:
    known = [one for file, side in FILES[name] for one in febrl.residents(file, side)]
    assert len(known) == size
    assert febrl.true_links(known, two=name == "febrl4") == links
    found = febrl.score(known)
    assert found.precision >= 0.998
    assert found.f1 >= floor


def test_splink_finds_nearly_the_same_pairs_and_no_more() -> None:
    """An oracle that shares no line with our engine, on the same fields, levels and blocks."""
    known = list(febrl.residents("1"))
    ours = {(a, b) if a < b else (b, a) for a, b in febrl.told_pairs(known)}
    pairs = ((int(one), int(other)) for one, other in splinked.of_residents(known))
    theirs = {(min(pair), max(pair)) for pair in pairs}
    assert febrl.score_of(known, list(theirs)).f1 >= 0.997
    assert febrl.score_of(known, list(ours)).f1 >= febrl.score_of(known, list(theirs)).f1
    assert len(ours ^ theirs) <= 5, "of 500"
