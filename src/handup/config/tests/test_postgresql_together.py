"""What needs no answer of its own waits and is sent with the next question: in its order, all or
none, and its refusals come out before anybody is told that something is stored.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from handup.config.postgresql.base import DatabaseWrapper
from handup.kernel.ids import new_id
from handup.ledger.verify import balances_match
from handup.ledger.verify_chain import chain_holds
from handup.lending import services
from handup.lending.models import LoanEvent
from handup.lending.tests.cast import make_world, running
from handup.org import statements
from handup.org.models import Setting

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="only PostgreSQL takes several at once"
)
COLUMNS = ("id", "recorded_at", "key", "value")


def store(key: str) -> None:
    """One row, written as services write."""
    insert = statements.insert("org_setting", COLUMNS)
    statements.put(insert, "org_setting", COLUMNS, [(new_id(), "2026-01-01", key, "1")])


def store_together(*keys: str) -> None:
    """Some rows in one step."""
    with statements.together(), transaction.atomic():
        for key in keys:
            store(key)


def waiting() -> int:
    """How many statements are not sent yet."""
    wrapper: Any = connection
    return len(wrapper.waiting)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements went together each time."""
    told: list[int] = []
    before = DatabaseWrapper.send

    def send(self: DatabaseWrapper) -> None:
        if self.waiting:
            told.append(len(self.waiting))
        before(self)

    monkeypatch.setattr(DatabaseWrapper, "send", send)
    return told


def test_what_waits_is_seen_by_the_next_question(db: None, sent: list[int]) -> None:
    with statements.together(), transaction.atomic():
        sent.clear()
        store("a")
        store("b")
        assert waiting() == 2
        first = statements.Answer("SELECT COUNT(*) FROM org_setting WHERE key = %s", ["a"])
        second = statements.Answer("SELECT key FROM org_setting ORDER BY key", [])
        assert (first.rows(), second.rows()) == ([(1,)], [("a",), ("b",)])
        assert sent == [4]
        store("c")
        assert Setting.objects.filter(key="c").exists()  # and by Django's own


def test_rows_go_at_once_outside_such_a_block(db: None) -> None:
    store("a")
    assert waiting() == 0
    with transaction.atomic():
        store("b")
        assert waiting() == 0
    assert Setting.objects.count() == 2


def test_a_refusal_comes_out_at_the_end_of_the_step_and_leaves_nothing(db: None) -> None:
    store("a")
    with pytest.raises(IntegrityError):
        store_together("b", "a")
    assert list(Setting.objects.values_list("key", flat=True)) == ["a"]
    with pytest.raises(IntegrityError), transaction.atomic(), statements.together():
        store("a")
    store("c")
    assert Setting.objects.count() == 2


def test_a_refusal_comes_out_at_the_next_question(db: None) -> None:
    store("a")
    with transaction.atomic(), statements.together():
        store("a")
        with pytest.raises(IntegrityError):
            statements.Answer("SELECT 1", []).rows()
        transaction.set_rollback(True)


def test_what_a_step_taken_back_left_waiting_is_not_sent(db: None) -> None:
    with statements.together(), transaction.atomic():
        store("kept")
        with suppress(ZeroDivisionError), transaction.atomic():
            store("gone")
            _ = 1 // 0
        store("kept too")
    assert sorted(Setting.objects.values_list("key", flat=True)) == ["kept", "kept too"]


@pytest.fixture
def own(db: None) -> Iterator[Any]:
    """A connection of its own, whose transactions really end, with a table to write to."""
    made: Any = connection.copy()
    with made.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS told_together")
        cursor.execute("CREATE TABLE told_together (key text PRIMARY KEY)")
    yield made
    with made.cursor() as cursor:
        cursor.execute("DROP TABLE told_together")
    made.close()


def _stored(own: Any) -> list[str]:
    """What another connection finds stored."""
    other = own.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT key FROM told_together ORDER BY key")
        found = [key for (key,) in cursor.fetchall()]
    other.close()
    return found


def _in_one(own: Any, *keys: str) -> None:
    """One transaction that writes some rows which wait, as `transaction.atomic` does it."""
    own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        for key in keys:
            own.waiting.append(("INSERT INTO told_together VALUES (%s)", [key], None))
        own.commit()
    except IntegrityError:
        own.rollback()
        raise
    finally:
        own.set_autocommit(True)


def test_the_commit_goes_with_the_last_of_them_all_or_none(own: Any, sent: list[int]) -> None:
    _in_one(own, "a", "b")
    assert sent == [4]  # begin, two rows, commit
    assert _stored(own) == ["a", "b"]
    with pytest.raises(IntegrityError):
        _in_one(own, "c", "a")
    assert _stored(own) == ["a", "b"]
    sent.clear()
    _in_one(own)
    assert sent == []  # nothing was asked, nothing is sent
    _in_one(own, "c")
    assert _stored(own) == ["a", "b", "c"]


def test_what_waits_goes_with_a_transaction_that_is_taken_back(own: Any) -> None:
    own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    own.waiting.append(("INSERT INTO told_together VALUES (%s)", ["a"], None))
    own.rollback()
    own.set_autocommit(True)
    assert (own.waiting, _stored(own)) == ([], [])


@pytest.mark.parametrize("made", ["make_cursor", "make_debug_cursor"])
def test_a_cursor_made_before_a_transaction_speaks_inside_it(own: Any, made: str) -> None:
    said: Any = getattr(own, made)(own.create_cursor())
    for say in (
        lambda: said.execute("INSERT INTO told_together VALUES ('a')"),
        lambda: said.executemany("INSERT INTO told_together VALUES (%s)", [("b",), ("c",)]),
        lambda: _copied(said, "d"),
    ):
        own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        say()
        own.rollback()
        own.set_autocommit(True)
    said.close()
    assert _stored(own) == []


def _copied(cursor: Any, key: str) -> None:
    with cursor.copy("COPY told_together FROM STDIN") as sent:
        sent.write_row([key])


def test_a_long_list_is_read_piece_by_piece_inside_a_transaction_too(db: None) -> None:
    store("a")
    rows = Setting.objects.select_for_update().iterator(chunk_size=1)
    assert [row.key for row in rows] == ["a"]


def test_who_listens_to_each_statement_hears_those_that_wait(db: None) -> None:
    class Told:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def __call__(self, execute: Callable[..., Any], *told: Any) -> Any:
            self.heard.append(told[0])
            return execute(*told)

        def tell(self, sql: str, seconds: float) -> None:
            assert seconds >= 0
            self.heard.append(sql)

    told = Told()
    with connection.execute_wrapper(told), statements.together():
        store("a")
        answer = statements.Answer("SELECT 1", [])
        assert answer.rows() == [(1,)]
        assert Setting.objects.count() == 1
    assert [sql.split()[0] for sql in told.heard] == ["INSERT", "SELECT", "SELECT"]


def test_a_repayment_waits_for_few_answers(db: None, sent: list[int]) -> None:
    """Seventeen statements, four answers: the loan, its rows, the book, the end."""
    world = make_world()
    loan = running(world)
    pay = partial(
        services.record_repayment,
        acting_staff=world.cast.cashier,
        loan=loan,
        value_date=timezone.localdate(),
        units=20_00,
    )
    pay(id=new_id())
    sent.clear()
    with statements.together(), transaction.atomic():  # the step stands for the whole transaction
        event = pay(id=new_id())
    assert len(sent) <= 6, sent  # and two for the savepoints of a test
    assert sum(sent) >= 14, sent
    assert LoanEvent.objects.get(pk=event.pk).units == 20_00
    assert not [*chain_holds(world.book), *balances_match(world.book)]
