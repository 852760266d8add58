"""Figures of a portfolio summed in the database: ageing, ratios, cohorts, concentration. No loan is
loaded; the loans behind a figure: `figure_loans`; what fell due and was paid of it: `fallen_due`.

Amounts are units of one currency: hand in loans of one currency only.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from handup.ledger.sql import as_date, as_uuid, day_literal, days_between
from handup.lending.columns.asking import cube_rows
from handup.lending.following import NOT_TOLD_BY_ROWS, not_told_by_rows, stood
from handup.lending.models import Loan
from handup.lending.portfolio import (
    ENDED_HERE,
    STARTED,
    TAKEN_ON,
    WRITTEN_OFF,
    Loans,
    counts_as_risk,
    fetch,
    last_agreed,
    limited,
    money_in,
    not_reversed,
    standing,
    went_on,
)
from handup.lending.rules.ratios import AGEING, AgeBucket, Ratio, RatioId

PAR_DAYS = (30, 60, 90)
LATE_COHORT_DAYS = 30


# --- one day --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Cell:
    """Loans between two numbers of days late, restructured or not."""

    loans: int = 0
    principal: int = 0
    overdue: int = 0


@dataclass(slots=True)
class Standing:
    """A portfolio at the end of a day, by days late and whether restructured."""

    on: date
    cells: dict[tuple[int, bool], Cell] = field(default_factory=dict)
    overdue_loans: int = 0

    @property
    def principal(self) -> int:
        """The gross portfolio."""
        return sum(cell.principal for cell in self.cells.values())

    @property
    def loans(self) -> int:
        """How many loans owe something."""
        return sum(cell.loans for cell in self.cells.values())

    def at_risk(self, days: int, *, count_restructured: bool = True) -> Ratio:
        """PAR(days); days must be an end of an ageing bucket."""
        risky = [
            cell
            for (place, restructured), cell in self.cells.items()
            if AGEING[place][0] > days or (count_restructured and restructured)
        ]
        return Ratio(
            RatioId.PAR,
            sum(cell.principal for cell in risky),
            self.principal,
            parameter=days,
            numerator_loans=sum(cell.loans for cell in risky),
            loans=self.loans,
        )

    def arrears_rate(self) -> Ratio:
        """Overdue principal / gross portfolio."""
        return Ratio(
            RatioId.ARREARS_RATE,
            sum(cell.overdue for cell in self.cells.values()),
            self.principal,
            numerator_loans=self.overdue_loans,
            loans=self.loans,
        )

    def ageing(self) -> tuple[AgeBucket, ...]:
        """Outstanding principal by days late; the buckets sum to the gross portfolio."""
        found = []
        for place, (low, high) in enumerate(AGEING):
            cells = [cell for (at, _marked), cell in self.cells.items() if at == place]
            loans = sum(cell.loans for cell in cells)
            found.append(AgeBucket(low, high, loans, sum(cell.principal for cell in cells)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Share:
    """One lender, office, officer or product: its loans, principal, and what of it is at risk."""

    id: UUID | None
    loans: int
    principal: int
    at_risk: int


DIMENSIONS = ("lender", "office", "officer", "product")


@dataclass(frozen=True, slots=True)
class Group:
    """Loans that are alike in all that the page shows: one row of the cube."""

    place: int
    restructured: bool
    keys: dict[str, UUID | None]
    quarter: int
    loans: int
    principal: int
    overdue: int
    overdue_loans: int

    @property
    def risky(self) -> bool:
        """More than 30 days late, or restructured."""
        return self.restructured or AGEING[self.place][0] > LATE_COHORT_DAYS


@dataclass(frozen=True, slots=True)
class Cube:
    """A portfolio at the end of a day, by days late, restructured or not, lender, office, officer,
    product and quarter of paying out: everything the page shows, from one statement.
    """

    on: date
    groups: tuple[Group, ...]
    copied_at: datetime | None = None
    """When the copy was made it comes from; nothing for the database itself."""

    def standing(self, lenders: Collection[UUID] | None = None) -> Standing:
        """By days late and whether restructured; of some lenders or of all."""
        found = Standing(self.on)
        for group in self.groups:
            if lenders is not None and group.keys["lender"] not in lenders:
                continue
            cell = found.cells.setdefault((group.place, group.restructured), Cell())
            cell.loans += group.loans
            cell.principal += group.principal
            cell.overdue += group.overdue
            found.overdue_loans += group.overdue_loans
        return found

    def shares(self, dimension: str) -> list[Share]:
        """By lender, office, officer or product, the largest first."""
        sums: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0, 0])
        for group in self.groups:
            held = sums[group.keys[dimension]]
            held[0] += group.loans
            held[1] += group.principal
            held[2] += group.principal * group.risky
        found = [Share(pk, *held) for pk, held in sums.items()]
        return sorted(found, key=lambda share: (-share.principal, str(share.id)))

    def by_quarter(self) -> dict[int, tuple[int, int]]:
        """Outstanding principal, and what of it is more than 30 days late, by quarter."""
        found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for group in self.groups:
            found[group.quarter][0] += group.principal
            if AGEING[group.place][0] > LATE_COHORT_DAYS:
                found[group.quarter][1] += group.principal
        return {quarter: (held[0], held[1]) for quarter, held in found.items()}


def _quarter(loan: str = "l") -> str:
    """The quarter a loan was paid out in, as a number that counts on over the years."""
    day = f"{loan}.disbursed_date"
    if connection.vendor == "postgresql":
        return (
            f"CAST(date_part('year', {day}) * 4"
            f" + floor((date_part('month', {day}) - 1) / 3) AS bigint)"
        )
    return (
        f"CAST(substr({day}, 1, 4) AS INTEGER) * 4 + (CAST(substr({day}, 6, 2) AS INTEGER) - 1) / 3"
    )


CUBE_COLUMNS = (
    *("lender_id", "office_id", "officer_id", "product_version_id"),
    *("disbursed_date", "restructured_date"),
)


def cube(on: date, loans: Loans | None = None, *, copied: bool = True) -> Cube:
    """A portfolio at the end of a day, in one statement; from the copy in columns where one is kept
    and knows the day, unless `copied` says that it is asked as it stands now.
    """
    found = cube_rows(on, loans) if copied else None
    if found is not None:
        rows = tuple(_group(row) for row in found.rows)
        return Cube(on, (*rows, *_not_copied(on, loans)), found.made_at)
    select, values = standing(on, loans, CUBE_COLUMNS)
    place = " ".join(
        f"WHEN p.arrears_days <= {high} THEN {number}"
        for number, (_low, high) in enumerate(AGEING)
        if high is not None
    )
    keys = ", ".join(f"p.{name}" for name in CUBE_COLUMNS[:4])
    sql = (
        f"SELECT q.place, q.marked, q.quarter, q.loans, q.principal, q.overdue, q.late,"
        " q.lender_id, q.office_id, q.officer_id, v.product_id FROM ("
        f"SELECT CASE {place} ELSE {len(AGEING) - 1} END AS place,"
        f" {counts_as_risk(on, 'p', 'loan_id')} AS marked, {_quarter('p')} AS quarter,"
        " COUNT(*) AS loans, SUM(p.principal) AS principal, SUM(p.overdue_principal) AS overdue,"
        f" SUM(CASE WHEN p.overdue_principal > 0 THEN 1 ELSE 0 END) AS late, {keys}"
        f" FROM ({select}) p WHERE p.principal > 0 GROUP BY place, marked, quarter, {keys}"
        ") q LEFT JOIN lending_productversion v ON v.id = q.product_version_id"
    )
    return Cube(on, tuple(_group(row) for row in fetch(sql, values)))


def _group(row: Sequence[Any]) -> Group:
    at, marked, quarter, count, principal, overdue, late, *ids = row
    named = {
        name: None if pk is None else as_uuid(pk) for name, pk in zip(DIMENSIONS, ids, strict=True)
    }
    return Group(
        int(at), bool(marked), named, int(quarter),
        count, int(principal), int(overdue), int(late),
    )  # fmt: skip


def _not_copied(on: date, loans: Loans | None) -> tuple[Group, ...]:
    """The loans whose interest follows the balance, which no copy holds."""
    rows = (Loan.objects.all() if loans is None else loans).filter(follows_balance=True)
    return cube(on, rows, copied=False).groups if rows.exists() else ()


def portfolio(on: date, loans: Loans | None = None) -> Standing:
    """A portfolio at the end of a day, by days late."""
    return cube(on, loans).standing()


# --- repayment ------------------------------------------------------------------------------------


def repaid_number(on: date, loans: Loans | None = None) -> Ratio:
    """REPAID_NUMBER: loans fully repaid / loans past their last agreed due date."""
    at = day_literal(on)
    condition, values = limited(loans, "l.id")
    sql = (
        f"SELECT COUNT(*), SUM(CASE WHEN l.settled_date <= {at} THEN 1 ELSE 0 END)"
        f" FROM lending_loan l WHERE {last_agreed(on)} < {at} AND {TAKEN_ON.format(at=at)}"
        f" AND {ENDED_HERE.format(last_due=last_agreed(on))}{condition}"
    )
    ((count, repaid),) = fetch(sql, values)
    return Ratio(
        RatioId.REPAID_NUMBER,
        int(repaid or 0),
        count,
        numerator_loans=int(repaid or 0),
        loans=count,
    )


def received_between(first: date, last: date, loans: Loans | None = None) -> tuple[int, int]:
    """All money received from borrowers in a period, and how many loans paid."""
    condition, values = limited(loans, "e.loan_id")
    sql = (
        "SELECT SUM(e.units), COUNT(DISTINCT e.loan_id) FROM lending_loanevent e"
        f" WHERE {money_in('e', first, last)}{condition}"
    )
    ((units, payers),) = fetch(sql, values)
    return int(units or 0), payers


def written_off_between(first: date, last: date, loans: Loans | None = None) -> tuple[int, int]:
    """Principal written off in a period, and of how many loans."""
    condition, values = limited(loans, "e.loan_id")
    sql = (
        "SELECT SUM(e.units), COUNT(DISTINCT e.loan_id) FROM lending_loanevent e"
        f" WHERE e.kind = 'WRITTEN_OFF' AND e.value_date >= {day_literal(first)}"
        f" AND e.value_date <= {day_literal(last)} AND {not_reversed('e')}{condition}"
    )
    ((units, count),) = fetch(sql, values)
    return int(units or 0), count


def terms_of(first: date, last: date, loans: Loans | None = None) -> tuple[int, int]:
    """The days of the terms of the loans with something due in a period, and how many they are."""
    condition, values = limited(loans, "l.id")
    sql = (
        f"SELECT SUM({days_between('l.disbursed_date', 'l.last_due_date')}), COUNT(*)"
        f" FROM lending_loan l WHERE {STARTED.format(at=day_literal(last))}"
        f" AND l.last_due_date >= {day_literal(first)}{condition}"
    )
    ((days, count),) = fetch(sql, values)
    return int(days or 0), count


def gross_at(days: Sequence[date], loans: Loans | None = None) -> list[int]:
    """The gross portfolio at the end of several days: lent less principal paid less written off.

    What was lent of a loan whose principal a change made more, or took away, is read from its dated
    rows; a loan that was handed over takes its principal along. Four statements, however many days.
    """
    condition, values = limited(loans, "e.loan_id")
    split_condition, split_values = limited(loans, "s.loan_id")
    row_condition, row_values = limited(loans, "d.loan_id")
    moved: dict[date, int] = defaultdict(int)
    last = day_literal(max(days))
    told = f"SELECT l.id FROM lending_loan l WHERE {NOT_TOLD_BY_ROWS}"
    grown = (
        "SELECT g.id FROM lending_loan g WHERE g.capitalised_units > 0 OR g.state = 'TRANSFERRED'"
    )
    events = (
        "SELECT e.value_date, SUM(CASE WHEN e.kind = 'WRITTEN_OFF' THEN -e.units ELSE e.units END)"
        " FROM lending_loanevent e"
        " WHERE (e.kind = 'WRITTEN_OFF' OR (e.kind IN ('DISBURSED', 'OPENING_POSITION')"
        f" AND e.loan_id NOT IN ({grown}))) AND e.value_date <= {last}"
        f" AND e.loan_id NOT IN ({told}) AND {not_reversed('e')}{condition} GROUP BY e.value_date"
    )
    of_rows = (
        "FROM lending_loandue d WHERE d.replaced_at IS NULL"
        f" AND d.loan_id IN ({grown}) AND d.loan_id NOT IN ({told})"
    )
    rows = (
        f"SELECT d.from_date, SUM(d.principal_units) {of_rows} AND d.from_date <= {last}"
        f"{row_condition} GROUP BY d.from_date UNION ALL"
        f" SELECT d.to_date, -SUM(d.principal_units) {of_rows} AND d.to_date <= {last}"
        f"{row_condition} GROUP BY d.to_date"
    )
    splits = (
        "SELECT s.value_date, -SUM(s.principal_units) FROM lending_paymentsplit s"
        f" WHERE s.replaced_at IS NULL AND s.value_date <= {last}"
        f" AND s.loan_id NOT IN ({told}){split_condition} GROUP BY s.value_date"
    )
    gone_condition, gone_values = limited(loans, "g.id")
    gone = (
        "SELECT g.moved_date, -SUM(g.principal_units) FROM lending_loan g"
        f" WHERE g.moved_date <= {last} AND g.id NOT IN ({told}){gone_condition}"
        " GROUP BY g.moved_date"
    )
    asked_for = (
        (events, values),
        (rows, [*row_values, *row_values]),
        (splits, split_values),
        (gone, gone_values),
    )
    for sql, chosen in asked_for:
        for on, units in fetch(sql, chosen):
            moved[as_date(on)] += int(units)
    by_fold = not_told_by_rows(loans).exists()
    return [
        sum(units for on, units in moved.items() if on <= asked)
        + (sum(item.principal for item in stood(asked, loans)) if by_fold else 0)
        for asked in days
    ]


# --- cohorts and concentration --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cohort:
    """Loans paid out in one quarter: what was lent, what is left, what is late, what was lost."""

    first: date
    last: date
    loans: int
    lent: int
    principal: int
    late: int
    written_off: int


def cohorts(held: Cube, loans: Loans | None = None, most: int = 12) -> list[Cohort]:
    """The last quarters of lending, the oldest first; late = more than 30 days. A loan that goes on
    under another lender counts once, there, in the quarter it was first paid out in.
    """
    condition, chosen = limited(loans, "l.id")
    at = day_literal(held.on)
    sql = (
        f"SELECT {_quarter()} AS quarter, COUNT(*), SUM(l.disbursed_units),"
        f" SUM(CASE WHEN l.id IN ({WRITTEN_OFF.format(at=at)}) THEN l.written_off_units ELSE 0 END)"
        f" FROM lending_loan l WHERE {STARTED.format(at=at)}"
        f" AND l.id NOT IN ({went_on(held.on)}){condition}"
        f" GROUP BY quarter ORDER BY quarter DESC LIMIT {most:d}"
    )
    standing_by = held.by_quarter()
    found = []
    for number, count, lent, lost in fetch(sql, chosen):
        year, quarter = divmod(int(number), 4)
        first = date(year, quarter * 3 + 1, 1)
        following = date(year + (quarter == 3), (quarter * 3 + 3) % 12 + 1, 1)
        principal, late = standing_by.get(int(number), (0, 0))
        last = following - timedelta(days=1)
        found.append(Cohort(first, last, count, int(lent), principal, late, int(lost)))
    return found[::-1]
