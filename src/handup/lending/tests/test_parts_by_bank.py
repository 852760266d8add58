"""The later parts of a loan paid through its bank's file: like the first one, once and only once,
and found again in the statement.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import AlreadyOrdered, NotAgreed
from handup.lending.models import BankAccount, BankStatement, Loan, PaymentBatch, PaymentOrder
from handup.lending.rules.banking.codes import (
    BatchState,
    BookWhen,
    LineFate,
    OrderState,
    PainVersion,
    Reason,
)
from handup.lending.rules.codes import EventKind, LenderMode, LoanState
from handup.lending.services.payments import payable
from handup.lending.services.tranches import NoTrancheLeft, TrancheHeldUp, standing_of
from handup.lending.services.transfers import controls_of
from handup.lending.services.withdrawal import withdrawal_of
from handup.lending.tests.bankmade import OTHER_IBAN, Move
from handup.lending.tests.cast import START, World, clean, repay, signed
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.test_pain import schema
from handup.lending.tests.test_payments import answer, bring
from handup.lending.tests.test_tranches import APRIL, begun, in_parts, meet, pay
from handup.org.duties import SamePerson
from handup.org.tests.standing import standing

PART = 400_00


@standing
def loan(world: World) -> Loan:
    """800.00 paid out in January; 400.00 wait for the roof."""
    return named(world, begun(world))


def named(world: World, loan: Loan) -> Loan:
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=loan, number=OTHER_IBAN, holder="Ann Alba"
    )
    return loan


def draft(world: World, account: BankAccount, *loans: Loan, **more: Any) -> PaymentBatch:
    told = {"acting_staff": world.cast.accountant, "execution_date": APRIL, "on": APRIL, **more}
    return services.prepare_payments(account=account, loans=loans, **told)


def send(world: World, batch: PaymentBatch, on: date = APRIL) -> bytes:
    services.check_payments(acting_staff=world.cast.accountant, batch=batch)
    services.release_payments(acting_staff=world.cast.manager, batch=batch, on=on)
    return services.send_payments(acting_staff=world.cast.accountant, batch=batch)


def show(world: World, account: BankAccount, order: PaymentOrder, **more: Any) -> BankStatement:
    told: dict[str, Any] = {"units": -order.units, "reference": "B1", "day": APRIL, **more}
    return bring(world, account, Move(end_to_end=order.end_to_end, **told))


def test_the_next_part_goes_through_the_bank_like_the_first(
    world: World, account: BankAccount, loan: Loan
) -> None:
    bank = balance(world.book, "BANK")
    assert list(payable(account)) == []
    with pytest.raises(TrancheHeldUp):
        draft(world, account, loan)
    meet(world, loan)
    assert list(payable(account)) == [loan]
    batch = draft(world, account, loan)
    order = batch.orders.get()
    assert (order.units, order.tranche.number if order.tranche else 0) == (PART, 2)
    assert list(payable(account)) == []
    content = send(world, batch)
    schema(PainVersion.V09).assertValid(etree.fromstring(content))
    assert b">400.00<" in content
    loan.refresh_from_db()
    assert (loan.disbursed_units, balance(world.book, "BANK")) == (800_00, bank)
    shown = show(world, account, order)
    loan.refresh_from_db()
    order.refresh_from_db()
    batch.refresh_from_db()
    assert (loan.disbursed_units, loan.principal_units) == (1_200_00, 1_200_00)
    assert (order.state, order.event_id) == (OrderState.CONFIRMED, order.pk)
    assert batch.state == BatchState.CONFIRMED
    line = shown.lines.get()
    assert (line.fate, line.reasons[0][0], line.event_id) == ("MATCHED", Reason.ORDER, order.pk)
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank - PART, 0)
    assert [item.event is not None for item in standing_of(loan)] == [True, True]
    clean()
    with pytest.raises(NoTrancheLeft):
        draft(world, account, loan)
    again = show(world, account, order, reference="B9")
    assert again.lines.get().reasons[0][0] == Reason.ALREADY_PAID_OUT
    assert loan.events.filter(kind=EventKind.DISBURSED).count() == 2


def test_first_and_later_parts_and_whole_loans_share_a_file(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    fresh = named(world, in_parts(world, code="OTHER"))
    whole = named(world, signed(world))
    batch = draft(world, account, loan, fresh, whole)
    units = dict(batch.orders.values_list("loan", "units"))
    assert units == {loan.pk: PART, fresh.pk: 800_00, whole.pk: 1_200_00}
    BankAccount.objects.update(book_when=BookWhen.RELEASED)
    send(world, batch)
    for row in (loan, fresh, whole):
        row.refresh_from_db()
        assert row.state == LoanState.ACTIVE
    assert [row.disbursed_units for row in (loan, fresh, whole)] == [1_200_00, 800_00, 1_200_00]
    kinds = {order.event_id == order.pk for order in batch.orders.all()}
    assert kinds == {True}
    clean()


def test_a_part_on_its_way_is_paid_by_nobody_else_and_nothing_moves_under_it(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    batch = draft(world, account, loan)
    with pytest.raises(AlreadyOrdered):
        pay(world, loan)
    with pytest.raises(AlreadyOrdered):
        draft(world, account, loan)
    to = services.open_lender(
        acting_staff=world.cast.manager,
        code="BUYER",
        name="The buyer",
        mode=LenderMode.BANK_OWN,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
    )
    with pytest.raises(AlreadyOrdered):
        services.propose_transfers(
            acting_staff=world.cast.officer,
            loans=[loan],
            to=to,
            proposed_date=APRIL,
            reason="Sold",
            controls=controls_of([loan], APRIL),
        )
    with pytest.raises(AlreadyOrdered):
        services.propose_refinance(
            acting_staff=world.cast.officer,
            loan=loan,
            into=signed(world, 2_000_00),
            proposed_date=APRIL,
            reason="More",
        )
    services.cancel_payments(
        acting_staff=world.cast.accountant, batch=batch, on=APRIL, reason="Wrong day"
    )
    pay(world, loan)
    assert loan.disbursed_units == 1_200_00
    clean()


def test_nobody_withdraws_while_a_part_is_on_its_way(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    batch = draft(world, account, loan)
    day = START + timedelta(days=10)
    withdraw = partial(
        services.withdraw_loan,
        acting_staff=world.cast.manager,
        loan=loan,
        value_date=day,
        units=withdrawal_of(loan, day).total,
    )
    nothing_happened(loan, withdraw, AlreadyOrdered)
    send(world, batch)
    nothing_happened(loan, withdraw, AlreadyOrdered)
    assert balance(world.book, "SUSPENSE") == 0
    other = named(world, begun(world, code="OTHER"))
    meet(world, other)
    batch = draft(world, account, other)
    services.cancel_payments(
        acting_staff=world.cast.accountant, batch=batch, on=APRIL, reason="She withdraws"
    )
    withdraw(loan=other)
    other.refresh_from_db()
    assert other.state == LoanState.CANCELLED
    clean()


def test_who_prepared_or_decided_it_does_not_release_a_part(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    batch = draft(world, account, loan, acting_staff=world.cast.manager)
    services.check_payments(acting_staff=world.cast.manager, batch=batch)
    with pytest.raises(SamePerson):
        services.release_payments(acting_staff=world.cast.manager, batch=batch, on=APRIL)


def test_a_part_that_needs_no_money_any_more_is_not_released(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    batch = draft(world, account, loan)
    services.check_payments(acting_staff=world.cast.accountant, batch=batch)
    repay(world, loan, APRIL, 1_000_00)  # all of the first part
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    with pytest.raises(NotAgreed):
        services.release_payments(acting_staff=world.cast.manager, batch=batch, on=APRIL)
    batch.refresh_from_db()
    assert batch.state == BatchState.CHECKED


def test_money_that_went_for_a_loan_repaid_meanwhile_waits_for_a_person(
    world: World, account: BankAccount, loan: Loan
) -> None:
    meet(world, loan)
    batch = draft(world, account, loan)
    send(world, batch)
    repay(world, loan, APRIL, 1_000_00)
    line = show(world, account, batch.orders.get()).lines.get()
    assert (line.fate, line.reasons[0][0]) == (LineFate.OPEN, Reason.ALREADY_PAID_OUT)
    assert balance(world.book, "SUSPENSE") == PART


def test_a_rejected_part_is_taken_back_and_may_go_again(
    world: World, account: BankAccount, loan: Loan
) -> None:
    BankAccount.objects.update(book_when=BookWhen.RELEASED)
    account.refresh_from_db()
    bank = balance(world.book, "BANK")
    meet(world, loan)
    batch = draft(world, account, loan)
    send(world, batch)
    loan.refresh_from_db()
    assert (loan.disbursed_units, balance(world.book, "BANK")) == (1_200_00, bank - PART)
    services.import_payment_status(
        acting_staff=world.cast.accountant, content=answer(batch, one="RJCT"), on=APRIL
    )
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_units) == (LoanState.ACTIVE, 800_00)
    assert balance(world.book, "BANK") == bank
    clean()
    assert draft(world, account, loan).total_units == PART


def test_a_part_that_comes_back_is_unpaid_again(
    world: World, account: BankAccount, loan: Loan
) -> None:
    bank = balance(world.book, "BANK")
    meet(world, loan)
    batch = draft(world, account, loan)
    send(world, batch)
    order = batch.orders.get()
    show(world, account, order)
    back = show(world, account, order, units=PART, reference="B2", reversal=True)
    assert back.lines.get().fate == LineFate.MATCHED
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_units) == (LoanState.ACTIVE, 800_00)
    assert batch.orders.get().state == OrderState.RETURNED
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank, 0)
    clean()


def test_the_page_offers_the_part_with_its_amount(
    client: Client, world: World, account: BankAccount, loan: Loan
) -> None:
    client.force_login(world.cast.accountant)
    page = reverse("lending:payments_new", args=[account.pk])
    assert loan.code not in client.get(page).content.decode()
    meet(world, loan)
    assert "part 2, USD\xa0400.00" in client.get(page).content.decode()
    day = (START + timedelta(days=90)).isoformat()
    client.post(page, {"execution_date": day, "loans": [str(loan.pk)]})
    assert PaymentOrder.objects.get().units == PART
