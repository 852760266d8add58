"""A statement is of our account however the bank writes its number, and of no other."""

import pytest

from handup.lending import services
from handup.lending.errors import OtherAccount
from handup.lending.models import BankAccount
from handup.lending.rules.banking.codes import Form
from handup.lending.tests.bankmade import Move, mt940
from handup.lending.tests.cast import World


@pytest.mark.parametrize("place", ["{iban}USD", "12345678/{local}USD", "{iban}", "{local}"])
def test_banks_write_the_currency_behind_the_account(
    world: World, account: BankAccount, place: str
) -> None:
    account.form = Form.MT940.value
    account.save()
    told = place.format(iban=account.number, local=account.number[-10:])

    def statements_of(told: str) -> int:
        content = mt940([Move(1_00, "x", "B1")], account=told)
        checked = services.check_statement(
            acting_staff=world.cast.accountant, account=account, file_name="a", content=content
        )
        return len(checked.statements)

    assert statements_of(told) == 1
    with pytest.raises(OtherAccount):
        statements_of(f"{told.removesuffix('USD')}EUR")
