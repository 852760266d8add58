"""Brings the database into being and up to date; what exists is never overwritten.

A new SQLite database is made beside its place and renamed when the demonstration is complete, so
an interrupted `make run` leaves nothing half loaded. Before pending migrations change an existing
one, a copy is kept.
"""

import datetime
import os
import subprocess
from pathlib import Path

from tools.environment import PYTHON, environment
from tools.steps import ROOT, StepFailed, run, say, show, step

SIDE_FILES = ("", "-journal", "-wal", "-shm")


def data_folder() -> Path:
    """Where the database, keys and files are: HANDUP_DATA, else `data/` in the project."""
    return Path(os.environ.get("HANDUP_DATA") or ROOT / "data").resolve()


def sqlite_file() -> Path | None:
    """The SQLite file in use, or None when HANDUP_DATABASE names a PostgreSQL."""
    url = os.environ.get("HANDUP_DATABASE", "")
    if not url:
        return data_folder() / "handup.sqlite3"
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None


def prepare(env: dict[str, str]) -> None:
    """Create the database with its demonstration when there is none, else bring it up to date."""
    file = sqlite_file()
    if file is None or file.exists():
        _bring_up_to_date(file, env)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    begun = file.with_name(file.name + ".new")
    for suffix in SIDE_FILES:
        begun.with_name(begun.name + suffix).unlink(missing_ok=True)
    building = env | {"HANDUP_DATABASE": f"sqlite:///{begun}"}
    with step(f"creating the database {_short(file)}"):
        run("migrate", _handup("migrate"), env=building)
    say("  loading the three demonstration programmes (only this once)")
    if show(_handup("demo", "load", "--profile", "full"), env=building):
        raise StepFailed("The demonstration could not be loaded; nothing was kept.")
    run("settle", [PYTHON, "-m", "handup.org.sqlite", "settle", begun], env=building)
    begun.rename(file)
    for suffix in SIDE_FILES:
        begun.with_name(begun.name + suffix).unlink(missing_ok=True)


def _bring_up_to_date(file: Path | None, env: dict[str, str]) -> None:
    command = _handup("migrate", "--check")
    if subprocess.run(command, env=env, cwd=ROOT, capture_output=True).returncode == 0:
        return
    if file is not None:
        now = datetime.datetime.now(tz=datetime.UTC)
        copy = file.with_name(f"{file.stem}-before-{now:%Y%m%dT%H%M%SZ}.sqlite3")
        with step(f"keeping a copy of the database: {_short(copy)}"):
            run("copy", [PYTHON, "-m", "handup.org.sqlite", "copy", file, copy], env=env)
    with step("bringing the database up to date"):
        run("migrate", _handup("migrate"), env=env)


def _handup(*words: str) -> list[str | Path]:
    return [PYTHON, "-m", "handup.cli", *words]


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def run_environment(port: str) -> dict[str, str]:
    """The environment of the running program: its data folder and port."""
    return environment(HANDUP_DATA=str(data_folder()), HANDUP_PORT=port)
