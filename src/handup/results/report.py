"""A programme's figures as of a day, ready to be shown, printed or sent: one shape for every
output."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any
from uuid import UUID

from handup.kernel.money import amount_text, decimal_text
from handup.org.models import AuditLine, Setting
from handup.org.web.money import currency_digits
from handup.projects.models import Programme, StatedFigure
from handup.results.definitions import Definition, definition
from handup.results.facts import APPRENTICE_STEPS, Facts
from handup.results.models import ProgrammeIndicator
from handup.results.rules.engine import Conversion, Figure, ValueKind
from handup.results.rules.impact.shares import Share
from handup.results.rules.statistics import percent_text
from handup.results.weighted import Bounds, bounds_of_all, share_of_all


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One figure with both counts, its interval, what a source prints of it, and its rows."""

    code: str
    name: str
    unit: str
    numerator: int
    denominator: int | None
    value: str | None
    currency: str
    interval: tuple[str, str] | None
    n: int | None
    method: str
    stated: tuple[tuple[str, str], ...]
    figure: Figure
    stale_since: date | None = None

    @property
    def weighted(self) -> Share | None:
        """What a sample says of all who were eligible, where its answers do not count alike."""
        return share_of_all(self.figure)

    @property
    def bounds(self) -> Bounds | None:
        """What a sample leaves open of all who were eligible, with nothing assumed of the rest."""
        return bounds_of_all(self.figure)

    @property
    def is_percent(self) -> bool:
        """Whether the value is a percentage."""
        return self.denominator is not None

    @property
    def has_gap(self) -> bool:
        """Whether it has no value, because a rate is missing."""
        return self.figure.has_gap

    def as_json(self) -> dict[str, Any]:
        """The line as other programs read it: counts, never a percentage alone."""
        return {
            "code": self.code,
            "name": self.name,
            "unit": self.unit,
            "counted_in": counted_in(self.code),
            "numerator": None if self.has_gap else self.numerator,
            "denominator": None if self.has_gap else self.denominator,
            "value": self.value,
            "currency": self.currency or None,
            "conversion": conversion_json(self.figure.conversion),
            "interval": list(self.interval) if self.interval else None,
            "n": self.n,
            "weighted": _weighted(self.weighted),
            "bounds": _bounds(self.bounds),
            "definition": self.method or None,
            "stale_since": self.stale_since.isoformat() if self.stale_since else None,
            "stated": [{"printed": printed, "source": source} for printed, source in self.stated],
            "by": {
                breakdown.dimension: {
                    "overlapping": breakdown.overlapping,
                    "lines": [
                        {
                            "code": line.code,
                            "numerator": line.numerator,
                            "denominator": line.denominator,
                        }
                        for line in breakdown.lines
                    ],
                }
                for breakdown in self.figure.breakdowns
            },
        }


def counted_in(code: str) -> dict[str, str | int] | None:
    """What both counts and the lines are in, where it is not the unit itself, and how many of it
    are one: days of work in a full job."""
    scale = definition(code).scale
    return {"unit": "days", "for_one": scale} if scale != 1 else None


def conversion_json(told: Conversion | None) -> dict[str, Any] | None:
    """What amounts are in each currency and in that of the programme, with every rate used: units
    of the currency for one of the programme's, as an exact fraction.
    """
    if told is None:
        return None
    return {
        "currency": told.currency,
        "numerator": told.numerator,
        "sums": [
            {
                "currency": one.currency,
                "numerator": one.numerator,
                "denominator": one.denominator,
            }
            for one in told.sums
        ],
        "rates": [
            [one.currency, one.day.isoformat(), str(one.rate), one.source] for one in told.rates
        ],
        "missing": [[currency, day.isoformat()] for currency, day in told.gaps],
    }


def _weighted(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    ends = share.range
    return {
        "value": percent_text(share.value),
        "interval": [percent_text(ends.low), percent_text(ends.high)] if ends else None,
        "says_as_much_as": round(share.effective),
    }


def _bounds(found: Bounds | None) -> dict[str, Any] | None:
    if found is None:
        return None
    ends = [percent_text(float(end)) for end in (found.low, found.high)]
    return {"ends": ends, "everybody": found.everybody}


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One step with its count and its share of the step before."""

    step: str
    count: int
    share: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A programme's concrete benefits as of a day."""

    programme: Programme
    as_of: date
    lines: tuple[ReportLine, ...]
    funnel: tuple[FunnelLine, ...]

    def line(self, code: str) -> ReportLine:
        """The line of one indicator."""
        return next(line for line in self.lines if line.code == code)

    def as_json(self) -> dict[str, Any]:
        """The report as other programs read it."""
        return {
            "programme": self.programme.code,
            "title": self.programme.title,
            "as_of": self.as_of.isoformat(),
            "figures": [line.as_json() for line in self.lines],
            "funnel": [
                {"step": line.step, "count": line.count, "share_of_previous": line.share}
                for line in self.funnel
            ],
        }


def reporting_day(programme: Programme) -> date | None:
    """The day a programme's figures are shown for unless another is asked; None: today."""
    text = Setting.objects.filter(key=reporting_key(programme)).values_list("value", flat=True)
    return next((date.fromisoformat(str(day)) for day in text if day), None)


def reporting_key(programme: Programme) -> str:
    """The name of the setting that keeps a programme's reporting day."""
    return f"results.reporting_day.{programme.code}"


REPORTS_HELD = 12
"""So many reports a process keeps. A report never changes, so that it is handed out as it is: the
cache would take its tens of thousands of rows apart and put them together again for every page.
"""
_held: dict[str, Report] = {}


def make_report(programme: Programme, as_of: date, *, without: Collection[UUID] = ()) -> Report:
    """Compute a programme's report; kept until anything at all is written to the database.

    `without` leaves persons out: those whom its reader may not know of (protection.md 4.2).
    """
    last = AuditLine.objects.order_by("-id").values_list("id", flat=True).first()
    unseen = sha256(" ".join(sorted(map(str, without))).encode()).hexdigest()[:32]
    key = f"results:{programme.pk}:{as_of}:{last}:{unseen}"
    held = _held.get(key)
    if held is None:
        held = _held[key] = compute_report(programme, as_of, without=without)
        for old in list(_held)[:-REPORTS_HELD]:
            _held.pop(old, None)
    return held


FUNNEL = "MED-TRN-04"
"""The figure that brings the way from open day to job with it."""

# What a programme shows until its own figures are chosen: the way from outreach to a better life.
USUAL = (
    *("MED-OUT-02", "MED-TRN-02", "MED-FIN-02", "MED-FIN-01", "MED-FIN-01v", "MED-FIN-05a"),
    *("MED-FIN-04", "MED-IMP-01", "MED-IMP-02", "MED-ENT-02", "MED-GRP-01", "MED-GRP-02"),
)


def codes_of(programme: Programme) -> list[str]:
    """The figures a programme shows, in order: those chosen for it, else the usual ones."""
    rows = ProgrammeIndicator.objects.filter(programme=programme).order_by("position")
    return list(rows.values_list("code", flat=True)) or list(USUAL)


def compute_report(programme: Programme, as_of: date, *, without: Collection[UUID] = ()) -> Report:
    """Count every figure the programme shows, over its records up to a day."""
    return report_of(Facts(programme, as_of, without))


def report_of(facts: Facts) -> Report:
    """The same over facts that are read already."""
    programme = facts.programme
    stated = stated_of(programme)
    codes = codes_of(programme)
    lines = tuple(report_line(definition(code), facts, stated.get(code, ())) for code in codes)
    return Report(programme, facts.cut_off, lines, _funnel(facts) if FUNNEL in codes else ())


def stated_of(programme: Programme) -> dict[str, tuple[tuple[str, str], ...]]:
    """What sources print of each figure of a programme, with the source."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in StatedFigure.objects.filter(programme=programme).exclude(indicator_code=""):
        printed = (f"{row.printed} {row.unit}", row.source)
        found[row.indicator_code] = (*found.get(row.indicator_code, ()), printed)
    return found


def report_line(
    item: Definition, facts: Facts, stated: tuple[tuple[str, str], ...] = ()
) -> ReportLine:
    """One figure as it is shown."""
    return line_of(item, item.compute(facts), stated)


def line_of(
    item: Definition, figure: Figure, stated: tuple[tuple[str, str], ...] = ()
) -> ReportLine:
    """A computed figure as it is shown."""
    interval = figure.interval
    currency = figure.currency if item.is_money or figure.value_kind is ValueKind.SUM else ""
    return ReportLine(
        code=item.code,
        name=item.indicator.name,
        unit=item.indicator.unit,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=_value(item, figure, currency),
        currency=currency,
        interval=(percent_text(interval.low), percent_text(interval.high)) if interval else None,
        n=figure.denominator if item.indicator.is_sample else None,
        method=item.method,
        stated=stated,
        figure=figure,
    )


def _value(item: Definition, figure: Figure, currency: str) -> str | None:
    if figure.has_gap:
        return None
    if item.is_unit_cost and figure.denominator is not None:
        units = item.for_each(figure.numerator, figure.denominator)
        return None if units is None else amount_text(units, currency_digits(currency))
    if figure.denominator is not None:
        return figure.percent_text(item.decimals)
    if item.scale != 1:
        return decimal_text(Fraction(figure.numerator, item.scale), item.decimals)
    if currency:
        return amount_text(figure.numerator, currency_digits(currency))
    return str(figure.numerator)


def _funnel(facts: Facts) -> tuple[FunnelLine, ...]:
    return funnel_of([len(facts.funnel(at + 1)) for at in range(len(APPRENTICE_STEPS))])


def funnel_of(counts: Sequence[int]) -> tuple[FunnelLine, ...]:
    """The steps of the funnel, each with its share of the one before."""
    lines = []
    for place, (step, count) in enumerate(zip(APPRENTICE_STEPS, counts, strict=True)):
        before = counts[place - 1] if place else 0
        share = decimal_text(Fraction(100 * count, before), 1) if before else None
        lines.append(FunnelLine(step.value, count, share))
    return tuple(lines)
