"""Shapes of areas: read from a file, refused with the number of the feature that is wrong."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.org.models import Area, AreaShape, AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.shapes import NotShapes, read_shapes, together
from handup.org.services import shapes as service

SQUARE: list[Any] = [[[44.5, 40.1], [44.6, 40.1], [44.6, 40.2], [44.5, 40.1]]]


def feature(code: Any, coordinates: Any = SQUARE, kind: Any = "Polygon") -> dict[str, Any]:
    """One feature as a program of maps writes it."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def file_of(*features: Any) -> bytes:
    """A file with these features."""
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_surface_and_a_point_are_read_to_a_metre() -> None:
    told = file_of(feature("A"), feature(" B ", [44.1234567, -40.0, 900], "Point"))
    first, second = read_shapes(b"\xef\xbb\xbf" + told)
    assert (first.code, first.geometry) == ("A", {"type": "Polygon", "coordinates": SQUARE})
    assert (second.code, second.geometry["coordinates"]) == ("B", [44.12346, -40.0])


@pytest.mark.parametrize(
    ("content", "code", "number"),
    [
        (b"\xff", "NO_JSON", 0),
        (b"[" * 100_000, "NO_JSON", 0),
        (b"[]", "NO_COLLECTION", 0),
        (file_of(), "NO_COLLECTION", 0),
        (file_of(feature("A"), "x"), "NO_CODE", 2),
        (file_of(feature(7)), "NO_CODE", 1),
        (file_of(feature("A"), feature("\ud800")), "NO_CODE", 2),
        (file_of(feature("A\x00")), "NO_CODE", 1),
        (file_of(feature("A" * 61)), "NO_CODE", 1),
        (file_of(feature("A"), feature("A")), "TWICE", 2),
        (file_of(feature("A", SQUARE, "LineString")), "KIND", 1),
        (file_of(feature("A", SQUARE, [])), "KIND", 1),
        (file_of(feature("A", [181, 0], "Point")), "POSITION", 1),
        (file_of(feature("A", [0, 91], "Point")), "POSITION", 1),
        (file_of(feature("A", [True, 0], "Point")), "POSITION", 1),
        (file_of(feature("A", [10**400, 0], "Point")), "POSITION", 1),
        (file_of(feature("A", [float("nan"), 0], "Point")), "POSITION", 1),
        (file_of(feature("A", [1], "Point")), "POSITION", 1),
        (file_of(feature("A", [])), "POSITION", 1),
        (file_of(feature("A", [SQUARE[0][:3]])), "RING", 1),
        (file_of(feature("A", [[*SQUARE[0][:3], [44.0, 40.0]]])), "RING", 1),
    ],
)
def test_what_is_no_shape_is_refused_with_its_number(
    content: bytes, code: str, number: int
) -> None:
    with pytest.raises(NotShapes) as told:
        read_shapes(content)
    assert (told.value.code, told.value.feature) == (code, number)


def test_areas_put_together_are_one_shape() -> None:
    polygon = {"type": "Polygon", "coordinates": SQUARE}
    point = {"type": "Point", "coordinates": [44.0, 40.0]}
    assert together([polygon, point]) == polygon
    both = {"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]}
    assert together([polygon, polygon]) == both
    assert together([both, polygon]) == {"type": "MultiPolygon", "coordinates": [SQUARE] * 3}
    assert together([point]) == point
    points = {"type": "MultiPoint", "coordinates": [[44.0, 40.0]] * 2}
    assert together([point, point]) == points
    assert together([]) is None


def test_a_file_is_kept_once_and_replaced(administrator: StaffUser) -> None:
    for code in ("A", "B"):
        Area.objects.create(code=code, names={"en": code})
    content = file_of(feature("A"), feature("B"))
    for _turn in range(2):
        loaded = service.load_shapes(acting_staff=administrator, content=content, source="Office")
        assert loaded == 2
    assert AuditLine.objects.filter(action="org.load_shape").count() == 2
    moved = file_of(feature("A", [44.0, 40.0], "Point"))
    service.load_shapes(acting_staff=administrator, content=moved, source="Office")
    kept = dict(AreaShape.objects.values_list("area__code", "geometry"))
    assert kept["A"] == {"type": "Point", "coordinates": [44.0, 40.0]}
    assert kept["B"]["coordinates"] == SQUARE
    assert AreaShape.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "source", "why", "field"),
    [
        (file_of(feature("A")), " ", service.SourceMissing, "source"),
        (file_of(feature("A"), feature("Z")), "Office", service.AreasUnknown, "file"),
        (file_of(feature("A", [])), "Office", service.ShapeWrong, "file"),
        (b"", "Office", service.NoShapes, "file"),
    ],
)
def test_nothing_is_kept_of_a_file_that_is_wrong(
    administrator: StaffUser, content: bytes, source: str, why: type[Refusal], field: str
) -> None:
    Area.objects.create(code="A", names={"en": "A"})
    with pytest.raises(why) as told:
        service.load_shapes(acting_staff=administrator, content=content, source=source)
    assert told.value.field == field
    assert not AreaShape.objects.exists()


def test_it_is_loaded_on_its_page_by_whoever_keeps_the_areas(
    administrator: StaffUser, officer: StaffUser, client: Client
) -> None:
    Area.objects.create(code="A", names={"en": "A"})
    with pytest.raises(NotAllowed):
        service.load_shapes(acting_staff=officer, content=file_of(feature("A")), source="Office")
    client.force_login(administrator)
    page = reverse("org:area_shapes")
    assert (
        "Load shapes for maps"
        in client.post(reverse("org:area_list"), {"q": "x"}, follow=True).content.decode()
    )
    wrong = SimpleUploadedFile("areas.geojson", file_of(feature("Z")))
    refused = client.post(page, {"file": wrong, "source": "Office"})
    assert "no area with the code Z" in refused.content.decode()
    right = SimpleUploadedFile("areas.geojson", file_of(feature("A")))
    assert client.post(page, {"file": right, "source": "Office"}).status_code == 302
    assert AreaShape.objects.get().source == "Office"
