"""The interest of every loan that was changed: what the one statement of the books reads from the
rows is what the fold of its events says, on every day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.credit.changes import Treatment
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.services import post_accrual
from handup.ledger.sql import as_uuid
from handup.lending import services
from handup.lending.happened import events_of
from handup.lending.models import Loan
from handup.lending.rules.accrual import earned
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import Event
from handup.lending.rules.loan import fold
from handup.lending.rules.terms import read_terms
from handup.lending.services.accrual import accrual_targets
from handup.lending.tests.cast import World, make_person, repay, running, staff
from handup.lending.tests.loans import (
    KINDS,
    charged,
    event,
    repaid,
    restructured,
    reversal,
    terms,
)
from handup.lending.tests.test_changed_rows import (
    CHANGES,
    MARCH,
    MAY,
    OFFERED,
    days_around,
    happenings,
    paid_out,
    store,
    stored_loan,
)
from handup.lending.verify_runs import targets_are_the_fold
from handup.org.rules.access import Role

HANDED_OVER = "handed over"
MORE: dict[str, list[Event]] = {
    HANDED_OVER: [repaid(date(2025, 2, 1), 30_000), event(EventKind.TRANSFERRED, MARCH)],
    "restructured on a due day": [restructured(date(2025, 3, 15), terms(instalments=4))],
    "restructured twice": [
        restructured(MARCH, terms(instalments=4), interest=Treatment.CARRY),
        restructured(MAY, terms(instalments=5), interest=Treatment.CAPITALISE),
    ],
    **{
        f"restructured twice on one day: {first} then {second}": [
            restructured(MARCH, terms(instalments=8), interest=first),
            restructured(MARCH, terms(instalments=1), interest=second),
        ]
        for first in Treatment
        for second in Treatment
    },
    "written off, then paid": [
        event(EventKind.WRITTEN_OFF, MARCH, 600_000),
        event(EventKind.RECOVERED, MAY, 70_000),
    ],
    "paid off, and opened again": [
        event(EventKind.PAID_OFF, MARCH, 700_000),
        charged(MAY, 300, MAY),
    ],
    "paid off, then taken back": [
        repaid(date(2025, 2, 15), 60_000),
        event(EventKind.PAID_OFF, MARCH, 700_000),
    ],
}


class Told(NamedTuple):
    """What the books take from a loan: its target and whether its accrual rests."""

    units: int
    rests: bool


def by_statement(world: World, on: date) -> dict[str, Told]:
    """Every loan of the book as the statement of the runs gives it."""
    statement = accrual_targets(world.book, on)
    assert statement is not None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.subject_id, t.target_units, t.stopped FROM ({statement.sql}) t",
            statement.values,
        )
        return {str(as_uuid(pk)): Told(int(n), bool(s)) for pk, n, s in cursor.fetchall()}


def same(world: World, loans: Sequence[Loan], days: Iterable[date]) -> None:
    """The statement gives of each day what the events of each loan say."""
    events = events_of([loan.pk for loan in loans])
    terms_by_loan = [(loan, read_terms(loan.terms)) for loan in loans]
    for day in days:
        told = by_statement(world, day)
        for loan, agreed in terms_by_loan:
            state = fold(events[loan.pk], day, terms=agreed)
            wanted = Told(0, rests=False)
            if state.disbursed_date is not None:
                found = earned(state, day)
                wanted = Told(found.target_units, found.stopped)
            assert told.get(str(loan.pk), wanted) == wanted, (loan.code, day)
            assert str(loan.pk) in told or not wanted.units, (loan.code, day)


def month_ends(found: Sequence[Event]) -> list[date]:
    """The days around each event, and the last ones of a year's months."""
    firsts = [date(2025, month, 1) for month in range(2, 13)]
    return sorted({*days_around(found), *(day - timedelta(days=1) for day in firsts)})


@pytest.mark.parametrize("of", OFFERED)
def test_a_changed_loan_has_earned_what_its_events_say(world: World, of: str) -> None:
    loans, found = [], [paid_out(KINDS[of])]
    for name, change in {**CHANGES, **MORE}.items():
        happened = [replace(item, id=new_id()) for item in (paid_out(KINDS[of]), *change)]
        try:
            fold(happened, terms=KINDS[of])
        except Refusal:
            continue  # such terms know no such change
        loan = stored_loan(world, KINDS[of], world.direct)
        loan.code = f"{name}, {of}"
        store(world, loan, happened)
        if name == HANDED_OVER:
            assert loan.state == LoanState.TRANSFERRED
        loans.append(loan)
        found.extend(happened)
    assert len(loans) > len(MORE)
    same(world, loans, month_ends(found))


@pytest.mark.parametrize("change", sorted({**CHANGES, **MORE}))
def test_a_change_that_was_taken_back_earns_as_if_it_had_not_been(
    world: World, change: str
) -> None:
    of = KINDS["schedule"]
    happened = [replace(item, id=new_id()) for item in {**CHANGES, **MORE}[change]]
    plain = stored_loan(world, of, world.direct)
    store(world, plain, [paid_out(of), *(replace(item, id=new_id()) for item in happened[:-1])])
    loan = stored_loan(world, of, world.direct)
    store(world, loan, [paid_out(of), *happened])
    last = happened[-1]
    store(world, loan, [reversal(last, last.value_date + timedelta(days=20))])
    days = month_ends(happened)
    same(world, [plain, loan], days)
    for day in days:
        told = by_statement(world, day)
        assert told[str(loan.pk)] == told[str(plain.pk)], day


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(OFFERED), st.lists(happenings, min_size=2, max_size=6))
def test_whatever_happens_a_loan_has_earned_what_its_events_say(
    world: World, of: str, wanted: list[Event]
) -> None:
    loan = stored_loan(world, KINDS[of], world.direct)
    found = [paid_out(KINDS[of])]
    for item in wanted:
        try:
            fold([*found, item], terms=KINDS[of])
        except Refusal:
            continue
        found.append(item)
    store(world, loan, found)
    same(world, [loan], days_around(found))


def test_loans_of_the_services_earn_what_their_events_say(world: World) -> None:
    loans = [
        running(
            world,
            1_000_00 + place,
            person=make_person(world.programme, world.office, world.cast.advisor, f"P {place}"),
        )
        for place in range(4)
    ]
    whole = sum(row.due_units for row in loans[0].dues.all())
    repay(world, loans[0], date(2025, 5, 5), whole)
    repay(world, loans[1], date(2025, 3, 1), 50_00)
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager,
        loan=loans[2],
        proposed_date=date(2025, 9, 1),
        reason="Left",
    )
    services.write_off_loan(
        acting_staff=staff("finance", Role.FINANCE_MANAGER),
        proposal=proposal,
        value_date=date(2025, 9, 1),
    )
    for loan in loans:
        loan.refresh_from_db()
    same(world, loans, month_ends([]))
    for through in (date(2025, 3, 31), date(2025, 6, 30), date(2025, 12, 31)):
        post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)
        assert not list(targets_are_the_fold())
