"""The three results pages at full size: the figures of seed_programmes.md, on the page and by
`handup report` in each form, and the records each of them opens to.
"""

import csv
import io
import json
from argparse import Namespace
from datetime import date
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html
from stories.conftest import browser

from handup.cli import report as command
from handup.projects.models import Programme

PRINTED_DAY = {
    "IOM-AM": date(2005, 6, 30),
    "ADRA-MN": date(2005, 6, 30),
    "IFAD-RW": date(2004, 12, 31),
}


class Shown(NamedTuple):
    """One figure as a person reads it, its counts, and the rows it opens to: those counted and
    those it is counted of.
    """

    value: str
    counts: tuple[int, int | None]
    rows: int
    base: int = 0
    beside: str = ""


FIGURES: dict[str, dict[str, Shown]] = {
    "IOM-AM": {
        "MED-TRN-02": Shown("1,764", (1_764, None), 1_764),
        "MED-FIN-02": Shown("3,412", (3_412, None), 3_412),  # families; the first loan of each
        "MED-FIN-01v": Shown("USD 3,812,450.00", (3_812_450_00, None), 3_640),
        "MED-FIN-01": Shown("3,640", (3_640, None), 3_640),
        "MED-FIN-05a": Shown("89.0%", (2_848, 3_200), 2_848, 3_200, "2,848 of 3,200"),
        "MED-IMP-01": Shown("92.0%", (368, 400), 368, 400, "between 88.9% and 94.3%"),
        "MED-IMP-02": Shown("91.0%", (364, 400), 364, 400, "between 87.8% and 93.4%"),
        "MED-OUT-02": Shown("3,520", (3_520, None), 3_520),
    },
    "ADRA-MN": {
        "MED-GRP-01": Shown("68", (68, None), 68),
        "MED-GRP-06": Shown("46", (46, None), 46),  # soums, and districts of clients
    },
    "IFAD-RW": {
        "MED-ENT-02s": Shown("3,786", (3_786, None), 3_786),
        "MED-TRN-01": Shown("2,219", (2_219, None), 2_219),
        "MED-TRN-04": Shown("63.9%", (1_319, 2_064), 1_319, 2_064, "1,319 of 2,064"),
        "MED-TRN-02": Shown("2,064", (2_064, None), 2_064),
    },
}
KINDS = {
    "COOP_PRIMARY": 61,
    "SHG": 5,
    "COOP_SECONDARY": 1,
    "ASSOCIATION": 1,
}
AREAS = {"COOP_PRIMARY": 37, "NOT_RECORDED": 9}
FUNNEL = [
    ("ATTENDED_OPEN_DAY", 3_416, None),
    ("STARTED", 2_219, "65.0"),
    ("COMPLETED", 2_064, "93.0"),
    ("PLACED", 1_319, "63.9"),
]


def words(page: bytes) -> str:
    """What a page says, in one line."""
    return " ".join(str(html.fromstring(page.decode()).text_content()).split())


def tiles(page: bytes, programme: Programme) -> dict[str, str]:
    """What each tile of a results page says, by the figure it opens."""
    day = PRINTED_DAY[programme.code]
    found = {}
    for link in html.fromstring(page.decode()).iter("a"):
        for code in FIGURES[programme.code]:
            if link.get("href") == reverse("results:figure", args=[programme.pk, code, day]):
                tile = next(link.iterancestors("article", "li", "div"))
                found[code] = " ".join(str(tile.text_content()).split())
    return found


def told(capsys: pytest.CaptureFixture[str], code: str, form: str) -> str:
    """What `handup report` prints."""
    asked = Namespace(
        programme=code, as_of=PRINTED_DAY[code], format=form, publish=False, output=None
    )
    assert command.run(asked) == 0
    return capsys.readouterr().out


def check_page(client: Client, programme: Programme) -> None:
    """The results page of a programme says each figure."""
    answer = client.get(reverse("results:benefits", args=[programme.pk]))
    shown = tiles(answer.content, programme)
    for code, figure in FIGURES[programme.code].items():
        assert figure.value in shown[code], (code, shown[code])
        assert figure.beside in shown[code], (code, shown[code])


def check_command(capsys: pytest.CaptureFixture[str], code: str) -> None:
    """`handup report` says each figure as a table, as JSON and as CSV."""
    split = [line.split() for line in told(capsys, code, "table").splitlines() if line]
    table = {line[0]: " ".join(line) for line in split}
    data = json.loads(told(capsys, code, "json"))
    lines = {line["code"]: line for line in data["figures"]}
    rows = csv.DictReader(io.StringIO(told(capsys, code, "csv")))
    whole = {row["code"]: row for row in rows if not row["dimension"]}
    for name, figure in FIGURES[code].items():
        above, below = figure.counts
        assert figure.value in table[name], table[name]
        assert figure.beside in table[name], table[name]
        assert (lines[name]["numerator"], lines[name]["denominator"]) == (above, below), name
        assert whole[name]["numerator"] == str(above), name
        assert whole[name]["denominator"] == ("" if below is None else str(below)), name
    if code == "IOM-AM":
        for name, ends in (("MED-IMP-01", ["10.8", "99.1"]), ("MED-IMP-02", ["10.7", "98.9"])):
            assert lines[name]["bounds"] == {"ends": ends, "everybody": 3_412}, name
        assert "between 10.8% and 99.1% of all 3,412" in table["MED-IMP-01"]
    if code == "IFAD-RW":
        assert [tuple(step.values()) for step in data["funnel"]] == FUNNEL
    if code == "ADRA-MN":
        kinds = lines["MED-GRP-01"]["by"]["group_type"]["lines"]
        assert {line["code"]: line["numerator"] for line in kinds} == KINDS
        areas = lines["MED-GRP-06"]["by"]["group_type"]["lines"]
        assert {line["code"]: line["numerator"] for line in areas} == AREAS


def check_records(client: Client, programme: Programme) -> None:
    """Each figure opens to as many records as it says, down to the last page of them."""
    day = PRINTED_DAY[programme.code]
    for code, figure in FIGURES[programme.code].items():
        address = reverse("results:rows", args=[programme.pk, code, day])
        page = client.get(reverse("results:figure", args=[programme.pk, code, day]))
        assert address in page.content.decode(), code
        for side, count in (("counted", figure.rows), ("base", figure.base)):
            if not count:
                continue
            last = (count - 1) // 50 * 50
            answer = client.get(f"{address}?side={side}&from={last}")
            assert f"{count} rows count." in words(answer.content), (code, side)
            listed = html.fromstring(answer.content.decode()).xpath("//tbody/tr[td[2]/a]")
            assert len(listed) == count - last, (code, side)


@pytest.mark.soak
@pytest.mark.django_db
def test_the_three_results_pages_show_their_figures_and_open_to_their_records(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = browser("manager")
    for code in FIGURES:
        programme = Programme.objects.get(code=code)
        check_page(client, programme)
        check_command(capsys, code)
        check_records(client, programme)
