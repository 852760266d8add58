"""Attacks on the journal, past every service, straight at the database: each is refused by the
database itself.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper

from handup.kernel.ids import new_id
from handup.ledger import triggers
from handup.ledger.models import Account, Book, Entry, Line
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services.rows import ENTRY_COLUMNS, LINE_COLUMNS
from handup.ledger.sql import uid
from handup.ledger.tests.conftest import Post, leaf
from handup.ledger.verify import triggers_stand
from handup.org.sqlite import sqlite3

on_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="an attack only SQLite knows"
)
on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="an attack only PostgreSQL knows"
)


def refused(name: str, attack: Callable[[], Any]) -> None:
    """The attack fails with the trigger's own word."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        attack()


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def line_of(entry_id: Any, no: int, account: Account, units: int, **other: Any) -> Line:
    values = {
        "entry_id": entry_id,
        "no": no,
        "account": account,
        "units": units,
        "currency": "USD",
        "base_units": units,
        "rate": 10**10,
        "fund_id": UNRESTRICTED_ID,
        **other,
    }
    return Line(**values)


def header_like(entry: Entry, **other: Any) -> Entry:
    copy = Entry.objects.get(pk=entry.pk)
    copy.pk, copy.seq, copy.source_id = new_id(), entry.seq + 1, new_id()
    for name, value in other.items():
        setattr(copy, name, value)
    return copy


def test_no_row_can_be_changed(post: Post) -> None:
    entry = post()
    refused("APPEND_ONLY", lambda: Entry.objects.filter(pk=entry.pk).update(kind="OTHER"))
    refused("APPEND_ONLY", lambda: Line.objects.filter(entry=entry).update(units=1))
    refused("APPEND_ONLY", lambda: run("UPDATE ledger_line SET budget_line = 'x'"))
    assert Entry.objects.get(pk=entry.pk).kind == "LOAN_DISBURSED"


def test_no_row_can_be_deleted(post: Post) -> None:
    post()
    refused("APPEND_ONLY", lambda: run("DELETE FROM ledger_line"))
    refused("APPEND_ONLY", lambda: run("DELETE FROM ledger_entry"))
    assert (Entry.objects.count(), Line.objects.count()) == (1, 2)


def test_a_sealed_entry_takes_no_further_line(book: Book, post: Post) -> None:
    entry = post()
    for no in (3, 1):
        late = line_of(entry.pk, no, leaf(book, "CASH"), 5)
        refused("ENTRY_SEALED|ledger_line_number_once", partial(late.save, force_insert=True))
    assert Line.objects.count() == 2


def test_no_header_seals_lines_that_do_not_balance(book: Book, post: Post) -> None:
    entry = post()
    bank, loans = leaf(book, "BANK"), leaf(book, "LOANS")

    def seal(*lines: tuple[Account, int, dict[str, Any]]) -> None:
        header = header_like(entry, line_count=len(lines))
        for no, (account, units, other) in enumerate(lines, 1):
            line_of(header.pk, no, account, units, **other).save(force_insert=True)
        header.save(force_insert=True)

    refused("DOES_NOT_BALANCE", lambda: seal((loans, 5, {}), (bank, -4, {})))
    refused(
        "DOES_NOT_BALANCE",
        lambda: seal((loans, 5, {"currency": "EUR"}), (bank, -5, {})),
    )
    refused("DOES_NOT_BALANCE", lambda: seal((loans, 5, {"base_units": 6}), (bank, -5, {})))
    refused("TOO_FEW_LINES", lambda: seal((loans, 0, {})))
    seal((loans, 5, {}), (bank, -5, {}))
    assert Entry.objects.count() == 2


def test_no_header_seals_another_number_of_lines_than_it_says(book: Book, post: Post) -> None:
    header = header_like(post(), line_count=3)

    def attack() -> None:
        line_of(header.pk, 1, leaf(book, "BANK"), 5).save(force_insert=True)
        line_of(header.pk, 2, leaf(book, "BANK"), -5).save(force_insert=True)
        header.save(force_insert=True)

    refused("TOO_FEW_LINES", attack)


def test_lines_without_a_header_are_refused_at_commit(book: Book) -> None:
    ghost = new_id()

    def attack() -> None:
        line_of(ghost, 1, leaf(book, "BANK"), 5).save(force_insert=True)
        line_of(ghost, 2, leaf(book, "BANK"), -5).save(force_insert=True)
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        attack()


def test_a_row_cannot_be_replaced(book: Book, post: Post) -> None:
    entry = post()
    line = Line.objects.filter(entry=entry).order_by("no")[0]
    verb = "INSERT OR REPLACE INTO" if connection.vendor == "sqlite" else "INSERT INTO"
    tail = (
        "" if connection.vendor == "sqlite" else " ON CONFLICT (id) DO UPDATE SET no = excluded.no"
    )

    def copy(table: str, columns: tuple[str, ...], pk: Any, **changed: Any) -> Callable[[], None]:
        picked = ", ".join("%s" if name in changed else name for name in columns)
        values = [changed[name] for name in columns if name in changed]
        sql = (
            f"{verb} {table} ({', '.join(columns)}) SELECT {picked} FROM {table} WHERE id = %s"
            f"{tail.replace('no', 'kind') if table == 'ledger_entry' else tail}"
        )
        return lambda: run(sql, *values, uid(pk))

    refused("ENTRY_SEALED|APPEND_ONLY", copy("ledger_line", LINE_COLUMNS, line.pk, units=7))
    refused(
        "ENTRY_SEALED|APPEND_ONLY",
        copy("ledger_line", LINE_COLUMNS, line.pk, entry_id=uid(new_id())),
    )
    refused("ENTRY_SEALED|APPEND_ONLY", copy("ledger_entry", ENTRY_COLUMNS, entry.pk, kind="X"))
    # Another id, but a number or a fact that is already there: REPLACE would drop the old row.
    same_number = {"id": uid(new_id()), "source_id": uid(new_id())}
    same_fact = {"id": uid(new_id()), "seq": 9}
    for changed in (same_number, same_fact):
        sealed = copy("ledger_entry", ENTRY_COLUMNS, entry.pk, **changed)
        refused("ENTRY_SEALED|TOO_FEW_LINES|APPEND_ONLY|_once", sealed)
    assert Line.objects.get(pk=line.pk).units == line.units
    assert Entry.objects.count() == 1


def test_a_number_and_a_fact_are_sealed_once(book: Book, post: Post) -> None:
    """Also with lines of its own: by the trigger on SQLite, by the unique constraint elsewhere."""
    entry = post()
    bank, loans = leaf(book, "BANK"), leaf(book, "LOANS")
    for changed, constraint in (
        ({"seq": entry.seq}, "ledger_entry_number_once"),
        ({"source_id": entry.source_id}, "ledger_fact_posts_once"),
    ):
        header = header_like(entry, **changed)

        def attack(header: Entry = header) -> None:
            line_of(header.pk, 1, loans, 5).save(force_insert=True)
            line_of(header.pk, 2, bank, -5).save(force_insert=True)
            header.save(force_insert=True)

        refused(f"ENTRY_SEALED|{constraint}", attack)
    assert (Entry.objects.count(), Line.objects.count()) == (1, 2)


def test_verify_sees_a_trigger_that_is_gone_and_a_migration_brings_it_back(post: Post) -> None:
    post()
    assert not list(triggers_stand())
    triggers.drop(connection)
    assert len(list(triggers_stand())) >= len(triggers.names(connection.vendor))
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert not list(triggers_stand())
    refused("APPEND_ONLY", lambda: run("DELETE FROM ledger_line"))


def test_verify_sees_a_trigger_with_another_text(post: Post) -> None:
    if connection.vendor == "sqlite":
        run("DROP TRIGGER ledger_line_no_update")
        run("CREATE TRIGGER ledger_line_no_update BEFORE UPDATE ON ledger_line BEGIN SELECT 1; END")
        names = ["ledger_line_no_update"]
    else:
        run(
            "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
        run("DROP TRIGGER ledger_entry_no_change ON ledger_entry")
        run(  # one that never looks
            "CREATE TRIGGER ledger_entry_no_change BEFORE DELETE OR UPDATE ON ledger_entry"
            " FOR EACH ROW WHEN (false) EXECUTE FUNCTION ledger_append_only()"
        )
        names = ["ledger_entry_no_change", "ledger_append_only"]
    assert [difference.key for difference in triggers_stand()] == names


# --- SQLite: a file of its own, since a rebuild and a real commit need one ------------------------


@pytest.fixture
def own_file(post: Post, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A copy of the test database with one sealed entry, as a file with its own connection."""
    post()
    path = tmp_path / "attack.sqlite3"
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA foreign_keys=OFF")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite%'"
            " AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
            " ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index'"
            " THEN 2 ELSE 3 END, CASE name WHEN 'ledger_entry' THEN 2 ELSE 1 END"
        )
        schema = cursor.fetchall()
        for kind, name, text in schema:
            raw.execute(text)
            if kind == "table":
                cursor.execute(f'SELECT * FROM "{name}"')
                for row in cursor.fetchall():
                    marks = ", ".join("?" * len(row))
                    raw.execute(
                        f'INSERT INTO "{name}" VALUES ({marks})',
                        [str(v) if isinstance(v, date) else v for v in row],
                    )
    raw.commit()
    raw.close()
    options = {"init_command": "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"}
    own = DatabaseWrapper(
        {**connection.settings_dict, "NAME": str(path), "OPTIONS": options}, "attack"
    )
    yield own
    own.close()


def a_commit_of_lines_without_header_is_refused(own_file: BaseDatabaseWrapper) -> None:
    own_file.ensure_connection()
    raw = own_file.connection
    picked = ", ".join({"id": "'x' || no", "entry_id": "'ghost'"}.get(c, c) for c in LINE_COLUMNS)
    raw.execute("BEGIN")
    raw.execute(
        f"INSERT INTO ledger_line ({', '.join(LINE_COLUMNS)}) SELECT {picked} FROM ledger_line"
    )
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        raw.execute("COMMIT")
    raw.execute("ROLLBACK")
    assert raw.execute("SELECT COUNT(*) FROM ledger_line").fetchone() == (2,)


def replacing_is_refused_even_without_recursive_triggers(own_file: BaseDatabaseWrapper) -> None:
    with own_file.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        with pytest.raises(IntegrityError, match="ENTRY_SEALED"):
            cursor.execute("INSERT OR REPLACE INTO ledger_line SELECT * FROM ledger_line")
        with pytest.raises(IntegrityError, match="ENTRY_SEALED"):
            cursor.execute("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry")


def a_table_rebuild_loses_the_triggers_and_they_come_back(own_file: BaseDatabaseWrapper) -> None:
    old = Line._meta.get_field("budget_line")
    new = models.CharField(max_length=120, blank=True, default="")
    new.set_attributes_from_name("budget_line")
    new.model = Line

    triggers.drop(own_file)
    with own_file.schema_editor(atomic=False) as editor:
        editor.alter_field(Line, old, new)
    assert len(triggers.faults(own_file)) == len(triggers.SQLITE)
    triggers.create(own_file)
    assert not triggers.faults(own_file)
    with own_file.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM ledger_line")
        assert cursor.fetchone() == (2,)
        for attack in (
            "UPDATE ledger_line SET units = 7 WHERE no = 1",
            "DELETE FROM ledger_line",
            "DELETE FROM ledger_entry",
        ):
            with pytest.raises(IntegrityError, match="APPEND_ONLY"):
                cursor.execute(attack)


# --- PostgreSQL: two transactions at once, in a schema of their own -------------------------------


@pytest.fixture
def two_connections(db: None) -> Iterator[tuple[Any, Any]]:
    """Two connections to a schema with bare copies of both tables and all triggers."""
    import psycopg

    parameters = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    address = {key: parameters[key] for key in keys if parameters.get(key)}
    name = f"attack_{new_id().hex[-8:]}"
    pair = [psycopg.connect(**address, autocommit=True) for _ in range(2)]
    first = pair[0]
    first.execute(f"CREATE SCHEMA {name}")
    for one in pair:
        one.execute(f"SET search_path = {name}")
    for table in ("ledger_entry", "ledger_line"):
        first.execute(f"CREATE TABLE {table} (LIKE public.{table} INCLUDING INDEXES)")
    first.execute(
        "ALTER TABLE ledger_line ADD FOREIGN KEY (entry_id) REFERENCES ledger_entry (id)"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    for text in (*triggers.PG_FUNCTIONS.values(), *triggers.PG_TRIGGERS.values()):
        first.execute(text)
    yield pair[0], pair[1]
    first.execute(f"DROP SCHEMA {name} CASCADE")
    for one in pair:
        one.close()


def _pg_line(on: Any, entry: Any, no: int, units: int) -> None:
    on.execute(
        "INSERT INTO ledger_line (id, recorded_at, entry_id, no, account_id, units, currency,"
        " base_units, rate, fund_id, budget_line, subject_kind)"
        " VALUES (%s, now(), %s, %s, %s, %s, 'USD', %s, 1, %s, '', '')",
        [new_id(), entry, no, new_id(), units, units, UNRESTRICTED_ID],
    )


def _pg_header(on: Any, entry: Any) -> None:
    on.execute(
        "INSERT INTO ledger_entry (id, recorded_at, book_id, seq, kind, entry_date, happened_date,"
        " source_domain, source_kind, source_id, source_purpose, posted_by_id, line_count, flags,"
        " content_hash, prev_hash, hash)"
        " VALUES (%s, now(), %s, 1, 'K', now(), now(), 'd', 'k', %s, '', %s, 2, '', '', '', '')",
        [entry, new_id(), new_id(), new_id()],
    )


def lines_added_by_another_transaction_are_refused(two_connections: tuple[Any, Any]) -> None:
    """Whether she leaves the first line out, or brings one too and waits."""
    import psycopg

    honest, thief = two_connections
    entry = new_id()
    thief.execute("SET lock_timeout = '200ms'")
    honest.execute("BEGIN")
    _pg_line(honest, entry, 1, 5)
    _pg_line(honest, entry, 2, -5)
    for no, refusal in (
        (3, psycopg.errors.RestrictViolation),
        (1, psycopg.errors.LockNotAvailable),
    ):
        thief.execute("BEGIN")
        with pytest.raises(refusal):
            _pg_line(thief, entry, no, 7)
        thief.execute("ROLLBACK")
    _pg_header(honest, entry)
    honest.execute("COMMIT")
    with pytest.raises(psycopg.errors.RestrictViolation, match="ENTRY_SEALED"):
        _pg_line(thief, entry, 3, 7)
    assert honest.execute("SELECT COUNT(*) FROM ledger_line").fetchone() == (2,)


def an_entry_begins_with_its_first_line(two_connections: tuple[Any, Any]) -> None:
    import psycopg

    one, _other = two_connections
    one.execute("BEGIN")
    with pytest.raises(psycopg.errors.RestrictViolation, match="ENTRY_SEALED"):
        _pg_line(one, new_id(), 2, 5)
    one.execute("ROLLBACK")
    assert one.execute("SELECT COUNT(*) FROM ledger_line").fetchone() == (0,)


def what_passed_every_look_is_refused_at_commit(two_connections: tuple[Any, Any]) -> None:
    """Without the constraint that gives an entry one first line, the commit still finds out."""
    import psycopg

    honest, thief = two_connections
    entry = new_id()
    honest.execute("ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_entry_id_no_key")
    honest.execute("BEGIN")
    _pg_line(honest, entry, 1, 5)
    _pg_line(honest, entry, 2, -5)
    thief.execute("BEGIN")
    _pg_line(thief, entry, 1, 7)
    _pg_line(thief, entry, 4, -7)
    _pg_header(honest, entry)
    honest.execute("COMMIT")
    with pytest.raises(psycopg.errors.RestrictViolation, match="ENTRY_SEALED"):
        thief.execute("COMMIT")
    assert honest.execute("SELECT COUNT(*) FROM ledger_line").fetchone() == (2,)


def a_commit_of_a_line_without_header_is_refused(two_connections: tuple[Any, Any]) -> None:
    import psycopg

    one, _other = two_connections
    one.execute("BEGIN")
    _pg_line(one, new_id(), 1, 5)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        one.execute("COMMIT")
    assert one.execute("SELECT COUNT(*) FROM ledger_line").fetchone() == (0,)


def truncating_is_refused(two_connections: tuple[Any, Any]) -> None:
    import psycopg

    one, _other = two_connections
    for table in ("ledger_line", "ledger_entry"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="APPEND_ONLY"):
            one.execute(f"TRUNCATE {table} CASCADE")


def one_statement_brings_no_header_and_a_line_too_many(two_connections: tuple[Any, Any]) -> None:
    import psycopg

    one, _other = two_connections
    entry = new_id()
    one.execute("BEGIN")
    _pg_line(one, entry, 1, 5)
    _pg_line(one, entry, 2, -5)
    with pytest.raises(psycopg.errors.RestrictViolation, match=r"ENTRY_SEALED|TOO_FEW_LINES"):
        one.execute(
            "WITH late AS (INSERT INTO ledger_line (id, recorded_at, entry_id, no, account_id,"
            " units, currency, base_units, rate, fund_id, budget_line, subject_kind) VALUES"
            " (%s, now(), %s, 3, %s, 0, 'USD', 0, 1, %s, '', '')) INSERT INTO ledger_entry (id,"
            " recorded_at, book_id, seq, kind, entry_date, happened_date, source_domain,"
            " source_kind, source_id, source_purpose, posted_by_id, line_count, flags,"
            " content_hash, prev_hash, hash) VALUES (%s, now(), %s, 1, 'K', now(), now(), 'd', 'k',"
            " %s, '', %s, 2, '', '', '', '')",
            [new_id(), entry, new_id(), UNRESTRICTED_ID, entry, new_id(), new_id(), new_id()],
        )
    one.execute("ROLLBACK")


ATTACKS: dict[str, tuple[str, tuple[Callable[[Any], None], ...]]] = {
    "sqlite": (
        "own_file",
        (
            a_commit_of_lines_without_header_is_refused,
            replacing_is_refused_even_without_recursive_triggers,
            a_table_rebuild_loses_the_triggers_and_they_come_back,
        ),
    ),
    "postgresql": (
        "two_connections",
        (
            lines_added_by_another_transaction_are_refused,
            an_entry_begins_with_its_first_line,
            what_passed_every_look_is_refused_at_commit,
            one_statement_brings_no_header_and_a_line_too_many,
            a_commit_of_a_line_without_header_is_refused,
            truncating_is_refused,
        ),
    ),
}


@pytest.mark.parametrize(
    "attack", ATTACKS[connection.vendor][1], ids=lambda attack: attack.__name__
)
def test_on_this_database(attack: Callable[[Any], None], request: pytest.FixtureRequest) -> None:
    attack(request.getfixturevalue(ATTACKS[connection.vendor][0]))
