"""Terms of an apprenticeship and what a graduate and a placement must show (training.md 4.8,
4.10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from handup.kernel.dates import add_months
from handup.kernel.names import normal_form

TERM_MONTHS = range(1, 49)
VETTING_MONTHS = 12
MAX_APPRENTICES = 3
HAZARD_AGE = 18


class Skill(IntEnum):
    """How well a skill is held."""

    NOT_YET = 0
    WITH_HELP = 1
    ALONE = 2
    CAN_SHOW_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Money:
    """Monthly stipend beside the estimated cost of transport and lodging, in one currency's
    smallest unit.
    """

    stipend_units: int
    living_units: int


def stipend_shortfall(money: Money) -> int:
    """Return by how much the stipend lies below transport and lodging; it must be acknowledged
    before signing.
    """
    return max(0, money.living_units - money.stipend_units)


def vetted(vetted_date: date | None, on: date) -> bool:
    """Tell whether a workshop was vetted within the last twelve months."""
    return vetted_date is not None and add_months(on, -VETTING_MONTHS) <= vetted_date <= on


def skills_met(levels: Sequence[int]) -> bool:
    """A graduate does every required skill alone; no skill judged means not met."""
    return bool(levels) and all(level >= Skill.ALONE for level in levels)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one person's for all that can be seen: case, accents, script,
    spaces and the order of the parts do not tell people apart.
    """
    return _parts(one) == _parts(other)


def master_of(name: str) -> tuple[str, ...]:
    """Return the key under which the workshops of one master are counted together; empty where no
    letter says who the master is. Two who share a name are told apart by a number in it.
    """
    letters = [part for part in _parts(name) if part]
    number = "".join(c for c in name if c.isdecimal())
    return (*letters, number) if letters else ()


def _parts(name: str) -> list[str]:
    return sorted(normal_form(part) for part in name.split())


def names_trade(text: str, trade: str) -> bool:
    """Tell whether a text names a trade: its words one after the other, whatever stands before or
    after them and however they are written.
    """
    told, wanted = (
        [normal_form(part) for part in "".join(c if c.isalpha() else " " for c in said).split()]
        for said in (text, trade)
    )
    size = len(wanted)
    return size > 0 and any(told[n : n + size] == wanted for n in range(len(told) - size + 1))


def is_placed(
    *, paid: bool, started_date: date, seen_date: date, income_units: int, threshold_units: int
) -> bool:
    """Paid work or an own business for at least one month with an income at the programme's
    threshold or above.
    """
    return paid and started_date <= add_months(seen_date, -1) and income_units >= threshold_units
