"""Handup on a laptop of a field office, Windows or Linux, without a network: one script and a
folder of packages.

    python laptop.py install --wheels FOLDER [--to FOLDER] [--data FOLDER] [--port NUMBER]
                             [--wifi ADDRESS]
    python laptop.py back [--to FOLDER]

FOLDER of --wheels holds the wheel of Handup, those of all it needs, and SHA256SUMS, as
`python -m tools.release` and `pip download` make them on a computer with a network; it may be a
stick. Said again with a newer folder, `install` goes up a release: the copy of the house is made
first, what people entered stays. `back` goes to the release before. Nothing here asks the network
for anything. Needs Python 3.11 or newer and nothing else; keeps to the standard library.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

NEEDED = (3, 11)
SUMS = "SHA256SUMS"
WHEEL = re.compile(r"handup-(\d+(?:\.\d+)*)-.+\.whl")
WINDOWS = os.name == "nt"
PORT = 8000
ALONE = ("-I", "-X", "utf8")
"""How a release's Python is started: it sees nothing of this one's packages and settings, and reads
and writes every script, where Windows would take the signs of one country."""


class Stop(Exception):
    """Why nothing was installed, in the words of whoever sits at the laptop."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what was asked; 0 when it is done, 1 with the reason when it is not."""
    asked = _asked(words)
    try:
        if sys.version_info < NEEDED:
            raise Stop("Handup needs Python 3.11 or newer. Install it from the stick first.")
        place = Path(asked.to).expanduser().resolve()
        if asked.act == "back":
            back(place)
        else:
            data = Path(asked.data or place / "data").expanduser().resolve()
            told = {"HANDUP_DATA": str(data), "HANDUP_PORT": str(asked.port)}
            if asked.wifi:
                told["HANDUP_WIFI"] = asked.wifi
            install(Path(asked.wheels), place, told)
    except Stop as fault:
        print(f"laptop.py: {fault}", file=sys.stderr)
        return 1
    return 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Handup on a laptop without a network")
    acts = parser.add_subparsers(dest="act", required=True)
    first = acts.add_parser("install", help="set up, or go up a release")
    first.add_argument("--wheels", required=True, help="the folder of packages")
    first.add_argument("--data", help="where what people enter lies (in the folder of --to)")
    first.add_argument("--port", type=int, default=PORT, help=f"of the pages ({PORT})")
    first.add_argument("--wifi", help="address of this laptop in the Wi-Fi, to serve phones there")
    for parsed in (first, acts.add_parser("back", help="go to the release before")):
        parsed.add_argument("--to", default=str(usual_place()), help="where the program lies")
    return parser.parse_args(words)


def usual_place() -> Path:
    """Where programs of one person lie."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "Handup"
    return Path.home() / ".local" / "share" / "handup"


def install(wheels: Path, place: Path, told: dict[str, str]) -> None:
    """Set Handup up from a folder of packages, with these settings the first time; said again,
    nothing that people entered changes. Raises Stop."""
    wheel, version = newest(wheels)
    check(wheels)
    (place / "releases").mkdir(parents=True, exist_ok=True)
    before = in_use(place)
    release = place / "releases" / version
    if not (release / "whole").exists():
        make_release(release, wheels, wheel)
    lines = [f"{name}={value}\n" for name, value in told.items()]
    write_once(place / "settings.env", "".join(lines))
    Path(settings_of(place)["HANDUP_DATA"]).mkdir(parents=True, exist_ok=True)
    if before is not None and before != version:
        say("A copy of the house is made first.")
        handup(place, before, "backup", "--rotate")
    handup(place, version, "migrate")
    handup(place, version, "check")
    if before != version:
        point(place, version, before)
    write_doors(place)
    starts = place / ("Start.cmd" if WINDOWS else "start")
    say(f"Handup {version} is set up. Start it with: {starts}")
    say(f"Copies on a stick: {command(place)} stick FOLDER-OF-THE-STICK")


def back(place: Path) -> None:
    """Go to the release before. Raises Stop."""
    before = place / "before"
    if not before.exists() or (version := before.read_text().strip()) == "":
        raise Stop("There is no release before this one.")
    point(place, version, in_use(place))
    say(f"Handup {version} is in use again.")


def newest(wheels: Path) -> tuple[Path, str]:
    """The wheel of Handup in a folder, and its version. Raises Stop."""
    if not wheels.is_dir():
        raise Stop(f"There is no folder {wheels}. Put the stick in and name its folder.")
    found = [(path, match[1]) for path in wheels.iterdir() if (match := WHEEL.fullmatch(path.name))]
    if not found:
        raise Stop(f"{wheels} holds no Handup. It must hold a file handup-….whl.")
    return max(found, key=lambda one: [int(part) for part in one[1].split(".")])


def check(wheels: Path) -> None:
    """Every package is as it was when its sums were written, and every one has its sum. Raises
    Stop."""
    sums = wheels / SUMS
    if not sums.is_file():
        raise Stop(f"{SUMS} is missing in {wheels}: nobody can say that the packages are whole.")
    told = dict(_line(line) for line in sums.read_text(encoding="utf-8").splitlines() if line)
    for path in sorted(wheels.glob("*.whl")):
        with path.open("rb") as held:
            found = hashlib.file_digest(held, "sha256").hexdigest()
        if told.get(path.name) != found:
            raise Stop(f"{path.name} is not as it was made. Take another copy of the folder.")
    named = (name for name in told if name.endswith(".whl"))
    if gone := sorted(name for name in named if not (wheels / name).exists()):
        raise Stop(f"{gone[0]} is missing in {wheels}. Take another copy of the folder.")


def _line(line: str) -> tuple[str, str]:
    told, _space, name = line.partition(" ")
    return name.lstrip(" *"), told


def make_release(release: Path, wheels: Path, wheel: Path) -> None:
    """Make the folder of one release, whole before it is used. Raises Stop."""
    say("The packages are set up. This takes some minutes.")
    venv.create(release, with_pip=True, clear=True)
    words = ["-m", "pip", "--isolated", "install", "--quiet", "--disable-pip-version-check"]
    apart = ["--no-index", "--only-binary=:all:", "--find-links", str(wheels)]
    done = subprocess.run(
        [str(python_of(release)), *ALONE, *words, *apart, str(wheel)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was told"])[-1]
        raise Stop(f"The packages do not fit together or this computer: {last}")
    (release / "whole").touch()


def python_of(release: Path) -> Path:
    """The Python of a release."""
    return release / ("Scripts/python.exe" if WINDOWS else "bin/python")


def in_use(place: Path) -> str | None:
    """The version in use; None before the first."""
    current = place / "current"
    return current.read_text().strip() if current.exists() else None


def point(place: Path, version: str, before: str | None) -> None:
    """Say which release is in use, by one rename, and which was before it."""
    (place / "before").write_text(before or "")
    (place / "current.new").write_text(version)
    os.replace(place / "current.new", place / "current")


def write_once(path: Path, text: str) -> None:
    """Write settings that are not there yet: what somebody changed in them stays."""
    if not path.exists():
        path.write_text(text, encoding="utf-8")


def settings_of(place: Path) -> dict[str, str]:
    """The settings of this laptop."""
    lines = (place / "settings.env").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return {name.strip(): value.strip() for name, value in pairs}


def handup(place: Path, version: str, *words: str) -> None:
    """Say a command of a release. Raises Stop."""
    python = python_of(place / "releases" / version)
    env = {**os.environ, **settings_of(place)}
    done = subprocess.run(
        [str(python), *ALONE, "-m", "handup.cli", *words], env=env, cwd=place, check=False
    )
    if done.returncode:
        raise Stop(f"`handup {' '.join(words)}` did not end well; what it said stands above.")


LAUNCHER = '''"""Says a command of the Handup in use here; without words it serves the pages."""

import os
import pathlib
import subprocess
import sys
import threading
import webbrowser

place = pathlib.Path(__file__).resolve().parent
for line in (place / "settings.env").read_text(encoding="utf-8").splitlines():
    if "=" in line and not line.startswith("#"):
        name, value = line.split("=", 1)
        os.environ[name.strip()] = value.strip()
release = place / "releases" / (place / "current").read_text().strip()
python = release / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
words = sys.argv[1:]
if not words:
    words = ["run"]
    page = "http://localhost:" + os.environ.get("HANDUP_PORT", "8000") + "/"
    print("Handup is at " + page + " as long as this window is open.", flush=True)
    threading.Timer(4, webbrowser.open, [page]).start()
alone = ["-I", "-X", "utf8", "-m", "handup.cli"]
sys.exit(subprocess.call([str(python), *alone, *words], cwd=place))
'''


def command(place: Path) -> Path:
    """The command of this laptop."""
    return place / ("handup.cmd" if WINDOWS else "handup")


def write_doors(place: Path) -> None:
    """The command, and what starts the pages, as files to press or to say."""
    (place / "launch.py").write_text(LAUNCHER, encoding="utf-8")
    python = sys.executable
    if WINDOWS:
        # A path may hold letters of any script, and a sign that such a file reads as its own.
        said = f'"{python.replace("%", "%%")}" "%~dp0launch.py"'
        doors = {
            "handup.cmd": ["@echo off", "chcp 65001 >nul", f"{said} %*"],
            "Start.cmd": ["@echo off", "chcp 65001 >nul", said, "if errorlevel 1 pause"],
        }
        for name, lines in doors.items():
            text = "".join(f"{line}\r\n" for line in lines)
            (place / name).write_text(text, encoding="utf-8", newline="")
        return
    here = '"$(dirname "$(readlink -f "$0")")/launch.py"'
    for name, words in (("handup", '"$@"'), ("start", "")):
        path = place / name
        path.write_text(f'#!/bin/sh\nexec "{python}" {here} {words}\n', encoding="utf-8")
        path.chmod(0o755)


def say(text: str) -> None:
    """Tell whoever sits there."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
