"""Money is released by who may release it, and leaves only while its loan still needs it."""

import pytest

from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import NotAgreed
from handup.lending.models import BankAccount, Loan, PaymentBatch
from handup.lending.rules.banking.codes import BatchState, BookWhen, OrderState
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.tests.bankmade import OTHER_IBAN
from handup.lending.tests.cast import World, clean, signed
from handup.lending.tests.test_payments import TODAY
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing


@standing
def loan(world: World) -> Loan:
    return signed(world)


def checked(world: World, account: BankAccount, loan: Loan, when: BookWhen) -> PaymentBatch:
    """A batch that waits for its release."""
    BankAccount.objects.filter(pk=account.pk).update(book_when=when.value)
    account.refresh_from_db()
    by = world.cast.accountant
    services.name_loan_account(acting_staff=by, loan=loan, number=OTHER_IBAN, holder="Ann Alba")
    batch = services.prepare_payments(
        acting_staff=by, account=account, loans=[loan], execution_date=TODAY, on=TODAY
    )
    return services.check_payments(acting_staff=by, batch=batch)


def test_a_director_releases_what_is_booked_at_release(
    world: World, account: BankAccount, loan: Loan
) -> None:
    bank = balance(world.book, "BANK")
    made = checked(world, account, loan, BookWhen.RELEASED)
    with pytest.raises(NotAllowed):
        services.disburse_loan(acting_staff=world.cast.director, loan=loan, value_date=TODAY)
    services.release_payments(acting_staff=world.cast.director, batch=made, on=TODAY)
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    assert balance(world.book, "BANK") == bank - 1_200_00
    clean()


def test_money_is_not_sent_for_a_loan_that_needs_it_no_more(
    world: World, account: BankAccount, loan: Loan
) -> None:
    made = checked(world, account, loan, BookWhen.CONFIRMED)
    services.release_payments(acting_staff=world.cast.manager, batch=made, on=TODAY)
    Loan.objects.filter(pk=loan.pk).update(state=LoanState.CANCELLED)  # whatever way it came about
    with pytest.raises(NotAgreed):
        services.send_payments(acting_staff=world.cast.accountant, batch=made)
    made.refresh_from_db()
    assert (made.state, made.orders.get().state) == (BatchState.RELEASED, OrderState.WAITING)


def test_a_payment_taken_back_in_the_books_is_not_sent_and_its_batch_can_be_cancelled(
    world: World, account: BankAccount, loan: Loan
) -> None:
    bank = balance(world.book, "BANK")
    made = checked(world, account, loan, BookWhen.RELEASED)
    services.release_payments(acting_staff=world.cast.manager, batch=made, on=TODAY)
    event = loan.events.get(kind=EventKind.DISBURSED)
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=event, reason="Changed her mind", value_date=TODAY
    )
    with pytest.raises(NotAgreed):
        services.send_payments(acting_staff=world.cast.accountant, batch=made)
    services.cancel_payments(
        acting_staff=world.cast.accountant, batch=made, on=TODAY, reason="Changed her mind"
    )
    made.refresh_from_db()
    assert (made.state, made.orders.get().state) == (BatchState.CANCELLED, OrderState.CANCELLED)
    assert balance(world.book, "BANK") == bank
    clean()
