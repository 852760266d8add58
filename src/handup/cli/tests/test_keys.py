"""The keys outlive the computer: two holders bring them back, one alone does not; the slip of each
backup bears the head of the read log."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from handup.cli import main
from handup.kernel.crypto import Place
from handup.org import backup_slip, keys, sealed_copy
from handup.org.keys import Ring
from handup.org.models import ChainHead, SealedKeys, StaffUser
from handup.org.reads import CHAIN, write_entry
from handup.org.services.sealed_keys import what_is_missing

PLACE = Place("t", "c", "1")
SHARE = re.compile(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}")


@pytest.fixture(autouse=True)
def _own_place(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.KEYS_FILE = tmp_path, tmp_path / "keys.json"


def sealed(capsys: pytest.CaptureFixture[str]) -> tuple[Path, str, str]:
    """A copy made by the command, and its two slips."""
    assert main(["keys", "seal", "--holder", "Nune", "--holder", "Gor"]) == 0
    first, second = SHARE.findall(capsys.readouterr().out)
    return sealed_copy.path_of(SealedKeys.objects.get().code), first, second


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_secret_is_read_again_on_a_new_computer(
    db: None, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    secret = keys.load().rings[Ring.FIELD].encrypt("AB 123", PLACE)
    file, first, second = sealed(capsys)
    assert oct(file.stat().st_mode)[-3:] == "600"
    for name in ("field", "compartment", "index", "signing"):
        held = json.loads(settings.KEYS_FILE.read_text())[name]
        told = held if isinstance(held, str) else next(iter(held.values()))
        assert told.encode() not in file.read_bytes()
    copy = tmp_path / "carried.json"
    file.rename(copy)
    typed(monkeypatch, second, first)
    assert main(["keys", "bring-back", str(copy)]) == 1, "keys that are there stay"
    settings.KEYS_FILE = tmp_path / "new" / "keys.json"
    typed(monkeypatch, first, first)
    assert main(["keys", "bring-back", str(copy)]) == 1
    assert not settings.KEYS_FILE.exists()
    typed(monkeypatch, second, first)
    assert main(["keys", "bring-back", str(copy)]) == 0
    assert keys.load().rings[Ring.FIELD].decrypt(secret, PLACE) == "AB 123"
    assert oct(settings.KEYS_FILE.stat().st_mode)[-3:] == "600"


def test_a_copy_is_proved_and_older_keys_are_told(
    db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert what_is_missing() == "NONE"
    file, first, second = sealed(capsys)
    assert what_is_missing() == "UNPROVED"
    typed(monkeypatch, first, second[:-1] + ("2" if second[-1] != "2" else "3"))
    assert main(["keys", "prove", str(file)]) == 1
    assert "not copied right" in capsys.readouterr().err
    assert what_is_missing() == "UNPROVED"
    typed(monkeypatch, first, second)
    assert main(["keys", "prove", str(file)]) == 0
    assert what_is_missing() == ""
    keys.add_key(Ring.FIELD)
    assert what_is_missing() == "STALE"
    typed(monkeypatch, first, second)
    assert main(["keys", "prove", str(file)]) == 1
    assert "keys from before" in capsys.readouterr().err


def test_one_holder_alone_or_a_file_that_is_none_is_refused(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for holders in (["--holder", "Nune"], ["--holder", "Nune", "--holder", "nune "]):
        assert main(["keys", "seal", *holders]) == 1
    assert not SealedKeys.objects.exists()
    assert not sealed_copy.folder().exists()
    assert main(["keys", "prove", str(tmp_path / "nowhere")]) == 1
    (tmp_path / "other.json").write_text("{}")
    typed(monkeypatch, "a", "b")
    assert main(["keys", "prove", str(tmp_path / "other.json")]) == 1


def test_the_slip_of_a_backup_bears_the_head_of_the_read_log(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    staff = StaffUser.objects.create_user("reader")
    for _each in range(3):
        write_entry(staff=staff, door="COMMAND", action="VIEW", persons=[uuid4()], highest="P")
    head = ChainHead.objects.get(name=CHAIN)
    slip = backup_slip.written(datetime(2026, 3, 2, 10, 5, tzinfo=UTC))
    assert "BACKUP 2026-03-02 10:05 UTC" in slip
    assert f"Read log   {head.number}" in slip
    assert head.hash in slip.replace(" ", "")
    assert "no sealed copy" in slip
    paper = tmp_path / "SLIP.txt"
    paper.write_text(slip)
    write_entry(staff=staff, door="COMMAND", action="VIEW", persons=[uuid4()], highest="P")
    assert f"the one of the slip, up to entry {head.number}" in backup_slip.compared(paper)
    paper.write_text(slip.replace(head.hash[:8], "0" * 8))
    assert "NOT THE ONE OF THE SLIP" in backup_slip.compared(paper)
    assert "no head" in backup_slip.compared(tmp_path / "nowhere")
    file, _first, _second = sealed(capsys)
    assert f"sealed copy {SealedKeys.objects.get().code}, never opened" in backup_slip.written(
        datetime(2026, 3, 3, tzinfo=UTC)
    )
    assert file.exists()
