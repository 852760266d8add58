"""Numbers copied by hand: a slip shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import luhn


def test_the_serial_of_certificate_123_of_2026_ends_in_3() -> None:
    assert luhn.serial_check_digit(2026, 123) == "3"


def test_the_number_of_the_standard_is_valid() -> None:
    assert luhn.check_digit("7992739871") == "3"
    assert luhn.is_valid("7992 7398-713")
    assert not luhn.is_valid("79927398710")


@given(st.from_regex(r"[0-9]{3,18}", fullmatch=True), st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    number = luhn.with_check_digit(digits)
    assert luhn.is_valid(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not luhn.is_valid(number[:place] + other + number[place + 1 :])


def test_what_is_no_number_is_never_valid() -> None:
    for wrong in ("", "0", "12a4", "٤٢", "-"):
        assert not luhn.is_valid(wrong)
    with pytest.raises(ValueError, match="row of digits"):
        luhn.check_digit("12 3")


def test_a_random_number_has_its_length_and_its_check_digit() -> None:
    numbers = {luhn.random_number(9) for _ in range(200)}
    assert len(numbers) == 200
    assert all(len(n) == 9 and n[0] != "0" and luhn.is_valid(n) for n in numbers)
    assert luhn.random_number(4, below=lambda n: n - 1) == luhn.with_check_digit("999")
    with pytest.raises(ValueError, match="three digits"):
        luhn.random_number(2)
