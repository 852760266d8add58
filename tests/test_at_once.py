"""A repayment and a hand-over at once, two applications of one person at once, on two connections:
one waits for the other and is refused by what it then finds, on either database.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.source import ROOT
from tests.test_kills import other_database


def run(folder: Path, address: str, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "HANDUP_DATA": str(folder),
        "HANDUP_DATABASE": address,
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        "PYTHONPATH": str(Path(settings.BASE_DIR).parent),
    }
    return subprocess.run(
        [sys.executable, "-m", *words],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_who_comes_second_waits_and_is_refused_by_what_happened(db: None, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/at_once.sqlite3"
    if connection.vendor == "postgresql":
        address = other_database(f"at_once_{os.getpid()}")
    made = run(tmp_path, address, "handup.cli", "migrate")
    assert made.returncode == 0, made.stderr[-3000:]
    done = run(tmp_path, address, "tests.at_once")
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "paid first": {"waited": True, "first": "", "second": "PackedChanged"},
        "moved first": {"waited": True, "first": "", "second": "LoanMoved"},
        "applied": {"waited": True, "first": "", "second": "AlreadyApplied"},
        "payments": 1,
        "entries": 1,
        "moved": True,
        "broken": [],
    }
