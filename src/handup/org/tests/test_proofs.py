"""All proofs, every night: over one state, nothing written, what was found kept and shown."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections
from django.db.utils import load_backend
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from handup.org import nightly, verify
from handup.org.models import Office, ProofOutcome, ProofReason, ProofRun, Setting
from handup.org.proving import prove, prove_everything
from handup.org.rules.access import Role
from handup.org.snapshot import snapshot
from handup.org.sqlite import sqlite3
from handup.org.tests.conftest import with_role
from handup.org.verify import Check, Difference

EVENING = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """A list of proofs of this test only."""
    made = [Check("GOOD", "All is well", list, proves="V1")]
    monkeypatch.setattr(verify, "checks", made)
    return made


def _fails() -> list[Difference]:
    raise ValueError("no such table")


BAD = Check("BAD", "Balances", lambda: [Difference("loan 7", "100", "90")], proves="V7")
LAME = Check("LAME", "Cannot", _fails)


def test_what_holds_differs_and_cannot_be_run_is_kept(db: None, checks: list[Check]) -> None:
    assert prove(ProofReason.NIGHTLY).outcome == ProofOutcome.HOLDS
    checks.append(LAME)
    assert prove(ProofReason.NIGHTLY).outcome == ProofOutcome.FAILED
    checks.append(BAD)
    run = prove(ProofReason.RESTORED)
    assert (run.outcome, run.checks, run.differences) == (ProofOutcome.DIFFERS, 3, 1)
    assert run.found == [
        {
            "check": "LAME",
            "proves": "",
            "key": "",
            "stored": "",
            "computed": "ValueError: no such table",
        },
        {"check": "BAD", "proves": "V7", "key": "loan 7", "stored": "100", "computed": "90"},
    ]


def test_what_was_found_cannot_be_changed(db: None, checks: list[Check]) -> None:
    run = prove(ProofReason.NIGHTLY)
    with pytest.raises(DatabaseError):
        ProofRun.objects.filter(pk=run.pk).update(outcome=ProofOutcome.DIFFERS)


def test_the_night_s_jobs_are_put_into_the_queue_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "jobs", [])
    nightly.register(prove_everything, prove_everything)
    assert not nightly.look(EVENING), "a new installation begins with the next night"
    assert not nightly.look(EVENING + timedelta(hours=3))
    assert nightly.look(NIGHT)
    assert not nightly.look(NIGHT + timedelta(minutes=2)), "once a night"
    assert DBTaskResult.objects.count() == 1
    assert Setting.objects.get(key=nightly.KEY).value == nightly.night_of(NIGHT).isoformat()
    assert nightly.look(NIGHT + timedelta(days=3)), "a computer that was off catches up"
    assert DBTaskResult.objects.count() == 2


def test_the_job_proves_everything(
    db: None, checks: list[Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_everything.func()
    assert ProofRun.objects.get().reason == ProofReason.NIGHTLY


def test_a_copy_of_the_file_is_one_state_and_lets_nothing_be_written(
    db: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite: others write meanwhile; what they wrote is not seen, and nobody waits."""
    file = tmp_path / "data.sqlite3"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("CREATE TABLE t (n INTEGER)")
    settings.DATA_DIR = tmp_path
    told = {**connections["default"].settings_dict, "NAME": str(file)}
    told["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
    own = load_backend("handup.config.sqlite").DatabaseWrapper(told, "default")
    monkeypatch.setattr("handup.org.snapshot.connection", own)

    def count() -> int:
        with own.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM t")
            return int(cursor.fetchone()[0])

    with snapshot():
        other.execute("INSERT INTO t VALUES (1)")
        own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert count() == 0, "a question may open a transaction of its own"
        own.rollback()
        own.set_autocommit(True)
        with pytest.raises(DatabaseError, match="readonly"), own.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (2)")
    assert count() == 1
    own.close()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_transaction_of_postgresql_repeats_what_it_read_and_writes_nothing(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has such a transaction")
    found: list[str] = []

    def read() -> None:
        with snapshot(), connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            found.append(cursor.fetchone()[0])
            try:
                Office.objects.create(code="X", name="X")
            except DatabaseError as fault:
                found.append(str(fault))

    def run() -> None:
        try:
            read()
        except DatabaseError:
            found.append("rolled back")
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert found[0] == "repeatable read"
    assert "read-only transaction" in found[1]


def test_verify_tells_apart_what_differs_and_what_could_not_be_run(
    db: None, checks: list[Check]
) -> None:
    checks.append(LAME)
    outcomes = list(verify.run_all())
    assert [(item.check.code, item.holds, item.fault) for item in outcomes] == [
        ("GOOD", True, ""),
        ("LAME", False, "ValueError: no such table"),
    ]
    with pytest.raises(ValueError, match="no such table"):
        list(verify.run_checks())


def test_the_page_of_the_proofs_and_who_may_see_it(
    db: None, client: Client, checks: list[Check]
) -> None:
    checks.append(BAD)
    run = prove(ProofReason.NIGHTLY)
    client.force_login(with_role("auditor", Role.AUDITOR))
    listed = client.get(reverse("org:proof_list")).content.decode()
    assert "Something differs" in listed
    shown = client.get(reverse("org:proof_detail", args=[run.pk])).content.decode()
    assert "loan 7" in shown
    client.force_login(with_role("trainer", Role.TRAINER))
    assert client.get(reverse("org:proof_list")).status_code == 403
    assert client.get(reverse("org:proof_detail", args=[run.pk])).status_code in (403, 404)
