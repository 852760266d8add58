"""The commands behind `make`: each is one function, its first line is what `make help` says."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tools import chromium, database, pg, soak_figures
from tools.environment import PYTHON, environment, install, lock, npm_in_field
from tools.steps import BUILD, LOGS, ROOT, StepFailed, keep, run, say, show

SLOWEST = 60
"""Of how many tests each stage tells how long they took."""
NOT_BROWSER = "not browser and not soak"
BROWSER = ("tests/browser", "tests/frame")  # the folders whose tests need one, every one of them


def run_program() -> int:
    """Install, build, load the demonstration once, and start the server on PORT (8000)."""
    port = os.environ.get("PORT") or os.environ.get("HANDUP_PORT") or "8000"
    _refuse_busy_port(port)
    say("Handup: getting ready")
    install("base", "build")
    env = database.run_environment(port)
    database.prepare(env)
    say(f"\nHandup is at  http://localhost:{port}   (stop it with Ctrl+C)\n")
    show([PYTHON, "-m", "handup.cli", "sign-ins"], env=env)
    command = [str(PYTHON), "-m", "handup.cli", "run"]
    os.chdir(ROOT)
    os.execve(command[0], command, env)


def _refuse_busy_port(port: str) -> None:
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise StepFailed(f"PORT must be a number from 1 to 65535, not {port!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as fault:
            raise StepFailed(
                f"Port {port} cannot be used ({fault.strerror}). Choose another: PORT=8001 make run"
            ) from fault


def install_all() -> int:
    """Install everything for working on Handup: packages with the test tools, front-end, texts."""
    say("Handup: installing")
    install("test")
    return 0


Stage = tuple[str, Callable[[], int]]


def _for_tests(folder: str = "test-data", **extra: str) -> dict[str, str]:
    """The environment of tests: a data folder of their own."""
    data = BUILD / folder
    data.mkdir(parents=True, exist_ok=True)
    return environment(HANDUP_DATA=str(data), **extra)


def _pytest(*words: str, **extra: str) -> int:
    """Tests that only compute; they give way to Chromium, for which somebody waits with a watch."""
    command: list[str | Path] = ["nice", "-n", "5", PYTHON, "-m", "pytest", "-q", *words]
    command.append(f"--durations={SLOWEST}")
    return show(command, env=_for_tests(**extra))


def _workers() -> str:
    return str(max(2, min(os.cpu_count() or 2, 8)))


def _tool(*words: str) -> Callable[[], int]:
    return lambda: show([PYTHON, "-m", *words], env=environment())


def _house() -> int:
    """A few long walks and many short tests: who is done takes over what waits behind a walk."""
    return _pytest("tests", "-m", NOT_BROWSER, "-n", _workers(), "--dist", "worksteal")


STYLE: list[Stage] = [
    ("style", _tool("ruff", "check", "--quiet", ".")),
    ("format", _tool("ruff", "format", "--quiet", "--check", ".")),
    ("field types", lambda: npm_in_field("check")),
    ("field rules", lambda: npm_in_field("test")),
]
TYPES: Stage = ("types", _tool("mypy", "--no-error-summary"))
HOUSE: Stage = ("house", _house)


def _sqlite() -> int:
    """The tests of the house and of every domain in one run: what all need is loaded once."""
    return _pytest(
        "tests", "src", "stories", "-m", NOT_BROWSER, "-n", _workers(), "--dist", "worksteal"
    )


MIGRATED = "handup_migrated"


@contextlib.contextmanager
def _migrated() -> Iterator["Future[str]"]:
    """The address of a PostgreSQL that holds a database made by every migration: it is made while
    other stages run, and each worker of the tests takes a copy of it.
    """
    with contextlib.ExitStack() as held, ThreadPoolExecutor(1) as pool:

        def make() -> str:
            url = held.enter_context(pg.running())
            there = urlsplit(url)._replace(path=MIGRATED).geturl()
            steps: list[tuple[str, str, list[str | Path]]] = [
                (url, "database", [PYTHON, "-m", "tools.pg", "make", MIGRATED]),
                (there, "migrations", [PYTHON, "-m", "tools.migrations"]),
            ]
            for address, name, command in steps:
                run(name, command, env=_for_tests(HANDUP_DATABASE=address))
            return url

        yield pool.submit(make)


def _postgres(address: "Future[str]") -> int:
    """What asks no database has been asked once already."""
    return _pytest(
        "src",
        "stories",
        "--migrations",
        f"--database-like={MIGRATED}",
        "--database-only",
        "-m",
        NOT_BROWSER,
        "-n",
        _workers(),
        "--dist",
        "worksteal",
        HANDUP_DATABASE=address.result(),
    )


def _stages(stages: list[Stage], beside: Sequence[Stage] = ()) -> int:
    """Run every stage, also after one has failed, and say at the end which did. Those of `beside`
    run one after the other while the rest do, and say what they found when all is done.
    """
    pool = ThreadPoolExecutor(1)
    try:
        for name, _stage in beside:
            (LOGS / f"{name}.log").unlink(missing_ok=True)
        waited_for = [pool.submit(_timed, *stage, quiet=True) for stage in beside]
        results = [_timed(*stage) for stage in stages]
        for (name, _stage), found in zip(beside, waited_for, strict=True):
            results.append(found.result())
            say(f"\n== {name}\n{_told(name)}")
    finally:
        pool.shutdown(cancel_futures=True)
    say("\n" + "\n".join(line for _status, line in results))
    return int(any(status for status, _line in results))


def _timed(name: str, stage: Callable[[], int], *, quiet: bool = False) -> tuple[int, str]:
    """The status of one stage and its line in the summary."""
    if not quiet:
        say(f"\n== {name}")
    began = time.monotonic()
    try:
        status = stage()
    except StepFailed as fault:
        say(str(fault))
        status = 1
    word = "FAILED" if status else "passed"
    return status, f"  {word}  {name:17} {time.monotonic() - began:6.0f} s"


def _told(name: str) -> str:
    """What a stage run beside others wrote."""
    log = LOGS / f"{name}.log"
    return log.read_text(errors="replace").strip() if log.exists() else "It wrote nothing."


def _beside() -> list[Stage]:
    """The stages that keep less than a core busy: Chromium is waited for more than it works."""

    def browser() -> int:
        return keep(
            "browser",
            [PYTHON, "-m", "pytest", "-q", *BROWSER, "-m", "not soak"],
            env=_for_tests("browser-data", HANDUP_CHROMIUM=chromium.ensure()),
        )

    def types() -> int:
        return keep("types", [PYTHON, "-m", "mypy", "--no-error-summary"], env=environment())

    return [("browser", browser), ("types", types)]


def check() -> int:
    """Style, types, direction of imports, the tests about the code itself (some ten minutes)."""
    install_all()
    return _stages([*STYLE, TYPES, HOUSE])


def test() -> int:
    """Everything: check, all tests on SQLite and on a real PostgreSQL, and in a real Chromium."""
    install_all()
    with _migrated() as address:
        more: list[Stage] = [
            ("house and sqlite", _sqlite),
            ("postgresql", lambda: _postgres(address)),
        ]
        return _stages([*STYLE, *more], _beside())


def soak() -> int:
    """The long runs: more examples, tests marked soak, a country's load; writes build/soak.json.

    The load (bench.load) goes first well, then with everything going wrong; its figures are in
    build/load.json and build/troubles.json.
    """
    examples = _soak_tests()
    return examples or _load("10", "load.json") or _load("5", "troubles.json", "--troubles")


def _load(minutes: str, name: str, *more: str) -> int:
    """500 phones and 100 staff for some minutes, on each database."""
    words = ["--minutes", minutes, "--json", str(BUILD / name), *more]
    return show([PYTHON, "-m", "bench.load", *words], env=environment())


def _soak_tests() -> int:
    """The examples and the tests; the figures are written also when one fails."""
    install_all()
    told = BUILD / "soak.xml"
    told.unlink(missing_ok=True)
    status = _pytest(
        "-m",
        "hypothesis or soak",
        "--hypothesis-profile=soak",
        "-n",
        _workers(),
        f"--junitxml={told}",
    )
    if not told.exists():
        say("The run ended before it could tell anything; build/soak.json stays as it was.")
        return status or 1
    results = soak_figures.write(told, BUILD / "soak.json")
    say(f"{results} figures in build/soak.json")
    return status


def bench() -> int:
    """Measure, on SQLite and on PostgreSQL; writes build/bench.json."""
    say("Handup: installing, with what it is measured against")
    install("bench")
    return show([PYTHON, "-m", "bench"], env=environment())


def docs() -> int:
    """Write the reference (commands, settings) and the words; every document into build/docs."""
    install_all()
    return show([PYTHON, "-m", "tools.docs"], env=environment())


PICTURES = ROOT / "src/handup/static/guide"


def pictures() -> int:
    """Make the pictures of the guides anew, in Chromium from the running program."""
    install_all()
    PICTURES.mkdir(exist_ok=True)
    drawn = "tests/browser/test_guide_pictures.py"
    return _pytest(drawn, HANDUP_CHROMIUM=chromium.ensure(), GUIDE_PICTURES=str(PICTURES))


def lock_packages() -> int:
    """Write requirements/*.txt anew from requirements/*.in (needs uv)."""
    lock()
    return 0


COMMANDS: dict[str, Callable[[], int]] = {
    "run": run_program,
    "test": test,
    "check": check,
    "bench": bench,
    "docs": docs,
    "pictures": pictures,
    "install": install_all,
    "soak": soak,
    "lock": lock_packages,
}


def run_command(words: Sequence[str]) -> int:
    """Run the command named by the first word; anything else lists them."""
    command = COMMANDS.get(words[0]) if words else None
    if command is None:
        for name, function in COMMANDS.items():
            say(f"  make {name:8} {(function.__doc__ or '').splitlines()[0]}")
        return 0 if not words or words[0] == "help" else 2
    pg.end_tidily()
    try:
        return command()
    except StepFailed as fault:
        say(f"\n{fault}")
        return 1
    except KeyboardInterrupt:
        return 130
