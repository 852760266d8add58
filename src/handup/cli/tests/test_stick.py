"""A copy on a stick: sealed, read back after it is written, the older ones thinned out; a stick
that is missing, full, pulled out or worn out is told, and no copy on it is lost."""

import errno
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from pytest_django import Settings

from handup.cli import main, stick
from handup.cli.backup import sum_of
from handup.cli.tests.test_house_commands import database
from handup.kernel import sealed_files
from handup.org import copies

__all__ = ["database"]
OLD = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def there(
    database: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A stick, and a house on another disk with one paper."""
    folder = tmp_path / "stick"
    folder.mkdir()
    settings.DATA_DIR = tmp_path / "house"
    settings.DATA_DIR.mkdir()
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"
    (settings.MEDIA_ROOT / "ab").mkdir(parents=True)
    (settings.MEDIA_ROOT / "ab" / "abc").write_text("Nare's paper")
    monkeypatch.setattr(stick, "disk_of", lambda path: 1 if path == folder else 2)
    return folder


def on(folder: Path) -> list[str]:
    """The names that lie on the stick."""
    return sorted(path.name for path in (folder / "handup").iterdir())


def older(folder: Path, number: int) -> list[str]:
    """So many finished copies of the days before."""
    names = [copies.name_at(OLD + timedelta(days=day)) for day in range(number)]
    for name in names:
        (folder / "handup" / name).mkdir(parents=True)
        (folder / "handup" / name / copies.SUMS).write_text("")
    return names


def test_a_copy_is_sealed_read_back_and_the_older_ones_thinned_out(
    there: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = older(there, 3)
    (there / "holiday.txt").write_text("not ours")
    (there / "handup" / "notes").mkdir()
    (there / "handup" / f"{before[0]}.half").mkdir()
    assert main(["stick", str(there), "--keep", "2"]) == 0
    said = capsys.readouterr().out
    assert "read back" in said
    assert "2 older copies" in said
    newest, kept, notes = sorted(on(there), reverse=True)[1], before[2], "notes"
    assert on(there) == sorted([newest, kept, notes])
    made = there / "handup" / newest
    sealed = [path for path in made.rglob("*") if path.name.endswith(sealed_files.END)]
    assert {path.name for path in sealed} == {"handup.sqlite3.sealed", "abc.sealed"}
    assert all(b"Nare" not in path.read_bytes() for path in made.rglob("*") if path.is_file())
    assert [path.name for path in settings.DATA_DIR.iterdir()] == ["files"], "nothing stays apart"
    assert (there / "holiday.txt").exists()


def test_with_the_clock_set_back_the_copy_just_made_stays_and_what_a_power_cut_left_goes(
    there: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = [copies.name_at(OLD.replace(year=2100) + timedelta(days=day)) for day in range(2)]
    for name in ahead:
        (there / "handup" / name).mkdir(parents=True)
        (there / "handup" / name / copies.SUMS).write_text("")
    left, beside = settings.DATA_DIR / "stick-left", settings.DATA_DIR / "stick-now"
    for folder in (left, beside):
        folder.mkdir()
        (folder / "handup.sqlite3").write_text("Nare")
    os.utime(left, (0, 0))
    assert main(["stick", str(there), "--keep", "2"]) == 0
    made, kept = on(there)
    assert (made < ahead[0], kept) == (True, ahead[1])
    assert (there / "handup" / made / "handup.sqlite3.sealed").exists()
    assert (left.exists(), beside.exists()) == (False, True)

    def broken(_path: Path) -> NoReturn:
        raise OSError(errno.EIO, "it cannot be read")

    monkeypatch.setattr(stick, "disk_of", broken)
    assert main(["stick", str(there)]) == 1, "told in words"


@pytest.mark.parametrize("hurt", ["changed", "gone"])
def test_a_copy_that_reads_back_otherwise_does_not_count(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hurt: str
) -> None:
    before = older(there, 1)
    real = stick.read_back

    def worn_out(copy: Path) -> None:
        file = copy / "handup.sqlite3.sealed"
        file.write_bytes(file.read_bytes()[:-1] + b"\x00")
        if hurt == "gone":
            file.unlink()
        real(copy)

    monkeypatch.setattr(stick, "read_back", worn_out)
    assert main(["stick", str(there)]) == 1
    assert "handup.sqlite3.sealed" in capsys.readouterr().err
    assert on(there) == before


def test_a_piece_sealed_with_other_keys_does_not_count(there: Path, tmp_path: Path) -> None:
    assert main(["stick", str(there)]) == 0
    (made,) = (there / "handup").iterdir()
    paper = made / "files" / "ab" / "abc.sealed"
    paper.unlink()
    (tmp_path / "plain").write_text("x")
    sealed_files.seal_file(tmp_path / "plain", paper, key=bytes(32), name="files/ab/abc")
    sums = made / copies.SUMS
    lines = [line for line in sums.read_text().splitlines() if "abc" not in line]
    sums.write_text("\n".join([*lines, f"{sum_of(paper)}  files/ab/abc.sealed"]) + "\n")
    with pytest.raises(stick.StickWrong):
        stick.read_back(made)


def test_a_full_stick_is_told_and_the_newest_copy_on_it_stays(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = older(there, 3)
    full = SimpleNamespace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    assert main(["stick", str(there)]) == 1
    assert "The stick is full" in capsys.readouterr().err
    assert on(there) == before[2:], "room was made as far as may be"


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EIO, "taken out"), (errno.ENOENT, "taken out"), (errno.ENOSPC, "no room left")],
)
def test_a_stick_that_is_pulled_out_is_told(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    number: int, said: str,
) -> None:  # fmt: skip
    before = older(there, 1)

    def gone(*_words: Any, **_more: Any) -> NoReturn:
        raise OSError(number, "it is gone")

    monkeypatch.setattr(stick, "_on_the_disk", gone)
    assert main(["stick", str(there)]) == 1
    assert said in capsys.readouterr().err
    assert on(there) == before


def test_on_windows_files_are_brought_to_the_stick_and_folders_are_left_to_it(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows is played here: it opens no folder, and brings to the disk what is open for writing
    alone."""
    real, opened = os.open, []

    def as_windows(path: Path, flags: int, *more: int) -> int:
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        opened.append((Path(path).name, flags & os.O_RDWR == os.O_RDWR))
        return real(path, flags, *more)

    folder = there / "copy"
    (folder / "files").mkdir(parents=True)
    for name in ("slip", "files/paper"):
        (folder / name).write_text("x")
    monkeypatch.setattr(stick, "WINDOWS", True)
    monkeypatch.setattr(os, "open", as_windows)
    stick._on_the_disk(folder)
    assert sorted(opened) == [("paper", True), ("slip", True)]


def test_no_stick_the_disk_of_the_house_and_a_house_without_keys_are_refused(
    there: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stick", str(tmp_path / "nowhere")]) == 1
    assert "There is no stick" in capsys.readouterr().err
    assert main(["stick", str(tmp_path)]) == 1
    assert "the same disk" in capsys.readouterr().err
    settings.KEYS_FILE.parent.mkdir(exist_ok=True)
    settings.KEYS_FILE.write_text("{}")
    assert main(["stick", str(there)]) == 1
    assert "whoever found it" in capsys.readouterr().err
    assert not (there / "handup").exists()
