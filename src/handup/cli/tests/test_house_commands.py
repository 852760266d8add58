"""The commands of the house: verify, check, backup, rotate-keys, worker."""

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from handup.cli import backup, main, run
from handup.org import verify
from handup.org.verify import Check, Difference


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """A list of proofs of this test only."""
    made = [Check("GOOD", "All is well", list)]
    monkeypatch.setattr(verify, "checks", made)
    return made


def test_verify_is_silent_about_what_holds(
    checks: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 0
    assert "GOOD" in capsys.readouterr().out


def test_verify_shows_what_differs_and_fails(
    checks: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    checks.append(Check("BAD", "Balances", lambda: [Difference("loan 7", "100", "90")]))
    assert main(["verify"]) == 1
    assert "loan 7: stored 100, computed 90" in capsys.readouterr().out
    assert main(["verify", "--json", "BAD"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["code"], found["differences"]) == ("BAD", 1)
    assert main(["verify", "NOWHERE"]) == 2


def test_check_reads_the_keys_and_the_settings(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    assert main(["check"]) == 0
    assert settings.KEYS_FILE.exists()
    settings.KEYS_FILE.write_text("{}")
    assert main(["check"]) == 1


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A small SQLite file in the place of the database."""
    file = tmp_path / "data.sqlite3"
    made = sqlite3.connect(file)
    made.execute("CREATE TABLE t (n INTEGER)")
    made.close()
    monkeypatch.setattr(backup, "connection", SimpleNamespace(vendor="sqlite"))
    monkeypatch.setattr(backup, "database_file", lambda: file)
    return file


def test_a_backup_holds_database_and_files_and_no_key(
    database: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(settings.MEDIA_ROOT) / "ab").mkdir(parents=True)
    (Path(settings.MEDIA_ROOT) / "ab" / "abc").write_text("x")
    folder = tmp_path / "copy"
    assert main(["backup", str(folder)]) == 0
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {"handup.sqlite3", "files/ab/abc", "SHA256SUMS"}
    assert "Keep the keys apart" in capsys.readouterr().out
    tables = sqlite3.connect(folder / "handup.sqlite3").execute("SELECT name FROM sqlite_master")
    assert tables.fetchall() == [("t",)]


def test_a_backup_never_writes_over_an_older_one(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert list((tmp_path / "copy").iterdir()) == []


def test_a_database_that_is_none_is_not_backed_up(database: Path, tmp_path: Path) -> None:
    database.write_bytes(b"this is no database at all, just text" * 40)
    assert main(["backup", str(tmp_path / "copy")]) == 1


def test_keys_are_rotated_and_old_ones_taken_away(
    db: None, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    assert main(["rotate-keys", "--new", "--drop"]) == 0
    shown = capsys.readouterr().out
    assert "new field key: f2" in shown
    assert "key f1 is taken away" in shown


def test_the_worker_works_off_what_waits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)
    assert main(["worker", "--once"]) == 0


def test_a_proxy_is_believed_only_over_tls(settings: Settings) -> None:
    settings.SECURE = False
    assert run.proxy() == {}
    settings.SECURE = True
    assert run.proxy()["trusted_proxy"] == "127.0.0.1"
