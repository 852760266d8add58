"""How long enterprises live (results.md 4.6, S11): the share still open after one, two and three
years, with its interval, how many were still watched, and how many were lost from sight before."""

from dataclasses import dataclass

from handup.results.computing import asked_with, lives_of, survival_of
from handup.results.definitions import catalogue
from handup.results.facts import Facts
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
from handup.results.rules.impact.survival import Survival

CODE = "MED-ENT-03"
MONTHS = (12, 24, 36)


@dataclass(frozen=True, slots=True)
class Lived:
    """What is known of one month: the share still open (None: it cannot be told), how many were
    watched in all, how many closed before it, and how many were lost from sight before it.
    """

    month: int
    found: Survival | None
    watched: int
    closed: int
    lost: int


def lived(facts: Facts) -> list[Lived]:
    """The curve at its three months, over a programme's records up to the day of the facts."""
    item, kind = DECLARED[CODE], catalogue()[CODE].period_kind
    asked = asked_with(item, Asked(facts.cut_off))
    lives = lives_of(item, facts, kind, asked)
    return [
        Lived(
            month,
            survival_of(lives, Asked(facts.cut_off, params={"months": month})),
            len(lives),
            sum(closed and months <= month for months, closed in lives),
            sum(not closed and months < month for months, closed in lives),
        )
        for month in MONTHS
    ]
