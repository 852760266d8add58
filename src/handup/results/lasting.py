"""How long enterprises last as a planned outcome (results.md 4.6, S11): the share still open so
many months after they were first served, over every visit until the last round closed."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from uuid import UUID

from handup.kernel.dates import add_months
from handup.results.computing import asked_with, chosen_rows, lives_of, survival_of
from handup.results.definitions import catalogue
from handup.results.facts import Facts
from handup.results.models import Analysis
from handup.results.panels import is_fixed_before
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
from handup.results.rules.impact.attrition import WARN_ABOVE
from handup.results.rules.impact.common import LEAST_ANSWERS
from handup.results.rules.states import DesignKind, OutcomeKind
from handup.results.rules.study import Caveat, Flow, Method, Plan, Study, Told

CODE = "MED-ENT-03"
ASKED = "operating"
"""The question whether an enterprise still runs."""
MOST_MONTHS = 120


def plan_of_lasting(analysis: Analysis) -> Plan:
    """Its plan: one group, described and compared with nobody."""
    return Plan(
        design=DesignKind.NONE,
        kind=OutcomeKind.LASTS,
        is_paired=False,
        seed=analysis.seed,
        is_fixed_before=is_fixed_before(analysis),
        is_primary=analysis.is_primary,
    )


def _lost(facts: Facts, asked: Asked, months: int) -> int:
    """Enterprises nobody saw again before the month, which had come by the last day: one that was
    first served later than that is watched still, not lost.
    """
    item = DECLARED[CODE]
    rows = chosen_rows(item.base or item.counted, facts, catalogue()[CODE].period_kind, asked)
    began = [
        row["served_day"] for row in rows if not row["closed"] and int(str(row["months"])) < months
    ]
    return sum(isinstance(day, date) and add_months(day, months) <= facts.cut_off for day in began)


def study_of_lasting(analysis: Analysis, without: Collection[UUID] = ()) -> Study:
    """The share still open by Kaplan and Meier with its interval, and how many were lost from sight
    before the month. No estimate under five enterprises, or where none was watched so long.
    """
    assert analysis.months is not None
    facts = Facts(analysis.programme, analysis.last_round.closes_date, without)
    asked = asked_with(DECLARED[CODE], Asked(facts.cut_off, params={"months": analysis.months}))
    lives = lives_of(DECLARED[CODE], facts, catalogue()[CODE].period_kind, asked)
    found = survival_of(lives, asked)
    lost = _lost(facts, asked, analysis.months)
    attrition = Fraction(lost, len(lives)) if lives else None
    caveats = [] if plan_of_lasting(analysis).is_fixed_before else [Caveat.NOT_FIXED]
    if attrition is not None and attrition > WARN_ABOVE:
        caveats.append(Caveat.MANY_LOST)
    if found is None:
        caveats.append(Caveat.TOO_FEW if len(lives) < LEAST_ANSWERS else Caveat.NOT_WATCHED)
    estimates = (
        ()
        if found is None
        else (
            Told(
                Method.STILL_OPEN,
                found.share,
                len(lives),
                range=found.range,
                error=found.error,
            ),
        )
    )
    return Study(
        estimates=estimates,
        flows=(Flow(None, len(lives), len(lives) - lost),),
        attrition=attrition,
        balance=None,
        lee=None,
        clusters=0,
        caveats=tuple(caveats),
        left_out=0,
        unknown=0,
    )
