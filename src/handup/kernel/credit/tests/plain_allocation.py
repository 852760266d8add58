"""What payments settle, and what a reschedule makes of the rows, worked out a second time.

In and out go the plain values of the calculation vectors; nothing of the engine is used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from handup.kernel.credit.tests.plain_schedule import Refused, periods_on, rounded

Case = Mapping[str, Any]
PARTS = ("PENALTY", "FEE", "INTEREST", "PRINCIPAL")


@dataclass
class PlainRow:
    """One row: what it asks for and what was paid of it."""

    due: str
    kind: str
    asked: dict[str, int]
    extra: bool = False
    paid: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    early: int = 0
    late: int = 0

    def open(self, parts: Iterable[str] = PARTS) -> int:
        return sum(self.asked[part] - self.paid[part] for part in parts)


class PlainLedger:
    """Events in booking order; played again from the start when the rule says so."""

    def __init__(self, given: Case) -> None:
        self.given = given
        self.strategy = given["strategy"]
        self.charges: list[Case] = []
        self.payments: list[Case] = []
        self.begin()

    def begin(self) -> None:
        self.rows = [
            PlainRow(
                item["due_date"],
                item["kind"],
                {
                    "PENALTY": 0,
                    "FEE": 0,
                    "INTEREST": item["interest"],
                    "PRINCIPAL": item["principal"],
                },
            )
            for item in self.given["instalments"]
        ]
        self.splits: dict[str, dict[str, Any]] = {}

    def answer(self) -> dict[str, Any]:
        """What the vector would expect."""
        for event in self.given["events"]:
            self.book(event)
        rows = []
        for number, row in enumerate(self.rows, 1):
            asked = {part.lower(): row.asked[part] for part in PARTS}
            paid = sum(row.paid.values())
            early_and_late = {"paid_early": row.early, "paid_late": row.late}
            left = {"paid": paid, **early_and_late, "left": row.open()}
            rows.append({"n": number, "due_date": row.due, **asked, **left})
        order = [event["payment"] for event in self.given["events"] if "payment" in event]
        splits = [self.splits[name] for name in dict.fromkeys(order) if name in self.splits]
        return {
            "instalments": rows,
            "payments": splits,
            "left": sum(row.open() for row in self.rows),
            "overpaid": sum(split["overpaid"] for split in splits),
        }

    def book(self, event: Case) -> None:
        latest = max((payment["date"] for payment in self.payments), default="")
        if event["event"] == "CHARGE":
            self.charges.append(event)
            if event["due_date"] <= latest:
                self.again()
            else:
                self.add(event)
        elif event["event"] == "REVERSE":
            self.payments = [p for p in self.payments if p["payment"] != event["payment"]]
            self.again()
        else:
            self.payments.append(event)
            if event["date"] < latest:
                self.again()
            else:
                self.pay(event)

    def again(self) -> None:
        self.begin()
        for charge in self.charges:
            self.add(charge)
        for payment in sorted(self.payments, key=lambda item: item["date"]):
            self.pay(payment)

    def add(self, charge: Case) -> None:
        day, part = charge["due_date"], charge["component"]
        for row in self.rows:
            if row.kind == "INSTALMENT" and not row.extra and day <= row.due:
                row.asked[part] += charge["amount"]
                return
        if not self.rows[-1].extra:
            self.rows.append(PlainRow(day, "INSTALMENT", dict.fromkeys(PARTS, 0), extra=True))
        last = self.rows[-1]
        last.due = max(last.due, day)
        last.asked[part] += charge["amount"]

    def pay(self, payment: Case) -> None:
        self.day: str = payment["date"]
        self.money: int = payment["amount"]
        self.split = dict.fromkeys(PARTS, 0)
        if self.strategy["name"] == "MATRIX":
            self.matrix(payment["advance_to"])
        else:
            self.in_rows(first=self.strategy["name"] == "PRINCIPAL_FIRST_IN_ADVANCE")
        parts = {part.lower(): units for part, units in self.split.items()}
        name = payment["payment"]
        self.splits[name] = {"payment": name, **parts, "overpaid": self.money}

    def put(self, row: PlainRow, part: str, most: int) -> int:
        units = max(min(self.money, most, row.asked[part] - row.paid[part]), 0)
        self.money -= units
        row.paid[part] += units
        self.split[part] += units
        row.early += units if self.day < row.due else 0
        row.late += units if self.day > row.due else 0
        return units

    def in_rows(self, *, first: bool) -> None:
        for row in self.rows:
            if first and row.due > self.day:
                for part in self.strategy["components"]:
                    if part != "INTEREST":
                        self.put(row, part, self.most_ahead(part))
            for part in self.strategy["components"]:
                self.put(row, part, self.money)

    def most_ahead(self, part: str) -> int:
        """A charge ahead of its row: no more than what is due by now over the whole loan."""
        if part == "PRINCIPAL":
            return self.money
        due: int = sum(
            charge["amount"]
            for charge in self.charges
            if charge["component"] == part and charge["due_date"] <= self.day
        )
        return due - sum(row.paid[part] for row in self.rows)

    def matrix(self, advance_to: str) -> None:
        groups: list[tuple[str, list[str]]] = []
        for cell in self.strategy["order"]:
            joins = self.strategy["processing"] == "HORIZONTAL" and groups
            if joins and groups[-1][0] == cell["when"]:
                groups[-1][1].append(cell["component"])
            else:
                groups.append((cell["when"], [cell["component"]]))
        for when, parts in groups:
            rows = [row for row in self.rows if self.when(row) == when]
            ahead = when == "IN_ADVANCE"
            if ahead and advance_to == "SPREAD_EVENLY":
                self.spread(rows, parts)
                continue
            for row in reversed(rows) if ahead and advance_to == "LAST_INSTALMENT" else rows:
                for part in parts:
                    self.put(row, part, self.money)

    def when(self, row: PlainRow) -> str:
        if row.due == self.day:
            return "DUE"
        return "PAST_DUE" if row.due < self.day else "IN_ADVANCE"

    def spread(self, rows: Sequence[PlainRow], parts: Sequence[str]) -> None:
        while self.money:
            still = [row for row in rows if row.open(parts)]
            if not still:
                return
            share = round(Fraction(self.money, len(still)))
            shares = [share] * (len(still) - 1) + [self.money - share * (len(still) - 1)]
            if not share:
                shares = [self.money] + [0] * (len(still) - 1)
            for row, units in zip(still, shares, strict=True):
                left = units
                for part in parts:
                    left -= self.put(row, part, left)


def rescheduled(given: Case) -> dict[str, Any]:
    """The rows after a reschedule, as a vector would expect them. Raises Refused."""
    asked, period = given["request"], given["period"]
    rows = [dict(row) for row in given["instalments"]]
    at = [
        place
        for place, row in enumerate(rows)
        if row["kind"] == "INSTALMENT" and row["due_date"] >= asked["from_due_date"]
    ]
    if not at:
        raise Refused("NOTHING_TO_RESCHEDULE")
    kept, changed = rows[: at[0]], rows[at[0] :]
    start = date.fromisoformat(changed[0]["due_date"])
    if asked["shift_to"]:
        if asked["shift_to"] < changed[0]["due_date"]:
            raise Refused("EARLIER_THAN_DUE")
        start = date.fromisoformat(asked["shift_to"])
        for place, row in enumerate(changed):
            row["due_date"] = periods_on(start, place, period).isoformat()
    grace, extra = asked["principal_grace"], asked["extra_instalments"]
    principals, interest = [row["principal"] for row in changed], changed[-1]["interest"]
    for _ in range(grace + extra):
        day = periods_on(start, len(changed), period).isoformat()
        changed.append({"kind": "INSTALMENT", "due_date": day, "interest": interest})
    if extra:
        number = len(principals) + extra
        part = rounded(Fraction(sum(principals), number), "HALF_EVEN", given["instalment_unit"])
        principals = [part] * (number - 1) + [sum(principals) - part * (number - 1)]
    for row, units in zip(changed, [0] * grace + principals, strict=True):
        if units < 0:
            raise Refused("NEGATIVE_ROW")
        row["principal"] = units
    if asked["new_annual_rate_percent"] is not None:
        year = given["principal"] * Fraction(asked["new_annual_rate_percent"]) / 100
        in_year = 52 if period["unit"] == "WEEK" else 12
        for row in changed:
            row["interest"] = round(year * period["every"] / in_year)
    names = ("kind", "due_date", "principal", "interest")
    return {
        "instalments": [
            {"n": number, **{name: row[name] for name in names}}
            for number, row in enumerate([*kept, *changed], 1)
        ]
    }
