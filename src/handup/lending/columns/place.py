"""Where the copy lies, which one is in use, and how its engine is opened."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from handup.kernel.errors import Refusal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = ("loan", "kind", "due", "split", "paid", "event", "pause", "cure")
_CURRENT = "current.json"
_FORM = 3
"""Of what a copy holds; one of an earlier form is not asked."""
_KEPT = 2
"""Copies that stay: the one in use, and the one a question that still runs may be reading."""


class EngineMissing(Refusal):
    """A copy of the loans in columns needs the package {package}, which is not installed."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in use: the state of the database at a moment."""

    folder: Path
    made_at: datetime

    def answers(self, on: date) -> bool:
        """Whether it knows a day to its end: one before the day it was made."""
        return on < timezone.localdate(self.made_at)


def base() -> Path:
    """The folder of all copies."""
    return Path(settings.DATA_DIR) / "columns"


def current() -> Copy | None:
    """The copy in use, if one was made."""
    try:
        told = json.loads((base() / _CURRENT).read_text())
    except FileNotFoundError:
        return None
    folder = base() / told["folder"]
    if told.get("form") != _FORM or not all(
        (folder / f"{name}.parquet").exists() for name in TABLES
    ):
        return None  # it holds less than is asked
    return Copy(folder, datetime.fromisoformat(told["made_at"]))


def new_folder() -> Path:
    """An empty folder for a copy that is being made."""
    base().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = base() / f"{timezone.now():%Y%m%dT%H%M%S.%f}-{secrets.token_hex(2)}"
    folder.mkdir(mode=0o700)
    return folder


def put_in_use(folder: Path, made_at: datetime) -> Copy:
    """Answer from a finished copy from now on; older ones go."""
    told = base() / f"{folder.name}.json"
    content = {"folder": folder.name, "made_at": made_at.isoformat(), "form": _FORM}
    told.write_text(json.dumps(content))
    told.replace(base() / _CURRENT)
    others = sorted(path for path in base().iterdir() if path.is_dir() and path != folder)
    for old in others[: len(others) - _KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return Copy(folder, made_at)


@contextmanager
def engine(folder: Path) -> Iterator["DuckDBPyConnection"]:
    """DuckDB in memory, with what does not fit beside a copy; it fetches nothing from anywhere."""
    try:
        import duckdb
    except ImportError as missing:
        raise EngineMissing(package="duckdb") from missing
    options: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": "1GB",
        "temp_directory": str(folder / "spill"),
    }
    with duckdb.connect(":memory:", config=options) as opened:
        yield opened
