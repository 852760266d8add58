"""What is wrong with the file of a hand-over is told as a refusal, and nothing of it swells."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from handup.kernel.crypto import sign
from handup.org import keys
from handup.projects.carrying.package import (
    MANIFEST,
    SIGNATURE,
    Opening,
    Package,
    PackageChanged,
    PackageUnreadable,
    Writer,
    WrongKey,
    canonical,
    new_opening,
)

TOLD: dict[str, Any] = {
    "batch": "b",
    "programme": "P",
    "title": "A programme",
    "packed": "2026-03-02",
    "successor": "Our own",
    "shapes": {},
    "totals": [["loans", 1, 2, "USD"]],
}
ROWS = json.dumps(["a\u2028b\u2029c\u0085d"], ensure_ascii=False)


def made(path: Path, opening: Opening, text: str = ROWS, rows: int = 1) -> Path:
    writer = Writer(path, opening)
    writer.add("tables/t", text, table="t", fields=["one"], rows=rows)
    writer.close(TOLD)
    writer.put()
    return path


def signed(path: Path, manifest: Any, how: int = zipfile.ZIP_STORED, **parts: bytes) -> Path:
    """A file signed by this house, whatever it says."""
    whole = canonical(manifest)
    with zipfile.ZipFile(path, "w", how) as new:
        for name, content in parts.items():
            new.writestr(name, content)
        new.writestr(MANIFEST, whole)
        new.writestr(SIGNATURE, sign(keys.load().signing, whole))
    return path


def test_any_sign_that_ends_a_line_stays_in_its_row(tmp_path: Path) -> None:
    opening = new_opening()
    package = Package(made(tmp_path / "p", opening), opening)
    assert package.check() == 1
    assert list(package.rows(package.manifest["parts"][0])) == [["a\u2028b\u2029c\u0085d"]]


def test_every_row_is_read_before_anything_is_written(tmp_path: Path) -> None:
    opening = new_opening()
    for number, (text, rows) in enumerate((("[1", 1), ("{}", 1), ("[1,2]", 1), ("[1]", 2))):
        package = Package(made(tmp_path / str(number), opening, text, rows), opening)
        with pytest.raises(PackageChanged):
            package.check()


def test_what_is_no_package_is_refused_in_words(tmp_path: Path) -> None:
    opening = new_opening()
    whole = {**TOLD, "format": 1, "parts": []}
    nameless = {**whole, "parts": [{"sha256": "", "bytes": 1, "file": "f"}]}
    wrong: list[Any] = [[], {**whole, "parts": {}}, {**whole, "totals": [["x", "1"]]}, nameless]
    cases = [signed(tmp_path / f"shape{n}", manifest) for n, manifest in enumerate(wrong)]
    cases.append(signed(tmp_path / "swells", whole, zipfile.ZIP_DEFLATED))
    broken = bytearray(signed(tmp_path / "good", whole).read_bytes())
    place = broken.rindex(b"PK\x01\x02") + 8
    for flag in (0x1, 0x20):  # encrypted; patched data
        broken[place] = flag
        cases.append(tmp_path / f"flag{flag}")
        cases[-1].write_bytes(broken)
    for path in cases:
        with pytest.raises(PackageUnreadable):
            Package(path, opening)
    with pytest.raises(WrongKey):
        Package(tmp_path / "good", Opening("no key", opening.sender))


def test_a_part_is_as_long_as_the_manifest_says(tmp_path: Path) -> None:
    opening = new_opening()
    parts = Package(made(tmp_path / "p", opening), opening).manifest["parts"]
    whole = {**TOLD, "format": 1, "parts": [{**parts[0], "name": "part"}]}
    path = signed(tmp_path / "long", whole, part=b"0" * (parts[0]["bytes"] + 1))
    with pytest.raises(PackageChanged):
        Package(path, opening).check()
