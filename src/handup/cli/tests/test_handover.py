"""`handup handover`: the key lies there before its package, and the place of the receipt before
anything is loaded.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from handup.cli import handover, main
from handup.org import verify
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.projects.carrying.package import Opening, new_opening
from handup.projects.carrying.receiving import HouseNotEmpty
from handup.projects.models import Handover, Programme

RECEIPT = {"receipt": {"batch": "b"}, "signature": "s"}


def test_a_receipt_has_its_place_before_anything_is_loaded(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    staff_with("newcomer", Role.ADMINISTRATOR)
    key, receipt = tmp_path / "key", tmp_path / "receipt"
    key.write_text(new_opening().text())
    loaded: list[Opening] = []

    def load(*, opening: Opening, **_: Any) -> dict[str, Any]:
        loaded.append(opening)
        if len(loaded) == 1:
            raise HouseNotEmpty(table="t")
        return RECEIPT

    def told(to: Path, key: Path = key) -> int:
        words = ["handover", "load", "package", "--key", str(key), "--receipt", str(to)]
        return main([*words, "--staff", "newcomer"])

    monkeypatch.setattr(handover, "load_package", load)
    monkeypatch.setattr(verify, "run_all", lambda: iter(()))
    assert told(tmp_path / "no folder" / "receipt") == 1
    assert told(receipt, key=tmp_path / "no key") == 1
    assert not loaded
    assert told(receipt) == 1
    assert not receipt.exists()  # what was refused leaves no receipt
    assert told(receipt) == 0
    assert json.loads(receipt.read_text()) == RECEIPT
    assert receipt.stat().st_mode & 0o077 == 0
    assert told(receipt) == 1  # and none is written over
    assert len(loaded) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_no_key_is_left_of_a_package_that_was_refused(db: None, tmp_path: Path) -> None:
    manager = staff_with("manager", Role.MANAGER)
    programme = Programme.objects.create(code="P", title="A programme", currency="USD")
    Handover.objects.create(
        programme=programme, title="To our own", starts="2026-01-01", opened_by=manager
    )
    key = tmp_path / "key"
    words = ["handover", "pack", "P", str(tmp_path / "package"), "--key", str(key)]
    assert main([*words, "--staff", "manager"]) == 1  # no successor decided yet
    assert list(tmp_path.iterdir()) == []
    key.write_text("another key")
    assert main([*words, "--staff", "manager"]) == 1
    assert key.read_text() == "another key"
