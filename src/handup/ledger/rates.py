"""Exchange rates as posting uses them: the last one on or before a day, never too old (ledger.md
4.2).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from handup.kernel.money import divide
from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.rules.journal import LIMIT, RATE_ONE
from handup.org.models import ExchangeRate

Need = tuple[str, str, date, str]


class RateBook:
    """The rates a batch needs, read in one statement: direct ones first, the inverse only where
    there is none.
    """

    def __init__(self, needs: Iterable[Need]) -> None:
        wanted = set(needs)
        self._rates: dict[tuple[str, str, str], list[tuple[date, int]]] = defaultdict(list)
        if not wanted:
            return
        currencies = {code for source, target, _on, _kind in wanted for code in (source, target)}
        found = (
            ExchangeRate.objects.filter(
                from_currency__in=currencies,
                to_currency__in=currencies,
                kind__in={kind for *_pair, kind in wanted},
                rate_date__lte=max(on for _source, _target, on, _kind in wanted),
            )
            .order_by("rate_date")
            .values_list("from_currency", "to_currency", "kind", "rate_date", "numerator")
        )
        for source, target, kind, on, numerator in found:
            self._rates[source, target, kind].append((on, numerator))

    def rate(self, currency: str, base: str, on: date, kind: str, max_age_days: int) -> int:
        """Return the rate x 10^10 to use on a day. Raises RateMissing, RateTooOld."""
        latest = self._latest(currency, base, on, kind)
        if latest is None:
            inverse = self._latest(base, currency, on, kind)
            if inverse is None:
                raise RateMissing(currency=currency, base=base, date=on)
            latest = inverse[0], divide(RATE_ONE * RATE_ONE, inverse[1])
        rate_date, numerator = latest
        if not 0 < numerator < LIMIT:
            raise RateMissing(currency=currency, base=base, date=on)
        if (on - rate_date).days > max_age_days:
            raise RateTooOld(currency=currency, base=base, rate_date=rate_date, date=on)
        return numerator

    def _latest(self, source: str, target: str, on: date, kind: str) -> tuple[date, int] | None:
        usable = [rate for rate in self._rates[source, target, kind] if rate[0] <= on]
        return usable[-1] if usable else None
