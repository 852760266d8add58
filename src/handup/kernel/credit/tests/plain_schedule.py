"""Schedules worked out a second time from the words of the rule, in fractions and day by day.

In and out go the plain values of the calculation vectors; nothing of the engine is used.
"""

import calendar
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

Case = Mapping[str, Any]
Parts = tuple[int, int]
"""Principal and interest of a row."""

_DAY = timedelta(days=1)


class Refused(Exception):
    """The code of the refusal the rule asks for."""


def rounded(x: Fraction, mode: str = "HALF_UP", unit: int = 1) -> int:
    """x to a multiple of a unit, as the words of the modes say."""
    scaled = x / unit
    if mode == "FLOOR":
        return floor(scaled) * unit
    if mode == "CEILING":
        return ceil(scaled) * unit
    if mode == "HALF_EVEN":
        return round(scaled) * unit
    away = floor(abs(scaled) + Fraction(1, 2))
    return (away if scaled >= 0 else -away) * unit


def _as(rounding: Case, x: Fraction) -> int:
    return rounded(x, rounding["mode"], rounding["unit"])


def months_on(day: date, months: int) -> date:
    """A day some months later; a day that the month lacks becomes its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def periods_on(day: date, count: int, period: Case) -> date:
    """A day some whole periods later."""
    steps = period["every"] * count
    if period["unit"] == "MONTH":
        return months_on(day, steps)
    return day + timedelta(days=steps * (7 if period["unit"] == "WEEK" else 1))


def year_fraction(given: Case, part: tuple[date, date], whole: tuple[date, date]) -> Fraction:
    """The years in a part of a period."""
    count, days = given["day_count"], (part[1] - part[0]).days
    if count in ("MONTHS_12", "WEEKS_52"):
        of_whole = Fraction(given["period"]["every"], 12 if count == "MONTHS_12" else 52)
        return of_whole if part == whole else of_whole * days / (whole[1] - whole[0]).days
    if count != "ACTUAL_ACTUAL":
        return Fraction(days, 365 if count == "DAYS_365" else 360)
    total, day = Fraction(0), part[0]
    while day < part[1]:  # the year is cut at 31 December: that day counts with the next one
        year = (day + _DAY).year
        total += Fraction(1, 366 if calendar.isleap(year) else 365)
        day += _DAY
    return total


def annuity(balance: int, rates: Sequence[Fraction]) -> Fraction:
    """The equal instalment that is worth the balance at these rates."""
    worth, factor = Fraction(0), Fraction(1)
    for rate in rates:
        factor /= 1 + rate
        worth += factor
    return balance / worth


class PlainSchedule:
    """The rows of one loan, from the terms as a vector gives them."""

    def __init__(self, given: Case) -> None:
        self.given = given
        self.rate = Fraction(given["annual_rate_percent"]) / 100
        handed = [
            (date.fromisoformat(item["date"]), item["amount"]) for item in given["disbursements"]
        ]
        self.handed = sorted(handed, key=lambda item: item[0])
        share = Fraction(given["down_payment_percent"] or 0) / 100
        unit = given["instalment_rounding"]["unit"]
        self.downs = [rounded(units * share, "HALF_EVEN", unit) for _, units in self.handed]
        self.start = date.fromisoformat(given["first_period_from"])
        self.due = [date.fromisoformat(day) for day in given["due_dates"]]
        self.grace = given["grace"]["principal"]
        self.free = given["grace"]["interest_free"]

    def answer(self) -> dict[str, Any]:
        """What the vector would expect. Raises Refused."""
        parts = self._parts()
        waiting = self.given["grace"]["interest_payment"]
        if waiting:
            later = sum(interest for _, interest in parts[:waiting])
            parts[:waiting] = [(principal, 0) for principal, _ in parts[:waiting]]
            parts[waiting] = (parts[waiting][0], parts[waiting][1] + later)
        rows = [
            (day, 0, "DOWN_PAYMENT", (down, 0))
            for (day, _), down in zip(self.handed, self.downs, strict=True)
            if down
        ]
        rows += [(day, 1, "INSTALMENT", part) for day, part in zip(self.due, parts, strict=True)]
        rows.sort(key=lambda row: row[:2])
        found: list[dict[str, Any]] = []
        paid = 0
        for number, (day, _, kind, (principal, interest)) in enumerate(rows, 1):
            if principal < 0 or interest < 0:
                raise Refused("NEGATIVE_ROW")
            paid += principal
            lent = sum(units for when, units in self.handed if when <= day)
            found.append(
                {
                    "n": number,
                    "kind": kind,
                    "due_date": day.isoformat(),
                    "principal": principal,
                    "interest": interest,
                    "due": principal + interest,
                    "balance": lent - paid,
                }
            )
        return {
            "rows": found,
            "total_interest": sum(row["interest"] for row in found),
            "total_due": sum(row["due"] for row in found),
        }

    def _parts(self) -> list[Parts]:
        if self.given["repayment"] == "FIXED_INSTALMENT":
            return self._given_instalment()
        bounds = [self.start, *self.due]
        self.wholes = list(zip(bounds, self.due, strict=False))
        self.nominal = [self.rate * year_fraction(self.given, p, p) for p in self.wholes]
        self.rates = [
            Fraction(0) if place < self.free else rate for place, rate in enumerate(self.nominal)
        ]
        if self.given["method"] == "FLAT":
            return self._flat()
        if self.given["repayment"] != "EQUAL_INSTALMENTS":
            return self._planned()
        if self.given["annuity"] == "FIRST_PERIOD_RATE":
            lent = self.handed[0][1] - self.downs[0]
            rates = [self.nominal[0]] * (len(self.due) - self.grace)
            return self._equal(lent, 0, annuity(lent, rates), {})
        return self._tranches()

    def _interest(self, x: Fraction) -> int:
        return _as(self.given["interest_rounding"], x)

    def _given_instalment(self) -> list[Parts]:
        left, begin = self.handed[0][1] - self.downs[0], self.start
        parts: list[Parts] = []
        while left:
            end = periods_on(self.start, len(parts) + 1, self.given["period"])
            whole = (begin, end)
            interest = self._interest(left * self.rate * year_fraction(self.given, whole, whole))
            if self.given["instalment"] <= interest:
                raise Refused("INSTALMENT_BELOW_INTEREST")
            principal = min(left, self.given["instalment"] - interest)
            parts.append((principal, interest))
            self.due.append(end)
            left, begin = left - principal, end
        return parts

    def _regular_principal(self, lent: int) -> int:
        if self.given["repayment"] == "PERCENT_OF_PRINCIPAL":
            exact = lent * Fraction(self.given["principal_percent"]) / 100
        else:
            exact = Fraction(lent, len(self.due) - self.grace)
        return _as(self.given["principal_rounding"], exact)

    def _planned(self) -> list[Parts]:
        left = self.handed[0][1] - self.downs[0]
        regular = self._regular_principal(left)
        parts: list[Parts] = []
        for place, rate in enumerate(self.rates):
            principal = 0 if place < self.grace else regular
            if place == len(self.due) - 1:
                principal = left
            parts.append((principal, self._interest(left * rate)))
            left -= principal
        return parts

    def _flat(self) -> list[Parts]:
        lent, count = self.handed[0][1], len(self.due)
        left, charged = lent - self.downs[0], count - self.free
        if self.given["day_count"] in ("MONTHS_12", "WEEKS_52"):
            each = lent * self.nominal[0]
            total = each * charged
        else:
            whole = (self.start, self.due[-1])
            total = lent * self.rate * year_fraction(self.given, whole, whole)
            each = total / charged
        share, rest = self._interest(each), self._interest(total)
        interests = [0] * self.free + [share] * (charged - 1) + [rest - share * (charged - 1)]
        coarse = self.given["instalment_rounding"]
        both = self.given["repayment"] == "EQUAL_INSTALMENTS" and coarse["unit"] > 1
        regular = self._regular_principal(left)
        part = _as(coarse, Fraction(left, count - self.grace))
        parts: list[Parts] = []
        for place, interest in enumerate(interests):
            principal = part + _as(coarse, Fraction(interest)) - interest if both else regular
            if place == count - 1:
                principal = left
            elif place < self.grace:
                principal = 0
            parts.append((principal, interest))
            left -= principal
        return parts

    def _equal(
        self, lent: int, first: int, exact: Fraction, known: Mapping[int, int]
    ) -> list[Parts]:
        """Rows from `first` on at one instalment, smoothed once; `known`: interest in pieces."""

        def run(instalment: int) -> list[Parts]:
            left = lent
            parts: list[Parts] = []
            for place in range(first, len(self.due)):
                interest = known.get(place)
                if interest is None:
                    interest = self._interest(left * self.rates[place])
                principal = 0 if place < self.grace else instalment - interest
                if place == len(self.due) - 1:
                    principal = left
                parts.append((principal, interest))
                left -= principal
            return parts

        return self._smoothed(run, exact, len(self.due) - max(first, self.grace))

    def _smoothed(
        self, run: Callable[[int], list[Parts]], exact: Fraction, fixed: int
    ) -> list[Parts]:
        coarse = self.given["instalment_rounding"]
        instalment = _as(coarse, exact)
        parts = run(instalment)
        if self.given["smoothing"] == "NONE" or fixed < 2:
            return parts
        gap = sum(parts[-1]) - sum(parts[-2])
        if abs(gap) <= fixed // 2:
            return parts
        tried = run(_as(coarse, Fraction(instalment + round(Fraction(gap, fixed)))))
        return tried if abs(sum(tried[-1]) - sum(tried[-2])) < abs(gap) else parts

    def _tranches(self) -> list[Parts]:
        received: dict[date, int] = {}
        for (day, units), down in zip(self.handed, self.downs, strict=True):
            day = max(day, self.start)
            received[day] = received.get(day, 0) + units - down
        parts: list[Parts] = [(0, 0)] * len(self.due)
        pieces: dict[int, list[tuple[date, int]]] = {}
        known: dict[int, int] = {}
        lent = 0
        for day, units in sorted(received.items()):
            place = max(at for at, whole in enumerate(self.wholes) if whole[0] <= day)
            before = lent - sum(principal for principal, _ in parts[:place])
            lent += units
            begin, end = whole = self.wholes[place]
            if day > begin:
                runs = pieces.setdefault(place, [(begin, before)])
                runs.append((day, before + units))
                stops = [first for first, _ in runs[1:]] + [end]
                interests = [
                    self._interest(
                        left * self.rate * year_fraction(self.given, (first, stop), whole)
                    )
                    for (first, left), stop in zip(runs, stops, strict=True)
                ]
                known[place] = 0 if place < self.free else sum(interests)
            left = before + units
            exact = annuity(left, self.rates[max(place, self.grace) :])
            parts[place:] = self._equal(left, place, exact, known)
        return parts


def three_places(given: Case) -> dict[str, Any]:
    """Equal periods under three roundings, as a vector would expect them. Raises Refused."""
    lent, count, grace = given["principal"], given["instalments"], given["grace_principal"]
    year = Fraction(given["annual_rate_percent"]) / 100
    rate = year / 12 if given["period"] == "MONTH" else year * 7 / given["days_in_year"]
    places, equal = given["rounding"], Fraction(lent, count - grace)

    def part(x: Fraction) -> int:
        return rounded(x, places["part_mode"])

    instalment, left = annuity(lent, [rate] * (count - grace)), Fraction(lent)
    exact: list[tuple[Fraction, Fraction]] = []
    for place in range(count):
        interest = (lent if given["method"] == "FLAT" else left) * rate
        annuities = given["method"] == "DECLINING_EQUAL_INSTALMENTS"
        principal = instalment - interest if annuities else equal
        exact.append((Fraction(0) if place < grace else principal, interest))
        left -= exact[-1][0]
    interests = sum((interest for _, interest in exact), Fraction(0))
    fee = _fee(given["fee"], lent, interests)
    total = rounded(lent + interests + fee * count, places["total_mode"], places["total_unit"])
    rows: list[list[int]] = []
    for place, (principal, interest) in enumerate(exact[:-1]):
        whole = principal + interest + fee
        due = rounded(whole, places["instalment_mode"], places["instalment_unit"])
        if place < grace:
            own = 0
        elif given["method"] == "DECLINING_EQUAL_PRINCIPAL":
            own = part(principal)
        else:
            own = due - part(interest) - part(fee)
        rows.append([own, due - own - part(fee), part(fee), due])
    gone = [sum(row[at] for row in rows) for at in range(4)]
    own, charged, due = lent - gone[0], part(fee * count) - gone[2], total - gone[3]
    rows.append([own, due - own - charged, charged, due])
    if any(min(row) < 0 for row in rows):
        raise Refused("NEGATIVE_ROW")
    names = ("principal", "interest", "fee", "due")
    return {
        "rows": [
            {"n": number, **dict(zip(names, row, strict=True))}
            for number, row in enumerate(rows, 1)
        ],
        "total_due": total,
    }


def _fee(asked: Case, lent: int, interests: Fraction) -> Fraction:
    if asked["basis"] == "AMOUNT":
        return Fraction(asked["amount"])
    bases = {
        "NONE": Fraction(0),
        "PERCENT_OF_PRINCIPAL": Fraction(lent),
        "PERCENT_OF_INTEREST": interests,
        "PERCENT_OF_BOTH": lent + interests,
    }
    return bases[asked["basis"]] * Fraction(asked["percent"] or 0) / 100
