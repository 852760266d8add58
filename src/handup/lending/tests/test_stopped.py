"""No money goes out while the institution that hands over has stopped disbursement."""

from typing import Any

import pytest

from handup.lending import services
from handup.lending.errors import DisbursementStopped
from handup.lending.models import BankAccount, LoanEvent
from handup.lending.rules.banking.codes import BatchState, BookWhen, OrderState
from handup.lending.rules.codes import EventKind, Method
from handup.lending.services import grant_money, grants
from handup.lending.tests.cast import START, World, signed
from handup.lending.tests.test_grants import DAY, proposed, tranche
from handup.lending.tests.test_grants import pay as pay_grant
from handup.lending.tests.test_parts_by_bank import draft, named, show
from handup.lending.tests.test_payments_held import checked
from handup.lending.tests.test_tranches import APRIL, begun, meet, pay
from handup.projects.models import Handover, Programme


def stopped(world: World, programme: Programme) -> Handover:
    return Handover.objects.create(
        programme=programme,
        title="To our own",
        starts=START,
        state="SUPERVISED",
        stopped_date=START,
        stop_reason="cash was short",
        opened_by=world.cast.officer,
    )


def lift(stop: Handover) -> None:
    stop.stopped_date = None
    stop.save()


def renew(stop: Handover) -> None:
    stop.stopped_date = START
    stop.save()


def test_a_stop_holds_back_every_loan_of_its_programme_until_it_ends(world: World) -> None:
    loan = signed(world)
    stop = stopped(world, loan.programme)
    paid: dict[str, Any] = {"acting_staff": world.cast.manager, "loan": loan, "value_date": START}
    with pytest.raises(DisbursementStopped, match="cash was short"):
        services.disburse_loan(**paid)
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()
    lift(stop)
    services.disburse_loan(**paid)
    assert LoanEvent.objects.filter(kind=EventKind.DISBURSED).count() == 1


def test_a_stop_holds_back_the_next_part_at_every_step_but_not_what_the_bank_has_paid(
    world: World, account: BankAccount
) -> None:
    loan = named(world, begun(world))
    meet(world, loan)
    stop = stopped(world, loan.programme)
    with pytest.raises(DisbursementStopped):
        pay(world, loan)
    with pytest.raises(DisbursementStopped):
        draft(world, account, loan)
    lift(stop)
    batch = draft(world, account, loan)
    clerk, manager = world.cast.accountant, world.cast.manager
    services.check_payments(acting_staff=clerk, batch=batch)
    renew(stop)
    with pytest.raises(DisbursementStopped):
        services.release_payments(acting_staff=manager, batch=batch, on=APRIL)
    lift(stop)
    services.release_payments(acting_staff=manager, batch=batch, on=APRIL)
    services.send_payments(acting_staff=clerk, batch=batch)
    renew(stop)
    assert services.send_payments(acting_staff=clerk, batch=batch)  # the same bytes once more
    order = batch.orders.get()
    show(world, account, order)
    order.refresh_from_db()
    assert (order.state, order.event_id) == (OrderState.CONFIRMED, order.pk)


def test_what_was_released_before_the_stop_is_not_sent_after_it(
    world: World, account: BankAccount
) -> None:
    loan = signed(world)
    batch = checked(world, account, loan, BookWhen.RELEASED)
    services.release_payments(acting_staff=world.cast.manager, batch=batch, on=APRIL)
    stop = stopped(world, loan.programme)
    with pytest.raises(DisbursementStopped):
        services.send_payments(acting_staff=world.cast.accountant, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.RELEASED
    lift(stop)
    assert services.send_payments(acting_staff=world.cast.accountant, batch=batch)


def test_a_stop_holds_back_the_money_of_grants_but_not_what_lies_in_the_store(world: World) -> None:
    grant = grants.approve_grant(
        acting_staff=world.cast.director, grant=proposed(world), decided_date=DAY
    )
    stop = stopped(world, grant.programme)
    with pytest.raises(DisbursementStopped):
        pay_grant(world, tranche(grant, 1))
    kit: dict[str, Any] = {
        "acting_staff": world.cast.cashier,
        "asset": grant.assets.get(),
        "handed_over_date": DAY,
        "receipt": "K-1",
    }
    with pytest.raises(DisbursementStopped):
        grant_money.hand_over_asset(**kit, method=Method.BANK)
    assert grant_money.hand_over_asset(**kit).handed_over_date == DAY
    lift(stop)
    assert pay_grant(world, tranche(grant, 1)).paid_date is not None
