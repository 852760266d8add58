"""A statement is of our account however the bank writes its number, and of no other."""

import pytest

from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import BroughtForAnother, OtherAccount
from handup.lending.models import BankAccount, BankStatement, Loan
from handup.lending.rules.banking.codes import AccountKind, Form, LineFate
from handup.lending.tests.bankmade import Move, mt940
from handup.lending.tests.cast import World, clean
from handup.lending.tests.test_statements import DUE, fates, paid


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


def wallet(world: World, code: str, number: str) -> BankAccount:
    """A wallet whose table does not say whose it is."""
    return services.open_bank_account(
        acting_staff=world.cast.manager,
        code=code,
        name=code,
        book=world.book,
        currency="USD",
        number=number,
        holder="The programme",
        kind=AccountKind.MOBILE,
        programme=world.programme,
        form=Form.CSV,
        profile={
            "delimiter": ",",
            "columns": {"date": "Day", "amount": "In", "text": "Details", "reference": "Receipt"},
        },
    )


def test_a_table_brought_for_the_wrong_wallet_pays_no_loan_twice(world: World, loan: Loan) -> None:
    content = f"Receipt,Day,Details,In\nM1,2025-02-17,{loan.code},113.47\n".encode()
    wrong = wallet(world, "WALLET", "0788123456")
    right = wallet(world, "WALLET2", "0788123457")

    def bring(account: BankAccount) -> BankStatement:
        (made,) = services.import_statement(
            acting_staff=world.cast.accountant, account=account, file_name="m.csv", content=content
        )
        return made

    first = bring(wrong)
    bank = balance(world.book, "BANK")
    with pytest.raises(BroughtForAnother):
        bring(right)
    assert (paid(loan), balance(world.book, "BANK")) == (DUE, bank)
    assert not right.statements.exists()
    assert bring(wrong) == first

    services.undo_match(
        acting_staff=world.cast.manager,
        line=first.lines.get(),
        on=first.imported_date,
        reason="Wrong wallet",
    )
    assert paid(loan) == 0
    assert fates(bring(right)) == [LineFate.MATCHED]
    assert paid(loan) == DUE
    clean()


def test_a_table_that_pays_no_loan_may_be_the_same_of_two_wallets(world: World) -> None:
    content = b"Receipt,Day,Details,In\n,2025-02-17,fee of the month,-1.00\n"
    for code, number in (("WALLET", "0788123456"), ("WALLET2", "0788123457")):
        (made,) = services.import_statement(
            acting_staff=world.cast.accountant,
            account=wallet(world, code, number),
            file_name="m.csv",
            content=content,
        )
        assert fates(made) == [LineFate.OPEN]
