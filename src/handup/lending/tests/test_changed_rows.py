"""A loan that was changed is answered for every day as its events say: the rows before the change
are kept with the day they ended, and what was paid of a row stays with its number.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import Component, EarlyEffect, RestructuredInPar
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.sql import as_uuid
from handup.lending import figure_loans, figures, queries
from handup.lending.happened import events_of
from handup.lending.models import Lender, Loan, LoanEvent
from handup.lending.portfolio import standing
from handup.lending.rules.codes import EventKind
from handup.lending.rules.cures import cures_of
from handup.lending.rules.events import Event, event_payload
from handup.lending.rules.loan import PRINCIPAL, fold
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.state import State
from handup.lending.rules.terms import write_terms
from handup.lending.services.replaying import replay
from handup.lending.services.store import Writer, state_as_of
from handup.lending.tests.cast import World
from handup.lending.tests.loans import (
    KINDS,
    LENT,
    START,
    charged,
    event,
    moratorium,
    repaid,
    rescheduled,
    restructured,
    reversal,
    terms,
    waived,
)
from handup.lending.verify import dated_rows_are_the_fold, splits_match

MARCH, MAY = date(2025, 3, 20), date(2025, 5, 2)
CURED = {"restructured_in_par": RestructuredInPar.UNTIL_CURED, "cured_after_instalments": 2}
OFFERED = (
    *("schedule", "penalty", "flat", "grace", "principal plan", "tranches"),
    *("balance REDUCE_NUMBER", "balance REDUCE_INSTALMENT", "balance SKIP_NEXT"),
    *("balance bullet", "balance months", "daily", "daily penalty"),
)


def stored_loan(world: World, of: Terms, lender: Lender | None = None) -> Loan:
    """A loan under any terms, without its agreement."""
    return Loan.objects.create(
        code=f"T{Loan.objects.count() + 1}",
        programme=world.programme,
        lender=lender or world.mirror,
        office=world.office,
        officer=world.cast.officer,
        person=world.person,
        terms=write_terms(of),
        currency="USD",
        approved_units=LENT,
        agreed_date=START,
    )


def paid_out(of: Terms) -> Event:
    rows = planned_rows(of, LENT, START)
    return event(EventKind.DISBURSED, START, LENT, rows=rows)


def store(world: World, loan: Loan, found: Sequence[Event]) -> None:
    """Let events arrive one after another, each replayed as it comes."""
    for item in found:
        writer = Writer(timezone.now())
        loan.event_count += 1
        writer.events.append(
            LoanEvent(
                id=item.id,
                loan=loan,
                kind=item.kind.value,
                value_date=item.value_date,
                recorded_at=item.recorded_at,
                received_at=item.received_at,
                recorded_by=world.cast.manager,
                seq=loan.event_count,
                units=item.units,
                reverses_id=item.reverses,
                payload=event_payload(item),
            )
        )
        writer.flush_events()
        replay(writer, loan, events_of([loan.pk])[loan.pk])
        writer.flush()


def told(loan: Loan, on: date) -> tuple[int, int, int]:
    """Principal, days late and overdue of a day, by the fold."""
    state = state_as_of(loan, on)
    return state.principal, state.arrears_days(on), state.overdue_stored(on)


def read(loan: Loan, on: date) -> tuple[int, int, int]:
    """The same, by the dated rows."""
    found = queries.positions(on, Loan.objects.filter(pk=loan.pk))
    if not found:
        return 0, 0, 0
    (item,) = found
    return item.principal_units, item.arrears_days, item.overdue_units


def summed(on: date, only: QuerySet[Loan]) -> tuple[int, int, int]:
    """Principal, days late and principal past due, as the figures of a portfolio read them."""
    select, values = standing(on, only)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.principal, p.arrears_days, p.overdue_principal FROM ({select}) p", values
        )
        row: tuple[int, int, int] | None = cursor.fetchone()
    return row or (0, 0, 0)


def days_around(found: Sequence[Event]) -> list[date]:
    """Each event's day, the day before and the day after, the due days, and a day long after."""
    days = {START + timedelta(days=step) for step in (0, 1, 31, 32, 59, 60, 120, 200, 500)}
    for item in found:
        days |= {item.value_date + timedelta(days=step) for step in (-1, 0, 1)}
    return sorted(day for day in days if day >= START)


def counts_for_it(state: State, on: date) -> bool:
    """Whether a loan counts as at risk because it was restructured, by the fold."""
    held = any(
        cure.first <= on and (cure.last is None or on <= cure.last) for cure in cures_of(state)
    )
    return state.restructured and not held


def behind(on: date, loan: Loan, *, repaid: bool) -> bool:
    """Whether a loan stands behind REPAID_NUMBER of a day, in it or below it."""
    sql, values = figure_loans.ended_of(on, repaid=repaid)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return loan.pk in {as_uuid(pk) for (pk,) in cursor.fetchall()}


def agrees(loan: Loan, found: Sequence[Event]) -> None:
    """Rows, figures and fold say the same of every day."""
    only = Loan.objects.filter(pk=loan.pk)
    days = days_around(found)
    for day, gross in zip(days, figures.gross_at(days, only), strict=True):
        wanted = told(loan, day)
        state = state_as_of(loan, day)
        assert read(loan, day) == wanted, day
        assert gross == wanted[0], day
        found_on = figures.portfolio(day, only)
        assert found_on.principal == wanted[0], day
        late = [cell for cell in found_on.cells.values() if cell.principal]
        assert bool(late) == bool(wanted[0])
        assert summed(day, only) == (wanted[0], wanted[1], state.overdue(day)[PRINCIPAL]), day
        risky = wanted[0] if wanted[1] > 30 or counts_for_it(state, day) else 0
        assert found_on.at_risk(30).numerator == risky, day
        assert queries.portfolio_at_risk(day, 30, only).numerator == risky, day
        ended = [item.last_due_date for item in queries.endings(day, only)]
        wanted_end = state.last_due_date  # none: handed over, no row of ours is left to end
        assert ended == ([wanted_end] if wanted_end else []), day
        past = bool(wanted_end and wanted_end < day)
        assert behind(day, loan, repaid=False) == past, day
        if state.settled_date != (loan.settled_date if state.settled_date else None):
            continue  # opened again since: that it was repaid is not known any more
        repaid_by = past and state.settled_date is not None
        number = figures.repaid_number(day, only)
        assert (number.numerator, number.denominator) == (repaid_by, past), day
        assert behind(day, loan, repaid=True) == repaid_by, day
    assert not list(splits_match())


CHANGES: dict[str, list[Event]] = {
    "shifted": [repaid(date(2025, 2, 15), 90_000), rescheduled(MARCH, shift_to=date(2025, 6, 1))],
    "grace": [repaid(date(2025, 3, 10), 300_000), rescheduled(MARCH, principal_grace=2)],
    "longer": [repaid(date(2025, 2, 1), 30_000), rescheduled(MARCH, extra_instalments=3)],
    "another rate": [rescheduled(MARCH, new_rate_ppm=120_000), repaid(MAY, 50_000)],
    "twice on one day": [
        rescheduled(MARCH, shift_to=date(2025, 6, 1)),
        rescheduled(MARCH, extra_instalments=1),
    ],
    "early, fewer": [
        repaid(date(2025, 2, 15), 110_000),
        event(EventKind.EARLY_REPAID, date(2025, 2, 20), 150_000),
    ],
    "early, smaller": [
        event(
            EventKind.EARLY_REPAID,
            date(2025, 2, 10),
            150_000,
            effect=EarlyEffect.REDUCE_INSTALMENT,
        ),
        repaid(MAY, 60_000),
    ],
    "paid off": [repaid(date(2025, 2, 15), 60_000), event(EventKind.PAID_OFF, MARCH, 700_000)],
    "restructured": [
        repaid(date(2025, 2, 15), 60_000),
        restructured(MARCH, terms(instalments=9), fee=Treatment.CAPITALISE),
        repaid(MAY, 60_000),
    ],
    "restructured, cured, and again": [
        restructured(MARCH, terms(instalments=9, **CURED)),
        repaid(date(2025, 4, 20), 150_000),
        repaid(MAY, 30_000),
        restructured(date(2025, 6, 3), terms(instalments=4, **CURED)),
        repaid(date(2025, 7, 3), 400_000),
        repaid(date(2025, 9, 1), 200_000),
    ],
    "restructured, never at risk for it": [
        restructured(MARCH, terms(instalments=9, restructured_in_par=RestructuredInPar.NEVER)),
        repaid(MAY, 30_000),
    ],
    "restructured, interest carried": [
        charged(MARCH, 700),
        restructured(MAY, terms(instalments=3), interest=Treatment.CARRY),
    ],
    "paused": [
        repaid(date(2025, 2, 15), 60_000),
        moratorium(MARCH, date(2025, 6, 30)),
        repaid(date(2025, 8, 1), 200_000),
    ],
    "paused, days late go on": [moratorium(MARCH, date(2025, 6, 30), ageing_runs=True)],
    "paused principal": [
        moratorium(MARCH, date(2025, 6, 30), scope=Scope.PRINCIPAL, interest_runs=True)
    ],
    "charged": [charged(MARCH, 700, MAY), charged(MAY, 300, date(2026, 1, 1))],
    "waived": [waived(MARCH, 5_000, Component.INTEREST), repaid(MAY, 250_000)],
    "refunded": [
        event(EventKind.PAID_OFF, MARCH, 900_000),
        event(EventKind.REFUNDED, MAY, 100_000),
    ],
    "refunded too much": [repaid(MARCH, 250_000), event(EventKind.REFUNDED, MAY, 9_000)],
    "written off after": [
        rescheduled(MARCH, extra_instalments=3),
        event(EventKind.WRITTEN_OFF, MAY, LENT),
    ],
}


@pytest.mark.parametrize("of", OFFERED)
@pytest.mark.parametrize("change", sorted(CHANGES))
def test_every_day_before_on_and_after_a_change_is_as_the_events_say(
    world: World, change: str, of: str
) -> None:
    loan = stored_loan(world, KINDS[of])
    found = [paid_out(KINDS[of]), *CHANGES[change]]
    try:
        fold(found, terms=KINDS[of])
    except Refusal:
        return  # such terms know no such change
    if of == "tranches" and change in ("charged", "waived"):
        found.append(event(EventKind.DISBURSED, date(2025, 4, 1), 120_000))
    store(world, loan, found)
    agrees(loan, found)


def rows_of(loan: Loan) -> list[tuple[Any, ...]]:
    """The rows in force and out of force, as known now."""
    dues = loan.dues.filter(replaced_at=None).order_by("number", "from_date")
    return [
        (
            *(due.number, due.from_date, due.to_date, due.due_date, due.due_units),
            *(due.paid_units, due.settled_date),
        )
        for due in dues
    ]


@pytest.mark.parametrize("change", ["shifted", "early, fewer", "restructured", "paused"])
def test_any_order_of_arrival_ends_in_the_same_rows(world: World, change: str) -> None:
    of = KINDS["schedule"]
    found = [paid_out(of), *CHANGES[change]]
    seen = []
    for order in permutations(found):
        loan = stored_loan(world, of)
        try:
            with transaction.atomic():
                store(world, loan, [replace(item, id=new_id()) for item in order])
        except Refusal:
            continue  # a change before anything was paid out
        seen.append(rows_of(loan))
    assert len(seen) > 1
    assert all(rows == seen[0] for rows in seen)


def test_a_change_that_is_reversed_leaves_the_rows_as_they_were(world: World) -> None:
    of = KINDS["schedule"]
    first = [paid_out(of), repaid(date(2025, 2, 15), 60_000)]
    loan = stored_loan(world, of)
    store(world, loan, first)
    before = rows_of(loan)
    change = moratorium(MARCH, date(2025, 6, 30))
    store(world, loan, [change])
    assert loan.changed
    assert [due.to_date for due in loan.dues.filter(replaced_at=None, to_date__isnull=False)]
    assert loan.pauses.filter(replaced_at=None).count() == 1
    store(world, loan, [reversal(change, MAY)])
    assert rows_of(loan) == before
    assert not Loan.objects.get(pk=loan.pk).changed
    assert not loan.pauses.filter(replaced_at=None).exists()
    agrees(loan, [*first, change])


def test_what_was_known_before_a_change_is_still_known(world: World) -> None:
    of = KINDS["schedule"]
    loan = stored_loan(world, of)
    store(world, loan, [paid_out(of)])
    known = timezone.now()
    store(world, loan, [rescheduled(MARCH, shift_to=date(2025, 9, 1))])
    only = Loan.objects.filter(pk=loan.pk)
    (now,) = queries.positions(MAY, only)
    (then,) = queries.positions(MAY, only, known)
    assert (now.arrears_days, then.arrears_days) == (
        (MAY - date(2025, 2, 15)).days,
        (MAY - date(2025, 2, 15)).days,
    )
    assert then.overdue_units > now.overdue_units


days = st.integers(0, 300).map(lambda step: START + timedelta(days=step))
happenings = st.one_of(
    st.builds(repaid, days, st.integers(1, 200_000)),
    st.builds(
        lambda day, units, effect: event(EventKind.EARLY_REPAID, day, units, effect=effect),
        days,
        st.integers(1, 200_000),
        st.sampled_from([None, *EarlyEffect]),
    ),
    st.builds(lambda day: event(EventKind.PAID_OFF, day, 900_000), days),
    st.builds(lambda day, units: charged(day, units, day), days, st.integers(1, 5_000)),
    st.builds(
        lambda day, units, later: charged(day, units, day + timedelta(days=later)),
        days,
        st.integers(1, 5_000),
        st.integers(0, 300),
    ),
    st.builds(
        waived,
        days,
        st.integers(1, 20_000),
        st.sampled_from([Component.FEE, Component.INTEREST, Component.PENALTY]),
    ),
    st.builds(lambda day, units: event(EventKind.REFUNDED, day, units), days, st.integers(1, 9000)),
    st.builds(
        lambda day, shift, grace, extra: rescheduled(
            day,
            shift_to=None if shift is None else day + timedelta(days=shift),
            principal_grace=grace,
            extra_instalments=extra,
        ),
        days,
        st.sampled_from([None, 40, 75]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    st.builds(
        lambda day, length, scope, runs, ageing: moratorium(
            day,
            day + timedelta(days=length),
            scope=scope,
            interest_runs=runs,
            ageing_runs=ageing,
        ),
        days,
        st.integers(1, 100),
        st.sampled_from(list(Scope)),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda day, n, interest: restructured(
            day, terms(instalments=n), interest=interest, fee=Treatment.CAPITALISE
        ),
        days,
        st.integers(1, 8),
        st.sampled_from(list(Treatment)),
    ),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(OFFERED), st.lists(happenings, min_size=2, max_size=6))
def test_whatever_happens_the_rows_say_what_the_events_say(
    world: World, of: str, wanted: list[Event]
) -> None:
    loan = stored_loan(world, KINDS[of])
    found = [paid_out(KINDS[of])]
    for item in wanted:
        try:
            fold([*found, item], terms=KINDS[of])
        except Refusal:
            continue
        found.append(item)
    store(world, loan, found)
    agrees(loan, found)


def test_a_charge_let_go_on_its_own_day_was_agreed_all_the_same(world: World) -> None:
    """Found by chance: a day between the charge and what came after told an earlier end."""
    of, made = KINDS["schedule"], date(2025, 5, 15)
    found = [
        paid_out(of),
        repaid(date(2025, 9, 19), 1),
        charged(made, 1, date(2025, 7, 17)),
        waived(made, 1, Component.FEE),
    ]
    loan = stored_loan(world, of)
    store(world, loan, found)
    agrees(loan, found)


@pytest.mark.parametrize("due", [date(2025, 7, 15), date(2025, 11, 11)])
def test_a_charge_that_outlives_a_restructuring_stands_from_that_day(
    world: World, due: date
) -> None:
    """Found by chance: the row it was moved to was in force only when it fell due, or was a closed
    one.
    """
    of, day = KINDS["schedule"], date(2025, 1, 15)
    found = [
        paid_out(of),
        charged(day, 1, due),
        waived(date(2025, 9, 14), 1, Component.FEE),
        repaid(day, 3),
        restructured(date(2025, 6, 7), terms(instalments=1), interest=Treatment.CAPITALISE),
    ]
    loan = stored_loan(world, of)
    store(world, loan, found)
    agrees(loan, found)


FOUND: dict[str, tuple[str, list[Event]]] = {
    "more lent back twice after its last day": (
        "penalty",
        [
            event(EventKind.REFUNDED, date(2025, 9, 29), 321),
            event(EventKind.REFUNDED, date(2025, 9, 3), 321),
        ],
    ),
    "paid ahead and off on its first day": (
        "flat",
        [event(EventKind.EARLY_REPAID, START, 735), event(EventKind.PAID_OFF, START, 900_000)],
    ),
    "paid off before a charge that was made is due": (
        "schedule",
        [
            charged(date(2025, 6, 1), 1, date(2025, 7, 17)),
            waived(date(2025, 6, 26), 1, Component.FEE),
            event(EventKind.PAID_OFF, date(2025, 6, 26), 900_000),
            charged(date(2025, 7, 29), 1, date(2025, 7, 29)),
            repaid(date(2025, 7, 29), 1),
        ],
    ),
}


@pytest.mark.parametrize("case", sorted(FOUND))
def test_what_chance_found_is_told_right(world: World, case: str) -> None:
    of, happened = FOUND[case]
    found = [paid_out(KINDS[of]), *happened]
    loan = stored_loan(world, KINDS[of])
    store(world, loan, found)
    agrees(loan, found)


def test_verify_reads_changed_loans_too(world: World) -> None:
    of = KINDS["schedule"]
    loan = stored_loan(world, of)
    store(world, loan, [paid_out(of), *CHANGES["restructured"]])
    assert not list(dated_rows_are_the_fold())
    assert loan.capitalised_units > 0
    assert loan.restructured_date == MARCH
