"""The allowance for losses: a share of outstanding principal by how late a loan is (ledger.md 4.6).
Pure.

A table of buckets per lender, in 1/100 of a percent; a restructured loan counts one bucket worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS, divide

ENGINE_VERSION = "2"
FIRST_VERSION = "1"
"""It took savings of later days for cash behind a loan; what it posted stays."""


class BucketsGap(Refusal):
    """The buckets must follow each other from 0 days without a gap; the last one stays open."""


class RateOutOfRange(Refusal):
    """{rate} is no share: give 0 to 10,000 hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """From so many days late to so many, both included; None: no end."""

    from_days: int
    to_days: int | None
    rate_bps: int


DEFAULT: tuple[Bucket, ...] = (
    Bucket(0, 0, 100),
    Bucket(1, 30, 1_000),
    Bucket(31, 60, 2_500),
    Bucket(61, 90, 5_000),
    Bucket(91, 180, 7_500),
    Bucket(181, None, 10_000),
)


def check_table(buckets: Sequence[Bucket]) -> None:
    """Refuse buckets that do not tile 0 to no end. Raises BucketsGap, RateOutOfRange."""
    expected: int | None = 0
    for bucket in buckets:
        if not 0 <= bucket.rate_bps <= WHOLE_BPS:
            raise RateOutOfRange(field="buckets", rate=bucket.rate_bps)
        if expected is None or bucket.from_days != expected:
            raise BucketsGap(field="buckets")
        if bucket.to_days is not None and bucket.to_days < bucket.from_days:
            raise BucketsGap(field="buckets")
        expected = None if bucket.to_days is None else bucket.to_days + 1
    if not buckets or expected is not None:
        raise BucketsGap(field="buckets")


def rate_of(buckets: Sequence[Bucket], arrears_days: int, *, restructured: bool) -> int:
    """The share for a loan so many days late, one bucket worse when it was restructured."""
    place = next(
        number
        for number, bucket in enumerate(buckets)
        if bucket.to_days is None or arrears_days <= bucket.to_days
    )
    if restructured:
        place = min(place + 1, len(buckets) - 1)
    return buckets[place].rate_bps


def required(principal_units: int, rate_bps: int) -> int:
    """HALF_UP(principal x rate)."""
    return divide(principal_units * rate_bps, WHOLE_BPS)


def to_json(buckets: Sequence[Bucket]) -> list[list[int | None]]:
    """A table as it is stored."""
    return [[bucket.from_days, bucket.to_days, bucket.rate_bps] for bucket in buckets]


def from_json(data: Sequence[Sequence[int | None]]) -> tuple[Bucket, ...]:
    """A stored table."""
    return tuple(
        Bucket(first or 0, last, rate or 0) for first, last, rate in (tuple(row) for row in data)
    )
