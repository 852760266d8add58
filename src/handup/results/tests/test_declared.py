"""Every indicator of the catalogue is declared once, over columns that exist, and counts what the
worked cases expect."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from handup.results.computing import CountAboveWhole, compute
from handup.results.definitions import DEFINITIONS, catalogue
from handup.results.gathering import DERIVED, STORED, Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import NOT_RECORDED, Figure, PeriodKind, ValueKind
from handup.results.rules.enterprises import first_sale, work_days
from handup.results.rules.evaluation import chosen
from handup.results.rules.expressions import Asked, Col, Declared, Op, Pick, Row, Rows, Test
from handup.results.rules.fact_tables import TABLES

KINDS = {ValueKind.SURVIVAL, ValueKind.RATIO, ValueKind.MILESTONE}


@pytest.fixture(scope="module")
def worked(shared: Path) -> Any:
    """The worked case of distinct counts, overlap and loans repaid."""
    return json.loads((shared / "data/results/indicator_engine.json").read_text())


class Worked(Source):
    """The persons, services and loans of the worked case."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        """Nothing is read from the database."""
        self.told = told

    def table(self, name: str, asked: Asked | None = None) -> list[Row]:
        """Its rows in the order of the file."""
        return list({"service": self._services, "ending": self._endings}[name]())

    def _services(self) -> Iterator[Row]:
        persons = {row["id"]: row for row in self.told["persons"]}
        for number, row in enumerate(self.told["services"]):
            who = persons[row["person"]]
            heads = {"WOMAN_HEAD"} if who["woman_head"] == "YES" else set()
            status = "" if who["displacement"] == NOT_RECORDED else who["displacement"]
            yield {
                "record": str(number),
                "person": who["id"],
                "household": who["household"],
                "day": date.fromisoformat(row["date"]),
                "received": 0,
                "sex": who["sex"],
                "displacement": status,
                "woman_head": who["woman_head"],
                "target_category": frozenset({status, *heads} - {""}),
                "area1": who["area2"],
                "kind": row["kind"],
            }

    def _endings(self) -> Iterator[Row]:
        for row in self.told["loans"]:
            due = date.fromisoformat(row["last_agreed_due"])
            yield {
                "record": row["id"],
                "day": date.fromisoformat(self.told["loans_on"]),
                "received": 0,
                "due_day": due,
                "settled_day": due if row["state"] == "REPAID" else None,
            }


def count(code: str, worked: Any, asked: Asked, *dimensions: str) -> Figure:
    return compute(DECLARED[code], catalogue(), Worked(worked), asked, dimensions)


@pytest.mark.parametrize("period", ["2026-Q1", "2026-Q2", "2026-H1", "2026"])
def test_distinct_persons_households_and_lines_of_the_worked_case(worked: Any, period: str) -> None:
    first, last = map(date.fromisoformat, worked["periods"][period])
    expected = worked["expected"][period]
    asked = Asked(last, first)
    figure = count("MED-OUT-01", worked, asked, "sex", "displacement", "woman_head")
    assert figure.numerator == expected["MED_OUT_01"]
    assert sorted({row.unit for row in figure.rows}) == expected["persons"]
    for breakdown in figure.breakdowns:
        lines = {line.code: line.numerator for line in breakdown.lines}
        assert lines == expected[f"by_{breakdown.dimension}"]
        assert sum(lines.values()) == figure.numerator
    assert count("MED-OUT-02", worked, asked).numerator == expected["MED_OUT_02"]
    sets = [
        row.dims["target_category"]
        for row in count("MED-OUT-01", worked, asked, "target_category").rows
    ]
    assert (
        sum({"REFUGEE", "WOMAN_HEAD"} <= set(held) for held in sets)
        == expected["refugee_and_woman_head"]
    )


def test_loans_repaid_of_the_worked_case(worked: Any) -> None:
    expected = worked["MED_FIN_05a"]
    figure = count("MED-FIN-05a", worked, Asked(date.fromisoformat(worked["loans_on"])))
    assert (figure.numerator, figure.denominator) == (
        expected["numerator"],
        expected["denominator"],
    )
    assert figure.percent_text() == expected["shown"]
    assert [row.unit for row in figure.base_rows] == expected["in_denominator"]


def test_every_indicator_of_the_catalogue_is_declared_and_no_other() -> None:
    assert set(DECLARED) == set(catalogue()) == set(DEFINITIONS)
    own = (
        "MED-CSH",
        "MED-PRD",
        "MED-UPG",
        "MED-INT",
        "MED-LNK",
        "MED-POL-02",
        "MED-POL-03",
        "MED-POL-04",
        "MED-ENT-05",
    )
    assert len([code for code in catalogue() if not code.startswith(own)]) == 50


@pytest.mark.parametrize("code", sorted(DECLARED))
def test_a_declaration_agrees_with_the_catalogue_and_names_columns_that_exist(code: str) -> None:
    item, words = DECLARED[code], catalogue()[code]
    if item.method not in {"COST_PER_UNIT", "MEDIAN"}:
        assert (item.base is not None) is (words.value_kind in KINDS)
        if item.base is None:
            assert item.counted_as is words.value_kind
    for _is_base, side in item.sides:
        columns = set(TABLES[side.table].columns)
        named = {side.unit, side.day, side.opens[1], *([side.amount] if side.amount else [])}
        for test in (*side.tests, *side.after):
            named.add(test.column)
            if isinstance(test.value, Col):
                named.add(test.value.name)
        assert named <= columns, side
        assert not item.money or item.money in columns
    spread = set(item.dimensions) - set(TABLES[item.counted.table].columns)
    assert not spread


def test_every_table_is_gathered_by_a_function_of_its_name() -> None:
    stored = {name for name, table in TABLES.items() if not table.derived}
    assert stored == set(STORED)
    assert {name for name, table in TABLES.items() if table.derived} == set(DERIVED)


def test_no_table_holds_who_somebody_is() -> None:
    for table in TABLES.values():
        for column in table.columns.values():
            assert column.data_class in {"O", "P", "S"}, (table.name, column.name)
    assert not {"name", "phone", "birth_date", "address"} & {
        name for table in TABLES.values() for name in table.columns
    }


def _row(
    record: str, day: date, received: int, person: str, units: int | None, until: date | None
) -> Row:
    return {
        "record": record,
        "day": day,
        "received": received,
        "person": person,
        "units": units,
        "until": until,
    }


ROWS = [
    _row("a", date(2026, 1, 5), 10, "ani", 5, None),
    _row("b", date(2026, 1, 3), 20, "ani", 7, date(2026, 2, 1)),
    _row("c", date(2026, 2, 3), 30, "gor", None, date(2026, 3, 1)),
]
END = date(2026, 3, 1)
FROM_4TH = Asked(END, date(2026, 1, 4))
BIG = Test("units", Op.OVER, 6)


def by_person(pick: Pick, *after: Test) -> Rows:
    return Rows("t", unit="person", pick=pick, after=after)


@pytest.mark.parametrize(
    ("side", "asked", "found"),
    [
        (Rows("t"), Asked(date(2026, 1, 31)), "ab"),
        (by_person(Pick.FIRST), Asked(END), "bc"),
        (by_person(Pick.LAST), Asked(END), "ac"),
        (by_person(Pick.FIRST), FROM_4TH, "ac"),
        (by_person(Pick.FIRST_EVER), FROM_4TH, "c"),
        (Rows("t"), Asked(END, known_at=20), "ab"),
        (Rows("t", (Test("units", Op.LEAST, 6),)), Asked(END), "b"),
        (Rows("t", (Test("until", Op.NOT_BY, date(2026, 2, 1)),)), Asked(END), "ac"),
        (Rows("t", (Test("units", Op.MISSING),)), Asked(END), "c"),
        (by_person(Pick.LAST, BIG), Asked(END), ""),
    ],
)
def test_which_rows_count(side: Rows, asked: Asked, found: str) -> None:
    rows = chosen(ROWS, side, PeriodKind.FLOW, asked)
    assert "".join(str(row["record"]) for row in rows) == found


def test_a_share_above_its_whole_is_a_fault(worked: Any) -> None:
    item = Declared("MED-OUT-01", Rows("service"), Rows("service", unit="person", pick=Pick.FIRST))
    with pytest.raises(CountAboveWhole) as refused:
        compute(item, catalogue(), Worked(worked), Asked(date(2026, 12, 31)), ())
    assert refused.value.places["whole"] == 10


def test_the_first_sale_after_the_first_service() -> None:
    served, sold = date(2026, 1, 10), date(2026, 3, 1)
    visits = {date(2026, 1, 5): {"operating": "NO"}, sold: {"sales_month": "500"}}
    assert first_sale(served, existed=True, visits=visits) == sold, "it had stood still"
    running = {date(2026, 1, 5): {"operating": "YES"}, sold: {"sales_month": "500"}}
    assert first_sale(served, existed=True, visits=running) is None
    assert first_sale(served, existed=False, visits=running) == sold
    told = {date(2026, 4, 1): {"last_sale_date": "2026-02-02", "sales_month": "0"}}
    assert first_sale(served, existed=False, visits=told) == date(2026, 2, 2)
    assert first_sale(served, existed=False, visits={sold: {"last_sale_date": "soon"}}) is None


def test_work_in_an_enterprise_is_at_most_one_full_job_a_worker_and_the_owner_apart() -> None:
    told = {
        "worker_kind 0": "OWNER",
        "worker_days_last_30 0": "30",
        "worker_kind 1": "PAID",
        "worker_days_last_30 1": "25",
        "worker_kind 2": "FAMILY",
        "worker_days_last_30 2": "10",
    }
    assert work_days(told) == 240 + 120
    assert work_days({"operating": "YES"}) is None
