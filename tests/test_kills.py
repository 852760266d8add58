"""Whatever moment the power goes: no payment that was acknowledged is lost, none counts twice."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.source import ROOT


def after_kills(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Run the program with a data folder and a database of its own."""
    address = f"sqlite:///{folder}/kills.sqlite3"
    made = ""
    if connection.vendor == "postgresql":
        made = f"kills_{os.getpid()}_{rounds}"
        address = other_database(made)
    env = os.environ | {
        "HANDUP_DATA": str(folder),
        "HANDUP_DATABASE": address,
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        "PYTHONPATH": str(Path(settings.BASE_DIR).parent),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", str(rounds), str(seed)],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20 * 60,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def other_database(name: str) -> str:
    """An empty database on the same server; its address."""
    import psycopg

    told = connection.get_connection_params() | {"dbname": "postgres"}
    plain = {
        key: told[key] for key in ("host", "port", "user", "password", "dbname") if told.get(key)
    }
    with psycopg.connect(**plain, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
    who = f"{plain['user']}:{plain.get('password', '')}"
    return f"postgresql://{who}@{plain['host']}:{plain.get('port', 5432)}/{name}"


def holds(found: dict[str, Any]) -> None:
    """Nothing lost, nothing doubled, the books prove themselves."""
    assert found["killed_within"] > found["rounds"] // 3, found
    assert found["told_under_fire"] > 0, found
    assert found["told"] == found["sent"] == found["stored"], found
    for name in ("lost", "strange", "wrong", "doubled", "not_in_the_books"):
        assert found[name] == 0, (name, found)
    assert found["differences"] == [], found


Note = Callable[[str, object], None]


def test_payments_survive_being_killed(db: None, tmp_path: Path) -> None:
    holds(after_kills(tmp_path, 25, seed=1))


@pytest.mark.soak
def test_payments_survive_being_killed_five_hundred_times(
    db: None, tmp_path: Path, record_property: Note
) -> None:
    found = after_kills(tmp_path, 500, seed=2)
    record_property("backend", connection.vendor)
    record_property("n", found["rounds"])
    holds(found)
