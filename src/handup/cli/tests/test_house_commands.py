"""The commands of the house: verify, check, backup, rotate-keys, worker."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from handup.cli import backup, main, restore, run
from handup.kernel import sealed_files
from handup.org import backup_slip, following, keys, verify
from handup.org.models import ProofReason, ProofRun
from handup.org.sqlite import sqlite3
from handup.org.verify import Check, Difference, Scope


@pytest.fixture
def checks(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """A list of proofs of this test only; they are read within one state of the database."""
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
    assert found["shown"] == [
        {"check": "BAD", "proves": "", "key": "loan 7", "stored": "100", "computed": "90"}
    ]
    assert main(["verify", "NOWHERE"]) == 2


def test_verify_says_what_could_not_be_run_and_goes_on(
    checks: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> list[Difference]:
        raise ValueError("no such table")

    checks.insert(0, Check("LAME", "Cannot", fails))
    assert main(["verify"]) == 2
    shown = capsys.readouterr().out
    assert "ValueError: no such table" in shown
    assert "GOOD" in shown
    checks.append(Check("BAD", "Balances", lambda: [Difference("loan 7", "100", "90")]))
    assert main(["verify"]) == 1, "a difference is told before a proof that could not be run"


def test_verify_is_cut_down_to_a_book_and_a_day(
    checks: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Scope] = []

    def within(scope: Scope) -> list[Difference]:
        asked.append(scope)
        return []

    checks.append(Check("BOOKS", "Of a book", list, within=within, proves="V3"))
    assert main(["verify", "--book", "MED", "--from", "2026-01-31"]) == 0
    assert asked == [Scope("MED", date(2026, 1, 31))]
    shown = capsys.readouterr().out
    assert "BOOKS" in shown
    assert "GOOD" not in shown, "what is not of a book is left out"
    assert main(["verify", "V3"]) == 0
    with pytest.raises(SystemExit):
        main(["verify", "--from", "soon"])


def test_check_reads_the_keys_and_the_settings(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    assert main(["check"]) == 0
    assert settings.KEYS_FILE.exists()
    settings.KEYS_FILE.write_text("{}")
    assert main(["check"]) == 1


@pytest.fixture
def database(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A small SQLite file in the place of the database, and keys of its own."""
    settings.KEYS_FILE = tmp_path / "own" / "keys.json"
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
    sealed = {"handup.sqlite3.sealed", "files/ab/abc.sealed"}
    assert names == sealed | {"SHA256SUMS", "SLIP.txt", "TOTALS.json"}
    assert "Keep the keys apart" in capsys.readouterr().out
    for name in sealed:
        assert (folder / name).read_bytes().startswith(sealed_files.MARK)
    assert json.loads((folder / "TOTALS.json").read_text()) == {"t": {"rows": "0"}}


def test_a_copy_is_made_even_where_the_keys_cannot_be_read(
    database: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEYS_FILE.parent.mkdir()
    settings.KEYS_FILE.write_text("{}")
    assert main(["backup", str(tmp_path / "copy")]) == 0
    assert "NOT SEALED" in capsys.readouterr().out
    tables = sqlite3.connect(tmp_path / "copy/handup.sqlite3").execute(
        "SELECT name FROM sqlite_master"
    )
    assert tables.fetchall() == [("t",)]


def test_what_came_back_with_other_totals_is_not_taken(
    database: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = tmp_path / "copy"
    assert main(["backup", str(folder)]) == 0
    (folder / "TOTALS.json").write_text(json.dumps({"t": {"rows": "2"}}))
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    kept = [line for line in sums if not line.endswith("TOTALS.json")]
    (folder / "SHA256SUMS").write_text("\n".join(kept))
    database.unlink()
    monkeypatch.setattr(restore, "database_file", lambda: database)
    monkeypatch.setattr(restore, "connection", SimpleNamespace(vendor="sqlite", close=lambda: None))
    assert main(["restore", str(folder)]) == 1
    assert "t.rows: 2 copied, 0 brought back" in capsys.readouterr().err
    assert not database.exists()


def test_only_copies_in_the_house_are_thinned_out(database: Path, tmp_path: Path) -> None:
    assert main(["backup", str(tmp_path / "copy"), "--rotate"]) == 1
    assert not (tmp_path / "copy").exists()


def test_a_backup_never_writes_over_an_older_one(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert list((tmp_path / "copy").iterdir()) == []


def test_a_database_that_is_none_is_not_backed_up(database: Path, tmp_path: Path) -> None:
    database.write_bytes(b"this is no database at all, just text" * 40)
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert not (tmp_path / "copy").exists(), "nothing half stays, and it can be tried again"


@pytest.fixture
def empty_place(
    db: None, database: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A backup, and a place with keys but without a database; proofs are those of the test."""
    settings.KEYS_FILE = tmp_path / "keys.json"
    settings.KEYS_FILE.write_text("{}")
    (Path(settings.MEDIA_ROOT) / "ab").mkdir(parents=True)
    (Path(settings.MEDIA_ROOT) / "ab" / "abc").write_text("x")
    assert main(["backup", str(tmp_path / "copy")]) == 0
    shutil.rmtree(settings.MEDIA_ROOT)
    database.unlink()
    monkeypatch.setattr(restore, "database_file", lambda: database)
    monkeypatch.setattr(restore, "connection", SimpleNamespace(vendor="sqlite", close=lambda: None))
    monkeypatch.setattr(restore, "call_command", lambda *words, **options: None)
    return tmp_path / "copy"


def test_a_backup_is_brought_back_and_proved(
    empty_place: Path, database: Path, checks: list[Check], settings: Settings
) -> None:
    assert main(["restore", str(empty_place)]) == 0
    tables = sqlite3.connect(database).execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("t",)]
    assert (Path(settings.MEDIA_ROOT) / "ab" / "abc").read_text() == "x"
    assert ProofRun.objects.get().reason == ProofReason.RESTORED
    assert main(["restore", str(empty_place)]) == 1, "nothing is written over"
    assert ProofRun.objects.count() == 1


def test_a_copy_is_of_one_moment_and_no_other_is_taken_from_it(
    empty_place: Path, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(empty_place), "--until", "2026-11-28T14:03"]) == 1
    assert "no state of the database from before that moment" in capsys.readouterr().err
    assert not database.exists()


def test_a_moment_without_a_zone_is_one_of_the_house(
    empty_place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = "Africa/Kigali"
    asked: list[datetime | None] = []

    def lay_out(folder: Path, to: Path, *, until: datetime | None = None) -> datetime:
        asked.append(until)
        raise following.NothingFollowed(folder=folder)

    monkeypatch.setattr(following, "is_one", lambda folder: True)
    monkeypatch.setattr(following, "lay_out", lay_out)
    for said in ("2026-11-28T14:03", "2026-11-28T12:03+00:00"):
        assert main(["restore", str(empty_place), "--until", said]) == 1
    assert asked[0] == asked[1] == datetime(2026, 11, 28, 12, 3, tzinfo=UTC)


def test_a_restored_copy_that_does_not_prove_itself_says_so(
    empty_place: Path, checks: list[Check]
) -> None:
    checks.append(Check("BAD", "Balances", lambda: [Difference("loan 7", "100", "90")]))
    assert main(["restore", str(empty_place)]) == 1
    assert ProofRun.objects.get().differences == 1


def test_a_damaged_backup_or_one_without_its_keys_is_not_brought_back(
    empty_place: Path,
    database: Path,
    checks: list[Check],
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path(settings.KEYS_FILE).unlink()
    assert main(["restore", str(empty_place)]) == 1
    assert "keys must be at" in capsys.readouterr().err
    Path(settings.KEYS_FILE).write_text("{}")
    (empty_place / "files" / "ab" / "abc").write_text("y")
    assert main(["restore", str(empty_place)]) == 1
    assert "files/ab/abc of the backup" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "nowhere")]) == 1
    assert not database.exists()
    assert not ProofRun.objects.exists()


def test_what_somebody_laid_open_beside_sealed_files_is_not_brought_back(
    db: None, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    copy, plain = tmp_path / "copy", tmp_path / "plain"
    copy.mkdir()
    plain.write_text("the books")
    sealed_files.seal_file(
        plain,
        copy / "handup.sqlite3.sealed",
        key=keys.load().lasting_key(backup.KEY),
        name="handup.sqlite3",
    )
    (copy / backup_slip.FILE).write_text("slip")
    restore._open(copy, tmp_path / "good")
    assert (tmp_path / "good" / "handup.sqlite3").read_text() == "the books"
    assert capsys.readouterr().out == ""
    (copy / backup.REGISTER).write_text("put on the stick by a finder")
    with pytest.raises(restore.BackupDamaged):
        restore._open(copy, tmp_path / "bad")
    assert not (tmp_path / "bad" / backup.REGISTER).exists()
    (copy / "handup.sqlite3.sealed").unlink()
    restore._open(copy, tmp_path / "never sealed")
    assert "NOT SEALED" in capsys.readouterr().out


def test_keys_are_rotated_and_old_ones_taken_away(
    db: None, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    assert main(["rotate-keys", "--new", "--drop"]) == 0
    shown = capsys.readouterr().out
    assert "new field key: f2" in shown
    assert "key f1 is taken away" in shown
    assert main(["rotate-keys", "--index", "--drop"]) == 0
    shown = capsys.readouterr().out
    assert "index key from before: 0 values" in shown
    assert "the index key from before is taken away" in shown


def test_the_worker_works_off_what_waits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)
    assert main(["worker", "--once"]) == 0


def test_a_proxy_is_believed_only_over_tls(settings: Settings) -> None:
    settings.SECURE = False
    assert run.proxy() == {}
    settings.SECURE = True
    assert run.proxy()["trusted_proxy"] == "127.0.0.1"
