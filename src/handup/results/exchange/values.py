"""The figures that leave, as values of organisation units for ADX and tables."""

from collections.abc import Iterator, Sequence

from handup.kernel.errors import Refusal
from handup.org.models import Area
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


def values_of(profile: ExchangeProfile, figures: Sequence[Told]) -> list[DataValue]:
    """Totals of the programme's unit, lines of areas at their own units, the other lines with one
    category each. Raises NoDataset, AreasUnmapped.
    """
    if not profile.dataset or not profile.org_unit:
        raise NoDataset(field="dataset")
    known = {area.code: str(area) for area in Area._base_manager.filter(code__in=_areas(figures))}
    missing = [name for code, name in sorted(known.items()) if not profile.area_codes.get(code)]
    if missing:
        raise AreasUnmapped(areas=", ".join(missing), field="area_codes")
    return [value for one in figures for value in _values(profile, one, known)]


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
        yield DataValue(unit, f"{code}_NUM", str(one.numerator))
        yield DataValue(unit, f"{code}_DEN", str(one.denominator))
        return
    assert one.value is not None
    yield DataValue(unit, code, one.value)
    for name, lines in one.lines.items():
        for category, count in lines:
            if name not in AREAS:
                yield DataValue(unit, code, str(count), name, category)
            elif category in areas:
                yield DataValue(str(profile.area_codes[category]), code, str(count))
