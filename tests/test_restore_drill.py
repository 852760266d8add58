"""The restore drill, on both databases: a house is copied while it is in use, brought back on an
empty computer with its keys alone, compared and proved.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from handup.kernel.sealed_files import MARK
from tests import source
from tools import pg

NAME, PHONE = "Mukamana Vestine", "+250788123456"
FILL = f"""
import django
django.setup()
from handup.org.classes import DataClass
from handup.org.models import Office, StaffUser
from handup.org.reads import write_entry
from handup.org.services import store_file
staff = StaffUser.objects.create_user("aline", "long enough pass", display_name={NAME!r})
office = Office.objects.create(code="KGL", name="Kigali")
store_file(acting_staff=staff, owner=office, name="paper.txt", content={PHONE!r}.encode(),
           klass=DataClass.S)
for _ in range(3):
    write_entry(staff=staff, door="WEB", action="VIEW", persons=[staff.pk], highest="P")
"""
READ = """
import django
django.setup()
from handup.org.models import ReadEntry, StaffUser, StoredFile
from handup.org.services.files import read_file
print(StaffUser.objects.get().display_name, read_file(StoredFile.objects.get()).decode(),
      ReadEntry.objects.count())
"""


@contextlib.contextmanager
def databases(kind: str) -> Iterator[tuple[str, str]]:
    """The addresses of a house and of an empty one; empty texts: the embedded one of each."""
    if kind == "sqlite":
        yield "", ""
        return
    with pg.running() as url:
        for name in ("house", "empty"):
            pg.make_database(url, name)
        parts = urlsplit(url)
        yield parts._replace(path="house").geturl(), parts._replace(path="empty").geturl()


class House:
    """A computer with a data folder and a database."""

    def __init__(self, data: Path, database: str) -> None:
        data.mkdir(parents=True)
        self.data = data
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
        binaries = pg.find_binaries()
        self.env = {
            **kept,
            "PATH": f"{binaries}:{kept.get('PATH', os.defpath)}",
            "PYTHONPATH": os.fspath(source.ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "handup.config.settings",
            "HANDUP_DATA": os.fspath(data),
            "HANDUP_DATABASE": database,
        }

    def run(self, *words: str | Path, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, *words], env=self.env, capture_output=True, text=True
        )
        assert done.returncode == status, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout + done.stderr

    def handup(self, *words: str | Path, status: int = 0) -> str:
        return self.run("-m", "handup.cli", *words, status=status)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_house_comes_back_from_its_copy_and_its_keys(kind: str, tmp_path: Path) -> None:
    with databases(kind) as (there, empty):
        house, copy = House(tmp_path / "house", there), tmp_path / "carried"
        house.handup("migrate")
        house.run("-c", FILL)
        house.handup("backup", copy)
        for file in copy.rglob("*"):
            if file.is_file():
                raw = file.read_bytes()
                assert NAME.encode() not in raw
                assert PHONE.encode() not in raw
        new = House(tmp_path / "new", empty)
        assert "keys must be at" in new.handup("restore", copy, status=1)
        shutil.copy(house.data / "keys.json", new.data)
        damaged = tmp_path / "damaged"
        shutil.copytree(copy, damaged)
        (sealed,) = damaged.glob("handup.*.sealed")
        assert sealed.read_bytes().startswith(MARK)
        with sealed.open("r+b") as held:
            held.seek(-1, os.SEEK_END)
            last = held.read(1)
            held.seek(-1, os.SEEK_END)
            held.write(bytes([last[0] ^ 1]))
        assert f"{sealed.name} of the backup is not" in new.handup("restore", damaged, status=1)
        told = new.handup("restore", copy)
        assert "tables as they were copied" in told
        assert "Everything holds" in told
        assert "The read log is the one of the slip, up to entry 3." in told
        assert new.run("-c", READ).split("\n")[0] == f"{NAME} {PHONE} 3"
        assert "is in use" in new.handup("restore", copy, status=1)
