"""`handup verify` finds whoever changes the database past its guards: one table of what is changed
by hand, and of the proofs that name it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, models, transaction

from handup.ledger import services as books
from handup.ledger import triggers as of_the_books
from handup.ledger.models import Balance, Entry, Line, Period, RunDetail
from handup.ledger.sql import uid
from handup.lending.models import (
    BankStatement,
    Loan,
    LoanDue,
    LoanEvent,
    PaymentSplit,
    SavingsMove,
    StatementLine,
)
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.test_proofs import broken
from handup.lending.tests.test_savings import opened, pay_in
from handup.org import triggers as guards

PAID, AGAIN = date(2025, 2, 15), date(2025, 3, 15)


class Tampered(NamedTuple):
    """A table, what is set where, and the proofs that must name it."""

    what: str
    table: type[models.Model]
    change: str
    found_by: frozenset[str]


def of(what: str, table: type[models.Model], change: str, *found_by: str) -> Tampered:
    return Tampered(what, table, change, frozenset(found_by))


CASES = (
    of("an amount of a line", Line, "units = units + 1", "LEDGER_CHAIN", "LEDGER_BALANCES"),
    of("its worth in the book's money", Line, "base_units = base_units + 1", "LEDGER_CHAIN"),
    of("its budget line", Line, "budget_line = 'X'", "LEDGER_CHAIN"),
    of("the day of an entry", Entry, "entry_date = '2025-01-02'", "LEDGER_CHAIN"),
    of("the day it happened", Entry, "happened_date = '2025-01-02'", "LEDGER_CHAIN"),
    of("its kind", Entry, "kind = 'MANUAL'", "LEDGER_CHAIN"),
    of("its hash", Entry, "hash = '00'", "LEDGER_CHAIN"),
    of("its number", Entry, "seq = seq + 1000", "LEDGER_CHAIN"),
    of("an entry is taken out", Entry, "", "LEDGER_CHAIN"),
    of("a line is taken out", Line, "", "LEDGER_CHAIN", "LEDGER_BALANCES"),
    of("a balance", Balance, "debit_units = debit_units + 1", "LEDGER_BALANCES"),
    of("a balance is taken out", Balance, "", "LEDGER_BALANCES"),
    of("the hash of a closed month", Period, "status = 'CLOSED', balance_hash = '00'",
       "LEDGER_CLOSED"),
    of("what a run rests on", RunDetail, "target_units = target_units + 1", "LEDGER_RUNS"),
    of("an amount of a payment", LoanEvent, "units = units + 1", "LENDING_ALL_LOANS"),
    of("the day of a payment", LoanEvent, "value_date = '2025-01-20'", "LENDING_FACTS",
       "LENDING_ALL_LOANS"),
    of("a payment is taken out", LoanEvent, "", "LENDING_FACTS"),
    of("whose payment it is", LoanEvent, "kind = 'RECOVERED'", "LENDING_ALL_LOANS"),
    of("what a payment paid", PaymentSplit, "fee_units = fee_units + 1", "LENDING_SPLITS"),
    of("of which day it paid it", PaymentSplit, "value_date = '2025-01-20'", "LENDING_ALL_LOANS"),
    of("a split is taken out", PaymentSplit, "", "LENDING_SPLITS"),
    of("when an instalment is due", LoanDue, "due_date = '2025-02-20'", "LENDING_ALL_LOANS"),
    of("how much is due", LoanDue, "interest_units = interest_units + 1", "LENDING_ALL_LOANS",
       "LENDING_AS_OF"),
    of("since when it is due", LoanDue, "from_date = '2025-01-20'", "LENDING_ALL_LOANS"),
    of("what of it is paid", LoanDue, "principal_paid_units = principal_paid_units - 1",
       "LENDING_SPLITS"),
    of("an instalment is taken out", LoanDue, "", "LENDING_ALL_LOANS", "LENDING_SPLITS"),
    of("what a loan owes", Loan, "principal_units = principal_units - 1", "LENDING_LOANS"),
    of("where a loan stands", Loan, "state = 'SETTLED'", "LENDING_LOANS"),
    of("a line of a statement", StatementLine, "units = units + 1", "BANK_LINES"),
    of("what a saver has", SavingsMove, "units = units + 1", "LENDING_SAVINGS"),
)  # fmt: skip


def test_whatever_is_changed_by_hand_is_found(
    world: World, loan: Loan, bring: Callable[..., BankStatement]
) -> None:
    """Each change is made without the triggers, found by its proofs, and taken back."""
    account = opened(world)
    pay_in(world, account, 120_00)
    for day in (PAID, AGAIN):
        repay(world, loan, day, 113_47)
    bring(Move(77_00, reference="A"))
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=PAID)
    clean()
    rows = rows_of(loan)
    without_triggers()
    unfound = []
    for case in CASES:
        with transaction.atomic():
            tamper(case, rows[case.table])
            named = set(broken(*case.found_by))
            transaction.set_rollback(True)
        if not named >= case.found_by:
            unfound.append((case.what, sorted(case.found_by - named)))
    of_the_books.create(connection)
    guards.create(connection)
    assert not unfound, str(unfound)
    clean()


def rows_of(loan: Loan) -> dict[type[models.Model], Any]:
    """One row of each table, all of the same loan and book."""
    payment = loan.events.filter(kind="REPAID").order_by("value_date")[0]
    entry = Entry.objects.get(source_id=payment.pk, source_purpose="")
    return {
        Line: entry.lines.order_by("no")[0].pk,
        Entry: entry.pk,
        Balance: Balance.objects.filter(debit_units__gt=0)[0].pk,
        Period: Period.objects.get(starts=date(2025, 1, 1)).pk,
        RunDetail: RunDetail.objects.all()[0].pk,
        LoanEvent: payment.pk,
        PaymentSplit: payment.splits.filter(number=1)[0].pk,
        LoanDue: loan.dues.get(number=1).pk,
        Loan: loan.pk,
        StatementLine: StatementLine.objects.get().pk,
        SavingsMove: SavingsMove.objects.get().pk,
    }


def without_triggers() -> None:
    """What someone with the file and time enough can do first."""
    of_the_books.drop(connection)
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for name in {case.table._meta.db_table for case in CASES}:
            on = f" ON {quoted(name)}" if connection.vendor == "postgresql" else ""
            for what in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}_no_{what}{on}")


def tamper(case: Tampered, pk: Any) -> None:
    table = connection.ops.quote_name(case.table._meta.db_table)
    verb = f"UPDATE {table} SET {case.change}" if case.change else f"DELETE FROM {table}"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} WHERE id = %s", [pk if isinstance(pk, int) else uid(pk)])
        assert cursor.rowcount == 1, case.what
