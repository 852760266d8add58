"""Run as a process of its own, in a data folder of its own, to be killed while a statement posts.

python -m handup.lending.tests.killed prepare       a small world and a file of forty lines
python -m handup.lending.tests.killed 17 look 0     post it and die at the seventeenth statement,
                                                    look what is there and whether it proves
                                                    itself, post it whole

Each word is done by a process of its own, forked from one that has read the program and opened
nothing; printed is a line for each: how it ended, or what it found.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import django

LINES = 40


def folder() -> Path:
    """Where the file to be posted lies."""
    return Path(os.environ["HANDUP_DATA"])


def prepare() -> None:
    """Loans, an account, a statement; the tables are there."""
    from handup.lending import services
    from handup.lending.services import ExistingLoanIn
    from handup.lending.tests.bankmade import IBAN, Move, camt
    from handup.lending.tests.cast import START, make_world

    world = make_world()
    loans = services.enter_loans(
        [
            ExistingLoanIn(
                lender=world.direct,
                programme=world.programme,
                terms={"currency": "USD", "rate_ppm": 180_000, "instalments": 12},
                units=1_000_00,
                disbursed_date=START,
                officer=world.cast.officer,
                person=world.person,
                external_reference=f"B{number}",
            )
            for number in range(LINES)
        ],
        acting_staff=world.cast.accountant,
    )
    services.open_bank_account(
        acting_staff=world.cast.manager,
        code="MAIN",
        name="Main",
        book=world.book,
        currency="USD",
        number=IBAN,
        holder="The programme",
    )
    moves = [Move(91_68, loan.code if n % 4 else "", f"B{n}") for n, loan in enumerate(loans)]
    (folder() / "statement.xml").write_bytes(camt(moves))


def post(die_at: int) -> None:
    """Post the file; at the statement asked for, end as if the power were gone."""
    from django.db import connection

    from handup.lending import services
    from handup.lending.models import BankAccount
    from handup.org.models import StaffUser

    asked = 0

    def count(execute: Any, *told: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*told)

    with connection.execute_wrapper(count):
        services.import_statement(
            acting_staff=StaffUser.objects.get(username="accountant"),
            account=BankAccount.objects.get(),
            file_name="statement.xml",
            content=(folder() / "statement.xml").read_bytes(),
        )


def look() -> None:
    """Print what is stored, and every proof that does not hold."""
    from handup.ledger.models import Entry
    from handup.lending.models import BankStatement, LoanEvent, StatementLine
    from handup.org import verify

    found = {
        "statements": BankStatement.objects.count(),
        "lines": StatementLine.objects.count(),
        "payments": LoanEvent.objects.filter(kind="REPAID").count(),
        "suspense": Entry.objects.filter(kind="BANK_LINE_UNMATCHED").count(),
        "broken": [
            outcome.check.code for outcome in verify.run_checks(deep=True) if not outcome.holds
        ],
    }
    sys.stdout.write(json.dumps(found))


def apart(word: str) -> None:
    """Do one word in a process of its own, and print how it ended where it prints nothing."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        if word == "look":
            look()
        elif word == "prepare":
            prepare()
        else:
            post(int(word))
        sys.stdout.flush()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if word != "look" or status:
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)))
    sys.stdout.write("\n")


if __name__ == "__main__":
    django.setup()
    for each in sys.argv[1:]:
        apart(each)
