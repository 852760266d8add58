"""What a phone worked out beside what the office works out: every figure by its name, as a text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

OF_THE_OFFICE = frozenset({"loan_cost_month_percent", "loan_cost_year_percent"})
"""What no phone works out: the real cost of a loan is searched for at the office."""


class Differing(NamedTuple):
    """One figure that is not the same; empty where one side has none."""

    name: str
    phone: str
    office: str


def flat(results: Mapping[str, Any]) -> dict[str, str]:
    """The figures of a result by name (`months.3.closing_cash`, months and lines from 1), each as
    the text of its whole number or decimal; what is not defined is empty.
    """
    found: dict[str, str] = {}
    for name, value in results.items():
        if name not in OF_THE_OFFICE:
            _gather(found, name, value)
    return found


def _gather(found: dict[str, str], name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for inner, told in value.items():
            _gather(found, f"{name}.{inner}", told)
    elif isinstance(value, list | tuple):
        found[name] = str(len(value))
        for place, told in enumerate(value, 1):
            _gather(found, f"{name}.{place}", told)
    else:
        found[name] = "" if value is None else str(value)


def differing(phone: Mapping[str, str], results: Mapping[str, Any]) -> Sequence[Differing]:
    """Every figure in which a phone and the office differ, in the order of the office's; those the
    phone alone has come last.
    """
    office = flat(results)
    names = [*office, *(name for name in phone if name not in office)]
    told = (Differing(name, phone.get(name, ""), office.get(name, "")) for name in names)
    return [one for one in told if one.phone != one.office or one.name not in phone]
