"""Payments with savings that people recorded by hand, when the bank's line of the same money comes:
nothing is paid twice.
"""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.lending import services
from handup.lending.models import LoanEvent, StatementLine
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.rules.codes import Method
from handup.lending.services.judging import _by_hand
from handup.lending.services.suspense import recorded_by_hand
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.conftest import Bring
from handup.lending.tests.test_savings import FIRST, lent


def test_equal_payments_of_one_day_are_each_known_by_all_that_came_in(
    world: World, bring: Bring
) -> None:
    loan = lent(world)
    came = loan.dues.get(number=1).due_units + 10_00
    made = [repay(world, loan, FIRST, came, method=Method.BANK) for _ in range(2)]
    assert [event.payload["saved"] for event in made] == [10_00, 10_00]
    assert [event.received_units for event in made] == [came, came]
    (line,) = bring(Move(came, loan.code, "B1")).lines.all()
    assert (line.fate, line.reasons[0][0]) == (LineFate.OPEN, Reason.PERHAPS_RECORDED)
    assert LoanEvent.objects.filter(loan=loan, kind="REPAID").count() == 2
    clean()


def test_a_line_is_paired_with_a_payment_by_all_that_came_in(world: World, bring: Bring) -> None:
    loan = lent(world)
    came = loan.dues.get(number=1).due_units + 10_00
    repay(world, loan, FIRST - timedelta(days=3), came - 10_00, method=Method.BANK)
    event = repay(world, loan, FIRST, came, method=Method.BANK)
    (line,) = bring(Move(came, loan.code, "B1")).lines.all()
    assert recorded_by_hand(line, loan) == event
    made = services.pair_with_recorded(
        acting_staff=world.cast.accountant, line=line, loan=loan, on=FIRST
    )
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=FIRST)
    assert StatementLine.objects.get(pk=line.pk).event_id == event.pk
    clean()


def test_who_saved_is_asked_without_reading_savings(world: World) -> None:
    """A file of a lender whose borrowers do not save pays for no join and no grouping."""
    loan = lent(world)
    repay(world, loan, FIRST, 50_00, method=Method.BANK)
    with CaptureQueriesContext(connection) as asked:
        assert len(_by_hand([loan.pk], FIRST, FIRST)) == 1
    (told,) = asked.captured_queries
    assert "savings" not in str(told["sql"])
    assert "GROUP BY" not in str(told["sql"])
