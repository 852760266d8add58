"""Dates known to the day, the month or only the year (projects_and_markets.md 4.2). Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class RoughDate:
    """A date with its precision: a year compares as the whole year, a month as the whole month."""

    day: date
    precision: Precision

    @property
    def first(self) -> date:
        """The first day it may mean."""
        if self.precision is Precision.YEAR:
            return self.day.replace(month=1, day=1)
        return self.day.replace(day=1) if self.precision is Precision.MONTH else self.day

    @property
    def last(self) -> date:
        """The last day it may mean; an end known by its year is published as 31 December."""
        if self.precision is Precision.YEAR:
            return self.day.replace(month=12, day=31)
        if self.precision is Precision.MONTH:
            return self.day.replace(day=monthrange(self.day.year, self.day.month)[1])
        return self.day

    def __str__(self) -> str:
        """Write no more than is known: 1996, 1997-11 or 1996-04-17."""
        return self.day.isoformat()[: {"YEAR": 4, "MONTH": 7, "DAY": 10}[self.precision]]
