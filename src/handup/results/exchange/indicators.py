"""Frozen figures as IATI results: by level, with references, one actual, and one more a line."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files

from django.utils.translation import gettext

from handup.org.web.money import format_money, format_number, format_percent
from handup.results.definitions import BY_PHASE
from handup.results.exchange.figures import Told
from handup.results.exchange.plans import Planned
from handup.results.rules.iati.activity import (
    Amount,
    Measured,
    Outcome,
    Reference,
    Span,
    words,
)

RESULT_TYPES = {"output": "1", "outcome": "2", "impact": "3", "goal": "3"}
OTHER = "9"
OWN, HIPSO = "99", "8"
PERCENT, IN_WORDS = "2", "5"


@cache
def _rows() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in ("indicators.csv", "indicators_own.csv"):
        text = (files("handup.results") / "data" / name).read_text(encoding="utf-8")
        found |= {row["code"]: row for row in csv.DictReader(text.splitlines())}
    return found


def measure_of(code: str) -> str:
    """The measure of an indicator (1 unit, 2 percentage, 5 in words)."""
    return _rows()[code.split(":")[0]]["iati_measure"]


def references_of(code: str, uri: str) -> tuple[Reference, ...]:
    """An indicator's own code, and those of verified standards that mean the same."""
    base = code.split(":")[0]
    told = _rows()[base]["standards_verified"]
    found = [Reference(OWN, base, uri)]
    for part in told.split(";"):
        if "not equal" in part or " / " in part:
            continue
        ifad = re.findall(r"\b(CI|SF) (\d[\d.]*[a-z]?)\b", part)
        found += [Reference(OWN, f"IFAD {kind} {number}") for kind, number in ifad]
        if match := re.search(r"\bIRIS ((?:PI|FP|OI)\d{4})\b", part):
            found.append(Reference(OWN, f"IRIS {match.group(1)}"))
        if match := re.search(r"\bHIPSO (J-\d+)", part):
            found.append(Reference(HIPSO, match.group(1)))
    return tuple(dict.fromkeys(found))


def results_of(
    told: Sequence[Told], plans: Mapping[str, Planned], start: date, end: date, uri: str
) -> tuple[Outcome, ...]:
    """The figures as results of a span of days with their baselines and targets, in the active
    language.
    """
    titles = {
        "1": gettext("Outputs"),
        "2": gettext("Outcomes"),
        "3": gettext("Impact"),
        OTHER: gettext("Efficiency and other"),
    }
    made = []
    for kind, title in titles.items():
        of_kind = [one for one in told if _type(one, plans) == kind and is_told(one)]
        indicators = tuple(_measured(one, plans, start, end, uri) for one in of_kind)
        if indicators:
            together = "1" if all(one.aggregation == "1" for one in indicators) else "0"
            made.append(Outcome(kind, words(title), aggregation=together, indicators=indicators))
    return tuple(made)


def results_of_phase(
    told: Sequence[Told],
    plans: Mapping[str, Planned],
    phase: str,
    start: date,
    end: date,
    uri: str,
) -> tuple[Outcome, ...]:
    """What one of several phases promised of each indicator of its logframe, and its own count,
    share or amount where records name the phase and it may be told. The whole stands on the
    programme.
    """
    made = []
    for one in told:
        counts = one.phases.get(phase)
        if (count := dict(one.lines.get(BY_PHASE, ())).get(phase)) is not None:
            counts = (count, None)
        if counts is not None:
            plain = replace(one, lines={}, phases={}, low="", high="", shown="")
            made.append(replace(plain, numerator=counts[0], denominator=counts[1]))
    held = {one.code for one in made}
    promised = [
        replace(one, lines={}, is_promise=True)
        for one in told
        if one.code in plans and one.code not in held and measure_of(one.code) != IN_WORDS
        if plans[one.code].targets or plans[one.code].baselines
    ]
    return results_of([*made, *promised], plans, start, end, uri)


def _type(one: Told, plans: Mapping[str, Planned]) -> str:
    """The level the logframe sets it on, else that of the catalogue."""
    plan = plans.get(one.code)
    if plan is not None and plan.type:
        return plan.type
    return RESULT_TYPES.get(one.item.indicator.level, OTHER)


def is_told(one: Told) -> bool:
    """Whether a value can stand in a file: one that is defined, and of the kind it is told as."""
    is_share = one.denominator is not None
    return one.value is not None and (measure_of(one.code) == PERCENT) == is_share


def _measured(
    one: Told, plans: Mapping[str, Planned], start: date, end: date, uri: str
) -> Measured:
    plan = plans.get(one.code, Planned())
    indicator = one.item.indicator
    measure = measure_of(one.code)
    adds = indicator.additive_over_periods and indicator.additive_over_areas
    currency = f" ({one.currency})" if one.currency and one.denominator is None else ""
    return Measured(
        measure=measure,
        title=words(f"{gettext(indicator.name)}{currency}"),
        description=words(indicator.counting_rule),
        ascending="1" if indicator.is_up_better else "0",
        aggregation="1" if adds else "0",
        references=references_of(one.code, uri),
        baselines=tuple(plan.baselines) if measure != IN_WORDS else (),
        periods=tuple(_spans(one, plan, measure, start, end)),
    )


def _spans(one: Told, plan: Planned, measure: str, start: date, end: date) -> Iterator[Span]:
    """The span counted, and one more for each target of another day."""
    targets = plan.targets if measure != IN_WORDS else {}
    for day in sorted({end, *targets}):
        if day < start:
            continue
        is_counted = day == end and not one.is_promise
        if not is_counted and day not in targets:
            continue
        actuals = tuple(_actuals(one, measure)) if is_counted else ()
        yield Span(
            start.isoformat(), day.isoformat(), targets=tuple(targets.get(day, ())), actuals=actuals
        )


def _actuals(one: Told, measure: str) -> Iterator[Amount]:
    assert one.value is not None
    if measure == IN_WORDS:
        yield Amount("", comment=words(f"{one.value}. {_comment(one)}"))
        return
    yield Amount(one.value, comment=words(_comment(one)))
    for name, lines in one.lines.items():
        for code, count in lines if name != BY_PHASE else ():
            yield Amount(one.counted(count), dimensions=((name, code),))


def _comment(one: Told) -> str:
    """Both counts of a share, of a sample its size and interval, and the mark of what was typed."""
    typed = [gettext("Typed by hand, with a file that shows it")] if one.is_typed else []
    if one.denominator is None:
        return ". ".join(typed)
    both = gettext("%(count)s of %(all)s") % {
        "count": _units(one, one.numerator),
        "all": _units(one, one.denominator),
    }
    parts = [*typed, both]
    if one.item.indicator.is_sample and one.low:
        parts.append(
            gettext("Sample of %(n)s; 95%% interval %(low)s to %(high)s")
            % {
                "n": format_number(one.denominator),
                "low": format_percent(one.low),
                "high": format_percent(one.high),
            }
        )
    return ". ".join(parts)


def _units(one: Told, units: int) -> str:
    return format_money(units, one.currency) if one.currency else format_number(units)
