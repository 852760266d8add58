"""Counts on a map: the areas with their shapes and what was published of them, nothing else."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.lending.tests.cast import staff
from handup.org.models import Area, AreaShape, AuditLine
from handup.org.rules.access import Role
from handup.results import api_feed
from handup.results.maps import collection
from handup.results.models import PublicTable
from handup.results.tests.test_feed import FEED, key_of
from handup.results.tests.test_public_tables import CODE, Counted, counted

__all__ = ["counted"]
SQUARE = [[[44.5, 40.1], [44.6, 40.1], [44.6, 40.2], [44.5, 40.1]]]


def area(code: str, parent: Area | None = None, *, shaped: bool = True) -> Area:
    """An area, with a shape or without."""
    row: Area = Area.objects.create(
        code=code, names={"en": f"Place {code}"}, parent=parent, level=1 if parent else 0
    )
    if shaped:
        shape = {"type": "Polygon", "coordinates": SQUARE}
        AreaShape.objects.create(
            area=row, geometry=shape, source="Office", loaded_by=staff(f"s{code}", Role.DIRECTOR)
        )
    return row


@pytest.fixture
def table(counted: Counted) -> PublicTable:
    """A published table by area: two areas put together, one hidden, one without a shape."""
    land = area("L", shaped=False)
    for code in "ABCD":
        area(code, land, shaped=code != "D")
    row: PublicTable = PublicTable.objects.create(
        programme=counted.house.programme,
        snapshot=counted.snapshot(),
        day=date(2025, 3, 31),
        code=CODE,
        row_dimension="area1",
        column_dimension="",
        smallest=5,
        table={
            "rows": [["A", "B"], ["C"], ["D"]],
            "cells": [[], [], []],
            "row_totals": [12, None, 40],
            "columns": [],
            "column_totals": [],
            "total": 58,
        },
        published_by=counted.publisher,
    )
    return row


def counts(told: dict[str, Any]) -> dict[str, Any]:
    """The features that count something, by area."""
    features = [one for one in told["features"] if "count" in one["properties"]]
    return {one["properties"]["code"]: one for one in features}


def test_a_map_shows_what_was_published_and_no_more(table: PublicTable) -> None:
    told = collection([table])
    found = counts(told)
    both, hidden, flat = found["A+B"], found["C"], found["D"]
    assert (both["properties"]["count"], both["properties"]["hidden"]) == (12, False)
    assert both["properties"]["name"] == "Place A + Place B"
    assert both["geometry"] == {"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]}
    assert (hidden["properties"]["count"], hidden["properties"]["hidden"]) == (None, True)
    assert (flat["properties"]["count"], flat["geometry"]) == (40, None)
    assert both["properties"]["indicator"] == CODE
    plain = {
        one["properties"]["code"]: one["properties"]
        for one in told["features"]
        if "count" not in one["properties"]
    }
    assert (plain["A"]["parent"], plain["A"]["level"], plain["L"]["parent"]) == ("L", 1, "")


def test_areas_as_columns_are_shown_by_their_totals(table: PublicTable) -> None:
    table.row_dimension, table.column_dimension = "sex", "area1"
    table.table = {**table.table, "columns": [["A"], ["C"]], "column_totals": [30, 28]}
    found = counts(collection([table]))
    assert {code: one["properties"]["count"] for code, one in found.items()} == {"A": 30, "C": 28}
    table.column_dimension = "age_band"
    assert counts(collection([table])) == {}


def test_it_is_fetched_with_a_key_and_each_reading_is_written_down(table: PublicTable) -> None:
    reader = staff("reads", Role.INTEGRATION)
    answer = Client().get(f"{FEED}/areas.geojson", headers=key_of(reader))
    assert answer.headers["Content-Type"] == "application/geo+json"
    told = json.loads(answer.content)
    assert set(counts(told)) == {"A+B", "C", "D"}
    line = AuditLine.objects.get(action=api_feed.READ)
    assert (line.staff_id, line.facts["table"]) == (reader.pk, "areas")
    assert line.facts["lines"] == len(told["features"])


@pytest.mark.parametrize("role", [Role.BANK_CLERK, Role.ADMINISTRATOR])
def test_who_may_read_no_figures_reads_no_map(db: None, role: Role) -> None:
    client = Client()
    client.force_login(staff("none", role))
    assert client.get(f"{FEED}/areas.geojson").status_code == 403
