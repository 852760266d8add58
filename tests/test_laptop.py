"""A laptop is set up from one script and a folder of packages without a network: into a folder of
its own, again and up a release without touching what people entered, and back; a folder that is not
whole is refused (deploy/laptop.py, rulings 42)."""

import base64
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.source import ROOT

SAYS = """import os, pathlib, sys
data = pathlib.Path(os.environ["HANDUP_DATA"])
import handup_needs
with (data / "said.txt").open("a") as told:
    told.write(VERSION + " " + " ".join(sys.argv[1:]) + "\\n")
sys.exit(1 if "fail" in sys.argv else 0)
"""


@pytest.fixture(scope="module")
def laptop() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("laptop", ROOT / "deploy/laptop.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_wheel(folder: Path, name: str, version: str, files: dict[str, str], needs: str) -> None:
    """A package of Python as small as may be."""
    info = f"{name}-{version}.dist-info"
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    whole = files | {
        f"{info}/METADATA": told + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for path, text in whole.items():
        sum_of = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        lines.append(f"{path},sha256={sum_of.decode()},{len(text.encode())}")
    whole[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        for path, text in whole.items():
            packed.writestr(path, text)


def packages(folder: Path, version: str) -> Path:
    """A folder of packages with its sums: one that says what it is asked, and what it needs."""
    folder.mkdir(parents=True)
    says = f"VERSION = {version!r}\n{SAYS}"
    files = {"handup/__init__.py": "", "handup/cli/__init__.py": "", "handup/cli/__main__.py": says}
    make_wheel(folder, "handup", version, files, "handup_needs>=1")
    make_wheel(folder, "handup_needs", "1.0", {"handup_needs.py": ""}, "")
    write_sums(folder)
    return folder


def write_sums(folder: Path) -> None:
    """What every package is."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.whl"))
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_laptop_is_set_up_from_a_folder_goes_up_a_release_and_back(
    laptop: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody can be asked: an index that is nowhere, and no proxy that might know one.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    place, data = tmp_path / "program of the office", tmp_path / "data"
    words = ["--to", str(place), "--data", str(data)]
    first = packages(tmp_path / "stick", "1.9.0")
    assert laptop.main(["install", "--wheels", str(first), *words]) == 0
    assert laptop.main(["install", "--wheels", str(first), *words, "--port", "9"]) == 0
    said = data / "said.txt"
    assert said.read_text().split("\n")[:4] == [
        "1.9.0 migrate", "1.9.0 check", "1.9.0 migrate", "1.9.0 check",
    ]  # fmt: skip
    assert "HANDUP_PORT=8000" in (place / "settings.env").read_text(), "settings are written once"
    said.write_text("")
    newer = packages(tmp_path / "newer", "1.10.0")

    def grown(release: Path, _wheels: Path, _wheel: Path) -> None:
        """The first release under a newer number: setting packages up once is slow enough."""
        shutil.copytree(place / "releases" / "1.9.0", release, symlinks=True)
        (said_by,) = release.rglob("handup/cli/__main__.py")
        said_by.write_text(said_by.read_text().replace("1.9.0", "1.10.0"))

    monkeypatch.setattr(laptop, "make_release", grown)
    assert laptop.main(["install", "--wheels", str(newer), *words]) == 0
    assert said.read_text() == "1.9.0 backup --rotate\n1.10.0 migrate\n1.10.0 check\n"
    if not laptop.WINDOWS:
        subprocess.run([place / "handup", "stick", "/media/a stick"], check=True)
        assert said.read_text().endswith("1.10.0 stick /media/a stick\n")
    assert laptop.main(["back", "--to", str(place)]) == 0
    assert laptop.in_use(place) == "1.9.0"


def test_a_folder_that_is_not_whole_is_refused_and_nothing_is_set_up(
    laptop: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "program"
    folder = packages(tmp_path / "stick", "1.0")

    def refused(why: str, wheels: Path = folder) -> None:
        assert laptop.main(["install", "--wheels", str(wheels), "--to", str(place)]) == 1
        assert why in capsys.readouterr().err

    needed = folder / "handup_needs-1.0-py3-none-any.whl"
    whole = needed.read_bytes()
    needed.write_bytes(whole[:-1])
    refused("handup_needs-1.0-py3-none-any.whl is not as it was made")
    needed.unlink()
    refused("is missing")
    needed.write_bytes(whole)
    (folder / "stranger-1.0-py3-none-any.whl").write_bytes(b"x")
    refused("stranger-1.0-py3-none-any.whl is not as it was made")
    (folder / "SHA256SUMS").unlink()
    refused("SHA256SUMS is missing")
    refused("There is no folder", tmp_path / "no stick")
    (tmp_path / "empty").mkdir()
    refused("holds no Handup", tmp_path / "empty")
    assert laptop.main(["back", "--to", str(place)]) == 1
    assert not place.exists()


def test_a_folder_without_what_handup_needs_leaves_the_release_in_use(
    laptop: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder, place = packages(tmp_path / "stick", "2.0"), tmp_path / "program"
    place.mkdir()
    laptop.point(place, "1.0", None)

    class Failed:
        returncode, stderr = 1, "ERROR: No matching distribution found for handup_needs>=1\n"

    monkeypatch.setattr(laptop.venv, "create", lambda *_words, **_more: None)
    monkeypatch.setattr(laptop.subprocess, "run", lambda *_words, **_more: Failed())
    assert laptop.main(["install", "--wheels", str(folder), "--to", str(place)]) == 1
    assert "handup_needs" in capsys.readouterr().err
    assert laptop.in_use(place) == "1.0"
    assert sys.version_info >= laptop.NEEDED


def test_on_windows_a_path_of_any_script_is_called(
    laptop: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows would be told; it is played here, the files were never run there."""
    monkeypatch.setattr(laptop, "WINDOWS", True)
    monkeypatch.setattr(laptop.sys, "executable", "C:\\Users\\Նարե 100%\\python.exe")
    laptop.write_doors(tmp_path)
    said = '"C:\\Users\\Նարե 100%%\\python.exe" "%~dp0launch.py"'
    begins = ["@echo off", "chcp 65001 >nul"]
    for name, lines in {
        "handup.cmd": [*begins, f"{said} %*"],
        "Start.cmd": [*begins, said, "if errorlevel 1 pause"],
    }.items():
        assert (tmp_path / name).read_bytes().decode().split("\r\n") == [*lines, ""]
    assert laptop.python_of(tmp_path) == tmp_path / "Scripts/python.exe"
    assert laptop.command(tmp_path) == tmp_path / "handup.cmd"


def test_every_command_reads_and_writes_every_script(laptop: ModuleType, tmp_path: Path) -> None:
    """Where a computer writes the signs of one country (Windows), the program must not."""
    told = [
        sys.executable,
        *laptop.ALONE,
        "-c",
        "print(open(0).encoding, '\u0546\u0561\u0580\u0565')",
    ]
    plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        told, env=plain, capture_output=True, stdin=subprocess.DEVNULL, check=True
    )
    assert done.stdout.decode().split() == ["utf-8", "Նարե"]
    laptop.write_doors(tmp_path)
    written = (tmp_path / "launch.py").read_text(encoding="utf-8")
    assert ", ".join(f'"{word}"' for word in laptop.ALONE) in written


def test_what_only_windows_needs_is_told_by_name() -> None:
    """pip judges a requirement by the computer it runs on, not by the one it downloads for."""
    locked = (ROOT / "requirements/base.txt").read_text()
    alone = re.findall(r"^(\S+==\S+) ; sys_platform == 'win32'", locked, re.MULTILINE)
    told = (ROOT / "deploy/README.md").read_text()
    assert alone
    assert [name for name in alone if f"pip download --no-deps {name}\n" not in told] == []
