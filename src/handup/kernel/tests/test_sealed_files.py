"""A sealed file opens whole or not at all."""

import os
from pathlib import Path

import pytest

from handup.kernel import sealed_files
from handup.kernel.sealed_files import MARK, PIECE, SALT, TAG, SealBroken, open_file, seal_file

KEY = bytes(range(32))


def sealed(folder: Path, content: bytes, name: str = "a") -> Path:
    plain, to = folder / "plain", folder / "a.sealed"
    plain.write_bytes(content)
    seal_file(plain, to, key=KEY, name=name)
    plain.unlink()
    return to


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7])
def test_what_is_sealed_is_opened_to_the_last_byte(tmp_path: Path, length: int) -> None:
    content = os.urandom(length)
    file = sealed(tmp_path, content)
    assert file.stat().st_size == sealed_files.sealed_size(length)
    open_file(file, tmp_path / "back", key=KEY, name="a")
    assert (tmp_path / "back").read_bytes() == content
    assert (tmp_path / "back").stat().st_mode & 0o077 == 0


def test_nothing_of_it_is_readable_and_equal_files_differ(tmp_path: Path) -> None:
    content = b"Mukamana Vestine +250788123456 " * 1000
    first = sealed(tmp_path, content).read_bytes()
    (tmp_path / "a.sealed").unlink()
    second = sealed(tmp_path, content).read_bytes()
    assert b"Mukamana" not in first
    assert first[len(MARK) :] != second[len(MARK) :]


HEAD = len(MARK) + SALT


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:HEAD] + bytes([raw[HEAD] ^ 1]) + raw[HEAD + 1 :],  # one bit
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw[: HEAD + PIECE + TAG],  # the last piece cut off
        lambda raw: raw[:-5],
        lambda raw: raw[:HEAD],
        lambda raw: raw[:HEAD] + raw[HEAD + PIECE + TAG :],  # the first left out
        lambda raw: raw + raw[HEAD:],  # said twice
        lambda raw: b"X" + raw[1:],
        lambda raw: b"",
    ],
)
def test_what_was_changed_moved_or_cut_off_is_refused(tmp_path: Path, change: object) -> None:
    file = sealed(tmp_path, os.urandom(PIECE + 100))
    assert callable(change)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(SealBroken, match="a cannot be opened"):
        open_file(file, tmp_path / "back", key=KEY, name="a")
    assert not (tmp_path / "back").exists()


def test_another_key_or_another_name_opens_nothing(tmp_path: Path) -> None:
    file = sealed(tmp_path, b"x")
    with pytest.raises(SealBroken):
        open_file(file, tmp_path / "back", key=KEY[::-1], name="a")
    with pytest.raises(SealBroken):
        open_file(file, tmp_path / "back", key=KEY, name="b")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    file = sealed(tmp_path, b"x")
    (tmp_path / "back").write_bytes(b"older")
    with pytest.raises(FileExistsError):
        open_file(file, tmp_path / "back", key=KEY, name="a")
    assert (tmp_path / "back").read_bytes() == b"older"
    with pytest.raises(FileExistsError):
        seal_file(tmp_path / "back", file, key=KEY, name="a")
    assert sealed_files.END == ".sealed"
