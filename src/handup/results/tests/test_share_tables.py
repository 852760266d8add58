"""Public tables of shares, and of groups that overlap: made of counts that are safe, tried by
attack; a percentage follows from what is told, and from nothing else."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.lending.tests.cast import staff
from handup.org.rules.access import Role
from handup.results import services as s
from handup.results.exchange.figures import leaving
from handup.results.gathering import Source
from handup.results.models import PublicTable, ReleasedFigure, Snapshot
from handup.results.rules.expressions import Row
from handup.results.rules.joint_attack import narrow_cells
from handup.results.services import public_tables, same_people, table_counts
from handup.results.tests.test_frozen import House, browser
from handup.results.tests.test_public_tables import domains

pytestmark = pytest.mark.django_db
DAY, NEXT = date(2025, 3, 31), date(2025, 4, 1)
SHARE, COUNT, ENROLLED = "MED-TRN-03", "MED-TRN-02", "MED-TRN-01"
CODES = (SHARE, COUNT, ENROLLED)
CELLS = (("F", "15-24", 3, 9), ("F", "25-34", 14, 6), ("M", "15-24", 21, 12), ("M", "25-34", 8, 9))
"""Sex, age, how many completed, how many did not."""


class Courses:
    """A programme whose enrolments are told cell by cell, and who publishes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = House()
        self.publisher = staff("publishes", Role.DIRECTOR)
        self.rows: list[Row] = []
        s.choose_indicators(
            acting_staff=self.house.world.cast.manager, programme=self.house.programme, codes=CODES
        )
        read = Source.table

        def table(source: Source, name: str, asked: Any = None) -> list[Row]:
            return self.rows if name == "enrolment" else read(source, name, asked)

        monkeypatch.setattr(Source, "table", table)

    def fill(self, cells: Iterable[tuple[str, str, int, int]]) -> None:
        for sex, band, did, did_not in cells:
            self.rows += [self.row(sex, band, at < did) for at in range(did + did_not)]

    def row(self, sex: str, band: str, completed: bool) -> Row:
        person, on = str(new_id()), date(2025, 1, 10)
        groups = {"REFUGEE"} if band == "15-24" else {"LOW_INCOME"}
        return {
            "record": str(new_id()), "person": person, "day": on, "received": 0, "on_roll": True,
            "completed": completed, "closed_day": on, "completed_day": on if completed else None,
            "sex": sex, "age_band": band, "target_category": frozenset(groups), "area1": "",
            "area2": "", "project_phase": "",
        }  # fmt: skip

    def snapshot(self, day: date = DAY) -> Snapshot:
        house = self.house
        row = s.compute_snapshot(acting_staff=house.officer, programme=house.programme, day=day)
        row.figures.update(note="looked at")
        s.check_figures(acting_staff=house.checker, snapshot=row, codes=CODES)
        s.approve_figures(acting_staff=house.director, snapshot=row, codes=CODES)
        return s.freeze_snapshot(acting_staff=house.director, snapshot=row)

    def publish(self, snapshot: Snapshot, by: str, column: str = "", code: str = SHARE) -> Any:
        return s.publish_table(
            acting_staff=self.publisher, snapshot=snapshot, code=code, row_dimension=by,
            column_dimension=column,
        )  # fmt: skip


@pytest.fixture
def courses(monkeypatch: pytest.MonkeyPatch) -> Courses:
    return Courses(monkeypatch)


def test_a_share_is_told_by_the_counts_it_is_made_of(courses: Courses) -> None:
    courses.fill(CELLS)
    snapshot = courses.snapshot()
    row = courses.publish(snapshot, "sex")
    assert (row.column_dimension, row.counts) == ("counted", (46, 82))
    assert row.table["cells"] == [[15, 17], [21, 29]], "not completed, completed; women, men"
    assert courses.publish(snapshot, "sex").pk == row.pk
    page = browser(staff("gives", Role.FUNDER)).get(reverse("results:table_detail", args=[row.pk]))
    for told in ("53.1", "58.0", "56.1", "it is not so"):
        assert told in page.text.lower(), told
    [released] = [one for one in leaving(snapshot).told if one.code == SHARE]
    assert (released.numerator, released.denominator) == (46, 82)


def test_by_age_three_who_completed_are_hidden_and_no_percentage_tells_them(
    courses: Courses,
) -> None:
    courses.fill([("F", "15-24", 3, 20), ("F", "25-34", 14, 16), ("M", "35-59", 21, 12)])
    row = courses.publish(courses.snapshot(), "age_band")
    cells = row.table["cells"]
    assert cells[0] == [None, None]
    assert sum(count is None for line in cells for count in line) == 4
    assert narrow_cells([public_tables.told_of(row)], domains(row), k=5) == []
    client = browser(courses.publisher)
    page = client.get(reverse("results:table_detail", args=[row.pk])).text
    assert "13.0" not in page, "3 of 23"


def test_shares_of_many_sizes_hold_against_the_attacker(courses: Courses) -> None:
    dice, published = Random(7), 0
    for round in range(12):
        PublicTable.objects.all().delete()
        courses.rows = []
        courses.fill(
            (sex, band, dice.randint(0, 12), dice.randint(0, 12))
            for sex in "FM" for band in ("15-24", "25-34", "35-59")
        )  # fmt: skip
        row = courses.snapshot(NEXT + timedelta(days=round))
        tables = []
        for by in ("age_band", "sex", "target_category=REFUGEE"):
            try:
                tables.append(courses.publish(row, by))
            except (
                table_counts.CannotBeMadeSafe,
                public_tables.TellsTogether,
                public_tables.TooLittleChanged,
            ):
                continue
        published += len(tables)
        told = [public_tables.told_of(one) for one in tables]
        assert not told or narrow_cells(told, domains(*tables), k=5) == []
    assert published >= 12


def test_a_table_of_the_same_people_under_another_name_is_refused(courses: Courses) -> None:
    courses.fill(CELLS)
    snapshot = courses.snapshot()
    courses.publish(snapshot, "sex", code=COUNT)
    with pytest.raises(same_people.SamePeopleElsewhere, match=COUNT):
        courses.publish(snapshot, "age_band")
    PublicTable.objects.all().delete()
    courses.publish(snapshot, "age_band")
    with pytest.raises(same_people.SamePeopleElsewhere, match=SHARE):
        courses.publish(snapshot, "sex", code=COUNT)


def test_other_people_are_not_the_same_for_having_nobody_in_common(
    courses: Courses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two shares that count everybody, nobody is left over in either: that is no likeness."""
    courses.fill(CELLS)
    snapshot = courses.snapshot()
    courses.publish(snapshot, "sex", code=COUNT)
    held: dict[str, list[set[str]]] = {
        COUNT: [set(map(str, range(50))), set()], SHARE: [set(map(str, range(60, 99))), set()],
    }  # fmt: skip
    monkeypatch.setattr(same_people, "people", lambda row: held[row.code])
    assert courses.publish(snapshot, "age_band").is_share
    PublicTable.objects.filter(code=SHARE).delete()
    held[SHARE] = [set(map(str, range(3, 52)))]
    assert len(held[SHARE][0] ^ held[COUNT][0]) == 5
    assert courses.publish(snapshot, "age_band").is_share, "five more or less hide each other"
    PublicTable.objects.filter(code=SHARE).delete()
    held[SHARE] = [set(map(str, range(3, 51)))]
    with pytest.raises(same_people.SamePeopleElsewhere):
        courses.publish(snapshot, "age_band")


def test_two_counts_of_nearly_the_same_people_are_not_told_side_by_side(
    courses: Courses,
) -> None:
    """All who enrolled and all who completed: 46 and 43 tell three, as sex and age tell cells."""
    courses.fill((("F", "15-24", 10, 0), ("F", "25-34", 14, 3), ("M", "25-34", 19, 0)))
    snapshot = courses.snapshot()
    assert courses.publish(snapshot, "sex", code=COUNT).table["total"] == 43
    with pytest.raises(same_people.SamePeopleElsewhere, match=COUNT):
        courses.publish(snapshot, "age_band", code=ENROLLED)
    assert not PublicTable.objects.filter(code=ENROLLED).exists()


def test_the_same_table_under_another_name_and_one_of_more_people_are_told(
    courses: Courses,
) -> None:
    courses.fill((("F", "15-24", 10, 0), ("F", "25-34", 14, 0), ("M", "25-34", 19, 0)))
    snapshot = courses.snapshot()
    courses.publish(snapshot, "sex", code=COUNT)
    assert courses.publish(snapshot, "sex", code=ENROLLED).table["total"] == 43
    with pytest.raises(same_people.SamePeopleElsewhere):
        courses.publish(snapshot, "age_band", code=ENROLLED)
    PublicTable.objects.all().delete()
    courses.fill((("M", "15-24", 0, 5),))
    later = courses.snapshot(NEXT)
    courses.publish(later, "sex", code=COUNT)
    assert courses.publish(later, "age_band", code=ENROLLED).table["total"] == 48


def test_groups_that_overlap_are_told_one_by_one(courses: Courses) -> None:
    courses.fill(CELLS)
    snapshot = courses.snapshot()
    row = courses.publish(snapshot, "target_category=REFUGEE", "sex", code=COUNT)
    assert row.table["rows"] == [["IN"], ["OUT"]]
    assert row.table["row_totals"] == [24, 22]
    assert [None in line for line in row.table["cells"]] == [True, True], "three refugee women"
    page = browser(courses.publisher).get(reverse("results:table_detail", args=[row.pk])).text
    assert "in this group" in page
    assert "refugees" in page
    for dimension in ("target_category", "target_category=NOT_RECORDED", "sex=F"):
        with pytest.raises(table_counts.DimensionNotGiven):
            courses.publish(snapshot, dimension, code=COUNT)
    with pytest.raises(public_tables.ShareByOne):
        courses.publish(snapshot, "sex", "age_band")


def test_what_partners_were_told_of_a_share_is_not_a_few_away(courses: Courses) -> None:
    courses.fill(CELLS)
    snapshot = courses.snapshot()
    ReleasedFigure.objects.create(
        programme=courses.house.programme, day=DAY, of_day=DAY, code=SHARE,
        numerator=44, denominator=82,
    )  # fmt: skip
    with pytest.raises(public_tables.TooLittleChanged):
        courses.publish(snapshot, "sex")


def test_the_form_offers_shares_and_each_group(courses: Courses) -> None:
    courses.fill(CELLS)
    address = reverse("results:table_new", args=[courses.snapshot().pk])
    client = browser(courses.publisher)
    page = client.get(address).text
    assert f'value="{SHARE}"' in page
    assert 'value="target_category=REFUGEE"' in page
    told = {"code": SHARE, "row_dimension": "sex", "column_dimension": "", "_new_id": new_id()}
    assert client.post(address, told).status_code == 302
    assert PublicTable.objects.get().is_share
