"""Files of the bank name the fund of each loan: what is paid out, and what came in."""

from collections.abc import Callable

from django.test import Client

from handup.lending.models import BankAccount, BankStatement
from handup.lending.services.funds import name_fund
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, running, signed
from handup.lending.tests.donors import donor
from handup.lending.tests.test_api import get
from handup.lending.tests.test_bank_once import sent
from handup.lending.tests.test_pages import at


def test_what_is_paid_out_and_what_came_in_names_its_fund(
    client: Client, world: World, account: BankAccount, bring: Callable[..., BankStatement]
) -> None:
    fund, by = donor(world), world.cast.accountant
    name_fund(acting_staff=world.cast.director, lender=world.direct, fund=fund)
    world.product.product.lender.refresh_from_db()
    lent = running(world)
    shown = bring(Move(113_47, lent.code, "B1"))
    for name, args in (("statement_detail", [shown.pk]), ("line_list", [])):
        assert fund.name in at(client, by, name, *args).content.decode(), name
    batch = sent(world, account, signed(world))
    assert fund.name in at(client, by, "payments_detail", batch.pk).content.decode()
    (order,) = get(client, by, f"/payment-batches/{batch.pk}/orders").json()
    assert order["fund_id"] == str(fund.pk)
