"""Whatever is agreed about a loan, between whatever payments, arriving in any order: every day is
answered as its events say, and the books hold what it owes.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.errors import Refusal
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual
from handup.lending import queries, services
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import START, World, clean

days = st.integers(1, 240).map(lambda number: START + timedelta(days=number))
few = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("repay"), days, st.sampled_from([1, 50_00, 113_47, 600_00])),
        st.tuples(st.just("move"), days, st.integers(0, 60), few, few),
        st.tuples(st.just("renew"), days, st.integers(1, 12), st.sampled_from(Treatment)),
        st.tuples(
            st.just("pause"),
            days,
            st.integers(0, 120),
            st.sampled_from(Scope),
            st.booleans(),
            st.booleans(),
        ),
        st.tuples(st.just("take_back"), st.integers(0, 9)),
        st.tuples(st.just("run_books"), days),
    ),
    min_size=2,
    max_size=6,
)


class Walk:
    """A loan, and what is agreed about it one step after another."""

    def __init__(self, world: World, loan: Loan) -> None:
        self.world, self.loan = world, loan
        loan.refresh_from_db()

    def repay(self, on: date, units: int) -> None:
        services.record_repayment(
            acting_staff=self.world.cast.accountant, loan=self.loan, value_date=on, units=units
        )

    def agree(self, on: date, how: Any, **asked: Any) -> None:
        made = how(
            acting_staff=self.world.cast.officer,
            loan=self.loan,
            proposed_date=on,
            reason="Agreed",
            **asked,
        )
        services.decide_change(acting_staff=self.world.cast.manager, proposal=made, value_date=on)

    def move(self, on: date, later: int, grace: int, extra: int) -> None:
        first = self.loan.next_due_date or on
        self.agree(
            on,
            services.propose_reschedule,
            from_date=first,
            shift_to=first + timedelta(days=later),
            principal_grace=grace,
            extra_instalments=extra,
        )

    def renew(self, on: date, instalments: int, interest: Treatment) -> None:
        self.agree(on, services.propose_restructure, instalments=instalments, interest=interest)

    def pause(self, on: date, length: int, scope: Scope, interest: bool, ageing: bool) -> None:
        self.agree(
            on,
            services.propose_moratorium,
            begins=on,
            until=on + timedelta(days=length),
            scope=scope,
            interest_runs=interest,
            ageing_runs=ageing,
        )

    def take_back(self, number: int) -> None:
        kinds = (EventKind.REPAID, EventKind.RESCHEDULED, EventKind.RESTRUCTURED)
        events = list(self.loan.events.filter(kind__in=kinds, reversed_by=None).order_by("seq"))
        if not events:
            return
        event = events[number % len(events)]
        paid = event.kind == EventKind.REPAID
        how = services.reverse_repayment if paid else services.reverse_loan_event
        how(
            acting_staff=self.world.cast.manager,
            event=event,
            reason="Wrong",
            value_date=event.value_date,
        )

    def run_books(self, through: date) -> None:
        post_accrual(acting_staff=self.world.cast.accountant, book=self.world.book, through=through)

    def step(self, name: str, *told: Any) -> None:
        """Do it; a refusal leaves everything as it was."""
        before = LoanEvent.objects.count(), Entry.objects.count()
        try:
            with transaction.atomic():
                getattr(self, name)(*told)
        except Refusal:
            assert (LoanEvent.objects.count(), Entry.objects.count()) == before
        self.loan.refresh_from_db()

    def holds(self) -> None:
        """Books and dated rows say what the fold says, on days all over the loan's life."""
        loan = self.loan
        owed = balance(self.world.book, "LOANS", ("loan", loan.pk))
        assert owed == loan.principal_units
        for number in (0, 30, 31, 60, 100, 180, 400):
            day = START + timedelta(days=number)
            state = state_as_of(loan, day)
            found = {item.loan_id: item for item in queries.positions(day)}.get(loan.pk)
            wanted = (state.principal, state.arrears_days(day))
            stored = (found.principal_units, found.arrears_days) if found else (0, 0)
            assert stored == wanted, day


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(wanted=steps)
def test_whatever_is_agreed_every_day_and_the_books_say_the_same(
    wanted: list[tuple[Any, ...]], world: World, loan: Loan
) -> None:
    with transaction.atomic():
        walk = Walk(world, loan)
        for name, *told in wanted:
            walk.step(name, *told)
            walk.holds()
        clean()
        transaction.set_rollback(True)
