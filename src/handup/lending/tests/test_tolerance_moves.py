"""What a tranche or early money does to a loan of which a tolerated rest is unpaid: the tolerance
says how late it is and moves no row, and the rest is served before anything that comes due later.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.codes import EarlyEffect
from handup.kernel.credit.validity import NeverLate
from handup.lending import services
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event
from handup.lending.rules.loan import fold
from handup.lending.rules.state import State
from handup.lending.tests.cast import World, make_product, running
from handup.lending.tests.loans import event, repaid, terms
from handup.lending.tests.test_changed_rows import paid_out
from handup.lending.tests.test_tolerance import DUE, INSTALMENT, NEXT

rests = st.integers(1, 40_000)
days = st.integers(1, (NEXT - DUE).days - 1)
effects = st.sampled_from(list(EarlyEffect))


def folded(rest: int, tolerated: int, *then: Event) -> State:
    """The first instalment paid but for a rest, and what came then."""
    of = terms(arrears_tolerance_units=tolerated)
    found = fold([paid_out(of), repaid(DUE, INSTALMENT - rest), *then], terms=of)
    found.check()
    return found


def rows(state: State) -> list[tuple[date, list[int], int]]:
    return [(row.due_date, list(row.due), row.left) for row in state.ledger.rows]


@given(rests, rests, days, st.integers(1, 500_000))
def test_a_tranche_leaves_a_tolerated_rest_where_it_is(
    rest: int, more: int, after: int, units: int
) -> None:
    tranche = event(EventKind.DISBURSED, DUE + timedelta(days=after), units)
    found = folded(rest, rest + more, tranche)
    assert rows(found) == rows(folded(rest, 0, tranche))
    assert (found.arrears_days(NEXT), sum(found.overdue(NEXT))) == (0, 0)
    assert found.ledger.rows[0].left == rest
    assert sum(row.due[3] for row in found.ledger.rows) == found.disbursed
    paid = folded(rest, rest + more, tranche, repaid(NEXT, rest))
    assert [row.left for row in paid.ledger.rows] == [
        0,
        *(row.left for row in found.ledger.rows[1:]),
    ]
    late = NEXT + timedelta(days=1)
    assert found.arrears_days(late) == 1, "the next instalment is more than is tolerated"


@given(rests, rests, days, st.integers(1, 400_000), effects)
def test_early_money_serves_a_tolerated_rest_first(
    rest: int, more: int, after: int, units: int, effect: EarlyEffect
) -> None:
    early = event(EventKind.EARLY_REPAID, DUE + timedelta(days=after), units, effect=effect)
    found = folded(rest, rest + more, early)
    assert rows(found) == rows(folded(rest, 0, early))
    assert found.arrears_days(NEXT) == 0
    assert found.ledger.rows[0].left == max(rest - units, 0)
    assert found.money_in == INSTALMENT - rest + units


def test_early_money_that_leaves_no_instalment_that_can_be_late_is_refused(world: World) -> None:
    """It may shorten the loan, or pay it off; nothing is stored."""
    product = make_product(
        world.cast, world.direct, "TOL", terms={"arrears_tolerance_units": 30_00}
    )
    loan = running(world, product_version=product)
    before = LoanEvent.objects.count()

    def early(effect: EarlyEffect) -> LoanEvent:
        return services.record_early_repayment(
            acting_staff=world.cast.cashier,
            loan=Loan.objects.get(pk=loan.pk),
            value_date=date(2025, 1, 20),
            units=1_050_00,
            effect=effect,
        )

    with pytest.raises(NeverLate):
        early(EarlyEffect.REDUCE_INSTALMENT)
    assert LoanEvent.objects.count() == before
    assert early(EarlyEffect.REDUCE_NUMBER).units == 1_050_00
