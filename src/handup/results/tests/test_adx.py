"""ADX and tables for DHIS2 and ActivityInfo."""

from typing import Any

import pytest
from lxml import etree

from handup.org.models import Area
from handup.results.exchange.values import AreasUnmapped, NoDataset
from handup.results.models import Snapshot
from handup.results.rules.adx import PeriodNotWhole, SpanOfTime
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


def test_adx_tells_groups_periods_and_counts(house: House, snapshot: Snapshot) -> None:
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
    month = {"kind": ExchangeKind.ADX, "span": SpanOfTime.MONTH}
    with pytest.raises(AreasUnmapped, match="Yerevan"):
        built(house, snapshot, **month)
    profile.area_codes, profile.names = {"AM-1": "OU-YER"}, {"sex": "GENDER"}
    profile.save()
    with pytest.raises(PeriodNotWhole):
        built(house, snapshot, kind=ExchangeKind.ADX, span=SpanOfTime.QUARTER)
    root = etree.fromstring(built(house, snapshot, **month).content.encode())
    assert root.tag == f"{ADX}adx"
    assert root.get("exported", "").endswith("Z")
    groups = {one.get("orgUnit"): one for one in root}
    assert {one.get("period") for one in root} == {"2026-01-01/P1M"}
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


def test_tables_for_dhis2_and_activityinfo(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    snapshot.figures.update(lines={})
    dhis2 = built(house, snapshot, kind=ExchangeKind.CSV, span=SpanOfTime.MONTH)
    head, *rows = dhis2.content.splitlines()
    assert head == "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value"
    assert "MED-FIN-01,202601,OU1,,,8" in rows
    table = built(house, snapshot, kind=ExchangeKind.TABLE, span=SpanOfTime.MONTH)
    assert "MED-FIN-01,2026-01-01,2026-01-31,OU1,,,8" in table.content.splitlines()
    done = publish_exchange(acting_staff=house.director, file=passed(house, dhis2))
    assert done.state == "PUBLISHED"
