"""Whatever happens to a loan, in whatever order it arrives: nothing is lost, doubled or left
between two places.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import Loan, LoanEvent, PaymentSplit
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.services import RepaymentIn
from handup.lending.services.store import PROJECTED
from handup.lending.tests.cast import START, World, clean, running

days = st.integers(0, 300).map(lambda number: START + timedelta(days=number))
amounts = st.one_of(st.integers(1, 1_500_00), st.sampled_from([113_47, 1_200_00, 1]))
place = st.integers(0, 30)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("repay"), days, amounts),
        st.tuples(st.just("repay_several"), st.lists(st.tuples(days, amounts), min_size=2)),
        st.tuples(st.just("send_again"), place),
        st.tuples(st.just("take_back"), place, days),
        st.tuples(st.just("write_off"), days),
        st.tuples(st.just("recover"), days, amounts),
    ),
    min_size=1,
    max_size=9,
)
FEW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Walk:
    """A loan and what was told of it, with the money counted beside."""

    def __init__(self, world: World, loan: Loan) -> None:
        self.world, self.loan = world, loan
        loan.refresh_from_db()  # the walk before was taken back
        self.told: list[RepaymentIn] = []
        self.standing: Counter[Any] = Counter()
        self.recovered = 0

    def repay(self, on: date, units: int) -> None:
        self.repay_several([(on, units)])

    def repay_several(self, wanted: list[tuple[date, int]]) -> None:
        items = [RepaymentIn(self.loan.pk, on, units, id=new_id()) for on, units in wanted]
        staff = self.world.cast.accountant
        if self.happened(lambda: services.record_repayments(items, acting_staff=staff)):
            self.told += items
            self.standing.update({item.id: item.units for item in items})

    def send_again(self, number: int) -> None:
        if self.told:
            item = self.told[number % len(self.told)]
            before = LoanEvent.objects.count(), Entry.objects.count()
            (event,) = services.record_repayments([item], acting_staff=self.world.cast.accountant)
            assert event.pk == item.id
            assert (LoanEvent.objects.count(), Entry.objects.count()) == before

    def take_back(self, number: int, on: date) -> None:
        if not self.told:
            return
        item = self.told[number % len(self.told)]
        assert item.id is not None
        event = LoanEvent.objects.get(pk=item.id)
        taken = self.happened(
            lambda: services.reverse_repayment(
                acting_staff=self.world.cast.manager, event=event, reason="Wrong", value_date=on
            )
        )
        if taken:
            del self.standing[item.id]

    def write_off(self, on: date) -> None:
        cast = self.world.cast

        def both() -> None:
            proposal = services.propose_write_off(
                acting_staff=cast.manager, loan=self.loan, proposed_date=on, reason="Gone"
            )
            services.write_off_loan(acting_staff=cast.director, proposal=proposal, value_date=on)

        self.happened(both)

    def recover(self, on: date, units: int) -> None:
        recovered = self.happened(
            lambda: services.record_recovery(
                acting_staff=self.world.cast.accountant,
                loan=self.loan,
                value_date=on,
                units=units,
            )
        )
        if recovered:
            self.recovered += units

    def happened(self, act: Callable[[], Any]) -> bool:
        """Do it; a refusal leaves everything as it was."""
        before = LoanEvent.objects.count(), Entry.objects.count()
        self.loan.refresh_from_db()
        try:
            with transaction.atomic():
                act()
        except Refusal:
            assert (LoanEvent.objects.count(), Entry.objects.count()) == before
            return False
        finally:
            self.loan.refresh_from_db()
        return True


def live_splits(loan: Loan) -> list[PaymentSplit]:
    return list(loan.splits.filter(replaced_at=None))


def holds(walk: Walk) -> None:
    """Money is conserved: over the splits, over the rows, in the books."""
    loan, book = walk.loan, walk.world.book
    splits = live_splits(loan)
    settled = Counter[Any]()
    for split in splits:
        settled[split.event_id] += (
            split.principal_units
            + split.interest_units
            + split.fee_units
            + split.penalty_units
            + split.overpaid_units
        )
    assert settled == walk.standing
    dues = list(loan.dues.filter(replaced_at=None, to_date=None))
    for due in dues:
        own = [split for split in splits if split.number == due.number]
        assert sum(split.principal_units for split in own) == due.principal_paid_units
        assert sum(split.interest_units for split in own) == due.interest_paid_units
        assert 0 <= due.principal_paid_units <= due.principal_units
        assert 0 <= due.interest_paid_units <= due.interest_units
    assert sum(due.principal_units for due in dues) == loan.disbursed_units
    assert loan.principal_units == (
        loan.disbursed_units - loan.principal_paid_units - loan.written_off_units
    )
    assert loan.principal_units >= 0
    assert balance(book, "LOANS", ("loan", loan.pk)) == loan.principal_units
    assert -balance(book, "BORROWER_CREDIT", ("loan", loan.pk)) == loan.overpaid_units
    assert loan.overpaid_units == sum(split.overpaid_units for split in splits)
    assert (loan.state == LoanState.WRITTEN_OFF) == bool(loan.written_off_units)
    assert loan.recovered_units == walk.recovered


@FEW
@given(wanted=steps)
def test_any_way_a_loan_may_go_conserves_every_unit(
    wanted: list[tuple[str, Any]], world: World, loan: Loan
) -> None:
    with transaction.atomic():
        walk = Walk(world, loan)
        for step, *told in wanted:
            getattr(walk, step)(*told)
            holds(walk)
        clean()
        transaction.set_rollback(True)


def seen(loan: Loan) -> tuple[Any, ...]:
    """Where a loan stands and what each payment settled, by the day and amount that was paid."""
    loan.refresh_from_db()
    splits = sorted(
        (
            str(split.value_date),
            split.number or 0,
            split.principal_units,
            split.interest_units,
            split.overpaid_units,
        )
        for split in live_splits(loan)
    )
    told = {"event_count", "last_recorded_at"}
    return tuple(getattr(loan, name) for name in PROJECTED if name not in told), splits


@settings(FEW, max_examples=8)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), amounts), min_size=3, max_size=3, unique_by=lambda p: p[0]
    )
)
def test_payments_that_arrive_in_any_order_leave_the_loan_alike(
    world: World, paid: list[tuple[int, int]]
) -> None:
    with transaction.atomic():
        found = []
        for order in permutations(paid):
            loan = running(world)
            for number, units in order:
                services.record_repayment(
                    acting_staff=world.cast.accountant,
                    loan=loan,
                    value_date=START + timedelta(days=number),
                    units=units,
                )
            found.append(seen(loan))
        assert all(each == found[0] for each in found)
        kinds = LoanEvent.objects.filter(kind=EventKind.REPAID).count()
        assert kinds == 3 * 6
        clean()
        transaction.set_rollback(True)
