"""The bank channel: a statement of ten thousand lines read, matched and posted.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench import Figure, benchmark, clock

LINES = 10_000
PAID = date(2024, 1, 15)
DAY = date(2024, 2, 15)
LATER = date(2024, 3, 15)
PROFILE = {
    "delimiter": ";",
    "columns": {"date": "date", "amount": "amount", "text": "text", "reference": "reference"},
}


@benchmark()
def a_statement_of_ten_thousand_lines() -> Iterator[Figure]:
    """Every line names a running loan of its own by its payment reference; camt.053, then CSV."""
    from handup.lending.rules.banking.codes import Form

    account, codes, staff = _books()
    for form, name, content in (
        (Form.CAMT, "camt.053", _camt(codes)),
        (Form.CSV, "CSV", _csv(codes)),
    ):
        type(account).objects.update(form=form.value)
        account.refresh_from_db()
        yield from _measured(name, account, staff, content)


def _books() -> tuple[Any, list[str], Any]:
    """An account, the numbers of ten thousand running loans, and who keeps the books."""
    from handup.lending import services
    from handup.lending.services import ExistingLoanIn
    from handup.lending.tests.bankmade import IBAN
    from handup.lending.tests.cast import fill, make_person, make_world

    world = make_world()
    fill(world.book, 100_000_000_00, world.cast.manager)
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    loans = services.enter_loans(
        [
            ExistingLoanIn(
                lender=world.direct,
                programme=world.programme,
                terms={"currency": "USD", "rate_ppm": 180_000, "instalments": 12},
                units=1_000_00 + number,
                disbursed_date=PAID,
                officer=world.cast.officer,
                person=person,
                office=world.office,
                external_reference=f"B{number:05}",
            )
            for number in range(LINES)
        ],
        acting_staff=world.cast.accountant,
    )
    account = services.open_bank_account(
        acting_staff=world.cast.manager,
        code="MAIN",
        name="Main account",
        book=world.book,
        currency="USD",
        number=IBAN,
        holder="The programme",
        profile=PROFILE,
    )
    return account, [loan.code for loan in loans], world.cast.accountant


def _camt(codes: list[str]) -> bytes:
    from handup.lending.tests.bankmade import Move, camt

    moves = [
        Move(91_68, f"instalment {code}", f"B{number:05}", day=DAY, name="Ann Alba")
        for number, code in enumerate(codes)
    ]
    return camt(moves, first=DAY, last=DAY)


def _csv(codes: list[str]) -> bytes:
    rows = "".join(
        f"{LATER};91.68;instalment {code};C{number:05}\n" for number, code in enumerate(codes)
    )
    return f"date;amount;text;reference\n{rows}".encode()


def _measured(name: str, account: Any, staff: Any, content: bytes) -> Iterator[Figure]:
    """Processor time of the dry run and of posting, and how long posting took."""
    from handup.lending import services
    from handup.lending.rules.banking.codes import LineFate

    told = {"acting_staff": staff, "account": account, "file_name": "s", "content": content}
    began = time.process_time()
    checked = services.check_statement(**told)
    spent = time.process_time() - began
    assert checked.count(LineFate.MATCHED) == LINES
    yield Figure(f"{name} read and matched, processor", spent, "s", LINES)
    with clock() as measured:
        began = time.process_time()
        services.import_statement(**told)
        spent = time.process_time() - began
    yield Figure(f"{name} read, matched, posted, processor", spent, "s", LINES)
    yield Figure(f"{name} read, matched, posted", measured.seconds, "s", LINES)
