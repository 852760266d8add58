"""The embedded database followed: any kept minute comes back, and nothing half."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from handup.kernel import sealed_files
from handup.kernel.sealed_files import SealBroken
from handup.org import following, nightly
from handup.org.following import Follower, NothingFollowed, PieceMissing, lay_out, pieces
from handup.org.sqlite import sqlite3

T0 = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
NAME = "Mukamana Vestine"


@pytest.fixture
def database(settings: Settings, tmp_path: Path) -> Path:
    """A database with a table of names, keys and a file beside it."""
    settings.KEYS_FILE = tmp_path / "keys" / "keys.json"
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.HEADS_DIR = tmp_path / "heads"
    (tmp_path / "files/ab").mkdir(parents=True)
    (tmp_path / "files/ab/one").write_bytes(NAME.encode())
    file = tmp_path / "handup.sqlite3"
    made = sqlite3.connect(file)
    made.execute("CREATE TABLE person (n INTEGER PRIMARY KEY, name TEXT)")
    made.executemany("INSERT INTO person VALUES (?, ?)", [(n, NAME * 20) for n in range(400)])
    made.commit()
    made.close()
    return file


def write(database: Path, statement: str) -> None:
    held = sqlite3.connect(database)
    held.execute(statement)
    held.commit()
    held.close()


def count(folder: Path) -> int:
    held = sqlite3.connect(folder / following.DATABASE)
    assert held.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (found,) = held.execute("SELECT COUNT(*) FROM person").fetchone()
    held.close()
    return int(found)


@pytest.fixture
def followed(database: Path, tmp_path: Path) -> Path:
    """Four states a minute apart: 400 persons, 401, none, 3."""
    follower = Follower(database, tmp_path / "away")
    steps = ("INSERT INTO person VALUES (1000, 'x')", "DELETE FROM person",
             "INSERT INTO person (n, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')")  # fmt: skip
    assert follower.send(T0) is not None
    for minute, step in enumerate(steps, 1):
        write(database, step)
        assert follower.send(T0 + timedelta(minutes=minute)) is not None
    follower.close()
    return tmp_path / "away"


@pytest.mark.parametrize(("minute", "persons"), [(0, 400), (1, 401), (2, 0), (3, 3), (99, 3)])
def test_any_kept_minute_comes_back(
    followed: Path, tmp_path: Path, minute: int, persons: int
) -> None:
    moment = T0 + timedelta(minutes=minute, seconds=30)
    assert lay_out(followed, tmp_path / "back", until=moment) <= moment
    assert count(tmp_path / "back") == persons
    assert (tmp_path / "back/files/ab/one").read_bytes() == NAME.encode()


def test_nothing_readable_lies_in_the_other_place(followed: Path) -> None:
    sealed = [path.read_bytes() for path in followed.rglob("*") if path.is_file()]
    assert len(sealed) == 4 + 1
    assert not any(b"Mukamana" in content for content in sealed)


def test_small_changes_are_small_pieces_and_none_is_no_piece(
    database: Path, tmp_path: Path
) -> None:
    follower = Follower(database, tmp_path / "away")
    whole = follower.send(T0)
    assert follower.send(T0 + timedelta(minutes=1)) is None
    write(database, "UPDATE person SET name = 'x' WHERE n = 7")
    piece = follower.send(T0 + timedelta(minutes=2))
    follower.close()
    assert whole is not None
    assert piece is not None
    assert piece.stat().st_size < whole.stat().st_size / 5
    assert follower.send(T0 + timedelta(minutes=3)) is None, "nothing changed while it was away"
    follower.close()


def without(folder: Path, place: int) -> None:
    pieces(folder)[place][1].unlink()


def changed(folder: Path, place: int) -> None:
    path = pieces(folder)[place][1]
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))


@pytest.mark.parametrize(("harm", "refusal"), [(without, PieceMissing), (changed, SealBroken)])
def test_a_piece_that_is_missing_or_changed_is_told_and_earlier_moments_stand(
    followed: Path, tmp_path: Path, harm: Callable[[Path, int], None], refusal: type[Exception]
) -> None:
    harm(followed, 2)
    with pytest.raises(refusal):
        lay_out(followed, tmp_path / "back")
    lay_out(followed, tmp_path / "earlier", until=T0 + timedelta(minutes=1, seconds=1))
    assert count(tmp_path / "earlier") == 401


def test_before_the_first_state_there_is_nothing(followed: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingFollowed):
        lay_out(followed, tmp_path / "back", until=T0 - timedelta(seconds=1))
    assert not following.is_one(tmp_path / "files")


def test_a_cut_while_sending_loses_nothing_that_was_sent(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(database, tmp_path / "away")
    follower.send(T0)
    write(database, "DELETE FROM person WHERE n < 100")

    def cut(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as until:
        until.setattr(sealed_files, "seal_file", cut)
        with pytest.raises(OSError, match="no room"):
            follower.send(T0 + timedelta(minutes=1))
    follower.close()
    lay_out(tmp_path / "away", tmp_path / "back")
    assert count(tmp_path / "back") == 400
    again = Follower(database, tmp_path / "away")
    assert again.send(T0 + timedelta(minutes=2)) is not None
    again.close()
    lay_out(tmp_path / "away", tmp_path / "later")
    assert count(tmp_path / "later") == 300


def test_a_whole_state_is_sent_every_day_and_old_ones_go(database: Path, tmp_path: Path) -> None:
    follower = Follower(database, tmp_path / "away")
    for day in range(6):
        write(database, f"INSERT INTO person VALUES ({2000 + day}, 'x')")
        follower.send(T0 + timedelta(days=day))
    os.remove(tmp_path / "files/ab/one")
    write(database, "INSERT INTO person VALUES (3000, 'x')")
    follower.send(T0 + timedelta(days=6))
    follower.close()
    held = pieces(tmp_path / "away")
    assert [path.name.endswith(following.WHOLE) for _made, path in held] == [True, True, True]
    assert held[0][0] == T0 + timedelta(days=4)
    assert not list((tmp_path / "away/files").rglob("one*")), "what was erased does not live on"


def test_a_cut_after_a_piece_was_named_breaks_no_later_one(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state beside the database is one behind then; what follows begins with a whole one."""
    follower = Follower(database, tmp_path / "away")
    follower.send(T0)
    write(database, "DELETE FROM person WHERE n < 100")
    seal = Follower._seal

    def cut(self: Follower, draft: Path, name: str) -> Path:
        seal(self, draft, name)
        raise OSError("the power went")

    with monkeypatch.context() as until:
        until.setattr(Follower, "_seal", cut)
        with pytest.raises(OSError, match="power"):
            follower.send(T0 + timedelta(minutes=1))
    follower.close()
    again = Follower(database, tmp_path / "away")
    write(database, "DELETE FROM person WHERE n < 200")
    again.send(T0 + timedelta(minutes=2))
    write(database, "DELETE FROM person WHERE n < 300")
    later = again.send(T0 + timedelta(minutes=3))
    again.close()
    assert later is not None
    assert later.name.endswith(following.PAGES)
    for minute, persons in ((0, 400), (1, 300), (2, 200), (3, 100)):
        lay_out(tmp_path / "away", tmp_path / f"{minute}", until=T0 + timedelta(minutes=minute))
        assert count(tmp_path / f"{minute}") == persons


def test_who_follows_again_goes_on_where_it_stopped(database: Path, tmp_path: Path) -> None:
    for minute in range(3):
        write(database, f"DELETE FROM person WHERE n = {minute}")
        one = Follower(database, tmp_path / "away")
        one.send(T0 + timedelta(minutes=minute))
        one.close()
    held = [path.name.endswith(following.WHOLE) for _made, path in pieces(tmp_path / "away")]
    assert held == [True, False, False]
    lay_out(tmp_path / "away", tmp_path / "back")
    assert count(tmp_path / "back") == 397


def test_what_was_sent_last_goes_when_nobody_follows_any_more(
    database: Path, tmp_path: Path
) -> None:
    assert following.forget_at_night in nightly.jobs
    follower = Follower(database, tmp_path / "away")
    assert follower.send(T0) is not None
    follower.close()
    now = datetime.fromtimestamp(follower.sent.stat().st_mtime, UTC)
    following.forget(database, now + timedelta(days=1))
    assert follower.sent.exists()
    following.forget(database, now + timedelta(days=3))
    assert not follower.sent.exists()
    assert database.exists()
    again = Follower(database, tmp_path / "away")
    piece = again.send(T0 + timedelta(hours=1))
    again.close()
    assert piece is not None
    assert piece.name.endswith(following.WHOLE)
