"""Refusals have a code, a sentence and the field they belong to."""

import pytest

from handup.kernel.errors import Fault, Faults, Refusal


class PeriodClosed(Refusal):
    """{date} lies in a closed period;
    it will post on {post_date}.

    Raised by the ledger.
    """


class NotADay(Refusal):
    """That is not a day."""


class TOTPNeeded(Refusal):
    """A second factor is needed."""


class Renamed(PeriodClosed):
    """Other words."""

    code = "OTHER_CODE"


def test_the_code_comes_from_the_name_and_the_sentence_from_the_docstring() -> None:
    refusal = PeriodClosed(date="2026-01-31", post_date="2026-02-01", field="value_date")
    assert refusal.code == "PERIOD_CLOSED"
    assert str(refusal) == "2026-01-31 lies in a closed period; it will post on 2026-02-01."
    assert refusal.field == "value_date"
    assert refusal.places == {"date": "2026-01-31", "post_date": "2026-02-01"}


@pytest.mark.parametrize(
    ("refusal", "code"),
    [(NotADay, "NOT_A_DAY"), (TOTPNeeded, "TOTP_NEEDED"), (Renamed, "OTHER_CODE")],
)
def test_every_word_of_a_name_is_a_word_of_the_code(refusal: type[Refusal], code: str) -> None:
    assert refusal.code == code


def test_many_faults_are_one_refusal_that_says_how_many() -> None:
    faults = Faults([Fault("NOT_A_DAY", "That is not a day.", "B2"), Fault("OTHER", "x")])
    assert str(faults) == "2 faults were found; nothing was stored."
    assert [fault.place for fault in faults.faults] == ["B2", ""]
