"""Products with every term: made on the page and through the API, tried, refused beside the field,
signed with their costs printed, carried to the last instalment.
"""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from handup.kernel.credit.presets import DATA
from handup.kernel.credit.terms import BadTerms
from handup.kernel.errors import Faults, Refusal
from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.lending.errors import StopRule
from handup.lending.models import Application, Loan, LoanDue, ProductVersion
from handup.lending.models.termlabels import PRESETS
from handup.lending.product_forms import ProductForm
from handup.lending.rules.codes import LoanState
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import read_terms
from handup.lending.terms_filled import initial_of
from handup.lending.terms_forms import TermsForm
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    clean,
    make_product,
    repay,
    running,
    signed,
)
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do

FIELDS: dict[str, Any] = {
    "code": "SEASON",
    "name": "Seasonal loan",
    "preset": "handup-declining",
    "rate_percent": "24",
    "instalments": "12",
    "smallest": "100",
    "largest": "1200",
    "savings_percent": "0",
    "members": "1",
    "effective_date": "2025-01-15",
}


def send(client: Client, world: World, **changed: Any) -> Any:
    fields = {**FIELDS, "lender": str(world.direct.pk), **changed}
    return do(client, world.cast.manager, "product_new", **fields)


def version_of(code: str = "SEASON") -> ProductVersion:
    return ProductVersion.objects.filter(product__code=code).order_by("-number")[0]


def test_every_named_set_may_be_chosen() -> None:
    assert {code for code, _label in PRESETS} == set(DATA)


def test_a_seasonal_product_is_made_on_the_page(client: Client, world: World) -> None:
    answer = send(
        client,
        world,
        instalments="6",
        repayment="PRINCIPAL_SHARES",
        shares="0 0 40 0 0 60",
        day_count="MONTHS_12",
        off_day_rule="PREVIOUS",
        working_days=["1", "2", "3", "4", "5"],
        instalment_unit="1",
        instalment_mode="CEILING",
        waivable=["SAVINGS_MISSING"],
        age_min="21",
        weight_capacity="40",
        weight_character="20",
        band1_up_to="500",
        band1_members="1",
        members="5",
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    version = version_of()
    terms = read_terms(version.terms)
    assert terms.shares_bps == (0, 0, 4000, 0, 0, 6000)
    assert terms.working_days == (1, 2, 3, 4, 5)
    assert (terms.instalment_rounding.unit, terms.instalment_rounding.mode) == (100, "CEILING")
    assert version.eligibility == {
        "certificate_required": False,
        "savings_ppm": 0,
        "age_min": 21,
        "waivable": ["SAVINGS_MISSING"],
    }
    assert version.grid == {
        "weights": {"capacity": 40, "character": 20, "business": 20, "market": 10, "security": 10}
    }
    assert version.bands == [
        {"up_to_units": 500_00, "members": 1, "quorum": 1},
        {"members": 5, "quorum": 3},
    ]
    page = at(client, world.cast.manager, "product_detail", version.pk).content.decode()
    assert "shares of the loan, one for each due date" in page
    assert "Annual percentage rate (US)" in page


def test_what_does_not_hold_stands_beside_its_question(client: Client, world: World) -> None:
    answer = send(client, world, shares="50 50", grace_principal="12")
    assert answer.status_code == 422
    form = answer.context["form"]
    assert not ProductVersion.objects.filter(product__code="SEASON").exists()
    assert "grace leaves no instalment to pay" in str(form.errors["grace_principal"])
    answer = send(client, world, shares="50 50", principal_percent="10")
    assert set(answer.context["form"].errors) == {"shares", "principal_percent"}
    answer = send(client, world, shares="fifty")
    assert set(answer.context["form"].errors) == {"shares"}
    answer = send(client, world, instalment_unit="100", instalment_mode="CEILING")
    assert set(answer.context["form"].errors) == {"instalment_unit"}
    assert not ProductVersion.objects.filter(product__code="SEASON").exists()


def test_a_schedule_is_tried_before_anything_is_stored(client: Client, world: World) -> None:
    answer = send(client, world, _preview="1", day_count="MONTHS_12", sample="1200")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "113.47" in page
    assert "26.83%" in page
    assert not ProductVersion.objects.filter(product__code="SEASON").exists()
    wrong = send(client, world, _preview="1", shares="100")
    assert wrong.status_code == 200
    assert "shares_bps has no effect here" in wrong.content.decode()


def test_the_next_version_begins_with_all_of_the_last_one(client: Client, world: World) -> None:
    fees = [
        {"code": "Desk", "units": 5_00, "ppm": 10_000, "base": "PRINCIPAL", "taken": "WITHHELD"}
    ]
    first = make_product(
        world.cast,
        world.direct,
        "FULL",
        terms={
            "fees": fees,
            "penalty": {"kind": "PER_DAY", "ppm": 1_000, "free_days": 5, "cap_ppm": 50_000},
            "grace_principal": 2,
            "instalment_rounding": {"unit": 10, "mode": "HALF_EVEN"},
            "anchor_day": 15,
            "due_months": [1, 3, 5, 7, 9, 11],
            "early_effect": "SKIP_NEXT",
        },
        eligibility={
            "certificate_required": False,
            "savings_min_units": 50_00,
            "age_min": 20,
            "instalments_min": 6,
            "instalments_max": 24,
        },
    )
    page = at(client, world.cast.manager, "product_next", first.pk)
    form = page.context["form"]
    data = {name: value for name, value in form.initial.items() if value not in (None, "")}
    data |= {"effective_date": "2025-02-01", "rate_percent": "18"}
    answer = do(client, world.cast.manager, "product_next", first.pk, **data)
    assert answer.status_code == 302, answer.context["form"].errors
    second = version_of("FULL")
    assert second.number == 2
    assert {**second.terms, "rate_ppm": 240_000} == first.terms
    assert second.eligibility == {**first.eligibility, "savings_ppm": 0}
    assert second.approved_by is None


def test_terms_read_from_a_form_are_those_it_was_filled_with() -> None:
    terms = read_terms(
        {"preset": "fineract-cumulative-flat", "currency": "USD", "rate_ppm": 94_822}
    )
    form = TermsForm(
        {
            f"new-{name}": value
            for name, value in {**initial_of(terms), "smallest": "1", "largest": "9"}.items()
            if value not in (None, "")
        },
        prefix="new",
        currency="USD",
    )
    assert form.is_valid(), form.errors
    again = read_terms({**form.terms(), "principal_min_units": 1, "principal_max_units": None})
    assert again == terms


def test_a_loan_may_have_another_number_of_instalments_where_its_schedule_holds(
    world: World,
) -> None:
    """A product is tried at its own number: instalments in whole tens do not suit every other."""
    tens = {"instalment_rounding": {"unit": 1000, "mode": "HALF_UP"}}
    made = make_product(world.cast, world.direct, "TENS", terms=tens)
    for units, number, code in (
        (200_00, 120, "NEGATIVE_ROW"),
        (1_200_00, 60, "TERMS_LAST_TOO_LARGE"),
        (5_000_00, 36, "TERMS_DRIFT"),
    ):
        with pytest.raises(Refusal) as refused:
            applied(world, units, product_version=made, instalments=number)
        assert (refused.value.code, refused.value.field) == (code, "instalments")
    assert not Application.objects.exists()
    assert approved(world, 1_200_00, product_version=made, instalments=10).instalments == 10


@pytest.mark.parametrize(("number", "stop"), [(5, "TERM_TOO_SHORT"), (25, "TERM_TOO_LONG")])
def test_a_product_says_how_many_instalments_a_loan_may_have(
    world: World, number: int, stop: str
) -> None:
    rules = {"certificate_required": False, "instalments_min": 6, "instalments_max": 24}
    made = make_product(world.cast, world.direct, "TERM", eligibility=rules)
    with pytest.raises(StopRule) as refused:
        applied(world, product_version=made, instalments=number)
    assert refused.value.places["stops"] == [stop]
    assert not Application.objects.exists()


def test_a_frozen_version_is_changed_by_nobody(world: World) -> None:
    signed(world)
    version = ProductVersion.objects.get(pk=world.product.pk)
    assert version.used_at is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductVersion.objects.filter(pk=version.pk).update(terms={})


def test_terms_come_through_the_api(client: Client, world: World) -> None:
    told: dict[str, Any] = {
        "code": "API",
        "name": "By the API",
        "lender_id": str(world.direct.pk),
        "preset": "fineract-progressive-months",
        "rate_ppm": 240_000,
        "instalments": 12,
        "principal_min_units": 100_00,
        "principal_max_units": 1_200_00,
        "effective_date": "2025-01-15",
        "terms": {"repayment": "BULLET", "smoothing": "NONE", "grace_interest_payment": 3},
        "weights": {"capacity": 60, "character": 40},
        "instalments_max": 24,
    }
    made = post(client, world.cast.manager, "/products", **told)
    assert made.status_code == 201, made.content
    terms = read_terms(made.json()["terms"])
    assert (terms.repayment, terms.grace_interest_payment) == ("BULLET", 3)
    assert made.json()["eligibility"]["instalments_max"] == 24
    turned = {**told, "instalments_min": 30}
    assert post(client, world.cast.manager, "/products", **turned).status_code == 422
    unknown = post(client, world.cast.manager, "/products", **{**told, "terms": {"rate": 1}})
    assert unknown.status_code == 422
    drawn = post(client, world.cast.manager, "/products", **{**told, "weights": {"capacity": 10}})
    assert drawn.status_code == 422
    assert ProductVersion.objects.filter(product__code="API").count() == 1


def test_an_offer_is_worked_out_through_the_api(client: Client, world: World) -> None:
    found = post(
        client,
        world.cast.manager,
        "/offers",
        currency="USD",
        rate_ppm=240_000,
        instalments=12,
        units=600_000_00,
        start_date="2026-01-15",
        terms={
            "instalment_rounding": {"unit": 100_00},
            "fees": [{"code": "F", "units": 12_000_00, "taken": "WITHHELD"}],
        },
    )
    assert found.status_code == 200, found.content
    offer = found.json()
    assert offer["rows"][0]["interest"] == 12_230_14
    assert offer["handed_units"] == 588_000_00
    assert [round(offer[name] / 10_000, 2) for name in ("apr_ppm", "us_apr_ppm")] == [31.71, 27.86]
    assert round(offer["flat_apr_ppm"] / 10_000, 2) == 56.81


def accrue(world: World, through: date) -> None:
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)


# --- stories --------------------------------------------------------------------------------------


def book(world: World, role: str) -> int:
    return balance(world.book, role)


def test_a_loan_by_the_harvest_from_the_product_to_the_last_share(world: World) -> None:
    """1,000.00 over six months at 24 %: interest monthly, 40 % in April, 60 % in July."""
    product = make_product(
        world.cast,
        world.direct,
        "HARVEST",
        terms={
            "preset": "handup-seasonal",
            "instalments": 6,
            "shares_bps": [0, 0, 4000, 0, 0, 6000],
        },
    )
    loan = running(world, 1_000_00, product_version=product, instalments=6)
    rows = [
        (row.due_date.month, row.principal_units, row.interest_units)
        for row in loan.dues.order_by("number")
    ]
    assert rows == [
        (2, 0, 20_00), (3, 0, 20_00), (4, 400_00, 20_00),
        (5, 0, 12_00), (6, 0, 12_00), (7, 600_00, 12_00),
    ]  # fmt: skip
    repay(world, loan, date(2025, 2, 15), 20_00)
    repay(world, loan, date(2025, 3, 15), 20_00)
    accrue(world, date(2025, 3, 31))
    assert book(world, "INTEREST_INCOME") == -(40_00 + 10_32)
    repay(world, loan, date(2025, 4, 15), 420_00)
    for month, units in ((5, 12_00), (6, 12_00), (7, 612_00)):
        repay(world, loan, date(2025, month, 15), units)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    accrue(world, date(2025, 7, 31))
    assert (book(world, "LOANS"), book(world, "INTEREST_DUE")) == (0, 0)
    assert book(world, "INTEREST_INCOME") == -96_00
    clean()


def test_a_down_payment_is_due_on_the_day_the_money_comes(world: World) -> None:
    """1,200.00 with a tenth paid at once: the schedule runs on 1,080.00."""
    product = make_product(world.cast, world.direct, "DOWN", terms={"down_payment_ppm": 100_000})
    loan = running(world, product_version=product)
    first = loan.dues.get(number=1)
    assert (first.due_date, first.principal_units, first.interest_units) == (START, 120_00, 0)
    assert loan.dues.get(number=2).interest_units == 21_60
    assert loan.dues.count() == 13
    repay(world, loan, START, 120_00)
    loan.refresh_from_db()
    assert (loan.principal_units, loan.next_due_date) == (1_080_00, date(2025, 2, 15))
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=date(2025, 1, 31)
    )
    assert book(world, "INTEREST_INCOME") == -11_15
    clean()


def test_the_agreement_prints_what_the_loan_costs(client: Client, world: World) -> None:
    fees = [{"code": "Desk", "units": 24_00, "taken": "WITHHELD"}]
    product = make_product(world.cast, world.direct, "COST", terms={"fees": fees})
    loan = signed(world, product_version=product)
    client.force_login(world.cast.officer)
    page = client.get(reverse("lending:agreement_paper", args=[loan.pk])).content.decode()
    offer = offer_of(Asked(read_terms(loan.terms), 1_200_00, START))
    assert offer.us_apr_ppm is not None
    assert "1,176.00" in page
    assert "Annual percentage rate (US)" in page
    assert f"{offer.us_apr_ppm / 10_000:.2f}%" in page
    assert loan.agreement is not None
    assert loan.agreement.start_date == START


def test_a_given_instalment_a_balloon_and_a_share_each_time_are_carried(world: World) -> None:
    for code, terms, count, last in (
        ("GIVEN", {"repayment": "FIXED_INSTALMENT", "fixed_units": 150_00}, 9, 120_92),
        ("BALLOON", {"repayment": "BULLET"}, 12, 1_224_00),
        ("TENTH", {"repayment": "PERCENT_OF_PRINCIPAL", "principal_ppm": 50_000}, 12, 550_80),
    ):
        product = make_product(world.cast, world.direct, code, terms=terms)
        loan = running(world, product_version=product)
        rows = list(LoanDue.objects.filter(loan=loan).order_by("number"))
        assert (len(rows), rows[-1].due_units) == (count, last), code
        assert sum(row.principal_units for row in rows) == 1_200_00
    assert Loan.objects.filter(state=LoanState.ACTIVE).count() == 3
    clean()


AT_MEETINGS = {"unit": "MEETING", "off_day_rule": "NEXT_MEETING", "day_count": "DAYS_365"}


def test_a_product_by_the_meetings_says_why_it_is_not_offered(world: World) -> None:
    with pytest.raises(Faults) as refused:
        make_product(
            world.cast,
            world.direct,
            "MEET",
            terms={**AT_MEETINGS, "repayment": "FIXED_INSTALMENT", "fixed_units": 200_00},
        )
    assert "counted in meetings" in refused.value.faults[0].message


@pytest.mark.parametrize("count", ["MONTHS_12", "WEEKS_52", "WEEKS_7_365", "WEEKS_7_360"])
def test_meetings_do_not_go_with_interest_in_equal_periods(world: World, count: str) -> None:
    with pytest.raises(BadTerms) as refused:
        make_product(world.cast, world.direct, "MEET", terms={**AT_MEETINGS, "day_count": count})
    assert refused.value.field == "day_count"
    assert f"{count} counts by" in str(refused.value)


def test_the_form_asks_for_no_term_twice() -> None:
    named = [name for question in ProductForm.questions for name in question.fields]
    assert len(named) == len(set(named))
    assert set(named) == set(ProductForm.base_fields)
