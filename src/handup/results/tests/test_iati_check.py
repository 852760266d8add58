"""The check of IATI files: schema, codelists, every kind of rule, and files that mean harm."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from tests.counting import calls_in

from handup.results.iati_pack import PackMissing, load_pack
from handup.results.rules.iati.checking import Checked, Finding, check
from handup.results.rules.iati.fields import field_of
from handup.results.rules.iati.pack import Pack, Severity, rules_of
from handup.results.rules.iati.reading import (
    MOST_BYTES,
    EntitiesDeclared,
    FileTooLarge,
    NotIati,
    NotWellFormed,
    OldVersion,
    read_iati,
    require_version,
)
from handup.results.rules.iati.rulekinds import KINDS, Place, culprits

DAY = date(2026, 1, 1)
SMALL = (
    '<iati-activities version="2.03"><iati-activity xml:lang="en" default-currency="USD">'
    '<iati-identifier>{id}</iati-identifier><reporting-org ref="AA-AAA-1" type="40">'
    "<narrative>A</narrative></reporting-org><title><narrative>T</narrative></title>"
    '<description><narrative>D</narrative></description><participating-org role="1" type="40">'
    '<narrative>A</narrative></participating-org><activity-status code="2"/>'
    '<activity-date type="2" iso-date="{start}"/><recipient-country code="AM"/>'
    '<sector vocabulary="1" code="24040"/>{more}</iati-activity></iati-activities>'
)


def small(id: str = "AA-AAA-1-X", start: str = "2020-01-01", more: str = "") -> bytes:
    return SMALL.format(id=id, start=start, more=more).encode()


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/iati"


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    return load_pack(folder)


def found(checked: Checked) -> list[dict[str, object]]:
    return [
        {"id": id, "severity": severity, "count": count}
        for (id, severity), count in sorted(checked.counts().items())
    ]


def test_samples_and_worked_files_are_found_as_expected(folder: Path, pack: Pack) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    assert len(expected) == 8
    for name, told in expected.items():
        checked = check((folder / name).read_bytes(), DAY, pack)
        assert found(checked) == told["findings_on_2026_01_01"], name
        assert (checked.root, checked.version) == (told["root"], told["version"]), name
        assert checked.activities == told["activities"], name


def test_each_schema_test_passes_or_fails_as_it_should(folder: Path, pack: Pack) -> None:
    files = sorted((folder / "xsd-tests").rglob("*.xml"))
    wrong = []
    for file in files:
        parts = file.relative_to(folder / "xsd-tests").parts
        kind = "iati-activities" if parts[0] == "activity" else "iati-organisations"
        passes = pack.schemas[kind].validate(etree.parse(str(file)))
        if passes != (parts[1] == "should-pass"):
            wrong.append("/".join(parts))
    assert (len(files), wrong) == (422, [])


def test_what_breaks_the_schema_is_critical_with_its_line(folder: Path, pack: Pack) -> None:
    broken = folder / "xsd-tests/activity/should-fail"
    file = min(broken.glob("budget/*.xml"))
    checked = check(file.read_bytes(), DAY, pack)
    worst = [one for one in checked.findings if one.severity is Severity.CRITICAL]
    assert worst
    assert all(one.id.startswith("schema:") and one.line > 1 for one in worst)
    assert not checked.is_publishable


def test_each_kind_of_rule_is_right_about_its_tests(folder: Path) -> None:
    tests = folder / "rulesets/meta_tests"
    with (tests / "expected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        tree = etree.parse(str(tests / row["document"]))
        failed = [
            node
            for rule in rules_of((tests / row["ruleset"]).read_bytes())
            for element in tree.xpath(rule.context)
            for node in culprits(rule.kind, rule.case, Place(element, DAY, frozenset()))
        ]
        if bool(failed) == (row["passes"] == "true"):
            wrong.append(row)
    assert (len(rows), wrong) == (73, [])


def test_every_case_of_the_ruleset_is_a_kind_that_is_known(pack: Pack) -> None:
    loops = [rule for rule in pack.rules if rule.kind == "loop"]
    assert (len(pack.rules), len(loops)) == (107, 11)
    assert {rule.kind for rule in pack.rules} <= set(KINDS)
    inner = {kind for rule in loops for kind in rule.case["do"]}
    assert inner <= set(KINDS)
    assert len({rule.id for rule in pack.rules}) == 89


def rule(kind: str, case: Mapping[str, object], xml: str) -> list[str]:
    root = etree.fromstring(f"<a>{xml}</a>")
    return [str(node) for node in culprits(kind, case, Place(root, DAY, frozenset()))]


def test_kinds_without_tests_of_their_own_hold_what_the_text_says() -> None:
    only = {"excluded": ["x"], "paths": ["y/@v"]}
    assert rule("only_one_of", only, "<y v='1'/>") == []
    assert rule("only_one_of", only, "<x/>") == []
    assert rule("only_one_of", only, "<x/><y v='1'/>") == ["1"]
    assert rule("only_one_of", only, "<y v='1'/><y v='2'/>") == ["1"]
    both = {"paths": ["x", "y"]}
    assert rule("dependent", both, "<x/><y/>") == []
    assert rule("dependent", both, "") == []
    assert len(rule("dependent", both, "<x/>")) == 1
    spaces = {"paths": ["x/@v"]}
    assert rule("no_spaces", spaces, "<x v='a b'/>") == []
    assert rule("no_spaces", spaces, "<x v=' a'/>") == [" a"]
    starts = {"prefix": ["@p", "p"], "separator": "-", "paths": ["x"]}
    assert rule("startswith", starts, "<p>AA</p><x>AA-1</x>") == []
    assert len(rule("startswith", starts, "<p>AA</p><x>AA1</x>")) == 1


def test_what_the_text_leaves_open_is_settled() -> None:
    year = {"start": "s/@d", "end": "e/@d"}
    assert rule("time_limit", year, "<s d='2020-01-01'/><e d='2020-12-31Z'/>") == []
    assert rule("time_limit", year, "<s d='2020-01-01'/><e d='2021-01-01'/>") == ["2020-01-01"]
    assert rule("time_limit", year, "<s d='2020-01-01'/>") == []
    full = {"paths": ["x/@p"], "sum": 100}
    thirds = "<x p='33.33333'/><x p='33.33333'/><x p='33.33334'/>"
    assert rule("strict_sum", full, thirds) == []
    assert rule("strict_sum", full, "<x p='33.3'/><x p='66.6'/>") == ["33.3"]
    pattern = {"paths": ["x"], "regex": "^[a-z]+$"}
    assert rule("regex_matches", pattern, "<x/><x> </x>") == []
    assert len(rule("regex_matches", pattern, "<x>1</x>")) == 1
    assert rule("one_or_all", {"one": "@none", "all": "sector"}, "") == []
    now = {"date": "@d"}
    root = etree.fromstring("<a d='2026-01-01T23:59:59+14:00'/>")
    assert culprits("date_now", now, Place(root, DAY, frozenset())) == []
    assert culprits("date_now", now, Place(root, date(2025, 12, 31), frozenset())) != []


def test_huge_numbers_and_wrong_days_do_not_stop_the_check(pack: Pack) -> None:
    more = (
        '<budget><period-start iso-date="2020-13-45"/><period-end iso-date="0000-00-00"/>'
        f'<value value-date="x">{"9" * 400}</value></budget>'
    )
    sectors = '<sector vocabulary="1" code="11330" percentage="1e999999999"/>'
    checked = check(small(more=more).replace(b"</iati-activity>", b"</iati-activity>"), DAY, pack)
    assert not checked.is_publishable
    assert check(small(more=sectors), DAY, pack).findings


def test_an_identifier_stands_once(pack: Pack) -> None:
    one = small()
    inner = one[one.index(b"<iati-activity ") : one.rindex(b"</iati-activities>")]
    twice = one.replace(inner, inner + inner)
    ids = Counter(finding.id for finding in check(twice, DAY, pack).findings)
    assert ids["rule:1.1.2"] == 1
    assert "rule:1.1.2" not in {one.id for one in check(one, DAY, pack).findings}


def test_a_finding_names_place_line_and_field(pack: Pack) -> None:
    [finding] = check(small(start="2030-01-01"), DAY, pack).findings
    assert finding == Finding(
        id="rule:11.1.4",
        severity=Severity.ERROR,
        message="The actual start date of the activity must not be in the future.",
        path="/iati-activities/iati-activity/activity-date/@iso-date",
        line=1,
        field="phase.dates",
    )
    assert field_of("/iati-activities/iati-activity[2]/result/indicator[1]/period/actual") == (
        "figure.value"
    )


def test_codes_are_judged_by_their_list(pack: Pack) -> None:
    def codes(more: str, *, for_export: bool = False) -> list[tuple[str, str, str]]:
        checked = check(small(more=more), DAY, pack, for_export=for_export)
        return [(one.id, one.severity.value, one.value) for one in checked.findings]

    withdrawn = '<default-finance-type code="410"/>'
    assert codes(withdrawn) == [("codelist:FinanceType", "advisory", "410")]
    assert codes(withdrawn, for_export=True) == [("codelist:FinanceType", "error", "410")]
    assert ("codelist:FinanceType", "error", "42") in codes('<default-finance-type code="42"/>')
    tag = '<tag vocabulary="3" code="77.7"/>'
    assert ("codelist:UNSDG-Targets", "error", "77.7") in codes(tag)
    assert codes('<tag vocabulary="99" code="77.7"><narrative>x</narrative></tag>') == []
    country = small().replace(b'"AM"', b'"QQ"')
    [unknown] = check(country, DAY, pack).findings
    assert (unknown.id, unknown.severity) == ("codelist:Country", Severity.WARNING)


def test_rules_that_need_the_registry_are_named_or_asked(folder: Path, tmp_path: Path) -> None:
    for part in folder.iterdir():
        (tmp_path / part.name).symlink_to(part)
    without = check(small(), DAY, load_pack(tmp_path, "without"))
    assert len(without.skipped) == 10
    assert without.findings == ()
    (tmp_path / "registered-organisations.txt").write_text("AA-AAA-1\n\nXM-DAC-47066\n")
    asked = load_pack(tmp_path, "with")
    assert check(small(), DAY, asked).skipped == ()
    assert check(small(), DAY, asked).findings == ()
    other = small(id="BB/1").replace(b"AA-AAA-1", b"BB")
    ids = {one.id for one in check(other, DAY, asked).findings}
    assert {"rule:1.3.13", "rule:1.14.8"} <= ids


ATTACKS = {
    "laughs": b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><iati-activities>&b;'
    b"</iati-activities>",
    "outside": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><iati-activities/>',
    "file": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><iati-activities>&x;'
    b"</iati-activities>",
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><iati-activities/>'.encode(
        "utf-16"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_file_that_declares_entities_is_not_read(attack: bytes, pack: Pack) -> None:
    with pytest.raises(EntitiesDeclared, match=r"line 1"):
        read_iati(attack)
    [finding] = check(attack, DAY, pack).findings
    assert (finding.id, finding.severity) == ("xml:EntitiesDeclared", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("content", "refused", "line"),
    [
        (b"", NotWellFormed, 1),
        (b"\xff\xfe\x00", NotWellFormed, 1),
        (b"PK\x03\x04", NotWellFormed, 1),
        (b"<iati-activities>\n<a>\n", NotWellFormed, 3),
        (b"<iati-activities>\n&x;</iati-activities>", NotWellFormed, 2),
        (b'<?xml version="1.0" encoding="koi8-q"?><iati-activities/>', NotWellFormed, 1),
        (b"\n<html/>", NotIati, 2),
        (b"<iati-activity/>", NotIati, 1),
    ],
)
def test_what_is_no_iati_file_is_refused_with_its_line(
    content: bytes, refused: type[NotWellFormed], line: int
) -> None:
    with pytest.raises(refused) as caught:
        read_iati(content)
    assert caught.value.places["line"] == line


def test_a_file_may_be_fifty_megabytes_and_no_more() -> None:
    with pytest.raises(FileTooLarge):
        read_iati(b" " * (MOST_BYTES + 1))
    with pytest.raises(OldVersion, match=r"1\.05"):
        require_version(read_iati(b'<iati-activities version="1.05"/>'))
    assert require_version(read_iati(b'<iati-activities version="2.02"/>')) == "2.02"


def test_eight_times_the_file_is_eight_times_the_work(folder: Path, pack: Pack) -> None:
    text = (folder / "samples/worldbank-679-results-2.03.xml").read_bytes()
    start, end = text.index(b"<iati-activity "), text.rindex(b"</iati-activities>")
    large = text[:start] + text[start:end] * 8 + text[end:]
    assert len(large) > 3_600_000
    assert check(large, DAY, pack).activities == 40
    assert calls_in(lambda: check(large, DAY, pack)) < 10 * calls_in(lambda: check(text, DAY, pack))


def test_a_pack_that_is_not_whole_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PackMissing):
        load_pack(tmp_path, "empty")
