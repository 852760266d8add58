"""The values under which two records meet: equality on indexed columns, alike on every database.

A pair is compared when it shares one value. A value that more than LIMIT records share says too
little and would cost too much: it is skipped, and reported. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.people.rules.codes import BirthPrecision
from handup.people.rules.matching.records import Name, Record

LIMIT = 200
_BETWEEN = "|"


class BlockKind(StrEnum):
    """The ten kinds of block; the code opens the stored value."""

    DOCUMENT = "DOC"
    PHONE = "TEL"
    FIRST_DATE = "FD"
    LAST_DATE = "LD"
    NAMES_SETTLEMENT = "NS"
    NAMES_YEAR = "NY"
    NAMES_MONTH_DAY = "NM"
    SWAPPED_DATE = "SD"
    FIRST_MONTH_SETTLEMENT = "FMS"
    LAST_MONTH_SETTLEMENT = "LMS"


def block_keys(record: Record) -> tuple[str, ...]:
    """Return every value under which this record is found, to be stored in one indexed column.

    A date counts only as far as it is known. Swapped names meet because both keys are written in
    the order of the alphabet.
    """
    keys = {_join(BlockKind.DOCUMENT, item.number) for item in record.documents if item.number}
    keys |= {_join(BlockKind.PHONE, phone) for phone in record.phones if phone}
    for name in record.names:
        keys.update(_of_name(name, record))
    return tuple(sorted(keys))


def _of_name(name: Name, record: Record) -> Iterator[str]:
    first, last, settlement, birth = name.first_key, name.last_key, record.settlement, record.birth
    both = _BETWEEN.join((first, last)) if first and last else ""
    if both and settlement:
        yield _join(BlockKind.NAMES_SETTLEMENT, both, settlement)
    if birth is None or birth.precision is BirthPrecision.UNKNOWN:
        return
    day = birth.digits
    if both:
        yield _join(BlockKind.NAMES_YEAR, both, day[:4])
    if birth.to_the_day:
        yield from _of_date(first, last, day)
    if settlement and (birth.to_the_day or birth.precision is BirthPrecision.MONTH):
        if first:
            yield _join(BlockKind.FIRST_MONTH_SETTLEMENT, first, day[:6], settlement)
        if last:
            yield _join(BlockKind.LAST_MONTH_SETTLEMENT, last, day[:6], settlement)


def _of_date(first: str, last: str, day: str) -> Iterator[str]:
    if first:
        yield _join(BlockKind.FIRST_DATE, first, day)
    if last:
        yield _join(BlockKind.LAST_DATE, last, day)
    if first and last:
        yield _join(BlockKind.NAMES_MONTH_DAY, first, last, day[4:])
        yield _join(BlockKind.SWAPPED_DATE, *sorted((first, last)), day)


def _join(*parts: str) -> str:
    return _BETWEEN.join(parts)


@dataclass(frozen=True, slots=True, order=True)
class TooLarge:
    """A block that was not looked through, with its value and how many records share it."""

    key: str
    size: int


def too_large(sizes: Counter[str], limit: int = LIMIT) -> tuple[TooLarge, ...]:
    """Return the blocks over the limit, the largest first."""
    found = [TooLarge(key, size) for key, size in sizes.items() if size > limit]
    return tuple(sorted(found, key=lambda block: (-block.size, block.key)))


def meetings(
    keys: Sequence[Sequence[str]], sizes: Counter[str], limit: int = LIMIT
) -> Iterator[tuple[int, set[int]]]:
    """Yield each place in `keys` with the earlier places it shares a block with, each pair once."""
    earlier: dict[str, list[int]] = {}
    for place, values in enumerate(keys):
        met: set[int] = set()
        for key in values:
            if not 1 < sizes[key] <= limit:
                continue
            block = earlier.get(key)
            if block is None:
                earlier[key] = [place]
            else:
                met.update(block)
                block.append(place)
        if met:
            yield place, met


def sizes_of(keys: Iterable[Iterable[str]]) -> Counter[str]:
    """Count how many records share each value; a record names a value once."""
    sizes: Counter[str] = Counter()
    for values in keys:
        sizes.update(values)
    return sizes
