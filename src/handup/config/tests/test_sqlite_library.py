"""Which library of SQLite is in use, and how it keeps what is not yet in the file."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from django.db.backends.sqlite3 import base
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from handup.config import settings
from handup.org import cleaning, sqlite
from handup.org.sqlite import sqlite3

DRIVER = base.DatabaseWrapper.Database
PROGRAM = """
import sys
sys.modules.update({without!r})
from handup.config import settings
from django.db.backends.sqlite3 import base
import sqlite3
print(base.Database.__name__, sqlite3.sqlite_version, settings.database("")["OPTIONS"])
"""


def told(**without: None) -> str:
    """What a process of its own says that begins with the settings."""
    program = PROGRAM.format(without=dict.fromkeys(without, None) if without else {})
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_in_use_where_it_is_installed_and_is_new_enough() -> None:
    try:
        version("pysqlite3")
    except PackageNotFoundError:  # no wheel for this machine: the standard library's own
        assert DRIVER.__name__ == "sqlite3.dbapi2"
        return
    assert DRIVER.__name__ == "pysqlite3.dbapi2"
    assert sqlite3.sqlite_version_info >= sqlite.WAL_FROM
    assert sys.modules["sqlite3"] is sqlite3, "nothing else in the process opens a second library"
    assert DRIVER.sqlite_version == sqlite3.sqlite_version
    assert "journal_mode=WAL" in told()


def test_without_the_wheel_the_standard_library_does_the_work() -> None:
    said = told(pysqlite3=None)
    assert said.startswith("sqlite3.dbapi2 ")
    mode = sqlite.journal_mode(tuple(map(int, said.split()[1].split("."))))
    assert f"journal_mode={mode};" in said


@pytest.mark.parametrize(
    ("library", "mode"),
    [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((3, 53, 4), "WAL")],
)
def test_the_log_is_for_libraries_without_its_fault(library: tuple[int, ...], mode: str) -> None:
    assert sqlite.journal_mode(library) == mode


def opened(file: Path) -> base.DatabaseWrapper:
    """A connection to a file as the program opens it."""
    told = settings.database(f"sqlite:///{file}")
    named = {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True}
    made: base.DatabaseWrapper = load_backend("handup.config.sqlite").DatabaseWrapper(
        {**told, **named}, "default"
    )
    return made


def asked(connection: base.DatabaseWrapper, question: str) -> object:
    with connection.cursor() as cursor:
        return cursor.execute(question).fetchone()[0]


def test_a_commit_is_on_the_disk_before_it_is_told(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        held = opened(tmp_path / "held.sqlite3")
        assert asked(held, "PRAGMA journal_mode") == sqlite.journal_mode().lower()
        assert asked(held, "PRAGMA synchronous") == 2, "FULL"
        assert asked(held, "PRAGMA secure_delete") == 1
        held.close()


def test_what_is_cut_off_leaves_no_page_from_before(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one who reads what only the log holds is waited for; then it is said, not hidden."""
    with django_db_blocker.unblock():
        file = tmp_path / "held.sqlite3"
        held, reader = opened(file), opened(file)
        monkeypatch.setattr("handup.org.cleaning.connection", held)
        if asked(held, "PRAGMA journal_mode") != "wal":
            assert cleaning.cut_off_log(), "an older library keeps no log: nothing to cut off"
            return
        with held.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout=50")
            cursor.execute("CREATE TABLE t (word TEXT)")
            cursor.execute("INSERT INTO t VALUES ('Zarmandukht')")
        with reader.cursor() as reading:
            reading.execute("SELECT word FROM t UNION ALL SELECT word FROM t")
            with held.cursor() as cursor:
                cursor.execute("DELETE FROM t")
            assert cleaning.found_bytes(["Zarmandukht"])
            assert not cleaning.cut_off_log()
            assert len(reading.fetchall()) == 2, "she reads on what she began"
        assert cleaning.cut_off_log()
        assert cleaning.found_bytes(["Zarmandukht"]) == 0
        assert sqlite.files_of(file)[2].stat().st_size == 0
        held.close()
        reader.close()


def test_a_copy_holds_what_is_still_in_the_log_and_what_is_settled_stands_in_one_file(
    tmp_path: Path,
) -> None:
    file, to = tmp_path / "held.sqlite3", tmp_path / "copy.sqlite3"
    writing = sqlite3.connect(file)
    writing.execute(f"PRAGMA journal_mode={sqlite.journal_mode()}")
    writing.execute("CREATE TABLE t (n INTEGER)")
    writing.execute("INSERT INTO t VALUES (1)")
    writing.commit()
    sqlite.copy(file, to)
    copied = sqlite3.connect(to)
    assert copied.execute("SELECT n FROM t").fetchall() == [(1,)]
    copied.close()
    writing.close()
    assert sqlite.settle(file)
    assert [one.name for one in sqlite.files_of(file) if one.exists()] == [file.name]


def test_what_was_asked_last_is_parsed_once_however_much_else_was_asked(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    often = [f"SELECT {number} AS often" for number in range(20)]
    with django_db_blocker.unblock():
        held = opened(tmp_path / "held.sqlite3")
        held.ensure_connection()
        most, kept = load_backend("handup.config.sqlite").STATEMENTS, held.connection.kept
        for number in range(2 * most):
            asked(held, f"SELECT {number} AS once")
        for question in often:
            asked(held, question)
        parsed = [kept[question] for question in often]
        for question in (*often, *(f"SELECT {n} AS later" for n in range(most // 2)), *often):
            asked(held, question)
        assert [kept[question] for question in often] == parsed
        assert len(kept) == most
        held.close()
