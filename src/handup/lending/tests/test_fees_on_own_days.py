"""A fee on a day of its own: asked once, by the instalment due on that day or next, income when it
is due, in the offer and its rate, and not asked again under new terms.
"""

from datetime import date
from typing import Any

import pytest

from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import BadTerms
from handup.kernel.credit.validity import check
from handup.kernel.errors import Faults
from handup.lending.models import Loan
from handup.lending.rules.agreed import NewTerms, _anew
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import TermsNotOffered, check_offered, read_terms
from handup.lending.terms_filled import initial_of
from handup.lending.terms_forms import TermsForm
from handup.lending.tests.cast import START, World, clean, repay
from handup.lending.tests.test_fee_table import DESK, held, post_fees, with_fees
from handup.lending.views.terms import fee_words

VISIT = {"code": "Visit", "units": 5_00, "when": "DUE_DATE", "after_days": 100}
"""100 days after 15 January 2025 is 25 April: the instalment of 15 May asks for it."""
RATE = {"currency": "USD", "rate_ppm": 240_000}


def fees_of(*fees: dict[str, Any], start: date = START, **more: Any) -> list[int]:
    terms = read_terms({**RATE, "fees": list(fees), **more})
    plan = plan_due_dates(terms, start)
    return [row.fee for row in build_schedule(terms, [Disbursement(start, 1_200_00)], plan).rows]


@pytest.mark.parametrize(
    ("days", "place"), [(1, 0), (31, 0), (32, 1), (59, 1), (60, 2), (365, 11), (334, 10)]
)
def test_the_instalment_of_the_day_or_the_next_one_asks(days: int, place: int) -> None:
    assert fees_of({**VISIT, "after_days": days}) == [5_00 if n == place else 0 for n in range(12)]


def test_it_comes_beside_the_fee_of_each_instalment_and_others_of_its_day() -> None:
    share = {"code": "Half", "ppm": 5_000, "base": "PRINCIPAL", "when": "DUE_DATE", "after_days": 9}
    assert fees_of(VISIT, DESK, share) == [7_20, 1_20, 1_20, 6_20, *[1_20] * 8]
    down = fees_of({**VISIT, "after_days": 1}, down_payment_ppm=100_000)
    assert down == [0, 5_00, *[0] * 11]


def test_a_day_after_the_last_instalment_is_refused() -> None:
    with pytest.raises(BadTerms, match="after the last instalment"):
        fees_of({**VISIT, "after_days": 366})
    with pytest.raises(Faults) as refused:
        check(read_terms({**RATE, "fees": [{**VISIT, "after_days": 400}]}))
    assert "after the last instalment" in str(refused.value.faults[0].message)


@pytest.mark.parametrize(
    ("fee", "why"),
    [
        ({"after_days": 0}, "days after the loan is paid out"),
        ({"after_days": 3_661}, "days after the loan is paid out"),
        ({"when": "INSTALMENT"}, "for a fee on a day of its own"),
        ({"kind": "PENALTY"}, "for what comes late"),
    ],
)
def test_a_day_that_means_nothing_is_refused(fee: dict[str, Any], why: str) -> None:
    with pytest.raises(Faults) as refused:
        check(read_terms({**RATE, "fees": [{**VISIT, **fee}]}))
    assert why in str(refused.value.faults[0].message)


def test_of_a_loan_in_parts_it_is_an_amount() -> None:
    share = {**VISIT, "units": 0, "ppm": 10_000, "base": "PRINCIPAL"}
    with pytest.raises(TermsNotOffered, match="in parts"):
        check_offered(read_terms({**RATE, "tranches_max": 2, "fees": [share]}))
    check_offered(read_terms({**RATE, "tranches_max": 2, "fees": [VISIT]}))


def test_it_is_in_the_offer_and_income_when_its_instalment_is_due(world: World) -> None:
    loan: Loan = with_fees(world, VISIT)
    plain = offer_of(Asked(read_terms({**loan.terms, "fees": []}), 1_200_00, START))
    offer = offer_of(Asked(read_terms(loan.terms), 1_200_00, START))
    assert offer.total_cost_units == plain.total_cost_units + 5_00
    assert offer.apr_ppm is not None
    assert plain.apr_ppm is not None
    assert offer.apr_ppm > plain.apr_ppm
    assert list(loan.dues.filter(fee_units__gt=0).values_list("number", "due_date")) == [
        (4, date(2025, 5, 15))
    ]
    post_fees(world, date(2025, 5, 14))
    assert held(world, "FEE_INCOME") == 0
    post_fees(world, date(2025, 5, 31))
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (5_00, -5_00)
    repay(world, loan, date(2025, 6, 1), 4 * 113_47 + 5_00)
    assert held(world, "FEES_DUE") == 0
    clean()


def test_new_terms_do_not_ask_for_it_again() -> None:
    terms = read_terms({**RATE, "fees": [VISIT, DESK]})
    anew = _anew(terms, NewTerms(instalments=6), 600_00)
    assert [fee.code for fee in anew.fees] == ["Desk"]


def test_the_form_takes_the_day_and_shows_it_again() -> None:
    terms = read_terms({**RATE, "fees": [VISIT]})
    shown = initial_of(terms)
    assert (shown["fee1_when"], shown["fee1_after_days"]) == ("DUE_DATE", 100)
    assert "100 days after the loan is paid out" in fee_words(terms.fees[0], "USD")
    cleaned = {"fee1_code": "Visit", "fee1_when": "DUE_DATE", "fee1_after_days": 100}
    told = next(TermsForm._fees({**cleaned, "fee1_amount_units": 5_00}))
    assert (told["after_days"], told["taken"], told["units"]) == (100, "CASH", 5_00)
