"""Statements written by hand: names are quoted, values stay parameters."""

from threading import Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from handup.kernel.ids import new_id
from handup.org import statements
from handup.org.models import Office, Setting


def test_names_are_quoted_and_values_are_parameters() -> None:
    assert statements.select("t", ("a", "order")) == 'SELECT "a", "order" FROM "t"'
    assert (
        statements.select_where_in("t", ("a",), "group", 3)
        == 'SELECT "a" FROM "t" WHERE "group" IN (%s, %s, %s)'
    )
    assert statements.insert("t", ("a", "b")) == 'INSERT INTO "t" ("a", "b") VALUES (%s, %s)'
    assert (
        statements.update_by_id("t", ("a", "b"))
        == 'UPDATE "t" SET "a" = %s, "b" = %s WHERE "id" = %s'
    )
    assert (
        statements.raise_by_key("t", "last", "key")
        == 'UPDATE "t" SET "last" = "last" + %s WHERE "key" = %s RETURNING "last"'
    )


@pytest.mark.django_db
def test_errors_of_a_plain_cursor_are_the_ones_django_has() -> None:
    Office.objects.create(code="O", name="Office")
    with pytest.raises(IntegrityError), transaction.atomic(), statements.cursor() as cursor:
        cursor.executemany(
            statements.insert("org_setting", ("id", "recorded_at", "key", "value")),
            [(new_id().hex, "2026-01-01", "k", "1"), (new_id().hex, "2026-01-01", "k", "2")],
        )
    with pytest.raises(DatabaseError), transaction.atomic(), statements.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert not Setting.objects.filter(key="k").exists()


def test_each_thread_keeps_a_connection_of_its_own() -> None:
    seen: list[object] = []
    for _ in range(2):
        other = Thread(target=lambda: seen.append(connections["default"]))
        other.start()
        other.join()
    assert connections["default"] is connections["default"]
    assert len({id(one) for one in (*seen, connections["default"])}) == 3


@pytest.mark.django_db
def test_a_plain_cursor_asks_nothing_in_a_transaction_that_is_to_be_rolled_back() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            statements.cursor()
        transaction.set_rollback(False)


@pytest.mark.django_db
def test_who_listens_hears_every_statement_and_the_answer_is_the_same() -> None:
    Office.objects.create(code="O", name="Office")

    def ask() -> list[tuple[str, ...]]:
        with statements.cursor() as cursor:
            cursor.execute(
                f"{statements.select('org_office', ('code',))} WHERE name = %s", ["Office"]
            )
            found: list[tuple[str, ...]] = cursor.fetchall()
            return found

    with CaptureQueriesContext(connection) as heard:
        told = ask()
    assert len(heard) == 1
    assert told == ask() == [("O",)]


def test_a_connection_keeps_what_a_day_prepares(db: None) -> None:
    connection.ensure_connection()
    told = getattr(connection.connection, "prepared_max", "not PostgreSQL")
    assert told == (statements.PREPARED if connection.vendor == "postgresql" else "not PostgreSQL")


def test_the_server_knows_of_many_new_rows_before_their_keys_are_checked(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "COUNTED", 50)
    columns = ("id", "recorded_at", "key", "value")
    rows = [(new_id().hex, "2026-01-01", f"many {number}", "1") for number in range(60)]
    statements.put(statements.insert("org_setting", columns), "org_setting", columns, rows)
    assert Setting.objects.filter(key__startswith="many ").count() == 60
    if connection.vendor == "postgresql":
        with connection.cursor() as asked:
            asked.execute("SELECT reltuples FROM pg_class WHERE oid = 'org_setting'::regclass")
            assert asked.fetchone()[0] >= 60
