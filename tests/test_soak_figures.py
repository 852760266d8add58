"""The long runs leave figures in the shape of the benchmark's."""

import json
from pathlib import Path

from tools.soak_figures import figures, write

REPORT = """<testsuites><testsuite tests="4">
<testcase classname="kernel.tests.test_money" name="test_split" time="12.5"/>
<testcase classname="tests.test_kills" name="test_killed" time="300.25"><properties>
<property name="backend" value="postgresql"/><property name="n" value="500"/>
</properties></testcase>
<testcase classname="kernel.tests.test_x" name="test_bad" time="1"><failure>no</failure></testcase>
<testcase classname="kernel.tests.test_y" name="test_out" time="0"><skipped/></testcase>
</testsuite></testsuites>"""


def test_each_test_is_a_figure_and_the_failed_are_counted(tmp_path: Path) -> None:
    report, result = tmp_path / "soak.xml", tmp_path / "soak.json"
    report.write_text(REPORT)
    split, killed, bad, failed = figures(report, "abc")
    assert split == {
        "name": "soak.kernel.tests.test_money.test_split",
        "value": 12.5,
        "unit": "s",
        "backend": "sqlite",
        "n": 1,
        "commit": "abc",
    }
    assert (killed["value"], killed["backend"], killed["n"]) == (300.25, "postgresql", 500)
    assert bad["name"].endswith("test_bad")
    assert (failed["name"], failed["value"], failed["n"]) == ("soak.failed", 1, 3)
    assert write(report, result) == 4
    assert {tuple(one) for one in json.loads(result.read_text())} == {
        ("name", "value", "unit", "backend", "n", "commit")
    }
