"""Reads of lending: positions as of any day, arrears, ratios, what is due; set-based on dated rows.

`verify` proves them equal to the fold. Every function takes the loans to look at as a queryset, so
that
a page hands in what its reader may see; None is every loan.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from handup.kernel.credit.dates import Pause
from handup.kernel.credit.penalties import paused_days
from handup.ledger.sql import as_date, as_uuid
from handup.lending.following import Stood, stood
from handup.lending.models import (
    Loan,
    LoanCure,
    LoanDue,
    LoanEnd,
    LoanEvent,
    LoanPause,
    PaymentSplit,
)
from handup.lending.rules import ratios
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import RECEIVED_KINDS
from handup.lending.rules.ratios import DueFact, Ending, Position, Ratio

Loans = models.QuerySet[Loan]


def _day(value: date) -> Any:
    return connection.ops.adapt_datefield_value(value)


def _limited(loans: Loans | None, column: str) -> tuple[str, list[Any]]:
    """The condition that a row belongs to one of the loans, and its parameters."""
    if loans is None:
        return "", []
    try:
        sql, values = loans.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return " AND 1 = 0", []
    return f" AND {column} IN ({sql})", list(values)


def _known(alias: str, known_at: datetime | None) -> tuple[str, list[Any]]:
    """The condition that a dated row counts: not replaced, or known and not yet replaced then."""
    if known_at is None:
        return f"{alias}.replaced_at IS NULL", []
    at = connection.ops.adapt_datetimefield_value(known_at)
    return (
        f"{alias}.received_at <= %s AND ({alias}.replaced_at IS NULL OR {alias}.replaced_at > %s)",
        [at, at],
    )


_POSITIONS = """
SELECT r.loan_id,
       SUM(r.principal_left),
       MIN(CASE WHEN r.late THEN r.due_date END),
       SUM(CASE WHEN r.late THEN r.principal_left ELSE 0 END),
       SUM(CASE WHEN r.late THEN r.unpaid ELSE 0 END)
FROM (
  SELECT q.*, q.due_date < %s AND q.unpaid + q.penalty > q.tolerated AS late FROM (
  SELECT d.loan_id, d.due_date,
         d.principal_units - COALESCE(p.principal, 0) AS principal_left,
         d.principal_units + d.interest_units + d.fee_units - COALESCE(p.paid, 0) AS unpaid,
         d.penalty_units - COALESCE(p.penalty, 0) AS penalty,
         n.arrears_tolerance_units AS tolerated
  FROM lending_loandue d JOIN lending_loan n ON n.id = d.loan_id
  LEFT JOIN (
    SELECT s.loan_id, s.number, SUM(s.principal_units) AS principal,
           SUM(s.principal_units + s.interest_units + s.fee_units) AS paid,
           SUM(s.penalty_units) AS penalty
    FROM lending_paymentsplit s
    WHERE s.value_date <= %s AND s.number IS NOT NULL AND {split_known}
    GROUP BY s.loan_id, s.number
  ) p ON p.loan_id = d.loan_id AND p.number = d.number
  WHERE d.from_date <= %s AND (d.to_date IS NULL OR d.to_date > %s) AND {due_known}
    AND (n.moved_date IS NULL OR n.moved_date > %s)
    AND NOT (n.follows_balance AND n.changed)
    AND d.loan_id NOT IN (
      SELECT w.loan_id FROM lending_loanevent w
      WHERE w.kind = 'WRITTEN_OFF' AND w.value_date <= %s
        AND {event_known}
        AND NOT EXISTS (
          SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id AND {reversal_known}
        )
    ){limited}
  ) q
) r
GROUP BY r.loan_id
"""


def positions(
    on: date, loans: Loans | None = None, known_at: datetime | None = None
) -> list[Position]:
    """Every loan with anything unpaid at the end of a day: principal, days late, what is overdue;
    none that a successor kept by then.

    One statement over the dated rows. Amounts leave penalties out: they are worked out to a day by
    the fold; a penalty that is kept, charged or paid, makes a loan late as well. known_at: as the
    books knew it at that instant.
    """
    split_sql, split_values = _known("s", known_at)
    due_sql, due_values = _known("d", known_at)
    limited_sql, limited_values = _limited(loans, "d.loan_id")
    at = [] if known_at is None else [connection.ops.adapt_datetimefield_value(known_at)]
    sql = _POSITIONS.format(
        split_known=split_sql,
        due_known=due_sql,
        event_known="w.received_at <= %s" if at else "1 = 1",
        reversal_known="x.received_at <= %s" if at else "1 = 1",
        limited=limited_sql,
    )
    day = _day(on)
    values = [
        *(day, day),
        *split_values,
        *(day, day),
        *due_values,
        *(day, day),
        *at,
        *at,
        *limited_values,
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    marked = counted_ids(on, loans)
    pauses = _pauses(on, loans, known_at)
    found = []
    for loan, principal, oldest, overdue_principal, overdue in rows:
        loan_id = as_uuid(loan)
        due_date = as_date(oldest) if oldest else on
        late = (on - due_date).days - paused_days(pauses.get(loan_id, ()), due_date, on)
        if principal or late:
            found.append(
                Position(
                    loan_id,
                    int(principal),
                    late,
                    int(overdue_principal),
                    int(overdue),
                    loan_id in marked,
                )
            )
    return found + [_folded(item, marked) for item in stood(on, loans, known_at)]


def _folded(item: Stood, marked: frozenset[UUID]) -> Position:
    """The position of a loan that only the fold can tell of."""
    return Position(
        *(item.loan_id, item.principal, item.arrears_days),
        *(item.overdue_principal, item.overdue_units, item.loan_id in marked),
    )


def counted_ids(on: date, loans: Loans | None = None) -> frozenset[UUID]:
    """Loans that count as at risk on a day because they were restructured or refinanced, as long as
    their terms say.
    """
    rows = (Loan.objects.all() if loans is None else loans).filter(restructured_date__lte=on)
    cured = LoanCure.objects.filter(
        Q(last_date=None) | Q(last_date__gte=on),
        loan_id=OuterRef("pk"),
        replaced_at=None,
        first_date__lte=on,
    )
    return frozenset(rows.filter(~Exists(cured)).order_by().values_list("pk", flat=True))


def _pauses(on: date, loans: Loans | None, known_at: datetime | None) -> dict[UUID, list[Pause]]:
    """Days of moratoria that do not count as days late, by loan."""
    rows = LoanPause.objects.filter(first_date__lte=on)
    if known_at is None:
        rows = rows.filter(replaced_at=None)
    else:
        known = Q(replaced_at=None) | Q(replaced_at__gt=known_at)
        rows = rows.filter(known, received_at__lte=known_at)
    if loans is not None:
        rows = rows.filter(loan__in=loans.order_by().values("pk"))
    found: dict[UUID, list[Pause]] = defaultdict(list)
    for loan_id, first, last in rows.order_by().values_list("loan_id", "first_date", "last_date"):
        found[loan_id].append(Pause(first, last))
    return found


def portfolio_at_risk(
    on: date, days: int = 30, loans: Loans | None = None, *, count_restructured: bool = True
) -> Ratio:
    """PAR(days) at the end of a day (CGAP definitions 2003)."""
    return ratios.portfolio_at_risk(
        positions(on, loans), days, count_restructured=count_restructured
    )


@dataclass(frozen=True, slots=True)
class LateLoan:
    """A loan in arrears at the end of a day, as it stands in the work list."""

    loan: Loan
    position: Position


def loans_in_arrears(on: date, loans: Loans | None = None) -> list[LateLoan]:
    """Loans with anything past due, the longest late first, then the largest overdue amount; none
    that a successor kept by then.
    """
    return late_loans(positions(on, loans))


def late_loans(positions: Sequence[Position]) -> list[LateLoan]:
    """Those of the positions that are late, the longest first, each with its loan."""
    late = {item.loan_id: item for item in positions if item.arrears_days}
    rows = Loan.objects.select_related("person", "enterprise", "officer", "lender").in_bulk(
        list(late)
    )
    found = [LateLoan(rows[pk], item) for pk, item in late.items()]
    return sorted(found, key=lambda row: (-row.position.arrears_days, -row.position.overdue_units))


def due_rows(until: date, loans: Loans | None = None) -> models.QuerySet[LoanDue]:
    """Rows of running loans that are due by a day and not paid in full, the oldest first; none of
    loans that a successor keeps.
    """
    rows = LoanDue.objects.filter(
        due_date__lte=until,
        settled_date=None,
        replaced_at=None,
        to_date=None,
        loan__state=LoanState.ACTIVE.value,
        loan__moved_date=None,
    )
    if loans is not None:
        rows = rows.filter(loan__in=loans.order_by().values("pk"))
    return rows.select_related("loan", "loan__person", "loan__enterprise").order_by(
        "due_date", "number"
    )


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One loan of a collection sheet: what falls due on the day, what is late, in smallest
    units.
    """

    loan: Loan
    due_units: int
    late_units: int

    @property
    def total_units(self) -> int:
        """What should be collected."""
        return self.due_units + self.late_units


def due_on(on: date, officer: UUID | None = None, loans: Loans | None = None) -> list[SheetLine]:
    """The collection sheet of a day, by officer: every loan with something due or late."""
    rows = due_rows(on, loans).select_related("loan__group", "loan__officer")
    if officer is not None:
        rows = rows.filter(loan__officer_id=officer)
    sums: dict[UUID, list[int]] = {}
    found: dict[UUID, Loan] = {}
    for row in rows:
        found[row.loan_id] = row.loan
        pair = sums.setdefault(row.loan_id, [0, 0])
        pair[0 if row.due_date == on else 1] += row.due_units - row.paid_units
    return [SheetLine(found[pk], due, late) for pk, (due, late) in sums.items()]


def due_facts(
    first: date,
    last: date,
    on: date | None = None,
    loans: Loans | None = None,
    *,
    as_due: bool = False,
) -> list[DueFact]:
    """Instalments that fell due in a period, as they were in force at the cut-off or (as_due) on
    their own day; what of each was paid by its day and by the cut-off. What a loan was paid before
    it went on under another lender is told by the loan it was.
    """
    cut_off = on or last
    at: Any = F("due_date") if as_due else cut_off
    rows = LoanDue.objects.filter(
        due_date__gte=first,
        due_date__lte=last,
        from_date__lte=at,
        replaced_at=None,
    ).filter(Q(to_date=None) | Q(to_date__gt=at))
    rows = rows.filter(Q(loan__moved_date=None) | Q(loan__moved_date__gt=F("due_date")))
    if loans is not None:
        rows = rows.filter(loan__in=loans.order_by().values("pk"))
    parts = (
        models.F("principal_units")
        + models.F("interest_units")
        + models.F("fee_units")
        + models.F("penalty_units")
    )
    paid_there = Q(event__kind=EventKind.OPENING_POSITION, event__payload__has_key="from")
    live = splits_of_row().filter(value_date__lte=cut_off).exclude(paid_there)
    before = splits_of_row().filter(paid_there)
    found = rows.order_by().annotate(
        before=sum_of(before, parts),
        before_principal=sum_of(before, F("principal_units")),
        on_time=sum_of(live.filter(value_date__lte=OuterRef("due_date")), parts),
        principal_paid=sum_of(live, models.F("principal_units")),
        due=parts,
    )
    asked = ("loan_id", "due_date", "due", "before", "principal_units", "before_principal")
    return [
        DueFact(loan, day, due - paid, principal - principal_before, on_time, principal_paid)
        for loan, day, due, paid, principal, principal_before, on_time, principal_paid in (
            found.values_list(*asked, "on_time", "principal_paid").iterator(chunk_size=2000)
        )
        if due > paid or not paid
    ]


def splits_of_row() -> models.QuerySet[PaymentSplit]:
    """The splits that count now of the row of an outer query: those of its loan and number."""
    return PaymentSplit.objects.filter(
        loan_id=OuterRef("loan_id"), number=OuterRef("number"), replaced_at=None
    ).order_by()


def sum_of(splits: models.QuerySet[PaymentSplit], parts: Combinable) -> Coalesce:
    """The sum of parts of such splits, 0 for none."""
    return Coalesce(Subquery(splits.values("loan_id").annotate(n=Sum(parts)).values("n")), 0)


def endings(on: date, loans: Loans | None = None) -> list[Ending]:
    """Every loan that was paid out: the last due date agreed by a day, and when it was repaid."""
    before = LoanEnd.objects.filter(loan_id=OuterRef("pk"), replaced_at=None, to_date__gt=on)
    whose = Loan.objects.all() if loans is None else loans
    rows = whose.filter(Q(opening_date=None) | Q(opening_date__lte=on)).annotate(
        agreed=Coalesce(
            Subquery(before.order_by("to_date").values("due_date")[:1]), F("last_due_date")
        )
    )
    known_here = Q(moved_date=None) | Q(moved_date__gt=F("agreed")) | ~Q(settled_date=None)
    return [
        Ending(pk, last, settled)
        for pk, last, settled in rows.filter(known_here)
        .exclude(agreed=None)
        .order_by()
        .values_list("pk", "agreed", "settled_date")
    ]


def repaid_number(on: date, loans: Loans | None = None) -> Ratio:
    """REPAID_NUMBER: loans fully repaid ÷ loans past their last agreed due date."""
    return ratios.repaid_number(endings(on, loans), on)


def on_time(first: date, last: date, loans: Loans | None = None) -> Ratio:
    """ON_TIME of a period."""
    return ratios.on_time(due_facts(first, last, last, loans, as_due=True), first, last)


def repaid_principal(on: date, loans: Loans | None = None) -> Ratio:
    """REPAID_PRINCIPAL at a cut-off: collection by value."""
    return ratios.repaid_principal(due_facts(date.min, on, on, loans), on)


def recovery_current(first: date, last: date, loans: Loans | None = None) -> Ratio:
    """RECOVERY_CURRENT of a period: all received ÷ all due in it."""
    insured = Q(kind=EventKind.INSURANCE_PAID)
    came = Cast(KeyTextTransform("received_date", "payload"), models.TextField())
    events = LoanEvent.objects.annotate(came=came).filter(
        insured & Q(came__gte=first.isoformat(), came__lte=last.isoformat())
        | ~insured & Q(value_date__gte=first, value_date__lte=last),
        kind__in=RECEIVED_KINDS,
        reversed_by=None,
    )
    if loans is not None:
        events = events.filter(loan__in=loans.order_by().values("pk"))
    rows = list(events.order_by().values_list("loan_id").annotate(units=Sum("units")))
    return ratios.recovery_current(
        sum(units for _loan, units in rows),
        due_facts(first, last, last, loans, as_due=True),
        first,
        last,
        [loan for loan, _units in rows],
    )


def write_off_ratio(
    first: date, last: date, month_ends: Sequence[date], loans: Loans | None = None
) -> Ratio:
    """WRITE_OFF of a period: principal written off ÷ mean of the month ends' gross portfolio."""
    events = LoanEvent.objects.filter(
        kind=EventKind.WRITTEN_OFF.value,
        value_date__gte=first,
        value_date__lte=last,
        reversed_by=None,
    )
    if loans is not None:
        events = events.filter(loan__in=loans.order_by().values("pk"))
    rows = list(events.values_list("loan_id", "units"))
    gross = [sum(item.principal_units for item in positions(day, loans)) for day in month_ends]
    return ratios.write_off_ratio(
        sum(units for _loan, units in rows), gross, [loan for loan, _units in rows]
    )


def with_due_dates(splits: models.QuerySet[PaymentSplit]) -> list[Any]:
    """Splits, each with the due date its row had on the day it was paid (`due_date`)."""
    on_the_day = LoanDue.objects.filter(
        loan_id=OuterRef("loan_id"),
        number=OuterRef("number"),
        from_date__lte=OuterRef("value_date"),
    ).order_by("-from_date", models.F("replaced_at").desc(nulls_first=True))
    return list(splits.annotate(due_date=Subquery(on_the_day.values("due_date")[:1])))


def splits_of(loan: Loan) -> models.QuerySet[PaymentSplit]:
    """The splits of a loan as they count now, in order of payment."""
    return (
        loan.splits.filter(replaced_at=None)
        .select_related("event")
        .order_by("value_date", "event__seq", "number")
    )
