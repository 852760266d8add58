"""A person is erased: no byte of hers is left, and no book and no figure has changed (R7)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.source import ROOT
from tests.test_kills import other_database

LONGEST_SECONDS = 300


def erased_one(folder: Path) -> dict[str, Any]:
    """Run the program with a data folder and a database of its own."""
    address = f"sqlite:///{folder}/erasing.sqlite3"
    if connection.vendor == "postgresql":
        address = other_database(f"erasing_{os.getpid()}")
    env = os.environ | {
        "HANDUP_DATA": str(folder),
        "HANDUP_DATABASE": address,
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        "PYTHONPATH": str(Path(settings.BASE_DIR).parent),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.erasing"],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_an_erased_person_leaves_no_byte_and_changes_no_figure(db: None, tmp_path: Path) -> None:
    found = erased_one(tmp_path)
    assert found["states"] == ["IDENTIFIED", "HELD", "IDENTIFIED", "APPROVED", "CERTIFIED"]
    before, after = found["indicators"]
    assert before == after
    assert before["MED-OUT-01"][0] == 2, "she counted, and she still does"
    assert "LARGE_FAMILY" in before["MED-OUT-01"][2]
    assert "REFUGEE" in before["MED-OUT-01"][2]
    assert found["trial"]
    assert found["same"]
    plain = {"name", "first", "last", "father", "issuer", "birth", "enquiry", "signatory"}
    for what in (*plain, "purpose", "business", "paper"):
        assert found["before"][what], f"{what} was nowhere: the search proves nothing"
    assert found["after"] == {what: [] for what in found["after"]}
    assert (found["found"], found["searched"] > 10) == (0, True)
    assert found["other"] == "Participant 0002"
    assert found["tombstone"] == ["erased", "NOT_ASKED", None]
    assert found["counted"] == ["F", "1989-02-01", ["REFUGEE"], "erased"], "under a key of no one"
    assert found["hers"] == ["people.ErasureCertificate", "people.SubjectRequest"]
