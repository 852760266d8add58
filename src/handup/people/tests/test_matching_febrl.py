"""Found again in the four FEBRL registers, without being told the truth (people.md section 8)."""

import pytest

from handup.people.tests import febrl

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
