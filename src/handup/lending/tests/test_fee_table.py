"""The fee table of a product on its way: in the offer, kept back, added, paid on the day, asked
with every instalment, income when it is due, owed on to the insurer, and never income twice.
"""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from handup.ledger import services as books
from handup.ledger.errors import NothingToRun, RunsMissing
from handup.ledger.models import Entry, Period, RunDetail
from handup.ledger.queries import balance
from handup.ledger.rules.words import RunKind
from handup.lending import services
from handup.lending.models import Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import TermsNotOffered, check_offered, read_terms
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import START, World, clean, make_product, repay, running, staff
from handup.lending.tests.test_runs import write_off
from handup.org.rules.access import Role

DESK = {"code": "Desk", "units": 1_20, "when": "INSTALMENT"}
STAMP = {"code": "Stamp", "ppm": 5_000, "base": "PRINCIPAL", "taken": "CASH"}
COVER = {
    "code": "Cover", "kind": "INSURANCE", "ppm": 10_000, "base": "PRINCIPAL", "taken": "WITHHELD",
}  # fmt: skip
FILE = {"code": "File", "units": 30_00, "taken": "CAPITALISED"}
FEBRUARY = date(2025, 2, 28)
MARCH = date(2025, 3, 31)


def with_fees(world: World, *fees: dict[str, Any], **terms: Any) -> Loan:
    """1,200.00 over twelve months at 24 % with these fees, paid out on 15 January 2025."""
    code = "-".join(fee["code"] for fee in fees)
    product = make_product(
        world.cast, world.direct, code.upper(), terms={"fees": list(fees), **terms}
    )
    return running(world, product_version=product)


def post_fees(world: World, through: date) -> None:
    books.post_fees(acting_staff=world.cast.accountant, book=world.book, through=through)


def accrue(world: World, through: date) -> None:
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)


def held(world: World, role: str) -> int:
    return balance(world.book, role)


def test_a_fee_with_every_instalment_is_income_when_it_is_due(world: World) -> None:
    loan = with_fees(world, DESK)
    assert [row.fee_units for row in loan.dues.all()] == [1_20] * 12
    post_fees(world, FEBRUARY)
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (1_20, -1_20)
    post_fees(world, FEBRUARY)
    assert Entry.objects.filter(kind="FEE_CHARGED").count() == 1
    repay(world, loan, date(2025, 3, 1), 114_67)
    split = loan.splits.get()
    assert (split.fee_units, split.interest_units, split.principal_units) == (1_20, 24_00, 89_47)
    assert held(world, "FEES_DUE") == 0
    post_fees(world, MARCH)
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (1_20, -2_40)
    clean()


def test_paid_ahead_it_lies_as_received_in_advance_until_it_is_due(world: World) -> None:
    loan = with_fees(world, DESK)
    repay(world, loan, date(2025, 1, 20), 114_67)
    assert held(world, "FEES_DUE") == -1_20
    post_fees(world, FEBRUARY)
    assert held(world, "FEES_DUE") == 0
    clean()


def test_all_four_ways_of_taking_a_fee_stand_in_offer_agreement_and_books(world: World) -> None:
    loan = with_fees(world, DESK, STAMP, COVER, FILE)
    offer = offer_of(Asked(read_terms(loan.terms), 1_200_00, START))
    assert (offer.plan.handed_units, offer.plan.principal) == (1_188_00, 1_230_00)
    assert loan.agreement is not None
    assert loan.agreement.total_cost_units == offer.total_cost_units
    assert loan.agreement.apr_ppm == offer.apr_ppm
    rows = list(loan.dues.order_by("number"))
    assert (rows[0].due_date, rows[0].fee_units, rows[0].principal_units) == (START, 6_00, 0)
    assert (rows[1].fee_units, rows[1].interest_units) == (1_20, 24_60)
    assert sum(row.principal_units for row in rows) == 1_230_00 == loan.principal_units
    assert (loan.disbursed_units, loan.capitalised_units) == (1_200_00, 30_00)
    assert held(world, "LOANS") == 1_230_00
    assert held(world, "BANK") == 100_000_00 - 1_188_00
    assert (held(world, "FEE_INCOME"), held(world, "INSURANCE_PAYABLE")) == (-30_00, -12_00)
    repay(world, loan, START, 6_00)
    post_fees(world, FEBRUARY)
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (1_20, -37_20)
    clean()


def test_a_share_of_the_interest_is_paid_on_the_day(world: World) -> None:
    share = {"code": "Share", "ppm": 100_000, "base": "INTEREST", "taken": "CASH"}
    loan = with_fees(world, share)
    interest = sum(row.interest_units for row in loan.dues.all())
    assert loan.dues.get(number=1).fee_units == -(-interest // 10) == 16_17
    clean()


def test_late_and_unpaid_fees_are_arrears(world: World) -> None:
    loan = with_fees(world, STAMP)
    assert state_as_of(loan, date(2025, 1, 20)).arrears_days(date(2025, 1, 20)) == 5
    loan.refresh_from_db()
    assert loan.next_due_date == START
    clean()


def test_a_repaid_loan_has_brought_all_its_fees(world: World) -> None:
    loan = with_fees(world, DESK)
    total = sum(row.due_units for row in loan.dues.all())
    repay(world, loan, date(2025, 2, 10), total)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    post_fees(world, FEBRUARY)
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (0, -14_40)
    clean()


def test_of_a_loan_opened_again_since_all_its_fees_are_told_of_the_days_it_was_repaid(
    world: World,
) -> None:
    loan, today = with_fees(world, DESK), timezone.localdate()
    twice = repay(world, loan, date(2025, 1, 20), 114_67)
    repay(world, loan, date(2025, 2, 10), sum(row.due_units for row in loan.dues.all()))
    proposal = services.propose_refund(
        acting_staff=world.cast.officer,
        loan=loan,
        units=114_67,
        proposed_date=today,
        reason="She paid twice",
    )
    services.decide_change(acting_staff=world.cast.cashier, proposal=proposal, value_date=today)
    services.reverse_repayment(
        acting_staff=world.cast.manager, event=twice, reason="It bounced", value_date=today
    )
    loan.refresh_from_db()
    assert (loan.state, loan.settled_date) == (LoanState.ACTIVE, None)
    post_fees(world, FEBRUARY)
    assert -held(world, "FEE_INCOME") == 14_40
    clean()


def test_a_written_off_loan_keeps_only_the_fees_it_paid(world: World) -> None:
    loan = with_fees(world, DESK)
    repay(world, loan, date(2025, 2, 15), 114_67)
    post_fees(world, MARCH)
    assert held(world, "FEES_DUE") == 1_20
    write_off(world, loan, date(2025, 4, 30))
    accrue(world, date(2025, 4, 30))
    post_fees(world, date(2025, 4, 30))
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (0, -1_20)
    assert Entry.objects.filter(kind="FEE_WAIVED").count() == 1
    clean()


def test_a_reversed_payment_leaves_the_fee_due_again(world: World) -> None:
    loan = with_fees(world, DESK)
    event = repay(world, loan, date(2025, 2, 15), 114_67)
    post_fees(world, FEBRUARY)
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=event,
        reason="Counted twice",
        value_date=date(2025, 3, 1),
    )
    assert held(world, "FEES_DUE") == 1_20
    clean()


def test_a_month_is_not_closed_before_its_fees_are_posted(world: World) -> None:
    with_fees(world, DESK)
    accrue(world, FEBRUARY)
    books.post_provision(acting_staff=world.cast.accountant, book=world.book, through=FEBRUARY)
    for period in Period.objects.filter(book=world.book, ends__lt=FEBRUARY).order_by("starts"):
        period.status = "SOFT_CLOSED"
        period.save()
    month = Period.objects.get(book=world.book, ends=FEBRUARY)
    with pytest.raises(RunsMissing) as refused:
        books.soft_close_period(acting_staff=staff("finance", Role.FINANCE_MANAGER), period=month)
    assert "1.20" in str(refused.value)
    month.refresh_from_db()
    assert month.status == "OPEN"


def test_a_book_whose_loans_have_no_such_fee_has_nothing_to_post(world: World, loan: Loan) -> None:
    with pytest.raises(NothingToRun):
        post_fees(world, FEBRUARY)
    assert not RunDetail.objects.filter(kind=RunKind.FEES).exists()


@pytest.mark.parametrize(
    ("fee", "why"),
    [
        ({"when": "DUE_DATE", "after_days": 9, "refundable": True}, "not paid yet"),
        ({"when": "DUE_DATE", "after_days": 9, "kind": "INSURANCE"}, "a premium is taken when"),
        ({"when": "OVERDUE"}, "is a penalty in the books"),
        ({"base": "INTEREST", "ppm": 1, "taken": "CAPITALISED"}, "known on the day itself"),
        ({"base": "INTEREST", "ppm": 1, "taken": "WITHHELD"}, "known on the day itself"),
        ({"kind": "INSURANCE", "taken": "CASH"}, "to be owed on"),
        ({"kind": "INSURANCE", "when": "INSTALMENT", "ppm": 1, "base": "INTEREST"}, "beside a pre"),
    ],
)
def test_a_fee_that_is_not_offered_says_why(fee: dict[str, object], why: str) -> None:
    terms = {"currency": "USD", "rate_ppm": 240_000, "fees": [{"code": "F", "units": 1, **fee}]}
    with pytest.raises(TermsNotOffered) as refused:
        check_offered(read_terms(terms))
    assert why in str(refused.value)
    assert refused.value.field == "fees"
