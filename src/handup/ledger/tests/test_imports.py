"""Opening balances and journals from tables: every fault at its cell, all or nothing, four eyes."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from handup.ledger import services
from handup.ledger.errors import AlreadyOpened, CashBelowZero, DraftInBatch, DraftSettled
from handup.ledger.imports import read_rows
from handup.ledger.models import Book, Draft, DraftBatch, Entry, Line, Remark
from handup.ledger.queries import balance, trial_balance
from handup.ledger.rules.tables import RowIn, TableRead
from handup.ledger.rules.words import MANUAL, OPENING, BookKind, DraftStatus, FundKind
from handup.ledger.tests.conftest import make_staff
from handup.ledger.verify import book_differences
from handup.org.duties import SamePerson
from handup.org.models import ExchangeRate, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role

START = date(2026, 1, 1)


def rows(*told: Sequence[Any], on: date = START, entry: str = "1") -> list[RowIn]:
    """Rows (account, debit, credit, then anything named) numbered as a sheet does, from 2."""
    made = []
    for number, (account, debit, credit, *more) in enumerate(told, 2):
        given: dict[str, Any] = {"entry": entry, "on": on, **(more[0] if more else {})}
        made.append(
            RowIn(
                number=number,
                account=account,
                debit=None if debit is None else Decimal(str(debit)),
                credit=None if credit is None else Decimal(str(credit)),
                **given,
            )
        )
    return made


def told(table: TableRead) -> list[tuple[int, str | None, str]]:
    """Each fault: row, column, code."""
    return [(fault.number, fault.column, fault.refusal.code) for fault in table.faults]


@pytest.fixture
def drams(finance_manager: StaffUser) -> Book:
    """A lender's book in drams, with a rate of the dollar."""
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="AMD",
        rate_date=date(2025, 12, 30),
        numerator=385 * 10**10,
        kind="SPOT",
        source="Central bank",
    )
    return services.open_book(
        acting_staff=finance_manager,
        code="AMD",
        name="In drams",
        kind=BookKind.LENDER,
        base_currency="AMD",
        bank_overdraft_units=None,
    )


OPENING_ROWS = (("1110", 250, None), ("1120", 1000, None), ("3200", None, 1250))


def keep(staff: StaffUser, book: Book, table: TableRead, kind: str = MANUAL) -> DraftBatch:
    """Keep a table without faults."""
    assert not table.faults
    return services.keep_batch(
        acting_staff=staff, book=book, kind=kind, name="file.csv", entries=table.entries
    )


def test_opening_balances_wait_for_another_person_and_then_stand_in_the_book(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    table = read_rows(book, rows(*OPENING_ROWS), OPENING)
    batch = keep(accountant, book, table, OPENING)
    assert (batch.entries, batch.lines, batch.debit_base) == (1, 3, 1250_00)
    assert not Entry.objects.exists()
    done = services.approve_batch(acting_staff=finance_manager, batch=batch)
    entry = Entry.objects.get()
    assert (entry.kind, entry.posted_by, entry.approved_by) == (
        OPENING,
        accountant,
        finance_manager,
    )
    assert (done.status, done.settled_by) == (DraftStatus.POSTED, finance_manager)
    assert (balance(book, "CASH"), balance(book, "BANK")) == (250_00, 1000_00)
    assert Draft.objects.get().entry == entry
    assert trial_balance(book, START).closing_base == 0
    assert not list(book_differences(book))


def test_a_book_opens_once_and_again_only_after_a_reversal(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    waiting = keep(accountant, book, read_rows(book, rows(*OPENING_ROWS), OPENING), OPENING)
    second = read_rows(book, rows(*OPENING_ROWS), OPENING)
    assert told(second) == [(2, None, "ALREADY_OPENED")]
    services.approve_batch(acting_staff=finance_manager, batch=waiting)
    assert told(read_rows(book, rows(*OPENING_ROWS), OPENING)) == [(2, None, "ALREADY_OPENED")]
    with pytest.raises(DraftSettled):
        services.approve_batch(acting_staff=finance_manager, batch=waiting)
    services.reverse_entry(
        acting_staff=finance_manager, entry=Entry.objects.get(), happened_date=START
    )
    assert not read_rows(book, rows(*OPENING_ROWS), OPENING).faults


def test_two_openings_kept_at_once_are_not_both_posted(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    table = read_rows(book, rows(*OPENING_ROWS), OPENING)
    first, second = (keep(accountant, book, table, OPENING) for _ in range(2))
    services.approve_batch(acting_staff=finance_manager, batch=first)
    with pytest.raises(AlreadyOpened):
        services.approve_batch(acting_staff=finance_manager, batch=second)
    assert Entry.objects.count() == 1
    second.refresh_from_db()
    assert second.status == DraftStatus.DRAFT


def test_every_fault_of_a_table_is_told_at_its_cell_and_nothing_is_kept(book: Book) -> None:
    table = read_rows(
        book,
        [
            *rows(("9999", 10, None), ("1120", None, 10), entry="A"),
            RowIn(4, "B", START, "5000", Decimal(5), None),
            RowIn(5, "B", START, "1120", Decimal(5), Decimal(5)),
            RowIn(6, "C", START, "5200", Decimal("1.005"), None, fund="NO-SUCH"),
            RowIn(7, "C", START, "1120", None, Decimal(-1), branch="NOWHERE"),
            RowIn(8, "D", START, "5200", Decimal(3), None),
            RowIn(9, "D", START, "1120", None, Decimal(2)),
            RowIn(10, "E", START, "5200", Decimal(3), None, currency="EUR"),
            RowIn(11, "E", date(2026, 1, 2), "1120", None, Decimal(3), currency="XQQ"),
            RowIn(12, "F", date(2250, 1, 2), "1120", None, Decimal(3)),
        ],
        MANUAL,
    )
    assert told(table) == [
        (2, "account", "ACCOUNT_UNKNOWN"),
        (4, "account", "ACCOUNT_NOT_LEAF"),
        (5, "debit", "DEBIT_OR_CREDIT"),
        (6, "debit", "AMOUNT_TOO_FINE"),
        (6, "fund", "FUND_UNKNOWN"),
        (7, "credit", "AMOUNT_BELOW_ZERO"),
        (8, None, "DOES_NOT_BALANCE"),
        (10, "currency", "RATE_MISSING"),
        (11, "day", "DAYS_DIFFER"),
        (11, "currency", "CURRENCY_UNKNOWN"),
        (12, "day", "DAY_OUT_OF_REACH"),
    ]
    balance_fault = next(f for f in table.faults if f.refusal.code == "DOES_NOT_BALANCE")
    assert "1.00" in str(balance_fault.refusal)
    assert not Draft.objects.exists()


def test_a_branch_is_named_by_its_code(book: Book) -> None:
    office = Office.objects.create(code="N1", name="North")
    table = read_rows(
        book,
        rows(("5200", 5, None, {"branch": "N1"}), ("1120", None, 5)),
        MANUAL,
    )
    assert [entry.branch for entry in table.entries] == [office.pk]
    wrong = read_rows(book, rows(("5200", 5, None, {"branch": "N2"}), ("1120", None, 5)), MANUAL)
    assert told(wrong) == [(2, "branch", "BRANCH_UNKNOWN")]


def test_an_entry_that_was_read_only_in_part_is_not_judged_as_a_whole(book: Book) -> None:
    table = read_rows(book, rows(("5200", 5, None)), MANUAL, partial={"1"})
    assert (table.faults, table.entries) == ([], [])


def test_an_empty_table_is_refused(book: Book) -> None:
    assert told(read_rows(book, [], OPENING)) == [(1, None, "NOTHING_TO_IMPORT")]


def test_cash_that_was_never_there_is_found_before_anything_is_kept(book: Book) -> None:
    table = read_rows(
        book,
        [
            *rows(("1110", 20, None), ("4900", None, 20), on=date(2026, 1, 5), entry="in"),
            RowIn(4, "out", date(2026, 1, 6), "5200", Decimal(30), None),
            RowIn(5, "out", date(2026, 1, 6), "1110", None, Decimal(30)),
        ],
        MANUAL,
    )
    assert told(table) == [(4, None, "CASH_BELOW_ZERO")]


def test_a_journal_is_posted_in_order_of_its_days_all_of_it_or_nothing(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    table = read_rows(
        book,
        [
            *rows(
                ("5200", 30, None, {"text": "Rent of February"}),
                ("1110", None, 30),
                on=date(2026, 2, 3),
                entry="V-2",
            ),
            RowIn(4, "V-1", date(2026, 1, 5), "1110", Decimal(50), None),
            RowIn(5, "V-1", date(2026, 1, 5), "4900", None, Decimal(50)),
        ],
        MANUAL,
    )
    batch = keep(accountant, book, table)
    assert (batch.first_date, batch.last_date) == (date(2026, 1, 5), date(2026, 2, 3))
    services.approve_batch(acting_staff=finance_manager, batch=batch)
    days = list(Entry.objects.order_by("seq").values_list("entry_date", flat=True))
    assert days == [date(2026, 1, 5), date(2026, 2, 3)]
    assert Remark.objects.get(entry__seq=2).text == "V-2 Rent of February"
    assert balance(book, "CASH") == 20_00
    assert not list(book_differences(book))


def test_what_changed_between_reading_and_approving_refuses_all_of_it(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    services.set_overdraft(
        acting_staff=finance_manager, account=book.accounts.get(code="1120"), units=100_00
    )
    table = read_rows(book, rows(("5200", 60, None), ("1120", None, 60)), MANUAL)
    batch = keep(accountant, book, table)
    first = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=START,
        remark="Rent",
        lines=[services.DraftLineIn("5200", 50_00), services.DraftLineIn("1120", -50_00)],
    )
    services.approve_draft(acting_staff=finance_manager, draft=first)
    with pytest.raises(CashBelowZero):
        services.approve_batch(acting_staff=finance_manager, batch=batch)
    assert Entry.objects.count() == 1
    batch.refresh_from_db()
    assert batch.status == DraftStatus.DRAFT


def test_a_declined_file_posts_nothing(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    batch = keep(accountant, book, read_rows(book, rows(*OPENING_ROWS), OPENING), OPENING)
    services.decline_batch(acting_staff=finance_manager, batch=batch)
    assert set(Draft.objects.values_list("status", flat=True)) == {DraftStatus.DECLINED}
    with pytest.raises(DraftSettled):
        services.approve_batch(acting_staff=finance_manager, batch=batch)
    assert not Entry.objects.exists()


def test_nobody_approves_her_own_file_nor_one_entry_of_it(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    alone = make_staff("eva", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    batch = keep(alone, book, read_rows(book, rows(*OPENING_ROWS), OPENING), OPENING)
    for settle in (services.approve_batch, services.decline_batch):
        with pytest.raises(SamePerson):
            settle(acting_staff=alone, batch=batch)
    for one in (services.approve_draft, services.decline_draft):
        with pytest.raises(DraftInBatch):
            one(acting_staff=finance_manager, draft=Draft.objects.get())
    assert not Entry.objects.exists()


def test_who_may_not_is_refused(
    book: Book, accountant: StaffUser, trainer: StaffUser, outsider: StaffUser
) -> None:
    table = read_rows(book, rows(*OPENING_ROWS), OPENING)
    batch = keep(accountant, book, table, OPENING)
    for staff, refusal in ((trainer, NotAllowed), (outsider, OutOfSight)):
        with pytest.raises(refusal):
            keep(staff, book, table, OPENING)
        with pytest.raises(refusal):
            services.approve_batch(acting_staff=staff, batch=batch)
    with pytest.raises(NotAllowed):
        services.approve_batch(acting_staff=accountant, batch=batch)
    assert DraftBatch.objects.count() == 1
    assert not Entry.objects.exists()


# --- other currencies -----------------------------------------------------------------------------


def test_dollars_in_an_opening_balance_stand_against_the_position_at_the_rate_told(
    drams: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    table = read_rows(
        drams,
        rows(
            ("1120", 100, None, {"currency": "USD", "base": Decimal(38600)}),
            ("1110", 1400, None),
            ("3200", None, 40000),
        ),
        OPENING,
    )
    batch = keep(accountant, drams, table, OPENING)
    services.approve_batch(acting_staff=finance_manager, batch=batch)
    assert balance(drams, "BANK", currency="USD") == 100_00
    assert balance(drams, "FX_POSITION", currency="USD") == -100_00
    assert balance(drams, "FX_POSITION") == 38_600_00
    line = Line.objects.get(currency="USD", units__gt=0)
    assert (line.base_units, line.rate) == (38_600_00, 386 * 10**10)
    assert not list(book_differences(drams))


def test_dollars_without_a_worth_of_their_own_take_the_rate_of_the_day(drams: Book) -> None:
    table = read_rows(
        drams,
        rows(("1120", 100, None, {"currency": "USD"}), ("3200", None, 38500)),
        OPENING,
    )
    assert not table.faults
    (entry,) = table.entries
    assert sorted(line.worth for line in entry.lines) == [
        -38_500_00,
        -38_500_00,
        38_500_00,
        38_500_00,
    ]
    short = read_rows(
        drams,
        rows(("1120", 100, None, {"currency": "USD"}), ("3200", None, 38600)),
        OPENING,
    )
    assert told(short) == [(2, None, "DOES_NOT_BALANCE")]


def test_a_journal_keeps_each_currency_balanced_by_itself(
    drams: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    usd: dict[str, Any] = {"currency": "USD"}
    four = (
        ("1120", 100, None, usd),
        ("1530", None, 100, usd),
        ("1530", 38500, None),
        ("1120", None, 38500),
    )
    batch = keep(accountant, drams, read_rows(drams, rows(*four), MANUAL))
    services.approve_batch(acting_staff=finance_manager, batch=batch)
    assert set(Line.objects.values_list("base_units", flat=True)) == {38_500_00, -38_500_00}
    assert told(read_rows(drams, rows(four[0], four[3]), MANUAL)) == [(2, None, "DOES_NOT_BALANCE")]


def test_a_fund_that_is_not_open_that_day_is_found(book: Book, finance_manager: StaffUser) -> None:
    services.open_fund(
        acting_staff=finance_manager,
        code="EU",
        name="Grant",
        kind=FundKind.PURPOSE,
        starts=date(2026, 3, 1),
    )
    fund: dict[str, Any] = {"fund": "EU"}
    table = read_rows(book, rows(("5200", 5, None, fund), ("1120", None, 5, fund)), MANUAL)
    assert told(table) == [(2, None, "FUND_CLOSED")]
