"""The desk tells instalments on closed days and leads to the form for the very one it tells."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.desk.closed_days import to_move
from handup.desk.write_offs import MOST
from handup.lending.models import Loan
from handup.lending.services.on_closed_days import with_closed_days
from handup.lending.tests.cast import START, make_world
from handup.lending.tests.test_closed_days import SATURDAY, close, lent
from handup.lending.tests.test_on_closed_days import MARCH_15


@pytest.mark.django_db
def test_the_desk_leads_to_the_form_of_the_instalment_on_the_closed_day() -> None:
    world = make_world()
    loan = lent(world)
    close(world, MARCH_15)
    (task,) = to_move(world.cast.officer, START)
    assert task.due == MARCH_15
    assert task.action is not None
    assert task.action.address == (
        reverse("lending:propose_reschedule", args=[loan.pk])
        + "?from_date=2025-03-15&shift_to=2025-03-16&alone=1"
    )
    assert task.action.allowed(world.cast.officer)
    others = [lent(world, f"L{number}") for number in range(MOST)]
    close(world, SATURDAY)
    tasks = to_move(world.cast.officer, START)
    assert len(tasks) == MOST
    assert {task.due for task in tasks} == {SATURDAY}
    assert [task.person for task in tasks[:1]] == [loan.person_id]
    assert len(with_closed_days(Loan.objects.all(), START)) == len(others) + 1
    assert to_move(world.cast.outsider, START) == []


@pytest.mark.django_db
def test_many_loans_ask_no_more_questions_than_few() -> None:
    world = make_world()
    lent(world)
    close(world, SATURDAY)
    with CaptureQueriesContext(connection) as few:
        assert len(to_move(world.cast.officer, START)) == 1
    for number in range(3):
        lent(world, f"L{number}")
    close(world, MARCH_15)
    with CaptureQueriesContext(connection) as many:
        assert len(to_move(world.cast.officer, START)) == 4
    assert len(many) <= len(few)
