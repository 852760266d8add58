"""Known weaknesses are looked up in a list somebody brought; no other computer is asked."""

import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from handup.cli import audit, main
from handup.cli.weaknesses import NPM, PYPI, NotAList, Package, compare, has, records

OURS = [Package(PYPI, "Some_Thing", "2.1.0"), Package(NPM, "@house/kit", "1.4.0-rc.2")]


def weakness(
    name: str = "some-thing",
    ecosystem: str = PYPI,
    events: list[dict[str, str]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    told: dict[str, Any] = {"package": {"ecosystem": ecosystem, "name": name}}
    if events is not None:
        told["ranges"] = [{"type": "ECOSYSTEM", "events": events}]
    if "versions" in more:
        told["versions"] = more.pop("versions")
    record = {"id": "TEST-1", "summary": "It opens doors.", "modified": "2026-05-04T00:00:00Z"}
    return record | {"affected": [told]} | more


def ids(*told: Any) -> list[tuple[str, str]]:
    return [(one.package.name, one.id) for one in compare(told, OURS)[0]]


@pytest.mark.parametrize(
    ("events", "is_found"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "2.1.1"}], True),
        ([{"introduced": "0"}, {"fixed": "2.1.0"}], False),
        ([{"introduced": "2.1.1"}], False),
        ([{"introduced": "2.1.0"}], True),
        ([{"introduced": "0"}, {"last_affected": "2.1.0"}], True),
        ([{"introduced": "0"}, {"last_affected": "2.0.9"}], False),
        ([{"fixed": "1.0"}, {"introduced": "2.0"}, {"introduced": "0"}, {"fixed": "2.2"}], True),
        ([{"introduced": "0"}, {"fixed": "2.1.0.post1"}], True),
        ([{"introduced": "2.1.0rc1"}, {"fixed": "2.1.0"}], False),
        ([{"introduced": "0"}, {"fixed": "10.0"}], True),
    ],
)
def test_a_range_says_which_versions_have_it(events: list[dict[str, str]], is_found: bool) -> None:
    expected = [("Some_Thing", "TEST-1")] if is_found else []
    assert ids(weakness(events=events)) == expected


def test_npm_is_ordered_as_npm_orders() -> None:
    for fixed, is_found in (("1.4.0", True), ("1.4.0-rc.2", False), ("1.4.0-rc.10", True)):
        events = [{"introduced": "0"}, {"fixed": fixed}]
        told = weakness("@house/kit", NPM, events)
        assert bool(ids(told)) is is_found, fixed


def test_named_versions_count_and_what_was_withdrawn_or_is_of_others_does_not() -> None:
    assert ids(weakness(versions=["2.0", "2.1.0"])) == [("Some_Thing", "TEST-1")]
    assert ids(weakness(versions=["before-all", "2.1"])) == [("Some_Thing", "TEST-1")]
    assert ids(weakness(versions=["2.0"])) == []
    assert ids(weakness(events=[{"introduced": "0"}], withdrawn="2026-01-01T00:00:00Z")) == []
    assert ids(weakness("other", events=[{"introduced": "0"}])) == []
    assert ids(weakness(ecosystem="Maven", events=[{"introduced": "0"}])) == []
    assert has({}, OURS[0]), "a package named without a version is affected whatever its version"


def test_what_cannot_be_judged_is_told() -> None:
    found, reading = compare([weakness(events=[{"introduced": "ancient"}])], OURS)
    assert (found, reading.not_judged, reading.newest) == ([], ("TEST-1",), "2026-05-04")


@pytest.mark.parametrize("form", ["list", "lines", "zip"])
def test_the_command_reads_every_form_and_asks_the_installed(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (django,) = [one for one in audit.installed() if one.name.lower() == "django"]
    events = [{"introduced": "0"}, {"fixed": "99.0"}]
    told = [weakness("DJANGO", events=events), weakness("other", events=events, id="TEST-2")]
    file = tmp_path / "all"
    if form == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            for number, one in enumerate(told):
                archive.writestr(f"{number}.json", json.dumps(one))
    else:
        file.write_text(json.dumps(told) if form == "list" else "\n".join(map(json.dumps, told)))
    assert main(["audit", str(file)]) == 1
    said = capsys.readouterr().out
    assert f"{django.name} {django.version}: TEST-1, mended in 99.0" in said
    assert "It opens doors." in said
    assert "TEST-2" not in said
    assert "2 weaknesses in the list (newest of 2026-05-04): 1 found, 1 overdue" in said


def test_a_bill_of_a_release_is_looked_at_with_its_front_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bill, file = tmp_path / "bill.json", tmp_path / "list.json"
    addresses = ["pkg:pypi/some-thing@2.1.0", "pkg:npm/%40house/kit@1.4.0-rc.2", "pkg:deb/x@1"]
    bill.write_text(json.dumps({"components": [{"purl": one} for one in addresses]}))
    file.write_text(json.dumps(weakness("@house/kit", NPM, [{"introduced": "0"}])))
    assert main(["audit", str(file), "--bill", str(bill)]) == 1
    assert "@house/kit 1.4.0-rc.2: TEST-1, not mended yet" in capsys.readouterr().out
    file.write_text(json.dumps(weakness("@house/kit", NPM, [{"introduced": "2.0.0"}])))
    assert main(["audit", str(file), "--bill", str(bill)]) == 0
    assert "2 packages" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", "{}", "[1]", "nothing", "[" * 100_000, '{"id": 7}'])
def test_what_is_no_list_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text(content)
    assert main(["audit", str(file)]) == 1
    with pytest.raises(NotAList):
        compare(records(file), OURS)
    assert main(["audit", str(tmp_path / "absent")]) == 2


@pytest.mark.parametrize(("at", "value"), [(6, 1), (8, 99)], ids=["locked", "packed otherwise"])
def test_an_archive_that_cannot_be_unpacked_is_refused(at: int, value: int, tmp_path: Path) -> None:
    """at: where a member's flags and its way of packing stand, two bytes further in the index."""
    file = tmp_path / "list.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("1.json", "{}")
    raw = bytearray(file.read_bytes())
    index = raw.index(b"PK\x01\x02")
    raw[at] = raw[index + at + 2] = value
    file.write_bytes(raw)
    assert main(["audit", str(file)]) == 1
    with pytest.raises(NotAList):
        compare(records(file), OURS)


@pytest.mark.parametrize(
    ("more", "severity", "due"),
    [
        ({"database_specific": {"severity": "CRITICAL"}}, "CRITICAL", date(2026, 5, 8)),
        ({"database_specific": {"severity": "high"}}, "HIGH", date(2026, 5, 31)),
        ({"database_specific": {"severity": "MEDIUM"}}, "MODERATE", date(2026, 7, 30)),
        ({"database_specific": {"severity": "LOW"}}, "LOW", date(2026, 7, 30)),
        ({"severity": [{"type": "CVSS", "score": "9.1"}]}, "CRITICAL", date(2026, 5, 8)),
        ({"severity": [{"type": "CVSS", "score": "7.0"}]}, "HIGH", date(2026, 5, 31)),
        ({"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}]}, "CRITICAL", None),
        ({}, "CRITICAL", None),
    ],
)
def test_a_weakness_says_until_when_it_is_mended(
    more: dict[str, Any], severity: str, due: date | None
) -> None:
    """Published on 1 May: 7 days, 30, 90; without a word the shortest; without a day at once."""
    told = weakness(events=[{"introduced": "0"}], **more)
    (found,), _reading = compare([told | {"published": "2026-05-01T10:00:00Z"}], OURS[:1])
    last = due or date(2026, 5, 8)
    assert (found.severity, found.due) == (severity, last)
    assert not found.is_overdue(last)
    assert found.is_overdue(last + timedelta(days=1))
    (undated,), _reading = compare([told], OURS[:1])
    assert (undated.due, undated.is_overdue(date(2026, 5, 1))) == (None, True)
