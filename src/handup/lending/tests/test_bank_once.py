"""A bank says things twice, or two things alike: an order is debited once, no payment is lost."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import BankAccount, BankStatement, Loan, PaymentBatch
from handup.lending.rules.banking import camt as reader
from handup.lending.rules.banking import mt940 as old_reader
from handup.lending.rules.banking.codes import BookWhen, LineFate, OrderState, Reason
from handup.lending.rules.codes import LoanState
from handup.lending.tests.bankmade import DAY, OTHER_IBAN, Move, camt, mt940
from handup.lending.tests.cast import World, clean, signed
from handup.lending.tests.test_statements import fates, paid, why

TODAY = timezone.localdate()
DUE = 113_47
Bring = Callable[..., BankStatement]


def sent(world: World, account: BankAccount, loan: Loan) -> PaymentBatch:
    """A released and sent batch that pays out one signed loan."""
    by = world.cast.accountant
    services.name_loan_account(acting_staff=by, loan=loan, number=OTHER_IBAN, holder="Ann Alba")
    batch = services.prepare_payments(
        acting_staff=by, account=account, loans=[loan], execution_date=TODAY, on=TODAY
    )
    services.check_payments(acting_staff=by, batch=batch)
    services.release_payments(acting_staff=world.cast.manager, batch=batch, on=TODAY)
    services.send_payments(acting_staff=by, batch=batch)
    return batch


@pytest.mark.parametrize("when", BookWhen)
def test_an_order_debited_twice_is_paid_out_once_and_the_rest_waits(
    world: World, account: BankAccount, bring: Bring, when: BookWhen
) -> None:
    BankAccount.objects.filter(pk=account.pk).update(book_when=when.value)
    account.refresh_from_db()
    loan = signed(world)
    bank = balance(world.book, "BANK")
    order = sent(world, account, loan).orders.get()

    def out(reference: str) -> Move:
        return Move(-1_200_00, "", reference, end_to_end=order.end_to_end, day=TODAY)

    shown = bring(out("B1"), out("B2"), opening=100_000_00, first=TODAY, last=TODAY)
    assert fates(shown) == [LineFate.MATCHED, LineFate.OPEN]
    assert why(shown) == [Reason.ORDER, Reason.ALREADY_PAID_OUT]
    loan.refresh_from_db()
    order.refresh_from_db()
    assert (loan.state, order.state) == (LoanState.ACTIVE, OrderState.CONFIRMED)
    assert loan.events.filter(kind="DISBURSED").count() == 1
    assert balance(world.book, "BANK") == bank - 2_400_00
    assert balance(world.book, "SUSPENSE") == 1_200_00
    clean()


def numbered(
    day: date, opening: int, number: str, habit: tuple[str, str], units: int = DUE
) -> bytes:
    """A statement of one payment where the bank's own number is replaced by what banks write."""
    content = camt(
        [Move(units, "no reference", "X1", day=day)],
        first=day,
        last=day,
        opening=opening,
        number=number,
    )
    entry, part = habit
    return content.replace(b"<AcctSvcrRef>X1</AcctSvcrRef>", entry.encode()).replace(
        b"<Refs>", f"<Refs>{part}".encode()
    )


HABITS = [
    ("<NtryRef>1</NtryRef>", ""),
    ("<NtryRef>000001</NtryRef>", ""),
    ("<AcctSvcrRef>NONREF</AcctSvcrRef>", ""),
    ("", "<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>"),
    ("", "<InstrId>NOTPROVIDED</InstrId>"),
    ("", "<TxId>None</TxId>"),
    ("", "<TxId>ORDER-7</TxId>"),
]


@pytest.mark.parametrize("habit", HABITS, ids="".join)
@pytest.mark.parametrize("units", [DUE, DUE + 1])
def test_a_number_that_is_not_the_banks_own_does_not_make_two_payments_one(
    world: World, bring: Bring, habit: tuple[str, str], units: int
) -> None:
    first = bring(content=numbered(DAY, 0, "1", habit))
    again = bring(content=numbered(DAY, 0, "1 copy", habit))
    later = bring(content=numbered(DAY + timedelta(days=1), DUE, "2", habit, units))
    assert [fates(each) for each in (first, again, later)] == [["OPEN"], ["KNOWN"], ["OPEN"]]
    assert balance(world.book, "SUSPENSE") == -DUE - units


def test_equal_payments_of_a_day_are_told_apart_by_the_number_of_the_transfer(
    world: World, bring: Bring
) -> None:
    first = bring(content=numbered(DAY, 0, "1", ("", "<TxId>T-1</TxId>")))
    second = bring(content=numbered(DAY, DUE, "2", ("", "<TxId>T-2</TxId>")))
    assert (fates(first), fates(second)) == (["OPEN"], ["OPEN"])
    assert balance(world.book, "SUSPENSE") == -2 * DUE


def test_a_bundle_keeps_one_number_a_payment_however_its_parts_are_sorted(
    world: World, loan: Loan, bring: Bring
) -> None:
    def bundle(*parts: Move, number: str) -> bytes:
        content = camt([Move(DUE + 5_00, "", "B1", parts=parts)], kind=54, number=number)
        for part in parts:
            own = f"<Refs><AcctSvcrRef>{part.reference}</AcctSvcrRef>".encode()
            content = content.replace(own, f"<Refs><TxId>{part.reference}</TxId>".encode())
        return content

    one, two = Move(DUE, loan.code, "T1"), Move(5_00, "no reference", "T2")
    first = bring(content=bundle(one, two, number="1"))
    again = bring(content=bundle(two, one, number="2"))
    assert fates(first) == [LineFate.MATCHED, LineFate.OPEN]
    assert [line.bank_reference for line in first.lines.all()] == ["B1/T1", "B1/T2"]
    assert fates(again) == [LineFate.KNOWN, LineFate.KNOWN]
    assert paid(loan) == DUE
    clean()


@pytest.mark.parametrize("word", ["NOTPROVIDED", "NONREF", "none", "Not provided"])
def test_a_word_for_no_number_is_no_number(word: str) -> None:
    move = Move(DUE, "x", word, end_to_end=word)
    (new,) = reader.read(camt([move]), digits=lambda _c: 2, today=TODAY)
    (old,) = old_reader.read(mt940([move]), digits=lambda _c: 2, today=TODAY)
    for statement in (new, old):
        assert [(e.bank_reference, e.end_to_end) for e in statement.entries] == [("", "")]
