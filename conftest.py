"""What every test starts from: how much property tests try, no second factor, files of its own;
and how long the longest may take.

Tests of sign-in switch the second factor on; the others sign in with `client.force_login(staff)`.
"""

import faulthandler
import gc
import os
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from django.conf import settings as django_settings
from django.db import connections
from django.db.backends.signals import connection_created
from django.test import SimpleTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from handup.config.tests import proved_statements
from handup.ledger import chart
from handup.org import keys
from handup.org.tests import own_database, references, standing
from handup.results import report

COMMON_KEYS = Path(django_settings.KEYS_FILE)

ground = standing.ground  # the layers of records that stand, for every test that borrows one

standing.forget += [chart._CHARTS.clear, report._held.clear]

# What was written before is written anew beside it, and compared.
proved_statements.prove()

connection_created.connect(own_database.never_the_real_one)

_wrapper = type(connections["default"])
if _wrapper.vendor == "sqlite":
    references.listen(sys.modules[_wrapper.__module__].Cursor, _wrapper)

# Every day the same examples, so that a change is judged by itself; soak looks for new ones.
hypothesis_settings.register_profile(
    "everyday",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=True,
)
hypothesis_settings.register_profile(
    "soak",
    parent=hypothesis_settings.get_profile("everyday"),
    max_examples=5_000,
    derandomize=False,
)
hypothesis_settings.load_profile("everyday")

# A program that loads much and lets go of little is searched for garbage less often.
gc.set_threshold(50_000, 50, 100)


HANGS = 1200.0
"""Seconds after which a test shows where it stands, and the run ends."""
ARMED = 60.0
"""The guard is set again no more often: each time waits for a thread to end, which after twelve
thousand tests was minutes."""
_armed = [-ARMED]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let no test hang for good."""
    if time.monotonic() - _armed[0] >= ARMED:
        file = item.config.stash[fault_handler_stderr_fd_key]
        faulthandler.dump_traceback_later(HANGS + ARMED, file=file, exit=True)
        _armed[0] = time.monotonic()


def pytest_sessionfinish() -> None:
    """Nothing hangs any more."""
    faulthandler.cancel_dump_traceback_later()


_files: dict[str, Any] = {}
_find = WhiteNoiseMiddleware.add_files_from_finders


def _found_once(served: WhiteNoiseMiddleware) -> None:
    """Look for the files of the pages once, and not for each client of a test."""
    if not _files:
        _find(served)
        _files.update(served.files)
    served.files.update(_files)


WhiteNoiseMiddleware.add_files_from_finders = _found_once


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --database-only: the second database is asked only what a database answers; and
    --database-like: it is made once for all workers."""
    parser.addoption(
        "--database-like",
        metavar="NAME",
        help="make the database of the tests as a copy of this one (PostgreSQL)",
    )
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that use no database or compare files written by one (marked once): "
        "what they found on SQLite holds anywhere; try property tests with a third of the examples",
    )


LONG = ("stories/", "tests/", "src/handup/results/tests/test_columns", "src/handup/demo/")
"""Where the tests of many seconds lie. They begin first: who is done takes over short ones, and
nobody waits at the end for the other's last long one."""


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Search for no garbage while thousands of tests are read, none of which is any. Let the
    examples of every day not depend on the constants of the modules loaded before them, nor look
    for these.
    """
    if hypothesis_settings().derandomize:
        vars(providers)["_get_local_constants"] = Constants
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def _is_short(item: pytest.Item) -> bool:
    return not item.nodeid.startswith(LONG)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the long tests; tell how much each property test tries; keep of all tests those
    that use the database, when --database-only says so."""
    items.sort(key=_is_short)
    if config.getoption("--database-only"):
        without = [item for item in items if not _asks_the_second_too(item)]
        items[:] = [item for item in items if _asks_the_second_too(item)]
        config.hook.pytest_deselected(items=without)
        for tested in {_property_of(item) for item in items}:
            _try_fewer(tested)
    for item in items:
        if (most := _most_examples(item)) is not None:
            item.user_properties.append(("n", most))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what was loaded out of every later search for garbage: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> None:
    """Make the database of these tests a copy of the one --database-like names."""
    if name := request.config.getoption("--database-like"):
        django_settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = name


OWN = "_hypothesis_internal_use_settings"
THIRD, FEWEST = 3, 3


def _property_of(item: pytest.Item) -> object:
    """What holds the settings of a property test: its function, or the class of its machine."""
    tested, stateful = getattr(item, "obj", None), getattr(item, "cls", None)
    return tested if hasattr(tested, OWN) else stateful


def _try_fewer(tested: object) -> None:
    """Let a property be tried with a third of its examples where they were all tried on SQLite:
    what the rule says was found there, and a database differs in the first ones.
    """
    name = OWN if hasattr(tested, OWN) else "settings"
    held = getattr(tested, name, None)
    if isinstance(held, hypothesis_settings):
        most = max(FEWEST, held.max_examples // THIRD)
        setattr(tested, name, hypothesis_settings(held, max_examples=most))


def _most_examples(item: pytest.Item) -> int | None:
    """How many examples a property test tries at most; None for any other."""
    tested = _property_of(item)
    held = getattr(tested, OWN, None) or getattr(tested, "settings", None)
    if item.get_closest_marker("hypothesis") is None and not hasattr(tested, OWN):
        return None
    return held.max_examples if isinstance(held, hypothesis_settings) else None


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return of_django or bool(
        fixtures & {"db", "transactional_db", "demonstration"}
        or item.get_closest_marker("django_db")
    )


def _asks_the_second_too(item: pytest.Item) -> bool:
    return _uses_database(item) and item.get_closest_marker("once") is None


@pytest.fixture(autouse=True)
def _quiet_house(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Keep what tests write apart from the data folder, and ask no second factor. The keys belong
    to every test of every worker, and records stand under them: one that changes keys has a file
    of its own, made without asking a database.
    """
    monkeypatch.setattr(keys, "sealed_already", [])
    before = _changed(COMMON_KEYS)
    settings.SECOND_FACTOR_REQUIRED = False
    settings.HEADS_DIR = tmp_path / "heads"
    settings.ERASED_FILE = tmp_path / "erased.txt"
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    assert before in (None, _changed(COMMON_KEYS)), "give this test a KEYS_FILE of its own"


def _changed(file: Path) -> int | None:
    """When a file was last written; None for one that is not there yet."""
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the shared test material: HANDUP_SHARED, else `shared` beside the project.

    The material belongs to no release, so a clone elsewhere has none: there the test is skipped,
    and `-rs` lists each that was and why. Where HANDUP_SHARED names none it fails.
    """
    named = os.environ.get("HANDUP_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[1] / "shared"
    if named and not folder.is_dir():
        pytest.fail(f"HANDUP_SHARED names {folder}, which is not a folder")
    if not folder.is_dir():
        pytest.skip(f"the shared test material is not at {folder}")
    return folder
