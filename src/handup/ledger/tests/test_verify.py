"""The proofs find what was changed behind the triggers, name it, and stay silent otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from handup.kernel.chain import Json, link
from handup.kernel.ids import new_id
from handup.ledger import triggers, verify
from handup.ledger.models import Account, Balance, Book, Entry, Line
from handup.ledger.rules.journal import chain_hash, content_hash
from handup.ledger.sql import uid
from handup.ledger.tests.conftest import Post, leaf
from handup.org.verify import Difference, checks, run_checks


@pytest.fixture
def posted(post: Post) -> list[Entry]:
    """Three entries."""
    return [post(100_00), post(200_00), post(50_00, "BANK", "LOANS")]


def past_the_triggers(sql: str, *values: Any) -> None:
    """What someone with the file and time enough can do."""
    triggers.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    triggers.create(connection)


def keys(found: Any) -> list[str]:
    return [difference.key for difference in found]


def test_the_proofs_of_the_books_are_in_the_named_list(posted: list[Entry]) -> None:
    mine = [check.code for check in checks if check.code.startswith("LEDGER_")]
    assert mine == [
        "LEDGER_ENTRIES",
        "LEDGER_CHAIN",
        "LEDGER_TRIGGERS",
        "LEDGER_BALANCES",
        "LEDGER_ZERO",
        "LEDGER_STATEMENTS",
        "LEDGER_CLOSED",
        "LEDGER_FUNDS",
        "LEDGER_FACTS",
        "LEDGER_RUNS",
        "LEDGER_BANKS",
        "LEDGER_TILLS",
    ]
    assert all(outcome.holds for outcome in run_checks(only=mine))


def test_the_fast_hash_is_the_kernel_s_hash() -> None:
    value: list[Json] = ["a", "é\u2028\U0001f600", 1, -5, 2**53 - 1, ["", 0, '"\\\n']]
    assert chain_hash("ab" * 32, value) == link("ab" * 32, value)
    assert len(content_hash(value)) == 64


def test_a_changed_amount_breaks_the_chain_at_its_entry(book: Book, posted: list[Entry]) -> None:
    past_the_triggers(
        "UPDATE ledger_line SET units = units + 1 WHERE entry_id = %s AND no = 1",
        uid(posted[1].pk),
    )
    assert set(keys(verify.chain_holds())) == {"MED 2"}
    assert f"entry {posted[1].pk} units" in keys(verify.entries_hold(book))
    assert keys(verify.balances_match(book))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("happened_date", "2025-01-01"),
        ("kind", "OTHER"),
        ("source_kind", "other"),
        ("flags", "CASH_BELOW_ZERO"),
        ("recorded_at", "2025-01-01 00:00:00"),
    ],
)
def test_a_changed_header_breaks_the_chain(posted: list[Entry], column: str, value: str) -> None:
    past_the_triggers(
        f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", value, uid(posted[0].pk)
    )
    assert set(keys(verify.chain_holds())) == {"MED 1"}


def test_a_changed_entry_with_a_new_hash_is_found_at_the_next(posted: list[Entry]) -> None:
    past_the_triggers(
        "UPDATE ledger_entry SET hash = %s WHERE id = %s", "0" * 64, uid(posted[0].pk)
    )
    assert keys(verify.chain_holds()) == ["MED 1", "MED 2"]


def test_a_removed_entry_leaves_a_gap(book: Book, posted: list[Entry]) -> None:
    triggers.drop(connection)
    with connection.cursor() as cursor:
        for table, column in (("ledger_line", "entry_id"), ("ledger_entry", "id")):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [uid(posted[1].pk)])
    triggers.create(connection)
    assert "MED 2" in keys(verify.chain_holds())


def test_a_cut_off_end_differs_from_the_head(book: Book, posted: list[Entry]) -> None:
    Book.objects.filter(pk=book.pk).update(head_seq=4)
    assert keys(verify.chain_holds()) == ["MED head"]


def test_a_balance_that_was_touched_is_named(book: Book, posted: list[Entry]) -> None:
    account = leaf(book, "LOANS")
    Balance.objects.filter(account=account).update(debit_units=1)
    (found,) = verify.balances_match(book)
    assert found.key == f"account {account.pk} 2026-01 USD"
    assert found.computed == str((300_00, 50_00, 300_00, 50_00))
    assert keys(verify.books_are_zero(book))


def test_a_balance_without_lines_is_named(book: Book, posted: list[Entry]) -> None:
    Balance.objects.filter(account=leaf(book, "LOANS")).delete()
    assert len(list(verify.balances_match())) == 1


def _line_moved(book: Book, entry: Entry) -> None:
    parent = Account.objects.get(book=book, code="1000")
    past_the_triggers(
        "UPDATE ledger_line SET account_id = %s WHERE entry_id = %s AND no = 1",
        uid(parent.pk),
        uid(entry.pk),
    )


def _day_without_period(book: Book, entry: Entry) -> None:
    past_the_triggers(
        "UPDATE ledger_entry SET entry_date = '1999-01-01' WHERE id = %s", uid(entry.pk)
    )


def _emptied(book: Book, entry: Entry) -> None:
    past_the_triggers(
        "UPDATE ledger_line SET units = 0, base_units = 0 WHERE entry_id = %s", uid(entry.pk)
    )


def _memo_mixed(book: Book, entry: Entry) -> None:
    memo = leaf(book, "GUARANTEE_GIVEN")
    past_the_triggers(
        "UPDATE ledger_line SET account_id = %s WHERE entry_id = %s AND no = 1",
        uid(memo.pk),
        uid(entry.pk),
    )


def _count_changed(book: Book, entry: Entry) -> None:
    past_the_triggers("UPDATE ledger_entry SET line_count = 3 WHERE id = %s", uid(entry.pk))


def _false_reversal(book: Book, entry: Entry) -> None:
    other = Entry.objects.exclude(pk=entry.pk).order_by("seq")[0]
    past_the_triggers(
        "UPDATE ledger_entry SET reverses_id = %s WHERE id = %s", uid(other.pk), uid(entry.pk)
    )


@pytest.mark.parametrize(
    "harm",
    [
        _line_moved,
        _day_without_period,
        _emptied,
        _memo_mixed,
        _count_changed,
        _false_reversal,
    ],
)
def test_an_entry_that_stands_where_it_may_not_is_named(
    book: Book, posted: list[Entry], harm: Callable[[Book, Entry], None]
) -> None:
    assert not list(verify.entries_hold())
    harm(book, posted[1])
    found: list[Difference] = list(verify.entries_hold(book))
    assert found
    assert all(str(posted[1].pk) in difference.key for difference in found)


def test_cash_below_zero_without_a_flag_is_named(book: Book, post: Post) -> None:
    post(100, "CASH", "CAPITAL")
    entry = post(60, "OTHER_COST", "CASH")
    triggers.drop(connection)
    Line.objects.filter(entry=entry, no=1).update(units=160, base_units=160)
    Line.objects.filter(entry=entry, no=2).update(units=-160, base_units=-160)
    triggers.create(connection)
    (found,) = verify.entries_hold(book)
    assert (found.key, found.stored) == ("account 1110 on 2026-01-10", "-60")


def test_two_books_that_do_not_owe_each_other_the_same_are_named(
    book: Book, posted: list[Entry]
) -> None:
    pair = new_id()
    line = Line.objects.get(entry=posted[0], no=1)
    triggers.drop(connection)
    moved = {"account": leaf(book, "INTERBOOK"), "subject_kind": "pair", "subject_id": pair}
    Line.objects.filter(pk=line.pk).update(**moved)
    triggers.create(connection)
    assert (f"pair {pair} USD", "10000") in [
        (found.key, found.stored) for found in verify.entries_hold(book)
    ]


def test_a_line_between_books_that_names_no_pair_is_named(book: Book, posted: list[Entry]) -> None:
    line = Line.objects.get(entry=posted[0], no=1)
    triggers.drop(connection)
    Line.objects.filter(pk=line.pk).update(account=leaf(book, "INTERBOOK"))
    triggers.create(connection)
    found = [found for found in verify.entries_hold(book) if found.stored == "no pair"]
    assert [item.key for item in found] == [f"entry {posted[0].pk} line 1"]


def test_a_book_is_proved_alone(book: Book, posted: list[Entry]) -> None:
    Balance.objects.filter(account=leaf(book, "LOANS")).update(debit_units=1)
    checks_found = {found.check for found in verify.book_differences(book)}
    assert checks_found == {"LEDGER_BALANCES", "LEDGER_ZERO"}
