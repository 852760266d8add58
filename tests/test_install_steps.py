"""The acts of deploy/install.sh, step by step, on a machine that is only played: every place lies
below a folder, and the programs of the system write down that they were called. On a real bare
Debian the same script is tried by hand (tools/clean_root.py).
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import source

PLAYED = """#!/bin/bash
# Any program of the system: says that it was called, and does what the script needs of it.
name=$(basename "$0")
say() { printf '%s\n' "$*" >> "$CALLS"; }
case $name in
id) [ "$*" != -u ] || echo 0; [ "$*" != -un ] || echo root ;;
getent) exit 2 ;;
openssl) echo "does match" ;;
install) exec /usr/bin/env -i PATH=/usr/bin:/bin install $(sed -E 's/-[og] [a-z]+//g' <<< "$*") ;;
pg_lsclusters) echo "15 main 5433 online postgres /var/lib/postgresql/15/main" ;;
systemctl) say "systemctl $*" ;;
runuser)
	shift 2
	[ "$1" != -- ] || shift
	case $* in
	*base.sh*) say "first whole copy" && touch "${@: -1}/base/whole" ;;
	psql*) cat > /dev/null && say "database" ;;
	*) exec "$@" ;;
	esac ;;
python3) mkdir -p "$3/bin" && ln -s "$(dirname "$0")/python" "$3/bin/python" ;;
python)
	[ "$1" = -m ] || { say "answers?"; exit "${SILENT:-0}"; }
	for to in "$@"; do :; done
	[ -f "$to/pyproject.toml" ] || exit 0
	folder=$(dirname "$(dirname "$0")")
	ln -sf "$(dirname "$(readlink -f "$0")")/handup" "$folder/bin/handup" ;;
handup)
	say "handup $* of $(basename "$(dirname "$(dirname "$0")")")"
	[ "$1" != "${FAILS:-}" ] ;;
*) say "$name" ;;
esac
"""
NAMES = (
    *("id", "getent", "install", "useradd", "chgrp", "runuser", "systemctl"),
    *("apt-get", "openssl", "pg_lsclusters", "pg_ctlcluster", "python3", "python", "handup"),
)


@dataclass
class Machine:
    """A played machine and the releases brought to it."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def bring(self, version: str) -> Path:
        """Unpack a release; its script."""
        release = self.folder / version
        shutil.copytree(source.ROOT / "deploy", release / "deploy")
        (release / "pyproject.toml").write_text(f'version = "{version}"\n')
        built = release / "src/handup/static/dist"
        built.mkdir(parents=True)
        (built / "house.css").touch()
        return release / "deploy/install.sh"

    def do(self, script: Path, *words: str, status: int = 0, **more: str) -> list[str]:
        """One act; what the programs of the system were called for."""
        calls = self.folder / "calls"
        calls.write_text("")
        env = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "CALLS": os.fspath(calls),
            "LC_ALL": "C",
            **more,
        }
        command: list[str | Path] = [script, words[0], "--root", self.root, *words[1:]]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        self.told = done.stdout + done.stderr
        assert done.returncode == status, self.told
        return calls.read_text().splitlines()

    @property
    def in_use(self) -> str:
        return (self.root / "opt/handup/current").readlink().name


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With systemd running and a cluster of PostgreSQL."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "played").write_text(PLAYED)
    (programs / "played").chmod(0o755)
    for name in NAMES:
        (programs / name).symlink_to("played")
    made = Machine(tmp_path)
    for place in (
        "etc/systemd/system",
        "run/systemd/system",
        "etc/caddy",
        "etc/postgresql/15/main/conf.d",
    ):
        (made.root / place).mkdir(parents=True)
    return made


def install(machine: Machine, version: str, *choices: str) -> list[str]:
    key, own = machine.folder / "key", machine.folder / "own"
    for file in (key, own):
        file.write_text("made elsewhere")
    by = ["--certificate", os.fspath(own), "--key", os.fspath(key)]
    return machine.do(machine.bring(version), "install", "--host", "house.example", *by, *choices)


def before(calls: list[str], first: str, then: str) -> bool:
    return calls.index(first) < calls.index(then)


def test_a_house_is_set_up_and_said_again_it_stays_what_it_is(machine: Machine) -> None:
    calls = install(machine, "1.0.0")
    assert before(calls, "database", "handup migrate of current")
    assert before(calls, "handup migrate of current", "handup check --deploy of current")
    assert before(calls, "first whole copy", "systemctl restart handup@8001.service")
    assert machine.in_use == "1.0.0"
    settings = machine.root / "etc/handup/handup.env"
    assert "port=5433" in settings.read_text()
    settings.write_text(settings.read_text() + "HANDUP_LANGUAGE=hy\n")
    again = machine.do(
        machine.folder / "1.0.0/deploy/install.sh", "install", "--host", "other.example"
    )
    assert "first whole copy" not in again
    assert "HANDUP_LANGUAGE=hy" in settings.read_text()
    assert "house.example" in settings.read_text(), "settings are yours from the first time on"
    assert (machine.root / "etc/handup/tls/key.pem").read_text() == "made elsewhere"
    assert machine.in_use == "1.0.0"


def test_a_small_house_has_one_process_and_no_cluster(machine: Machine) -> None:
    calls = install(machine, "1.0.0", "--sqlite")
    assert not {"database", "first whole copy", "pg_ctlcluster"} & set(calls)
    assert "systemctl restart handup.service" in calls
    assert not [call for call in calls if "@" in call]
    refused = machine.do(
        machine.folder / "1.0.0/deploy/install.sh", "install", "--host", "x", status=1
    )
    assert refused == []
    assert "set up with sqlite" in machine.told


def test_a_new_release_is_in_use_after_its_copy_and_its_tables_page_by_page(
    machine: Machine,
) -> None:
    install(machine, "1.0.0")
    calls = machine.do(machine.bring("1.1.0"), "upgrade")
    assert before(calls, "handup backup of current", "handup migrate of 1.1.0")
    one, other = (f"systemctl restart handup@{port}.service" for port in (8001, 8002))
    assert before(calls, "handup migrate of 1.1.0", one)
    assert calls[calls.index(one) + 1 : calls.index(other)] == ["answers?"]
    assert machine.in_use == "1.1.0"
    assert (machine.root / "opt/handup/releases/1.0.0/whole").exists(), "the way back is there"
    assert machine.do(machine.folder / "1.1.0/deploy/install.sh", "upgrade", status=1) == []
    assert "1.1.0 is in use already" in machine.told


@pytest.mark.parametrize("step", ["backup", "migrate"])
def test_what_fails_leaves_the_release_of_before_in_use(machine: Machine, step: str) -> None:
    install(machine, "1.0.0")
    script = machine.bring("1.1.0")
    calls = machine.do(script, "upgrade", status=1, FAILS=step)
    assert machine.in_use == "1.0.0"
    assert not [call for call in calls if call.startswith("systemctl")]
    assert ("handup migrate of 1.1.0" in calls) is (step == "migrate")
    assert not (machine.root / "opt/handup/before").exists()
    machine.do(script, "upgrade")
    assert machine.in_use == "1.1.0"


def test_back_goes_to_the_release_before_and_again_forth_and_touches_no_table(
    machine: Machine,
) -> None:
    install(machine, "1.0.0")
    script = machine.bring("1.1.0")
    machine.do(script, "back", status=1)
    assert "there is no release before" in machine.told
    machine.do(script, "upgrade")
    for wanted in ("1.0.0", "1.1.0"):
        calls = machine.do(script, "back")
        assert machine.in_use == wanted
        assert not [call for call in calls if call.startswith("handup ")]
        assert "systemctl restart handup@8002.service" in calls
    shutil.rmtree(machine.root / "opt/handup/releases/1.0.0")
    machine.do(script, "back", status=1)
    assert machine.in_use == "1.1.0"


def test_nothing_is_brought_up_to_date_where_nothing_is_installed(machine: Machine) -> None:
    script = machine.bring("1.1.0")
    for act in ("upgrade", "back"):
        assert machine.do(script, act, status=1) == []
        assert "not installed here" in machine.told
