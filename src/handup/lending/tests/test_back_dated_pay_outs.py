"""A pay-out of an earlier day names its part, and one transfer is paid out once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.lending import errors, services
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, ProposalState, Source
from handup.lending.services.back_dating import (
    PayOutChanged,
)
from handup.lending.tests.cast import START, World, clean
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.test_back_dating import TODAY, confirm, propose, strict
from handup.lending.tests.test_pages import at
from handup.lending.tests.test_tranches import APRIL, in_parts, meet
from handup.org.tests.standing import standing


def pays_out(world: World, loan: Loan, **changes: Any) -> LoanProposal:
    """The accountant, who is cashier too, found a voucher of a pay-out."""
    fields: dict[str, Any] = {"kind": EventKind.DISBURSED, "value_date": START, "told": {}}
    return propose(world, loan, **{**fields, **changes})


@standing
def parted(world: World) -> Loan:
    """A loan signed to be paid out in two parts, neither paid yet, nothing to wait for."""
    cashier = {"role": "CASHIER", "scope": "ALL", "starts": TODAY}
    world.cast.accountant.grants.create(**cashier, ends=TODAY + timedelta(days=9))
    loan = in_parts(world)
    meet(world, loan)
    strict()
    return loan


def test_a_pay_out_says_which_part_it_is_and_waits_alone(world: World, parted: Loan) -> None:
    key = new_id()
    made = pays_out(world, parted, id=key)
    assert (made.payload["part"], made.payload["units"]) == (1, 800_00)
    nothing_happened(parted, lambda: pays_out(world, parted), errors.AlreadyProposed)
    event = confirm(world, made)
    assert event is not None
    assert (event.units, event.source) == (800_00, Source.BACK_DATED)
    assert pays_out(world, parted, id=key) == made, "sent again it is the one that was confirmed"
    following = pays_out(world, parted, value_date=APRIL)
    assert (following.payload["part"], following.payload["units"]) == (2, 400_00)
    clean()


@pytest.mark.parametrize("forgotten", [False, True])
def test_one_transfer_told_twice_is_paid_out_once(
    world: World, parted: Loan, forgotten: bool
) -> None:
    made = pays_out(world, parted)
    if forgotten:  # proposed before pay-outs named their part
        LoanProposal.objects.update(payload={"value_date": START.isoformat()})
        made.refresh_from_db()
    else:  # the bank's file came first
        item = services.DisbursementIn(parted.pk, START, source=Source.BANK_FILE)
        services.disburse_loans([item], acting_staff=world.cast.manager)
    nothing_happened(parted, lambda: confirm(world, made), PayOutChanged)
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED
    assert confirm(world, made, approve=False, reason="The bank said so already") is None
    clean()


def test_another_amount_than_was_proposed_is_not_paid_out(world: World, parted: Loan) -> None:
    made = pays_out(world, parted)
    LoanProposal.objects.update(payload={**made.payload, "units": 800_01})
    made.refresh_from_db()
    nothing_happened(parted, lambda: confirm(world, made), PayOutChanged)


def test_who_confirms_a_pay_out_sees_its_part(client: Client, world: World, parted: Loan) -> None:
    pays_out(world, parted)
    queue = at(client, world.cast.manager, "proposals_to_decide").content.decode()
    for text in ("Part", "800.00"):
        assert text in queue
