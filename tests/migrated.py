"""A house made by every migration, one after the other. That takes half a minute: it is made once
for one state of the source, kept in `build/`, and copied by whoever needs one.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from handup.org.sqlite import sqlite3
from tests.source import HOUSE, ROOT, is_test
from tools.steps import BUILD, content_hash

KEPT = BUILD / "migrated"


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a program with a data folder of its own, its database in it."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    return env | {
        "HANDUP_DATA": str(folder),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
    }


def migrated_house(folder: Path) -> None:
    """Make this the data folder of an empty house that went through every migration."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = KEPT / content_hash(_what_decides(), django.get_version(), sqlite3.sqlite_version)
        if not made.exists():
            _make(made)
        shutil.copytree(made, folder, dirs_exist_ok=True)


def _what_decides() -> Iterator[Path]:
    """Every program a migration may call."""
    yield ROOT / "tools/migrations.py"
    yield from (path for path in HOUSE.rglob("*.py") if not is_test(path))


def _make(made: Path) -> None:
    for old in KEPT.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    begun = KEPT / "begun"
    begun.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tools.migrations"],
        env=surroundings(begun),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    begun.rename(made)
