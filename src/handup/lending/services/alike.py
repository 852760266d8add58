"""What is recorded already of money that is told: the payment of the same loan, day and amount,
wherever it went (lending.md 2.11).

Cash for a loan that moved on is a payment of the loan it goes on in, of one written off a recovery
on the day of that or later, of one that can take none cash of nobody known (`taken_cash`). So it is
looked for there, by the day it was told for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max, Q
from django.utils.translation import gettext

from handup.lending.models import Loan, LoanEvent, StrayCash
from handup.lending.rules.codes import EventKind, LoanState, Source
from handup.lending.services.judging import BY_HAND
from handup.lending.services.sheet_lines import CollectedIn
from handup.lending.services.taken_cash import GOING_ON, GONE_ON
from handup.org.models import StaffUser

KINDS = (EventKind.REPAID.value, EventKind.RECOVERED.value)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Money that is recorded, and the loan it would now be told for again; None where it was told
    for one that nobody knew.
    """

    told: Loan | None
    units: int
    record: LoanEvent | StrayCash

    @property
    def currency(self) -> str:
        """Of what money."""
        row = self.record
        return row.currency if isinstance(row, StrayCash) else row.loan.currency

    @property
    def code(self) -> str:
        """The loan's number, where it is known."""
        return gettext("a loan that is not known") if self.told is None else self.told.code

    @property
    def by(self) -> StaffUser:
        """Who recorded it."""
        return self.record.recorded_by

    @property
    def receipt(self) -> str:
        """The number of its receipt, where it has one."""
        row = self.record
        return row.reference if isinstance(row, LoanEvent) else row.receipt


def recorded_already(
    on: date,
    told: Sequence[tuple[UUID, int]],
    loans: Mapping[UUID, Loan],
    *,
    stated: bool = False,
) -> list[Recorded]:
    """Money that is recorded for the same loan, day and amount (loan, units); `loans`: those told
    of, by id. stated: also what a bank's statement brought within BY_HAND days, as the way of a
    payment is easily mistyped.
    """
    wanted = {(loan, units) for loan, units in told if loan in loans}
    chains = _chains({pk: loans[pk] for pk, _units in wanted})
    days = _days(on, chains)
    paid, stray = _paid(on, days, stated=stated), _stray(on, days)
    found = []
    for pk, units in sorted(wanted, key=lambda pair: loans[pair[0]].code):
        rows: list[LoanEvent | StrayCash] = []
        for loan in chains[pk]:
            rows += paid.get((loan.pk, units), ())
            rows += stray.get((loan.pk, units), ())
        found += [Recorded(loans[pk], units, row) for row in rows]
    return found


def _chains(loans: Mapping[UUID, Loan]) -> dict[UUID, list[Loan]]:
    """Each loan, with those in which it goes on one after another."""
    chains = {pk: [loan] for pk, loan in loans.items()}
    while ended := {pk: chain[-1] for pk, chain in chains.items() if chain[-1].state in GONE_ON}:
        events = LoanEvent.objects.filter(
            loan__in={loan.pk for loan in ended.values()}, kind__in=GOING_ON, reversed_by=None
        )
        into = {event.loan_id: event.payload.get("into") for event in events}
        there = Loan.objects.in_bulk([UUID(pk) for pk in into.values() if pk])
        for pk, loan in ended.items():
            new = into.get(loan.pk)
            if new:
                chains[pk].append(there[UUID(new)])
        if not there:
            break
    return chains


def _days(on: date, chains: Mapping[UUID, Sequence[Loan]]) -> dict[UUID, set[date]]:
    """On which days money of that day would stand, by the loan it would stand at."""
    days: dict[UUID, set[date]] = defaultdict(lambda: {on})
    gone = set()
    for chain in chains.values():
        for place, loan in enumerate(chain):
            days[loan.pk] |= {max(on, loan.takes_from)} if place and loan.takes_from else {on}
            if loan.state == LoanState.WRITTEN_OFF:
                gone.add(loan.pk)
    if gone:
        written = LoanEvent.objects.filter(
            loan__in=gone, kind=EventKind.WRITTEN_OFF.value, reversed_by=None
        )
        rows = written.order_by().values("loan").annotate(day=Max("value_date"))
        for pk, day in rows.values_list("loan", "day"):
            days[pk].add(max(on, day))
    return dict(days)


def _within(on: date, step: timedelta) -> date:
    """A day some days off, as far as there are days."""
    try:
        return on + step
    except OverflowError:
        return on


def _paid(
    on: date, days: Mapping[UUID, set[date]], *, stated: bool
) -> dict[tuple[UUID, int], list[LoanEvent | StrayCash]]:
    """The payments on those days, by loan and amount; of a sheet, its own day counts."""
    stood = Q(value_date__in={day for each in days.values() for day in each})
    if stated:
        near = (_within(on, -BY_HAND), _within(on, BY_HAND))
        stood |= Q(source=Source.BANK_FILE.value, value_date__range=near)
    rows = LoanEvent.objects.filter(stood, loan__in=days, kind__in=KINDS, reversed_by=None)
    found: dict[tuple[UUID, int], list[LoanEvent | StrayCash]] = defaultdict(list)
    related = ("loan", "recorded_by", "collected__collection")
    for event in rows.select_related(*related).order_by("id"):
        line = getattr(event, "collected", None)
        by_bank = stated and event.source == Source.BANK_FILE
        same = by_bank or event.value_date in days[event.loan_id]
        if same if line is None else line.collection.held_date == on:
            found[event.loan_id, event.received_units].append(event)
    return found


def _stray(
    on: date, days: Mapping[UUID, set[date]]
) -> dict[tuple[UUID, int], list[LoanEvent | StrayCash]]:
    """Cash that could go to none of these loans, by loan and amount."""
    found: dict[tuple[UUID, int], list[LoanEvent | StrayCash]] = defaultdict(list)
    rows = StrayCash.objects.filter(loan__in=days, received_date=on)
    for row in rows.select_related("recorded_by").order_by("id"):
        if row.loan_id is not None:
            found[row.loan_id, row.units].append(row)
    return found


def strays_already(on: date, unknown: Sequence[CollectedIn]) -> dict[UUID | None, Recorded]:
    """Cash that a sheet of that day brought for the same loan nobody knew, and as much of it; by
    the id that was told.
    """
    wanted = {(line.loan, line.units) for line in unknown if line.units > 0}
    named = {loan for loan, _units in wanted if loan is not None}
    rows = StrayCash.objects.filter(stray_line__named__in=named, received_date=on)
    found: dict[UUID | None, Recorded] = {}
    for row in rows.select_related("stray_line", "recorded_by").order_by("id"):
        loan = row.stray_line.named
        if (loan, row.units) in wanted:
            found[loan] = Recorded(None, row.units, row)
    return found
