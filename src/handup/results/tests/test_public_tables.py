"""Public tables: safe alone, and together with everything told before, tried by attack."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.lending.models import Loan
from handup.lending.tests.cast import running, staff
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.people.models import Participation, Person
from handup.results import services as s
from handup.results.exchange.figures import leaving
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    PublicTable,
    ReleasedFigure,
    Snapshot,
)
from handup.results.releases import published_report
from handup.results.rules.engine import FactRow
from handup.results.rules.joint_attack import Cell, Told, TooManyTogether, narrow_cells
from handup.results.services import freezing, public_tables, set_reporting_day, table_counts
from handup.results.telling import SnapshotNotFrozen
from handup.results.tests.test_frozen import House, browser

DAY, NEXT = date(2025, 3, 31), date(2025, 6, 30)
BORN = {"15-24": 2005, "25-34": 1995, "35-59": 1980, "60+": 1950}
CODE = "MED-OUT-01"


class Counted:
    """A programme whose persons have a sex and an age, and who publishes."""

    def __init__(self) -> None:
        self.house = House()
        self.publisher = staff("publishes", Role.DIRECTOR)
        s.choose_indicators(
            acting_staff=self.house.world.cast.manager,
            programme=self.house.programme,
            codes=[CODE, "MED-FIN-01v", "MED-FIN-05a"],
        )
        Participation._base_manager.all().update(started_date=None)

    def add(self, sex: str, band: str, count: int, on: date = date(2025, 1, 15)) -> list[Person]:
        """So many persons who began on a day."""
        made = Person.objects.bulk_create(
            Person(
                registration_no=str(new_id().int)[-12:],
                display_name="Somebody",
                sort_key="somebody",
                sex=sex,
                birth_date=date(BORN[band], 1, 1),
                programme=self.house.programme,
                registered_date=on,
                registered_by=self.house.officer,
            )
            for _at in range(count)
        )
        Participation.objects.bulk_create(
            Participation(
                person=one,
                programme=self.house.programme,
                applied_date=on,
                started_date=on,
                state="ACTIVE",
            )
            for one in made
        )
        return made

    def snapshot(self, day: date = DAY) -> Snapshot:
        house = self.house
        row = s.compute_snapshot(acting_staff=house.officer, programme=house.programme, day=day)
        return self.frozen(row)

    def frozen(self, row: Snapshot) -> Snapshot:
        house, codes = self.house, [CODE, "MED-FIN-01v", "MED-FIN-05a"]
        FrozenFigure.objects.filter(snapshot=row).update(note="looked at")
        s.check_figures(acting_staff=house.checker, snapshot=row, codes=codes)
        s.approve_figures(acting_staff=house.director, snapshot=row, codes=codes)
        return s.freeze_snapshot(acting_staff=house.director, snapshot=row)

    def publish(self, snapshot: Snapshot, row: str = "sex", column: str = "", **more: Any) -> Any:
        return s.publish_table(
            acting_staff=self.publisher,
            snapshot=snapshot,
            code=more.pop("code", CODE),
            row_dimension=row,
            column_dimension=column,
            **more,
        )


@pytest.fixture
def counted(db: None) -> Counted:
    return Counted()


def fill(counted: Counted, cells: Iterable[tuple[str, str, int]]) -> None:
    for sex, band, count in cells:
        counted.add(sex, band, count)


WIDE = (
    ("F", "15-24", 3), ("F", "25-34", 21), ("F", "35-59", 40),
    ("M", "15-24", 28), ("M", "25-34", 17), ("M", "35-59", 12),
)  # fmt: skip


EVEN = (
    ("F", "15-24", 10), ("F", "25-34", 21), ("F", "35-59", 40),
    ("M", "15-24", 28), ("M", "25-34", 27), ("M", "35-59", 22),
)  # fmt: skip


def test_a_small_count_is_hidden_with_three_others_and_every_total_is_told(
    counted: Counted,
) -> None:
    fill(counted, WIDE)
    row = counted.publish(counted.snapshot(), "sex", "age_band")
    table = row.table
    assert (table["outcome"], table["total"]) == ("PUBLISHED", 121)
    assert table["rows"] == [["F"], ["M"]]
    assert table["row_totals"] == [64, 57]
    hidden = [count for line in table["cells"] for count in line if count is None]
    assert len(hidden) == 4
    assert table["cells"][0][0] is None
    assert narrow_cells([public_tables.told_of(row)], domains(row), k=5) == []


def domains(*rows: PublicTable) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        for place, name in enumerate((row.row_dimension, row.column_dimension)):
            if name:
                found[name] = sorted({cell[place] for cell in row.basis["cells"]})
    return found


def test_what_is_told_once_is_told_like_this_for_ever(counted: Counted) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    one = uuid4()
    first = counted.publish(snapshot, "sex", id=one)
    assert counted.publish(snapshot, "sex", id=one).pk == first.pk
    assert counted.publish(snapshot, "sex").pk == first.pk
    assert PublicTable.objects.count() == 1


def test_two_releases_never_tell_of_a_few(counted: Counted) -> None:
    """Taking one day from the next is the first thing an attacker tries."""
    fill(counted, WIDE)
    before = counted.publish(counted.snapshot(), "sex")
    counted.add("F", "35-59", 2, NEXT - timedelta(days=9))
    kept = counted.publish(counted.snapshot(NEXT), "sex")
    assert kept.table["total"] == before.table["total"], "two more are not told yet"
    counted.add("M", "35-59", 9, NEXT + timedelta(days=9))
    later = counted.snapshot(NEXT + timedelta(days=30))
    now = counted.publish(later, "sex")
    moved = [b - a for (a,), (b,) in zip(before.table["cells"], now.table["cells"], strict=True)]
    assert moved == [0, 9]
    assert all(step == 0 or step >= 5 for step in moved)


def test_a_table_by_another_breakdown_is_not_taken_from_an_earlier_one(counted: Counted) -> None:
    fill(counted, WIDE)
    counted.publish(counted.snapshot(), "sex")
    counted.add("F", "35-59", 2, NEXT - timedelta(days=9))
    with pytest.raises(public_tables.TooLittleChanged):
        counted.publish(counted.snapshot(NEXT), "age_band")


def test_a_total_told_to_partners_is_not_a_few_away(counted: Counted) -> None:
    fill(counted, WIDE)
    ReleasedFigure.objects.create(
        programme=counted.house.programme, day=DAY, code=CODE, of_day=DAY, numerator=119
    )
    with pytest.raises(public_tables.TooLittleChanged):
        counted.publish(counted.snapshot(), "sex")


def test_the_same_table_turned_round_keeps_what_was_told(counted: Counted) -> None:
    """Every margin moves by five, every cell by two or three: the cells would tell of them."""
    fill(counted, EVEN)
    before = counted.publish(counted.snapshot(), "sex", "age_band")
    on = NEXT - timedelta(days=9)
    for sex, band, count in (("F", "15-24", 2), ("F", "25-34", 3), ("M", "15-24", 3)):
        counted.add(sex, band, count, on)
    counted.add("M", "25-34", 2, on)
    snapshot = counted.snapshot(NEXT)
    turned = counted.publish(snapshot, "age_band", "sex")
    assert turned.table["total"] == before.table["total"]
    then = zip(*before.table["cells"], strict=True)
    assert turned.table["cells"] == [list(line) for line in then]
    assert counted.publish(snapshot, "sex", "age_band").pk == turned.pk


def test_lines_put_together_once_are_not_taken_apart_by_a_later_table(counted: Counted) -> None:
    """The three oldest stand with the youngest; alone, these would tell how many they were."""
    fill(counted, (*EVEN, ("F", "60+", 3)))
    first = counted.publish(counted.snapshot(), "sex", "age_band")
    assert ["15-24", "60+"] in first.table["columns"]
    counted.add("F", "60+", 5, NEXT - timedelta(days=9))
    counted.add("M", "60+", 5, NEXT - timedelta(days=9))
    with pytest.raises(public_tables.TooLittleChanged):
        counted.publish(counted.snapshot(NEXT), "sex", "age_band")


@pytest.mark.parametrize(
    ("total", "lines", "is_safe"),
    [(119, {}, False), (121, {"sex": {"M": 55}}, False), (121, {"sex": {"M": 57}}, True)],
)
def test_what_a_file_for_another_system_told_is_not_a_few_away(
    counted: Counted, total: int, lines: Any, is_safe: bool
) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    told = {"numerator": total, "denominator": None, "currency": "", "lines": lines}
    ExchangeFile.objects.create(
        programme=snapshot.programme,
        snapshot=snapshot,
        kind="ADX",
        number=1,
        state="PUBLISHED",
        content="<adx/>",
        sha256="0" * 64,
        figures={CODE: told},
        built_by=counted.house.officer,
    )
    if is_safe:
        assert counted.publish(snapshot, "sex").table["total"] == 121
        return
    with pytest.raises(public_tables.TooLittleChanged):
        counted.publish(snapshot, "sex")


def test_a_file_tells_what_a_table_told_before(counted: Counted) -> None:
    fill(counted, WIDE)
    counted.publish(counted.snapshot(), "sex")
    counted.add("F", "35-59", 2, NEXT - timedelta(days=9))
    [told] = [one for one in leaving(counted.snapshot(NEXT)).told if one.code == CODE]
    assert (told.numerator, told.renewed) == (121, False)


def test_what_a_few_persons_have_many_of_is_not_published(counted: Counted) -> None:
    """Six loans of one woman are no six women."""
    rows = [
        FactRow(f"loan{at}", DAY, "loan", f"loan{at}", holder="one" if at < 6 else f"h{at}")
        for at in range(20)
    ]
    seen = {row.unit: ("F" if at < 6 else "M", "") for at, row in enumerate(rows)}
    with pytest.raises(table_counts.CannotBeMadeSafe):
        table_counts.refuse_few_behind_many(rows, seen)
    seen = {unit: ("F" if at % 2 else "M", "") for at, unit in enumerate(seen)}
    table_counts.refuse_few_behind_many(rows, seen)


def test_loans_are_published_only_where_enough_persons_have_them(db: None) -> None:
    """Six loans of six persons, and the same six where all are one person's."""
    house, publisher = House(), staff("publishes", Role.DIRECTOR)
    running(house.world, 400_00)
    for at in range(5):
        house.lend(f"Borrower {at}")
    snapshot = house.frozen()
    loans = Loan._base_manager.filter(programme=house.programme)
    own = dict(loans.values_list("pk", "person"))
    loans.update(person=next(iter(own.values())))
    told: dict[str, Any] = {"snapshot": snapshot, "code": "MED-FIN-01", "row_dimension": "sex"}
    with pytest.raises(table_counts.CannotBeMadeSafe):
        s.publish_table(acting_staff=publisher, **told)
    for pk, person in own.items():
        loans.filter(pk=pk).update(person=person)
    assert s.publish_table(acting_staff=publisher, **told).table["total"] == 6


def test_many_new_loans_of_one_person_are_not_told_by_the_difference(db: None) -> None:
    """Six loans more, all of one woman: what was told before stays what is known."""
    house, publisher = House(), staff("publishes", Role.DIRECTOR)
    running(house.world, 400_00)
    for at in range(5):
        house.lend(f"Borrower {at}")
    told: dict[str, Any] = {"code": "MED-FIN-01", "row_dimension": "sex"}
    s.publish_table(acting_staff=publisher, snapshot=house.frozen(), **told)
    loans = Loan._base_manager.filter(programme=house.programme)
    old = set(loans.values_list("pk", flat=True))
    on = date(2026, 3, 2)
    for at in range(6):
        house.lend(f"Again {at}", on)
    new = loans.exclude(pk__in=old)
    owners = dict(new.values_list("pk", "person"))
    new.update(person=next(iter(owners.values())))
    row = house.snapshot(date(2026, 6, 30))
    FrozenFigure.objects.filter(snapshot=row).update(note="more was lent")
    later = house.passed(row)
    with pytest.raises(public_tables.TooLittleChanged):
        s.publish_table(acting_staff=publisher, snapshot=later, **told)
    assert PublicTable.objects.count() == 1


def test_partners_are_told_what_a_table_told(counted: Counted) -> None:
    fill(counted, WIDE)
    counted.publish(counted.snapshot(), "sex")
    counted.add("F", "35-59", 2, NEXT - timedelta(days=9))
    programme = counted.house.programme
    set_reporting_day(acting_staff=counted.house.world.cast.manager, programme=programme, day=NEXT)
    assert published_report(programme).line(CODE).numerator == 121


def test_what_may_not_leave_the_house_is_no_table(counted: Counted) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    FrozenFigure.objects.filter(snapshot=snapshot, code=CODE).update(may_leave=False)
    with pytest.raises(table_counts.CannotBeMadeSafe) as told:
        counted.publish(snapshot, "sex")
    assert told.value.field == "code"


def test_a_snapshot_that_was_replaced_is_not_published(counted: Counted) -> None:
    fill(counted, WIDE)
    old = counted.snapshot()
    counted.frozen(counted.house.again(old, "a person was counted twice"))
    with pytest.raises(freezing.NotTheLast):
        counted.publish(old, "sex")


def test_other_persons_in_the_same_number_are_not_what_was_frozen(counted: Counted) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    women = Person._base_manager.filter(sex="F", programme=counted.house.programme)
    Person._base_manager.filter(pk__in=list(women.values_list("pk", flat=True)[:7])).update(sex="M")
    with pytest.raises(table_counts.ChangedSinceFrozen):
        counted.publish(snapshot, "sex")


def test_tables_of_one_day_are_attacked_together() -> None:
    """Each is safe alone; the second tells the hidden counts of the first by its own cells."""
    first = Told(
        "1",
        ("sex", "age"),
        (
            Cell((), (), 40),
            Cell(("F",), (), 20), Cell(("M",), (), 20),
            Cell((), ("Y",), 20), Cell((), ("O",), 20),
            Cell(("F",), ("Y",), None, is_small=True), Cell(("F",), ("O",), None),
            Cell(("M",), ("Y",), None), Cell(("M",), ("O",), None, is_small=True),
        ),
        1,
    )  # fmt: skip
    codes = {"sex": ["F", "M"], "age": ["Y", "O"]}
    assert narrow_cells([first], codes, k=5) == []
    second = Told("1", ("sex", "age"), (Cell(("F",), ("Y",), 3),), 1)
    found = narrow_cells([first, second], codes, k=5)
    assert {(one.cell.row, one.cell.column, one.low, one.high) for one in found} == {
        (("F",), ("Y",), 3, 3),
        (("M",), ("O",), 3, 3),
    }


def test_releases_of_two_days_are_attacked_with_what_did_not_change() -> None:
    hidden = (Cell(("F",), (), None, is_small=True), Cell(("M",), (), None), Cell((), (), 30))
    now = Told("2", ("sex", ""), hidden, 1)
    then = Told("1", ("sex", ""), (Cell(("F",), (), 4), Cell((), (), 21)), 1)
    codes = {"sex": ["F", "M"]}
    assert narrow_cells([now], codes, k=5) == []
    same = [((1, ("F",), ()), (0, ("F",), ()))]
    [found] = narrow_cells([now, then], codes, same, k=5)
    assert (found.low, found.high) == (4, 4)


def test_more_than_can_be_proved_is_refused() -> None:
    codes = {name: [f"{name}{at}" for at in range(60)] for name in ("a", "b", "c")}
    tables = [Told("1", ("a", "b"), (Cell((), (), 9),), 1), Told("1", ("c", ""), (), 1)]
    with pytest.raises(TooManyTogether):
        narrow_cells(tables, codes, k=5)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"code": "MED-FIN-01v"}, table_counts.OnlyCountsArePublished),
        ({"code": "MED-FIN-05a", "column": "age_band"}, public_tables.ShareByOne),
        ({"row": "target_category"}, table_counts.DimensionNotGiven),
        ({"row": "height"}, table_counts.DimensionNotGiven),
        ({"row": "", "column": "sex"}, table_counts.DimensionNotGiven),
        ({"row": "sex", "column": "sex"}, public_tables.SameDimensionTwice),
    ],
)
def test_what_is_no_table_of_counts_is_refused(
    counted: Counted, change: dict[str, str], refusal: Any
) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    with pytest.raises(refusal):
        counted.publish(snapshot, **change)
    assert not PublicTable.objects.exists()


def test_a_few_in_all_are_not_published(counted: Counted) -> None:
    counted.add("F", "15-24", 4)
    with pytest.raises(table_counts.CannotBeMadeSafe):
        counted.publish(counted.snapshot(), "sex")


def test_only_frozen_counts_that_still_hold_are_published_by_another_person(
    counted: Counted,
) -> None:
    fill(counted, WIDE)
    house = counted.house
    waiting = s.compute_snapshot(
        acting_staff=house.officer, programme=house.programme, day=DAY - timedelta(days=1)
    )
    with pytest.raises(SnapshotNotFrozen):
        counted.publish(waiting, "sex")
    with pytest.raises(NotAllowed):
        s.publish_table(
            acting_staff=house.officer, snapshot=waiting, code=CODE, row_dimension="sex"
        )
    Snapshot.objects.filter(pk=waiting.pk).update(computed_by=counted.publisher)
    waiting.refresh_from_db()
    with pytest.raises(SamePerson):
        counted.publish(waiting, "sex")
    Snapshot.objects.filter(pk=waiting.pk).update(computed_by=house.officer)
    waiting.refresh_from_db()
    snapshot = counted.frozen(waiting)
    counted.add("F", "25-34", 6, DAY - timedelta(days=3))
    with pytest.raises(table_counts.ChangedSinceFrozen):
        counted.publish(snapshot, "sex")


def test_everybody_reads_it_and_nobody_reads_what_is_hidden(counted: Counted) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    client = browser(counted.publisher)
    address = reverse("results:table_new", args=[snapshot.pk])
    assert client.get(address).status_code == 200
    bad = client.post(address, {"code": CODE, "row_dimension": "sex", "column_dimension": "sex"})
    assert bad.status_code == 422
    told = {"code": CODE, "row_dimension": "sex", "column_dimension": "age_band"}
    assert client.post(address, {**told, "_new_id": uuid4()}).status_code == 302
    row = PublicTable.objects.get()
    funder = browser(staff("gives", Role.FUNDER))
    page = funder.get(reverse("results:table_detail", args=[row.pk])).content.decode()
    assert "121" in page
    assert page.count("\u2022</") + page.count("\u2022\n") >= 4
    file = funder.get(reverse("results:table_csv", args=[row.pk])).content.decode()
    assert file.splitlines()[-1].endswith(",121")
    for door in ("tables", f"tables/{row.pk}"):
        answer = funder.get(f"/api/v1/results/{door}").content.decode()
        assert "basis" not in answer
        assert '"least"' not in answer
    found = client.post(reverse("results:table_list"), {"q": CODE}, follow=True).content.decode()
    assert "121" not in found
    assert client.post(reverse("results:table_list"), {"q": "zzz"}, follow=True).status_code == 200


def test_the_interface_publishes(counted: Counted) -> None:
    fill(counted, WIDE)
    snapshot = counted.snapshot()
    body = {"id": str(uuid4()), "code": CODE, "row_dimension": "sex"}
    client = browser(counted.publisher)
    address = f"/api/v1/results/snapshots/{snapshot.pk}/tables"
    for _at in range(2):
        answer = client.post(address, json.dumps(body), content_type="application/json")
        assert answer.status_code == 201
    assert answer.json()["table"]["row_totals"] == [64, 57]
