"""A bank calls a guarantee fund for a late loan: how much, who pays, what comes back, what is left;
through services, pages and API, in the books and in the proof.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import services as lending
from handup.lending.errors import (
    AlreadyReversed,
    AmountNotPositive,
    BackDated,
    BeforeItsEvent,
    BookMissing,
    FutureDate,
    NotRunning,
)
from handup.lending.facts import limits
from handup.lending.models import Guarantee, GuaranteeMove, Lender, Loan
from handup.lending.rules.codes import Method
from handup.lending.rules.guarantees import callable_units, covered, held, share_back
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.guarantee_funds import fund_of
from handup.lending.services.guarantees import (
    CallNotOpen,
    CallNotPaid,
    CallOpen,
    CameBackSince,
    FundTooSmall,
    MoreThanCovered,
    MoreThanPaid,
    NoGuaranteeThen,
    NotGuaranteed,
    NotLateEnough,
    reverse_guarantee_move,
)
from handup.lending.services.payoff import payoff_of
from handup.lending.tests.cast import (
    START,
    World,
    clean,
    make_product,
    repay,
    running,
)
from handup.lending.tests.guarantee_cast import (
    CALLED,
    DEPOSIT,
    HALF,
    LENT,
    PAID,
    back,
    called,
    fund,
    let_go,
    paid,
    pay_off,
    refused,
)
from handup.lending.tests.test_pages import at
from handup.lending.verify_guarantees import guarantees_posted, guarantees_stand
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine, Setting
from handup.org.permissions import NotAllowed

units = st.integers(0, 10**12)
shares = st.integers(1, 10_000)


# --- the rule -------------------------------------------------------------------------------------


@given(units, shares, units)
def test_no_more_is_callable_than_the_covered_share_and_what_is_out_counts(
    principal: int, cover: int, out: int
) -> None:
    most = callable_units(principal, cover, out)
    assert 0 <= most <= covered(principal, cover) <= principal
    assert most + out >= covered(principal, cover)


@given(st.lists(units, max_size=8), shares, units)
def test_of_what_a_bank_recovers_the_share_of_the_whole_comes_back_but_no_more_than_went_out(
    recovered: list[int], cover: int, out: int
) -> None:
    back_before = 0
    for number in range(len(recovered)):
        told = sum(recovered[: number + 1])
        share = share_back(told, cover, back_before, out - back_before)
        assert 0 <= share <= out - back_before
        back_before += share
    assert back_before == min(covered(sum(recovered), cover), out)


def test_a_fund_that_paid_stands_for_less_until_it_comes_back() -> None:
    assert held(1_000, 100, 0) == 1_000
    assert held(1_000, 250, 400) == 1_500
    assert covered(999, 5_000) == 499


# --- calling --------------------------------------------------------------------------------------


def test_a_call_is_for_the_covered_share_of_what_is_owed(world: World, late: Loan) -> None:
    row = called(world, late, reference="B-17")
    assert (row.units, row.principal_units, row.cover_bps) == (HALF, LENT, 5_000)
    assert (row.arrears_days, row.reference) == (121, "B-17")
    assert (fund(late).committed, fund(late).left, fund(late).money) == (HALF, 400_00, DEPOSIT)
    assert AuditLine.objects.filter(action="lending.call_guarantee").count() == 1
    assert not Entry.objects.filter(source_purpose="GUARANTEE").exists()
    late.refresh_from_db()
    assert late.principal_units == LENT, "the borrower owes the bank all of it"


def test_what_may_not_be_called_is_refused_by_name(world: World, late: Loan, loan: Loan) -> None:
    refused(lambda: called(world, loan), NotGuaranteed)
    at_ninety = date(2025, 2, 15) + timedelta(days=90)
    refused(lambda: called(world, late, called_date=at_ninety), NotLateEnough)
    refused(lambda: called(world, late, called_date=date(2999, 1, 1)), FutureDate)
    refused(lambda: called(world, late, units=HALF + 1), MoreThanCovered)
    refused(lambda: called(world, late, units=-1), AmountNotPositive)
    refused(lambda: called(world, late, acting_staff=world.cast.cashier), NotAllowed)
    Guarantee.objects.update(expiry_date=CALLED - timedelta(days=1))
    refused(lambda: called(world, late), NoGuaranteeThen)
    Guarantee.objects.update(expiry_date=None)
    assert called(world, late, called_date=at_ninety + timedelta(days=1)).arrears_days == 91
    refused(lambda: called(world, late), CallOpen)


def test_the_same_call_twice_is_one(world: World, late: Loan) -> None:
    pk, other_day = new_id(), CALLED + timedelta(days=1)
    told: dict[str, Any] = {"id": pk, "units": 300_00, "reference": "B-17"}
    row = called(world, late, **told)
    assert called(world, late, **told) == row
    assert called(world, late, **{**told, "units": None}) == row
    for other in ({"called_date": other_day}, {"units": HALF}, {"reference": "B-18"}):
        refused(partial(called, world, late, **{**told, **other}), SameIdOtherContent)


def test_a_call_that_is_let_go_leaves_the_loan_covered(world: World, late: Loan) -> None:
    row = called(world, late)
    refused(lambda: let_go(world, row, reason=" "), ReasonNeeded)
    early = CALLED - timedelta(days=1)
    refused(lambda: let_go(world, row, withdrawn_date=early), BeforeItsEvent)
    assert let_go(world, row).withdrawn_by == world.cast.accountant
    refused(lambda: let_go(world, row), CallNotOpen)
    refused(lambda: paid(world, row), CallNotOpen)
    assert called(world, late).units == HALF


# --- paying ---------------------------------------------------------------------------------------


def test_a_paid_call_is_a_claim_on_the_bank_and_lowers_fund_and_cover(
    world: World, late: Loan
) -> None:
    before, money = limits(late.lender, PAID).guarantee_units, balance(world.book, "BANK")
    assert before == 800_00
    row = called(world, late)
    paid(world, row)
    assert balance(world.book, "GUARANTEE_CALLED", ("guarantee_call", row.pk)) == HALF
    assert balance(world.book, "BANK") == money - HALF
    found = fund(late)
    assert (found.money, found.paid, found.committed, found.held) == (400_00, HALF, 0, 400_00)
    assert limits(late.lender, PAID).guarantee_units == 800_00, "less money, less to stand for"
    refused(lambda: paid(world, row), CallNotOpen)
    refused(lambda: called(world, late), AmountNotPositive)
    clean()


def test_who_took_the_call_down_does_not_pay_it(world: World, late: Loan) -> None:
    row = called(world, late, acting_staff=world.cast.manager)
    refused(lambda: paid(world, row), SamePerson)
    refused(lambda: paid(world, row, acting_staff=world.cast.accountant), NotAllowed)
    refused(
        lambda: paid(world, row, acting_staff=world.cast.director, value_date=date(2025, 6, 1)),
        BeforeItsEvent,
    )
    assert paid(world, row, acting_staff=world.cast.director).units == HALF


def test_a_fund_pays_no_more_than_it_holds_and_only_from_a_book(world: World, late: Loan) -> None:
    row = called(world, late)
    Guarantee.objects.update(deposit_units=HALF - 1)
    refused(lambda: paid(world, row), FundTooSmall)
    Guarantee.objects.update(deposit_units=HALF)
    Lender.objects.filter(pk=late.lender_id).update(book=None)
    refused(lambda: paid(world, row), BookMissing)
    Guarantee.objects.update(book=world.book)
    assert paid(world, row).units == HALF


def test_a_fund_pays_nothing_for_a_loan_paid_off_since_the_call(world: World, late: Loan) -> None:
    row = called(world, late)
    pay_off(world, late, CALLED + timedelta(days=1))
    refused(lambda: paid(world, row), NotRunning)
    refused(lambda: paid(world, row, value_date=CALLED), NotRunning)
    assert fund(late).money == DEPOSIT


def test_a_fund_pays_no_more_than_is_still_covered_of_what_is_owed(
    world: World, late: Loan
) -> None:
    row = called(world, late)
    repay(world, late, CALLED + timedelta(days=1), 150_00)
    refused(lambda: paid(world, row), MoreThanCovered)
    refused(lambda: paid(world, row, value_date=CALLED), MoreThanCovered)
    let_go(world, row)
    late.refresh_from_db()
    again = called(world, late, called_date=CALLED + timedelta(days=2))
    assert again.units == late.principal_units // 2 < HALF
    assert paid(world, again).units == again.units


def test_a_fund_pays_nothing_for_a_loan_less_late_again(world: World, late: Loan) -> None:
    today = timezone.localdate()
    last_is_late = (today - date(2026, 1, 15)).days
    Guarantee.objects.update(call_after_days=last_is_late + 5)
    row = called(world, late, called_date=today - timedelta(days=1), units=10_00)
    repay(world, late, today, payoff_of(late, today).total - 30_00)
    refused(lambda: paid(world, row, value_date=today), NotLateEnough)


def test_no_more_is_called_of_an_early_day_than_is_owed_today(world: World, late: Loan) -> None:
    repay(world, late, CALLED + timedelta(days=1), 300_00)
    late.refresh_from_db()
    refused(lambda: called(world, late, units=HALF), MoreThanCovered)
    assert called(world, late).units == late.principal_units // 2 < HALF


def test_no_call_of_an_early_day_is_taken_for_a_loan_paid_off_since(
    world: World, late: Loan
) -> None:
    before = Loan.objects.get(pk=late.pk)
    pay_off(world, late, CALLED + timedelta(days=1))
    refused(lambda: called(world, before), NotRunning)


def test_guarantees_of_a_lender_stand_for_its_loans_together(
    client: Client, world: World, late: Loan
) -> None:
    first = Guarantee.objects.get()
    second = lending.give_guarantee(
        acting_staff=world.cast.director,
        lender=late.lender,
        deposit_units=500_00,
        signed_date=START,
    )
    Guarantee.objects.filter(pk=first.pk).update(deposit_units=500_00)
    first.refresh_from_db()
    today = timezone.localdate()
    assert limits(late.lender, today).guarantee_units == 800_00
    for row in (first, second):
        found = fund_of(row)
        assert (found.deposit, found.committed, found.held) == (500_00, HALF, DEPOSIT)
        page = at(client, world.cast.manager, "guarantee_detail", row.pk).content.decode()
        assert "more than it may stand for" not in page
    Guarantee.objects.filter(pk=first.pk).update(expiry_date=today - timedelta(days=1))
    first.refresh_from_db()
    assert (fund_of(first).committed, fund_of(first).held, fund_of(first).money) == (0, 0, 500_00)
    assert (fund_of(second).committed, fund_of(second).left) == (HALF, -100_00)


# --- what comes back ------------------------------------------------------------------------------


def test_recoveries_come_back_pro_rata_until_all_has(world: World, late: Loan) -> None:
    row = called(world, late)
    refused(lambda: back(world, row, 100_00), CallNotPaid)
    paid(world, row)
    repay(world, late, PAID + timedelta(days=20), 300_01)
    first = back(world, row, 300_01)
    assert (first.units, first.recovered_units) == (-150_00, 300_01)
    assert balance(world.book, "GUARANTEE_CALLED", ("guarantee_call", row.pk)) == 450_00
    found = fund(late)
    assert (found.money, found.recovered) == (550_00, 150_00)
    late.refresh_from_db()
    assert found.committed == max(late.principal_units // 2 - 450_00, 0)
    refused(lambda: back(world, row, 0), AmountNotPositive)
    refused(lambda: back(world, row, 9, value_date=CALLED), BeforeItsEvent)
    assert back(world, row, 5_000_00).units == -450_00, "never more than was paid"
    refused(lambda: back(world, row, 10_00), MoreThanPaid)
    assert fund(late).money == DEPOSIT
    clean()


def test_small_recoveries_bring_as_much_as_one(world: World, late: Loan) -> None:
    row = called(world, late)
    paid(world, row)
    refused(lambda: back(world, row, 1), AmountNotPositive)
    moves = [back(world, row, 101) for _time in range(3)]
    assert [move.units for move in moves] == [-50, -51, -50]
    refused(lambda: back(world, row, -2), AmountNotPositive)
    reverse_guarantee_move(
        acting_staff=world.cast.accountant,
        move=moves[0],
        value_date=PAID + timedelta(days=40),
        reason="Wrong loan",
    )
    assert back(world, row, 102).units == -51, "of 304 half is 152, and 101 came back"
    clean()


def test_a_payment_and_a_recovery_may_be_taken_back(world: World, late: Loan) -> None:
    row, money = called(world, late), balance(world.book, "BANK")
    out = paid(world, row)
    came = back(world, row, 200_00)

    def take_back(move: GuaranteeMove, **told: Any) -> GuaranteeMove:
        fields = {"move": move, "value_date": PAID + timedelta(days=40), "reason": "Wrong loan"}
        return reverse_guarantee_move(acting_staff=world.cast.accountant, **{**fields, **told})

    refused(lambda: take_back(out), CameBackSince)
    refused(lambda: take_back(came, reason=""), ReasonNeeded)
    refused(lambda: take_back(came, value_date=CALLED), BeforeItsEvent)
    refused(lambda: take_back(came, value_date=date(2999, 1, 1)), FutureDate)
    pk = new_id()
    assert take_back(came, id=pk) == take_back(came, id=pk)
    refused(lambda: take_back(came), AlreadyReversed)
    assert (fund(late).money, fund(late).recovered) == (400_00, 0)
    refused(lambda: take_back(GuaranteeMove.objects.get(pk=pk)), AlreadyReversed)
    take_back(out)
    assert fund(late).money == DEPOSIT
    assert balance(world.book, "GUARANTEE_CALLED") == 0
    assert balance(world.book, "BANK") == money
    clean()
    assert paid(world, row).units == HALF, "the call waits again"
    clean()


def test_money_of_a_day_too_long_ago_is_recorded_by_nobody_alone(world: World, late: Loan) -> None:
    row, today = called(world, late), timezone.localdate()
    last, early = today - timedelta(days=7), today - timedelta(days=8)

    def undo(move: GuaranteeMove, on: date) -> GuaranteeMove:
        return reverse_guarantee_move(
            acting_staff=world.cast.accountant, move=move, value_date=on, reason="Wrong loan"
        )

    days = Setting.objects.filter(key=DAYS_KEY)
    days.update(value=7)
    refused(lambda: paid(world, row, value_date=early), BackDated)
    undo(paid(world, row, value_date=last), last)
    days.update(value=36_500)
    paid(world, row)
    came = back(world, row, 10_00)
    days.update(value=7)
    refused(lambda: back(world, row, 10_00, value_date=early), BackDated)
    refused(lambda: undo(came, early), BackDated)
    assert undo(came, last).value_date == last
    assert back(world, row, 20_00, value_date=last).units == -10_00
    assert fund(late).money == DEPOSIT - HALF + 10_00


def test_the_same_money_twice_is_one_and_other_money_is_refused(world: World, late: Loan) -> None:
    row, later = called(world, late), PAID + timedelta(days=50)
    others: tuple[dict[str, Any], ...] = (
        {"method": Method.CASH},
        {"reference": "Y"},
        {"value_date": later},
    )
    told: dict[str, Any] = {"id": new_id(), "reference": "X"}
    assert paid(world, row, **told) == paid(world, row, **told)
    for other in others:
        refused(partial(paid, world, row, **{**told, **other}), SameIdOtherContent)
    refused(lambda: back(world, row, 10_00, **told), SameIdOtherContent)
    told["id"] = new_id()
    came = back(world, row, 10_00, **told)
    assert back(world, row, 10_00, **told) == came
    for other in others:
        refused(partial(back, world, row, 10_00, **{**told, **other}), SameIdOtherContent)
    refused(lambda: back(world, row, 11_00, **told), SameIdOtherContent)
    undo: dict[str, Any] = {"move": came, "value_date": later, "reason": "Wrong", "id": new_id()}
    undo["acting_staff"] = world.cast.accountant
    assert reverse_guarantee_move(**undo) == reverse_guarantee_move(**undo)
    for other in ({"reason": "Else"}, {"value_date": later + timedelta(days=1)}):
        refused(partial(reverse_guarantee_move, **{**undo, **other}), SameIdOtherContent)


def test_the_proof_finds_what_the_books_do_not_hold(world: World, late: Loan) -> None:
    row = called(world, late)
    paid(world, row)
    assert not [*guarantees_stand(), *guarantees_posted()]
    GuaranteeMove.objects.create(
        call=row, kind="PAID", value_date=PAID, units=5, recorded_by=world.cast.manager
    )
    found = {item.computed for item in (*guarantees_stand(), *guarantees_posted())}
    assert found == {f"0 to {HALF}", "paid once", "one entry", str(HALF + 5)}


def test_a_new_loan_of_such_a_bank_asks_the_limits_as_often_as_before(
    world: World, bank: Lender
) -> None:
    product = make_product(world.cast, bank, "GUAP")
    with CaptureQueriesContext(connection) as asked:
        running(world, 100_00, product_version=product)
    said = [one["sql"] or "" for one in asked]
    of_moves = [sql for sql in said if "lending_guaranteemove" in sql]
    assert of_moves
    assert all('lending_guarantee"' in sql or 'lending_loan"' in sql for sql in of_moves), (
        "only inside the statements that are asked anyway"
    )
