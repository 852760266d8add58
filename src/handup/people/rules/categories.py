"""Categories computed from what is known of a household, and ages, never typed (people.md section
3). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from handup.kernel.dates import age_on, month_end
from handup.people.rules.codes import BirthPrecision, Derived, Sex

ADULT_AGE = 18
LARGE_FAMILY_CHILDREN = 3
OLDEST = 110
AGE_BANDS = ((0, 14), (15, 24), (25, 34), (35, 59), (60, None))


def age_in_years(birth_date: date | None, precision: str, on: date) -> int | None:
    """Count completed years; a month or year known only roughly counts from its middle.

    Returns None when no birth date is known or it lies after `on`.
    """
    if birth_date is None or birth_date > on:
        return None
    middle = birth_date
    if precision == BirthPrecision.YEAR:
        middle = birth_date.replace(month=7, day=1)
    elif precision == BirthPrecision.MONTH:
        middle = birth_date.replace(day=15)
    return age_on(middle, on) if middle <= on else 0


def is_above_oldest(birth_date: date, precision: str, on: date) -> bool:
    """Whether somebody would be older than anybody is taken to be, even if she was born on the last
    day of the month or the year that is known.
    """
    last = birth_date
    if precision == BirthPrecision.YEAR:
        last = birth_date.replace(month=12, day=31)
    elif precision == BirthPrecision.MONTH:
        last = month_end(birth_date)
    return last <= on and age_on(last, on) > OLDEST


def age_band(age: int | None) -> str:
    """Return the band of an age ("25-34", "60+"), "" when the age is not known (results.md 4)."""
    if age is None:
        return ""
    low, high = next(band for band in AGE_BANDS if band[1] is None or age <= band[1])
    return f"{low}+" if high is None else f"{low}-{high}"


def birth_from_age(age: int, on: date) -> date:
    """Count a told age back from the day it was told; 29 February becomes the 28th."""
    try:
        return on.replace(year=on.year - age)
    except ValueError:
        return on.replace(year=on.year - age, day=28)


@dataclass(frozen=True, slots=True)
class MemberFact:
    """What counts of one household member: sex as told, age where known."""

    sex: str
    age: int | None
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """A household on one day: its registered members and what was last told of it.

    `income_units` and `line_units` are whole smallest units a month, the line for one head; both
    in one currency.
    """

    members: Sequence[MemberFact] = ()
    told_adults: int | None = None
    told_children: int | None = None
    income_units: int | None = None
    line_units: int | None = None

    @property
    def head(self) -> MemberFact | None:
        """The head, if one is known."""
        return next((member for member in self.members if member.is_head), None)

    @property
    def children(self) -> int | None:
        """The larger of the children told and the children registered; None when neither is
        known."""
        registered = sum(1 for m in self.members if m.age is not None and m.age < ADULT_AGE)
        if self.told_children is None:
            unsure = any(member.age is None for member in self.members)
            return registered if registered >= LARGE_FAMILY_CHILDREN or not unsure else None
        return max(registered, self.told_children)

    @property
    def size(self) -> int:
        """How many live there: told, or registered where more are registered; at least one."""
        told = (self.told_adults or 0) + (self.told_children or 0)
        return max(told, len(self.members), 1)

    @property
    def woman_headed(self) -> bool | None:
        """Whether a woman heads it; None when the head or her sex is not known."""
        head = self.head
        if head is None or head.sex not in {Sex.F, Sex.M, Sex.OTHER}:
            return None
        return head.sex == Sex.F

    @property
    def low_income(self) -> bool | None:
        """Whether its income a head is at or below the line; None when either is not known."""
        if self.income_units is None or self.line_units is None:
            return None
        return self.income_units <= self.line_units * self.size


def derive(
    *,
    is_head: bool,
    sex: str,
    age: int | None,
    home: HouseholdView | None,
    great_difficulty: bool | None = None,
) -> dict[Derived, bool | None]:
    """Compute every derived category of one person on one day; None = not known."""
    known_sex = sex in {Sex.F, Sex.M, Sex.OTHER}
    children = home.children if home else None
    return {
        Derived.WOMAN_HEAD: (sex == Sex.F if known_sex else None) if is_head else False,
        Derived.CHILD_HEAD: (None if age is None else age < ADULT_AGE) if is_head else False,
        Derived.LARGE_FAMILY: None if children is None else children >= LARGE_FAMILY_CHILDREN,
        Derived.LOW_INCOME: home.low_income if home else None,
        Derived.DISABILITY: great_difficulty,
    }
