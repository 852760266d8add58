"""Steps that say what they do, how long they took, and that are not done twice.

A step is stamped with a hash of what it depends on; as long as the hash is the same it is not
repeated. What a program prints goes to `build/log/`; when it fails, the end of it is shown.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
LOGS = BUILD / "log"
LAST_LINES = 40


class StepFailed(Exception):
    """A step could not be done; the message says what to do about it."""


def say(text: str = "") -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins, and how long it took when it is done."""
    began = time.monotonic()
    print(f"  {title} … ", end="", flush=True)
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def content_hash(paths: Iterable[Path], *extra: str) -> str:
    """Hash the contents and names of files (folders: everything below, node_modules left out)."""
    digest = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(_files(paths)):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for folder, names, files in os.walk(path):
                names[:] = [name for name in names if name not in {"node_modules", "__pycache__"}]
                yield from (Path(folder, file) for file in files)
        elif path.exists():
            yield path


class Stamps:
    """What has been done, by name and hash; lives in a folder thrown away with its result."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def holds(self, name: str, digest: str) -> bool:
        """Whether the step was done for exactly this content."""
        path = self.folder / name
        return path.exists() and path.read_text() == digest

    def put(self, name: str, digest: str) -> None:
        """Remember that the step is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(digest)


def keep(
    name: str,
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> int:
    """Run a program with its output in `build/log/<name>.log`; return its exit status."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("w") as out:
        try:
            done = subprocess.run(
                [str(part) for part in command], cwd=cwd, env=env, stdout=out, stderr=out
            )
        except OSError as fault:
            raise StepFailed(f"{command[0]} could not be started: {fault}") from fault
    return done.returncode


def run(
    name: str,
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    advice: str = "",
) -> None:
    """Run a program with its output in `build/log/<name>.log`; show the end of it when it fails."""
    status = keep(name, command, cwd=cwd, env=env)
    if status:
        log = LOGS / f"{name}.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise StepFailed(
            f"{name} ended with {status}; its last lines:\n{tail}\n"
            f"(all of it: {log.relative_to(ROOT)})" + (f"\n{advice}" if advice else "")
        )


def show(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> int:
    """Run a program with its output on the screen; return its exit status."""
    sys.stdout.flush()
    return subprocess.run([str(part) for part in command], cwd=cwd, env=env).returncode
