"""ADX and tables for DHIS2 and ActivityInfo."""

from datetime import date
from typing import Any

import pytest
from lxml import etree

from handup.org.models import Area
from handup.results.exchange.figures import Told, leaving
from handup.results.exchange.periods import of_period, span_of
from handup.results.exchange.values import AreasUnmapped, NoDataset, UnitTwice, values_of
from handup.results.models import Snapshot
from handup.results.rules.adx import PeriodNotWhole, SpanOfTime, period_ending
from handup.results.rules.iati.states import ExchangeKind
from handup.results.services.exchange import (
    publish_exchange,
)
from handup.results.tests.exchanging import profile_of
from handup.results.tests.test_exchange import built, folder, house, passed, snapshot
from handup.results.tests.test_frozen import House

pytestmark = pytest.mark.django_db

__all__ = ["folder", "house", "snapshot"]

ADX = "{urn:ihe:qrph:adx:2015}"
YEAR_END = date(2025, 12, 31)


@pytest.fixture
def year(house: House) -> Snapshot:
    return house.frozen(YEAR_END)


def test_adx_tells_groups_periods_and_counts(house: House, year: Snapshot) -> None:
    snapshot = year
    profile = profile_of(house.officer, house.programme)
    with pytest.raises(NoDataset):
        built(house, snapshot, kind=ExchangeKind.ADX)
    profile = profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    snapshot.figures.filter(code="MED-FIN-05a").update(may_leave=True)
    row = snapshot.figures.get(code="MED-FIN-01")
    row.lines = {
        "sex": {"overlapping": False, "lines": _lines(F=row.numerator, M=0)},
        "area1": {"overlapping": False, "lines": _lines(**{"AM-1": row.numerator})},
    }
    row.save()
    Area.objects.create(code="AM-1", names={"en": "Yerevan"}, level=1)
    with pytest.raises(AreasUnmapped, match="Yerevan"):
        built(house, snapshot, kind=ExchangeKind.ADX)
    profile.area_codes, profile.names = {"AM-1": "OU-YER"}, {"sex": "GENDER"}
    profile.save()
    root = etree.fromstring(built(house, snapshot, kind=ExchangeKind.ADX).content.encode())
    assert root.tag == f"{ADX}adx"
    assert root.get("exported", "").endswith("Z")
    groups = {one.get("orgUnit"): one for one in root}
    assert {one.get("period") for one in root} == {"2025-01-01/P1Y"}
    assert {one.get("dataSet") for one in root} == {"MED"}
    values = [dict(one.attrib) for one in groups["OU1"]]
    assert {"dataElement": "MED-FIN-01", "value": "8"} in values
    assert {"dataElement": "MED-FIN-01", "value": "8", "GENDER": "F"} in values
    shares = {v["dataElement"] for v in values if v["dataElement"].startswith("MED-FIN-05a")}
    assert shares == {"MED-FIN-05a_NUM", "MED-FIN-05a_DEN"}
    assert [dict(one.attrib) for one in groups["OU-YER"]] == [
        {"dataElement": "MED-FIN-01", "value": "8"}
    ]
    assert all("%" not in str(v) for v in values)


def _lines(**counts: int) -> list[dict[str, Any]]:
    return [{"code": c, "numerator": n, "denominator": None} for c, n in counts.items()]


def test_a_period_ends_on_the_day_of_the_snapshot(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    with pytest.raises(PeriodNotWhole):
        built(house, snapshot, kind=ExchangeKind.ADX, span=SpanOfTime.QUARTER)


def told_in(snapshot: Snapshot, span: SpanOfTime) -> tuple[dict[str, Told], dict[str, str]]:
    found = of_period(snapshot, leaving(snapshot), period_ending(snapshot.day, span))
    return {one.code: one for one in found.told}, dict(found.left_out)


def test_what_happened_is_told_of_the_period_alone(house: House) -> None:
    for at in range(6):
        house.lend(f"Later {at}", date(2026, 1, 10))
    snapshot = house.frozen()
    assert snapshot.figures.get(code="MED-FIN-01").numerator == 14
    told, left_out = told_in(snapshot, SpanOfTime.MONTH)
    assert told["MED-FIN-01"].of_span.numerator == 6
    assert told["MED-FIN-01"].lines["sex"] == [("NOT_RECORDED", 6)]
    assert told["MED-FIN-01v"].of_span.value == "2400.00"
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    file = built(house, snapshot, kind=ExchangeKind.CSV, span=SpanOfTime.MONTH)
    assert "MED-FIN-01,202601,OU1,,,6" in file.content.splitlines()
    assert file.figures["MED-FIN-01"]["numerator"] == 14
    assert file.figures["MED-FIN-01"]["spans"] == {"2026-01-01/P1M": [6, None]}
    assert span_of(file.figures) == period_ending(snapshot.day, SpanOfTime.MONTH)
    publish_exchange(acting_staff=house.director, file=passed(house, file))
    house.lend("One more", date(2026, 2, 10))
    again = {one.code: one for one in leaving(house.frozen(date(2026, 2, 28))).told}
    assert again["MED-FIN-01"].numerator == 14
    assert told["MED-OUT-01"].of_span.numerator == 6
    assert "MED-OUT-01" not in left_out


def test_a_period_of_few_is_not_told(house: House) -> None:
    house.lend("Alone", date(2026, 1, 10))
    told, left_out = told_in(house.frozen(), SpanOfTime.MONTH)
    assert "MED-FIN-01" not in told
    assert left_out["MED-FIN-01"] == "FEW"


def test_the_days_between_two_periods_that_were_told_stand_for_enough(house: House) -> None:
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    for at in range(6):
        house.lend(f"January {at}", date(2026, 1, 10))
    first = built(house, house.frozen(), kind=ExchangeKind.CSV, span=SpanOfTime.MONTH)
    publish_exchange(acting_staff=house.director, file=passed(house, first))
    house.lend("February", date(2026, 2, 10))
    for at in range(6):
        house.lend(f"March {at}", date(2026, 3, 10))
    snapshot = house.frozen(date(2026, 3, 31))
    told, left_out = told_in(snapshot, SpanOfTime.MONTH)
    # What was told up to January, less March, is the one loan of February.
    assert "MED-FIN-01" not in told
    assert left_out["MED-FIN-01"] == "FEW"


def test_amounts_travel_in_main_units_and_work_in_full_jobs(house: House, year: Snapshot) -> None:
    profile = profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")

    def told(code: str, numerator: int, denominator: int | None, currency: str) -> list[str]:
        one = Told(code, numerator, denominator, currency, "", "", {})
        return [f"{value.element}={value.value}" for value in values_of(profile, [one])]

    assert told("MED-FIN-04", 320_000, 640_050, "USD") == [
        "MED-FIN-04_NUM=3200.00",
        "MED-FIN-04_DEN=6400.50",
    ]
    assert told("MED-EFF-01", 320_000, 40, "USD") == ["MED-EFF-01_NUM=3200.00", "MED-EFF-01_DEN=40"]
    assert told("MED-JOB-01", 720, None, "") == ["MED-JOB-01=3.00"]


def test_two_areas_with_one_code_are_refused(house: House, year: Snapshot) -> None:
    row = year.figures.get(code="MED-FIN-01")
    for at in (1, 2):
        Area.objects.create(code=f"AM-{at}", names={"en": f"Area {at}"}, level=1)
    row.numerator = 16
    row.lines = {"area1": {"overlapping": False, "lines": _lines(**{"AM-1": 8, "AM-2": 8})}}
    row.save()
    for codes in ({"AM-1": "X", "AM-2": "X"}, {"AM-1": "OU1", "AM-2": "X"}):
        profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1", area_codes=codes)
        with pytest.raises(UnitTwice):
            built(house, year, kind=ExchangeKind.ADX)


def test_tables_for_dhis2_and_activityinfo(house: House, year: Snapshot) -> None:
    snapshot = year
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    snapshot.figures.update(lines={})
    dhis2 = built(house, snapshot, kind=ExchangeKind.CSV)
    head, *rows = dhis2.content.splitlines()
    assert head == "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value"
    assert "MED-FIN-01,2025,OU1,,,8" in rows
    table = built(house, snapshot, kind=ExchangeKind.TABLE)
    assert "MED-FIN-01,2025-01-01,2025-12-31,OU1,,,8" in table.content.splitlines()
    done = publish_exchange(acting_staff=house.director, file=passed(house, dhis2))
    assert done.state == "PUBLISHED"
