"""The figures that leave, as values of organisation units for ADX and tables."""

from collections import Counter
from collections.abc import Iterator, Sequence

from handup.kernel.errors import Refusal
from handup.org.models import Area
from handup.results.definitions import BY_PHASE
from handup.results.exchange.figures import Told
from handup.results.models import ExchangeProfile
from handup.results.rules.adx import DataValue, element_code

AREAS = frozenset({"area1", "area2"})


class NoDataset(Refusal):
    """Name the data set and the organisation unit in the settings for exchange first."""


class AreasUnmapped(Refusal):
    """These areas have no code of the other system yet: {areas}. Add them in the settings for
    exchange.
    """


class UnitTwice(Refusal):
    """The code {unit} stands for two areas, or for an area and the programme: one count would be
    written over the other. Give each its own code in the settings for exchange.
    """


def values_of(profile: ExchangeProfile, figures: Sequence[Told]) -> list[DataValue]:
    """Totals of the programme's unit, lines of areas at their own units, the other lines with one
    category each. Raises NoDataset, AreasUnmapped, UnitTwice.
    """
    if not profile.dataset or not profile.org_unit:
        raise NoDataset(field="dataset")
    known = {area.code: str(area) for area in Area._base_manager.filter(code__in=_areas(figures))}
    missing = [name for code, name in sorted(known.items()) if not profile.area_codes.get(code)]
    if missing:
        raise AreasUnmapped(areas=", ".join(missing), field="area_codes")
    values = [value for one in figures for value in _values(profile, one.of_span, known)]
    places = Counter((one.org_unit, one.element, one.dimension, one.category) for one in values)
    twice = next((unit for (unit, *_what), count in places.items() if count > 1), None)
    if twice is not None:
        raise UnitTwice(unit=twice, field="area_codes")
    return values


def nowhere(figures: Sequence[Told], profile: ExchangeProfile) -> list[tuple[str, str]]:
    """The figures of which a part is told by area, and another has no area that is known: there it
    is in the total alone.
    """
    return [
        (one.code, "NOWHERE")
        for one in figures
        if any(
            count and not profile.area_codes.get(code)
            for name, lines in one.lines.items()
            if name in AREAS
            for code, count in lines
        )
    ]


def _areas(figures: Sequence[Told]) -> set[str]:
    return {
        code
        for one in figures
        for name, lines in one.lines.items()
        if name in AREAS
        for code, _count in lines
    }


def _values(profile: ExchangeProfile, one: Told, areas: dict[str, str]) -> Iterator[DataValue]:
    unit, code = profile.org_unit, element_code(one.code)
    if one.denominator is not None:
        yield DataValue(unit, f"{code}_NUM", one.counted(one.numerator))
        yield DataValue(unit, f"{code}_DEN", one.counted_of(one.denominator))
        return
    assert one.value is not None
    yield DataValue(unit, code, one.value)
    for name, lines in one.lines.items():
        if name == BY_PHASE:
            continue
        for category, count in lines:
            if name not in AREAS:
                yield DataValue(unit, code, one.counted(count), name, category)
            elif category in areas:
                yield DataValue(str(profile.area_codes[category]), code, one.counted(count))
