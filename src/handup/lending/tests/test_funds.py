"""Loans and grants out of funds: every line of a loan carries its fund, every fund balances, and a
donor's money is lent for what and as long as it may be, while there is some.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger.errors import FundClosed, FundNotAllowed
from handup.ledger.fund_report import fund_report
from handup.ledger.models import Entry, Fund, Line
from handup.ledger.queries import Only, balance, sums_of
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import post_accrual, post_provision
from handup.lending import services, verify_funds
from handup.lending.models import BankAccount, EnterpriseGrant, Lender, Loan
from handup.lending.rules.codes import LenderMode, LoanState, Method
from handup.lending.services import grant_money, grants, old_books
from handup.lending.services.funds import (
    FundNotOfCurrency,
    FundShort,
    ProductElsewhere,
    _least,
    _Pot,
    name_fund,
)
from handup.lending.services.transfers import controls_of
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import START, World, clean, make_product, repay, running, signed
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.donors import donor, give
from handup.lending.tests.old_books import HALF_EVEN, HEADS, book_of, decided, half_even, opened
from handup.lending.tests.old_books import received as received_lists
from handup.lending.tests.old_books import signed as signed_book
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_refinancing import done as refinanced
from handup.lending.tests.test_runs import write_off
from handup.lending.tests.test_savings import decide, pay_in, propose
from handup.lending.tests.test_savings import lent as saving_loan
from handup.lending.tests.test_transfers import lender as another_lender
from handup.lending.tests.test_transfers import move, moved
from handup.lending.tests.test_transfers import propose as propose_move
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

DUE = 113_47
FIRST, MARCH = date(2025, 2, 15), date(2025, 3, 1)


def named(world: World, fund: Fund, lender: Lender | None = None) -> Fund:
    name_fund(acting_staff=world.cast.director, lender=lender or world.direct, fund=fund)
    for row in (world.direct, world.product.product.lender):
        row.refresh_from_db()
    return fund


@standing
def fund(world: World) -> Fund:
    """A donor's 20,000.00, out of which the programme lends."""
    return named(world, donor(world))


@standing
def lent(world: World, fund: Fund) -> Loan:
    return running(world)


def of(world: World, role: str, fund: Fund | None = None, on: date | None = None) -> int:
    pk = UNRESTRICTED_ID if fund is None else fund.pk
    return balance(world.book, role, fund=pk, on=on)


def sums_to_zero(world: World, fund: Fund) -> None:
    sums = sums_of(world.book, None, date(2027, 1, 1), Only(fund=fund.pk))
    assert sum(item.net_base for item in sums.values()) == 0


# --- the life of a loan ---------------------------------------------------------------------------


def test_every_line_of_a_loan_stands_in_its_fund(world: World, fund: Fund, lent: Loan) -> None:
    assert lent.fund_id == fund.pk
    repay(world, lent, FIRST, DUE)
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=date(2025, 6, 30))
    post_provision(acting_staff=world.cast.accountant, book=world.book, through=date(2025, 6, 30))
    write_off(world, lent, date(2025, 7, 15))
    services.record_recovery(
        acting_staff=world.cast.accountant, loan=lent, value_date=date(2025, 8, 1), units=50_00
    )
    lines = Line.objects.exclude(entry__kind="CAPITAL_RECEIVED")
    assert set(lines.values_list("fund", flat=True)) == {fund.pk}
    assert of(world, "LOANS", fund) == 0
    assert of(world, "RECOVERY_INCOME", fund) == -50_00
    assert of(world, "IMPAIRMENT", fund) > 0
    assert of(world, "BANK") == 80_000_00
    sums_to_zero(world, fund)
    clean()


def test_the_report_of_a_fund_tells_what_was_lent_repaid_earned_and_written_off(
    world: World, fund: Fund, lent: Loan
) -> None:
    repay(world, lent, FIRST, DUE, method=Method.BANK)
    lent.refresh_from_db()
    left = lent.principal_units
    told = fund_report(world.book, fund, START, date(2025, 2, 28))
    assert (told.opening, told.lent, told.closing) == (20_000_00, 1_200_00, 18_913_47)
    assert (told.repaid, told.income) == (1_200_00 - left, DUE - (1_200_00 - left))
    assert told.loans == left
    write_off(world, lent, MARCH)
    assert fund_report(world.book, fund, START, MARCH).written_off == left


def test_the_allowance_of_one_fund_does_not_cover_the_loans_of_another(
    world: World, loan: Loan
) -> None:
    post_provision(acting_staff=world.cast.accountant, book=world.book, through=date(2025, 6, 30))
    covered = -of(world, "ALLOWANCE")
    assert covered > 0
    other = named(world, donor(world))
    mine = running(world)
    write_off(world, mine, date(2025, 7, 15))
    assert -of(world, "ALLOWANCE") == covered
    assert (of(world, "ALLOWANCE", other), of(world, "IMPAIRMENT", other)) == (0, 1_200_00)
    clean()


def test_money_that_belonged_to_nobody_comes_to_the_fund_of_the_loan_it_pays(
    world: World, account: BankAccount, fund: Fund, lent: Loan
) -> None:
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.xml",
        content=camt([Move(DUE, "for my loan", "A-1", name="Participant 0001")], kind=54),
    )
    line = statement.lines.get()
    assert (of(world, "SUSPENSE"), of(world, "BANK")) == (-DUE, 80_000_00 + DUE)
    services.match_line(
        acting_staff=world.cast.accountant,
        line=line,
        parts=[services.PartIn(lent, DUE)],
        on=date(2026, 1, 1),
    )
    lent.refresh_from_db()
    assert lent.principal_paid_units + lent.interest_paid_units == DUE
    assert (of(world, "SUSPENSE"), of(world, "BANK")) == (0, 80_000_00)
    assert of(world, "BANK", fund) == 18_800_00 + DUE
    clean()


def test_savings_are_of_no_donor_and_pay_a_loan_into_its_fund(world: World, fund: Fund) -> None:
    loan = saving_loan(world)
    assert loan.fund_id == fund.pk
    repay(world, loan, FIRST, loan.dues.get(number=1).due_units + 10_00)
    account = services.savings_kept.account_of(loan)
    assert account is not None
    pay_in(world, account, 200_00, FIRST)
    assert (of(world, "COMPULSORY_SAVINGS"), of(world, "COMPULSORY_SAVINGS", fund)) == (-210_00, 0)
    decide(world, propose(world, loan, 100_00))
    assert (of(world, "COMPULSORY_SAVINGS"), of(world, "COMPULSORY_SAVINGS", fund)) == (-110_00, 0)
    sums_to_zero(world, fund)
    clean()


def test_a_payment_taken_back_leaves_both_funds_as_they_were(
    world: World, fund: Fund, lent: Loan
) -> None:
    before = {role: of(world, role, fund) for role in ("LOANS", "INTEREST_DUE", "BANK", "CASH")}
    event = repay(world, lent, FIRST, DUE)
    services.reverse_repayment(
        acting_staff=world.cast.manager, event=event, reason="Wrong", value_date=FIRST
    )
    assert before == {role: of(world, role, fund) for role in before}
    clean()


# --- from one fund to another ---------------------------------------------------------------------


def test_a_new_loan_of_another_fund_that_pays_one_off_owes_for_it(
    world: World, fund: Fund, lent: Loan
) -> None:
    second = named(world, donor(world, "OTHER"))
    new = signed(world, 2_000_00)
    assert new.fund_id == second.pk
    refinanced(world, lent, new)
    owed = of(world, "INTERFUND", fund)
    assert (lent.state, of(world, "LOANS", fund)) == (LoanState.REFINANCED, 0)
    assert owed == -of(world, "INTERFUND", second) >= 1_200_00
    assert of(world, "LOANS", second) == 2_000_00
    assert of(world, "BANK", second) == 20_000_00 - (2_000_00 - owed)
    clean()


def test_a_loan_that_moves_to_another_fund_of_the_book_is_owed_by_it(
    world: World, fund: Fund, lent: Loan
) -> None:
    second = donor(world, "OTHER")
    to = another_lender(world, "NEXT", LenderMode.DIRECT, world.book, fund=second)
    new = moved(world, lent, to, proposed_date=FIRST)
    assert (new.fund_id, lent.fund_id) == (second.pk, fund.pk)
    assert (of(world, "LOANS", fund), of(world, "LOANS", second)) == (0, 1_200_00)
    assert of(world, "INTERFUND", fund) == -of(world, "INTERFUND", second) >= 1_200_00
    sums_to_zero(world, fund)
    sums_to_zero(world, second)
    clean()


def test_a_fund_that_ended_or_has_no_money_takes_no_loan_over(
    client: Client, world: World, fund: Fund, lent: Loan
) -> None:
    """Neither by a move within the book nor by a refinancing; the proposal names both funds."""
    second = donor(world, "OTHER", units=50_00)
    to = another_lender(world, "NEXT", LenderMode.DIRECT, world.book, fund=second)
    batch = propose_move(
        world, [lent], to, controls=controls_of([lent], FIRST), proposed_date=FIRST
    )
    nothing_happened(lent, lambda: move(world, batch, value_date=FIRST), FundShort)
    give(world, second, 10_000_00)
    Fund.objects.filter(pk=second.pk).update(ends=date(2024, 12, 31))
    nothing_happened(lent, lambda: move(world, batch, value_date=FIRST), FundClosed)
    page = at(client, world.cast.manager, "transfer_batch", batch).content.decode()
    assert "Fund DONOR, then Fund OTHER" in page
    Fund.objects.filter(pk=second.pk).update(ends=None)
    (event,) = move(world, batch, value_date=FIRST)
    assert event is not None
    owed = -of(world, "INTERFUND", second)
    assert owed >= 1_200_00
    named(world, second, to)
    left = 10_050_00 - owed
    new = Loan.objects.get(pk=event.payload["into"])
    assert _least(world.book, _Pot(world.book.pk, second.pk, "USD", placed=False), FIRST) == left
    assert new.fund_id == second.pk
    clean()


def test_a_refinancing_out_of_a_fund_without_the_money_for_it_is_refused(
    world: World, fund: Fund, lent: Loan
) -> None:
    named(world, donor(world, "OTHER", units=1_000_00))
    new = signed(world, 2_000_00)
    with pytest.raises(FundShort):
        refinanced(world, lent, new)
    assert (of(world, "INTERFUND", fund), of(world, "LOANS", fund)) == (0, 1_200_00)


def test_money_that_was_spent_in_between_was_not_there_that_day(world: World) -> None:
    """1,200.00 lent on 15 February and given again in March pay nothing out in January."""
    fund = named(world, donor(world, units=1_200_00))
    early, late = signed(world), signed(world)
    services.disburse_loan(acting_staff=world.cast.manager, loan=late, value_date=FIRST)
    give(world, fund, 1_200_00, on=MARCH)

    def pay_out(on: date) -> None:
        services.disburse_loan(acting_staff=world.cast.manager, loan=early, value_date=on)

    nothing_happened(early, lambda: pay_out(START), FundShort)
    pay_out(MARCH)
    assert of(world, "BANK", fund) == 0
    clean()


# --- what a donor binds ---------------------------------------------------------------------------


def test_no_more_is_lent_out_of_a_fund_than_it_has(world: World) -> None:
    named(world, donor(world, units=1_000_00))
    loan = signed(world)

    def pay_out() -> None:
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)

    with pytest.raises(FundShort) as told:
        pay_out()
    assert "DONOR" in str(told.value)
    nothing_happened(loan, pay_out, FundShort)
    give(world, Fund.objects.get(code="DONOR"), 200_00)
    pay_out()
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    clean()


@pytest.mark.parametrize(
    ("bound", "refusal"),
    [
        ({"ends": date(2025, 1, 14)}, FundClosed),
        ({"starts": date(2025, 1, 10), "ends": date(2025, 1, 12)}, FundClosed),
        ({"account_codes": ["5100"]}, FundNotAllowed),
    ],
)
def test_a_donors_money_is_lent_in_its_days_and_for_what_it_is_given(
    world: World, bound: dict[str, Any], refusal: type[Exception]
) -> None:
    fund = named(world, donor(world))
    Fund.objects.filter(pk=fund.pk).update(**bound)
    loan = signed(world)
    nothing_happened(
        loan,
        lambda: services.disburse_loan(
            acting_staff=world.cast.manager, loan=loan, value_date=START
        ),
        refusal,
    )


def test_what_comes_back_after_the_fund_ended_is_taken_all_the_same(
    world: World, fund: Fund, lent: Loan
) -> None:
    Fund.objects.filter(pk=fund.pk).update(ends=date(2025, 1, 31))
    repay(world, lent, FIRST, DUE)
    entry = Entry.objects.get(kind="LOAN_REPAID")
    assert entry.flags == "OUTSIDE_FUND"
    assert of(world, "CASH", fund) == DUE
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=FIRST)
    clean()


def test_a_lender_names_a_fund_of_its_currency_and_a_product_of_its_own(world: World) -> None:
    euro = donor(world, "EURO", units=0, currency="EUR")
    with pytest.raises(FundNotOfCurrency):
        named(world, euro)
    fund = donor(world)
    elsewhere = make_product(world.cast, world.mirror, "ELSE").product
    with pytest.raises(ProductElsewhere):
        name_fund(
            acting_staff=world.cast.director, lender=world.direct, fund=fund, product=elsewhere
        )
    with pytest.raises(NotAllowed):
        name_fund(acting_staff=world.cast.officer, lender=world.direct, fund=fund)
    world.direct.refresh_from_db()
    assert world.direct.fund_id == UNRESTRICTED_ID


def test_a_product_may_have_a_fund_of_its_own_and_signed_loans_keep_theirs(world: World) -> None:
    fund = donor(world)
    before = running(world)
    name_fund(
        acting_staff=world.cast.director,
        lender=world.direct,
        fund=fund,
        product=world.product.product,
    )
    world.product.refresh_from_db()
    assert signed(world).fund_id == fund.pk
    before.refresh_from_db()
    assert before.fund_id == UNRESTRICTED_ID
    assert AuditLine.objects.filter(action="lending.name_fund").count() == 1


# --- grants ---------------------------------------------------------------------------------------


def test_a_grant_is_paid_out_of_its_fund_and_no_further_than_it_reaches(world: World) -> None:
    fund = donor(world, units=150_00)
    row = grants.propose_grant(
        acting_staff=world.cast.advisor,
        programme=world.programme,
        purpose="Rebuild the bakery",
        criteria=["Lost the oven"],
        proposed_date=FIRST,
        tranches=[grants.TrancheIn(100_00, FIRST)],
        assets=[grants.AssetIn("Baking kit", 60_00)],
        person=world.person,
        book=world.book,
        fund=fund,
    )
    row = grants.approve_grant(acting_staff=world.cast.director, grant=row, decided_date=FIRST)
    grant_money.pay_tranche(
        acting_staff=world.cast.cashier,
        tranche=row.tranches.get(),
        paid_date=FIRST,
        method=Method.BANK,
        receipt="R-1",
    )
    assert (of(world, "GRANTS_GIVEN", fund), of(world, "BANK", fund)) == (100_00, 50_00)
    with pytest.raises(FundShort):
        grant_money.hand_over_asset(
            acting_staff=world.cast.cashier,
            asset=row.assets.get(),
            handed_over_date=FIRST,
            receipt="R-2",
            method=Method.BANK,
        )
    assert row.assets.get().handed_over_date is None
    assert fund_report(world.book, fund, START, MARCH).spent == 100_00
    clean()


# --- an old portfolio -----------------------------------------------------------------------------


def test_the_list_of_an_old_portfolio_names_funds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund = donor(world)
    lists, _people = book_of(world, half_even, loans=3)
    monkeypatch.setitem(HEADS, "loans", f"{HEADS['loans']},fund code")
    for row, code in zip(lists.loans, ("DONOR", "", "NONE"), strict=True):
        row.append(code)
    book = received_lists(world, opened(world, HALF_EVEN), lists)
    (fault,) = old_books.faults_of(book)
    assert (fault.column, fault.value) == ("fund", "NONE")
    book.delete()
    lists.loans[2][-1] = "DONOR"
    signed_book(world, decided(world, lists, HALF_EVEN))
    for code, pk in (("OLD-001", fund.pk), ("OLD-002", UNRESTRICTED_ID), ("OLD-003", fund.pk)):
        assert Loan.objects.get(external_reference=code).fund_id == pk
    owed = sum(row.principal_units for row in Loan.objects.filter(fund=fund))
    assert of(world, "LOANS", fund) == owed > 0
    sums_to_zero(world, fund)
    through = date(2025, 7, 31)
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)
    clean()


# --- proof, doors ---------------------------------------------------------------------------------


def test_the_proof_names_a_loan_that_stands_in_another_fund(world: World, lent: Loan) -> None:
    assert not list(verify_funds.in_their_funds())
    Loan.objects.filter(pk=lent.pk).update(fund=UNRESTRICTED_ID)
    (found,) = verify_funds.in_their_funds(world.book)
    assert str(lent.pk) in found.key
    assert "DONOR" in found.stored


def test_with_one_fund_nobody_is_asked_or_told(client: Client, world: World, loan: Loan) -> None:
    page = at(client, world.cast.director, "lender_detail", world.direct.pk)
    address = reverse("lending:lender_fund", args=[world.direct.pk])
    assert address not in page.content.decode()
    assert (
        "Out of the fund"
        not in at(client, world.cast.director, "loan_detail", loan.pk).content.decode()
    )
    fund = donor(world)
    shown = at(client, world.cast.director, "lender_detail", world.direct.pk).content.decode()
    assert address in shown
    made = do(client, world.cast.director, "lender_fund", world.direct.pk, fund=str(fund.pk))
    assert made.status_code == 302
    world.direct.refresh_from_db()
    assert world.direct.fund_id == fund.pk
    world.product.product.lender.refresh_from_db()
    mine = running(world)
    found = at(client, world.cast.director, "loan_detail", mine.pk).content.decode()
    assert "Out of the fund" in found
    assert fund.name in found


def test_the_interface_names_funds_and_tells_them(client: Client, world: World) -> None:
    fund, staff = donor(world), world.cast.director
    client.force_login(staff)
    made = client.put(
        f"/api/v1/lending/lenders/{world.direct.pk}/fund",
        f'{{"fund_id": "{fund.pk}"}}',
        content_type="application/json",
    )
    assert (made.status_code, made.json()["fund_id"]) == (200, str(fund.pk))
    loan = running(world)
    (told,) = get(client, staff, "/loans").json()["items"]
    assert (told["id"], told["fund_id"]) == (str(loan.pk), str(fund.pk))
    answer = post(
        client,
        world.cast.manager,
        "/grants",
        key=new_id(),
        programme_id=str(world.programme.pk),
        person_id=str(world.person.pk),
        purpose="Rebuild the bakery",
        criteria=["Lost the oven"],
        proposed_date=FIRST.isoformat(),
        tranches=[{"units": 100_00, "planned_date": FIRST.isoformat()}],
        book_id=str(world.book.pk),
        fund_id=str(fund.pk),
    )
    assert answer.status_code == 201, answer.content
    assert EnterpriseGrant.objects.get().fund_id == fund.pk
