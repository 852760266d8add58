"""Serials, addresses and the text in the code on a certificate."""

from datetime import date

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from handup.training.rules.apprenticeship import (
    Money,
    is_placed,
    skills_met,
    stipend_shortfall,
    vetted,
)
from handup.training.rules.serials import (
    MAX_QR_BYTES,
    Printed,
    TooLongForCode,
    address_of,
    code_parts,
    code_text,
    cut,
    is_serial,
    payload,
    payload_limit,
    serial,
)

SIGNATURE = "s" * 86


def printed(name: str = "Anahit Sargsyan") -> Printed:
    return Printed("MED-2026-000123-3", "BUS", date(2026, 5, 4), None, name, 1)


def test_the_check_digit_of_2026_000123_is_3() -> None:
    assert serial("MED", 2026, 123) == "MED-2026-000123-3"
    assert is_serial("MED-2026-000123-3")
    assert is_serial("A-B-2026-000123-3")


@pytest.mark.parametrize(
    "typed",
    ["MED-2026-000123-4", "MED-2026-000132-3", "MED-2026-123-3", "MED", "MED-2026-00012x-3", ""],
)
def test_a_mistyped_serial_is_seen(typed: str) -> None:
    assert not is_serial(typed)


@pytest.mark.parametrize("number", [0, -1, 1_000_000])
def test_a_serial_number_has_six_digits(number: int) -> None:
    with pytest.raises(ValueError, match="six digits"):
        serial("MED", 2026, number)


def test_213_bytes_fit_version_10_and_214_are_refused() -> None:
    address = "HANDUPCERTIFI"
    room = payload_limit(address)
    text = code_text(address, "p" * room, SIGNATURE)
    assert len(text.encode()) == MAX_QR_BYTES == 213
    assert segno.make(text, error="m", boost_error=False, micro=False, mode="byte").version == 10
    one_more = f"{text}x"
    assert segno.make(one_more, error="m", boost_error=False, mode="byte").version == 11
    with pytest.raises(TooLongForCode):
        code_text(address, "p" * (room + 1), SIGNATURE)


def test_version_10_is_65_modules_with_its_border() -> None:
    code = segno.make("x" * 213, error="m", boost_error=False, mode="byte")
    assert code.symbol_size(border=4) == (65, 65)


@given(st.text(min_size=1, max_size=200), st.integers(0, 60))
def test_any_name_fits_the_code_and_is_cut_at_a_character(name: str, host: int) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    address = "h" * host + "A" * 13
    signed = payload(printed(name), payload_limit(address))
    text = code_text(address, signed, SIGNATURE)
    assert len(text.encode()) <= MAX_QR_BYTES
    assert signed.count("|") == 6


def test_a_long_armenian_name_is_cut_and_marked() -> None:
    name = "Հռիփսիմե Տեր-Պետրոսյան-Հարությունյան"
    short = cut(name, 20)
    assert short.endswith("~")
    assert len(short.encode()) <= 20
    assert name.startswith(short[:-1])
    assert cut("Anahit", 6) == "Anahit"


def test_no_room_for_the_name_is_refused() -> None:
    with pytest.raises(TooLongForCode):
        payload(printed(), 30)


def test_a_scanned_text_is_taken_apart_again() -> None:
    text = code_text(
        "https://example.org/c/ABCDEFGHIJKLM", payload(printed("A. B."), 60), SIGNATURE
    )
    parts = code_parts(text)
    assert parts is not None
    assert parts[0].endswith("/c/ABCDEFGHIJKLM")
    assert parts[1].endswith("|1|A. B.")
    assert parts[2] == SIGNATURE
    assert code_parts("something else") is None


def test_an_address_has_13_characters_and_65_random_bits() -> None:
    assert len(address_of(bytes(range(9)))) == 13
    assert address_of(bytes(9)) == "A" * 13
    with pytest.raises(ValueError, match="65"):
        address_of(bytes(8))


def test_a_stipend_below_transport_and_lodging_is_shown() -> None:
    assert stipend_shortfall(Money(15_000, 21_000)) == 6_000
    assert stipend_shortfall(Money(21_000, 21_000)) == 0


def test_a_workshop_is_vetted_for_twelve_months() -> None:
    assert vetted(date(2025, 5, 4), date(2026, 5, 4))
    assert not vetted(date(2025, 5, 3), date(2026, 5, 4))
    assert not vetted(None, date(2026, 5, 4))
    assert not vetted(date(2026, 6, 1), date(2026, 5, 4))


def test_every_skill_alone_makes_a_graduate() -> None:
    assert skills_met([2, 3, 2])
    assert not skills_met([2, 1])
    assert not skills_met([])


@pytest.mark.parametrize(
    ("paid", "started", "income", "placed"),
    [
        (True, date(2026, 1, 1), 30_000, True),
        (True, date(2026, 2, 1), 30_000, True),
        (True, date(2026, 2, 2), 30_000, False),
        (True, date(2026, 1, 1), 29_999, False),
        (False, date(2026, 1, 1), 30_000, False),
    ],
)
def test_placed_is_paid_for_a_month_at_the_threshold(
    paid: bool, started: date, income: int, placed: bool
) -> None:
    assert (
        is_placed(
            paid=paid,
            started_date=started,
            seen_date=date(2026, 3, 1),
            income_units=income,
            threshold_units=30_000,
        )
        is placed
    )
