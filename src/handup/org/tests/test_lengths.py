"""A text longer than its column is refused by its name, whichever way it would be stored."""

from collections.abc import Callable

import pytest

from handup.org.bulk import insert_rows, update_rows
from handup.org.lengths import NumberTooLarge, TextTooLong
from handup.org.models import Area

pytestmark = pytest.mark.django_db

FITS = "A" * 60
TOO_LONG = "A" * 61


def _changed(area: Area) -> Area:
    area.code = TOO_LONG
    return area


WAYS: dict[str, Callable[[Area], object]] = {
    "save": lambda area: Area(code=TOO_LONG).save(),
    "create": lambda area: Area.objects.create(code=TOO_LONG),
    "bulk_create": lambda area: Area.objects.bulk_create([Area(code="B"), Area(code=TOO_LONG)]),
    "insert_rows": lambda area: insert_rows([Area(code="B"), Area(code=TOO_LONG)]),
    "update": lambda area: Area.objects.filter(pk=area.pk).update(code=TOO_LONG),
    "update_rows": lambda area: update_rows(Area, ("code",), (_changed(a) for a in [area])),
    "change": lambda area: _changed(area).save(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_text_longer_than_its_column_is_refused_and_nothing_is_stored(way: str) -> None:
    area = Area.objects.create(code=FITS)
    with pytest.raises(TextTooLong) as refused:
        WAYS[way](area)
    assert refused.value.field == "code"
    assert str(refused.value) == "This text has 61 characters; at most 60 can be kept here."
    assert list(Area.objects.values_list("code", flat=True)) == [FITS]


def test_length_is_counted_in_characters_of_any_script() -> None:
    assert Area.objects.create(code="ա" * 60).code == "ա" * 60
    with pytest.raises(TextTooLong):
        Area.objects.create(code="ա" * 61)


@pytest.mark.parametrize("level", [-1, 32768, 10**40])
def test_a_number_its_column_does_not_hold_is_refused_and_nothing_is_stored(level: int) -> None:
    with pytest.raises(NumberTooLarge) as refused:
        Area.objects.create(code=FITS, level=level)
    assert refused.value.field == "level"
    with pytest.raises(NumberTooLarge):
        insert_rows([Area(code=FITS, level=level)])
    assert not Area.objects.exists()
    area = Area.objects.create(code=FITS, level=32767)
    with pytest.raises(NumberTooLarge):
        Area.objects.filter(pk=area.pk).update(level=level)
    assert Area.objects.get().level == 32767
