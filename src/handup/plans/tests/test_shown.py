"""Computed decimals on a page: short, and never better than they are."""

import pytest

from handup.plans.shown import cover, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.1999", "1.19"), ("1.2", "1.2"), ("0.9999", "0.99"), ("2.9675", "2.96"), (None, "–")],
)
def test_a_cover_that_falls_short_is_not_rounded_up_to_enough(value: str | None, text: str) -> None:
    assert cover(value) == text


def test_other_decimals_are_rounded_half_up() -> None:
    assert shown("12.685", 2) == "12.69"
    assert shown("3.75", 1) == "3.8"
    assert shown(None, 1) == "–"
