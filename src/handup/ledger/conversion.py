"""Rates for a statement in another currency, each with its day and source (ledger.md 4.2, 4.8)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from handup.kernel.money import round_to
from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.rules.conversion import BY_MONTH, ConvertBy, RateUsed, rate_of
from handup.org.models import ExchangeRate
from handup.org.models.records import RateKind
from handup.org.web.money import currency_digits

KINDS = {ConvertBy.MONTH: RateKind.MONTH, ConvertBy.DONOR: RateKind.DONOR}


@dataclass(slots=True)
class Converter:
    """Tells amounts of one currency in another; keeps every rate it used.

    kind: which rates a closing or a mean is of. max_age_days: how old a closing rate may be.
    """

    source: str
    target: str
    by: ConvertBy = ConvertBy.CLOSING
    kind: str = RateKind.SPOT
    max_age_days: int = 7
    used: dict[tuple[date, date], RateUsed] = field(default_factory=dict)

    @property
    def needed(self) -> bool:
        """Whether there is anything to convert."""
        return self.source != self.target

    def slices(self, since: date, on: date) -> list[tuple[date, date]]:
        """The parts of a period that take a rate each: its months, or the whole of it."""
        if not self.needed or self.by not in BY_MONTH:
            return [(since, on)]
        return list(_months(since, on))

    def units(self, units: int, since: date, on: date) -> int:
        """An amount of a period, half up. Raises RateMissing, RateTooOld."""
        if not self.needed or not units:
            return units
        rate = self.rate(since, on)
        exact = rate.units(units, currency_digits(self.source), currency_digits(self.target))
        return round_to(exact)

    def rate(self, since: date, on: date) -> RateUsed:
        """The rate of a period. Raises RateMissing, RateTooOld."""
        found = self.used.get((since, on))
        if found is None:
            makers = {ConvertBy.AVERAGE: self._mean, ConvertBy.CLOSING: self._closing}
            found = makers.get(self.by, self._of_month)(since, on)
            self.used[since, on] = found
        return found

    def _known(self, kind: str, since: date | None, on: date) -> list[tuple[ExchangeRate, bool]]:
        """The rates between the two currencies: direct ones, the inverse only where none is."""
        for inverse in (False, True):
            pair = (self.target, self.source) if inverse else (self.source, self.target)
            rows = ExchangeRate.objects.filter(
                from_currency=pair[0], to_currency=pair[1], kind=kind, rate_date__lte=on
            )
            if since is not None:
                rows = rows.filter(rate_date__gte=since)
            if found := [(row, inverse) for row in rows.order_by("-rate_date")]:
                return found
        raise RateMissing(currency=self.source, base=self.target, date=on)

    def _closing(self, since: date, on: date) -> RateUsed:
        row, inverse = self._known(self.kind, None, on)[0]
        if (on - row.rate_date).days > self.max_age_days:
            raise RateTooOld(
                currency=self.source, base=self.target, rate_date=row.rate_date, date=on
            )
        return self._used(row, rate_of(row.numerator, inverse=inverse), since, on, 1)

    def _mean(self, since: date, on: date) -> RateUsed:
        rows = self._known(self.kind, since, on)
        known = [rate_of(row.numerator, inverse=inverse) for row, inverse in rows]
        return self._used(rows[0][0], sum(known, Fraction(0)) / len(known), since, on, len(known))

    def _of_month(self, since: date, on: date) -> RateUsed:
        """The rate fixed for the month the period lies in."""
        first = since.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        row, inverse = self._known(KINDS[self.by], first, last)[0]
        return self._used(row, rate_of(row.numerator, inverse=inverse), since, on, 1)

    def _used(self, row: ExchangeRate, known: Fraction, since: date, on: date, of: int) -> RateUsed:
        return RateUsed(self.source, self.target, since, on, known, row.rate_date, of, row.source)


def _months(since: date, on: date) -> Iterator[tuple[date, date]]:
    first = since
    while first <= on:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, min(on, following - timedelta(days=1))
        first = following


@dataclass(slots=True)
class Rates:
    """The converters of several books into one currency, and every rate they used."""

    target: str
    by: ConvertBy
    _made: dict[tuple[str, str], Converter] = field(default_factory=dict)

    def of(
        self, source: str, kind: str, max_age_days: int, by: ConvertBy | None = None
    ) -> Converter:
        """The converter of a currency; `by` where a figure cannot be told by the reader's rule."""
        rule = by or self.by
        key = (source, rule.value)
        if key not in self._made:
            self._made[key] = Converter(source, self.target, rule, kind, max_age_days)
        return self._made[key]

    @property
    def used(self) -> tuple[RateUsed, ...]:
        """Every rate that was used, by currency and day, each once."""
        found: dict[tuple[str, date, date, Fraction], RateUsed] = defaultdict()
        for converter in self._made.values():
            for rate in converter.used.values():
                found.setdefault((rate.source, rate.rate_date, rate.on, rate.known), rate)
        return tuple(sorted(found.values(), key=lambda rate: (rate.source, rate.on, rate.since)))
