"""The register of rates as budget lines ask it: the rate of the day, else the latest within seven
days before; by the institution's rule the month's average or the funder's rate of the month
(projects_and_markets.md 4.1). A rate once copied on a line stays there.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from django.db.models import Q
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.models import ExchangeRate, Setting
from handup.org.models.records import RateKind

RATE_ONE = 10**10
WITHIN_DAYS = 7
FAR_PERCENT = 10
COMPARED_DAYS = 365
RULE_KEY = "projects.rate_rule"
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


class RateRule(StrEnum):
    """Which rate of the register counts."""

    DAY = "DAY"
    MONTHLY_AVERAGE = "MONTHLY_AVERAGE"
    FUNDER_RATE = "FUNDER_RATE"


class NoRateThen(Refusal):
    """The register has no rate of {pair} that counts on {date}. Add it there, or write the rate
    with its source."""


class MonthNotOver(Refusal):
    """The average of the month of {date} is known when the month is over. Write the rate with its
    source, or wait."""


class RateDayOutOfReach(Refusal):
    """The day of a rate lies between {first} and {last}."""


class RateFarFromRegister(Refusal):
    """This rate is {percent} % away from the one of {before} in the register. Look at the source
    again, then confirm the rates."""


@dataclass(frozen=True, slots=True)
class Found:
    """A rate: units of one currency for one of another, its day and where it was read; `turned`: it
    was told the other way round.
    """

    rate: Fraction
    rate_date: date
    source: str
    turned: bool = False


def check_rate_day(on: date) -> None:
    """Raise RateDayOutOfReach for a day nobody means."""
    if not FIRST_DAY <= on <= LAST_DAY:
        raise RateDayOutOfReach(field="rate_date", first=FIRST_DAY, last=LAST_DAY)


def rule_in_force() -> RateRule:
    """The institution's rule; the day's rate where none is set."""
    value = Setting.objects.filter(key=RULE_KEY).values_list("value", flat=True).first()
    return RateRule(value) if value in set(RateRule) else RateRule.DAY


def rate_for(reporting: str, currency: str, on: date, rule: RateRule | None = None) -> Found:
    """How much of a currency one unit of the report is worth on a day. Raises NoRateThen, and
    MonthNotOver where the average of a month that still runs would count.
    """
    rule = rule or rule_in_force()
    if rule is RateRule.MONTHLY_AVERAGE:
        found = _of_month(reporting, currency, on, RateKind.MONTH) or _average(
            reporting, currency, on
        )
    elif rule is RateRule.FUNDER_RATE:
        found = _of_month(reporting, currency, on, RateKind.DONOR)
    else:
        first = on - timedelta(days=WITHIN_DAYS)
        found = _latest(_rates(reporting, currency, first, on, RateKind.SPOT))
    if found is None:
        raise NoRateThen(field="rate", pair=f"{reporting}/{currency}", date=on)
    return found


class DayRates:
    """The day's rates of many days in one statement, told as `rate_for` tells each."""

    def __init__(self, reporting: str, currencies: Collection[str], until: date) -> None:
        self.reporting = reporting
        self._told: dict[tuple[str, bool], list[Found]] = defaultdict(list)
        rows = ExchangeRate.objects.filter(kind=RateKind.SPOT, rate_date__lte=until).filter(
            Q(from_currency=reporting, to_currency__in=currencies)
            | Q(to_currency=reporting, from_currency__in=currencies)
        )
        names = ("from_currency", "to_currency", "numerator", "rate_date", "source")
        for source, target, numerator, day, where in rows.order_by("rate_date").values_list(*names):
            turned = source != reporting
            rate = Fraction(numerator, RATE_ONE)
            found = Found(1 / rate if turned else rate, day, where, turned)
            self._told[source if turned else target, turned].append(found)

    def on(self, currency: str, day: date) -> Found | None:
        """How much of a currency one unit of the report was worth on a day: the rate of the day,
        else the latest within seven days before; None where there is none.
        """
        for turned in (False, True):
            told = self._told[currency, turned]
            place = bisect_right(told, day, key=lambda found: found.rate_date)
            if place and told[place - 1].rate_date >= day - timedelta(days=WITHIN_DAYS):
                return told[place - 1]
        return None


def refuse_far(reporting: str, currency: str, told: Fraction, on: date) -> None:
    """Ask again about a rate more than a tenth away from the one before it in the register, of the
    last year. Raises RateFarFromRegister.
    """
    first, last = on - timedelta(days=COMPARED_DAYS), on
    before = _latest(_rates(reporting, currency, first, last, RateKind.SPOT))
    if before is None:
        return
    away = abs(told - before.rate) * 100 / before.rate
    if away > FAR_PERCENT:
        raise RateFarFromRegister(field="rate", percent=int(away), before=before.rate_date)


def _month(on: date) -> tuple[date, date]:
    first = on.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _of_month(reporting: str, currency: str, on: date, kind: RateKind) -> Found | None:
    return _latest(_rates(reporting, currency, *_month(on), kind))


def _average(reporting: str, currency: str, on: date) -> Found | None:
    """The plain mean of the days' rates of a month that is over, as they were told: of rates told
    the other way round the mean is turned, not each. Raises MonthNotOver.
    """
    found = list(_rates(reporting, currency, *_month(on), RateKind.SPOT))
    if not found:
        return None
    if _month(on)[1] >= timezone.localdate():
        raise MonthNotOver(field="rate", date=on)
    turned = found[0].turned
    told = [1 / item.rate if turned else item.rate for item in found]
    mean = sum(told, Fraction(0)) / len(told)
    last = max(found, key=lambda item: item.rate_date)
    sources = sorted({item.source for item in found})
    source = f"mean of {len(found)}: {', '.join(sources)}"[:200]
    return Found(1 / mean if turned else mean, last.rate_date, source, turned)


def _latest(found: Iterable[Found]) -> Found | None:
    return max(found, key=lambda item: item.rate_date, default=None)


def _rates(reporting: str, currency: str, first: date, last: date, kind: RateKind) -> list[Found]:
    """The rates told this way round, else the other way round."""
    for source, target in ((reporting, currency), (currency, reporting)):
        rows = ExchangeRate.objects.filter(
            from_currency=source,
            to_currency=target,
            kind=kind,
            rate_date__gte=first,
            rate_date__lte=last,
        )
        told = list(rows.values_list("numerator", "rate_date", "source"))
        straight = source == reporting
        if told:
            return [
                Found(rate if straight else 1 / rate, day, where, not straight)
                for rate, day, where in ((Fraction(n, RATE_ONE), day, who) for n, day, who in told)
            ]
    return []
