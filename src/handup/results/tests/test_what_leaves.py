"""What the view of a country tells: no amount, median or line of a few, nobody who is hidden."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

import ibis
import pytest
from django.conf import LazySettings

from handup.kernel.ids import new_id
from handup.lending.models import Loan
from handup.lending.services import disburse_loan
from handup.lending.tests.cast import World, make_person, make_world, running, signed
from handup.lending.tests.loans import START
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Enterprise, Ownership, Participation
from handup.people.queries.persons import hidden_from_all
from handup.results.columns import duck, national, remembering, writing
from handup.results.columns.asking import Answer, Sum, answer, ask
from handup.results.columns.expressing import Lake
from handup.results.columns.national import NationalFigure
from handup.results.columns.writing import MadeFor, Written, write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import PeriodKind
from handup.results.rules.enterprises import work_days
from handup.results.rules.evaluation import chosen
from handup.results.rules.expressions import Asked, Row

DAY = date(2026, 1, 31)
LAKE = Lake({})
needs_database = pytest.mark.django_db


@pytest.fixture
def world(settings: LazySettings, tmp_path: Path) -> World:
    """Lenders, products and people in a data folder of their own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return make_world()


def cell(side: int, n: int, m: int, currency: str = "", **told: str) -> dict[str, Any]:
    """What an engine answers for one side."""
    row = {"pack": 0, "side": side, "n": n, "m": m, "currency": currency}
    return row | {f"d{place}": told.get(f"d{place}", "") for place in range(1, 5)}


def figure(code: str, *rows: Mapping[str, Any]) -> NationalFigure:
    held = answer(code, list(rows), Asked(DAY), LAKE, ())
    return national._figure(held, 1, shared=False, unkeyed=0, k=5)


def test_an_amount_is_told_when_enough_are_behind_both_its_sides() -> None:
    enough = figure("MED-FIN-04", cell(0, 50, 6, "AMD"), cell(1, 900, 40, "AMD"))
    assert enough.sums["AMD"] == Sum(50, 900)
    one = figure("MED-FIN-04", cell(1, 90_000, 1, "AMD"))
    assert one.sums == {}, "nothing at risk, of what one person owes"
    few = figure("MED-FIN-04", cell(0, 90_000, 2, "AMD"), cell(1, 900_000, 40, "AMD"))
    assert few.sums == {}


def test_an_amount_that_is_nearly_one_holders_or_leaves_few_is_not_told() -> None:
    sums = [cell(0, 500, 30, "AMD"), cell(1, 900, 40, "AMD")]

    def told(*holders: tuple[int, int, int]) -> bool:
        more = [cell(side, largest, count, "AMD") for side, largest, count in holders]
        return bool(figure("MED-FIN-05b", *sums, *more).sums)

    assert told((3, 60, 30), (4, 90, 40), (5, 50, 12))
    assert not told((3, 401, 30), (4, 420, 40), (5, 50, 12)), "more than four fifths of one"
    assert told((3, 400, 30), (4, 420, 40), (5, 50, 12)), "four fifths are told"
    assert not told((3, 60, 30), (4, 90, 40), (5, 300, 4)), "four persons owe all the rest"
    assert not told((3, 60, 30), (4, 90, 40), (5, 390, 9))
    assert told((3, 60, 30), (4, 90, 40), (5, 0, 0)), "nothing lies between"


@needs_database
def test_the_largest_part_of_one_holder_is_counted_over_all_her_loans(
    world: World, tmp_path: Path
) -> None:
    cast = world.cast
    loans = []
    for number, units in enumerate((100_00, 100_00, 300_00, 300_00)):
        person = make_person(world.programme, world.office, cast.advisor, f"B{number}")
        loan = signed(world, units, person=person)
        disburse_loan(acting_staff=cast.manager, loan=loan, value_date=START)
        loans.append(loan)
    Loan.objects.filter(pk=loans[3].pk).update(person=loans[2].person)
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    with duck.opened([written.folder]) as (lake, fetch):
        codes = ("MED-FIN-01v", "MED-FIN-05b", "MED-OUT-01")
        found = ask(lake, fetch, codes, Asked(DAY), (), by_holder=True)
        plain = ask(lake, fetch, codes, Asked(DAY), ())
    lent, due = found["MED-FIN-01v"], found["MED-FIN-05b"]
    assert lent.holders["USD"] == {3: (600_00, 3)}
    assert due.holders["USD"][4][1] == due.holders["USD"][5][1] == 3, "none paid anything yet"
    assert due.holders["USD"][3] == (0, 0)
    assert found["MED-OUT-01"].holders == {}
    assert {code: one.sums for code, one in plain.items()} == {
        code: one.sums for code, one in found.items()
    }


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("MED-JOB-01", [cell(0, 240, 1)]),
        ("MED-IMP-05", [cell(0, 61_000, 1), cell(1, 100_000, 1)]),
    ],
)
def test_days_and_weights_of_one_are_not_told(code: str, rows: list[dict[str, Any]]) -> None:
    assert figure(code, *rows).sums == {}
    many = [row | {"m": 12} for row in rows]
    assert figure(code, *many).sums[""].numerator == rows[0]["n"]


def test_a_median_is_of_one_currency_and_of_enough() -> None:
    told = [
        *(cell(2, 1, 1, "AMD", d1=str(units)) for units in (100, 200, 300, 400, 500)),
        *(cell(2, 1, 1, "USD", d1=str(units)) for units in (9_000, 9_001)),
    ]
    made = answer("MED-IMP-01c", told, Asked(DAY), LAKE)
    assert {key: one.numerator for key, one in made.sums.items()} == {"AMD": 300, "USD": 9_001}
    assert figure("MED-IMP-01c", *told).sums == {"AMD": Sum(300, None)}


def test_what_a_unit_cost_is_not_told_of_a_few_units() -> None:
    from handup.results.columns.asking import _with_cost

    def cost(result: int) -> NationalFigure:
        spent = Answer("MED-EFF-01", {"AMD": Sum(1_000, None)}, {}, behind={"AMD": 30})
        named = Answer("MED-TRN-02", {"": Sum(result, None)}, {})
        held = _with_cost(spent, {"MED-TRN-02": named}, Asked(DAY))
        return national._figure(held, 1, shared=False, unkeyed=0, k=5)

    assert cost(3).sums == {}
    assert cost(30).sums == {"AMD": Sum(1_000, 30)}


def test_a_line_of_a_share_of_fewer_than_ten_is_hidden_and_not_left_alone() -> None:
    lines = {"A": Sum(0, 7), "B": Sum(20, 40), "C": Sum(30, 70)}
    held = Answer("MED-TRN-03", {"": Sum(50, 117)}, {"area1": lines})
    shown, hidden = national._safe_lines(held, 5)
    assert (set(shown["area1"]), hidden) == ({"C"}, 2)
    assert national._safe_lines(Answer("MED-OUT-01", {}, {"sex": {}}), 5) == ({}, 0)


def shop_of(world: World) -> Enterprise:
    return Enterprise.objects.create(
        programme=world.programme,
        office=world.office,
        name="Shop",
        trade="TRADE",
        registered_date=START,
        registered_by=world.cast.officer,
    )


@needs_database
def test_a_loan_that_no_person_took_has_somebody_behind_it(world: World, tmp_path: Path) -> None:
    running(world)
    Loan.objects.update(person=None, enterprise=shop_of(world))
    told = _national(write_snapshot(DAY, folder=tmp_path / "facts"), "MED-FIN-01v", "MED-FIN-03v")
    assert [one.sums for one in told] == [{}, {}]


def _national(written: Written, *codes: str) -> list[NationalFigure]:
    asked = Asked(DAY)
    houses = national.houses_of([written.folder], asked)
    with duck.opened([written.folder]) as (lake, fetch):
        return national.count(houses, lake, fetch, codes, asked, k=5)


@needs_database
def test_a_hidden_owner_beside_another_is_nowhere(world: World, tmp_path: Path) -> None:
    other = make_person(world.programme, world.office, world.cast.officer, "Partner")
    shop = shop_of(world)
    for person in (world.person, other):
        Participation.objects.create(
            person=person,
            programme=world.programme,
            state="ACTIVE",
            applied_date=START,
            started_date=START,
        )
        Ownership.objects.create(enterprise=shop, person=person, share_bps=5_000, from_date=START)

    def owners() -> set[Any]:
        source = Source(world.programme, DAY, hidden_from_all())
        return {row["person"] for row in source.table("enterprise")}

    assert owners() == {str(other.pk)}, "of two the one recorded last"
    Compartment.objects.create(
        person=other, kind="PERSON", opened_by=world.cast.director, opened_date=DAY
    )
    hidden_changed()
    assert owners() == {str(world.person.pk)}
    source = Source(world.programme, DAY, hidden_from_all())
    assert source.person_cells(other.pk, DAY)["person"] is None


@needs_database
def test_houses_with_status_and_without_are_counted_by_what_both_tell(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(world)
    folders = []
    for name, sensitive in (("with", True), ("without", False)):
        with monkeypatch.context() as patched:
            patched.setattr(writing, "key_for", lambda _recipient, key=name: key.encode())
            given = MadeFor(name, new_id(), world.programme, frozenset({world.person.pk}))
            folder = tmp_path / name
            write_snapshot(DAY, sensitive=sensitive, folder=folder, made_for=given)
            folders.append(folder)
    for order in (folders, folders[::-1]):
        with duck.opened(order) as (lake, fetch):
            assert len(national.houses_of(order, Asked(DAY))) == 2
            assert "displacement" not in lake.stored["loan"].columns
            assert ask(lake, fetch, ["MED-FIN-01"], Asked(DAY))["MED-FIN-01"].only.numerator == 2


@needs_database
def test_a_damaged_snapshot_stops_no_night_and_a_manifest_names_every_file(
    world: World,
) -> None:
    first = write_snapshot(DAY)
    (first.folder / "snapshot.json").write_text("{")
    second = write_snapshot(DAY)
    assert [one.folder for one in writing.finished()] == [second.folder]
    text = (second.folder / "snapshot.json").read_text()
    (second.folder / "snapshot.json").write_text(text.replace("keyed.parquet", "other.parquet"))
    with pytest.raises(writing.SnapshotChanged):
        writing.read_manifest(second.folder)


@pytest.mark.parametrize(
    ("code", "key", "first", "then", "counted"),
    [
        ("MED-IMP-01m", "income_month", {"real_change": 50}, {"real_change": -50}, 0),
        ("MED-IMP-01m", "income_month", {"real_change": -50}, {"real_change": 50}, 1),
        ("MED-IMP-03", "aid_last_3_months", {"after": "NO"}, {"after": "YES"}, 0),
        ("MED-IMP-04", "plans_to_leave", {"after": "YES"}, {"after": "NO"}, 0),
    ],
)
def test_of_several_rounds_the_last_one_tells(
    code: str, key: str, first: dict[str, Any], then: dict[str, Any], counted: int
) -> None:
    def pair(number: int, told: dict[str, Any]) -> Row:
        plain = {"record": str(number), "subject": "home", "key": key, "received": 0}
        answers = {"before": "YES", "after": "", "real_change": None}
        return {**plain, **answers, "day": date(2025, number, 1), **told}

    rows, item = [pair(1, first), pair(6, then)], DECLARED[code]
    asked = Asked(DAY, params=item.params)
    assert item.base is not None
    assert len(chosen(rows, item.base, PeriodKind.ROUND, asked)) == 1
    assert len(chosen(rows, item.counted, PeriodKind.ROUND, asked)) == counted


@needs_database
def test_month_ends_stand_in_the_currency_of_their_loans(world: World) -> None:
    running(world)
    Loan.objects.update(currency="XTS")
    rows = Source(world.programme, DAY).table("month_end", Asked(date(2025, 3, 31)))
    assert {row["currency"] for row in rows} == {"XTS"} != {world.programme.currency}


def test_digits_that_are_no_numbers_count_nothing() -> None:
    assert work_days({"worker_days_last_30 1": "²"}) == 0
    assert work_days({"worker_days_last_30 1": "9" * 5_000}) == 0


def view(numerator: int, denominator: int | None = None, **lines: int) -> NationalFigure:
    """A figure of a country with lines by sex."""
    by = {"sex": {code: Sum(count, None) for code, count in lines.items()}} if lines else {}
    sums = {"": Sum(numerator, denominator)}
    return NationalFigure("MED-OUT-01", national.Counted.EXACT, (), 0, sums, by, 0, None)


def test_a_later_view_in_which_a_few_changed_tells_what_was_told(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path

    def tell(figure: NationalFigure, day: str) -> NationalFigure:
        [told] = remembering.remembered([figure], k=5, asked=Asked(date.fromisoformat(day)))
        remembering.keep({"as_of": day, "figures": [told.as_json()]})
        return told

    first = tell(view(40, F=25, M=15), "2026-01-31")
    assert first.sums[""] == Sum(40, None)
    later = tell(view(43, F=28, M=15), "2026-02-28")
    assert (later.sums[""], later.lines["sex"]["F"]) == (Sum(40, None), Sum(25, None))
    more = tell(view(50, F=27, M=23), "2026-03-31")
    assert (more.sums[""], more.lines, more.hidden) == (Sum(50, None), {}, 2)
    again = tell(view(47), "2026-04-30")
    assert again.sums[""] == Sum(50, None), "held against every view, not the last alone"
    for file in remembering.place().iterdir():
        assert file.stat().st_mode & 0o077 == 0, "nobody else reads them"
    (remembering.place() / "broken.json").write_text("{")
    assert tell(view(80), "2026-05-31").sums[""] == Sum(80, None)


def test_an_amount_is_not_told_anew_while_a_few_may_have_moved_it(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path

    def tell(units: int, behind: int, day: str, since: str = "") -> Sum | None:
        figure = NationalFigure(
            *("MED-FIN-02", national.Counted.EXACT, (), 0, {"XTS": Sum(units, None)}, {}, 0, "x"),
            {"XTS": behind},
        )
        asked = Asked(date.fromisoformat(day), date.fromisoformat(since) if since else None)
        [told] = remembering.remembered([figure], k=5, asked=asked)
        kept = {"as_of": day, "since": since or None, "figures": [remembering.as_kept(told)]}
        remembering.keep(kept)
        assert (told.value is None) == (not told.sums)
        return told.sums.get("XTS")

    assert tell(40_00, 20, "2026-01-31") == Sum(40_00, None)
    assert tell(40_00, 20, "2026-02-10") == Sum(40_00, None), "the same tells nothing new"
    assert tell(43_00, 24, "2026-02-28") is None, "four came"
    assert tell(43_00, 20, "2026-02-28") is None, "the part of one may be another"
    assert tell(55_00, 25, "2026-02-28") == Sum(55_00, None), "five came"
    assert tell(54_00, 21, "2026-02-27") is None, "held against each, a later day too"
    assert tell(60_00, 25, "2026-07-01") == Sum(60_00, None), "months later"
    assert tell(9_00, 9, "2026-02-28", "2026-02-01") == Sum(9_00, None), "a month by itself"
    assert tell(8_00, 9, "2026-03-31", "2026-03-01") == Sum(8_00, None), "another month"
    assert tell(7_00, 8, "2026-03-31", "2026-03-02") is None, "but for one day"


class Told:
    """Where a figure finds rows that are told to it."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def table(self, _name: str, _asked: Asked) -> list[Row]:
        return self.rows


def on_pathway(who: str, at: int, town: str, day: date, graduated: date | None) -> Row:
    """A row of the table of those on a pathway."""
    return {
        "programme": "",
        "received": 0,
        "record": f"{who}{at}",
        "seq": at,
        "person": who,
        "area1": town,
        "day": day,
        "graduated_day": graduated,
    }


def test_no_line_of_a_share_of_the_catalogue_holds_more_than_its_whole() -> None:
    """Each entered a pathway in one town and graduated in another: both sides took a row of their
    own, so that the second town had two graduates of nobody. The house and the columns agree.
    """
    days = (("North", date(2026, 1, 5), None), ("South", date(2026, 1, 9), date(2026, 1, 20)))
    rows = [on_pathway(who, at, *told) for who in ("a", "b") for at, told in enumerate(days)]
    item, asked = DECLARED["MED-UPG-02"], Asked(DAY)
    kinds = {"received": "int64", "seq": "int64", "day": "date", "graduated_day": "date"}
    schema = {name: kinds.get(name, "string") for name in rows[0]}
    lake = Lake({"pathway": ibis.memtable(rows, schema=schema)})
    engine = ibis.duckdb.connect()
    told = ask(
        lake,
        lambda question: list(engine.to_pyarrow(question).to_pylist()),
        [item.code],
        asked,
        ["area1"],
    )[item.code]
    assert told.lines == {"area1": {"North": Sum(2, 2)}}
    assert told.sums == {"": Sum(2, 2)}
    figure = compute(item, catalogue(), cast(Source, Told(rows)), asked, ["area1"])
    [by_town] = figure.breakdowns
    assert [(one.code, one.numerator, one.denominator) for one in by_town.lines] == [
        ("North", 2, 2)
    ]
