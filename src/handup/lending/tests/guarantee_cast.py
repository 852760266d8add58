"""A bank with a guarantee of ours, a loan of it that is late, and the steps of a call."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from handup.ledger.models import Entry
from handup.lending.models import Guarantee, GuaranteeCall, GuaranteeMove, Loan
from handup.lending.services.guarantee_funds import fund_of
from handup.lending.services.guarantees import (
    call_guarantee,
    pay_guarantee_call,
    record_guarantee_recovery,
    withdraw_guarantee_call,
)
from handup.lending.services.payoff import pay_off_loan, payoff_of
from handup.lending.tests.cast import (
    World,
)

CALLED = date(2025, 6, 16)
"""120 days after the first instalment, of which nothing was paid."""
PAID = CALLED + timedelta(days=10)
LENT, HALF, DEPOSIT = 1_200_00, 600_00, 1_000_00


def fund(loan: Loan) -> Any:
    return fund_of(Guarantee.objects.get(lender=loan.lender))


def called(world: World, loan: Loan, **told: Any) -> GuaranteeCall:
    fields = {"acting_staff": world.cast.accountant, "loan": loan, "called_date": CALLED}
    return call_guarantee(**{**fields, **told})


def paid(world: World, call: GuaranteeCall, **told: Any) -> GuaranteeMove:
    fields = {"acting_staff": world.cast.manager, "call": call, "value_date": PAID}
    return pay_guarantee_call(**{**fields, **told})


def back(world: World, call: GuaranteeCall, recovered: int, **told: Any) -> GuaranteeMove:
    fields = {
        "acting_staff": world.cast.accountant,
        "call": call,
        "recovered_units": recovered,
        "value_date": PAID + timedelta(days=30),
    }
    return record_guarantee_recovery(**{**fields, **told})


def let_go(world: World, call: GuaranteeCall, **told: Any) -> GuaranteeCall:
    fields = {"call": call, "withdrawn_date": PAID, "reason": "The borrower pays again"}
    return withdraw_guarantee_call(acting_staff=world.cast.accountant, **{**fields, **told})


def pay_off(world: World, loan: Loan, day: date) -> None:
    """The borrower pays all that is left."""
    pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=day,
        units=payoff_of(loan, day).total,
    )


def refused(act: Callable[[], Any], *by: type[Exception]) -> None:
    """It is refused, and nothing is stored or posted."""

    def stored() -> tuple[int, ...]:
        models = (GuaranteeCall, GuaranteeMove, Entry)
        return tuple(model._base_manager.count() for model in models)

    before = stored()
    with pytest.raises(by):
        act()
    assert stored() == before
