"""What a borrower's next loan may be: steps by the number of the loan, as a product version has
them. Pure.

A step holds from its number on until the next one; what it leaves open is not limited by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 20
MOST_LOANS = 600


@dataclass(frozen=True, slots=True)
class LoanStep:
    """From which number of a borrower's loans on, how much (smallest units) over how many
    instalments at most.
    """

    loan: int
    units: int | None = None
    instalments: int | None = None


def read_steps(told: Any) -> tuple[LoanStep, ...]:
    """The steps of a product version's JSON. Raises TypeError, ValueError with what is wrong."""
    if not isinstance(told, (list, tuple)):
        raise TypeError("steps are a list")
    return tuple(item if isinstance(item, LoanStep) else _read(item) for item in told)


def _read(item: Mapping[str, Any]) -> LoanStep:
    if unknown := sorted(set(item) - {"loan", "units", "instalments"}):
        raise ValueError(f"unknown in a step: {', '.join(unknown)}")
    return LoanStep(item["loan"], item.get("units"), item.get("instalments"))


def fault_of_steps(steps: Sequence[LoanStep]) -> str:
    """What is wrong with them, in a few words; empty when nothing is."""
    if len(steps) > MOST_STEPS:
        return "there are too many steps"
    told = [(step.loan, step.units, step.instalments) for step in steps]
    if any(isinstance(item, bool) or not isinstance(item, int) for item in _numbers(told)):
        return "a step is told in whole numbers"
    if any(not 0 < number < 2**50 for number in _numbers(told)):
        return "the numbers of a step are above zero"
    if any(step.units is None and step.instalments is None for step in steps):
        return "a step names an amount, a number of instalments, or both"
    numbers = [step.loan for step in steps]
    if numbers != sorted(set(numbers)) or any(number > MOST_LOANS for number in numbers):
        return "loans are numbered from 1, each once, in order"
    if any(step.instalments is not None and step.instalments > MOST_LOANS for step in steps):
        return "a loan has at most 600 instalments"
    return ""


def _numbers(told: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [item for line in told for item in line if item is not None]


def step_of(steps: Sequence[LoanStep], loan_number: int) -> LoanStep | None:
    """The step a borrower's loan of that number stands on."""
    return next((step for step in reversed(steps) if step.loan <= loan_number), None)


def least(*limits: int | None) -> int | None:
    """The tightest of several limits; None where there is none."""
    return min((limit for limit in limits if limit is not None), default=None)
