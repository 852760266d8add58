"""What is agreed with one borrower: days one by one, shares by her harvest, and what her plan says
of them.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.kernel.credit.dates import DatesNotRising, WrongNumberOfDates
from handup.kernel.credit.terms import BadTerms, SharesSum
from handup.kernel.errors import Faults
from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.seasons import MeetingsNotTold, shares_by_season
from handup.lending.rules.terms import read_terms
from handup.lending.services.seasons import suggested_shares
from handup.lending.tests.cast import START, World, approved, clean, make_product, repay
from handup.lending.tests.plans import ready_plan
from handup.lending.tests.test_agreed import agree
from handup.lending.tests.test_agreed import rows as in_force
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do

DAYS = (date(2025, 3, 31), date(2025, 6, 30), date(2025, 10, 15))
SHARES = {"repayment": "PRINCIPAL_SHARES", "shares_bps": [2000, 3000, 5000]}


def product(world: World, code: str = "OWN-DAYS", **terms: Any) -> Any:
    usual = {"instalments": 3, "day_count": "DAYS_365", "repayment": "EQUAL_PRINCIPAL"}
    return make_product(world.cast, world.direct, code, terms={**usual, **terms})


def signed(world: World, made: Any, **agreed: Any) -> Loan:
    return services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, 900_00, product_version=made, instalments=3),
        signed_date=START,
        **agreed,
    )


def pay_out(world: World, loan: Loan, on: date = START) -> Loan:
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=on)
    loan.refresh_from_db()
    return loan


def rows(loan: Loan) -> list[tuple[date, int, int]]:
    return [
        (row.due_date, row.principal_units, row.interest_units)
        for row in loan.dues.order_by("number")
    ]


def test_a_loan_is_due_on_the_days_agreed_and_bears_interest_by_them(world: World) -> None:
    """900.00 at 24 %: 75 days on 900, 91 days on 600, 107 days on 300."""
    loan = signed(world, product(world), due_dates=DAYS)
    assert read_terms(loan.terms).due_dates == DAYS
    assert rows(pay_out(world, loan)) == [
        (DAYS[0], 300_00, 44_38),
        (DAYS[1], 300_00, 35_90),
        (DAYS[2], 300_00, 21_11),
    ]
    repay(world, loan, DAYS[0], 344_38)
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=DAYS[1])
    assert balance(world.book, "INTEREST_INCOME") == -(44_38 + 35_90)
    repay(world, loan, DAYS[1], 335_90)
    repay(world, loan, DAYS[2], 321_11)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    clean()


@pytest.mark.parametrize(
    ("terms", "days", "refusal"),
    [
        ({}, DAYS[:2], WrongNumberOfDates),
        ({}, (DAYS[1], DAYS[0], DAYS[2]), DatesNotRising),
        ({}, (START, *DAYS[1:]), DatesNotRising),
        ({"day_count": "MONTHS_12"}, DAYS, BadTerms),
        ({"repayment": "FIXED_INSTALMENT", "fixed_units": 350_00}, DAYS, BadTerms),
    ],
)
def test_days_that_cannot_be_kept_are_refused(
    world: World, terms: dict[str, Any], days: tuple[date, ...], refusal: type[Exception]
) -> None:
    made = product(world, **terms)
    with pytest.raises(refusal):
        signed(world, made, due_dates=days)
    assert not Loan.objects.exists()


def test_new_terms_leave_the_days_agreed_before_behind(world: World) -> None:
    loan = pay_out(world, signed(world, product(world), due_dates=DAYS))
    agree(
        world,
        loan,
        services.propose_restructure,
        proposed_date=date(2025, 3, 1),
        instalments=2,
    )
    assert [day for day, _principal, _interest in in_force(loan)][-2:] == [
        date(2025, 4, 1),
        date(2025, 5, 1),
    ]
    clean()


def test_a_loan_is_not_paid_out_after_its_first_day(world: World) -> None:
    loan = signed(world, product(world), due_dates=DAYS)
    with pytest.raises(DatesNotRising):
        pay_out(world, loan, date(2025, 4, 1))
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


MEETINGS = {"unit": "MEETING", "off_day_rule": "NONE"}


def test_a_loan_is_due_at_the_meetings_whose_days_are_agreed(world: World) -> None:
    made = product(world, "GROUP", **MEETINGS)
    row = approved(world, 900_00, product_version=made, instalments=3)
    told: dict[str, Any] = {"acting_staff": world.cast.officer, "application": row}
    with pytest.raises(MeetingsNotTold):
        services.sign_agreement(**told, signed_date=START)
    assert not Loan.objects.exists()
    loan = services.sign_agreement(**told, signed_date=START, due_dates=DAYS)
    assert [day for day, _principal, _interest in rows(pay_out(world, loan))] == list(DAYS)
    clean()


def test_a_product_of_meetings_goes_through_its_page(client: Client, world: World) -> None:
    made = product(world, "GROUP", **MEETINGS)
    page = at(client, world.cast.manager, "product_detail", made.pk).content.decode()
    assert "meeting" in page
    row = approved(world, 900_00, product_version=made, instalments=3)
    told = {"signed_date": "2025-01-15", "start_date": "2025-01-15"}
    refused = do(client, world.cast.officer, "sign", row.pk, **told)
    assert "due_dates" in refused.context["form"].errors


def test_a_product_has_no_days_of_its_own(world: World) -> None:
    with pytest.raises(Faults):
        product(world, due_dates=[day.isoformat() for day in DAYS])


def test_shares_are_agreed_for_one_loan(world: World) -> None:
    made = product(world, "HARVEST", **SHARES)
    loan = pay_out(world, signed(world, made, shares_bps=(1000, 0, 9000), due_dates=DAYS))
    assert [principal for _day, principal, _interest in rows(loan)] == [90_00, 0, 810_00]
    clean()


def test_shares_that_do_not_make_up_the_loan_are_refused(world: World) -> None:
    made = product(world, "HARVEST", **SHARES)
    with pytest.raises(SharesSum):
        signed(world, made, shares_bps=(1000, 0, 8000))
    with pytest.raises(BadTerms):
        signed(world, product(world), shares_bps=(1000, 0, 9000))
    assert not Loan.objects.exists()


def test_shares_follow_what_the_plan_leaves_each_season() -> None:
    months = [0, 0, 50, 100, 0, 0, 0, 0, 150, 300, 0, -40]
    due = (date(2025, 4, 30), date(2025, 8, 31), date(2025, 10, 15))
    first = date(2025, 1, 1)
    assert shares_by_season(months, first, date(2024, 12, 31), due) == (2500, 0, 7500)
    later = (date(2026, 4, 30), date(2026, 10, 15))
    assert shares_by_season(months, first, date(2026, 1, 15), later) == (2500, 7500)
    assert sum(shares_by_season([0, -5], first, first, due)) == 10_000


def test_the_signing_page_suggests_the_shares_of_the_plan(client: Client, world: World) -> None:
    plan = ready_plan(world)
    made = product(world, "HARVEST", **SHARES)
    row = approved(world, 900_00, product_version=made, instalments=3)
    assert row.plan_version is not None
    assert row.plan_version.plan == plan
    shares = suggested_shares(row, START)
    assert sum(shares) == 10_000
    page = at(client, world.cast.officer, "sign", row.pk)
    form = page.context["form"]
    assert len(form.initial["shares_bps"].split()) == 3
    answer = do(
        client,
        world.cast.officer,
        "sign",
        row.pk,
        signed_date="2025-01-15",
        start_date="2025-01-15",
        shares_bps="10 0 90",
        due_dates="2025-03-31\n2025-06-30\n2025-10-15",
    )
    assert answer.status_code == 302, answer.context["form"].errors
    terms = read_terms(Loan.objects.get().terms)
    assert (terms.shares_bps, terms.due_dates) == ((1000, 0, 9000), DAYS)


def test_wrong_days_stand_beside_their_question(client: Client, world: World) -> None:
    row = approved(world, 900_00, product_version=product(world), instalments=3)
    told = {"signed_date": "2025-01-15", "start_date": "2025-01-15"}
    typed = do(client, world.cast.officer, "sign", row.pk, **told, due_dates="31 March")
    assert "Line 1" in str(typed.context["form"].errors["due_dates"])
    short = do(client, world.cast.officer, "sign", row.pk, **told, due_dates="2025-03-31")
    assert "due_dates" in short.context["form"].errors
    assert not Loan.objects.exists()


def test_days_and_shares_come_through_the_api(client: Client, world: World) -> None:
    made = product(world, "HARVEST", **SHARES)
    row = approved(world, 900_00, product_version=made, instalments=3)
    answer = post(
        client,
        world.cast.officer,
        f"/applications/{row.pk}/agreement",
        signed_date="2025-01-15",
        due_dates=[day.isoformat() for day in DAYS],
        shares_bps=[1000, 0, 9000],
    )
    assert answer.status_code == 201, answer.content
    assert read_terms(Loan.objects.get().terms).due_dates == DAYS
