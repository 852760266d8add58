"""The rules of the engine written down a second time, slowly and plainly, to check it against.

Every figure is a Fraction until a rule rounds it; every day is looked at one by one. Nothing here
is shared with the engine but its dates and codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

DAY = timedelta(days=1)
MILLION = 1_000_000


def half_even(x: Fraction, unit: int = 1) -> int:
    """To the nearest multiple, ties to the even one (Python's own rounding)."""
    return round(x / unit) * unit


def half_up(x: Fraction, unit: int = 1) -> int:
    """To the nearest multiple, ties away from zero."""
    scaled = x / unit
    return (floor(scaled + Fraction(1, 2)) if scaled >= 0 else ceil(scaled - Fraction(1, 2))) * unit


def annuity(balance: int, rate: Fraction, count: int) -> Fraction:
    """The equal instalment that pays a balance off at one rate a period."""
    if not rate:
        return Fraction(balance, count)
    return balance * rate / (1 - (1 + rate) ** -count)


def annuity_of_each(balance: int, rates: Sequence[Fraction]) -> Fraction:
    """The equal instalment when every period has a rate of its own: balance / Σ 1/Π(1 + r)."""
    value, factor = Fraction(0), Fraction(1)
    for rate in rates:
        factor /= 1 + rate
        value += factor
    return balance / value


@dataclass
class Row:
    """One row of a plan while an oracle works on it."""

    due: date
    principal: int = 0
    interest: int = 0
    principal_paid: int = 0
    interest_paid: int = 0

    @property
    def paid(self) -> int:
        return self.principal_paid + self.interest_paid


@dataclass
class BalanceOracle:
    """Interest on the real balance, day by day: a row's interest is that of its days, rounded for
    each stretch without a payment in it.
    """

    start: date
    due_dates: Sequence[date]
    principal: int
    ppm: int
    unit: int
    effect: str
    payments: Sequence[tuple[date, int]]
    as_of: date
    rows: list[Row] = field(default_factory=list)

    def run(self) -> list[Row]:
        """The plan as seen on the day asked."""
        self.rows = [Row(day) for day in self.due_dates]
        first = self.rate(self.start, self.due_dates[0])
        self.instalment = half_even(annuity(self.principal, first, len(self.rows)), self.unit)
        self.first_rate = first
        self.skip = 0
        begin = self.start
        gone = 0
        for place, row in enumerate(self.rows):
            if self.effect == "REDUCE_NUMBER" and self.planned_left(place) == 0:
                break
            self.close(place, begin)
            begin = row.due
            gone = place + 1
        for day, units in self.payments:
            if day > begin:
                self.settle(self.rows[:gone], units)
        return self.rows[:gone]

    def rate(self, begin: date, end: date) -> Fraction:
        return Fraction(self.ppm * (end - begin).days, 365 * MILLION)

    def planned_left(self, place: int) -> int:
        return self.principal - sum(row.principal for row in self.rows[:place])

    def owed(self) -> int:
        return self.principal - sum(row.principal_paid for row in self.rows)

    def close(self, place: int, begin: date) -> None:
        row = self.rows[place]
        interest, day = 0, begin
        while day < row.due:
            self.receive(place, day, inside=day > begin or place == 0)
            stop = min([row.due, *(cut for cut in self.cuts() if day < cut < row.due)])
            if day >= self.as_of:
                balance = self.planned_left(place) - row.principal_paid
            else:
                balance = self.owed()
            interest += half_even(balance * self.rate(day, stop))
            day = stop
        row.interest = interest
        self.fix(place)
        self.receive_on_due_date(place)

    def cuts(self) -> list[date]:
        return [*(day for day, _ in self.payments), self.as_of]

    def fix(self, place: int) -> None:
        row, left = self.rows[place], self.planned_left(place)
        if place == len(self.rows) - 1:
            plan = left
        else:
            plan = min(max(self.instalment - row.interest, 0), left)
            less = min(self.skip, plan)
            self.skip -= less
            plan -= less
        extra = max(row.principal_paid - plan, 0)
        row.principal = plan + extra
        if extra:
            self.apply(place, extra)

    def apply(self, place: int, extra: int) -> None:
        rest = len(self.rows) - place - 1
        if self.effect == "SKIP_NEXT":
            self.skip += extra
        elif self.effect == "REDUCE_INSTALMENT" and rest:
            left = self.planned_left(place + 1)
            self.instalment = half_even(annuity(left, self.first_rate, rest), self.unit)

    def receive(self, place: int, day: date, *, inside: bool) -> None:
        """Money of a day inside a period: rows before, then the current one ahead."""
        for _, units in self.payments_of(day) if inside else ():
            left = self.settle(self.rows[:place], units)
            row = self.rows[place]
            room = self.planned_left(place) - row.principal_paid
            row.principal_paid += min(left, room)

    def receive_on_due_date(self, place: int) -> None:
        for _, units in self.payments_of(self.rows[place].due):
            left = self.settle(self.rows[: place + 1], units)
            more = min(left, self.planned_left(place + 1))
            if more:
                self.rows[place].principal += more
                self.rows[place].principal_paid += more
                self.apply(place, more)

    def payments_of(self, day: date) -> list[tuple[date, int]]:
        return [item for item in self.payments if item[0] == day]

    @staticmethod
    def settle(rows: Sequence[Row], units: int) -> int:
        for row in rows:
            part = min(units, row.interest - row.interest_paid)
            row.interest_paid += part
            units -= part
            part = min(units, row.principal - row.principal_paid)
            row.principal_paid += part
            units -= part
        return units


@dataclass
class DailyRow:
    """One row under a daily rate."""

    due: date
    principal: int
    interest: int
    fee: int
    principal_paid: int = 0
    interest_paid: int = 0
    fee_paid: int = 0
    late: int = 0
    late_paid: int = 0

    @property
    def left(self) -> int:
        return self.principal - self.principal_paid


class DailyOracle:
    """A daily rate with simple late interest; `interest` is kept as what is still to pay."""

    def __init__(self, start: date, ppm: int, rows: Sequence[DailyRow]) -> None:
        self.start, self.ppm, self.rows = start, ppm, list(rows)
        self.counted = start
        self.served: date | None = None
        self.over = 0

    def interest(self, balance: int, days: int) -> int:
        return half_up(Fraction(balance * self.ppm * days, MILLION))

    def late_to(self, day: date) -> None:
        for place, row in enumerate(self.rows):
            since = max(row.due, self.counted)
            if row.due < day and since < day:
                booked = self.rows[min(place + 1, len(self.rows) - 1)]
                booked.late += self.interest(row.left, (day - since).days)
        self.counted = max(self.counted, day)

    def begins(self, place: int) -> date:
        return self.rows[place - 1].due if place else self.start

    def pay(self, day: date, units: int) -> None:
        self.late_to(day)
        due = [row for row in self.rows if row.due <= day]
        for row in due:
            units = self.take(row, units, fee=True)
        if not units:
            return
        if len(due) == len(self.rows):
            self.over += units
            return
        place = len(due)
        row = self.rows[place]
        self.take_ahead(place, day, units)
        self.served = day
        row.interest = self.interest(self.to_come(place), (row.due - day).days)
        for number in range(place + 1, len(self.rows)):
            later = self.rows[number]
            if later.principal_paid:
                days = (later.due - self.begins(number)).days
                later.interest = self.interest(self.to_come(number), days)

    def to_come(self, place: int) -> int:
        return sum(row.left for row in self.rows[place:])

    def take(self, row: DailyRow, units: int, *, fee: bool) -> int:
        part = min(units, row.fee - row.fee_paid) if fee else 0
        row.fee_paid += part
        units -= part
        part = min(units, row.late - row.late_paid)
        row.late_paid += part
        units -= part
        part = min(units, row.interest)
        row.interest -= part
        row.interest_paid += part
        units -= part
        part = min(units, row.left)
        row.principal_paid += part
        return units - part

    def take_ahead(self, place: int, day: date, units: int) -> None:
        row = self.rows[place]
        since = max(self.begins(place), self.served or self.start)
        accrued = self.interest(self.to_come(place), (day - since).days)
        part = min(units, row.late - row.late_paid)
        row.late_paid += part
        units -= part
        part = min(units, accrued)
        row.interest_paid += part
        units -= part
        for later in self.rows[place:]:
            part = min(units, later.left)
            later.principal_paid += part
            units -= part
        self.over += units

    def payoff(self, day: date) -> int:
        self.late_to(day)
        total = sum(row.left for row in self.rows)
        due = [row for row in self.rows if row.due <= day]
        for row in due:
            total += row.interest + row.late - row.late_paid + row.fee - row.fee_paid
        if len(due) < len(self.rows):
            place = len(due)
            row = self.rows[place]
            since = max(self.begins(place), self.served or self.start)
            total += self.interest(self.to_come(place), max((day - since).days, 0))
            total += row.late - row.late_paid + row.fee - row.fee_paid
        return total


def penalty_by_day(
    due: date,
    day: date,
    ppm: int,
    free_days: int,
    cap_ppm: int,
    base: int,
    paid: Sequence[tuple[date, int]],
) -> int:
    """The daily penalty of one row's principal, one day after another.

    `paid` is what of the principal was paid and when; the base of a day is what payments of earlier
    days left; the cap is a share of the base on the due date.
    """
    at_due = base - sum(units for when, units in paid if when <= due)
    total = 0
    today = due + (free_days + 1) * DAY
    while today <= day:
        total += base - sum(units for when, units in paid if when < today)
        today += DAY
    return half_up(Fraction(min(total * ppm, at_due * cap_ppm), MILLION))


def declining(
    principal: int, rates: Sequence[Fraction], unit: int, *, first_rate: bool
) -> list[tuple[int, int]]:
    """Principal and interest of equal instalments, half up; the last takes what is left."""
    count = len(rates)
    exact = annuity(principal, rates[0], count) if first_rate else annuity_of_each(principal, rates)
    instalment, balance = half_up(exact, unit), principal
    rows = []
    for place, rate in enumerate(rates):
        interest = half_up(balance * rate)
        part = balance if place == count - 1 else instalment - interest
        rows.append((part, interest))
        balance -= part
    return rows


def equal_principal(principal: int, rates: Sequence[Fraction]) -> list[tuple[int, int]]:
    """Principal in equal parts, interest on what is left; the last takes the rest."""
    count, balance = len(rates), principal
    part = half_up(Fraction(principal, count))
    rows = []
    for place, rate in enumerate(rates):
        own = balance if place == count - 1 else part
        rows.append((own, half_up(balance * rate)))
        balance -= own
    return rows


def flat_by_months(principal: int, ppm: int, count: int) -> list[tuple[int, int]]:
    """Flat interest by twelfths of a year: the total rounded once, the last row takes the rest."""
    month = Fraction(principal * ppm, 12 * MILLION)
    part, share = half_up(Fraction(principal, count)), half_up(month)
    total = half_up(month * count)
    rows = [(part, share)] * (count - 1)
    return [*rows, (principal - part * (count - 1), total - share * (count - 1))]
