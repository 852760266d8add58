"""The triggers that make the journal append-only, balanced and sealed on SQLite and PostgreSQL
(ledger.md 4.1).

Lines are inserted first, the header last: the header is the seal. A line whose header never comes
is refused at commit by its deferred foreign key. Django rebuilds tables on SQLite and silently
loses their triggers, and SQLite will not rename a table that another table's trigger names: so they
are dropped before a migration of this domain and made again after every migration. Needed on each
SQLite connection: foreign_keys=ON and recursive_triggers=ON (without the second INSERT OR REPLACE
removes a row past the delete trigger; the checks for an id already stored catch it as well).

On SQLite an insert that may be refused in its midst keeps a copy of every page it touches, row by
row: half the time of posting. Nothing is to be undone of a row that is refused before it is there,
so the inserts fail (FAIL) instead of aborting; the rows a statement put in before are good ones.

On PostgreSQL nothing replaces a row past its update trigger, so an id, a number or a fact that is
there already is left to its unique constraint: the plan a session keeps of the same question, made
while the tables were small, walked the whole book for each entry (2 ms at 3,000 entries, and
growing). For the same reason the functions ask without sequential scans, and row by row of what
came in (`OFFSET 0` keeps the planner from joining). They ask once a statement, after its rows are
there: so a statement that brings a header and a line too many is refused as well.

No transaction adds to the entry of another that is not finished yet: each entry has one first line
(its unique constraint), and a line is refused unless the first of its entry stands already or comes
with it, as far as this transaction sees. Who brings a first line too waits for the other and is
then refused. So what a commit proves once more it need only prove of first lines.

An entry of one currency in one fund, as nearly all are, is added up once; only others are grouped.
"""

# ruff: noqa: S608 (constants of this file only)

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

UNBALANCED = """SELECT 1 FROM ledger_line WHERE entry_id = NEW.id
 GROUP BY currency, fund_id HAVING SUM(units) <> 0"""
UNBALANCED_BASE = """SELECT 1 FROM ledger_line WHERE entry_id = NEW.id
 GROUP BY fund_id HAVING SUM(base_units) <> 0"""

ADDED_UP = """COUNT(*) AS lines,
 SUM(units) <> 0 OR SUM(base_units) <> 0 OR MIN(currency) <> MAX(currency)
 OR MIN({fund}) <> MAX({fund}) AS apart FROM ledger_line WHERE entry_id = """
"""How many lines an entry has, and whether they must be looked at by currency and fund."""

_ENTRY_STORED = """EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id)
 OR EXISTS (SELECT 1 FROM ledger_entry WHERE book_id = NEW.book_id AND seq = NEW.seq)
 OR EXISTS (SELECT 1 FROM ledger_entry WHERE reverses_id = NEW.reverses_id)
 OR EXISTS (SELECT 1 FROM ledger_entry WHERE source_id = NEW.source_id
 AND book_id = NEW.book_id AND source_domain = NEW.source_domain
 AND source_kind = NEW.source_kind AND source_purpose = NEW.source_purpose)"""

SQLITE: dict[str, str] = {
    "ledger_entry_seal": f"""CREATE TRIGGER ledger_entry_seal BEFORE INSERT ON ledger_entry
BEGIN
 SELECT RAISE(FAIL, 'ENTRY_SEALED') WHERE {_ENTRY_STORED};
 SELECT CASE WHEN NEW.line_count < 2 OR NEW.line_count <> lines
 THEN RAISE(FAIL, 'TOO_FEW_LINES')
 WHEN apart AND (EXISTS ({UNBALANCED}) OR EXISTS ({UNBALANCED_BASE}))
 THEN RAISE(FAIL, 'DOES_NOT_BALANCE') END
 FROM (SELECT {ADDED_UP.format(fund="fund_id")}NEW.id);
END""",
    "ledger_line_before_seal": """CREATE TRIGGER ledger_line_before_seal
BEFORE INSERT ON ledger_line
BEGIN
 SELECT RAISE(FAIL, 'ENTRY_SEALED')
 WHERE EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
 OR EXISTS (SELECT 1 FROM ledger_line WHERE id = NEW.id);
END""",
    **{
        f"{table}_no_{verb}": f"""CREATE TRIGGER {table}_no_{verb}
BEFORE {verb.upper()} ON {table}
BEGIN
 SELECT RAISE(ABORT, 'APPEND_ONLY');
END"""
        for table in ("ledger_entry", "ledger_line")
        for verb in ("update", "delete")
    },
}

_UNBALANCED_TOLD, _UNBALANCED_BASE_TOLD = (
    text.replace("NEW.id", "told.id") for text in (UNBALANCED, UNBALANCED_BASE)
)
_RAISE = "USING ERRCODE = 'restrict_violation'"

PG_FUNCTIONS: dict[str, str] = {
    "ledger_append_only": f"""CREATE OR REPLACE FUNCTION ledger_append_only()
RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $body$
BEGIN
 RAISE EXCEPTION 'APPEND_ONLY' {_RAISE};
END $body$""",
    "ledger_entry_seal": f"""CREATE OR REPLACE FUNCTION ledger_entry_seal()
RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $body$
DECLARE few boolean; some_apart boolean;
BEGIN
 SELECT bool_or(line_count < 2 OR line_count <> lines), bool_or(apart)
 FROM told CROSS JOIN LATERAL
  (SELECT {ADDED_UP.format(fund='fund_id::text COLLATE "C"')}told.id OFFSET 0) AS held
 INTO few, some_apart;
 IF few THEN
  RAISE EXCEPTION 'TOO_FEW_LINES' {_RAISE};
 END IF;
 IF some_apart AND EXISTS (SELECT 1 FROM told WHERE EXISTS ({_UNBALANCED_TOLD} OFFSET 0)
  OR EXISTS ({_UNBALANCED_BASE_TOLD} OFFSET 0)) THEN
  RAISE EXCEPTION 'DOES_NOT_BALANCE' {_RAISE};
 END IF;
 RETURN NULL;
END $body$""",
    "ledger_line_before_seal": f"""CREATE OR REPLACE FUNCTION ledger_line_before_seal()
RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $body$
BEGIN
 IF EXISTS (SELECT 1 FROM told WHERE EXISTS
  (SELECT 1 FROM ledger_entry WHERE id = told.entry_id OFFSET 0)
  OR no <> 1 AND NOT EXISTS
  (SELECT 1 FROM ledger_line WHERE entry_id = told.entry_id AND no = 1 OFFSET 0)) THEN
  RAISE EXCEPTION 'ENTRY_SEALED' {_RAISE};
 END IF;
 RETURN NULL;
END $body$""",
    "ledger_line_at_commit": f"""CREATE OR REPLACE FUNCTION ledger_line_at_commit()
RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $body$
BEGIN
 IF EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id
  AND e.xmin <> pg_current_xact_id()::xid AND (
  e.line_count <> (SELECT COUNT(*) FROM ledger_line l WHERE l.entry_id = e.id)
  OR EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id
   GROUP BY l.currency, l.fund_id HAVING SUM(l.units) <> 0))) THEN
  RAISE EXCEPTION 'ENTRY_SEALED' {_RAISE};
 END IF;
 RETURN NULL;
END $body$""",
}

PG_TRIGGERS: dict[str, str] = {
    "ledger_entry_seal": """CREATE TRIGGER ledger_entry_seal AFTER INSERT ON ledger_entry
REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_seal()""",
    "ledger_line_before_seal": """CREATE TRIGGER ledger_line_before_seal
AFTER INSERT ON ledger_line
REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION ledger_line_before_seal()""",
    "ledger_line_at_commit": """CREATE CONSTRAINT TRIGGER ledger_line_at_commit
AFTER INSERT ON ledger_line DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (new.no = 1) EXECUTE FUNCTION ledger_line_at_commit()""",
    **{
        f"{table}_no_change": f"""CREATE TRIGGER {table}_no_change
BEFORE DELETE OR UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"""
        for table in ("ledger_entry", "ledger_line")
    },
    **{
        f"{table}_no_truncate": f"""CREATE TRIGGER {table}_no_truncate
BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"""
        for table in ("ledger_entry", "ledger_line")
    },
}


def names(vendor: str) -> dict[str, str]:
    """The triggers this version has on a database, each with the table it stands on."""
    table = PG_TRIGGERS if vendor == "postgresql" else SQLITE
    return {
        name: "ledger_entry" if " ON ledger_entry" in text else "ledger_line"
        for name, text in table.items()
    }


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away, for a migration of this domain only."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for name, table in names(connection.vendor).items():
            if table not in tables:
                continue
            suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers as this version has them; does nothing where there are no tables yet."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    if not {"ledger_entry", "ledger_line"} <= tables:
        return
    drop(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for text in (*PG_FUNCTIONS.values(), *PG_TRIGGERS.values()):
                cursor.execute(text)
        else:
            for text in SQLITE.values():
                cursor.execute(text)


def faults(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
    """What is missing or not this version's text: (name, stored, expected); `verify` V2."""
    if connection.vendor == "postgresql":
        return _pg_faults(connection)
    return _sqlite_faults(connection)


def _sqlite_faults(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        stored: dict[str, str] = dict(cursor.fetchall())
        found = [
            (name, stored.get(name, ""), text)
            for name, text in SQLITE.items()
            if stored.get(name) != text
        ]
        for pragma in ("foreign_keys", "recursive_triggers"):
            cursor.execute(f"PRAGMA {pragma}")
            if (row := cursor.fetchone()) != (1,):
                found.append((pragma, str(row), "(1,)"))
    return found


def _pg_faults(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled, pg_get_triggerdef(oid, true) FROM pg_trigger"
            " WHERE NOT tgisinternal"
            " AND tgrelid IN ('ledger_entry'::regclass, 'ledger_line'::regclass)"
        )
        stored: dict[str, tuple[Any, str]] = {
            name: (state, made) for name, state, made in cursor.fetchall()
        }
        for name, text in PG_TRIGGERS.items():
            state, made = stored.get(name, ("", ""))
            state = state.decode() if isinstance(state, bytes) else state
            expected = " ".join(text.split())
            if made != expected:
                found.append((name, made, expected))
            elif state not in {"O", "A"}:
                found.append((name, str(state), "O"))
        for name, text in PG_FUNCTIONS.items():
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [name])
            row = cursor.fetchone()
            body = text.split("$body$")[1]
            if row is None or row[0] != body:
                found.append((name, "" if row is None else row[0], body))
    return found
