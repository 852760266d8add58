"""Who may not know of a payee reads nothing of her in a file of payments, and she is paid all the
same by somebody who may.
"""

import re

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.models import BankAccount, Loan, PaymentBatch
from handup.lending.rules.banking.codes import BatchState, OrderState
from handup.lending.tests.bankmade import OTHER_IBAN
from handup.lending.tests.cast import World, make_person, signed
from handup.lending.tests.test_bank_hidden import again, hide
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import OutOfSight
from handup.org.scope import hidden_changed
from handup.people.models import CaseTeamMember, Compartment

TODAY = timezone.localdate()
HERS = "Secret Payee"


def batch_of(world: World, account: BankAccount, *payees: str) -> PaymentBatch:
    """A drafted file; the last payee is hidden from the cast afterwards where there are two."""
    loans: list[Loan] = []
    for name in payees:
        person = make_person(world.programme, world.office, world.cast.advisor, name)
        loan = signed(world, person=person)
        services.name_loan_account(
            acting_staff=world.cast.accountant, loan=loan, number=OTHER_IBAN, holder=name
        )
        loans.append(loan)
    made = services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=loans,
        execution_date=TODAY,
        on=TODAY,
    )
    if HERS in payees:
        hidden = loans[payees.index(HERS)].person
        assert hidden is not None
        hide(world, hidden)
    return made


def to_the_bank(world: World, batch: PaymentBatch, by: StaffUser, second: StaffUser) -> str:
    services.check_payments(acting_staff=again(by), batch=batch)
    services.release_payments(acting_staff=again(second), batch=batch, on=TODAY)
    return services.send_payments(acting_staff=again(by), batch=batch).decode()


def same(text: str) -> str:
    """A file without what is drawn anew for each: numbers, loans, the second it was made."""
    text = re.sub(r"<(MsgId|EndToEndId|InstrId|PmtInfId|CreDtTm)>[^<]*", r"<\1>", text)
    return re.sub(r"Loan \w+", "Loan", text)


def test_a_drafted_file_is_the_same_with_and_without_a_hidden_payee(
    world: World, account: BankAccount, client: Client
) -> None:
    cast = world.cast
    alone = to_the_bank(world, batch_of(world, account, "Ann Alba"), cast.accountant, cast.manager)
    mixed = batch_of(world, account, "Ben Bond", HERS)
    client.force_login(again(cast.accountant))
    orders = client.get(f"/api/v1/lending/payment-batches/{mixed.pk}/orders").json()
    assert len(orders) == 1
    seen = to_the_bank(world, mixed, cast.accountant, cast.manager)
    assert HERS not in seen
    assert same(seen).replace("Ben Bond", "Ann Alba") == same(alone)
    mixed.refresh_from_db()
    assert (mixed.orders_total, mixed.state) == (1, BatchState.SENT)
    assert PaymentBatch.objects.visible_to(again(cast.accountant)).count() == 2

    own = PaymentBatch.objects.exclude(pk=mixed.pk).get(orders__creditor_name=HERS)
    assert (own.orders_total, own.state) == (1, BatchState.DRAFT)
    with pytest.raises(OutOfSight):
        services.check_payments(acting_staff=again(cast.accountant), batch=own)
    compartment = Compartment._base_manager.get()
    for member in (cast.accountant, cast.manager):
        _let_know(compartment, member)
    assert HERS in to_the_bank(world, own, cast.accountant, cast.manager)


def test_a_file_hidden_after_it_was_sent_is_fetched_again_without_her(
    world: World, account: BankAccount
) -> None:
    cast = world.cast
    batch = batch_of(world, account, "Ben Bond", "Ann Alba")
    whole = to_the_bank(world, batch, cast.accountant, cast.manager)
    order = batch.orders.get(creditor_name="Ann Alba")
    assert order.loan.person is not None
    hide(world, order.loan.person)
    again_fetched = services.send_payments(
        acting_staff=again(cast.accountant), batch=batch
    ).decode()
    assert ("Ann Alba" in whole, "Ann Alba" in again_fetched) == (True, False)
    assert "<NbOfTxs>1</NbOfTxs>" in again_fetched
    order.refresh_from_db()
    assert (order.batch_id, order.state) == (batch.pk, OrderState.SENT)


def _let_know(compartment: Compartment, staff: StaffUser) -> None:
    CaseTeamMember._base_manager.create(compartment=compartment, staff=staff, joined_date=TODAY)
    hidden_changed()


def test_the_trail_of_a_file_counts_nobody_who_was_parted_off(
    world: World, account: BankAccount
) -> None:
    mixed = batch_of(world, account, "Ben Bond", HERS)
    to_the_bank(world, mixed, world.cast.accountant, world.cast.manager)
    told = AuditLine.objects.filter(object_id=str(mixed.pk))
    assert told.filter(action="lending.prepare_payments").exists()
    for row in told:
        assert not {"payments", "units"} & set(row.facts), row.action
