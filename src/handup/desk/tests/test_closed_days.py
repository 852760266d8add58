"""The desk leads to the form for the very instalment it tells."""

import pytest

from handup.desk.closed_days import to_move
from handup.lending.tests.cast import START, make_world
from handup.lending.tests.test_closed_days import SATURDAY, close, lent
from handup.lending.tests.test_on_closed_days import SUNDAY


@pytest.mark.django_db
def test_the_button_carries_both_days() -> None:
    world = make_world()
    loan = lent(world)
    close(world, SATURDAY)
    (task,) = to_move(world.cast.officer, START)
    assert task.action is not None
    assert str(loan.pk) in task.action.href
    assert task.action.href.endswith(f"?from_date={SATURDAY}&shift_to={SUNDAY}")
